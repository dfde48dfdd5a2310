"""Notes that people type onto an incident's record: never changed; a wrong one is struck out, and stays to be read."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from sqlmodel import Session

from firewatch.clock import Clock
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.incidents import progress
from firewatch.incidents.models import TimelineEntry
from firewatch.incidents.timeline import entries, record

NOTE: Final = "note"
STRUCK: Final = "note_struck"
MOST: Final = 2000
"""Letters of a note."""
MOST_WHY: Final = 200
"""Letters of a reason."""
PRESSED_TWICE: Final = timedelta(minutes=1)
"""The same words of the same person within this time are one note."""


def add(session: Session, clock: Clock, incident_id: int, text: str, by: str) -> TimelineEntry:
    """Put a note on the record, also of an incident that is over. Raises NotFound and BadInput."""
    said = text.replace("\r\n", "\n").strip()
    if not said:
        raise BadInput("text: the note is empty: write what happened")
    if len(said) > MOST:
        raise BadInput(f"text: at most {MOST} letters, these are {len(said)}: make two notes of it")
    progress.hold(session, incident_id)
    now, notes = clock.now(), [entry for entry in entries(session, incident_id) if entry.kind == NOTE]
    last = notes[-1] if notes else None
    if last and last.actor == by and last.data["text"] == said and now - last.at < PRESSED_TWICE:
        return last
    entry = record(session, incident_id, now, "note", by, text=said)
    session.flush()
    return entry


def strike(session: Session, clock: Clock, incident_id: int, note_id: int, why: str, by: str) -> TimelineEntry:
    """Strike a note out: that is an entry of its own. Raises NotFound, BadInput, and Conflict when it was before."""
    why = " ".join(why.split())
    if not why:
        raise BadInput("reason: say why the note is struck out")
    if len(why) > MOST_WHY:
        raise BadInput(f"reason: at most {MOST_WHY} letters")
    progress.hold(session, incident_id)
    everything = entries(session, incident_id)
    note = next((entry for entry in everything if entry.id == note_id and entry.kind == NOTE), None)
    if note is None:
        raise NotFound(f"incident {incident_id} has no note {note_id}")
    if note_id in struck(everything):
        raise Conflict("this note has been struck out already")
    entry = record(session, incident_id, clock.now(), "note_struck", by, note=str(note_id), why=why)
    session.flush()
    return entry


def struck(everything: Iterable[TimelineEntry]) -> Mapping[int, TimelineEntry]:
    """Return by which entry of a record each of its notes was struck out, by the note's id."""
    return {int(entry.data["note"]): entry for entry in everything if entry.kind == STRUCK}
