from datetime import timedelta

import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import objectives, orders, planning, proposals
from firewatch.dispatch.models import JointPlan, Plan, PlanState
from firewatch.dispatch.needs import by_card
from firewatch.dispatch.plan import dump_plan, parse_plan
from firewatch.dispatch.problem import Problem, dump_problem, parse_problem
from firewatch.dispatch.snapshot import snapshot
from firewatch.errors import Conflict, NotFound
from firewatch.incidents import progress, timeline
from firewatch.incidents.models import FireClass, Incident, IncidentState
from firewatch.messaging.alarms import open_alarms
from firewatch.resources.models import Crew, Depot, ResourceStatus, Vehicle
from firewatch.resources.status import set_status
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.resources import Resources
from tests.build import (
    confirm,
    incident,
    incident_of,
    joint_of,
    plan_fire,
    prepare,
    report_fire,
    rows,
    set_rows,
    with_dispatch,
)
from tests.conftest import NOON


@pytest.fixture
def fire(db: Database, clock: FixedClock, rulebook: Rulebook) -> int:
    """A fire nobody has planned yet."""
    prepare(db, rulebook)
    return incident_of(report_fire(db, clock, rulebook))


def due(db: Database, clock: FixedClock) -> list[int]:
    with db.read() as session:
        return planning.due(session, clock, Resources())


def problem_of(db: Database, clock: FixedClock, book: Rulebook, fire: int) -> Problem:
    with db.read() as session:
        return snapshot(session, clock, book, [session.get_one(Incident, fire)])


def burning(grade: int | None, fire_class: FireClass = FireClass.ORDINARY) -> Incident:
    return Incident(
        lat=0, lon=0, fire_class=fire_class, danger_grade=grade, organiser_agency_id="kangle", opened_at=NOON
    )


@pytest.mark.parametrize("fire_class", FireClass)
@pytest.mark.parametrize("grade", [None, 1, 2, 3, 4, 5])
def test_every_fire_has_its_run_card(rulebook: Rulebook, fire_class: FireClass, grade: int | None) -> None:
    cards = [card for card in rulebook.dispatch.run_card if card.fire_class == fire_class]
    [card] = [card for card in cards if (grade or 0) in card.grades]
    assert by_card(rulebook.dispatch, burning(grade, fire_class)) == dict(card.needs)


def test_no_data_is_met_with_more_than_low_danger(rulebook: Rulebook) -> None:
    unknown, low = by_card(rulebook.dispatch, burning(None)), by_card(rulebook.dispatch, burning(1))
    assert unknown["people"] > low["people"]


