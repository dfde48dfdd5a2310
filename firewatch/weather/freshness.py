"""Is anybody telling the weather? Which source is fresh, whose fallback is needed, and the alarms when nobody does.

A source is judged by the newest hour it has told that is no forecast. One that knows only forecasts is judged by its
last good answer, unless that is of an issue too old to grade by, and as a fallback only while it is needed: while at
some point every source before it is silent.

An alarm is raised once in an outage, whoever closes it, and is closed by itself when the source is fresh again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
from sqlmodel import Session, col, func, select

from firewatch.messaging.models import Alarm
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.weather import MetNorwayFeed, StationsFeed
from firewatch.weather import heard, series
from firewatch.weather.archive import NEEDED
from firewatch.weather.models import FeedStatus, StationStatus


class SourceState(StrEnum):
    """How a source stands."""

    FRESH = "fresh"
    STALE = "stale"
    STANDBY = "standby"  # a fallback that nobody needs
    WAITING = "waiting"  # not asked yet


@dataclass(frozen=True)
class Source:
    """A feed as far as its freshness goes."""

    id: str
    kind: str
    forecasts_only: bool = False
    fallback: bool = False
    passive: bool = False


@dataclass(frozen=True)
class SourceView:
    """A source, its account, and how it stands. `newest_at` is the hour, or the answer, by which it is judged."""

    source: Source
    status: FeedStatus | None
    state: SourceState
    newest_at: datetime | None


def sources_of(book: Rulebook) -> list[Source]:
    """Return the feeds of the rulebook, the preferred first."""
    return [
        Source(
            feed.id,
            feed.kind,
            forecasts_only=isinstance(feed, MetNorwayFeed),
            fallback=isinstance(feed, MetNorwayFeed) and feed.fallback_only,
            passive=isinstance(feed, StationsFeed) and feed.folder is None,
        )
        for feed in book.weather.feed
    ]


def stale_after(book: Rulebook) -> timedelta:
    """Return the age from which a newest value is too old."""
    return timedelta(minutes=book.weather.stale_after_minutes)


def unserved(session: Session, now: datetime, book: Rulebook, preferred: Iterable[str]) -> list[str]:
    """Return the points of whose weather something is wanting: no preferred source has told it for too long.

    Each of `NEEDED` counts by itself, measured or analysed, and believed: a station that has nothing but a thermometer,
    and a source whose wind is stuck, leave the rest to the fallback.
    """
    points, listed = list(book.points), list(preferred)
    if not listed:
        return points
    span = _full_hour(now - stale_after(book)), _full_hour(now)
    told = series.hourly(session, points, *span, listed, now, book.weather.quality)
    known = [~np.isnan(getattr(told, name)) & np.isnan(told.issued[name]) for name in NEEDED]
    served = np.all([of_one.any(axis=0) for of_one in known], axis=0)
    return [point for point, whole in zip(points, served, strict=True) if not whole]


def _full_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def preferred_to(sources: Sequence[Source], fallback: str) -> list[str]:
    """Return the sources that come before a fallback, other fallbacks left out."""
    place = [source.id for source in sources].index(fallback)
    return [source.id for source in sources[:place] if not source.fallback]


def overview(session: Session, now: datetime, book: Rulebook, sources: Sequence[Source]) -> list[SourceView]:
    """Return how every source stands, in the order of preference."""
    found = session.exec(select(FeedStatus).where(col(FeedStatus.source).in_([source.id for source in sources])))
    statuses = {status.source: status for status in found}
    views = []
    for source in sources:
        status = statuses.get(source.id)
        newest_at = _newest(source, status, now, book)
        if source.fallback and not unserved(session, now, book, preferred_to(sources, source.id)):
            state = SourceState.STANDBY
        else:
            state = _state(session, source, status, newest_at, now - stale_after(book))
        views.append(SourceView(source, status, state, newest_at))
    return views


def all_away(views: Sequence[SourceView]) -> bool:
    """Return whether there are sources and every one of them is silent."""
    return bool(views) and all(view.state is SourceState.STALE for view in views)


def _newest(source: Source, status: FeedStatus | None, now: datetime, book: Rulebook) -> datetime | None:
    if status is None:
        return None
    newest_at = status.newest_valid_at
    if source.forecasts_only:
        of_use = now - timedelta(hours=book.weather.max_forecast_age_hours)
        issued_at = status.newest_issued_at
        newest_at = issued_at if issued_at is not None and issued_at <= of_use else status.last_success_at
    return heard.believable(newest_at, now)


def _state(
    session: Session, source: Source, status: FeedStatus | None, newest_at: datetime | None, oldest: datetime
) -> SourceState:
    if newest_at is not None and newest_at > oldest:
        return SourceState.FRESH
    if source.passive and newest_at is None:
        expected = select(func.min(StationStatus.expected_since_at)).where(StationStatus.source == source.id)
        since = session.exec(expected).one()
        return SourceState.STALE if since is not None and since <= oldest else SourceState.WAITING
    if status is None or (status.last_tried_at is None and newest_at is None):
        return SourceState.WAITING
    if source.forecasts_only and (status.last_tried_at or oldest) <= oldest:
        return SourceState.WAITING  # needed again, and not asked yet
    return SourceState.STALE


def silent_stations(session: Session, now: datetime, book: Rulebook) -> list[StationStatus]:
    """Return the configured stations that have told nothing for too long."""
    configured, oldest = book.weather.stations(), now - stale_after(book)
    return [
        row
        for row in session.exec(select(StationStatus).order_by(StationStatus.station))
        if row.station in configured and (heard.believable(row.newest_valid_at, now) or row.expected_since_at) <= oldest
    ]


def unexpected(session: Session, book: Rulebook) -> list[str]:
    """Return the configured stations that have no account yet."""
    known = set(session.exec(select(StationStatus.station)))
    return [name for name in book.weather.stations() if name not in known]


def last_alarms(session: Session, keys: Iterable[str]) -> Mapping[str, Alarm]:
    """Return the last alarm under each key, open or closed."""
    found = session.exec(select(Alarm).where(col(Alarm.key).in_(list(keys))).order_by(col(Alarm.id)))
    return {alarm.key: alarm for alarm in found}
