"""The table of scheduled work: what is done, when, and by which function.

A *job* runs at the instants of its schedule, each run a row that can happen once. A *sweep* looks for due rows at every
tick (messages, plans, escalations): its timers are the rows themselves, so a lost tick loses nothing.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlmodel import Session

from firewatch.clock import Clock, local_day
from firewatch.danger import assess
from firewatch.db import Database
from firewatch.dispatch import order_chase, orders, planning
from firewatch.errors import Conflict
from firewatch.incidents import notices
from firewatch.incidents.timeline import SYSTEM
from firewatch.jobs import runs
from firewatch.jobs.schedule import DailyAt, Every, Schedule
from firewatch.messaging.chase import Chaser
from firewatch.messaging.sender import Sender
from firewatch.rulebook.read import Rulebook
from firewatch.weather import ingest
from firewatch.weather.feeds import Point, WeatherFeed

log = structlog.get_logger(__name__)

KEEP_FORECASTS = timedelta(days=14)
"""How long forecasts are kept after their hour; past days are never graded on them."""


@dataclass(frozen=True)
class Desk:
    """What the jobs work with."""

    db: Database
    clock: Clock
    book: Rulebook
    feeds: Sequence[WeatherFeed]
    sender: Sender
    chaser: Chaser

    @property
    def sources(self) -> list[str]:
        """The feeds' ids, the preferred first."""
        return [feed.id for feed in self.feeds]


@dataclass(frozen=True)
class Job:
    """Work at the instants of a schedule.

    `run` gets the instant and says what it did: a catalogue key `job_result.<said>` and its places.
    """

    name: str
    schedule: Schedule
    run: Callable[[datetime], Mapping[str, str]]
    each: bool
    """Whether every missed instant is caught up, or only the latest."""


@dataclass(frozen=True)
class Sweep:
    """A look for due rows; `run` answers how many there were."""

    name: str
    run: Callable[[], int]


def jobs(desk: Desk) -> list[Job]:
    """Return the scheduled jobs."""
    return [
        *(_weather_job(desk, feed) for feed in desk.feeds),
        Job(
            "danger",
            DailyAt(desk.book.danger.assess_at, desk.book.alliance.tz),
            lambda at: _assess(desk, at),
            each=True,
        ),
        Job("tidy", DailyAt(4 * 60, desk.book.alliance.tz), lambda at: _tidy(desk, at), each=False),
    ]


def sweeps(desk: Desk) -> list[Sweep]:
    """Return the sweeps."""
    return [
        Sweep("plan", lambda: _plan(desk)),
        Sweep("send", lambda: len(desk.sender.kick())),
        Sweep("escalate", lambda: _escalate(desk)),
        Sweep("chase", desk.chaser.reconcile),
        Sweep("receipts", desk.chaser.receipts),
    ]


def _weather_job(desk: Desk, feed: WeatherFeed) -> Job:
    every = desk.book.weather.fetch_every_minutes
    # Every feed has its own minute, so that not all installations of the world ask at the full hour.
    schedule = Every(every, offset_minutes=zlib.crc32(feed.id.encode()) % every)
    return Job(f"weather:{feed.id}", schedule, lambda _at: _fetch(desk, feed), each=False)


def _fetch(desk: Desk, feed: WeatherFeed) -> dict[str, str]:
    points = [Point(p.id, p.lat, p.lon, p.elevation_m) for p in desk.book.points.values()]
    stored = ingest.fetch(desk.db, feed, points, desk.clock, lambda session, stored: _regrade(desk, session, stored))
    return {"said": "weather", "new": str(stored.new), "changed": str(stored.changed)}


def _regrade(desk: Desk, session: Session, stored: ingest.Stored) -> None:
    if stored.new or stored.changed:
        assess.refresh(session, desk.clock, desk.book, desk.sources, stored.oldest_at)


def _assess(desk: Desk, at: datetime) -> dict[str, str]:
    on = local_day(at, desk.book.alliance.tz)
    with desk.db.read() as session:
        if assess.settled(session, desk.clock, desk.book, on):
            return {"said": "on_record", "on": on.isoformat()}
    with desk.db.write() as session:
        assess.assess(session, desk.clock, desk.book, desk.sources, on)
    return {"said": "assessed", "on": on.isoformat()}


def _tidy(desk: Desk, at: datetime) -> dict[str, str]:
    with desk.db.write() as session:
        runs.forget_old(session, at)
    forgotten = 0
    # In small pieces: a fire report must not wait until a year of forecasts is gone.
    while number := _forget_some(desk, at - KEEP_FORECASTS):
        forgotten += number
    return {"said": "tidied", "forecasts": str(forgotten)}


def _forget_some(desk: Desk, before: datetime) -> int:
    with desk.db.write() as session:
        return ingest.forget_forecasts(session, before)


def _plan(desk: Desk) -> int:
    with desk.db.read() as session:
        due, to_confirm = planning.due(session, desk.clock), orders.confirm_due(session, desk.clock)
    return _each(
        *(partial(_make_plan, desk, incident_id) for incident_id in due),
        *(partial(_confirm, desk, plan_id) for plan_id in to_confirm),
    )


def _each(*calls: Callable[[], object]) -> int:
    """Make every call, also after one that raised, and then raise its error: no fire waits for another's trouble."""
    errors: list[Exception] = []
    for call in calls:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - raised below
            errors.append(error)
    if errors:
        raise errors[0]
    return len(calls)


def _make_plan(desk: Desk, incident_id: int) -> None:
    with desk.db.write() as session:
        planning.make(session, desk.clock, desk.book, incident_id)


def _confirm(desk: Desk, plan_id: int) -> None:
    try:
        with desk.db.write() as session:
            orders.confirm(session, desk.clock, desk.book, plan_id, SYSTEM)
    except Conflict as error:
        log.info("plan_overtaken", plan=plan_id, reason=str(error))
        with desk.db.write() as session:
            orders.give_up(session, desk.clock, plan_id)


def _escalate(desk: Desk) -> int:
    # Apart from `chase`: a provider that does not answer must not hold an escalation up.
    with desk.db.read() as session:
        silent, unseen = notices.due(session, desk.clock.now()), order_chase.due(session, desk.clock.now())
    for number in silent:
        _step(desk, notices.chase, notices.put_off, number)
    for number in unseen:
        _step(desk, order_chase.chase, order_chase.put_off, number)
    return len(silent) + len(unseen)


def _step(
    desk: Desk,
    chase: Callable[[Session, Clock, Rulebook, int], bool],
    put_off: Callable[[Session, Clock, int], None],
    number: int,
) -> None:
    """Take one row's next step in a transaction of its own; one that fails is put off and stops nobody else."""
    try:
        with desk.db.write() as session:
            chase(session, desk.clock, desk.book, number)
    except Exception:
        log.exception("chase_failed", of=chase.__module__, row=number)
        with desk.db.write() as session:
            put_off(session, desk.clock, number)
