"""Tickets as they are on record: looked up, answered by people, every step written down."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, func, select

from firewatch import i18n
from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.hotspots import lifecycle
from firewatch.hotspots.models import HotspotDetection, HotspotSource, HotspotStep, HotspotTicket, TicketState
from firewatch.incidents import intake, timeline
from firewatch.incidents.intake import NewReport
from firewatch.incidents.models import ReportChannel
from firewatch.messaging import outbox
from firewatch.messaging.alarms import close_key
from firewatch.messaging.models import SubjectKind
from firewatch.rulebook.read import Rulebook

TURN: Final = "hot spots"
LONGEST_NOTE: Final = 500
RECENT: Final = timedelta(hours=48)
"""How far back screens count what was left aside."""


@dataclass(frozen=True)
class Decision:
    """What whoever looked has found."""

    verdict: TicketState
    note: str = ""
    agency: str | None = None
    """Who found the fire; None: the agency that was asked first."""


def turn(session: Session) -> None:
    """Let nobody else change tickets until this transaction ends. Always taken before the turn of fire reports."""
    in_turn(session, TURN)


def get(session: Session, ticket_id: int) -> HotspotTicket:
    """Return a ticket as it is in the database now. Raises NotFound."""
    query = select(HotspotTicket).where(HotspotTicket.id == ticket_id).execution_options(populate_existing=True)
    row = session.exec(query).first()
    if row is None:
        raise NotFound(f"there is no hot spot {ticket_id}")
    return row


def number_of(ticket: HotspotTicket) -> int:
    """Return the number of a ticket that has been flushed."""
    if ticket.id is None:
        raise RuntimeError("a ticket has its number once it is flushed")
    return ticket.id


def waiting(session: Session) -> list[HotspotTicket]:
    """Return the tickets nobody has answered, the nearest deadline first."""
    query = select(HotspotTicket).where(HotspotTicket.state == TicketState.OPEN)
    return list(session.exec(query.order_by(col(HotspotTicket.deadline_at), col(HotspotTicket.id))))


def count_waiting(session: Session) -> int:
    """Return how many tickets nobody has answered."""
    query = select(func.count()).select_from(HotspotTicket).where(HotspotTicket.state == TicketState.OPEN)
    return session.exec(query).one()


def answered(session: Session, limit: int, offset: int = 0) -> list[HotspotTicket]:
    """Return the tickets that are no longer open, the newest first."""
    query = select(HotspotTicket).where(HotspotTicket.state != TicketState.OPEN)
    newest = col(HotspotTicket.opened_at).desc(), col(HotspotTicket.id).desc()
    return list(session.exec(query.order_by(*newest).limit(limit).offset(offset)))


def of_incident(session: Session, incident_id: int) -> list[HotspotTicket]:
    """Return the tickets that belong to a fire."""
    query = select(HotspotTicket).where(HotspotTicket.incident_id == incident_id)
    return list(session.exec(query.order_by(col(HotspotTicket.id))))


def detections(session: Session, ticket_id: int) -> list[HotspotDetection]:
    """Return a ticket's detections, the newest first."""
    query = select(HotspotDetection).where(HotspotDetection.ticket_id == ticket_id)
    newest = col(HotspotDetection.acquired_at).desc(), col(HotspotDetection.id)
    return list(session.exec(query.order_by(*newest)))


def steps(session: Session, ids: Iterable[int]) -> dict[int, list[HotspotStep]]:
    """Return what happened to some tickets, the oldest step first."""
    found: dict[int, list[HotspotStep]] = {number: [] for number in ids}
    query = select(HotspotStep).where(col(HotspotStep.ticket_id).in_(found)).order_by(col(HotspotStep.id))
    for step in session.exec(query):
        found[step.ticket_id].append(step)
    return found


def left_out(session: Session, since: datetime) -> dict[str, int]:
    """Return how many detections since an instant nobody is asked about, by the reason."""
    query = select(HotspotDetection.left_out, func.count()).where(
        col(HotspotDetection.acquired_at) >= since, col(HotspotDetection.left_out).is_not(None)
    )
    rows = session.exec(query.group_by(col(HotspotDetection.left_out)))
    return {str(why): count for why, count in rows if why is not None}