def test_a_report_makes_a_plan_due_and_the_plan_is_made_once(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    assert due(db, clock) == [fire]
    plan = plan_fire(db, clock, rulebook, fire)
    assert (plan.state, plan.made_at, plan.confirm_due_at) == (PlanState.PROPOSED, clock.now(), None)
    assert plan.trips
    assert due(db, clock) == []
    with db.write() as session:
        assert planning.make(session, clock, rulebook, fire) is None
    assert len(rows(db, Plan)) == 1
    with db.read() as session:
        assert "planned" in [entry.kind for entry in timeline.entries(session, fire)]
        latest = proposals.latest(session, fire)
        assert latest is not None
        assert latest.id == plan.id
        assert proposals.latest(session, fire + 1) is None


def test_what_is_stored_can_be_solved_again(db: Database, clock: FixedClock, rulebook: Rulebook, fire: int) -> None:
    asked = problem_of(db, clock, rulebook, fire)
    assert parse_problem(dump_problem(asked)) == asked
    plan_fire(db, clock, rulebook, fire)
    stored: JointPlan = rows(db, JointPlan)[0]
    problem, solution = parse_problem(stored.problem), parse_plan(stored.solution)
    assert problem == asked
    assert dump_plan(solution) == stored.solution
    assert objectives.violations(problem, solution) == []


def test_the_snapshot_holds_everybody_who_is_free_of_all_agencies(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    set_rows(db, Crew, ["kangle-pro"], status=ResourceStatus.RESTING)
    set_rows(db, Vehicle, ["kangle-carrier-1"], active=False)
    set_rows(db, Depot, ["kangle-depot"], active=False)
    problem = problem_of(db, clock, rulebook, fire)
    assert {crew.id for crew in problem.crews} == {row.id for row in rulebook.crews} - {"kangle-pro"}
    assert {row.id for row in problem.vehicles} == {row.id for row in rulebook.vehicles} - {"kangle-carrier-1"}
    assert {row.id for row in problem.depots} == {row.id for row in rulebook.depots} - {"kangle-depot"}
    assert not {row.id for row in problem.crews if row.may_attack} & {"linxia-county-yingtan"}
    assert {row.agency for row in problem.vehicles} == {row.id for row in rulebook.agencies}


def test_the_nearest_go(db: Database, clock: FixedClock, rulebook: Rulebook, fire: int) -> None:
    plan = plan_fire(db, clock, rulebook, fire)
    assert {crew for trip in plan.trips for crew in trip["crews"]} == {"kangle-pro"}


def test_a_new_class_asks_for_a_new_plan_and_replaces_the_proposal(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    small = plan_fire(db, clock, rulebook, fire)
    for _ in range(2):  # the same class again changes nothing
        with db.write() as session:
            progress.set_class(session, clock, fire, FireClass.LARGE, "officer")
    assert due(db, clock) == [fire]
    large = plan_fire(db, clock, rulebook, fire)
    assert len(large.trips) > len(small.trips)
    assert [plan.state for plan in rows(db, Plan)] == [PlanState.REPLACED, PlanState.PROPOSED]
    with db.read() as session:
        assert [entry.kind for entry in timeline.entries(session, fire)].count("class_set") == 1


def test_a_confirmed_plan_is_not_replaced(db: Database, clock: FixedClock, rulebook: Rulebook, fire: int) -> None:
    confirm(db, clock, rulebook, plan_fire(db, clock, rulebook, fire))
    with db.write() as session:
        planning.request_plan(session, clock, fire, "officer")
    second = plan_fire(db, clock, rulebook, fire)
    assert [plan.state for plan in rows(db, Plan)] == [PlanState.CONFIRMED, PlanState.PROPOSED]
    assert "kangle-pro" not in {crew for trip in second.trips for crew in trip["crews"]}


def test_with_nobody_free_the_plan_says_what_is_short(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    for table, book_rows in ((Crew, rulebook.crews), (Vehicle, rulebook.vehicles)):
        set_rows(db, table, [row.id for row in book_rows], status=ResourceStatus.RESTING)
    plan = plan_fire(db, clock, rulebook, fire)
    assert plan.trips == []
    short = {entry["capability"]: entry["short"] for entry in joint_of(db, plan).solution["shortages"]}
    assert short == by_card(rulebook.dispatch, incident(db, fire))
    assert confirm(db, clock, rulebook, plan) == []
    assert incident(db, fire).state is IncidentState.REPORTED


def everybody_rests(db: Database, book: Rulebook) -> None:
    for table, book_rows in ((Crew, book.crews), (Vehicle, book.vehicles)):
        set_rows(db, table, [row.id for row in book_rows], status=ResourceStatus.RESTING)


def short_alarms(db: Database) -> list[int | None]:
    with db.read() as session:
        return [alarm.incident_id for alarm in open_alarms(session) if alarm.kind == "plan_short"]


def test_a_fire_that_got_nothing_is_an_alarm_and_never_confirms_itself(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    everybody_rests(db, rulebook)
    plan = plan_fire(db, clock, with_dispatch(rulebook, confirm="at_once"), fire)
    assert (plan.short, plan.confirm_due_at) == (True, None)
    assert short_alarms(db) == [fire]
    clock.advance(days=1)
    with db.read() as session:
        assert orders.confirm_due(session, clock) == []
    assert due(db, clock) == []


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_fire_that_lacks_something_is_planned_again_when_somebody_is_free(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int, confirmed: bool
) -> None:
    everybody_rests(db, rulebook)
    plan = plan_fire(db, clock, rulebook, fire)
    if confirmed:
        confirm(db, clock, rulebook, plan)
    clock.advance(minutes=30)
    with db.write() as session:
        set_status(session, clock, rulebook.resources, "kangle-carrier-1", ResourceStatus.AVAILABLE)
    assert due(db, clock) == [fire]
    again = plan_fire(db, clock, rulebook, fire)
    assert (again.short, len(again.trips)) == (True, 1)
    assert due(db, clock) == []
    with db.write() as session:
        assert planning.make(session, clock, rulebook, fire) is None
    clock.advance(minutes=1)
    for table, book_rows in ((Crew, rulebook.crews), (Vehicle, rulebook.vehicles)):
        set_rows(db, table, [row.id for row in book_rows], status=ResourceStatus.AVAILABLE, status_at=clock.now())
    clock.advance(minutes=1)
    assert not plan_fire(db, clock, rulebook, fire).short
    assert short_alarms(db) == []
    assert due(db, clock) == []


def test_a_fire_that_is_out_waits_for_nobody(db: Database, clock: FixedClock, rulebook: Rulebook, fire: int) -> None:
    everybody_rests(db, rulebook)
    plan_fire(db, clock, rulebook, fire)
    set_rows(db, Incident, [fire], state=IncidentState.FLAMES_OUT)
    clock.advance(minutes=30)
    with db.write() as session:
        set_status(session, clock, rulebook.resources, "kangle-carrier-1", ResourceStatus.AVAILABLE)
    assert due(db, clock) == []


@pytest.mark.parametrize(("confirm_by", "minutes"), [("at_once", 0), ("after_minutes", 10)])
def test_the_rule_says_when_a_plan_confirms_itself(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int, confirm_by: str, minutes: int
) -> None:
    plan = plan_fire(db, clock, with_dispatch(rulebook, confirm=confirm_by), fire)
    assert plan.confirm_due_at == clock.now() + timedelta(minutes=minutes)


def test_a_fire_that_is_over_is_not_planned(db: Database, clock: FixedClock, rulebook: Rulebook, fire: int) -> None:
    with db.write() as session:
        progress.change_state(session, clock, fire, IncidentState.FALSE_ALARM, "officer")
    assert due(db, clock) == []
    with db.write() as session, pytest.raises(Conflict, match="is over"):
        planning.request_plan(session, clock, fire, "officer")
    with db.write() as session, pytest.raises(Conflict, match="is over"):
        progress.set_class(session, clock, fire, FireClass.LARGE, "officer")
    # A due row that was left behind all the same is cleared, not looked at for ever.
    set_rows(db, Incident, [fire], plan_due_at=clock.now())
    with db.write() as session:
        assert planning.make(session, clock, rulebook, fire) is None
    assert due(db, clock) == []
    assert rows(db, Plan) == []


def test_the_most_urgent_is_planned_first(db: Database, clock: FixedClock, rulebook: Rulebook, fire: int) -> None:
    clock.advance(minutes=1)
    second = incident_of(report_fire(db, clock, rulebook, place=(35.70, 102.90)))
    assert due(db, clock) == [fire, second]
    clock.at -= timedelta(seconds=30)
    assert due(db, clock) == [fire]


def test_a_fire_nobody_knows_is_not_found(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    with db.write() as session, pytest.raises(NotFound):
        planning.request_plan(session, clock, 99, "officer")


def test_a_fire_far_outside_is_planned_too(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    number = incident_of(report_fire(db, clock, rulebook, place=(-45.0, -70.0)))
    plan = plan_fire(db, clock, rulebook, number)
    joint = joint_of(db, plan)
    assert objectives.violations(parse_problem(joint.problem), parse_plan(joint.solution)) == []
