"""A plan by road: what the planner asks, what is stored, and how page and API say how the minutes were made."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from firewatch import app
from firewatch.check import check_roads
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import planning
from firewatch.dispatch.models import JointPlan, Plan
from firewatch.dispatch.problem import RoadsUse, parse_problem
from firewatch.dispatch.road_travel import RoadTravel, open_roads
from firewatch.dispatch.standing import standing
from firewatch.dispatch.travel import Travel, estimate
from firewatch.errors import FirewatchError
from firewatch.jobs import dispatch
from firewatch.migrations import upgrade
from firewatch.roads import store
from firewatch.rulebook.read import Rulebook
from firewatch.settings import Settings, read_settings
from tests.build import JISHISHAN, KANGLE, incident_of, joint_of, report_fire, rows
from tests.roads import Point, graph_of, north, road, write_tile
from tests.service.console import Desk, open_desk, said
from tests.service.server import Api, serving

CREDIT = "© OpenStreetMap contributors, ODbL"
HUB = (35.45, 103.30)
SHORT_OF_THE_FIRE = (KANGLE[0] + north(1200), KANGLE[1])
LEFT_OUT = "jishishan"
"""No road leads to this agency's resources."""


@pytest.fixture
def folder(tmp_path: Path, rulebook: Rulebook) -> Path:
    """A data folder with a made-up network: a road from each place to one crossing, and one that ends near the fire."""
    kinds = (rulebook.crews, rulebook.vehicles, rulebook.depots)
    stand = [(row.agency, row.lat, row.lon) for kind in kinds for row in kind]
    places = {(lat, lon) for agency, lat, lon in stand if agency != LEFT_OUT}
    nodes = dict(enumerate([HUB, SHORT_OF_THE_FIRE, *sorted(places)]))
    graph = graph_of(nodes, [road(0, number) for number in range(1, len(nodes))])
    store.save(tmp_path / store.FILE, graph, store.About("made-up.osm.pbf", "2026-03-01"))
    return tmp_path


@pytest.fixture
def travel(folder: Path, rulebook: Rulebook) -> RoadTravel:
    return open_roads(folder, rulebook.roads, estimate(rulebook.dispatch))


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


def plan_of(desk: Desk, travel: Travel, place: Point = KANGLE) -> Plan:
    fire = incident_of(report_fire(desk.db, desk.clock, desk.book, place=place))
    with desk.db.write() as session:
        plan = planning.make(session, desk.clock, desk.book, fire, travel)
    assert plan is not None
    return plan


def page_of(desk: Desk, plan: Plan, lang: str = "en") -> str:
    return said(desk.person("viewer", lang=lang).page(f"/incidents/{plan.incident_id}"))


def test_a_plan_is_made_by_road_and_says_so(desk: Desk, travel: RoadTravel) -> None:
    with desk.db.read() as session:
        travel.learn(standing(session, desk.clock.now(), desk.book.resources))
    plan = plan_of(desk, travel)
    problem = parse_problem(joint_of(desk.db, plan).problem)
    made = problem.minutes_from
    assert made is not None
    assert (made.roads, made.roads_on, made.terrain) == (RoadsUse.USED, "2026-03-01", False)
    fire = f"fire-{plan.incident_id}"
    ordinary = {row.place for row in problem.vehicles if row.agency != LEFT_OUT}
    walked = {made.walk[place][fire] for place in ordinary}
    assert walked == {23.9}  # 1.2 km at 3.02 km/h, rounded up
    assert {place.partition(":")[0] for place in made.estimated} == {"vehicle", "crew", "depot", "zone"}
    assert not ordinary & set(made.estimated)
    page = page_of(desk, plan)
    for text in ("Times by road, as OpenStreetMap knew it on 2026-03-01", "timed as if the land were flat", CREDIT):
        assert text in page
    assert "24 min of it on foot" in page
    assert "Estimated from straight distance, because no road is near: " in page
    assert "no road network" not in page
    in_chinese = page_of(desk, plan, "zh")
    for text in ("路网为 OpenStreetMap 2026-03-01 的数据", "最后一段为步行，按平地计时", "其中步行 24 分钟", CREDIT):
        assert text in in_chinese


def test_over_the_terrain_it_says_so_and_takes_longer(desk: Desk, folder: Path, rulebook: Rulebook) -> None:
    import numpy as np

    rising = np.arange(1201)[:, None] * np.ones(1201) * 18.5  # a fifth, to the south
    write_tile(folder, "N35E103.hgt", rising)
    plan = plan_of(desk, open_roads(folder, rulebook.roads, estimate(rulebook.dispatch)))
    made = parse_problem(joint_of(desk.db, plan).problem).minutes_from
    assert made is not None
    assert made.terrain
    assert min(min(row.values()) for row in made.walk.values()) > 40
    assert "The last leg is on foot, timed over the terrain." in page_of(desk, plan)


