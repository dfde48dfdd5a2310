"""An incident's record on its page: what happened in words, and the notes as they were typed, struck out or not."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from firewatch.incidents import notes, timeline
from firewatch.incidents.models import TimelineEntry
from firewatch.web.console.speech import Names, Speech
from firewatch.web.console.told import told


@dataclass(frozen=True)
class Line:
    """An entry of the record."""

    entry: TimelineEntry
    text: str
    struck: TimelineEntry | None
    """By which a note was struck out."""

    @property
    def is_note(self) -> bool:
        """Whether somebody typed it."""
        return self.entry.kind == notes.NOTE


def build(session: Session, speech: Speech, names: Names, incident_id: int) -> Sequence[Line]:
    """Read the record, the oldest first."""
    everything = timeline.entries(session, incident_id)
    struck = notes.struck(everything)
    return [Line(entry, _text(speech, names, entry), struck.get(entry.id or 0)) for entry in everything]


def _text(speech: Speech, names: Names, entry: TimelineEntry) -> str:
    """Return an entry in words; a note is in the words of whoever wrote it."""
    if entry.kind == notes.NOTE:
        return entry.data["text"]
    return told(speech, names, "timeline", entry.kind, entry.data)
