"""Plans are made from where people are, as long as that is believed, and anew for whoever moves."""

from datetime import timedelta

import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import assumed, override, planning
from firewatch.dispatch.by_hand import Sent
from firewatch.dispatch.models import Order, Plan
from firewatch.dispatch.problem import parse_problem
from firewatch.geo import great_circle_km
from firewatch.incidents import timeline
from firewatch.resources import position
from firewatch.resources.models import ResourceKind, ResourceStatus, Vehicle
from firewatch.resources.position import NewPosition
from firewatch.resources.whereabouts import Place
from firewatch.rulebook.read import Rulebook
from tests.build import KANGLE, OFFICER, confirm, incident_of, joint_of, plan_fire, report_fire, rows, set_rows
from tests.service.console import Desk, open_desk, said

CARRIER = "kangle-carrier-1"
CREW, VEHICLE = ResourceKind.CREW, ResourceKind.VEHICLE
HOME = (35.372, 103.706)
NEAR_FIRE = (35.31, 103.66)


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


def tell(desk: Desk, place: Place, minutes: float = 0, name: str = CARRIER, kind: ResourceKind = VEHICLE) -> None:
    new = NewPosition(lat=place[0], lon=place[1], at=desk.clock.now() - timedelta(minutes=minutes))
    with desk.db.write() as session:
        position.take_in(session, desk.clock, kind, name, new, OFFICER)


def planned(desk: Desk) -> Plan:
    return plan_fire(desk.db, desk.clock, desk.book, incident_of(report_fire(desk.db, desk.clock, desk.book)))


def minutes_to_fire(desk: Desk, plan: Plan) -> float:
    problem = parse_problem(joint_of(desk.db, plan).problem)
    return problem.travel(f"vehicle:{CARRIER}", problem.incidents[0].place)


def places(desk: Desk, plan: Plan) -> dict[tuple[ResourceKind, str], Place]:
    return assumed.places(joint_of(desk.db, plan).assumed)


def due(desk: Desk) -> list[int]:
    with desk.db.read() as session:
        return planning.due(session, desk.clock, desk.book.resources)


def make(desk: Desk, number: int) -> Plan | None:
    with desk.db.write() as session:
        return planning.make(session, desk.clock, desk.book, number)


@pytest.mark.parametrize(
    ("minutes", "place", "words"),
    [
        (4, NEAR_FIRE, "Kangle crew carrier 1: planned from its position, 4 min old then."),
        (180, HOME, "Kangle crew carrier 1: its position was 3 h old: planned from home."),
    ],
)
def test_a_plan_is_made_from_where_people_are_as_long_as_it_is_believed(
    desk: Desk, clock: FixedClock, minutes: float, place: Place, words: str
) -> None:
    tell(desk, NEAR_FIRE, minutes=minutes)
    plan = planned(desk)
    rules, km = desk.book.dispatch, great_circle_km(*place, *KANGLE)
    assert minutes_to_fire(desk, plan) == pytest.approx(60 * km * rules.detour_factor / rules.speed_kmh, abs=0.11)
    assert places(desk, plan) == {(VEHICLE, CARRIER): place}
    assert words in said(desk.person().page("/incidents/1"))
    clock.advance(hours=5)
    tell(desk, HOME)
    assert words in said(desk.person().page("/incidents/1"))  # what was assumed then stays


def test_nobody_with_a_position_says_nothing_of_positions(desk: Desk) -> None:
    planned(desk)
    assert 'id="origins"' not in desk.person().page("/incidents/1")


def test_a_crew_is_believed_for_longer_than_a_vehicle(desk: Desk) -> None:
    tell(desk, NEAR_FIRE, minutes=30)
    tell(desk, NEAR_FIRE, minutes=30, name="kangle-pro", kind=CREW)
    assert places(desk, planned(desk)) == {(VEHICLE, CARRIER): HOME, (CREW, "kangle-pro"): NEAR_FIRE}


def test_a_proposal_is_made_anew_for_whoever_moved_and_waits_no_longer(desk: Desk, clock: FixedClock) -> None:
    first = planned(desk)
    assert CARRIER in {trip["vehicle"] for trip in first.trips}
    assert due(desk) == []
    tell(desk, (HOME[0] + 0.005, HOME[1]))  # 560 m: within the margin
    assert due(desk) == []
    confirms_at = clock.now() + timedelta(minutes=3)
    set_rows(desk.db, Plan, [first.id or 0], confirm_due_at=confirms_at)
    clock.advance(minutes=1)
    tell(desk, NEAR_FIRE)
    assert due(desk) == [first.incident_id]
    second = make(desk, first.incident_id)
    assert second is not None
    assert second.id != first.id
    assert second.confirm_due_at == confirms_at
    assert minutes_to_fire(desk, second) < minutes_to_fire(desk, first)
    assert due(desk) == []
    assert make(desk, first.incident_id) is None
    with desk.db.read() as session:
        entries = timeline.entries(session, first.incident_id)
    km = great_circle_km(*HOME, *NEAR_FIRE)
    assert [row.data for row in entries if row.kind == "resource_moved"] == [{"resource": CARRIER, "km": f"{km:.1f}"}]
    sentence = f"Kangle crew carrier 1 is {km:.1f} km from where the proposal had it: planned anew"
    assert sentence in said(desk.person().page("/incidents/1"))


def test_a_position_that_has_grown_too_old_is_noticed(desk: Desk, clock: FixedClock) -> None:
    tell(desk, NEAR_FIRE)
    plan = planned(desk)
    clock.advance(minutes=15)
    assert due(desk) == []
    clock.advance(minutes=1)
    assert due(desk) == [plan.incident_id]
    made = make(desk, plan.incident_id)
    assert made is not None
    assert places(desk, made) == {(VEHICLE, CARRIER): HOME}
    assert due(desk) == []


def test_a_crew_that_moves_changes_its_proposal_too(desk: Desk) -> None:
    plan = planned(desk)
    crew = next(crew for trip in plan.trips for crew in trip["crews"])
    tell(desk, NEAR_FIRE, name=crew, kind=CREW)
    assert due(desk) == [plan.incident_id]


def test_who_is_in_no_proposal_or_not_free_changes_none(desk: Desk) -> None:
    plan = planned(desk)
    others = [row.id for row in rows(desk.db, Vehicle) if row.id not in {trip["vehicle"] for trip in plan.trips}]
    tell(desk, NEAR_FIRE, name=others[0])
    assert due(desk) == []
    tell(desk, NEAR_FIRE)
    set_rows(desk.db, Vehicle, [CARRIER], status=ResourceStatus.OUT_OF_SERVICE)
    assert due(desk) == []


def test_what_an_officer_changed_or_confirmed_is_left_alone(desk: Desk) -> None:
    plan = planned(desk)
    with desk.db.write() as session:
        changed = override.override(
            session, desk.clock, plan.id or 0, [], [Sent("hezheng-tender-1")], "bridge", OFFICER
        )
    tell(desk, NEAR_FIRE)
    assert due(desk) == []
    confirm(desk.db, desk.clock, desk.book, changed)
    assert due(desk) == []


def test_an_order_remembers_from_where_it_was_planned(desk: Desk) -> None:
    tell(desk, NEAR_FIRE)
    confirm(desk.db, desk.clock, desk.book, planned(desk))
    (order,) = rows(desk.db, Order, Order.vehicle_id == CARRIER)
    with desk.db.read() as session:
        assert assumed.by_plan(session, [order.plan_id])[order.plan_id] == {(VEHICLE, CARRIER): NEAR_FIRE}
