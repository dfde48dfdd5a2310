"""The record of an incident: who did what, when. Append-only."""

from datetime import datetime

from sqlmodel import Session, col, select

from firewatch.incidents.models import TimelineEntry

SYSTEM = "firewatch"
"""The actor of what no person did."""


def record(session: Session, incident_id: int, at: datetime, kind: str, actor: str, **data: str) -> TimelineEntry:
    """Add an entry and return it; `kind` is the catalogue key timeline.<kind> and `data` fills its places."""
    entry = TimelineEntry(incident_id=incident_id, at=at, kind=kind, actor=actor, data=data)
    session.add(entry)
    return entry


def entries(session: Session, incident_id: int) -> list[TimelineEntry]:
    """Return what happened, the oldest first."""
    query = (
        select(TimelineEntry)
        .where(TimelineEntry.incident_id == incident_id)
        .order_by(col(TimelineEntry.at), col(TimelineEntry.id))
    )
    return list(session.exec(query))
