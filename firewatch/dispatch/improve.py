"""A quick plan is shown at once; the optimiser's takes its place if it is better, and else tells how good the first is.

A plan that was confirmed or replaced meanwhile is left alone: nobody's decision is changed behind his back.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.dispatch import plan as solutions
from firewatch.dispatch.models import Plan, PlanState
from firewatch.dispatch.objectives import evaluate, vector, violations
from firewatch.dispatch.planning import GREEDY, latest
from firewatch.dispatch.problem import parse_problem
from firewatch.dispatch.solve import SOLVER
from firewatch.dispatch.worker import NoPlan
from firewatch.incidents import progress
from firewatch.incidents.timeline import SYSTEM, record
from firewatch.resources.status import DISPATCH


def due(session: Session, seen: Collection[int] = ()) -> list[Plan]:
    """Return the quick plans that are proposed, the oldest first, but for those seen before.

    Each is read once: its documents are large, and this is looked at many times a minute.
    """
    proposed = select(Plan).where(Plan.state == PlanState.PROPOSED, Plan.solver == GREEDY, col(Plan.id).not_in(seen))
    return list(session.exec(proposed.order_by(col(Plan.id))))


def is_unknown(plan: Plan) -> bool:
    """Return whether nobody has found out yet how good a quick plan is."""
    return plan.solution.get("gap") is None


def overtaken_by(session: Session, plan: Plan) -> Plan | None:
    """Return the better plan that has taken a quick one's place and is still a proposal; None for any other plan.

    Whoever confirms the quick plan that he has in front of him gets what he saw, though a better one has just come.
    """
    if (plan.state, plan.solver) != (PlanState.REPLACED, GREEDY):
        return None
    newest = latest(session, plan.incident_id)
    if newest is None or (newest.state, newest.solver) != (PlanState.PROPOSED, SOLVER):
        return None
    return newest if newest.problem == plan.problem else None


def improve(session: Session, clock: Clock, plan_id: int, found: solutions.Plan) -> Plan | None:
    """Take in what the optimiser found; return the plan that is proposed now, None when it came too late.

    A better plan replaces the quick one, and confirms itself no later than that would have. Raises NoPlan for a plan
    that does not hold.
    """
    in_turn(session, DISPATCH)
    old = session.get_one(Plan, plan_id)
    if old.state != PlanState.PROPOSED:
        return None
    progress.hold(session, old.incident_id)
    problem, quick = parse_problem(old.problem), solutions.parse_plan(old.solution)
    if wrong := violations(problem, found):
        raise NoPlan(f"its plan does not hold: {wrong[0]}")
    if vector(problem, found.objectives) >= vector(problem, evaluate(problem, quick.trips)):
        gap = 0.0 if found.status is solutions.Status.OPTIMAL else found.gap
        known = replace(quick, gap=gap, proof={**quick.proof, "bound": dict(found.proof)})
        old.solution = solutions.dump_plan(known)
        session.flush()
        return old
    return _replace(session, clock.now(), old, found)


def _replace(session: Session, now: datetime, old: Plan, found: solutions.Plan) -> Plan:
    old.state = PlanState.REPLACED
    better = Plan(
        incident_id=old.incident_id,
        solver=SOLVER,
        problem=old.problem,
        solution=solutions.dump_plan(found),
        short=bool(found.shortages),
        made_at=now,
        confirm_due_at=old.confirm_due_at,
    )
    old.confirm_due_at = None
    session.add(better)
    session.flush()
    numbers = {"old": str(old.id), "plan": str(better.id), "trips": str(len(found.trips))}
    record(session, old.incident_id, now, "plan_improved", SYSTEM, **numbers)
    session.flush()
    return better
