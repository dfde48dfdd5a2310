"""Arrivals reported from the field correct the speeds by road, and the page shows it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import arrivals, orders, planning
from firewatch.dispatch.models import Order, OrderState, RoadArrival
from firewatch.dispatch.problem import RoadsUse
from firewatch.dispatch.road_travel import RoadTravel
from firewatch.dispatch.travel import estimate
from firewatch.jobs import dispatch
from firewatch.jobs.desk import Desk as JobDesk
from firewatch.messaging.line import open_line
from firewatch.resources.models import Crew, Depot, Vehicle
from firewatch.roads.calibration import Correction
from firewatch.roads.closed import Closure
from firewatch.roads.minutes import RoadMinutes
from firewatch.roads.network import Network
from firewatch.roads.terrain import Terrain
from firewatch.rulebook.read import Rulebook
from tests.build import KANGLE, OFFICER, confirm, incident_of, report_fire, rows, set_rows
from tests.roads import SPEEDS, graph_of, north, road
from tests.service.console import Desk, open_desk, said
from tests.service.messages import MemoryChannel

CROSSING = KANGLE[0] + north(15_000), KANGLE[1]
SLOW = 1.2


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


@pytest.fixture
def travel(rulebook: Rulebook, tmp_path_factory: pytest.TempPathFactory) -> RoadTravel:
    """A road from every place to a crossing, and one from there to the fire."""
    kinds = (rulebook.crews, rulebook.vehicles, rulebook.depots)
    places = sorted({(row.lat, row.lon) for kind in kinds for row in kind})
    nodes = dict(enumerate([CROSSING, KANGLE, *places]))
    graph = graph_of(nodes, [road(0, number) for number in range(1, len(nodes))])
    terrain = Terrain(tmp_path_factory.mktemp("no heights"))

    def open_with(closed: tuple[Closure, ...], correction: Correction) -> RoadMinutes:
        network = Network(graph, SPEEDS, closed, correction.slowness)
        return RoadMinutes(network, terrain, rulebook.roads)

    return RoadTravel(graph, open_with, "", estimate(rulebook.dispatch))


def job(desk: Desk, travel: RoadTravel | None) -> int:
    """What the job does at a tick."""
    line = open_line(desk.db, MemoryChannel(), desk.clock, desk.book.messages, owner="me")
    jobs = JobDesk(desk.db, desk.clock, desk.book, [], [line], travel=travel)
    [sweep] = [each for each in dispatch.sweeps(jobs) if each.name == "arrivals"]
    try:
        return sweep.run()
    finally:
        line.sender.close()


def ordered(desk: Desk, travel: RoadTravel) -> list[Order]:
    fire = incident_of(report_fire(desk.db, desk.clock, desk.book))
    with desk.db.write() as session:
        plan = planning.make(session, desk.clock, desk.book, fire, travel)
    assert plan is not None
    return confirm(desk.db, desk.clock, desk.book, plan)


def advance(desk: Desk, order: Order, *states: OrderState) -> None:
    for state in states:
        with desk.db.write() as session:
            orders.advance(session, desk.clock, order.id or 0, state, OFFICER)


def test_a_drive_is_taken_in_once_and_corrects_the_speeds(desk: Desk, travel: RoadTravel) -> None:
    direct = next(order for order in ordered(desk, travel) if order.stops)
    [vehicle] = [row for row in rows(desk.db, Vehicle) if row.id == direct.vehicle_id]
    for table in (Crew, Depot):  # all it picks up stands in the vehicle's own yard
        names = [row.id for row in rows(desk.db, table) if row.id in direct.stops]
        set_rows(desk.db, table, names, lat=vehicle.lat, lon=vehicle.lon)
    drive = travel.drive((vehicle.lat, vehicle.lon), KANGLE)
    assert drive is not None
    advance(desk, direct, OrderState.EN_ROUTE)
    assert job(desk, travel) == 0
    told = sum(drive.by_class.values())
    desk.clock.advance(minutes=SLOW * told + drive.off_road)
    advance(desk, direct, OrderState.ON_SCENE)
    assert job(desk, None) == 0
    assert job(desk, travel) == 1
    assert job(desk, travel) == 0
    [row] = rows_of(desk)
    assert row.took == pytest.approx(SLOW * told)
    assert row.by_class == pytest.approx(dict(drive.by_class))
    before = travel.table({"v": (vehicle.lat, vehicle.lon), "fire": KANGLE}, ["fire"]).minutes["v"]["fire"]
    travel.correct(Correction(dict.fromkeys(SPEEDS, 1.0)))
    assert before > travel.table({"v": (vehicle.lat, vehicle.lon), "fire": KANGLE}, ["fire"]).minutes["v"]["fire"]
    with desk.db.write() as session:
        assert arrivals.take_in(session, direct.id or 0, travel) is None


def test_a_drive_is_measured_from_where_it_was_planned(desk: Desk, travel: RoadTravel) -> None:
    seen = {"present_lat": CROSSING[0], "present_lon": CROSSING[1], "fix_at": desk.clock.now()}
    for table in (Crew, Vehicle):
        set_rows(desk.db, table, [row.id for row in rows(desk.db, table)], **seen)
    set_rows(desk.db, Depot, [row.id for row in rows(desk.db, Depot)], lat=CROSSING[0], lon=CROSSING[1])
    order = ordered(desk, travel)[0]
    drive = travel.drive(CROSSING, KANGLE)
    assert drive is not None
    advance(desk, order, OrderState.EN_ROUTE)
    desk.clock.advance(minutes=20 + drive.off_road)
    for table in (Crew, Vehicle):  # where they are by now says nothing of where they set out
        set_rows(desk.db, table, [row.id for row in rows(desk.db, table)], fix_at=None)
    advance(desk, order, OrderState.ON_SCENE)
    assert job(desk, travel) == 1
    [row] = rows_of(desk)
    assert row.took == pytest.approx(20)
    assert row.by_class == pytest.approx(dict(drive.by_class))


def test_a_drive_with_stops_is_looked_at_once_and_tells_nothing(desk: Desk, travel: RoadTravel) -> None:
    order = next(order for order in ordered(desk, travel) if order.stops)
    set_rows(desk.db, Vehicle, [order.vehicle_id], lat=CROSSING[0])
    advance(desk, order, OrderState.EN_ROUTE, OrderState.ON_SCENE)
    assert job(desk, travel) == 1
    [row] = rows_of(desk)
    assert (row.took, row.by_class) == (None, {})
    with desk.db.read() as session:
        assert arrivals.known(session) == []
        assert arrivals.due(session) == []


def rows_of(desk: Desk) -> Sequence[RoadArrival]:
    with desk.db.read() as session:
        return [row for order in rows(desk.db, Order) if (row := session.get(RoadArrival, order.id)) is not None]


def test_after_thirty_slow_arrivals_the_times_told_are_right_and_the_page_shows_it(
    desk: Desk, travel: RoadTravel
) -> None:
    order = ordered(desk, travel)[0]
    [vehicle] = [row for row in rows(desk.db, Vehicle) if row.id == order.vehicle_id]
    place = vehicle.lat, vehicle.lon
    drive = travel.drive(place, KANGLE)
    assert drive is not None
    told = sum(drive.by_class.values())
    with desk.db.write() as session:
        for number in range(30):
            copy = Order(**{**order.model_dump(exclude={"id"}), "state": OrderState.ON_SCENE})
            session.add(copy)
            session.flush()
            took = told * SLOW * (0.9 + 0.2 * number / 29)
            session.add(
                RoadArrival(
                    order_id=copy.id or 0, arrived_at=desk.clock.now(), took=took, by_class=dict(drive.by_class)
                )
            )
    true = told * SLOW + drive.off_road
    before = travel.table({"v": place, "fire": KANGLE}, ["fire"]).minutes["v"]["fire"]
    with desk.db.read() as session:
        travel.correct(arrivals.corrected(session))
    after = travel.table({"v": place, "fire": KANGLE}, ["fire"])
    assert before < 0.9 * true
    assert after.minutes["v"]["fire"] == pytest.approx(true, rel=0.05)
    assert after.made.arrivals == 30
    desk.app.state.firewatch = replace(desk.app.state.firewatch, roads=RoadsUse.USED)
    page = said(desk.person("viewer").page("/roads"))
    assert "Corrected by 30 reported arrivals." in page
    assert "against the times told: +20% by the configured speeds, +0% as corrected" in page
    assert "provincial road 50 42" in page
    set_rows(desk.db, RoadArrival, [row.order_id for row in rows_of(desk)], took=None)
    assert "the configured ones stand" in said(desk.person("viewer").page("/roads"))
