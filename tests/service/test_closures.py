"""Roads closed by the duty officer: heeded by plans, on the record, opened again; by page and by API."""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from httpx2 import Response

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import closures, planning
from firewatch.dispatch.closures import NewClosure
from firewatch.dispatch.models import Plan, RoadClosure
from firewatch.dispatch.problem import RoadsUse, parse_problem
from firewatch.dispatch.road_travel import RoadTravel
from firewatch.dispatch.travel import estimate
from firewatch.errors import Conflict, NotFound
from firewatch.incidents import timeline
from firewatch.roads.calibration import Correction
from firewatch.roads.closed import Closure
from firewatch.roads.minutes import RoadMinutes
from firewatch.roads.network import Network
from firewatch.roads.terrain import Terrain
from firewatch.rulebook.read import Rulebook
from tests.build import KANGLE, OFFICER, confirm, incident, incident_of, joint_of, plan_fire, report_fire, rows
from tests.roads import SPEEDS, graph_of, north, road
from tests.service.console import Desk, Person, forms, open_desk, said
from tests.service.server import Api, serving

SLIDE = NewClosure(lat=KANGLE[0] + north(5000), lon=KANGLE[1], reason="landslide")
"""On the only road to a fire in Kangle, 5 km before it."""


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


@pytest.fixture
def travel(rulebook: Rulebook, tmp_path_factory: pytest.TempPathFactory) -> RoadTravel:
    """A road from every place to a crossing, and one from there over a pass to the fire."""
    kinds = (rulebook.crews, rulebook.vehicles, rulebook.depots)
    places = sorted({(row.lat, row.lon) for kind in kinds for row in kind})
    nodes = dict(enumerate([(KANGLE[0] + north(15_000), KANGLE[1]), KANGLE, *places]))
    graph = graph_of(nodes, [road(0, number) for number in range(1, len(nodes))])
    terrain = Terrain(tmp_path_factory.mktemp("no heights"))

    def open_with(closed: tuple[Closure, ...], correction: Correction) -> RoadMinutes:
        return RoadMinutes(Network(graph, SPEEDS, closed, correction.slowness), terrain, rulebook.roads)

    return RoadTravel(graph, open_with, "", estimate(rulebook.dispatch))


def close(desk: Desk, new: NewClosure = SLIDE) -> int:
    with desk.db.write() as session:
        return closures.close(session, desk.clock, new, OFFICER).id or 0


def plan(desk: Desk, travel: RoadTravel, fire: int) -> Plan:
    with desk.db.read() as session:
        closures.learn(session, travel, desk.clock.now(), desk.book.resources)
    with desk.db.write() as session:
        made = planning.make(session, desk.clock, desk.book, fire, travel)
    assert made is not None
    return made


def kinds_of(desk: Desk, fire: int) -> list[str]:
    with desk.db.read() as session:
        return [entry.kind for entry in timeline.entries(session, fire)]


def walks(desk: Desk, made: Plan) -> set[float]:
    told = parse_problem(joint_of(desk.db, made).problem).minutes_from
    assert told is not None
    return {minutes for row in told.walk.values() for minutes in row.values()}


def test_a_closed_road_is_not_taken_until_it_is_opened_again(desk: Desk, travel: RoadTravel) -> None:
    fire = incident_of(report_fire(desk.db, desk.clock, desk.book))
    assert max(walks(desk, plan(desk, travel, fire)), default=0) < 1
    number = close(desk)
    assert incident(desk.db, fire).plan_due_at == desk.clock.now()
    on_foot = plan(desk, travel, fire)
    assert joint_of(desk.db, on_foot).problem["minutes_from"]["closures"] == [number]
    assert min(walks(desk, on_foot)) > 45  # from the closure, or from another road that comes near
    text = said(desk.person("viewer").page(f"/incidents/{fire}"))
    assert f"Roads of these closures are not taken: {number}." in text
    assert f"road closed (closure {number}: landslide); a new plan is due" in text
    desk.clock.advance(minutes=5)
    with desk.db.write() as session:
        closures.reopen(session, desk.clock, number, OFFICER)
    assert max(walks(desk, plan(desk, travel, fire)), default=0) < 1
    assert [kind for kind in kinds_of(desk, fire) if kind.startswith("road_")] == ["road_closed", "road_opened"]
    [row] = rows(desk.db, RoadClosure)
    assert (row.closed_by, row.opened_by, row.opened_at) == (OFFICER, OFFICER, desk.clock.now())


def test_who_is_cut_off_is_not_sent_and_the_plan_says_what_is_short(desk: Desk, travel: RoadTravel) -> None:
    fire = incident_of(report_fire(desk.db, desk.clock, desk.book))
    everywhere = NewClosure(lat=KANGLE[0] + north(15_000), lon=KANGLE[1], radius_m=600, reason="snow at the crossing")
    close(desk, everywhere)
    made = plan(desk, travel, fire)
    assert made.short
    problem = parse_problem(joint_of(desk.db, made).problem)
    reached = {each.id for each in problem.vehicles if problem.travel(each.place, f"fire-{fire}") < math.inf}
    assert {trip["vehicle"] for trip in made.trips} <= reached < {each.id for each in problem.vehicles}
    text = said(desk.person("viewer").page(f"/incidents/{fire}"))
    assert "Roads of these closures are not taken: 1." in text


