"""What holds for every list: all its orders, its filter, its files, in both languages, and that no number is whole."""

import csv
import io
import json
import re
from html import unescape
from importlib.util import find_spec
from pathlib import Path

import pytest
import xmlschema
from openpyxl import load_workbook
from sqlmodel import select

from firewatch import i18n
from firewatch.agencies.models import Contact
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.rulebook.read import Rulebook
from firewatch.web.lists import shelf
from tests.service import lists
from tests.service.console import Desk, Person, open_desk, said

PLACED = ("incidents", "resources", "agencies", "zones", "hotspots", "closures")
PAGES = {name: "/messages" if name == "messages" else f"/lists/{name}" for name in shelf.LISTS}

KEY = re.compile(r"[a-z_]+(\.[a-z_]+)+")
FILTERS = [
    ("resources", "q=kangle+carrier", 2),
    ("resources", "q=康乐县&state=out_of_service", 1),
    ("resources", "q=nothing-like-it", 0),
    ("agencies", "q=和政", 1),
    ("contacts", "q=kangle&state=deputy", 1),
    ("zones", "q=康乐", 1),
    ("zones", "q=kangle", 1),
    ("grades", "q=kangle", 2),
    ("grades", "q=2026-04-01", 2),
    ("grades", "q=2026年3月31日", 1),
    ("grades", "q=2026/3/31+kangle", 1),
    ("grades", "q=2026-04", 2),
    ("grades", "q=2026-13", 0),
    ("grades", "until=2026-03-31", 1),
    ("warnings", "q=orange", 1),
    ("warnings", "q=hezheng", 1),  # what was superseded is not listed
    ("warnings", "state=lifted", 1),
    ("bulletins", "q=2026-04-01", 1),
    ("bulletins", "q=2026", 2),
    ("hotspots", "q=kangle", 1),
    ("hotspots", "q=kiln", 1),
    ("hotspots", "state=open", 1),
    ("closures", "q=slide", 1),
    ("closures", "state=opened", 1),
    ("closures", "state=closed", 1),
    ("closures", "since=2026-04-01", 1),
    ("alarms", "state=open", 1),
    ("alarms", "q=kangle", 1),
    ("jobs", "q=stations", 1),
    ("jobs", "q=answer", 1),
    ("jobs", "state=failed", 1),
    ("answers", "q=open_meteo+%2Fv1%2F1", 1),
    ("inbound", "q=你好", 1),
]


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    office = open_desk(db, clock, rulebook)
    lists.fill(office)
    return office


@pytest.fixture
def officer(desk: Desk) -> Person:
    return desk.person()


