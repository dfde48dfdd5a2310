import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import SQLModel, col

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import orders, planning
from firewatch.dispatch.models import Order, OrderState, Plan, PlanState
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.incidents import progress, timeline
from firewatch.incidents.models import FireClass, IncidentState
from firewatch.messaging.models import Message, SubjectKind
from firewatch.resources import pool, status
from firewatch.resources.models import Crew, Depot, ResourceStatus, Stock, Vehicle
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.resources import Resources
from tests.build import (
    KANGLE,
    confirm,
    incident,
    incident_of,
    joint_of,
    ordered_fire,
    plan_fire,
    prepare,
    report_fire,
    rows,
    set_rows,
)

RESOURCES: tuple[type[SQLModel], ...] = (Crew, Vehicle)


@pytest.fixture(autouse=True)
def alliance(db: Database, rulebook: Rulebook) -> None:
    prepare(db, rulebook)


def statuses(db: Database) -> dict[str, ResourceStatus]:
    return {row.id: row.status for table in RESOURCES for row in rows(db, table)}


def sent_by(order: Order) -> set[str]:
    return {order.vehicle_id, *order.crews}


def reserved(db: Database) -> dict[tuple[str, str], int]:
    return {(row.depot_id, row.capability): row.reserved for row in rows(db, Stock) if row.reserved}


def loads(given: list[Order]) -> dict[tuple[str, str], int]:
    total: dict[tuple[str, str], int] = {}
    for order in given:
        for depot, load in order.load.items():
            for tool, units in load.items():
                total[depot, tool] = total.get((depot, tool), 0) + units
    return total


def large_fire(db: Database, clock: FixedClock, book: Rulebook) -> int:
    """A fire to which many have to go."""
    number = incident_of(report_fire(db, clock, book))
    with db.write() as session:
        progress.set_class(session, clock, number, FireClass.LARGE, "officer")
    return number


def advance(db: Database, clock: FixedClock, order: Order, *steps: str, reason: str | None = None) -> Order:
    for step in steps:
        with db.write() as session:
            order = orders.advance(session, clock, order.id or 0, OrderState(step), "officer", reason)
    return order


