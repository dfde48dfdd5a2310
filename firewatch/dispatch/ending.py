"""A fire comes to its end: what is under way, due or asked for because of it ends with it."""

from sqlmodel import Session, select

from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.dispatch import orders
from firewatch.dispatch.models import UNDER_WAY, Order, Plan, PlanState
from firewatch.errors import Conflict
from firewatch.incidents import command, lifecycle, notices, progress
from firewatch.incidents.models import Incident, IncidentState
from firewatch.incidents.timeline import SYSTEM, record
from firewatch.incidents.withdrawal import withdraw
from firewatch.messaging import alarms
from firewatch.messaging.models import SubjectKind
from firewatch.resources.status import DISPATCH
from firewatch.rulebook.read import Rulebook

ANSWERED = frozenset(
    {"unacknowledged", "notice_chase_failed", "placed_again", "order_unseen", "order_chase_failed", "plan_short"}
)
"""Alarms that ask for something a fire which is over no longer needs."""


def change_state(
    session: Session, clock: Clock, book: Rulebook, incident_id: int, new: IncidentState, by: str
) -> Incident:
    """Take an incident to its next state, and to its end with all that hangs on it.

    On a false alarm the orders under way are taken back. Raises NotFound, and Conflict for a step that is not allowed:
    also for closing an incident whose orders are under way, for their people may still be at the fire.
    """
    in_turn(session, DISPATCH)
    incident = progress.hold(session, incident_id)
    lifecycle.check(incident.state, new)
    if new in lifecycle.ENDED:
        given = orders.orders(session, incident_id)
        going = [order for order in given if order.state in UNDER_WAY]
        if going and new == IncidentState.CLOSED:
            raise Conflict(f"orders {', '.join(str(order.id) for order in going)} are under way: release them first")
        _end(session, clock, incident_id, given)
        for order in going:
            orders.take_back(session, clock, book, order, by)
    progress.change_state(session, clock, incident_id, new, by)
    if new == IncidentState.FALSE_ALARM:
        told = notices.call_off(session, clock.now(), book, incident)
        record(session, incident_id, clock.now(), "called_off", by, count=str(told))
    session.flush()
    return incident


def _end(session: Session, clock: Clock, incident_id: int, given: list[Order]) -> None:
    """Stop every timer before what is due is withdrawn: no reminder is written after it."""
    now = clock.now()
    for plan in session.exec(select(Plan).where(Plan.incident_id == incident_id, Plan.state == PlanState.PROPOSED)):
        plan.state, plan.confirm_due_at = PlanState.REPLACED, None
    notices.stop(session, incident_id)
    for post in command.posts(session, incident_id):
        if post.offered_to is not None:
            command.withdraw(session, clock, incident_id, command.Post(post.post), SYSTEM)
    for order in given:
        order.next_step_at = None
        if order.state not in UNDER_WAY:
            withdraw(session, now, SubjectKind.ORDER, order.id or 0)
    withdraw(session, now, SubjectKind.INCIDENT, incident_id)
    for alarm in alarms.open_alarms(session):
        if alarm.incident_id == incident_id and alarm.kind in ANSWERED:
            alarms.close(session, now, alarm.id or 0, SYSTEM)
