"""Grades in the tests: ten days of weather that nobody measured, and what is on record of them."""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlmodel import delete

from firewatch.clock import FixedClock, day_bounds
from firewatch.danger import assess
from firewatch.danger.models import PointDay, ZoneGrade
from firewatch.db import Database
from firewatch.rulebook.read import Rulebook
from firewatch.weather import ingest
from firewatch.weather.feeds import Reading
from firewatch.weather.models import ValueKind
from tests.build import rows

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = date(2026, 4, 1)
SOURCES = ["feed"]
WHEN = {"id", "assessed_at"}
"""What may differ between two assessments of the same weather."""


def at(on: date, hour: int = 0) -> datetime:
    """An hour of a local day."""
    return datetime(on.year, on.month, on.day, tzinfo=UTC) + (hour - 8) * HOUR


def season(
    book: Rulebook, first: date, last: datetime, *, points: Iterable[str] | None = None, warmer: float = 0.0
) -> list[Reading]:
    """Hourly weather up to an instant, the same for the same hour whenever it is asked for."""
    readings, start = [], day_bounds(first, book.alliance.tz)[0]
    for point in points or book.points:
        for number in range((last - start) // HOUR):
            valid_at = start + (number + 1) * HOUR
            chance = random.Random(f"{point} {valid_at}")  # noqa: S311 - made-up weather
            rain = chance.choice([1.2, 4.0]) if chance.random() < 0.02 else 0.0
            temp_c = 8 + warmer + 8 * ((valid_at.hour + 8) % 24 > 9) + chance.random()
            readings.append(
                observed(point, valid_at, temp_c, 30 + 20 * chance.random(), 5 + 15 * chance.random(), rain)
            )
    return readings


def observed(
    point: str, valid_at: datetime, temp_c: float, rh_pct: float, wind_kmh: float, rain_mm: float | None
) -> Reading:
    return Reading(
        point,
        ValueKind.OBSERVED,
        valid_at,
        valid_at,
        "station",
        temp_c=temp_c,
        rh_pct=rh_pct,
        wind_kmh=wind_kmh,
        rain_mm=rain_mm,
    )


def store(db: Database, clock: FixedClock, readings: Sequence[Reading]) -> ingest.Stored:
    with db.write() as session:
        return ingest.store(session, "feed", readings, clock.now())


def run(
    db: Database, clock: FixedClock, book: Rulebook, on: date = TODAY, sources: Sequence[str] = tuple(SOURCES)
) -> None:
    with db.write() as session:
        assess.assess(session, clock, book, sources, on)


def refresh(db: Database, clock: FixedClock, book: Rulebook, stored: ingest.Stored) -> None:
    with db.write() as session:
        assess.refresh(session, clock, book, SOURCES, stored.oldest_at)


def facts(db: Database) -> dict[tuple[str, ...], dict[str, object]]:
    """Everything on record but when it was written, bit by bit."""
    found: dict[tuple[str, ...], dict[str, object]] = {}
    for row in rows(db, PointDay):
        found["point", row.point_id, str(row.on)] = row.model_dump(exclude=WHEN)
    for row in rows(db, ZoneGrade):
        found["zone", row.zone_id, row.scheme, str(row.on)] = row.model_dump(exclude=WHEN)
    return found


def forget(db: Database) -> None:
    """Every grade is gone, as if none had ever been computed; the weather stays."""
    with db.write() as session:
        for table in (PointDay, ZoneGrade):
            session.exec(delete(table))


def grades(db: Database, scheme: str = "lyt1172", on: date = TODAY) -> dict[str, ZoneGrade]:
    with db.read() as session:
        return assess.grades_on(session, on, scheme)
