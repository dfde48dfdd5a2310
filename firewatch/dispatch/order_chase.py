"""An order nobody acknowledges is given again, then to those off duty too, with an alarm on the duty officer's screen.

The timer is the order's `next_step_at`, as a notice's is its own. It ends with a person alarmed, never in silence.
"""

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from firewatch.agencies.roster import deputies, recipients
from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.dispatch.models import Order, OrderState
from firewatch.dispatch.order_texts import agencies, call, tell
from firewatch.incidents import lifecycle
from firewatch.incidents.models import Incident
from firewatch.incidents.timeline import SYSTEM, record
from firewatch.messaging import escalation, outbox
from firewatch.messaging.alarms import close_key, raise_alarm
from firewatch.messaging.escalation import PUT_OFF, after
from firewatch.messaging.models import Message, SubjectKind
from firewatch.resources.status import DISPATCH
from firewatch.rulebook.messages import Messages, Step
from firewatch.rulebook.read import Rulebook


def due(session: Session, now: datetime, rules: Messages, limit: int = 100) -> list[int]:
    """Return the orders whose next step is to be looked at, the longest overdue first."""
    query = select(Order.id).where(_is_due(now, rules)).order_by(col(Order.next_step_at)).limit(limit)
    return [number for number in session.exec(query) if number is not None]


def is_overdue(session: Session, then: datetime) -> bool:
    """Return whether the time of a step had passed at an instant."""
    return session.exec(select(Order.id).where(col(Order.next_step_at) <= then)).first() is not None


def chase(session: Session, clock: Clock, book: Rulebook, order_id: int) -> bool:
    """Take the next step with an order; False when it is no longer due, or not yet."""
    in_turn(session, DISPATCH)
    now, rules = clock.now(), book.messages
    order = session.exec(select(Order).where(Order.id == order_id, _is_due(now, rules))).first()
    if order is None or order.next_step_at is None:
        return False
    later = escalation.later(session, now, rules, order.step, order.next_step_at, *_told(order.id, order.step))
    order.next_step_at = later
    if later is None:
        close_key(session, now, _failed_key(order), SYSTEM)
        _next_step(session, now, book, order)
    session.flush()
    return later is None


def _next_step(session: Session, now: datetime, book: Rulebook, order: Order) -> None:
    if order.state != OrderState.ORDERED or session.get_one(Incident, order.incident_id).state not in lifecycle.OPEN:
        return
    order.step += 1
    take = {Step.REMIND: _tell_again, Step.CALL: _call}.get(book.messages.step(order.step), _last_step)
    take(session, now, book, order)
    order.next_step_at = after(now, book.messages.wait_after(order.step))


def _is_due(now: datetime, rules: Messages) -> ColumnElement[bool]:
    return escalation.is_due(now, rules, Order.next_step_at, *_told(col(Order.id), col(Order.step)))


def _told(order: object, step: object) -> list[ColumnElement[bool]]:
    """Return the condition of an order's messages of one step."""
    return [
        col(Message.subject_kind) == SubjectKind.ORDER,
        col(Message.subject_id) == order,
        col(Message.step) == step,
    ]


def put_off(session: Session, clock: Clock, order_id: int) -> None:
    """Try an order's step, which has failed, again in a few minutes, and tell the duty officer."""
    now, order = clock.now(), session.get_one(Order, order_id)
    order.next_step_at = now + PUT_OFF
    raise_alarm(session, now, "order_chase_failed", _failed_key(order), _names(order), order.incident_id)
    session.flush()


def stop(session: Session, now: datetime, order: Order, by: str) -> None:
    """Somebody has seen the order, or it is over: nobody is asked about it again."""
    order.next_step_at = None
    outbox.take_back_calls(session, now, subject_kind=SubjectKind.ORDER, subject_id=order.id or 0)
    for key in (_alarm_key(order), _failed_key(order)):
        close_key(session, now, key, by)


def _tell_again(session: Session, now: datetime, book: Rulebook, order: Order) -> None:
    on_duty = recipients(session, now, book.alliance.tz)
    for agency_id in agencies(session, order):
        if agency_id in on_duty:  # it may have left the alliance
            zone = book.alliance.tz
            contacts = [on_duty[agency_id].contact, *deputies(session, agency_id, now, zone, on_duty=True)]
            for contact in {contact.id: contact for contact in contacts}.values():
                tell(session, now, book, order, contact, step=order.step)
    record(session, order.incident_id, now, "order_reminded", SYSTEM, order=str(order.id))


def _call(session: Session, now: datetime, book: Rulebook, order: Order) -> None:
    on_duty = recipients(session, now, book.alliance.tz)
    for agency_id in agencies(session, order):
        if agency_id in on_duty:
            call(session, now, book, order, on_duty[agency_id].contact, step=order.step)
    record(session, order.incident_id, now, "order_telephoned", SYSTEM, order=str(order.id))


def _last_step(session: Session, now: datetime, book: Rulebook, order: Order) -> None:
    for agency_id in agencies(session, order):
        for deputy in deputies(session, agency_id, now, book.alliance.tz, on_duty=False):
            tell(session, now, book, order, deputy, step=order.step)
    names = _names(order)
    raise_alarm(session, now, "order_unseen", _alarm_key(order), names, order.incident_id, order.agency_id)
    record(session, order.incident_id, now, "order_escalated", SYSTEM, order=str(order.id), agency=order.agency_id)


def _names(order: Order) -> dict[str, str]:
    return {"order": str(order.id), "incident": str(order.incident_id), "agency": order.agency_id}


def _alarm_key(order: Order) -> str:
    return f"order_unseen:{order.id}"


def _failed_key(order: Order) -> str:
    return f"order_chase_failed:{order.id}"