def test_an_extract_that_does_not_say_how_old_it_is_is_told_as_such(desk: Desk, folder: Path) -> None:
    graph, about = store.load(folder / store.FILE)
    store.save(folder / store.FILE, graph, store.About(about.extract, ""))
    plan = plan_of(desk, open_roads(folder, desk.book.roads, estimate(desk.book.dispatch)))
    assert "an OpenStreetMap extract that does not say how old it is" in page_of(desk, plan)


@pytest.mark.parametrize(
    ("roads", "says"), [(RoadsUse.NONE, "no road network."), (RoadsUse.UNUSABLE, "run firewatch check")]
)
def test_an_estimate_says_that_it_is_one(desk: Desk, roads: RoadsUse, says: str) -> None:
    plan = plan_of(desk, estimate(desk.book.dispatch, roads))
    page = page_of(desk, plan)
    assert says in page
    assert CREDIT not in page
    assert "on foot" not in page


def test_an_older_plan_that_does_not_say_was_estimated(desk: Desk) -> None:
    plan = plan_of(desk, estimate(desk.book.dispatch))
    with desk.db.write() as session:
        row = session.get_one(JointPlan, plan.joint_plan_id)
        row.problem = {name: value for name, value in row.problem.items() if name != "minutes_from"}
    assert "no road network." in page_of(desk, plan)


@pytest.fixture
def api(desk: Desk) -> Iterator[Api]:
    with serving(desk.db, desk.clock, desk.book) as api:
        yield api


def test_programs_are_told_whom_to_name(api: Api, desk: Desk, travel: RoadTravel) -> None:
    plan = plan_of(desk, travel)
    told = api.get(f"incidents/{plan.incident_id}").json()["plan"]
    assert told["credit"] == CREDIT
    assert told["problem"]["minutes_from"]["roads"] == "used"
    other = plan_of(desk, estimate(desk.book.dispatch), JISHISHAN)
    assert api.get(f"incidents/{other.incident_id}").json()["plan"]["credit"] is None


# What the service makes of its data folder


def settings_of(folder: Path) -> Settings:
    return read_settings(data_dir=folder, replay="made-up", log_format="text")


def test_the_service_takes_what_lies_in_its_data_folder(
    folder: Path, tmp_path: Path, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert app.make_travel(settings_of(empty), rulebook).roads is RoadsUse.NONE
    assert app.make_travel(settings_of(folder), rulebook).roads is RoadsUse.USED
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "firewatch.dispatch.road_travel", None)
        assert app.make_travel(settings_of(folder), rulebook).roads is RoadsUse.UNUSABLE
    (folder / store.FILE).write_bytes(b"broken")
    assert app.make_travel(settings_of(folder), rulebook).roads is RoadsUse.UNUSABLE


def test_the_plan_job_asks_the_roads(folder: Path) -> None:
    parts = app.make_parts(settings_of(folder), new=True)
    upgrade(parts.db)
    app.prepare(parts)
    desk = app.make_desk(parts, "me", app.make_travel(parts.settings, parts.book))
    report_fire(parts.db, parts.clock, parts.book)
    [plan] = [sweep for sweep in dispatch.sweeps(desk) if sweep.name == "plan"]
    assert plan.run() == 1
    [made] = rows(parts.db, JointPlan)
    assert made.problem["minutes_from"]["roads"] == "used"
    desk.lines[0].sender.close()
    parts.db.dispose()


def test_the_service_starts_with_its_roads_known(folder: Path) -> None:
    parts = app.make_parts(settings_of(folder), new=True)
    upgrade(parts.db)
    service = app.make_app(parts)
    with TestClient(service):
        assert service.state.firewatch.roads is RoadsUse.USED


def test_the_technician_is_told_what_is_there(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no road network" in check_roads(empty)
    (empty / "gansu.osm.pbf").write_bytes(b"")
    with pytest.raises(FirewatchError, match=r"gansu\.osm\.pbf lies there, but no network: run"):
        check_roads(empty)
    assert "made-up.osm.pbf as of 2026-03-01: " in check_roads(folder)
    assert "no heights" in check_roads(folder)
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "firewatch.dispatch.road_travel", None)
        with pytest.raises(FirewatchError, match=r"requirements/roads\.txt"):
            check_roads(folder)
    (folder / "N35E103.hgt").write_bytes(b"half")
    with pytest.raises(FirewatchError, match=r"N35E103\.hgt"):
        check_roads(folder)
    (folder / store.FILE).write_bytes(b"broken")
    with pytest.raises(FirewatchError, match="cannot be read"):
        check_roads(folder)
