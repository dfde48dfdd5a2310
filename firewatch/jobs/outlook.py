"""The outlook's jobs: an issue every day and after newer weather, scores once the days have passed.

The ensemble is asked before the transaction begins. When it does not answer, the issue is made without it: it says
why there is no probability, and the next issue asks again.
"""

from datetime import datetime, timedelta

import structlog

from firewatch.clock import local_day
from firewatch.jobs.desk import Desk, Job, Sweep
from firewatch.jobs.schedule import DailyAt, Every
from firewatch.outlook import issue, read, settle
from firewatch.outlook.members import Members
from firewatch.outlook.models import ForecastIssue
from firewatch.weather import raw
from firewatch.weather.feeds import FeedDown, Point

log = structlog.get_logger(__name__)

SCORES_AT = 3 * 60
"""Local minute of the day: yesterday is complete by then, and nobody waits for the machine."""
LOOK = Every(1)
LEAST_WALL_SECONDS = 3.0
"""Of the wall, between two issues that follow newer weather: a fast clock must not make the machine do nothing else."""


def jobs(desk: Desk) -> list[Job]:
    """Return the scheduled jobs."""
    zone = desk.book.alliance.tz
    return [
        Job("outlook", DailyAt(desk.book.outlook.issue_at, zone), lambda at: _daily(desk, at), each=False),
        Job("scores", DailyAt(SCORES_AT, zone), lambda _at: _scores(desk), each=False),
    ]


def sweeps(desk: Desk) -> list[Sweep]:
    """Return the sweep."""
    return [Sweep("outlook_update", Updating(desk).run)]


class Updating:
    """Makes an issue when newer weather asks for one; looks once a minute, so that most ticks cost nothing."""

    def __init__(self, desk: Desk) -> None:
        """Nothing has been looked at yet."""
        self.desk = desk
        self._looked: datetime | None = None
        self._quiet_until: datetime | None = None

    def run(self) -> int:
        """Look, and make an issue if one is due; return how many."""
        now = self.desk.clock.now()
        if self._looked == LOOK.latest(now) or (self._quiet_until is not None and now < self._quiet_until):
            return 0
        made = _update(self.desk)
        # With no weather yet, each tick looks again: the first issue is not to wait for the next minute.
        self._looked = LOOK.latest(now) if made is not None else None
        if made:
            minute = self.desk.clock.real_seconds(timedelta(minutes=1))
            self._quiet_until = now + timedelta(minutes=LEAST_WALL_SECONDS / minute) if minute else None
        return int(bool(made))


def forget_some(desk: Desk) -> int:
    """Forget a few old issues in a transaction of their own; return how many."""
    with desk.db.write() as session:
        return settle.forget(session, desk.clock, desk.book)


def _daily(desk: Desk, at: datetime) -> dict[str, str]:
    row = _issue(desk, at)
    return {"said": "outlook", "members": str(row.members), "from": str(row.state_on or "-")}


def _update(desk: Desk) -> bool | None:
    """Return whether an issue was made; None while there is none at all to follow."""
    with desk.db.read() as session:
        if not issue.due(session, desk.clock, desk.book, desk.sources):
            return None if read.latest(session) is None else False
    _issue(desk, None)
    return True


def _issue(desk: Desk, scheduled_for: datetime | None) -> ForecastIssue:
    members, error = _members(desk)
    with desk.db.read() as session:
        found = issue.foresee(session, desk.clock, desk.book, desk.sources, members, error)
    with desk.db.write() as session:
        if desk.ensemble is not None:
            payloads = desk.ensemble.payloads()
            raw.keep(session, desk.ensemble.id, payloads, desk.clock.now(), desk.book.weather.keep_raw_days)
        return issue.store(session, desk.book, found, scheduled_for)


def _members(desk: Desk) -> tuple[Members | None, str]:
    """Ask the ensemble; without an answer return why there is none."""
    if desk.ensemble is None:
        return None, ""
    points = [Point(p.id, p.lat, p.lon, p.elevation_m) for p in desk.book.points.values()]
    try:
        return desk.ensemble.fetch(points, desk.clock.now()), ""
    except FeedDown as error:
        log.warning("ensemble_away", source=desk.ensemble.id, error=str(error))
        return None, str(error)


def _scores(desk: Desk) -> dict[str, str]:
    with desk.db.read() as session:
        due = settle.due(session, desk.clock, desk.book)
    number = 0
    for on in due:  # each by itself: what is done stays done
        with desk.db.write() as session:
            number += settle.settle(session, desk.clock, on)
    today = local_day(desk.clock.now(), desk.book.alliance.tz)
    return {"said": "scored", "days": str(len(due)), "forecasts": str(number), "on": today.isoformat()}
