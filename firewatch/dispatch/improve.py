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
from firewatch.dispatch import proposals
from firewatch.dispatch.models import JointPlan, Plan, PlanState
from firewatch.dispatch.objectives import evaluate, vector, violations
from firewatch.dispatch.planning import GREEDY
from firewatch.dispatch.problem import Problem, parse_problem
from firewatch.dispatch.snapshot import incident_of
from firewatch.dispatch.solve import SOLVER
from firewatch.dispatch.worker import NoPlan
from firewatch.incidents import progress
from firewatch.incidents.timeline import SYSTEM, record
from firewatch.resources.status import DISPATCH


def due(session: Session, seen: Collection[int] = ()) -> list[JointPlan]:
    """Return the quick plans of which something is proposed, the oldest first, but for those seen before.

    Each is read once: its documents are large, and this is looked at many times a minute.
    """
    proposed = select(Plan.joint_plan_id).where(Plan.state == PlanState.PROPOSED)
    query = select(JointPlan).where(JointPlan.solver == GREEDY, col(JointPlan.id).in_(proposed))
    return list(session.exec(query.where(col(JointPlan.id).not_in(seen)).order_by(col(JointPlan.id))))


def is_unknown(joint: JointPlan) -> bool:
    """Return whether nobody has found out yet how good a quick plan is."""
    return joint.solution.get("gap") is None


def overtaken_by(session: Session, plan: Plan) -> Plan | None:
    """Return the better plan that has taken a quick one's place and is still a proposal; None for any other plan.

    Whoever confirms the quick plan that he has in front of him gets what he saw, though a better one has just come.
    """
    if plan.state != PlanState.REPLACED:
        return None
    newest = proposals.latest(session, plan.incident_id)
    if newest is None or newest.state != PlanState.PROPOSED:
        return None
    joint = proposals.joint_of(session, newest)
    return newest if (joint.solver, joint.instead_of_id) == (SOLVER, plan.joint_plan_id) else None


def improve(session: Session, clock: Clock, joint_id: int, found: solutions.Plan) -> JointPlan | None:
    """Take in what the optimiser found; return the joint plan that is proposed now, None when it came too late.

    A better plan replaces the quick one, and confirms itself no later than that would have. Once a part of it has been
    confirmed, the rest is planned anew out of who is left. Raises NoPlan for a plan that does not hold.
    """
    in_turn(session, DISPATCH)
    old = session.get_one(JointPlan, joint_id)
    parts = proposals.parts(session, old)
    waiting = [part for part in parts if part.state == PlanState.PROPOSED]
    for part in waiting:
        progress.hold(session, part.incident_id)
    if len(waiting) < len(parts) or not waiting:
        for part in waiting:
            progress.hold(session, part.incident_id).plan_due_at = clock.now()
        session.flush()
        return None
    problem, quick = parse_problem(old.problem), solutions.parse_plan(old.solution)
    if wrong := violations(problem, found):
        raise NoPlan(f"its plan does not hold: {wrong[0]}")
    if vector(problem, found.objectives) >= vector(problem, evaluate(problem, quick.trips)):
        gap = 0.0 if found.status is solutions.Status.OPTIMAL else found.gap
        known = replace(quick, gap=gap, proof={**quick.proof, "bound": dict(found.proof)})
        old.solution = solutions.dump_plan(known)
        session.flush()
        return old
    return _replace(session, clock.now(), old, problem, found)


def _replace(session: Session, now: datetime, old: JointPlan, problem: Problem, found: solutions.Plan) -> JointPlan:
    better = proposals.store(session, now, SOLVER, problem, found, instead_of=old)
    parts = {part.incident_id: part for part in proposals.parts(session, old)}
    for fire in problem.incidents:
        number = incident_of(fire.id)
        part = parts.get(number)
        if part is None and not proposals.trips_to(better, number):
            continue
        if part is not None and proposals.stands(session, better, part):
            continue
        plan = proposals.propose(session, better, number, part.confirm_due_at if part else None)
        numbers = {"old": str(part.id if part else "–"), "plan": str(plan.id), "trips": str(len(plan.trips))}
        record(session, number, now, "plan_improved", SYSTEM, **numbers)
    session.flush()
    return better
