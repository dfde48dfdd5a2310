"""The bulletin's job, once a day at its hour, and the sweep that alarms when it is late."""

from datetime import datetime

from firewatch.bulletins import draft, record
from firewatch.clock import local_day
from firewatch.jobs.desk import Desk, Job, Sweep
from firewatch.jobs.schedule import DailyAt


def jobs(desk: Desk) -> list[Job]:
    """Return the scheduled job."""
    book = desk.book
    return [Job("bulletin", DailyAt(book.bulletins.make_at, book.alliance.tz), lambda at: _make(desk, at), each=False)]


def sweeps(desk: Desk) -> list[Sweep]:
    """Return the sweep."""
    started = desk.clock.now()
    return [Sweep("bulletin_late", lambda: _late(desk, started))]


def _make(desk: Desk, at: datetime) -> dict[str, str]:
    """Draft the bulletin of the day of the schedule, unless it has one or is out of season."""
    on = local_day(at, desk.book.alliance.tz)
    with desk.db.write() as session:
        record.turn(session)
        past = on < local_day(desk.clock.now(), desk.book.alliance.tz) and not record.begun(session, on)
        there = record.issued(session, on) or record.draft(session, on)
        if past or there or not draft.asked_for(session, desk.book, on):
            return {"said": "no_bulletin", "on": on.isoformat()}
        draft.draw_up(session, desk.clock, desk.book, on)
    return {"said": "bulletin", "on": on.isoformat()}


def _late(desk: Desk, started: datetime) -> int:
    with desk.db.read() as session:
        if not draft.late(session, desk.clock, desk.book, started):
            return 0
    with desk.db.write() as session:
        record.turn(session)
        return draft.alarm(session, desk.clock, desk.book, started)
