import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.weather import ingest
from firewatch.weather.feeds import FeedDown, Point, Reading, WeatherFeed
from firewatch.weather.ingest import Stored
from firewatch.weather.models import FeedStatus, Observation, ValueKind

HOUR = timedelta(hours=1)
NOON = datetime(2026, 4, 1, 4, tzinfo=UTC)
POINTS = [Point("forest-1", 35.4, 103.4, 2400)]


def observed(valid_at: datetime = NOON, point_id: str = "forest-1", **values: float | None) -> Reading:
    return Reading(point_id, ValueKind.OBSERVED, valid_at, valid_at, "station", **{"temp_c": 10.0, **values})


def forecast(valid_at: datetime, issued_at: datetime, temp_c: float = 9.0) -> Reading:
    return Reading("forest-1", ValueKind.FORECAST, valid_at, issued_at, "best_match", temp_c)


class Told(WeatherFeed):
    """A feed that answers what the test puts into it and remembers since when it was asked."""

    def __init__(self, *answers: list[Reading] | FeedDown, db: Database | None = None) -> None:
        self.id, self.kind, self.note = "told", "stations", "told by a test"
        self.answers, self.asked_since = list(answers), list[datetime | None]()
        self.confirmed = 0
        self._db = db

    def fetch(self, points: Sequence[Point], since: datetime | None, now: datetime) -> list[Reading]:
        assert list(points) == POINTS
        assert since is None or since <= now
        self.asked_since.append(since)
        if self._db is not None:
            with self._db.write() as session:  # hangs or fails if a transaction were open meanwhile
                session.add(FeedStatus(source="another", kind="stations"))
        answer = self.answers.pop(0)
        if isinstance(answer, FeedDown):
            raise answer
        return answer

    def stored(self) -> None:
        self.confirmed += 1


def stored(db: Database) -> list[Observation]:
    with db.read() as session:
        return list(session.exec(select(Observation).order_by("point_id", "valid_at", "issued_at")))


def store(db: Database, *readings: Reading, source: str = "told", now: datetime = NOON) -> Stored:
    with db.write() as session:
        return ingest.store(session, source, readings, now)


def status(db: Database) -> FeedStatus:
    with db.read() as session:
        return session.get_one(FeedStatus, "told")


def test_a_repeat_changes_nothing(db: Database) -> None:
    readings = [observed(NOON, rain_mm=0.0, rh_pct=31.7), observed(NOON - HOUR), forecast(NOON + HOUR, NOON)]
    assert store(db, *readings) == Stored(new=3)
    before = [row.model_dump() for row in stored(db)]
    assert store(db, *readings, now=NOON + HOUR) == Stored(unchanged=3)
    assert [row.model_dump() for row in stored(db)] == before
    assert before[1]["fetched_at"] == NOON
    assert (before[1]["rain_mm"], before[0]["rain_mm"]) == (0.0, None)


def test_a_corrected_value_replaces_and_a_missing_one_takes_nothing_back(db: Database) -> None:
    store(db, observed(temp_c=10.0, rh_pct=30.0))
    assert store(db, observed(temp_c=11.0, rh_pct=None, rain_mm=0.2), observed(NOON - HOUR), now=NOON + HOUR) == Stored(
        1, 1, 0
    )
    row = stored(db)[1]
    assert (row.temp_c, row.rh_pct, row.rain_mm, row.fetched_at) == (11.0, 30.0, 0.2, NOON + HOUR)
    assert store(db, observed(temp_c=None)) == Stored(unchanged=1)


def test_issues_sources_and_points_are_kept_apart(db: Database) -> None:
    assert store(db, forecast(NOON + HOUR, NOON), forecast(NOON + HOUR, NOON - HOUR)) == Stored(new=2)
    assert store(db, forecast(NOON + HOUR, NOON), source="another") == Stored(new=1)
    assert store(db, observed(), observed(point_id="forest-2")) == Stored(new=2)
    assert len(stored(db)) == 5


def test_said_twice_in_one_answer_the_later_word_stands(db: Database) -> None:
    assert store(db, observed(temp_c=1.0), observed(temp_c=2.0)) == Stored(new=1)
    assert [row.temp_c for row in stored(db)] == [2.0]
    assert store(db) == Stored()


def test_the_status_tells_how_the_feed_is_doing(db: Database) -> None:
    clock = FixedClock(NOON)
    feed = Told([observed(NOON - HOUR), forecast(NOON + HOUR, NOON)], FeedDown("HTTP 502"), [observed(NOON)], [])
    assert ingest.fetch(db, feed, POINTS, clock) == Stored(new=2)
    first = status(db)
    assert (first.kind, first.note, first.error) == ("stations", "told by a test", None)
    assert (first.last_tried_at, first.last_success_at, first.newest_valid_at) == (NOON, NOON, NOON - HOUR)

    later = clock.advance(hours=1)
    with pytest.raises(FeedDown, match="HTTP 502"):
        ingest.fetch(db, feed, POINTS, clock)
    down = status(db)
    assert (down.error, down.last_tried_at, down.last_success_at) == ("HTTP 502", later, NOON)
    assert down.newest_valid_at == NOON - HOUR

    latest = clock.advance(hours=1)
    ingest.fetch(db, feed, POINTS, clock)
    up = status(db)
    assert (up.error, up.last_success_at, up.newest_valid_at) == (None, latest, NOON)
    ingest.fetch(db, feed, POINTS, clock)
    assert status(db).newest_valid_at == NOON
    assert feed.asked_since == [None, NOON - HOUR, NOON - HOUR, NOON]


def test_a_feed_hears_what_was_stored_and_only_that(db: Database) -> None:
    feed, clock = Told([observed()], FeedDown("HTTP 502"), [observed()]), FixedClock(NOON)

    def fails(_session: object, _stored: object) -> None:
        assert feed.confirmed == 0
        raise RuntimeError("no grade")

    with pytest.raises(RuntimeError, match="no grade"):
        ingest.fetch(db, feed, POINTS, clock, fails)
    with pytest.raises(FeedDown):
        ingest.fetch(db, feed, POINTS, clock)
    assert feed.confirmed == 0
    ingest.fetch(db, feed, POINTS, clock)
    assert feed.confirmed == 1


def test_a_clock_that_ran_ahead_hides_no_weather(db: Database) -> None:
    clock = FixedClock(NOON + 900 * HOUR)
    feed = Told([observed(clock.now())], [observed(NOON - HOUR)], [observed(NOON)])
    ingest.fetch(db, feed, POINTS, clock)
    clock.at = NOON
    ingest.fetch(db, feed, POINTS, clock)
    assert status(db).newest_valid_at == NOON - HOUR
    ingest.fetch(db, feed, POINTS, clock)
    assert feed.asked_since == [None, None, NOON - HOUR]


def test_no_transaction_is_open_while_the_feed_is_asked(db: Database) -> None:
    feed = Told([observed()], db=db)
    assert ingest.fetch(db, feed, POINTS, FixedClock(NOON)) == Stored(new=1)


def test_four_years_of_hours_go_through_in_seconds(db: Database) -> None:
    readings = [observed(NOON - number * HOUR, temp_c=float(number % 30)) for number in range(35_064)]
    started = time.monotonic()
    assert store(db, *readings).new == 35_064
    assert store(db, *readings).unchanged == 35_064
    assert store(db, *[replace(reading, rh_pct=40.0) for reading in readings[:2000]]).changed == 2000
    assert time.monotonic() - started < 30
