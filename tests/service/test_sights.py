"""A place that nobody knows in coordinates: bearings from lookouts, typed into the form, looked at, and sent."""

import re

import pytest
from sqlmodel import select

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.geo import great_circle_km, initial_bearing_deg
from firewatch.incidents.models import FireReport
from firewatch.rulebook.read import Rulebook
from tests.service.console import Desk, Person, forms, open_desk, report, said

FIRE = (35.43, 103.41)


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


@pytest.fixture
def officer(desk: Desk) -> Person:
    return desk.person()


def sighted(desk: Desk) -> dict[str, str]:
    """What both lookouts of the demonstration say of a fire, and no coordinates."""
    typed = {"lat": "", "lon": ""}
    for row, tower in enumerate(desk.book.dispatch.lookout, start=1):
        bearing = initial_bearing_deg(tower.lat, tower.lon, *FIRE)
        typed |= {f"lookout{row}": tower.id, f"bearing{row}": f"{bearing:.1f}"}
    return typed


def test_two_bearings_are_shown_as_a_place_with_its_error_and_then_sent(desk: Desk, officer: Person) -> None:
    shown = report(officer, **sighted(desk))
    assert shown.status_code == 200
    page = said(shown.text)
    assert "The place that the bearings make" in page
    assert re.search(r"within \d\.\d km \(95 times of 100\)", page)
    assert "Fires nearby" not in page
    with desk.db.read() as session:
        assert not session.exec(select(FireReport)).all()
    form = next(form for form in forms(shown.text) if form.action == "/report")
    sent = officer.client.post("/report", data=form.values | {"description": "grey smoke"})
    assert sent.headers["location"] == "/incidents/1"
    with desk.db.read() as session:
        row = session.exec(select(FireReport)).one()
    assert great_circle_km(row.lat, row.lon, *FIRE) < 0.1
    assert row.description.startswith("grey smoke\n(Bearings from true north: Lookout A ")
    assert officer.client.post("/report", data=form.values | {"description": "grey smoke"}).status_code == 303
    with desk.db.read() as session:
        assert len(session.exec(select(FireReport)).all()) == 1


def test_a_bearing_changed_after_the_place_was_shown_is_shown_again(desk: Desk, officer: Person) -> None:
    form = next(form for form in forms(report(officer, **sighted(desk)).text) if form.action == "/report")
    assert form.values["bearing1"]
    changed = form.values | {"description": "smoke", "bearing1": str(float(form.values["bearing1"]) + 2)}
    assert officer.client.post("/report", data=changed).status_code == 200


def test_fires_near_the_place_of_the_bearings_are_shown_with_it(desk: Desk, officer: Person) -> None:
    report(officer, lat=str(FIRE[0]), lon=str(FIRE[1]))
    shown = report(officer, **sighted(desk))
    assert "The place that the bearings make" in said(shown.text)
    assert "the rule would add the report to fire 1" in said(shown.text)


def test_one_bearing_with_a_distance_typed_in_chinese_full_width(desk: Desk) -> None:
    officer = desk.person(lang="zh")
    shown = report(officer, lat="", lon="", from1="35.30，103.20", bearing1="４５", km1="１０")
    assert "只有一个方位，距离是目测" in said(shown.text)


def test_a_flat_crossing_is_said(officer: Person) -> None:
    typed = {"from1": "35.30, 103.40", "bearing1": "5", "from2": "35.30, 103.43", "bearing2": "355"}
    assert "cross at 10° only" in said(report(officer, lat="", lon="", **typed).text)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"lookout1": "lookout-a"}, "A bearing from 0 to 360"),
        ({"lookout1": "lookout-a", "bearing1": "north"}, "A bearing from 0 to 360"),
        ({"lookout1": "lookout-a", "bearing1": "361"}, "A bearing from 0 to 360"),
        ({"lookout1": "lookout-a", "bearing1": "nan"}, "A bearing from 0 to 360"),
        ({"lookout1": "lookout-a", "bearing1": "10", "north": "magnetic"}, "A bearing from 0 to 360"),
        ({"bearing1": "10"}, "Choose the lookout"),
        ({"from1": "95, 103", "bearing1": "10"}, "Choose the lookout"),
        ({"from1": "here", "bearing1": "10"}, "Choose the lookout"),
        ({"lookout1": "lookout-a", "bearing1": "10", "km1": "0"}, "A distance in km"),
        ({"lookout1": "lookout-a", "bearing1": "10"}, "One bearing makes no place"),
        ({"lookout1": "lookout-a", "bearing1": "10", "lookout2": "lookout-b", "bearing2": "10"}, "run side by side"),
        ({"lookout1": "lookout-a", "bearing1": "225", "lookout2": "lookout-b", "bearing2": "300"}, "behind a lookout"),
        ({"lookout1": "lookout-a", "bearing1": "45", "km1": "8", "lat": "35.4", "lon": "103.4"}, "Either coordinates"),
    ],
)
def test_what_is_wrong_with_bearings_is_said_and_kept(officer: Person, typed: dict[str, str], message: str) -> None:
    answer = report(officer, **{"lat": "", "lon": "", **typed})
    assert answer.status_code == 422
    assert f'id="sights-error">{message}' in answer.text or message in said(answer.text)
    values = next(form for form in forms(answer.text) if form.action == "/report").values
    assert {name: values.get(name) for name in typed if name != "north"} == {
        name: value for name, value in typed.items() if name != "north"
    }
    assert 'id="lat-error"' not in answer.text
