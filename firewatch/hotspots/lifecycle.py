"""The life of a ticket: which state may follow which, and when its next step is due. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from firewatch.errors import Conflict
from firewatch.hotspots.models import TicketState as S

NEXT: Final[Mapping[S, tuple[S, ...]]] = {
    S.OPEN: (S.CONFIRMED, S.CONTROLLED_BURN, S.FALSE_ALARM, S.ATTACHED, S.MERGED),
    S.CONFIRMED: (),
    S.CONTROLLED_BURN: (),
    S.FALSE_ALARM: (),
    S.ATTACHED: (),
    S.MERGED: (),
}
VERDICTS: Final = (S.CONFIRMED, S.CONTROLLED_BURN, S.FALSE_ALARM)
"""What people may answer."""
OF_A_FIRE: Final = (S.CONFIRMED, S.ATTACHED)
"""Tickets with an incident: as long as it burns they go on growing."""
ASKED, REMINDED, OVERDUE = 1, 2, 3


def check(old: S, new: S) -> None:
    """Raise Conflict when `new` may not follow `old`: an answer stands."""
    if new not in NEXT[old]:
        raise Conflict(f"the hot spot is {old} and cannot become {new}: what was answered stands")


def next_step(now: datetime, deadline_at: datetime, remind_before_minutes: int) -> tuple[int, datetime | None]:
    """Return the step whose time has come, and when the one after it is due; the last has none after it."""
    if now >= deadline_at:
        return OVERDUE, None
    if remind_before_minutes and now >= deadline_at - timedelta(minutes=remind_before_minutes):
        return REMINDED, deadline_at
    return ASKED, first_step_at(deadline_at, remind_before_minutes)


def first_step_at(deadline_at: datetime, remind_before_minutes: int) -> datetime:
    """Return when the first step after the question is due."""
    return deadline_at - timedelta(minutes=remind_before_minutes)


def holds_until(state: S, decided_at: datetime, burn_holds_hours: int) -> datetime:
    """Return until when detections on the same ground are answered by a verdict.

    A burn goes on for hours. Nothing there when somebody looked says nothing about the hour after.
    """
    return decided_at + timedelta(hours=burn_holds_hours) if state is S.CONTROLLED_BURN else decided_at
