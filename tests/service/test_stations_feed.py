import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlmodel import select

from firewatch.adapters.stations import StationsFolder, StationsSend
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.rulebook.weather import StationMapping, StationsFeed
from firewatch.weather import ingest, series
from firewatch.weather.feeds import FeedDown, Point, Reading
from firewatch.weather.models import StationStatus, ValueKind

NOON = datetime(2026, 4, 1, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
POINTS = [Point("forest-1", 35.4, 103.4, 2400), Point("forest-2", 35.4, 103.4, 2400)]
HEADER = "id,time,t,rh,w,r\n"
MAPPING = StationMapping.model_validate(
    {
        "station_column": "id",
        "time_column": "time",
        "temp_c": {"column": "t"},
        "rh_pct": {"column": "rh"},
        "wind_kmh": {"column": "w"},
        "rain_mm": {"column": "r"},
    }
)
BEIJING = StationMapping.model_validate(
    {
        "year_column": "year",
        "month_column": "month",
        "day_column": "day",
        "hour_column": "hour",
        "time_zone": "Asia/Shanghai",
        "temp_c": {"column": "TEMP"},
        "dew_point_c": {"column": "DEWP"},
        "rain_mm": {"column": "RAIN"},
        "wind_kmh": {"column": "WSPM", "scale": 3.6},
    }
)


def folder_feed(
    folder: Path, mapping: StationMapping = MAPPING, *, clock_is_set: bool = False, **stations: str
) -> StationsFolder:
    rules = StationsFeed(
        kind="stations", id="stations", folder="", stations=stations or {"A": "forest-1", "B": "forest-2"}
    )
    return StationsFolder(rules, mapping, folder, clock_is_set=clock_is_set)


def row(hour: int, temp_c: float = 10.0, station: str = "A") -> str:
    return f"{station},{NOON + hour * HOUR:%Y-%m-%dT%H:%M},{temp_c},30,9,0\n"


def hours(readings: list[Reading]) -> list[int]:
    return [(reading.valid_at - NOON) // HOUR for reading in readings]


def rewrite(path: Path, text: str) -> None:
    """Write a file so that its change shows even where the clock of the disk is coarse."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    os.utime(path, ns=(before + 1_000_000_000, before + 1_000_000_000))


def test_rows_come_as_observed_and_stations_find_their_points(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + row(-1) + row(-2, 8.0, "B") + row(0, 99.0, "C"))
    readings = folder_feed(tmp_path).fetch(POINTS, None, NOON)
    assert [(reading.point_id, reading.temp_c) for reading in readings] == [("forest-2", 8.0), ("forest-1", 10.0)]
    assert all(reading.kind is ValueKind.OBSERVED and reading.issued_at == reading.valid_at for reading in readings)


def test_under_a_clock_that_was_set_a_row_ahead_waits_for_its_time(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + "".join(row(hour) for hour in range(-2, 3)))
    feed = folder_feed(tmp_path, clock_is_set=True)
    assert hours(feed.fetch(POINTS, None, NOON)) == [-2, -1, 0]
    assert 1 not in hours(feed.fetch(POINTS, NOON, NOON + timedelta(minutes=59)))
    assert hours(feed.fetch(POINTS, NOON, NOON + HOUR))[-1] == 1
    assert hours(feed.fetch(POINTS, NOON + HOUR, NOON + 2 * HOUR))[-1] == 2


AHEAD = "ahead of the clock here by more than 5 minutes: set the station's clock"


def test_a_logger_whose_clock_runs_ahead_is_refused_also_when_its_hours_have_come(db: Database, tmp_path: Path) -> None:
    file, clock, feed = tmp_path / "a.csv", FixedClock(NOON), folder_feed(tmp_path)
    rewrite(file, HEADER + row(-1) + row(0))
    assert ingest.fetch(db, feed, POINTS, clock).new == 2
    assert feed.note == "1 × *.csv"
    # From now on its clock is two hours ahead: what it measures at 1 it calls 3.
    lines = HEADER + row(-1) + row(0)
    for hour in range(1, 6):
        clock.advance(hours=1)
        lines += row(hour + 2, 30.0)
        rewrite(file, lines)
        if hour == 3:
            feed = folder_feed(tmp_path)  # the service starts anew
        assert ingest.fetch(db, feed, POINTS, clock).new == 0
        assert feed.note.endswith(f"A: {AHEAD}")
    account = heard(db, "A")
    assert (account.newest_valid_at, account.last_received_at, account.refused) == (NOON, NOON, AHEAD)
    # Somebody sets the clock and mends the file.
    clock.advance(hours=1)
    rewrite(file, HEADER + row(-1) + row(0) + "".join(row(hour, 30.0 + hour) for hour in range(1, 7)))
    assert ingest.fetch(db, feed, POINTS, clock).new == 6
    assert feed.note == "1 × *.csv"
    account = heard(db, "A")
    assert (account.newest_valid_at, account.last_received_at, account.refused) == (clock.now(), clock.now(), None)


def test_a_clock_a_few_minutes_ahead_is_believed_when_the_hour_has_come(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + row(0) + row(1))
    feed = folder_feed(tmp_path)
    assert hours(feed.fetch(POINTS, None, NOON + timedelta(minutes=55))) == [0]
    assert hours(feed.fetch(POINTS, NOON, NOON + HOUR)) == [0, 1]
    assert "ahead" not in feed.note


def heard(db: Database, station: str) -> StationStatus:
    with db.read() as session:
        return session.exec(select(StationStatus).where(StationStatus.station == station)).one()


def test_every_station_of_the_files_has_its_account(db: Database, tmp_path: Path) -> None:
    stations = {"A": "forest-1", "B": "forest-2", "*": "forest-2"}
    rules = StationsFeed(kind="stations", id="stations", folder="", stations=stations)
    clock, feed = FixedClock(NOON), StationsFolder(rules, MAPPING, tmp_path)
    rewrite(tmp_path / "a.csv", HEADER + row(-3) + row(-9, station="B") + row(0, station="C"))
    ingest.fetch(db, feed, POINTS, clock)
    assert [(heard(db, name).newest_valid_at, heard(db, name).point_id) for name in ("A", "B")] == [
        (NOON - 3 * HOUR, "forest-1"),
        (NOON - 9 * HOUR, "forest-2"),
    ]
    clock.advance(hours=1)
    rewrite(tmp_path / "a.csv", HEADER + row(-3) + row(-9, station="B") + row(1))
    ingest.fetch(db, feed, POINTS, clock)
    assert [heard(db, name).last_received_at for name in ("A", "B")] == [NOON + HOUR, NOON], "B told nothing new"
    with db.read() as session:
        assert len(session.exec(select(StationStatus)).all()) == 2, "one that is not named has none"


def test_a_new_late_row_is_given_however_old_and_the_old_ones_are_not(tmp_path: Path) -> None:
    rewrite(tmp_path / "a.csv", HEADER + row(-900) + row(-800) + row(0))
    feed = folder_feed(tmp_path)
    assert hours(feed.fetch(POINTS, None, NOON)) == [-900, -800, 0]
    feed.stored()
    assert hours(feed.fetch(POINTS, NOON, NOON)) == [0]
    rewrite(tmp_path / "a.csv", HEADER + row(-900) + row(-800, 7.5) + row(0) + row(-850))
    again = feed.fetch(POINTS, NOON, NOON)
    assert hours(again) == [-850, -800, 0]
    assert again[1].temp_c == 7.5
    feed.stored()
    rewrite(tmp_path / "b.csv", HEADER + row(-700))
    assert hours(feed.fetch(POINTS, NOON, NOON)) == [-700, 0]


def test_what_was_given_but_not_stored_is_given_again(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + "".join(row(hour) for hour in range(-100, 1)))
    feed = folder_feed(tmp_path)
    assert len(feed.fetch(POINTS, None, NOON)) == 101
    feed.stored()
    assert hours(feed.fetch(POINTS, NOON, NOON)) == list(range(-47, 1))


def test_two_files_complete_each_other(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + f"A,{NOON:%Y-%m-%dT%H:%M},10,30,NA,NA\n")
    (tmp_path / "b.csv").write_text(HEADER + f"A,{NOON:%Y-%m-%dT%H:%M},NA,31,9,NA\n")
    (reading,) = folder_feed(tmp_path).fetch(POINTS, None, NOON)
    assert (reading.temp_c, reading.rh_pct, reading.wind_kmh, reading.rain_mm) == (10.0, 31.0, 9.0, None)


def test_a_running_rain_counter_becomes_amounts_over_all_files(tmp_path: Path) -> None:
    rules = StationsFeed(kind="stations", id="stations", folder="", stations={"A": "forest-1"}, rain={"A": "counter"})
    feed = StationsFolder(rules, MAPPING, tmp_path)

    def lines(**totals: float) -> str:
        return HEADER + "".join(
            f"A,{NOON + int(hour[1:]) * HOUR - 9 * HOUR:%Y-%m-%dT%H:%M},10,30,9,{total}\n"
            for hour, total in totals.items()
        )

    rewrite(tmp_path / "a.csv", lines(h4=100.0, h5=100.6, h7=0.2, h8=0.2))
    first = feed.fetch(POINTS, None, NOON)
    assert [reading.rain_mm for reading in first] == [None, pytest.approx(0.6), None, 0.0]
    feed.stored()
    rewrite(tmp_path / "b.csv", lines(h6=101.0))
    second = {(reading.valid_at - NOON) // HOUR + 9: reading.rain_mm for reading in feed.fetch(POINTS, NOON, NOON)}
    assert [second[6], second[7]] == [pytest.approx(0.4), 0.2], "the reset between 6 and 7 is no negative rain"


def test_stations_that_only_send_are_asked_nothing() -> None:
    rules = StationsFeed(kind="stations", id="stations", stations={"A": "forest-1"})
    assert StationsSend(rules).passive
    assert StationsSend(rules).fetch(POINTS, None, NOON) == []


def test_bad_rows_and_bad_files_are_told_and_cost_no_good_ones(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + row(-1) + "A,soon,1,2,3,4\n" + row(0))
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00broken")
    (tmp_path / "c.csv").write_text("id,time,t\n")
    (tmp_path / "d.csv").write_text(HEADER + row(0, station="Z"))
    feed = folder_feed(tmp_path)
    assert hours(feed.fetch(POINTS, None, NOON)) == [-1, 0]
    files, *complaints = feed.note.split("; ")
    assert files == "4 × *.csv"
    assert complaints[0].startswith("a.csv:3: Invalid isoformat string: 'soon' (1/3)")
    assert complaints[1].startswith("b.csv: cannot be read")
    assert complaints[2:] == ["c.csv: the header has no column 'rh'", "d.csv: station 'Z' is not configured"]
    rewrite(tmp_path / "a.csv", HEADER + row(-1) + row(0))
    feed.fetch(POINTS, NOON, NOON)
    assert "a.csv" not in feed.note


def test_an_empty_or_unreadable_folder_is_an_outage(tmp_path: Path) -> None:
    with pytest.raises(FeedDown, match="nowhere: no such folder"):
        folder_feed(tmp_path / "nowhere").fetch(POINTS, None, NOON)
    with pytest.raises(FeedDown, match=r"no file \*\.csv"):
        folder_feed(tmp_path).fetch(POINTS, None, NOON)
    (tmp_path / "a.csv").write_text("nothing\n")
    with pytest.raises(FeedDown, match=r"a\.csv: the header has no column 'id'"):
        folder_feed(tmp_path).fetch(POINTS, None, NOON)


def test_a_restart_changes_nothing(db: Database, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + "".join(row(hour) for hour in range(-99, 1)))
    clock = FixedClock(NOON)
    assert ingest.fetch(db, folder_feed(tmp_path), POINTS, clock).new == 100
    again = ingest.fetch(db, folder_feed(tmp_path), POINTS, clock)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 100)


def test_late_rows_are_given_until_they_are_stored(db: Database, tmp_path: Path) -> None:
    rewrite(tmp_path / "a.csv", HEADER + row(-900) + row(0))
    feed, clock = folder_feed(tmp_path), FixedClock(NOON)
    ingest.fetch(db, feed, POINTS, clock)
    rewrite(tmp_path / "a.csv", HEADER + row(-900) + row(-800) + row(0))

    def fails(_session: object, _stored: object) -> None:
        raise RuntimeError("the disk is full")

    for _ in range(3):
        with pytest.raises(RuntimeError, match="full"):
            ingest.fetch(db, feed, POINTS, clock, fails)
    assert ingest.fetch(db, feed, POINTS, clock).new == 1
    assert ingest.fetch(db, feed, POINTS, clock).unchanged == 1


def test_a_late_row_changed_again_before_it_was_stored_is_given_again(tmp_path: Path) -> None:
    rewrite(tmp_path / "a.csv", HEADER + row(-900) + row(0))
    feed = folder_feed(tmp_path)
    feed.fetch(POINTS, None, NOON)
    feed.stored()
    assert hours(feed.fetch(POINTS, NOON, NOON)) == [0]
    rewrite(tmp_path / "a.csv", HEADER + row(-900, 5.0) + row(0))
    assert hours(feed.fetch(POINTS, NOON, NOON)) == [-900, 0]
    assert hours(feed.fetch(POINTS, NOON, NOON)) == [-900, 0]
    feed.stored()
    assert hours(feed.fetch(POINTS, NOON, NOON)) == [0]


@pytest.mark.reference
def test_the_beijing_file_comes_out_at_the_speed_of_the_clock(db: Database, tmp_path: Path, reference: Path) -> None:
    file = reference / "weather" / "stations" / "beijing_dingling_2013_2017_hourly.csv"
    (tmp_path / file.name).write_bytes(file.read_bytes())
    feed = folder_feed(tmp_path, BEIJING, clock_is_set=True, **{"*": "dingling"})
    points = [Point("dingling", 40.29, 116.22, 150)]
    clock = FixedClock(datetime(2014, 3, 30, 0, 30, tzinfo=UTC))
    first = ingest.fetch(db, feed, points, clock)
    assert first.new > 9_000
    for _ in range(10):
        clock.advance(hours=12)
        stored = ingest.fetch(db, feed, points, clock)
        assert stored.new == 12
        assert stored.unchanged <= 48
    with db.read() as session:
        start = datetime(2014, 4, 3, tzinfo=UTC)
        day = series.hourly(session, ("dingling",), start, start + timedelta(days=1), ("stations",), clock.now())
    assert day.rh_pct[4, 0] == pytest.approx(3.99, abs=0.01)  # 13:00 local on 3 April 2014
    assert np.isnan(day.issued["temp_c"]).all()
