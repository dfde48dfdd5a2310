"""Whoever was asked and has not answered is asked again; past the deadline the duty officer is alarmed.

The timer is the ticket's `next_step_at`. An unanswered ticket stays open, however long: nothing is dropped in silence.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from firewatch.clock import Clock
from firewatch.hotspots import ask, lifecycle, tickets
from firewatch.hotspots.models import HotspotTicket, TicketState
from firewatch.incidents.timeline import SYSTEM
from firewatch.messaging.alarms import close_key, raise_alarm
from firewatch.rulebook.read import Rulebook

PUT_OFF: Final = timedelta(minutes=5)
"""After which a step that failed is tried again."""


def due(session: Session, now: datetime, limit: int = 100) -> list[int]:
    """Return the open tickets whose time has passed, the longest overdue first."""
    query = select(HotspotTicket.id).where(
        HotspotTicket.state == TicketState.OPEN, col(HotspotTicket.next_step_at) <= now
    )
    rows = session.exec(query.order_by(col(HotspotTicket.next_step_at), col(HotspotTicket.id)).limit(limit))
    return [number for number in rows if number is not None]


def chase(session: Session, clock: Clock, book: Rulebook, ticket_id: int) -> bool:
    """Take a ticket's next step; False when it is no longer due."""
    tickets.turn(session)
    now, ticket = clock.now(), tickets.get(session, ticket_id)
    if ticket.state is not TicketState.OPEN or ticket.next_step_at is None or ticket.next_step_at > now:
        return False
    close_key(session, now, tickets.failed_key(ticket), SYSTEM)
    step, ticket.next_step_at = lifecycle.next_step(now, ticket.deadline_at, book.hotspots.remind_before_minutes)
    if step > ticket.step:
        ticket.step = step
        _take(session, now, book, ticket)
    session.flush()
    return True


def _take(session: Session, now: datetime, book: Rulebook, ticket: HotspotTicket) -> None:
    if ticket.step == lifecycle.REMINDED:
        ask.again(session, now, book, ticket, "sms.hotspot_again")
        tickets.write_down(session, now, ticket, "reminded", SYSTEM)
        return
    ask.again(session, now, book, ticket, "sms.hotspot_late")
    agency = next(iter(ticket.asked), book.alliance.duty_agency)
    params = {"hotspot": str(ticket.id), "agency": agency}
    raise_alarm(session, now, "hotspot_unanswered", tickets.late_key(ticket), params, agency_id=agency)
    tickets.write_down(session, now, ticket, "overdue", SYSTEM)


def put_off(session: Session, clock: Clock, ticket_id: int) -> None:
    """Try a ticket's step, which has failed, again in a few minutes, and tell the duty officer."""
    tickets.turn(session)
    now, ticket = clock.now(), tickets.get(session, ticket_id)
    ticket.next_step_at = now + PUT_OFF
    raise_alarm(session, now, "hotspot_step_failed", tickets.failed_key(ticket), {"hotspot": str(ticket.id)})
    session.flush()
