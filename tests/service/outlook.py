"""Outlooks in the tests: the made-up season comes in, days are graded, issues are made."""

from datetime import date, timedelta

import numpy as np

from firewatch.adapters.made_up_ensemble import MadeUpEnsemble
from firewatch.adapters.replay import MadeUpSeason
from firewatch.clock import FixedClock, local_day
from firewatch.danger import assess
from firewatch.db import Database
from firewatch.outlook import issue, read
from firewatch.outlook.members import Members
from firewatch.outlook.models import ForecastIssue, ZoneForecast
from firewatch.rulebook.read import Rulebook
from firewatch.weather import ingest
from firewatch.weather.feeds import Point

SOURCES = ["made-up"]


def points(book: Rulebook) -> list[Point]:
    return [Point(p.id, p.lat, p.lon, p.elevation_m) for p in book.points.values()]


def fetch(db: Database, clock: FixedClock, book: Rulebook, history: timedelta = timedelta(days=20)) -> None:
    """What the weather job does."""
    ingest.fetch(
        db,
        MadeUpSeason(history=history),
        points(book),
        clock,
        lambda session, stored: assess.refresh(session, clock, book, SOURCES, stored.oldest_at),
    )


def members(clock: FixedClock, book: Rulebook) -> Members:
    return MadeUpEnsemble().fetch(points(book), clock.now())


def make(db: Database, clock: FixedClock, book: Rulebook, *, daily: bool = True, **given: object) -> ForecastIssue:
    """Make an issue, the day's own if not told otherwise."""
    scheduled_for = clock.now() if daily else None
    with db.read() as session:
        found = issue.foresee(session, clock, book, SOURCES, **given)  # type: ignore[arg-type]  # the caller's own names
    with db.write() as session:
        return issue.store(session, book, found, scheduled_for)


def ahead(db: Database, row: ForecastIssue, scheme: str = "lyt1172") -> dict[tuple[str, date], ZoneForecast]:
    with db.read() as session:
        return read.zone_days(session, row, scheme)


def agreeing(db: Database, clock: FixedClock, book: Rulebook) -> Members:
    """Twelve members that all say what the forecast says."""
    today = local_day(clock.now(), book.alliance.tz)
    with db.read() as session:
        hours = assess.hours(session, clock, book, SOURCES, [today + n * timedelta(days=1) for n in range(8)])
    values = {name: array[:, np.newaxis].repeat(12, axis=1) for name, array in hours.values().items()}
    return Members("all the same", clock.now(), hours.start, values)