def test_a_confirmed_plan_takes_people_and_tools_and_tells_whom_it_takes(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    fire, given = ordered_fire(db, clock, rulebook)
    assert given
    taken = set().union(*(sent_by(order) for order in given))
    assert {name for name, state in statuses(db).items() if state is ResourceStatus.ASSIGNED} == taken
    assert reserved(db) == loads(given) != {}
    assert incident(db, fire).state is IncidentState.RESPONDING
    plan: Plan = rows(db, Plan)[0]
    assert (plan.state, plan.confirmed_by, plan.confirmed_at) == (PlanState.CONFIRMED, "officer", clock.now())
    for order in given:
        assert order.eta_at == clock.now() + timedelta(minutes=order.minutes)


def test_an_order_is_told_to_every_agency_in_it_and_to_no_other(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    _, given = ordered_fire(db, clock, rulebook)
    owners = {row.id: row.agency_id for table in (Crew, Vehicle, Depot) for row in rows(db, table)}
    for order in given:
        told: list[Message] = rows(
            db, Message, col(Message.subject_kind) == SubjectKind.ORDER, col(Message.subject_id) == order.id
        )
        assert sorted(message.agency_id or "" for message in told) == sorted(
            {owners[name] for name in (order.vehicle_id, *order.stops)}
        )
        for message in told:
            assert {message.template, message.contact_id} == {"sms.order", f"{message.agency_id}-liaison"}
            assert (message.code or "?") in message.body


def test_people_who_may_not_attack_never_count(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    mass = [row.id for row in rows(db, Crew) if not row.may_attack]
    assert mass == ["linxia-county-yingtan"]
    with db.write() as session:  # everybody else is away: who is left may not fight
        for row in pool.crews(session):
            row.status = ResourceStatus.AVAILABLE if row.id in mass else ResourceStatus.RESTING
    number = incident_of(report_fire(db, clock, rulebook, place=(35.57, 102.98)))
    plan = plan_fire(db, clock, rulebook, number)
    aboard = {row.id: row.crew_aboard for row in rows(db, Vehicle)}
    for trip in plan.trips:
        assert trip["crews"] == []
        assert trip["people"] == aboard[trip["vehicle"]]
    passed = {entry["resource"]: entry["reason"] for entry in joint_of(db, plan).solution["passed_over"]}
    assert passed[mass[0]] == "may_not_attack"


def test_a_second_confirmation_is_refused(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    fire, given = ordered_fire(db, clock, rulebook)
    before = (statuses(db), reserved(db), len(rows(db, Message)))
    with pytest.raises(Conflict, match="is confirmed"):
        confirm(db, clock, rulebook, rows(db, Plan)[0])
    assert (statuses(db), reserved(db), len(rows(db, Message))) == before
    assert len(rows(db, Order)) == len(given)
    with db.read() as session:
        assert [entry.kind for entry in timeline.entries(session, fire)].count("plan_confirmed") == 1


def last_of(plan: Plan) -> str:
    vehicle: str = plan.trips[-1]["vehicle"]
    return vehicle


@pytest.mark.parametrize(
    "taken",
    [
        lambda db, plan: set_rows(db, Vehicle, [last_of(plan)], status=ResourceStatus.OUT_OF_SERVICE),
        lambda db, plan: set_rows(db, Vehicle, [last_of(plan)], active=False),
        lambda db, _plan: empty_depots(db),
    ],
    ids=["out of service", "no longer there", "depots emptied"],
)
def test_who_is_gone_meanwhile_undoes_all_of_it(
    db: Database, clock: FixedClock, rulebook: Rulebook, taken: Callable[[Database, Plan], None]
) -> None:
    number = large_fire(db, clock, rulebook)
    plan = plan_fire(db, clock, rulebook, number)
    assert len(plan.trips) > 3
    taken(db, plan)
    before = (statuses(db), reserved(db), len(rows(db, Message)))
    with pytest.raises(Conflict):
        confirm(db, clock, rulebook, plan)
    assert (statuses(db), reserved(db), len(rows(db, Message))) == before
    assert rows(db, Order) == []
    assert incident(db, number).state is IncidentState.REPORTED
    assert rows(db, Plan)[0].state is PlanState.PROPOSED


def empty_depots(db: Database) -> None:
    with db.write() as session:
        for row in rows(db, Stock):
            session.merge(row).reserved = row.units


def test_two_fires_planned_together_never_share_anybody(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    numbers = [incident_of(report_fire(db, clock, rulebook, place=place)) for place in (KANGLE, (35.25, 103.60))]
    plan_fire(db, clock, rulebook, numbers[0])
    plans = proposed(db)
    assert [plan.incident_id for plan in plans] == numbers
    given = [order for plan in plans for order in confirm(db, clock, rulebook, plan)]
    names = [name for order in given for name in sent_by(order)]
    assert len(names) == len(set(names))
    assert {order.incident_id for order in given} == set(numbers)


def proposed(db: Database) -> list[Plan]:
    return rows(db, Plan, col(Plan.state) == PlanState.PROPOSED)


def test_a_proposal_that_counts_on_somebody_taken_is_replaced(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    first, second = two_proposals_of_the_same(db, clock, rulebook)
    given = confirm(db, clock, rulebook, first)
    with pytest.raises(Conflict, match="is replaced"):
        confirm(db, clock, rulebook, second)
    with db.read() as session:
        assert planning.due(session, clock, Resources()) == [second.incident_id]
    given += confirm(db, clock, rulebook, plan_fire(db, clock, rulebook, second.incident_id))
    names = [name for order in given for name in sent_by(order)]
    assert len(names) == len(set(names))


def two_proposals_of_the_same(db: Database, clock: FixedClock, rulebook: Rulebook) -> list[Plan]:
    """Two fires at one place, and by a fault the plan of each of them sends the same."""
    for place in (KANGLE, (35.25, 103.60)):
        number = incident_of(report_fire(db, clock, rulebook, place=place))
        set_rows(db, Plan, [plan.id or 0 for plan in proposed(db)], state=PlanState.CONFIRMED, short=False)
        plan_fire(db, clock, rulebook, number)
    plans: list[Plan] = rows(db, Plan)
    set_rows(db, Plan, [plan.id or 0 for plan in plans], state=PlanState.PROPOSED)
    assert {trip["vehicle"] for trip in plans[0].trips} & {trip["vehicle"] for trip in plans[1].trips}
    return plans


@pytest.mark.timeout(60)
def test_two_officers_at_once_never_send_one_crew_twice(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    plans = two_proposals_of_the_same(db, clock, rulebook)
    given = at_once([partial(confirm, db, clock, rulebook, plan) for plan in plans])
    names = [name for order in rows(db, Order) for name in sent_by(order)]
    assert len(names) == len(set(names))
    [refused] = [answer for answer in given if isinstance(answer, Exception)]
    assert isinstance(refused, Conflict)
    assert loads(rows(db, Order)) == reserved(db)


@pytest.mark.timeout(60)
def test_one_plan_confirmed_twice_at_once_gives_its_orders_once(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    plan = plan_fire(db, clock, rulebook, incident_of(report_fire(db, clock, rulebook)))
    given = at_once([lambda: confirm(db, clock, rulebook, plan)] * 4)
    assert sum(isinstance(answer, Conflict) for answer in given) == 3
    assert len(rows(db, Order)) == len(plan.trips)


@pytest.mark.timeout(60)
def test_a_fire_goes_one_way_when_two_officers_disagree(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    number = incident_of(report_fire(db, clock, rulebook))

    def change(new: IncidentState) -> object:
        with db.write() as session:
            return progress.change_state(session, clock, number, new, "officer")

    change(IncidentState.RESPONDING)
    wanted = [IncidentState.FALSE_ALARM, IncidentState.FLAMES_OUT] * 3
    answers = at_once([partial(change, new) for new in wanted])
    assert sum(isinstance(answer, Conflict) for answer in answers) == 5
    with db.read() as session:
        changes = [entry.data for entry in timeline.entries(session, number) if entry.kind == "state_changed"]
    assert [change["new"] for change in changes] == [IncidentState.RESPONDING, incident(db, number).state]


def at_once(calls: Sequence[Callable[[], object]]) -> list[object]:
    """Call from as many threads at one moment; answer what each returned or raised."""
    together, answers = threading.Barrier(len(calls)), list[object]()

    def run(call: Callable[[], object]) -> None:
        together.wait(timeout=20)
        try:
            answers.append(call())
        except Exception as error:  # noqa: BLE001 - an answer like any other
            answers.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(answers) == len(calls)
    return answers


def test_an_order_takes_its_people_along(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    fire, given = ordered_fire(db, clock, rulebook)
    order = next(order for order in given if order.load)
    untouched = {name: state for name, state in statuses(db).items() if name not in sent_by(order)}
    for step, expected in (
        ("acknowledged", ResourceStatus.ASSIGNED),
        ("en_route", ResourceStatus.EN_ROUTE),
        ("on_scene", ResourceStatus.ON_SCENE),
        ("released", ResourceStatus.RELEASED),
    ):
        clock.advance(minutes=10)
        moved = advance(db, clock, order, step)
        assert (moved.state, moved.state_at) == (step, clock.now())
        assert {statuses(db)[name] for name in sent_by(order)} == {expected}
    assert {name: state for name, state in statuses(db).items() if name not in sent_by(order)} == untouched
    assert reserved(db) == loads([other for other in given if other.id != order.id])
    with db.read() as session:
        assert [entry.kind for entry in timeline.entries(session, fire)].count("order_advanced") == 4
        assert orders.orders(session, fire)[0].id == given[0].id


def test_released_people_return_to_the_pool(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    fire, given = ordered_fire(db, clock, rulebook)
    order = next(order for order in given if order.crews)
    with db.write() as session, pytest.raises(Conflict, match="only a released"):
        orders.return_to_pool(session, clock, rulebook, order.id or 0, "officer")
    order = advance(db, clock, order, "en_route", "on_scene", "released")
    set_rows(db, Crew, order.crews, status=ResourceStatus.RESTING)
    with db.read() as session:
        assert {row.id for row in orders.waiting(session, order)} == sent_by(order)
    clock.advance(hours=8)
    with db.write() as session:
        assert orders.return_to_pool(session, clock, rulebook, order.id or 0, "officer").state is OrderState.RELEASED
    assert {statuses(db)[name] for name in sent_by(order)} == {ResourceStatus.AVAILABLE}
    assert rows(db, Vehicle, col(Vehicle.id) == order.vehicle_id)[0].status_at == clock.now()
    with db.read() as session:
        assert orders.waiting(session, order) == []
        assert timeline.entries(session, fire)[-1].kind == "order_returned"
    with db.write() as session, pytest.raises(Conflict, match="nobody of order"):
        orders.return_to_pool(session, clock, rulebook, order.id or 0, "officer")


def test_who_is_out_of_service_does_not_return(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    _, given = ordered_fire(db, clock, rulebook)
    order = next(order for order in given if order.crews)
    order = advance(db, clock, order, "en_route", "released")
    set_rows(db, Vehicle, [order.vehicle_id], status=ResourceStatus.OUT_OF_SERVICE)
    with db.write() as session:
        orders.return_to_pool(session, clock, rulebook, order.id or 0, "officer")
    assert statuses(db)[order.vehicle_id] is ResourceStatus.OUT_OF_SERVICE
    assert {statuses(db)[crew] for crew in order.crews} == {ResourceStatus.AVAILABLE}


def test_a_declined_order_frees_its_people_and_asks_for_another_plan(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    fire, given = ordered_fire(db, clock, rulebook)
    assert incident(db, fire).plan_due_at is None
    for nothing in (None, "", "  "):
        with pytest.raises(BadInput, match="reason"):
            advance(db, clock, given[0], "declined", reason=nothing)
    declined = advance(db, clock, given[0], "declined", reason=" a bridge is out ")
    assert declined.reason == "a bridge is out"
    assert {statuses(db)[name] for name in sent_by(given[0])} == {ResourceStatus.AVAILABLE}
    assert reserved(db) == loads(given[1:])
    assert incident(db, fire).plan_due_at == clock.now()


@pytest.mark.parametrize(
    ("before", "wrong"),
    [((), "on_scene"), ((), "released"), (("en_route",), "declined"), (("en_route", "released"), "en_route")],
)
def test_an_order_keeps_to_its_steps(
    db: Database, clock: FixedClock, rulebook: Rulebook, before: tuple[str, ...], wrong: str
) -> None:
    _, given = ordered_fire(db, clock, rulebook)
    order = advance(db, clock, given[0], *before)
    state = statuses(db)
    with pytest.raises(Conflict, match="it may become"):
        advance(db, clock, order, wrong, reason="because")
    assert statuses(db) == state


def test_an_order_holds_its_people_against_other_hands(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    _, given = ordered_fire(db, clock, rulebook)
    with db.write() as session, pytest.raises(Conflict, match="order has to be released"):
        status.set_status(session, clock, rulebook.resources, given[0].vehicle_id, ResourceStatus.OUT_OF_SERVICE)


def test_nobody_goes_to_a_fire_that_is_over(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    number = incident_of(report_fire(db, clock, rulebook))
    plan = plan_fire(db, clock, rulebook, number)
    with db.write() as session:
        progress.change_state(session, clock, number, IncidentState.FALSE_ALARM, "officer")
    with pytest.raises(Conflict, match="is over"):
        confirm(db, clock, rulebook, plan)
    with db.write() as session:
        orders.give_up(session, clock, plan.id or 0)
    assert rows(db, Plan)[0].state is PlanState.REPLACED
    assert incident(db, number).plan_due_at is None


def test_a_confirmed_plan_is_not_given_up(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    fire, _ = ordered_fire(db, clock, rulebook)
    with db.write() as session:
        orders.give_up(session, clock, rows(db, Plan)[0].id)
    assert rows(db, Plan)[0].state is PlanState.CONFIRMED
    assert incident(db, fire).plan_due_at is None


def test_what_does_not_exist_is_not_found(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    with db.write() as session, pytest.raises(NotFound):
        orders.confirm(session, clock, rulebook, 99, "officer")
    with db.write() as session, pytest.raises(NotFound):
        orders.advance(session, clock, 99, OrderState.EN_ROUTE, "officer")
