"""The weekly test of the ways to people, and its end."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from firewatch.errors import Conflict
from firewatch.incidents.progress import open_incidents
from firewatch.jobs.desk import Desk, Job, Sweep
from firewatch.jobs.schedule import WeeklyAt
from firewatch.messaging import comms_tests

LATE: Final = timedelta(hours=1)
"""A test that the service slept through is left out: nobody is to be woken by it."""


def jobs(desk: Desk) -> list[Job]:
    """Return the weekly job, where one is configured."""
    rules = desk.book.messages
    if rules.comms_test_weekday is None:
        return []
    weekly = WeeklyAt(rules.comms_test_weekday, rules.comms_test_at, desk.book.alliance.tz)
    return [Job("comms_test", weekly, lambda at: weekly_test(desk, at), each=False)]


def sweeps(desk: Desk) -> list[Sweep]:
    """Return the sweep."""
    return [Sweep("comms_test_end", lambda: end(desk))]


def weekly_test(desk: Desk, at: datetime) -> Mapping[str, str]:
    """Begin the test of a week, unless its time is long past, a fire burns or another test is under way."""
    if desk.clock.now() - at > LATE:
        return {"said": "comms_test_missed"}
    with desk.db.write() as session:
        if open_incidents(session):
            return {"said": "comms_test_fire"}
        try:
            test = comms_tests.start(session, desk.clock, desk.book, comms_tests.SYSTEM)
        except Conflict:
            return {"said": "comms_test_running"}
        return {"said": "comms_test", "number": str(test.id)}


def end(desk: Desk) -> int:
    """End the test whose time is over."""
    with desk.db.read() as session:
        if not comms_tests.due(session, desk.clock.now()):
            return 0
    with desk.db.write() as session:
        return comms_tests.end(session, desk.clock)
