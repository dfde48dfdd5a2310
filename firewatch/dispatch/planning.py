"""A plan falls due, is made, is shown. The due row is `incident.plan_due_at`: a job makes what is due."""

from datetime import datetime, timedelta

from sqlalchemy import exists, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.dispatch.greedy import plan_greedily
from firewatch.dispatch.models import Plan, PlanState
from firewatch.dispatch.plan import dump_plan
from firewatch.dispatch.problem import dump_problem
from firewatch.dispatch.snapshot import snapshot
from firewatch.dispatch.travel import Travel
from firewatch.errors import Conflict
from firewatch.incidents import lifecycle, progress
from firewatch.incidents.models import Incident
from firewatch.incidents.timeline import SYSTEM, record
from firewatch.messaging.alarms import close_key, raise_alarm
from firewatch.resources.models import Crew, Vehicle
from firewatch.resources.models import ResourceStatus as S
from firewatch.resources.status import DISPATCH
from firewatch.rulebook.dispatch import Dispatch
from firewatch.rulebook.read import Rulebook

GREEDY = "greedy/1"


def request_plan(session: Session, clock: Clock, incident_id: int, by: str) -> Incident:
    """Make a new plan due. Raises NotFound, and Conflict when the incident is over."""
    incident = progress.hold(session, incident_id)
    if incident.state in lifecycle.ENDED:
        raise Conflict("the incident is over: there is nothing to plan")
    incident.plan_due_at = clock.now()
    record(session, incident_id, clock.now(), "plan_requested", by)
    session.flush()
    return incident


def due(session: Session, clock: Clock) -> list[int]:
    """Return the incidents whose plan is due, the most urgent first; then those that may now get what they lacked."""
    query = select(Incident.id).where(col(Incident.plan_due_at) <= clock.now()).order_by(col(Incident.plan_due_at))
    asked = [number for number in session.exec(query) if number is not None]
    return asked + [number for number in _hopeful(session) if number not in asked]


def make(session: Session, clock: Clock, book: Rulebook, incident_id: int, travel: Travel | None = None) -> Plan | None:
    """Plan an incident out of who is free now; None when somebody else has just done it or nothing is to be done.

    `travel` knows the minutes; without it they are estimated.
    """
    in_turn(session, DISPATCH)
    incident = progress.hold(session, incident_id)
    if incident.plan_due_at is None and incident_id not in _hopeful(session):
        return None
    if incident.state in lifecycle.ENDED:
        incident.plan_due_at = None
        return None
    problem = snapshot(session, book, incident, travel)
    solution = plan_greedily(problem)
    now = clock.now()
    for old in session.exec(select(Plan).where(Plan.incident_id == incident_id, Plan.state == PlanState.PROPOSED)):
        old.state, old.confirm_due_at = PlanState.REPLACED, None
    plan = Plan(
        incident_id=incident_id,
        solver=GREEDY,
        problem=dump_problem(problem),
        solution=dump_plan(solution),
        short=bool(solution.shortages),
        made_at=now,
        # Nobody to send is no plan: it is not confirmed by itself, a person has to see it.
        confirm_due_at=now + wait if solution.trips and (wait := _confirm_wait(book.dispatch)) is not None else None,
    )
    session.add(plan)
    _alarm(session, now, plan)
    incident.plan_due_at = None
    record(
        session,
        incident_id,
        now,
        "planned",
        SYSTEM,
        trips=str(len(solution.trips)),
        short=str(len(solution.shortages)),
    )
    session.flush()
    return plan


def latest(session: Session, incident_id: int) -> Plan | None:
    """Return the newest plan of an incident, whatever became of it."""
    query = select(Plan).where(Plan.incident_id == incident_id).order_by(col(Plan.id).desc()).limit(1)
    return session.exec(query).first()


def _hopeful(session: Session) -> list[int]:
    """Return the fires that burn with too little sent, and somebody free since their newest plan was made."""
    freed = [
        session.exec(select(func.max(table.status_at)).where(table.active, table.status == S.AVAILABLE)).one()
        for table in (Crew, Vehicle)
    ]
    if not any(freed):
        return []
    newer = aliased(Plan)
    replanned = exists().where(col(newer.incident_id) == col(Plan.incident_id), col(newer.id) > col(Plan.id))
    query = (
        select(Plan.incident_id)
        .join(Incident, col(Incident.id) == col(Plan.incident_id))
        .where(col(Incident.state).in_(sorted(lifecycle.BURNING)))
        .where(Plan.short, Plan.made_at < max(filter(None, freed)), ~replanned)
    )
    return list(session.exec(query.order_by(col(Plan.made_at))))


def _alarm(session: Session, now: datetime, plan: Plan) -> None:
    key = f"plan_short:{plan.incident_id}"
    if plan.short:
        raise_alarm(session, now, "plan_short", key, {"incident": str(plan.incident_id)}, plan.incident_id)
    else:
        close_key(session, now, key, SYSTEM)


def _confirm_wait(rules: Dispatch) -> timedelta | None:
    """How long the duty officer has before the rule confirms; None when only he can."""
    if rules.confirm == "duty_officer":
        return None
    return timedelta(minutes=rules.confirm_after_minutes if rules.confirm == "after_minutes" else 0)