def sources(session: Session) -> list[HotspotSource]:
    """Return how the data sets are doing."""
    return list(session.exec(select(HotspotSource).order_by(col(HotspotSource.source))))


def write_down(session: Session, now: datetime, ticket: HotspotTicket, kind: str, actor: str, **data: str) -> None:
    """Put on record what happened to a ticket; `kind` is the catalogue key hotspot_step.<kind>."""
    session.add(HotspotStep(ticket_id=number_of(ticket), at=now, kind=kind, actor=actor, data=data))


def close(session: Session, now: datetime, ticket: HotspotTicket, new: TicketState, by: str, note: str = "") -> None:
    """Take a ticket to its last state: its timer stops, its alarm is closed, what has not left is taken back.

    Raises Conflict when it is closed already.
    """
    lifecycle.check(ticket.state, new)
    ticket.state, ticket.decided_at, ticket.decided_by, ticket.note = new, now, by, note
    ticket.next_step_at = None
    for key in (late_key(ticket), failed_key(ticket)):
        close_key(session, now, key, by)
    outbox.supersede(session, now, subject_kind=SubjectKind.HOTSPOT, subject_id=number_of(ticket), before_revision=2)
    session.flush()


def late_key(ticket: HotspotTicket) -> str:
    """Return the key of the alarm that nobody has answered."""
    return f"hotspot_unanswered:{ticket.id}"


def failed_key(ticket: HotspotTicket) -> str:
    """Return the key of the alarm that a step failed."""
    return f"hotspot_step_failed:{ticket.id}"


def decide(
    session: Session, clock: Clock, book: Rulebook, ticket_id: int, decision: Decision, by: str
) -> HotspotTicket:
    """Answer a ticket. A confirmed one becomes a fire report, of which every agency is told.

    The same answer by the same person again changes nothing. Raises NotFound, BadInput, and Conflict when it was
    answered otherwise.
    """
    turn(session)
    ticket, note = get(session, ticket_id), _note(decision)
    if ticket.state == decision.verdict and ticket.decided_by == by:
        return ticket
    if ticket.merged_into_id is not None:
        raise Conflict(f"hot spot {ticket_id} is one with hot spot {ticket.merged_into_id}: answer that one")
    lifecycle.check(ticket.state, decision.verdict)
    now = clock.now()
    if decision.verdict == TicketState.CONFIRMED:
        _report(session, clock, book, ticket, decision, by)
    close(session, now, ticket, decision.verdict, by, note)
    write_down(session, now, ticket, decision.verdict, by, note=note, incident=str(ticket.incident_id or ""))
    session.flush()
    return ticket


def _note(decision: Decision) -> str:
    if decision.verdict not in lifecycle.VERDICTS:
        raise BadInput(f"verdict: needs to be one of {', '.join(lifecycle.VERDICTS)}")
    note = " ".join(decision.note.split())
    if len(note) > LONGEST_NOTE:
        raise BadInput(f"note: at most {LONGEST_NOTE} characters")
    if not note and decision.verdict != TicketState.CONFIRMED:
        raise BadInput("note: say who looked and what was found")
    return note


def _report(session: Session, clock: Clock, book: Rulebook, ticket: HotspotTicket, decision: Decision, by: str) -> None:
    """Make the fire report of a ticket; the key keeps one ticket from ever becoming two."""
    finder = decision.agency or next(iter(ticket.asked), None)
    said = " / ".join(
        i18n.text(lang, "hotspot.report", number=ticket.id, count=ticket.detections) for lang in i18n.LANGUAGES
    )
    report = NewReport(
        lat=ticket.lat,
        lon=ticket.lon,
        description=f"{decision.note.strip()} ({said})" if decision.note.strip() else said,
        channel=ReportChannel.SATELLITE,
        agency=finder,
    )
    taken = intake.report_fire(session, clock, book, report, by, key=f"hotspot-{ticket.id}")
    ticket.incident_id, ticket.report_id = taken.incident.id, taken.report.id
    timeline.record(session, taken.report.incident_id, clock.now(), "hotspot_confirmed", by, hotspot=str(ticket.id))