def test_orders_that_were_given_stand(desk: Desk) -> None:
    fire = incident_of(report_fire(desk.db, desk.clock, desk.book))
    confirm(desk.db, desk.clock, desk.book, plan_fire(desk.db, desk.clock, desk.book, fire))
    close(desk)
    assert incident(desk.db, fire).plan_due_at is None
    assert "road_closed" not in kinds_of(desk, fire)


def test_without_a_network_closures_change_no_minutes(desk: Desk) -> None:
    fire = incident_of(report_fire(desk.db, desk.clock, desk.book))
    first = joint_of(desk.db, plan_fire(desk.db, desk.clock, desk.book, fire))
    close(desk)
    second = joint_of(desk.db, plan_fire(desk.db, desk.clock, desk.book, fire))
    assert second.problem["minutes"] == first.problem["minutes"]
    with desk.db.read() as session:
        closures.learn(session, None, desk.clock.now(), desk.book.resources)


def test_a_closure_ends_once(desk: Desk) -> None:
    number = close(desk)
    with desk.db.write() as session:
        closures.reopen(session, desk.clock, number, OFFICER)
    with desk.db.write() as session, pytest.raises(Conflict, match="was ended by officer already"):
        closures.reopen(session, desk.clock, number, OFFICER)
    with desk.db.write() as session, pytest.raises(NotFound):
        closures.reopen(session, desk.clock, 99, OFFICER)


# By page


def fill(person: Person, step: str, **typed: str) -> Response:
    """Press a button of the form that closes a road; what is to be closed has to be checked first."""
    page = person.page("/roads")
    for each in ("check", "close") if step == "close" else (step,):
        form = next(form for form in forms(page) if form.action == "/roads/closures")
        answer: Response = person.client.post(form.action, data=form.values | {"step": each} | typed)
        page = answer.text
        if answer.status_code != 200:
            break
    return answer


def test_nobody_closes_what_he_was_not_shown(desk: Desk) -> None:
    person = desk.person()
    checked = fill(person, "check", places="35.30, 103.65", reason="flood")
    form = next(form for form in forms(checked.text) if form.action == "/roads/closures")
    typed = {"step": "close", "places": "35.30, 103.65\n35.31, 103.66", "reason": "flood"}
    again = person.client.post(form.action, data=form.values | typed)
    assert (again.status_code, rows(desk.db, RoadClosure)) == (200, [])
    form = next(form for form in forms(again.text) if form.action == "/roads/closures")
    assert person.client.post(form.action, data=form.values | typed).status_code == 303
    assert len(rows(desk.db, RoadClosure)[0].places) == 2


def test_an_officer_closes_a_road_and_opens_it_again(desk: Desk) -> None:
    person = desk.person()
    closed = fill(person, "close", places="35.30，103.65", radius_m="300", reason=" 塌方 ")
    assert closed.status_code == 303
    [row] = rows(desk.db, RoadClosure)
    assert (row.lat, row.lon, row.radius_m, row.reason, row.closed_by) == (35.30, 103.65, 300, "塌方", "officer")
    assert row.line == []
    page = person.page("/roads")
    for text in ("Closed now (1)", "塌方", "every road within 300 m", "Officer A", "There is no road network here"):
        assert text in said(page)
    for address in ("/roads", "/"):
        assert 'class="mark closure"' in person.page(address)
        assert "closed-way" not in person.page(address)
    assert "道路封闭" in desk.person("viewer", lang="zh").page("/roads")
    person.press("/roads", "Open again")
    text = said(person.page("/roads"))
    assert "No road is closed." in text
    assert "opened again" in text
    assert 'class="mark closure"' not in person.page("/")


LINE = "35.30, 103.65\n\n ３５．３１ １０３．６６\n35.32,103.66"


def test_a_line_is_closed_and_drawn_on_every_map(desk: Desk) -> None:
    person = desk.person()
    drawn = fill(person, "look", places=LINE, km="20")
    assert drawn.status_code == 200
    assert drawn.text.count('class="closed-way"') == 1
    assert "to be closed (not saved yet)" in drawn.text
    assert '<option value="20" selected>' in drawn.text
    assert rows(desk.db, RoadClosure) == []
    assert fill(person, "close", places=LINE, reason="flood").status_code == 303
    [row] = rows(desk.db, RoadClosure)
    assert row.places == [(35.30, 103.65), (35.31, 103.66), (35.32, 103.66)]
    for address in ("/roads", "/"):
        assert person.page(address).count('class="closed-way"') == 1
    assert "35.30000, 103.65000 → 35.31000, 103.66000 → 35.32000, 103.66000" in said(person.page("/roads"))


