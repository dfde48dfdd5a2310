"""The jobs on the way from weather to people: feeds are asked, days are graded, old forecasts forgotten."""

import zlib
from datetime import datetime, timedelta

from sqlmodel import Session

from firewatch.clock import local_day
from firewatch.danger import assess
from firewatch.jobs import runs
from firewatch.jobs.desk import Desk, Job
from firewatch.jobs.schedule import DailyAt, Every
from firewatch.weather import ingest
from firewatch.weather.feeds import Point, WeatherFeed

KEEP_FORECASTS = timedelta(days=14)
"""How long forecasts are kept after their hour; past days are never graded on them."""


def jobs(desk: Desk) -> list[Job]:
    """Return the scheduled jobs."""
    zone = desk.book.alliance.tz
    return [
        *(_weather_job(desk, feed) for feed in desk.feeds),
        Job("danger", DailyAt(desk.book.danger.assess_at, zone), lambda at: _assess(desk, at), each=True),
        Job("tidy", DailyAt(4 * 60, zone), lambda at: _tidy(desk, at), each=False),
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
