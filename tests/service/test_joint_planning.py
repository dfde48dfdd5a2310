"""Fires that lack something are planned together, with people held back for the zones where the danger is great."""

from datetime import timedelta

import pytest
from sqlmodel import col

from firewatch.clock import FixedClock, local_day
from firewatch.danger.models import ZoneGrade
from firewatch.db import Database
from firewatch.dispatch import planning
from firewatch.dispatch.models import JointPlan, Plan, PlanState
from firewatch.dispatch.reserves import of_today
from firewatch.dispatch.snapshot import fire_id
from firewatch.errors import BadInput
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.resources import Resources
from tests.build import (
    JISHISHAN,
    KANGLE,
    OFFICER,
    confirm,
    incident_of,
    joint_of,
    plan_fire,
    prepare,
    report_fire,
    rows,
    with_dispatch,
)

NEXT_VALLEY = (35.25, 103.60)


@pytest.fixture(autouse=True)
def alliance(db: Database, rulebook: Rulebook) -> None:
    prepare(db, rulebook)


def reported(db: Database, clock: FixedClock, book: Rulebook, place: tuple[float, float] = KANGLE) -> int:
    return incident_of(report_fire(db, clock, book, place=place))


def proposed(db: Database) -> dict[int, Plan]:
    return {plan.incident_id: plan for plan in rows(db, Plan, col(Plan.state) == PlanState.PROPOSED)}


def sent(plan: Plan) -> set[str]:
    return {name for trip in plan.trips for name in (trip["vehicle"], *trip["crews"])}


def test_a_second_fire_is_planned_with_the_first_and_takes_nobody_from_it(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    first = reported(db, clock, rulebook)
    plan_fire(db, clock, rulebook, first)
    second = reported(db, clock, rulebook, NEXT_VALLEY)
    plan_fire(db, clock, rulebook, second)
    now = proposed(db)
    assert set(now) == {first, second}
    assert now[first].joint_plan_id == now[second].joint_plan_id
    assert not sent(now[first]) & sent(now[second])
    joint = joint_of(db, now[second])
    assert {fire["id"] for fire in joint.problem["incidents"]} == {fire_id(first), fire_id(second)}


def test_a_proposal_that_another_fire_leaves_as_it_was_stays_where_the_officer_reads_it(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    first = reported(db, clock, rulebook)
    before = plan_fire(db, clock, rulebook, first)
    plan_fire(db, clock, rulebook, reported(db, clock, rulebook, JISHISHAN))
    after = proposed(db)[first]
    assert (after.id, after.trips, after.made_at) == (before.id, before.trips, before.made_at)
    assert after.joint_plan_id != before.joint_plan_id


def test_a_proposal_changed_by_another_fire_confirms_itself_no_later(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    book = with_dispatch(rulebook, confirm="after_minutes", confirm_after_minutes=10)
    first = reported(db, clock, book)
    before = plan_fire(db, clock, book, first)
    clock.advance(minutes=4)
    # Two at once, of which the second weighs more by its number of needs: the first gets others than before.
    second = reported(db, clock, book, NEXT_VALLEY)
    plan_fire(db, clock, book, second)
    after = proposed(db)
    assert after[first].confirm_due_at == before.confirm_due_at
    assert after[second].confirm_due_at == clock.now() + timedelta(minutes=10)


def test_a_confirmed_fire_that_has_all_it_needs_is_not_asked_again(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    first = reported(db, clock, rulebook)
    confirm(db, clock, rulebook, plan_fire(db, clock, rulebook, first))
    second = reported(db, clock, rulebook, JISHISHAN)
    joint = joint_of(db, plan_fire(db, clock, rulebook, second))
    assert [fire["id"] for fire in joint.problem["incidents"]] == [fire_id(second)]
    assert set(proposed(db)) == {second}


def test_planned_again_alone_it_takes_nobody_beside(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    first, second = reported(db, clock, rulebook), reported(db, clock, rulebook, JISHISHAN)
    with db.write() as session:
        plan = planning.make(session, clock, rulebook, first, alone=True)
    assert plan is not None
    assert [fire["id"] for fire in joint_of(db, plan).problem["incidents"]] == [fire_id(first)]
    with db.read() as session:
        assert planning.due(session, clock, Resources()) == [second]
    with db.write() as session:
        planning.request_plan(session, clock, first, OFFICER)
    plan_fire(db, clock, rulebook, second)
    assert len(rows(db, JointPlan)) == 2, "both that were due are in one"


def grade_zones(db: Database, clock: FixedClock, book: Rulebook, **grades: int) -> None:
    today = local_day(clock.now(), book.alliance.tz)
    with db.write() as session:
        for zone, grade in grades.items():
            session.add(
                ZoneGrade(
                    zone_id=zone,
                    on=today,
                    scheme=book.danger.scheme,
                    grade=grade,
                    provisional=True,
                    assessed_at=clock.now(),
                )
            )


RESERVE = [
    {"grades": [3], "people": 10, "within_minutes": 60},
    {"grades": [4, 5], "people": 20, "within_minutes": 45, "weight": 2},
]


def test_the_reserve_follows_the_days_danger(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    book = with_dispatch(rulebook, reserve=RESERVE)
    grade_zones(db, clock, book, kangle=4, hezheng=3, jishishan=1)
    with db.read() as session:
        found = {each.id: (each.people, each.within, each.weight) for each in of_today(session, clock, book)}
    assert found == {"kangle": (20, 45, 2), "hezheng": (10, 60, 1)}, "no card for low danger and for no data here"
    with db.read() as session:
        unknown = {each.id: each.people for each in of_today(session, clock, rulebook)}
    assert unknown["lianhuashan"] == 10, "no data is not no danger"


def test_a_plan_says_where_it_leaves_the_reserve_short(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    greedy = [{"grades": [4], "people": 5000, "within_minutes": 240}]
    book = with_dispatch(rulebook, reserve=greedy, reserve_later=True)
    grade_zones(db, clock, book, kangle=4)
    joint = joint_of(db, plan_fire(db, clock, book, reported(db, clock, book)))
    assert joint.problem["objectives"] == ["shortage", "complement", "first_attack", "reserve", "use"]
    [gap] = joint.solution["reserve_gaps"]
    assert gap["reserve"] == "kangle"
    assert 4500 < gap["short"] < 5000


def test_two_reserves_for_one_grade_are_refused(rulebook: Rulebook) -> None:
    with pytest.raises((BadInput, ValueError), match="more than one reserve for grade 4"):
        with_dispatch(rulebook, reserve=[*RESERVE, {"grades": [4], "people": 1, "within_minutes": 1}])