def table(person: Person, name: str, query: str = "") -> list[dict[str, str]]:
    answer = person.client.get(f"/lists/{name}.csv{query}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def counted(page: str) -> int:
    found = re.search(r"[–-]\d+ of (\d+)", said(page))
    return int(found[1]) if found else 0


def test_every_order_of_every_list_holds(officer: Person) -> None:
    for name in shelf.LISTS:
        check_orders(officer, name)


def check_orders(officer: Person, name: str) -> None:
    page = officer.page(PAGES[name])
    sorts = re.findall(r'<option value="(-?[a-z_0-9]+)"', page[page.index('name="sort"') :])
    assert sorts
    whole = table(officer, name)
    assert len(whole) >= 2
    for sort in {sort.removeprefix("-") for sort in sorts}:
        found = {}
        for asked, aria in ((sort, "ascending"), (f"-{sort}", "descending")):
            ordered = officer.page(f"{PAGES[name]}?sort={asked}")
            heads = re.findall(rf'aria-sort="{aria}"><a href="[^"]+">(.*?) <span', ordered)
            assert len(heads) == 1, asked
            assert counted(ordered) == len(whole)
            rows = table(officer, name, f"?sort={asked}")
            assert sorted(map(str, rows)) == sorted(map(str, whole)), "an order loses nothing"
            values = [row[unescape(heads[0])] for row in rows]
            known = [value for value in values if value]
            assert values == known + [""] * (len(values) - len(known)), "what nobody knows comes last"
            found[aria] = known
        assert found["ascending"] == found["descending"][::-1], (name, sort)


def test_every_list_is_the_same_in_both_languages(desk: Desk) -> None:
    people = [desk.person(lang=lang) for lang in i18n.LANGUAGES]
    for name in shelf.LISTS:
        check_languages(people, name)


def check_languages(people: list[Person], name: str) -> None:
    counts, heads = [], []
    for person in people:
        rows = table(person, name)
        counts.append(len(rows))
        heads.append([*rows[0]])
        assert not [each for row in rows for each in (*row, *row.values()) if KEY.fullmatch(each)], "nobody wrote it"
    assert counts[0] == counts[1]
    assert all(zh != en for zh, en in zip(*heads, strict=True))


def test_every_list_goes_into_every_file_it_can(officer: Person) -> None:
    found = find_spec("fastkml")
    assert found is not None
    assert found.origin is not None
    schema = xmlschema.XMLSchema(Path(found.origin).parent / "schema" / "ogckml22.xsd")
    for name in shelf.LISTS:
        check_files(officer, name, schema)


def check_files(officer: Person, name: str, schema: xmlschema.XMLSchema) -> None:
    count = len(table(officer, name))
    book = load_workbook(io.BytesIO(officer.client.get(f"/lists/{name}.xlsx").content))
    assert book.worksheets[0].max_row == count + 1
    for ending in ("geojson", "kml"):
        answer = officer.client.get(f"/lists/{name}.{ending}")
        assert answer.status_code == (200 if name in PLACED else 404)
        if answer.status_code == 200 and ending == "geojson":
            features = json.loads(answer.content)["features"]
            assert len(features) == count
            assert all(each["geometry"]["coordinates"] and each["properties"]["label"] for each in features)
        elif answer.status_code == 200:
            schema.validate(io.BytesIO(answer.content))
            assert answer.text.count("<Placemark>") == count


def test_every_list_is_filtered(officer: Person) -> None:
    for name, query, count in FILTERS:
        assert counted(officer.page(f"/lists/{name}?{query}")) == count, (name, query)
        assert len(table(officer, name, f"?{query}")) == count, (name, query)


def test_numbers_are_masked_everywhere_and_known_by_their_last_four_digits(desk: Desk, officer: Person) -> None:
    with desk.db.read() as session:
        person = session.get_one(Contact, "kangle-liaison")
        numbers = [*session.exec(select(Contact.phone)), lists.NUMBER]
    for name in shelf.LISTS:
        everything = officer.page(PAGES[name]) + officer.client.get(f"/lists/{name}.csv").text
        assert not [number for number in numbers if number in everything or number[1:] in everything]
    last = person.phone[-4:]
    assert "kangle" in officer.page(f"/lists/contacts?q={last}").lower()
    assert all(row["Phone"].endswith(last[1:]) for row in table(officer, "contacts", f"?q={last}"))
    for part in (person.phone, person.phone[1:], person.phone[:6], last[1:], "•"):
        assert counted(officer.page(f"/lists/contacts?q={part.replace('+', '%2B')}")) == 0, part


def test_what_nobody_knows_is_empty_and_no_zero(officer: Person) -> None:
    by_zone = {row["Zone"]: row for row in table(officer, "zones")}
    assert by_zone["Kangle County"]["Grade"] == "4"
    for zone in ("Hezheng County", "Jishishan County"):
        known = [key for key, value in by_zone[zone].items() if value and key not in ("Zone", "Agency", "Assessed")]
        assert not known, "a grade 0, or none"
    assert "no data" in said(officer.page("/lists/zones"))
    assert [row["Power (MW)"] for row in table(officer, "hotspots", "?state=false_alarm")] == [""]
    depot = next(row for row in table(officer, "resources") if row["Kind"] == "depot")
    assert (depot["People"], depot["State"], depot["Turnout, minutes"]) == ("", "", "")


def test_zones_are_coloured_areas_on_a_map(officer: Person) -> None:
    kml = officer.client.get("/lists/zones.kml?q=kangle").text
    assert "<PolyStyle><color>801f9aff</color></PolyStyle>" in kml
    assert "<LinearRing>" in kml
    line = json.loads(officer.client.get("/lists/closures.geojson?state=closed").content)["features"][0]
    assert line["geometry"]["coordinates"] == [[103.65, 35.3], [103.66, 35.31], [103.67, 35.32]]


def test_bulletins_are_as_public_in_a_table(desk: Desk) -> None:
    stranger = desk.person(None)
    assert "/lists/bulletins" in stranger.page("/bulletins")
    assert counted(stranger.page("/lists/bulletins")) == 2
    assert len(table(stranger, "bulletins")) == 2
    for name in shelf.LISTS:
        if name != "bulletins":
            assert stranger.client.get(f"/lists/{name}").status_code == 303
            assert stranger.client.get(f"/lists/{name}.csv").status_code == 303


def test_every_list_can_be_reached(officer: Person) -> None:
    page = officer.page("/lists")
    assert all(f'href="{address}"' in page for address in PAGES.values())
