"""The whole chain done again from far back, piece by piece: nobody is held up for longer than a piece takes.

How far it has come stands in a due row, moved on in the same transaction as each piece. So it may be done by whoever
comes first, the command that brought the weather in or the running service, and goes on where a killed one stopped.
Until the last piece is done, the newest days keep the grades they had.
"""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from firewatch.clock import Clock, day_bounds, local_day
from firewatch.danger import assess
from firewatch.db import in_turn
from firewatch.rulebook.read import Rulebook
from firewatch.weather.models import WeatherChange

CHAIN = "whole:chain"
"""The source of the due row; no feed's weather is meant, but everybody's."""
PIECE_DAYS = 20
"""Days of a transaction: well under a second for a prefecture."""


def begin(session: Session, clock: Clock, book: Rulebook, sources: Sequence[str]) -> date | None:
    """Leave the due row for the whole chain, from the first day that has weather; None when there is none."""
    in_turn(session, assess.CHAIN)
    first = assess.first_of_weather(session, book, sources)
    if first is None:
        return None
    row = _due(session) or WeatherChange(source=CHAIN, changed_at=clock.now(), noted_at=clock.now())
    row.changed_at, row.noted_at = day_bounds(first, book.alliance.tz)[0], clock.now()
    session.add(row)
    session.flush()
    return first


def is_due(session: Session) -> bool:
    """Return whether there is something to do."""
    return _due(session) is not None


def step(session: Session, clock: Clock, book: Rulebook, sources: Sequence[str]) -> date | None:
    """Do the next piece; return the day at which the rest begins, None when all is done."""
    in_turn(session, assess.CHAIN)
    row = _due(session)
    if row is None:
        return None
    on = local_day(row.changed_at, book.alliance.tz)
    rest = assess.piece(session, clock, book, sources, on, PIECE_DAYS)
    if rest is None:
        session.delete(row)
    else:
        row.changed_at = day_bounds(rest, book.alliance.tz)[0]
        session.add(row)
    session.flush()
    return rest


def _due(session: Session) -> WeatherChange | None:
    return session.exec(
        select(WeatherChange).where(WeatherChange.source == CHAIN).order_by(col(WeatherChange.id))
    ).first()
