"""The optimiser's plan takes the quick one's place if it is better; its process may hang, die or talk nonsense."""

import json
import sys
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import col

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import improve, orders, planning, proposals
from firewatch.dispatch import plan as solutions
from firewatch.dispatch.greedy import plan_greedily
from firewatch.dispatch.models import JointPlan, Plan, PlanState
from firewatch.dispatch.problem import parse_problem
from firewatch.dispatch.snapshot import fire_id
from firewatch.dispatch.solve import SOLVER, plan_jointly
from firewatch.dispatch.worker import NoPlan, Worker
from firewatch.errors import Conflict
from firewatch.incidents import timeline
from firewatch.incidents.models import Incident
from firewatch.jobs.dispatch import Optimiser
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.resources import Resources
from tests.build import (
    JISHISHAN,
    KANGLE,
    incident_of,
    joint_of,
    plan_fire,
    prepare,
    report_fire,
    rows,
    set_rows,
    with_dispatch,
)
from tests.service.quiet import desk_of
from tests.unit.dispatch_cases import example


@pytest.fixture
def fires(db: Database, clock: FixedClock, rulebook: Rulebook) -> list[int]:
    prepare(db, rulebook)
    return [incident_of(report_fire(db, clock, rulebook, place=place)) for place in (KANGLE, JISHISHAN)]


def worked_example(fires: list[int]) -> dict[str, Any]:
    """The worked example, its fires F1 and F2 called by their incidents."""
    text = json.dumps(example())
    for name, number in zip(("F1", "F2"), fires, strict=True):
        text = text.replace(f'"{name}"', f'"{fire_id(number)}"')
    document: dict[str, Any] = json.loads(text)
    return document


@pytest.fixture
def quick(db: Database, clock: FixedClock, fires: list[int]) -> int:
    """The quick plan of the worked example, which is not the best, proposed for both fires."""
    problem = parse_problem(worked_example(fires))
    with db.write() as session:
        joint = proposals.store(session, clock.now(), planning.GREEDY, problem, plan_greedily(problem))
        for fire in fires:
            proposals.propose(session, joint, fire, clock.now())
        return joint.id or 0


def proposed(db: Database) -> list[Plan]:
    return rows(db, Plan, col(Plan.state) == PlanState.PROPOSED)


def joint_plans(db: Database) -> set[int]:
    """The numbers of the joint plans that are proposed."""
    return {plan.joint_plan_id for plan in proposed(db)}


def best(fires: list[int]) -> solutions.Plan:
    return plan_jointly(parse_problem(worked_example(fires)), lambda: 60.0)


def test_a_better_plan_takes_the_quick_ones_place(
    db: Database, clock: FixedClock, fires: list[int], quick: int
) -> None:
    found = Worker().solve(worked_example(fires), 20)
    with db.write() as session:
        assert [joint.id for joint in improve.due(session)] == [quick]
        better = improve.improve(session, clock, quick, found)
        assert better is not None
        assert improve.due(session) == []
    assert (better.solver, better.instead_of_id) == (SOLVER, quick)
    assert better.solution["objectives"]["shortage"] == 0
    now = proposed(db)
    assert [(plan.incident_id, plan.joint_plan_id, plan.confirm_due_at) for plan in now] == [
        (fire, better.id, clock.now()) for fire in fires
    ]
    assert [[trip["vehicle"] for trip in plan.trips] for plan in now] == [["C1"], ["D1"]]
    replaced = rows(db, Plan, col(Plan.state) == PlanState.REPLACED)
    assert {(plan.joint_plan_id, plan.confirm_due_at) for plan in replaced} == {(quick, None)}
    with db.read() as session:
        assert timeline.entries(session, fires[0])[-1].kind == "plan_improved"


def test_a_part_that_stays_the_same_stays_proposed(
    db: Database, clock: FixedClock, fires: list[int], quick: int
) -> None:
    found = best(fires)
    first, second = proposed(db)
    to_second = [trip for trip in solutions.dump_plan(found)["trips"] if trip["incident"] == fire_id(fires[1])]
    set_rows(db, Plan, [second.id or 0], trips=to_second)
    with db.write() as session:
        better = improve.improve(session, clock, quick, found)
    assert better is not None
    now = {plan.incident_id: plan for plan in proposed(db)}
    assert now[fires[1]].id == second.id, "the officer who reads it finds it where it was"
    assert now[fires[0]].id != first.id
    assert joint_plans(db) == {better.id}


