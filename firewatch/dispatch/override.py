"""The duty officer changes a proposal: with a reason, on the record, and scored beside what he overrides."""

from collections.abc import Collection, Sequence

from sqlmodel import Session

from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.dispatch import proposals
from firewatch.dispatch.by_hand import BY_HAND, Sent, changed
from firewatch.dispatch.models import Plan, PlanState
from firewatch.dispatch.plan import parse_plan
from firewatch.dispatch.problem import parse_problem
from firewatch.dispatch.snapshot import fire_id
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.incidents import lifecycle, progress
from firewatch.incidents.timeline import record
from firewatch.resources.status import DISPATCH


def override(
    session: Session,
    clock: Clock,
    plan_id: int,
    leave_out: Collection[str],
    send: Sequence[Sent],
    reason: str | None,
    by: str,
) -> Plan:
    """Propose a plan without some of its vehicles and with others; it still has to be confirmed.

    Fires planned with it keep what they have. Raises NotFound, Conflict when the plan is no longer the proposal, and
    BadInput without a reason, without a change, or for a change that does not go.
    """
    in_turn(session, DISPATCH)
    old = session.get(Plan, plan_id)
    if old is None:
        raise NotFound(f"there is no plan {plan_id}")
    if old.state != PlanState.PROPOSED:
        raise Conflict(f"plan {plan_id} is {old.state}: look at the newest one")
    reason = (reason or "").strip()
    if not reason:
        raise BadInput("reason: say why the plan is changed")
    if progress.hold(session, old.incident_id).state in lifecycle.ENDED:
        raise Conflict("the incident is over: nobody needs to go")
    joint = proposals.joint_of(session, old)
    problem, solution = parse_problem(joint.problem), parse_plan(joint.solution)
    if unknown := sorted(set(leave_out) - {trip["vehicle"] for trip in old.trips}):
        raise BadInput(f"leave_out: {', '.join(unknown)} is not in the plan")
    if not leave_out and not send:
        raise BadInput("leave_out: nothing is changed")
    new = changed(problem, solution, fire_id(old.incident_id), leave_out, send)
    stored = proposals.store(session, clock.now(), BY_HAND, problem, new, instead_of=joint, reason=reason)
    for part in proposals.parts(session, joint):
        if part.incident_id != old.incident_id:
            proposals.stands(session, stored, part)
    plan = proposals.propose(session, stored, old.incident_id, old.confirm_due_at)
    said = {"old": str(old.id), "plan": str(plan.id), "reason": reason}
    record(session, old.incident_id, clock.now(), "plan_overridden", by, **said)
    session.flush()
    return plan
