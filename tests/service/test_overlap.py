"""A county and a reserve inside it: the reserve comes first, both are told, and the worse grade counts."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from firewatch.agencies.models import Agency
from firewatch.clock import FixedClock
from firewatch.danger.models import PointDay, ZoneGrade
from firewatch.db import Database
from firewatch.incidents.models import AgencyNotice, Incident, TimelineEntry
from firewatch.messaging.texts import segments
from firewatch.rulebook.read import Rulebook, default_folder, read_rulebook
from tests.build import JISHISHAN, KANGLE, incident, incident_of, prepare, report_fire, rows, texts
from tests.service.console import open_desk
from tests.service.grading import TODAY, at, run, season, store

BOTH, COUNTY_ONLY = KANGLE, JISHISHAN


@pytest.fixture(scope="session")
def overlapping(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """The demonstration with a part of Kangle that the reserve Lianhuashan covers as well."""
    folder = Path(shutil.copytree(default_folder(), tmp_path_factory.mktemp("overlap") / "config"))
    path = folder / "zones.geojson"
    document = json.loads(path.read_text(encoding="utf-8"))
    lat, lon = BOTH
    square = [[lon + east, lat + north] for east, north in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
    patch = [[[lon + (x - lon) * 0.02, lat + (y - lat) * 0.02] for x, y in square]]
    for feature in document["features"]:
        if feature["properties"]["id"] == "lianhuashan":
            shape = feature["geometry"]
            polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
            feature["geometry"] = {"type": "MultiPolygon", "coordinates": [*polygons, patch]}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return read_rulebook(folder)


@pytest.fixture
def alliance(db: Database, overlapping: Rulebook) -> Rulebook:
    prepare(db, overlapping)
    return overlapping


def graded(db: Database, clock: FixedClock, **grades: int) -> None:
    with db.write() as session:
        for zone, grade in grades.items():
            row = {"zone_id": zone, "on": clock.now().date(), "scheme": "lyt1172", "grade": grade}
            session.add(ZoneGrade.model_validate({**row, "provisional": True, "assessed_at": clock.now()}))


def test_the_incident_knows_both_zones_the_reserve_first(db: Database, clock: FixedClock, alliance: Rulebook) -> None:
    fire = report_fire(db, clock, alliance, place=BOTH).incident
    assert (fire.zone_id, fire.also_zone_ids, fire.zone_ids) == ("lianhuashan", ["kangle"], ["lianhuashan", "kangle"])
    [opened] = [row for row in rows(db, TimelineEntry) if row.kind == "opened"]
    assert opened.data == {"zone": "lianhuashan", "also": "kangle"}


def test_beside_the_overlap_there_is_one_zone(db: Database, clock: FixedClock, alliance: Rulebook) -> None:
    fire = report_fire(db, clock, alliance, place=COUNTY_ONLY).incident
    assert fire.zone_ids == ["jishishan"]
    outside = report_fire(db, clock, alliance, place=(36.5, 101.0)).incident
    assert (outside.zone_ids, outside.also_zone_ids) == ([], [])


def test_all_are_told_and_both_zones_agencies_first(db: Database, clock: FixedClock, alliance: Rulebook) -> None:
    number = incident_of(report_fire(db, clock, alliance, place=BOTH))
    told = [row.agency_id for row in rows(db, AgencyNotice)]
    zones = [zone.agency for zone_id in ("lianhuashan", "kangle") if (zone := alliance.zone(zone_id))]
    assert told[:2] == zones
    assert set(told) == {row.id for row in rows(db, Agency)}
    written = texts(db, number, "sms.report")
    assert len(written) == len(told)
    names = "、".join(zone.name_zh for zone_id in ("lianhuashan", "kangle") if (zone := alliance.zone(zone_id)))
    for message in written:
        assert names in message.body
        assert segments(message.body) <= 2


@pytest.mark.parametrize(
    ("grades", "expected", "whose"),
    [
        ({"lianhuashan": 2, "kangle": 4}, 4, "kangle"),
        ({"lianhuashan": 4, "kangle": 2}, 4, "lianhuashan"),
        ({"lianhuashan": 3, "kangle": 3}, 3, "lianhuashan"),
        ({"lianhuashan": 0, "kangle": 2}, 2, "kangle"),
        ({"kangle": 1}, 1, "kangle"),
        ({"lianhuashan": 0, "kangle": 0}, None, None),
    ],
)
def test_the_worse_grade_counts_and_is_told_whose_it_is(
    db: Database, clock: FixedClock, alliance: Rulebook, grades: dict[str, int], expected: int | None, whose: str | None
) -> None:
    graded(db, clock, **grades)
    fire = report_fire(db, clock, alliance, place=BOTH).incident
    assert (fire.danger_grade, fire.danger_zone_id) == (expected, whose)
    assert fire.warnings == ([] if expected else ["no_danger_data"])


def test_every_point_of_overlapping_zones_is_graded(db: Database, clock: FixedClock, alliance: Rulebook) -> None:
    store(db, clock, season(alliance, TODAY.replace(month=3, day=28), at(TODAY)))
    clock.advance(days=(TODAY - clock.now().date()).days, hours=8)
    run(db, clock, alliance)
    assert {row.point_id for row in rows(db, PointDay)} == set(alliance.points)
    assert {row.zone_id for row in rows(db, ZoneGrade)} == {zone.id for zone in alliance.zones}


def test_the_reserve_is_drawn_above_the_county(db: Database, clock: FixedClock, overlapping: Rulebook) -> None:
    backwards = replace(overlapping, zones=tuple(reversed(overlapping.zones)))
    page = open_desk(db, clock, backwards).person().page("/")
    drawn = re.findall(r'<g class="zone"><title>([^:]*):', page)
    reserves = [zone.name_en for zone in overlapping.zones if zone.kind == "reserve"]
    assert len(drawn) == len(overlapping.zones)
    assert set(drawn[-len(reserves) :]) == set(reserves)


def test_an_incident_of_before_lies_in_its_one_zone(db: Database, clock: FixedClock, alliance: Rulebook) -> None:
    number = incident_of(report_fire(db, clock, alliance, place=COUNTY_ONLY))
    stored: Incident = incident(db, number)
    assert stored.also_zone_ids == []
