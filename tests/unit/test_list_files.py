"""What people typed goes into files and comes out as it was: no spreadsheet computes it, no map file breaks of it."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
import xmlschema
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from firewatch.files.sheets import FORMULA
from firewatch.rulebook.read import Rulebook
from firewatch.web.console.page import STATIC_DIR
from firewatch.web.console.speech import Speech
from firewatch.web.lists import map_files
from firewatch.web.lists.files import FORMS, write
from firewatch.web.lists.ground import COLOURS
from firewatch.web.lists.listing import Asked, Column, Geometry, Kind, Listing, Value
from firewatch.web.lists.map_files import line, point
from firewatch.web.lists.sources import Held

SPEECH = Speech("en", ZoneInfo("Asia/Shanghai"), datetime(2026, 4, 1, 4, tzinfo=UTC))
Row = tuple[str, float | None, datetime | None]
TEXTS = st.text(max_size=30) | st.builds(
    "{}{}".format, st.sampled_from(["=", "+", "-", "@", "\t", "'=", "''+"]), st.text()
)

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def written(ending: str, rows: list[Row], place: Geometry | None = None) -> bytes:
    """A list of some rows as a file."""
    listing = Listing[Row](
        name="rows",
        title="lists.incidents",
        what="lists.incidents.what",
        first="text",
        label=lambda row: row[0],
        place=lambda _: place,
        source=Held(rows),
        columns=[
            Column("text", "messages.text", lambda row: row[0]),
            Column("number", "lists.number", lambda row: row[1], Kind.NUMBER),
            Column("at", "lists.opened", lambda row: row[2], Kind.TIME),
        ],
    )
    file = io.BytesIO()
    write(file, FORMS[ending], listing, Asked(), SPEECH)
    return file.getvalue()


@given(TEXTS)
@example("=1+1")
@example("+8613900000000")
@example("-5")
@example("@SUM(A1)")
def test_no_cell_of_a_csv_file_begins_like_a_formula(text: str) -> None:
    _, (cell, _, _) = csv.reader(io.StringIO(written("csv", [(text, None, None)]).decode("utf-8-sig"), newline=""))
    assert not cell.startswith(FORMULA)
    plain = CONTROL.sub("", text)
    assert cell in (plain, f"'{plain}")


def test_a_number_below_zero_is_a_number() -> None:
    _, row = csv.reader(io.StringIO(written("csv", [("cold", -12.5, None)]).decode("utf-8-sig")))
    assert row == ["cold", "-12.5", ""]


@given(TEXTS)
@example("=1+1")
@example("a\x0bb")
@example("\x00=1+1")
def test_a_workbook_holds_texts_numbers_and_times(text: str) -> None:
    at = datetime(2026, 4, 1, 23, 30, tzinfo=UTC)
    sheet = load_workbook(io.BytesIO(written("xlsx", [(text, -12.5, at)]))).active
    cells = list(sheet)[1]
    assert cells[0].data_type != "f"
    assert not str(cells[0].value or "").startswith(FORMULA)
    assert cells[1].value == -12.5
    assert cells[2].value == datetime(2026, 4, 2, 7, 30)  # noqa: DTZ001 - a workbook's times have no zone
    assert cells[2].is_date


@pytest.fixture(scope="module")
def schema() -> xmlschema.XMLSchema:
    """The schema of KML 2.2, as it comes with a parser that is installed for it alone."""
    found = find_spec("fastkml")
    assert found is not None
    assert found.origin is not None
    return xmlschema.XMLSchema(Path(found.origin).parent / "schema" / "ogckml22.xsd")


PLACES = [
    None,
    point(35.3, 103.65),
    line([(35.3, 103.65), (35.31, 103.66)]),
    {"type": "MultiPolygon", "coordinates": [[[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]]]},
]


@pytest.mark.parametrize("place", PLACES)
def test_kml_is_as_its_schema_has_it(schema: xmlschema.XMLSchema, place: Geometry | None) -> None:
    rows: list[Row] = [("<b>&\x00\x0b\ufffe 烟", 1.5, SPEECH.now), ("", None, None)]
    made = written("kml", rows, place)
    schema.validate(io.BytesIO(made))
    document = ET.fromstring(made)[0]  # noqa: S314 - made here
    names = [each.text for each in document.iter(f"{{{map_files.KML}}}name")]
    assert names == ["All fires", None, "<b>& 烟"]
    assert "2026-04-01T12:00:00+08:00" in [each.text for each in document.iter(f"{{{map_files.KML}}}value")]
    assert b"Multi" in made or place is None or f"<{place['type']}>".encode() in made


@given(st.text(max_size=20))
def test_geojson_can_be_read_whatever_was_typed(text: str) -> None:
    made = json.loads(written("geojson", [(text, 1.5, None)], point(35.3, 103.65)))
    properties: dict[str, Value] = made["features"][0]["properties"]
    assert properties == {"label": text, "text": text, "number": 1.5, "at": None}


def test_shells_run_counter_clockwise_and_holes_clockwise(rulebook: Rulebook) -> None:
    shell = [(0.0, 0.0), (0.0, 4.0), (4.0, 4.0), (4.0, 0.0), (0.0, 0.0)]
    hole = [(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 2.0), (1.0, 1.0)]
    for ring in (shell, shell[::-1]):
        for inner in (hole, hole[::-1]):
            outline = map_files.area([[ring, inner]])["coordinates"][0]
            assert [_doubled_area(each) > 0 for each in outline] == [True, False]
    for zone in rulebook.zones:
        for outline in map_files.area(zone.polygons)["coordinates"]:
            assert all(each[0] == each[-1] for each in outline)
            assert _doubled_area(outline[0]) > 0


def _doubled_area(ring: list[list[float]]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))


def test_zones_have_the_colours_of_the_consoles_map() -> None:
    palette = (STATIC_DIR / "palette.css").read_text(encoding="utf-8")
    light = dict(reversed(re.findall(r"--g(\d): (#\w+)", palette)))  # the first is what holds by day
    assert [light[str(grade)] for grade in range(len(COLOURS))] == list(COLOURS)