def test_a_look_without_a_place_asks_for_one(desk: Desk) -> None:
    assert "Click a place on the map first" in said(fill(desk.person(), "look", km="6").text)
    assert fill(desk.person(), "look", km="7", places="x").status_code == 200


def test_what_would_be_closed_is_told_before(desk: Desk, travel: RoadTravel) -> None:
    person = desk.person()
    told = said(fill(person, "check", places=LINE, reason="flood").text)
    assert "There is no road network here" in told
    desk.app.state.firewatch = replace(desk.app.state.firewatch, roads=RoadsUse.USED, travel=travel)
    along = f"{KANGLE[0] + north(5000)}, {KANGLE[1]}\n{KANGLE[0] + north(7000)}, {KANGLE[1]}"
    answer = fill(person, "check", places=along, reason="flood")
    assert re.search(r"This would close: \w+( \w+)? 2\.\d km", said(answer.text))
    assert 'class="road r-' in answer.text
    beside = fill(person, "check", places="35.9, 102.5", reason="flood")
    assert "It touches no road" in said(beside.text)
    assert rows(desk.db, RoadClosure) == []


def test_a_line_along_the_road_cuts_it(desk: Desk, travel: RoadTravel) -> None:
    fire = incident_of(report_fire(desk.db, desk.clock, desk.book))
    west, east = KANGLE[1] - north(500), KANGLE[1] + north(500)
    across = NewClosure.model_validate(
        {
            "lat": KANGLE[0] + north(5000),
            "lon": west,
            "line": [{"lat": KANGLE[0] + north(5000), "lon": east}],
            "radius_m": 20,
            "reason": "snow",
        }
    )
    number = close(desk, across)
    on_foot = plan(desk, travel, fire)
    assert joint_of(desk.db, on_foot).problem["minutes_from"]["closures"] == [number]
    assert min(walks(desk, on_foot)) > 45


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("places", "95, 103.6", "one place a line"),
        ("places", "35.3, east", "one place a line"),
        ("places", "35.3, 103.6\n35.3", "one place a line"),
        ("places", " \n ", "one place a line"),
        ("places", "35.3, 103.6\n" * 52, "one place a line"),
        ("radius_m", "5", "whole metres"),
        ("radius_m", "many", "whole metres"),
        ("reason", "  ", "Say why"),
    ],
)
def test_what_cannot_be_used_stands_beside_its_field(desk: Desk, field: str, value: str, error: str) -> None:
    typed = {"places": "35.3, 103.6", "radius_m": "100", "reason": "snow"} | {field: value}
    answer = fill(desk.person(), "close", **typed)
    assert answer.status_code == 422
    assert error in said(answer.text)
    assert 'value="snow"' in answer.text or field == "reason"
    assert rows(desk.db, RoadClosure) == []


def test_a_viewer_only_looks(desk: Desk) -> None:
    close(desk)
    viewer = desk.person("viewer")
    page = viewer.page("/roads")
    assert "Open again" not in page
    assert "Close it" not in page
    assert viewer.client.post("/roads/closures", data={"lat": "1"}).status_code == 403


def test_with_a_network_nothing_is_said_against_it(desk: Desk) -> None:
    desk.app.state.firewatch = replace(desk.app.state.firewatch, roads=RoadsUse.USED)
    assert "no road network" not in desk.person("viewer").page("/roads")


# By API


@pytest.fixture
def api(desk: Desk) -> Iterator[Api]:
    with serving(desk.db, desk.clock, desk.book) as api:
        yield api


def test_a_program_closes_a_road_and_opens_it_again(api: Api) -> None:
    post = partial(api.post, "roads/close")
    made = post({"lat": 35.3, "lon": 103.65, "reason": "snow"})
    assert made.status_code == 201
    assert made.json() | {"closed_at": ""} == {
        "id": 1,
        "lat": 35.3,
        "lon": 103.65,
        "line": [],
        "radius_m": 100,
        "reason": "snow",
        "closed_at": "",
        "closed_by": "token:bootstrap",
        "opened_at": None,
        "opened_by": None,
    }
    assert api.get("roads/closures").json() == [made.json()]
    assert post({"lat": 91, "lon": 103.65, "reason": "snow"}).status_code == 422
    line = [{"lat": 35.31, "lon": 103.66}]
    assert post({"lat": 35.3, "lon": 103.65, "line": line, "reason": "flood"}).json()["line"] == line
    assert post({"lat": 35.3, "lon": 103.65, "line": [{"lat": 35.31}], "reason": "x"}).status_code == 422
    assert api.post("roads/closures/2/open").status_code == 200
    assert api.post("roads/closures/1/open").json()["opened_by"] == "token:bootstrap"
    assert api.post("roads/closures/1/open").status_code == 409
    assert api.get("roads/closures").json() == []
