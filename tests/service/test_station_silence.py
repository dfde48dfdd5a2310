"""Own stations that fall silent, whichever way they send, and clocks that make it look so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from firewatch.adapters.stations import StationsFolder
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.jobs import sources
from firewatch.messaging.alarms import open_alarms
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.weather import StationsFeed
from firewatch.weather import freshness
from firewatch.weather.freshness import SourceState
from firewatch.weather.station_posts import StationMessage, receive
from tests.build import prepare
from tests.service.quiet import Quiet, desk_of

NOON = datetime(2026, 4, 1, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
STALE = 240


@pytest.fixture
def book(rulebook: Rulebook) -> Rulebook:
    feed = StationsFeed(kind="stations", id="stations", stations={"ST-1": "kangle", "ST-2": "hezheng"})
    return replace(rulebook, weather=rulebook.weather.model_copy(update={"feed": [feed]}))


def test_stations_that_were_never_heard_and_that_fell_silent(db: Database, clock: FixedClock, book: Rulebook) -> None:
    prepare(db, book)
    quiet = Quiet("stations", "stations")
    desk = desk_of(db, clock, book, quiet)
    watch = sources.Watch(desk)
    listed = freshness.sources_of(book)

    def state() -> SourceState:
        with db.read() as session:
            return freshness.overview(session, clock.now(), book, listed)[0].state

    assert watch.run() == 2, "their account begins"
    assert state() is SourceState.WAITING
    clock.advance(minutes=STALE - 1)
    assert watch.run() == 0
    clock.advance(minutes=1)
    assert watch.run() == 4 + 1, "four alarms, and the grades of the hour"
    assert state() is SourceState.STALE
    assert open_kinds(db) == ["station_silent", "station_silent", "weather_gone", "weather_stale"]
    hear(db, clock, book, "ST-1")
    assert state() is SourceState.FRESH
    clock.advance(minutes=1)
    assert watch.run() == 3
    assert open_kinds(db) == ["station_silent"]
    with db.read() as session:
        assert [row.station for row in freshness.silent_stations(session, clock.now(), book)] == ["ST-2"]


def hear(db: Database, clock: FixedClock, book: Rulebook, station: str, ahead: timedelta = timedelta()) -> None:
    hour = clock.now().replace(minute=0) + ahead
    message = StationMessage.model_validate(
        {"units": {"temp": "°C"}, "readings": {"at": hour.isoformat(), "temp": 10.0}}
    )
    with db.write() as session:
        receive(session, clock, book, station, message)


def test_a_station_whose_clock_is_a_little_ahead_is_not_silent(db: Database, clock: FixedClock, book: Rulebook) -> None:
    """It sends noon's values three minutes before noon; the hours before are as they should be."""
    prepare(db, book)
    watch = sources.Watch(desk_of(db, clock, book, Quiet("stations", "stations")))
    watch.run()
    clock.advance(hours=30)
    for _ in range(3):
        clock.advance(minutes=57)
        for station in ("ST-1", "ST-2"):
            hear(db, clock, book, station, ahead=HOUR)
        watch.run()
        assert open_kinds(db) == []
        clock.advance(minutes=3)
    clock.advance(minutes=STALE)
    watch.run()
    assert open_kinds(db) == ["station_silent", "station_silent", "weather_gone", "weather_stale"]


def test_an_hour_from_a_clock_that_ran_ahead_hides_no_silence(db: Database, clock: FixedClock, book: Rulebook) -> None:
    prepare(db, book)
    watch = sources.Watch(desk_of(db, clock, book, Quiet("stations", "stations")))
    watch.run()
    clock.advance(days=30)  # ours ran ahead for a while
    for station in ("ST-1", "ST-2"):
        hear(db, clock, book, station)
    clock.advance(days=-29)
    watch.run()
    assert open_kinds(db) == ["station_silent", "station_silent", "weather_gone", "weather_stale"]
    for station in ("ST-1", "ST-2"):
        hear(db, clock, book, station)
    clock.advance(minutes=1)
    watch.run()
    assert open_kinds(db) == []
    clock.advance(minutes=STALE)
    watch.run()
    assert open_kinds(db) == ["station_silent", "station_silent", "weather_gone", "weather_stale"]


def test_stations_that_write_files_are_watched_too(
    db: Database, clock: FixedClock, book: Rulebook, tmp_path: Path
) -> None:
    feed = StationsFeed(
        kind="stations", id="stations", folder=str(tmp_path), stations={"ST-1": "kangle", "ST-2": "hezheng"}
    )
    mapping = book.weather.mapping.model_copy(update={"station_column": "id", "time_zone": "UTC"})
    weather = book.weather.model_copy(update={"feed": [feed], "mapping": mapping})
    book = replace(book, weather=weather)
    prepare(db, book)
    desk = desk_of(db, clock, book, StationsFolder(feed, mapping, tmp_path))
    (job,), watch = sources.jobs(desk), sources.Watch(desk)

    def write(**newest: datetime) -> None:
        lines = [
            f"{name.replace('_', '-')},{at - n * HOUR:%Y-%m-%dT%H:%M},{10 + n},40,3,0"
            for name, at in newest.items()
            for n in range(9)
        ]
        (tmp_path / "a.csv").write_text("\n".join(["id,time,temp_c,rh_pct,wind_ms,rain_mm", *lines, ""]))
        job.run(clock.now())
        watch.run()

    write(ST_1=NOON, ST_2=NOON)
    for hours in range(1, 10):
        clock.advance(hours=1)
        write(ST_1=NOON + hours * HOUR, ST_2=NOON + min(hours, 2) * HOUR)
        assert open_kinds(db) == ([] if hours < 6 else ["station_silent"]), "the second has told nothing since two"
    clock.advance(hours=1)
    write(ST_1=clock.now(), ST_2=clock.now())
    assert open_kinds(db) == []


def open_kinds(db: Database) -> list[str]:
    with db.read() as session:
        return sorted(alarm.kind for alarm in open_alarms(session))
