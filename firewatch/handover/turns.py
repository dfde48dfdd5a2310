"""Duty is handed over: a note is written, somebody takes over, and both are on record.

Nobody is ever relieved of duty but by somebody who takes it over, so there is exactly one officer on duty from the
first turn on. Taking over without a note is possible, for the one before may have fallen ill.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.errors import BadInput, Conflict, Refused
from firewatch.handover.models import DutyTurn, HandoverNote

LONGEST_NOTE: Final = 8000
TURN: Final = "duty"


class Overtaken(Conflict):
    """Somebody else has taken over, or the note was changed, since the person looked."""


@dataclass(frozen=True)
class Seen:
    """What a person had before him when he took over: the last turn and its newest note, 0 where there was none."""

    turn: int
    note: int


def current(session: Session) -> DutyTurn | None:
    """Return the turn of whoever is on duty; None while nobody has ever taken over."""
    return session.exec(select(DutyTurn).order_by(col(DutyTurn.number).desc()).limit(1)).first()


def recent(session: Session, limit: int) -> list[DutyTurn]:
    """Return the last turns, the newest first."""
    return list(session.exec(select(DutyTurn).order_by(col(DutyTurn.number).desc()).limit(limit)))


def notes(session: Session, turns: Sequence[DutyTurn]) -> Mapping[int, HandoverNote]:
    """Return the note that counts of each of some turns, by the turn's id; one without a note is left out."""
    ids = [turn.id for turn in turns]
    query = select(HandoverNote).where(col(HandoverNote.turn_id).in_(ids)).order_by(col(HandoverNote.id))
    return {note.turn_id: note for note in session.exec(query)}


def note_of(session: Session, turn: DutyTurn | None) -> HandoverNote | None:
    """Return the note that counts of a turn."""
    return notes(session, [turn]).get(turn.id or 0) if turn else None


def seen(turn: DutyTurn | None, note: HandoverNote | None) -> Seen:
    """Return what a page with this turn and this note shows."""
    return Seen(turn.number if turn else 0, (note.id or 0) if note else 0)


def last_end(session: Session, officer: str) -> datetime | None:
    """Return until when an officer's last turn went, of a turn that lasts its beginning; None: he never had one."""
    mine = select(DutyTurn).where(DutyTurn.officer == officer).order_by(col(DutyTurn.number).desc()).limit(1)
    last = session.exec(mine).first()
    if last is None:
        return None
    after = session.exec(select(DutyTurn).where(DutyTurn.number == last.number + 1)).first()
    return after.taken_at if after else last.taken_at


def write_note(session: Session, clock: Clock, by: str, text: str) -> HandoverNote:
    """Keep the note of whoever is on duty. Raises Refused for anybody else, BadInput when it is empty or too long."""
    in_turn(session, TURN)
    turn = current(session)
    if turn is None or turn.officer != by:
        raise Refused("the handover note is written by the officer on duty: take over first")
    clean = text.replace("\r\n", "\n").strip()
    if not 1 <= len(clean) <= LONGEST_NOTE:
        raise BadInput(f"text: needs 1 to {LONGEST_NOTE} characters, has {len(clean)}")
    note = HandoverNote(turn_id=turn.id or 0, written_at=clock.now(), text=clean)
    session.add(note)
    session.flush()
    return note


def take_over(session: Session, clock: Clock, by: str, had_seen: Seen) -> DutyTurn:
    """Put a person on duty. Raises Overtaken when things are not as he saw them, Conflict when he is on duty already.

    Of two who take over at once the first gets it; the second is told by whom it was taken.
    """
    in_turn(session, TURN)
    last = current(session)
    if seen(last, note_of(session, last)) != had_seen:
        raise Overtaken("duty was taken over, or the note was changed, since you looked: look again")
    if last is not None and last.officer == by:
        raise Conflict("you are on duty already")
    turn = DutyTurn(
        number=last.number + 1 if last else 1,
        officer=by,
        taken_at=clock.now(),
        taken_from=last.officer if last else None,
    )
    session.add(turn)
    session.flush()
    return turn