def test_a_quick_plan_that_is_the_best_is_said_to_be(
    db: Database, clock: FixedClock, rulebook: Rulebook, fires: list[int]
) -> None:
    plan_fire(db, clock, rulebook, fires[0])
    [quick] = rows(db, JointPlan)
    found = plan_greedily(parse_problem(quick.problem))
    with db.write() as session:
        kept = improve.improve(session, clock, quick.id, replace(found, status=solutions.Status.OPTIMAL))
    assert kept is not None
    told = solutions.parse_plan(kept.solution)
    assert (kept.id, told.gap, told.trips) == (quick.id, 0, found.trips)
    assert joint_plans(db) == {quick.id}


def test_what_was_decided_meanwhile_is_left_alone_and_the_rest_is_planned_anew(
    db: Database, clock: FixedClock, fires: list[int], quick: int
) -> None:
    first, second = proposed(db)
    set_rows(db, Plan, [first.id or 0], state=PlanState.CONFIRMED)
    set_rows(db, Incident, fires, plan_due_at=None)
    with db.write() as session:
        assert improve.improve(session, clock, quick, best(fires)) is None
    assert [plan.id for plan in proposed(db)] == [second.id]
    with db.read() as session:
        assert planning.due(session, clock, Resources()) == [fires[1]]


def test_a_plan_that_does_not_hold_is_none(db: Database, clock: FixedClock, fires: list[int], quick: int) -> None:
    found = best(fires)
    found.trips[0].load["B"]["saw"] = 7  # type: ignore[index]  # what is damaged here is made to be read
    with db.write() as session, pytest.raises(NoPlan, match="does not hold"):
        improve.improve(session, clock, quick, found)
    assert joint_plans(db) == {quick}


def test_the_quick_plan_may_be_confirmed_though_a_better_one_has_just_come(
    db: Database, clock: FixedClock, rulebook: Rulebook, fires: list[int]
) -> None:
    seen = plan_fire(db, clock, rulebook, fires[0])
    joint = joint_of(db, seen)
    problem, solution = parse_problem(joint.problem), solutions.parse_plan(joint.solution)
    with db.write() as session:
        fewer = replace(solution, trips=[trip for trip in solution.trips if trip.incident == fire_id(fires[1])])
        proposals.propose(
            session, proposals.store(session, clock.now(), SOLVER, problem, fewer, instead_of=joint), fires[0], None
        )
    with db.write() as session:
        given = orders.confirm(session, clock, rulebook, seen.id or 0, "officer")
    assert [order.vehicle_id for order in given] == [trip["vehicle"] for trip in seen.trips]
    assert [plan.incident_id for plan in proposed(db)] == [fires[1]]
    with db.read() as session:
        in_force = proposals.in_force(session, fires[0])
    assert in_force is not None
    assert (in_force.id, in_force.state) == (seen.id, PlanState.CONFIRMED), "the page shows it, not the better one"
    with db.write() as session, pytest.raises(Conflict):
        orders.confirm(session, clock, rulebook, seen.id or 0, "officer")


def test_each_quick_plan_is_looked_over_once(db: Database, clock: FixedClock, rulebook: Rulebook, quick: int) -> None:
    desk = replace(desk_of(db, clock, rulebook), optimiser=Worker((sys.executable, "-c", "raise SystemExit(1)")))
    sweep = Optimiser(desk)
    assert sweep.run() == 1
    assert joint_plans(db) == {quick}, "the quick plan stands"
    assert sweep.run() == 0
    again = Optimiser(replace(desk, optimiser=Worker()))
    assert again.run() == 1, "a restart asks once more"
    assert {joint.solver for joint in rows(db, JointPlan, col(JointPlan.id).in_(joint_plans(db)))} == {SOLVER}
    assert again.run() == 0


def test_no_seconds_no_optimiser(db: Database, clock: FixedClock, rulebook: Rulebook, quick: int) -> None:
    desk = replace(desk_of(db, clock, with_dispatch(rulebook, optimise_seconds=0)), optimiser=Worker())
    assert Optimiser(desk).run() == 0
    assert joint_plans(db) == {quick}
