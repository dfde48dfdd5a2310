"""Hot spots and fires that are known: a ticket near a fire that burns belongs to it, and nobody has to look."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from firewatch.hotspots import tickets
from firewatch.hotspots.models import HotspotDetection, HotspotTicket, TicketState
from firewatch.incidents import intake, matching, timeline
from firewatch.incidents.timeline import SYSTEM
from firewatch.rulebook.read import Rulebook


def burning(session: Session) -> list[matching.Sighting]:
    """Return where and when the fires that burn were first seen."""
    return intake.burning(session)


def near(
    session: Session,
    now: datetime,
    book: Rulebook,
    members: Iterable[HotspotDetection],
    known: list[matching.Sighting] | None = None,
) -> int | None:
    """Return the fire that burns where and when detections lie, by the rule that joins reports; None when none does."""
    rules, sightings = book.dispatch, burning(session) if known is None else known
    found = [
        fire
        for row in members
        for at in (row.acquired_at, now)
        for fire in matching.near(row.lat, row.lon, at, sightings, rules.same_fire_km, rules.same_fire_minutes)
    ]
    return min(found, key=lambda fire: (fire.km, fire.incident_id)).incident_id if found else None


def attach(session: Session, now: datetime, ticket: HotspotTicket, incident_id: int) -> None:
    """Put a ticket to a fire that is known, on both records."""
    tickets.close(session, now, ticket, TicketState.ATTACHED, SYSTEM)
    ticket.incident_id = incident_id
    tickets.write_down(session, now, ticket, "attached", SYSTEM, incident=str(incident_id))
    timeline.record(session, incident_id, now, "hotspot_attached", SYSTEM, hotspot=str(ticket.id))
    session.flush()


def seen_again(session: Session, now: datetime, incident_id: int, count: int) -> None:
    """Put on a fire's record that satellites saw more of it."""
    timeline.record(session, incident_id, now, "hotspot_seen", SYSTEM, count=str(count))


def due(session: Session, now: datetime, book: Rulebook) -> list[tuple[int, int]]:
    """Return the open tickets that lie at a fire which has become known since, each with its fire."""
    waiting = tickets.waiting(session)
    known = burning(session) if waiting else []
    if not known:
        return []
    pairs = (
        (row.id or 0, near(session, now, book, tickets.detections(session, row.id or 0), known)) for row in waiting
    )
    return [(number, fire) for number, fire in pairs if fire is not None]


def attach_due(session: Session, now: datetime, book: Rulebook, ticket_id: int) -> bool:
    """Attach an open ticket to the fire it lies at; False when somebody was quicker, or the fire is over."""
    tickets.turn(session)
    ticket = tickets.get(session, ticket_id)
    if ticket.state is not TicketState.OPEN:
        return False
    fire = near(session, now, book, tickets.detections(session, ticket_id))
    if fire is None:
        return False
    attach(session, now, ticket, fire)
    return True
