"""Who is on duty, the note that is handed over, what is open now and what happened since: as the pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, select

from firewatch.access.models import User
from firewatch.access.permissions import may_act
from firewatch.handover import turns
from firewatch.handover.models import DutyTurn, HandoverNote
from firewatch.web.console import points_view, since_view
from firewatch.web.console.page import Page

HOURS: Final = (12, 24, 72, 168)
"""Spans that may be looked back over."""
FIRST_LOOK: Final = timedelta(hours=24)
"""Of somebody who was never on duty before."""
LONGEST_LOOK: Final = timedelta(days=14)
TURNS: Final = 20


@dataclass(frozen=True)
class TurnRow:
    """A turn as it went on record; `given_with` is the note of the one before, None: there was none."""

    turn: DutyTurn
    officer: str
    taken_from: str
    given_with: HandoverNote | None


@dataclass(frozen=True)
class HandoverView:
    """Everything on the page."""

    turn: DutyTurn | None
    officer: str
    note: HandoverNote | None
    seen: turns.Seen
    mine: bool
    """The reader is on duty."""
    may_take: bool
    points: Sequence[points_view.PointGroup]
    since_at: datetime
    since_why: str
    """Catalogue key: by what the span was chosen."""
    hours: int
    """The span asked for, 0: since the last turn."""
    since: Sequence[since_view.Group]
    turns: Sequence[TurnRow]
    problem: str


def build(session: Session, page: Page, hours: int = 0, problem: str = "") -> HandoverView:
    """Read the handover as one reader needs it."""
    turn = turns.current(session)
    note = turns.note_of(session, turn)
    people = _people(session)
    start, why = _since(session, page, hours)
    mine = turn is not None and turn.officer == page.by
    return HandoverView(
        turn=turn,
        officer=_name(people, turn.officer) if turn else "",
        note=note,
        seen=turns.seen(turn, note),
        mine=mine,
        may_take=page.visitor is not None and may_act(page.visitor.role) and not mine,
        points=points_view.build(session, page),
        since_at=start,
        since_why=why,
        hours=hours,
        since=since_view.build(session, page, start),
        turns=_turns(session, people),
        problem=problem,
    )


def drafted(session: Session, page: Page) -> str:
    """Return the text with which a note begins: the open points."""
    return points_view.as_text(page.speech, points_view.build(session, page))


def _since(session: Session, page: Page, hours: int) -> tuple[datetime, str]:
    now = page.speech.now
    if hours:
        return now - timedelta(hours=hours), "since.hours"
    last = turns.last_end(session, page.by)
    if last is None:
        return now - FIRST_LOOK, "since.never"
    if last < now - LONGEST_LOOK:
        return now - LONGEST_LOOK, "since.long_ago"
    return last, "since.last_turn"


def _turns(session: Session, people: Mapping[str, str]) -> list[TurnRow]:
    found = turns.recent(session, TURNS + 1)
    notes = turns.notes(session, found)
    by_number = {turn.number: turn for turn in found}
    rows = []
    for turn in found[:TURNS]:
        before = by_number.get(turn.number - 1)
        rows.append(
            TurnRow(
                turn=turn,
                officer=_name(people, turn.officer),
                taken_from=_name(people, turn.taken_from) if turn.taken_from else "",
                given_with=notes.get(before.id or 0) if before else None,
            )
        )
    return rows


def _people(session: Session) -> Mapping[str, str]:
    return {user.username: user.display_name for user in session.exec(select(User))}


def _name(people: Mapping[str, str], username: str) -> str:
    return people.get(username, username)
