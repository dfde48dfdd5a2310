"""Ask a feed, store what is new, and keep the account of how the feed is doing.

A reading is known by (source, point, valid_at, issued_at). Said again with the same values it changes nothing; with
other values the newest word stands, but a missing value takes back nothing that was known.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlmodel import Session, col

from firewatch.clock import Clock
from firewatch.db import Database, in_turn
from firewatch.weather import heard, raw
from firewatch.weather.feeds import FeedDown, Point, Reading, WeatherFeed
from firewatch.weather.models import FeedStatus, Observation, ValueKind

VALUES = ("temp_c", "rh_pct", "wind_kmh", "gust_kmh", "wind_dir_deg", "rain_mm", "snow_depth_cm")
Key = tuple[str, datetime, datetime]
"""Point, valid_at, issued_at within one source."""


@dataclass(frozen=True)
class Stored:
    """How many readings were new, said something else than before, or said nothing new."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    oldest_at: datetime | None = field(default=None, compare=False)
    """The oldest hour that became known or known better: grades from there on are to be computed again."""


def fetch(
    db: Database,
    feed: WeatherFeed,
    points: Sequence[Point],
    clock: Clock,
    then: Callable[[Session, Stored], None] | None = None,
    keep_raw_days: int = 0,
) -> Stored:
    """Ask the feed for what is missing and store it; no transaction is open while it is being asked.

    `then` is called in the storing transaction: what must follow from new weather happens, or the weather is not
    stored either and comes again. What came over the wire is kept for `keep_raw_days`, also of a fetch that failed.
    Raises FeedDown, after it has been written into the feed's status.
    """
    now = clock.now()
    with db.read() as session:
        known = session.get(FeedStatus, feed.id)
        since = None if known is None else _newest(known, now)
    feed.remind((known and known.memory) or {})
    try:
        readings = feed.fetch(points, since, now)
    except FeedDown as error:
        with db.write() as session:
            status = _status(session, feed, now)
            status.error, status.memory = str(error)[:500], feed.memory()
            raw.keep(session, feed.id, feed.payloads(), now, keep_raw_days)
        raise
    with db.write() as session:
        in_turn_of(session, feed.id)
        stored = store(session, feed.id, readings, now)
        status = _status(session, feed, now)
        _succeeded(status, readings, now)
        status.memory = feed.memory()
        for station in feed.heard():
            heard.note(session, feed.id, station, now)
        raw.keep(session, feed.id, feed.payloads(), now, keep_raw_days)
        if then is not None:
            then(session, stored)
    feed.stored()
    return stored


def in_turn_of(session: Session, source: str) -> None:
    """Let nobody else store weather of a source, or its account, until this transaction ends.

    A logger that has waited too long sends its rows again while the first are being stored, and all loggers send at the
    full hour.
    """
    in_turn(session, f"weather of {source}")


def store(session: Session, source: str, readings: Iterable[Reading], now: datetime) -> Stored:
    """Store readings of one source in bulk; a repeat writes nothing."""
    said = {(reading.point_id, reading.valid_at, reading.issued_at): reading for reading in readings}
    known = _known(session, source, said)
    new = [_row(source, reading, now) for key, reading in said.items() if key not in known]
    changed = [
        (key[1], row)
        for key, (row_id, values) in known.items()
        if (row := _correction(row_id, values, said[key], now)) is not None
    ]
    if new:
        session.execute(insert(Observation), new)
    if changed:
        table = Observation.__table__  # type: ignore[attr-defined]  # SQLModel makes it
        by_id = update(table).where(table.c.id == bindparam("row_id"))
        session.connection().execute(by_id, [row for _, row in changed])
    written = [*(row["valid_at"] for row in new), *(valid_at for valid_at, _ in changed)]
    return Stored(len(new), len(changed), len(said) - len(written), min(written, default=None))


def judge(session: Session, source: str, readings: Iterable[Reading]) -> dict[datetime, str]:
    """Return what storing readings of one point would do, by their hour: stored, replaced or unchanged."""
    said = {(reading.point_id, reading.valid_at, reading.issued_at): reading for reading in readings}
    known = _known(session, source, said)
    words = {key[1]: "stored" for key in said if key not in known}
    for key, (row_id, values) in known.items():
        changed = _correction(row_id, values, said[key], key[1]) is not None
        words[key[1]] = "replaced" if changed else "unchanged"
    return words


def forget_forecasts(session: Session, before: datetime, limit: int = 2000) -> int:
    """Delete at most `limit` forecasts for hours before an instant, long past and never used again; return how many."""
    past = select(Observation.id).where(  # type: ignore[call-overload]  # an int column
        col(Observation.kind) == ValueKind.FORECAST, col(Observation.valid_at) < before
    )
    picked = session.scalars(past.order_by(col(Observation.id)).limit(limit)).all()
    if picked:
        session.execute(delete(Observation).where(col(Observation.id).in_(picked)))
    return len(picked)


def _known(session: Session, source: str, said: Mapping[Key, Reading]) -> dict[Key, tuple[int, tuple[Any, ...]]]:
    """Return id and values of what is already on record of these readings."""
    if not said:
        return {}
    times = [valid_at for _, valid_at, _ in said]
    columns = [
        getattr(Observation, name) for name in ("point_id", "valid_at", "issued_at", "id", "kind", "model", *VALUES)
    ]
    query = select(*columns).where(
        col(Observation.source) == source,
        col(Observation.point_id).in_({point_id for point_id, _, _ in said}),
        col(Observation.valid_at).between(min(times), max(times)),
    )
    rows = (tuple(row) for row in session.execute(query))
    return {row[:3]: (row[3], row[4:]) for row in rows if row[:3] in said}


def _row(source: str, reading: Reading, now: datetime) -> dict[str, Any]:
    return {**vars(reading), "source": source, "fetched_at": now}


def _correction(row_id: int, values: tuple[Any, ...], reading: Reading, now: datetime) -> dict[str, Any] | None:
    """Return what is to be written, or None if it is all on record."""
    kind, model, *numbers = values
    said = {name: getattr(reading, name) for name in VALUES}
    merged = {name: number if said[name] is None else said[name] for name, number in zip(VALUES, numbers, strict=True)}
    if list(merged.values()) == numbers and (reading.kind, reading.model) == (kind, model):
        return None
    return {"row_id": row_id, "kind": reading.kind, "model": reading.model, "fetched_at": now, **merged}


def _status(session: Session, feed: WeatherFeed, now: datetime) -> FeedStatus:
    status = session.get(FeedStatus, feed.id)
    if status is None:
        status = FeedStatus(source=feed.id, kind=feed.kind)
        session.add(status)
    status.kind, status.note, status.last_tried_at = feed.kind, feed.note[:200], now
    return status


def _newest(status: FeedStatus, now: datetime) -> datetime | None:
    """Return the newest hour known; one ahead of now was written by a clock that ran ahead, and says nothing."""
    newest = status.newest_valid_at
    return newest if newest is not None and newest <= now else None


def _succeeded(status: FeedStatus, readings: Iterable[Reading], now: datetime) -> None:
    known = [reading.valid_at for reading in readings if reading.kind is not ValueKind.FORECAST]
    newest = _newest(status, now)
    if newest is not None:
        known.append(newest)
    status.newest_valid_at = max(known, default=None)
    issues = [reading.issued_at for reading in readings if reading.kind is ValueKind.FORECAST]
    status.newest_issued_at = max(issues, default=status.newest_issued_at)
    status.last_success_at, status.error = now, None
