"""The look after the sources: grades that follow from what stations sent, alarms of silent sources, old raw answers.

Which feed is asked, and a fallback only where it is needed, is decided here as well.
"""

import zlib
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from firewatch.danger import assess, rechain
from firewatch.jobs.desk import Desk, Job, Sweep
from firewatch.jobs.schedule import Every
from firewatch.rulebook.read import Rulebook
from firewatch.weather import freshness, ingest, rain_totals, raw, silence
from firewatch.weather.feeds import Point, WeatherFeed
from firewatch.weather.freshness import Source
from firewatch.weather.models import WeatherChange

MINUTE, HOUR = Every(1), Every(60)


def jobs(desk: Desk) -> list[Job]:
    """Return the jobs that ask the feeds."""
    return [_weather_job(desk, feed) for feed in desk.feeds if not feed.passive]


def sweeps(desk: Desk) -> list[Sweep]:
    """Return the sweeps."""
    return [Sweep("regrade", lambda: regrade(desk)), Sweep("freshness", Watch(desk).run)]


def schedule(book: Rulebook, feed_id: str) -> Every:
    """Return when a feed is asked."""
    return own_minute(book, feed_id, book.weather.fetch_every_minutes)


def own_minute(book: Rulebook, feed_id: str, every: int) -> Every:
    """Return a grid for a feed that differs by installation: not all of them are to ask one service at one minute."""
    name = f"{book.alliance.name_zh}|{book.alliance.duty_agency}|{feed_id}"
    return Every(every, offset_minutes=zlib.crc32(name.encode()) % every)


def job_name(feed_id: str) -> str:
    """Return the name of the job that asks a feed."""
    return f"weather:{feed_id}"


def sources(desk: Desk) -> list[Source]:
    """Return the feeds at work, the preferred first: those of the rulebook, or the replay that stands for them."""
    known = {source.id: source for source in freshness.sources_of(desk.book)}
    return [known.get(feed.id, Source(feed.id, feed.kind)) for feed in desk.feeds]


def _weather_job(desk: Desk, feed: WeatherFeed) -> Job:
    run = schedule(desk.book, feed.id)
    return Job(f"weather:{feed.id}", run, lambda _at: _fetch(desk, feed), each=False)


def _fetch(desk: Desk, feed: WeatherFeed) -> dict[str, str]:
    points = [Point(p.id, p.lat, p.lon, p.elevation_m) for p in desk.book.points.values()]
    listed = sources(desk)
    if any(source.fallback for source in listed if source.id == feed.id):
        with desk.db.read() as session:
            preferred = freshness.preferred_to(listed, feed.id)
            needed = set(freshness.unserved(session, desk.clock.now(), desk.book, preferred))
        points = [point for point in points if point.id in needed]
        if not points:
            return {"said": "standing_by"}
    stored = ingest.fetch(
        desk.db,
        feed,
        points,
        desk.clock,
        lambda session, stored: _regrade(desk, session, stored),
        keep_raw_days=desk.book.weather.keep_raw_days,
    )
    return {"said": "weather", "new": str(stored.new), "changed": str(stored.changed)}


def _regrade(desk: Desk, session: Session, stored: ingest.Stored) -> None:
    if stored.new or stored.changed:
        assess.refresh(session, desk.clock, desk.book, desk.sources, stored.oldest_at)


def regrade(desk: Desk) -> int:
    """Do the grades again that hang on what came in outside a job; return how many changes there were."""
    with desk.db.read() as session:
        if session.exec(select(WeatherChange.id).limit(1)).first() is None:
            return 0
        whole_chain = rechain.is_due(session)
    if whole_chain:
        with desk.db.write() as session:
            rechain.step(session, desk.clock, desk.book, desk.sources)
    with desk.db.write() as session:
        due = list(session.exec(select(WeatherChange).where(WeatherChange.source != rechain.CHAIN)))
        if due:
            assess.refresh(session, desk.clock, desk.book, desk.sources, min(row.changed_at for row in due))
            # Those that came in meanwhile are not among these, and stay due.
            session.exec(delete(WeatherChange).where(col(WeatherChange.id).in_([row.id for row in due])))
    return len(due) + whole_chain


class Watch:
    """Looks once a minute whether a source has fallen silent or speaks again; writes only what has changed.

    While all are silent nothing comes in that would have grades done again: they are, every hour, so that none outlives
    what it rests on.
    """

    def __init__(self, desk: Desk) -> None:
        """Nothing has been looked at yet."""
        self.desk = desk
        self._looked: datetime | None = None
        self._graded: datetime | None = None

    def run(self) -> int:
        """Look if a minute has passed; return how much was written."""
        desk, minute = self.desk, MINUTE.latest(self.desk.clock.now())
        if minute == self._looked:
            return 0
        listed = sources(desk)
        with desk.db.read() as session:
            due = freshness.unexpected(session, desk.book) or silence.look(session, desk.clock, desk.book, listed)
            away = freshness.all_away(freshness.overview(session, desk.clock.now(), desk.book, listed))
        changed = self._grade(HOUR.latest(minute)) if away else 0
        if due:
            with desk.db.write() as session:
                changed += silence.settle(session, desk.clock, desk.book, listed)
        self._looked = minute
        return changed

    def _grade(self, hour: datetime) -> int:
        if hour == self._graded:
            return 0
        desk = self.desk
        with desk.db.write() as session:
            assess.refresh(session, desk.clock, desk.book, desk.sources, None)
        self._graded = hour
        return 1


def tidy(desk: Desk, now: datetime, keep_totals: timedelta) -> int:
    """Forget raw answers and rain totals whose days are over, in small pieces; return how many raw answers."""
    forgotten = 0
    while number := _forget_some(desk, now, keep_totals):
        forgotten += number
    return forgotten


def _forget_some(desk: Desk, now: datetime, keep_totals: timedelta) -> int:
    with desk.db.write() as session:
        rain_totals.forget(session, now - keep_totals)
        return raw.forget(session, now, desk.book.weather.keep_raw_days)
