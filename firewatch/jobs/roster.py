"""The daily look for gaps in the duty rosters, and the end of an alarm when they are filled."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from firewatch.jobs.desk import Desk, Job, Sweep
from firewatch.jobs.schedule import DailyAt
from firewatch.messaging import roster_gaps

LATE: Final = timedelta(hours=1)
"""When the service slept through the time, nobody is woken by a text: the alarm is on the screen."""


def jobs(desk: Desk) -> list[Job]:
    """Return the daily job."""
    daily = DailyAt(desk.book.messages.roster_check_at, desk.book.alliance.tz)
    return [Job("roster_gaps", daily, lambda at: look(desk, at), each=False)]


def sweeps(desk: Desk) -> list[Sweep]:
    """Return the sweep."""
    return [Sweep("roster_filled", lambda: filled(desk))]


def look(desk: Desk, at: datetime) -> Mapping[str, str]:
    """Tell of the gaps of the next seven days."""
    with desk.db.write() as session:
        in_time = desk.clock.now() - at <= LATE
        return {"said": "roster_gaps", "count": str(roster_gaps.tell(session, desk.clock, desk.book, texts=in_time))}


def filled(desk: Desk) -> int:
    """Close the alarms of gaps that are filled, without a write while none is."""
    with desk.db.read() as session:
        keys = roster_gaps.filled(session, desk.clock, desk.book)
    if not keys:
        return 0
    with desk.db.write() as session:
        return roster_gaps.close(session, desk.clock, keys)
