"""A plan falls due, is made, is shown. The due row is `incident.plan_due_at`: a job makes what is due.

All fires that lack something are planned together (dispatch.md §4): what one gets another cannot. A fire whose plan is
not due keeps its proposal where the joint plan sends it the same, and is not asked about what it has confirmed.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.dispatch import assumed, moved, proposals
from firewatch.dispatch.greedy import plan_greedily
from firewatch.dispatch.models import JointPlan, Plan, PlanState
from firewatch.dispatch.snapshot import snapshot
from firewatch.dispatch.travel import Travel
from firewatch.errors import Conflict
from firewatch.incidents import lifecycle, progress
from firewatch.incidents.models import Incident
from firewatch.incidents.timeline import SYSTEM, record
from firewatch.messaging.alarms import close_key, raise_alarm
from firewatch.resources import pool
from firewatch.resources.models import Crew, Vehicle
from firewatch.resources.models import ResourceStatus as S
from firewatch.resources.status import DISPATCH
from firewatch.rulebook.dispatch import Dispatch
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.resources import Resources

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


def due(session: Session, clock: Clock, rules: Resources) -> list[int]:
    """Return the incidents whose plan is due, the most urgent first.

    After those that asked for it come those that may now get what they lacked, and those whose proposal counts on
    somebody who is elsewhere by now.
    """
    query = select(Incident.id).where(col(Incident.plan_due_at) <= clock.now()).order_by(col(Incident.plan_due_at))
    asked = [number for number in session.exec(query) if number is not None]
    unasked = [*_hopeful(session), *moved.since_planned(session, clock.now(), rules)]
    return list(dict.fromkeys([*asked, *unasked]))


def make(
    session: Session,
    clock: Clock,
    book: Rulebook,
    incident_id: int,
    travel: Travel | None = None,
    *,
    alone: bool = False,
) -> Plan | None:
    """Plan an incident, and unless `alone` the fires that lack something beside it, out of who is free now.

    `travel` knows the minutes; without it they are estimated. None when somebody else has just done it or nothing is to
    be done.
    """
    in_turn(session, DISPATCH)
    incident = progress.hold(session, incident_id)
    elsewhere = moved.since_planned(session, clock.now(), book.resources).get(incident_id, [])
    asked = incident.plan_due_at is not None or incident_id in _hopeful(session)
    if not asked and not elsewhere:
        return None
    if incident.state in lifecycle.ENDED:
        incident.plan_due_at = None
        return None
    beside = [] if alone else _beside(session, clock, incident_id)
    problem = snapshot(session, clock, book, [incident, *beside], travel)
    free = pool.free(session, clock.now(), book.resources)
    joint = proposals.store(
        session,
        clock.now(),
        GREEDY,
        problem,
        plan_greedily(problem),
        kept_out=free.kept_out,
        assumed=assumed.of(free, clock.now(), book),
    )
    for each in elsewhere:
        data = {"resource": each.resource, "km": f"{each.km:.1f}"}
        record(session, incident_id, clock.now(), "resource_moved", SYSTEM, **data)
    if asked or not _is_settled(session, joint, incident):
        _propose(session, clock, book, joint, incident)
    for fire in beside:
        if fire.plan_due_at is not None or not _is_settled(session, joint, fire):
            _propose(session, clock, book, joint, fire)
    return proposals.latest(session, incident_id)


def _beside(session: Session, clock: Clock, incident_id: int) -> list[Incident]:
    """Return the other fires that lack something: a plan is due or not confirmed yet, or too little was sent."""
    newest = select(func.max(col(Plan.id))).group_by(col(Plan.incident_id))
    query = (
        select(Incident.id)
        .outerjoin(Plan, and_(col(Plan.incident_id) == col(Incident.id), col(Plan.id).in_(newest)))
        .where(col(Incident.state).in_(sorted(lifecycle.OPEN)), Incident.id != incident_id)
        .where(
            or_(
                col(Incident.plan_due_at) <= clock.now(),
                col(Plan.state) == PlanState.PROPOSED,
                and_(col(Plan.short), col(Incident.state).in_(sorted(lifecycle.BURNING))),
            )
        )
        .order_by(col(Incident.id))
    )
    return [progress.hold(session, number) for number in session.exec(query) if number is not None]


def _is_settled(session: Session, joint: JointPlan, fire: Incident) -> bool:
    """Whether a fire that was planned beside another needs no new proposal."""
    newest = proposals.latest(session, fire.id or 0)
    if newest is None or newest.state != PlanState.PROPOSED:
        return not proposals.trips_to(joint, fire.id or 0)
    return proposals.stands(session, joint, newest)


def _propose(session: Session, clock: Clock, book: Rulebook, joint: JointPlan, fire: Incident) -> Plan:
    now, number = clock.now(), fire.id or 0
    wait = _confirm_wait(book.dispatch)
    at = now + wait if wait is not None else None
    old = proposals.latest(session, number)
    if fire.plan_due_at is None and old is not None and old.state == PlanState.PROPOSED:
        # Changed by another fire: that gives this one no more time to burn.
        at = min(filter(None, (old.confirm_due_at, at)), default=None)
    plan = proposals.propose(session, joint, number, at)
    fire.plan_due_at = None
    _alarm(session, now, plan)
    numbers = {"trips": str(len(plan.trips)), "short": str(len(proposals.shortages(joint, number)))}
    record(session, number, now, "planned", SYSTEM, **numbers)
    session.flush()
    return plan


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
