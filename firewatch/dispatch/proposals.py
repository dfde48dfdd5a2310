"""A joint plan falls into proposals, one for each fire: each is confirmed, or replaced, by itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from firewatch.dispatch import plan as solutions
from firewatch.dispatch.models import JointPlan, Plan, PlanState
from firewatch.dispatch.problem import Problem, dump_problem
from firewatch.dispatch.snapshot import fire_id


def latest(session: Session, incident_id: int) -> Plan | None:
    """Return the newest plan of an incident, whatever became of it."""
    query = select(Plan).where(Plan.incident_id == incident_id).order_by(col(Plan.id).desc()).limit(1)
    return session.exec(query).first()


def in_force(session: Session, incident_id: int) -> Plan | None:
    """Return the newest plan of an incident that is proposed or confirmed; where none is, the newest of all.

    A quick plan may be confirmed though a better one, which is newer, has taken its place.
    """
    stands = col(Plan.state).in_([PlanState.PROPOSED, PlanState.CONFIRMED])
    query = select(Plan).where(Plan.incident_id == incident_id, stands).order_by(col(Plan.id).desc()).limit(1)
    return session.exec(query).first() or latest(session, incident_id)


def before(session: Session, plan: Plan) -> Plan | None:
    """Return the plan of the same incident that came before a plan."""
    query = select(Plan).where(Plan.incident_id == plan.incident_id, col(Plan.id) < plan.id)
    return session.exec(query.order_by(col(Plan.id).desc()).limit(1)).first()


def joint_of(session: Session, plan: Plan) -> JointPlan:
    """Return the joint plan that a plan is a part of."""
    return session.get_one(JointPlan, plan.joint_plan_id)


def parts(session: Session, joint: JointPlan) -> list[Plan]:
    """Return the plans of single fires that a joint plan consists of, by id."""
    return list(session.exec(select(Plan).where(Plan.joint_plan_id == joint.id).order_by(col(Plan.id))))


def store(
    session: Session,
    now: datetime,
    solver: str,
    problem: Problem,
    solution: solutions.Plan,
    *,
    instead_of: JointPlan | None = None,
    reason: str | None = None,
    kept_out: list[dict[str, Any]] | None = None,
    assumed: dict[str, Any] | None = None,
) -> JointPlan:
    """Store a problem and its answer, which may better an earlier answer or override it for a reason.

    `kept_out` tells who was not free (`pool.free`), `assumed` what was taken for granted of the others (`assumed.of`);
    another answer to the same problem tells both as the first did.
    """
    joint = JointPlan(
        solver=solver,
        problem=dump_problem(problem),
        solution=solutions.dump_plan(solution),
        made_at=now,
        instead_of_id=instead_of.id if instead_of else None,
        reason=reason,
        kept_out=instead_of.kept_out if instead_of else kept_out or [],
        assumed=instead_of.assumed if instead_of else assumed or {},
    )
    session.add(joint)
    session.flush()
    return joint


def propose(session: Session, joint: JointPlan, incident_id: int, confirm_due_at: datetime | None) -> Plan:
    """Propose a fire's part of a joint plan; what was proposed before is replaced.

    Nobody to send is no plan: it is not confirmed by itself, a person has to see it.
    """
    trips = trips_to(joint, incident_id)
    for old in session.exec(select(Plan).where(Plan.incident_id == incident_id, Plan.state == PlanState.PROPOSED)):
        old.state, old.confirm_due_at = PlanState.REPLACED, None
    plan = Plan(
        incident_id=incident_id,
        joint_plan_id=joint.id or 0,
        trips=trips,
        short=bool(shortages(joint, incident_id)),
        made_at=joint.made_at,
        confirm_due_at=confirm_due_at if trips else None,
    )
    session.add(plan)
    session.flush()
    return plan


def stands(session: Session, joint: JointPlan, plan: Plan) -> bool:
    """Let a proposal stand where a new joint plan sends the same to its fire; return whether it does."""
    if plan.state != PlanState.PROPOSED or plan.trips != trips_to(joint, plan.incident_id):
        return False
    plan.joint_plan_id = joint.id or 0
    plan.short = bool(shortages(joint, plan.incident_id))
    session.flush()
    return True


def trips_to(joint: JointPlan, incident_id: int) -> list[dict[str, Any]]:
    """Return the trips of a joint plan that go to one fire."""
    return [trip for trip in joint.solution["trips"] if trip["incident"] == fire_id(incident_id)]


def shortages(joint: JointPlan, incident_id: int) -> Sequence[dict[str, Any]]:
    """Return what a fire lacks by a joint plan."""
    return [gap for gap in joint.solution["shortages"] if gap["incident"] == fire_id(incident_id)]
