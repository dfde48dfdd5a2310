"""The optimiser's plan takes the quick one's place if it is better; its process may hang, die or talk nonsense."""

import sys
import threading
import time
from dataclasses import replace

import pytest
from sqlmodel import select

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import improve, orders, planning
from firewatch.dispatch.greedy import plan_greedily
from firewatch.dispatch.models import Plan, PlanState
from firewatch.dispatch.plan import dump_plan, parse_plan
from firewatch.dispatch.problem import dump_problem, parse_problem
from firewatch.dispatch.solve import SOLVER, plan_jointly
from firewatch.dispatch.worker import NoPlan, Worker
from firewatch.errors import Conflict
from firewatch.incidents import timeline
from firewatch.jobs.dispatch import Optimiser
from firewatch.rulebook.read import Rulebook
from tests.build import incident_of, plan_fire, prepare, report_fire, with_dispatch
from tests.service.quiet import desk_of
from tests.unit.dispatch_cases import example, example_problem


@pytest.fixture
def fire(db: Database, clock: FixedClock, rulebook: Rulebook) -> int:
    prepare(db, rulebook)
    return incident_of(report_fire(db, clock, rulebook))


@pytest.fixture
def quick(db: Database, clock: FixedClock, fire: int) -> int:
    """The quick plan of the worked example, which is not the best."""
    plan = Plan(
        incident_id=fire,
        solver=planning.GREEDY,
        problem=dump_problem(example_problem()),
        solution=dump_plan(plan_greedily(example_problem())),
        made_at=clock.now(),
        confirm_due_at=clock.now(),
    )
    with db.write() as session:
        session.add(plan)
        session.flush()
        return plan.id or 0


def proposals(db: Database, fire: int) -> list[Plan]:
    with db.read() as session:
        return list(session.exec(select(Plan).where(Plan.incident_id == fire, Plan.state == PlanState.PROPOSED)))


def test_a_better_plan_takes_the_quick_ones_place(db: Database, clock: FixedClock, fire: int, quick: int) -> None:
    found = Worker().solve(example(), 20)
    with db.write() as session:
        assert [plan.id for plan in improve.due(session)] == [quick]
        better = improve.improve(session, clock, quick, found)
        assert better is not None
        assert improve.due(session) == []
    [now] = proposals(db, fire)
    assert (now.id, now.solver, now.confirm_due_at) == (better.id, SOLVER, clock.now())
    assert parse_plan(now.solution).objectives.shortage == 0
    with db.read() as session:
        old = session.get_one(Plan, quick)
        assert (old.state, old.confirm_due_at) == (PlanState.REPLACED, None)
        assert timeline.entries(session, fire)[-1].kind == "plan_improved"


def test_a_quick_plan_that_is_the_best_is_said_to_be(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    plan = plan_fire(db, clock, rulebook, fire)
    best = plan_jointly(parse_problem(plan.problem), lambda: 60.0)
    with db.write() as session:
        kept = improve.improve(session, clock, plan.id or 0, best)
    assert kept is not None
    told = parse_plan(kept.solution)
    if kept.id == plan.id:
        assert told.gap == 0
        assert told.trips == parse_plan(plan.solution).trips
    else:
        assert told.status == "optimal"


def test_what_was_decided_meanwhile_is_left_alone(db: Database, clock: FixedClock, fire: int, quick: int) -> None:
    found = plan_jointly(example_problem(), lambda: 60.0)
    with db.write() as session:
        session.get_one(Plan, quick).state = PlanState.CONFIRMED
    with db.write() as session:
        assert improve.improve(session, clock, quick, found) is None
    assert proposals(db, fire) == []


def test_a_plan_that_does_not_hold_is_none(db: Database, clock: FixedClock, fire: int, quick: int) -> None:
    found = plan_jointly(example_problem(), lambda: 60.0)
    found.trips[0].load["B"]["saw"] = 7  # type: ignore[index]  # what is damaged here is made to be read
    with db.write() as session, pytest.raises(NoPlan, match="does not hold"):
        improve.improve(session, clock, quick, found)
    assert [plan.id for plan in proposals(db, fire)] == [quick]


def test_the_quick_plan_may_be_confirmed_though_a_better_one_has_just_come(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    seen = plan_fire(db, clock, rulebook, fire)
    with db.write() as session:
        old = session.get_one(Plan, seen.id)
        old.state = PlanState.REPLACED
        session.add(
            Plan(
                incident_id=fire,
                solver=SOLVER,
                problem=old.problem,
                solution={**old.solution, "trips": old.solution["trips"][:1]},
                made_at=clock.now(),
            )
        )
    with db.write() as session:
        given = orders.confirm(session, clock, rulebook, seen.id or 0, "officer")
    assert [order.vehicle_id for order in given] == [trip["vehicle"] for trip in seen.solution["trips"]]
    assert proposals(db, fire) == []
    with db.write() as session, pytest.raises(Conflict):
        orders.confirm(session, clock, rulebook, seen.id or 0, "officer")


def script(text: str) -> Worker:
    return Worker((sys.executable, "-c", text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import time; time.sleep(60)", "no answer within 0.6 s"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended with -9"),
        ("raise SystemExit('out of memory')", "out of memory"),
        ("print('Running a solver 1.0')", "no plan"),
        ("print('{}')", "no plan: the document: format is missing"),
    ],
)
def test_an_optimiser_that_fails_gives_no_plan(text: str, says: str) -> None:
    with pytest.raises(NoPlan, match=says):
        script(text).solve(example(), 0.3, grace=0.3)


def test_a_stop_of_the_service_ends_the_optimiser_at_once() -> None:
    worker = script("import time; time.sleep(60)")
    stopper = threading.Timer(0.5, worker.stop)
    stopper.start()
    began = time.monotonic()
    with pytest.raises(NoPlan, match="ended with"):
        worker.solve(example(), 50)
    assert time.monotonic() - began < 30
    with pytest.raises(NoPlan, match="stopping"):
        worker.solve(example(), 50)
    stopper.join()


def test_each_quick_plan_is_looked_over_once(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int, quick: int
) -> None:
    desk = replace(desk_of(db, clock, rulebook), optimiser=script("raise SystemExit(1)"))
    sweep = Optimiser(desk)
    assert sweep.run() == 1
    assert [plan.id for plan in proposals(db, fire)] == [quick], "the quick plan stands"
    assert sweep.run() == 0
    again = Optimiser(replace(desk, optimiser=Worker()))
    assert again.run() == 1, "a restart asks once more"
    [now] = proposals(db, fire)
    assert now.solver == SOLVER
    assert again.run() == 0


def test_no_seconds_no_optimiser(db: Database, clock: FixedClock, rulebook: Rulebook, fire: int, quick: int) -> None:
    desk = replace(desk_of(db, clock, with_dispatch(rulebook, optimise_seconds=0)), optimiser=Worker())
    assert Optimiser(desk).run() == 0
    assert [plan.id for plan in proposals(db, fire)] == [quick]
