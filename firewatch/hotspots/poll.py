"""Ask a source of hot spots, take in what it saw, and keep the account of how it is doing.

"No fires" is an answer without detections; "no data" is no answer. The account tells them apart.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from firewatch.clock import Clock
from firewatch.db import Database
from firewatch.hotspots import region
from firewatch.hotspots.feed import Answer, HotspotFeed
from firewatch.hotspots.models import HotspotSource
from firewatch.hotspots.take_in import TakenIn, take_in
from firewatch.incidents.timeline import SYSTEM
from firewatch.messaging.alarms import close_key, raise_alarm
from firewatch.rulebook.read import Rulebook
from firewatch.weather import raw
from firewatch.weather.feeds import FeedDown

RAW: Final = "firms:"
"""Before the source's name, where its raw answers are kept."""


def poll(db: Database, feed: HotspotFeed, clock: Clock, book: Rulebook) -> TakenIn:
    """Ask once; no transaction is open meanwhile. Raises FeedDown, after it has been written into the account."""
    now = clock.now()
    try:
        answer = feed.fetch(region.box_of(book.zones, book.hotspots.buffer_km))
    except FeedDown as error:
        with db.write() as session:
            status = _status(session, feed, now)
            status.error = str(error)[:500]
            _silent(session, now, book, status)
            _keep(session, book, feed, now)
        raise
    with db.write() as session:
        taken = take_in(session, clock, book, feed.id, answer.detections)
        _answered(session, _status(session, feed, now), answer, taken, now)
        _keep(session, book, feed, now)
    return taken


def heard_at(status: HotspotSource) -> datetime:
    """Return when a data set last answered; before its first answer, since when it is asked."""
    return status.last_answered_at or status.asked_since_at


def is_silent(status: HotspotSource, now: datetime, book: Rulebook) -> bool:
    """Return whether a data set has not answered for too long."""
    return now - heard_at(status) >= timedelta(minutes=book.hotspots.silent_after_minutes)


def _status(session: Session, feed: HotspotFeed, now: datetime) -> HotspotSource:
    status = session.get(HotspotSource, feed.id)
    if status is None:
        status = HotspotSource(source=feed.id, asked_since_at=now)
        session.add(status)
    status.last_tried_at = now
    return status


def _answered(session: Session, status: HotspotSource, answer: Answer, taken: TakenIn, now: datetime) -> None:
    status.last_answered_at, status.error = now, None
    status.last_detections, status.last_refused = taken.inside, answer.refused
    known = [each.acquired_at for each in answer.detections if each.acquired_at <= now]
    if status.newest_acquired_at is not None:
        known.append(status.newest_acquired_at)
    status.newest_acquired_at = max(known, default=None)
    close_key(session, now, _silent_key(status), SYSTEM)


def _silent(session: Session, now: datetime, book: Rulebook, status: HotspotSource) -> None:
    if is_silent(status, now, book):
        raise_alarm(session, now, "hotspot_feed_silent", _silent_key(status), {"source": status.source})


def _silent_key(status: HotspotSource) -> str:
    return f"hotspot_feed_silent:{status.source}"


def _keep(session: Session, book: Rulebook, feed: HotspotFeed, now: datetime) -> None:
    raw.keep(session, f"{RAW}{feed.id}", feed.payloads(), now, book.weather.keep_raw_days)
