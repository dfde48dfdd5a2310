from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from firewatch.adapters.replay import MadeUpSeason, Replay
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.errors import BadInput
from firewatch.rulebook.weather import StationMapping
from firewatch.weather import ingest
from firewatch.weather.feeds import Point, Reading
from firewatch.weather.ingest import Stored
from firewatch.weather.models import ValueKind
from tests.service.test_stations_feed import BEIJING

HOUR = timedelta(hours=1)
NOW = datetime(2026, 4, 1, 4, 20, tzinfo=UTC)
POINTS = [Point("forest-1", 35.4, 103.4, 2400), Point("forest-2", 35.6, 103.0, 2900)]
MAPPING = StationMapping.model_validate(
    {
        "time_column": "time",
        "temp_c": {"column": "t"},
        "rh_pct": {"column": "rh"},
        "wind_kmh": {"column": "w"},
        "rain_mm": {"column": "r"},
    }
)


def by_hour(readings: list[Reading], point_id: str = "forest-1") -> dict[datetime, Reading]:
    return {reading.valid_at: reading for reading in readings if reading.point_id == point_id}


def recorded(folder: Path, first: datetime, hours: int, name: str = "drill.csv") -> Path:
    """A file whose temperature tells the hour's number, from the end of the first hour on."""
    rows = [f"{first + (number + 1) * HOUR:%Y-%m-%dT%H:%M},{number},30,9,0\n" for number in range(hours)]
    path = folder / name
    path.write_text("time,t,rh,w,r\n" + "".join(rows))
    return path


def test_the_season_has_a_past_and_a_future_and_says_that_it_is_made_up() -> None:
    feed = MadeUpSeason(seed=1)
    readings = feed.fetch(POINTS, None, NOW)
    hours = by_hour(readings)
    assert (feed.kind, feed.note) == ("made_up", "made-up season")
    assert len(readings) == 2 * len(hours) == 2 * (120 + 9) * 24
    this_hour = NOW.replace(minute=0)
    assert (min(hours), max(hours)) == (this_hour - timedelta(days=120) + HOUR, this_hour + timedelta(days=9))
    known, coming = hours[this_hour], hours[this_hour + HOUR]
    assert (known.kind, known.issued_at, known.model) == (ValueKind.ANALYSED, this_hour, "made-up, seed 1")
    assert (coming.kind, coming.issued_at) == (ValueKind.FORECAST, datetime(2026, 4, 1, tzinfo=UTC))
    assert None not in vars(known).values()


def test_the_season_does_not_depend_on_when_it_is_asked_for() -> None:
    early, late = MadeUpSeason(seed=1), MadeUpSeason(seed=1)
    before = by_hour(early.fetch(POINTS, None, NOW))
    after = by_hour(late.fetch(POINTS, NOW, NOW + 5 * HOUR))
    shared = [valid_at for valid_at in after if valid_at <= NOW]
    assert len(shared) == 6
    assert all(before[valid_at] == after[valid_at] for valid_at in shared)
    # What had been forecast came nearly true.
    hour = NOW.replace(minute=0) + 4 * HOUR
    assert (before[hour].kind, after[hour].kind) == (ValueKind.FORECAST, ValueKind.ANALYSED)
    assert before[hour].rh_pct == after[hour].rh_pct
    assert before[hour].temp_c == pytest.approx(after[hour].temp_c, abs=3)
    assert by_hour(MadeUpSeason(seed=2).fetch(POINTS, None, NOW))[hour].temp_c != after[hour].temp_c


def test_a_forecast_is_issued_every_six_hours(db: Database) -> None:
    feed, clock = MadeUpSeason(), FixedClock(NOW)
    assert ingest.fetch(db, feed, POINTS, clock).new == 2 * 129 * 24
    assert ingest.fetch(db, feed, POINTS, clock) == Stored(unchanged=2 * (6 + 216))
    clock.advance(hours=1)  # one hour has come true and one more is foreseen
    assert ingest.fetch(db, feed, POINTS, clock).new == 2 * 2
    clock.advance(hours=1)
    assert ingest.fetch(db, feed, POINTS, clock).new == 2 * (1 + 216)


def test_a_long_pause_is_filled_as_far_as_the_history_goes() -> None:
    feed = MadeUpSeason(history=timedelta(days=10))
    assert min(by_hour(feed.fetch(POINTS, NOW - timedelta(days=5), NOW))) == datetime(2026, 3, 26, 23, tzinfo=UTC)
    assert min(by_hour(feed.fetch(POINTS, NOW - timedelta(days=50), NOW))) == datetime(2026, 3, 22, 5, tzinfo=UTC)
    assert min(by_hour(feed.fetch(POINTS, NOW + timedelta(days=50), NOW))) == datetime(2026, 3, 31, 23, tzinfo=UTC)


def test_a_recorded_file_plays_at_the_same_time_of_day_for_every_point(tmp_path: Path) -> None:
    first = datetime(2020, 7, 1, tzinfo=UTC)
    feed = Replay(recorded(tmp_path, first, 10 * 24 + 5), MAPPING)
    readings = feed.fetch(POINTS, None, NOW)
    assert (feed.kind, feed.note) == ("replay", "drill.csv")
    hours = by_hour(readings)
    assert len(readings) == 2 * len(hours) == 2 * 129 * 24  # ten whole days, over and over
    assert all(reading.temp_c is not None and (reading.temp_c + 1) % 24 == at.hour for at, reading in hours.items())
    assert all(hours[at].temp_c == hours[at + timedelta(days=10)].temp_c for at in list(hours)[:1000])
    assert hours[NOW.replace(minute=0)].kind is ValueKind.ANALYSED
    assert hours[NOW.replace(minute=0) + HOUR].kind is ValueKind.FORECAST
    assert hours[NOW.replace(minute=0)].model == "drill.csv"
    assert by_hour(readings, "forest-2")[NOW.replace(minute=0)].temp_c == hours[NOW.replace(minute=0)].temp_c


def test_in_its_own_time_a_file_keeps_its_dates(tmp_path: Path) -> None:
    first = datetime(2026, 3, 20, tzinfo=UTC)
    hours = by_hour(Replay(recorded(tmp_path, first, 20 * 24), MAPPING).fetch(POINTS, NOW, NOW))
    assert hours[NOW.replace(minute=0)].temp_c == (NOW.replace(minute=0) - first) // HOUR - 1


@pytest.mark.parametrize("years", [1, 2, 3, 4])
def test_a_file_of_years_keeps_the_time_of_the_year(tmp_path: Path, years: int) -> None:
    first = datetime(2013, 3, 1, tzinfo=UTC)
    days = (datetime(2013 + years, 3, 1, tzinfo=UTC) - first).days
    feed = Replay(recorded(tmp_path, first, days * 24), MAPPING)
    for now in (NOW, datetime(2027, 2, 27, tzinfo=UTC), datetime(1999, 12, 31, tzinfo=UTC)):
        reading = by_hour(feed.fetch(POINTS, now, now))[now.replace(minute=0)]
        assert reading.temp_c is not None
        played = first + (reading.temp_c + 1) * HOUR
        assert played.hour == now.hour
        apart = (now.timetuple().tm_yday - played.timetuple().tm_yday) % 365
        assert min(apart, 365 - apart) <= 1


def test_hours_that_the_file_lacks_are_lacking(tmp_path: Path) -> None:
    path = recorded(tmp_path, datetime(2026, 3, 30, tzinfo=UTC), 5 * 24)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "2026-04-01T03:00" not in line))
    hours = by_hour(Replay(path, MAPPING).fetch(POINTS, NOW, NOW))
    assert datetime(2026, 4, 1, 3, tzinfo=UTC) not in hours
    assert datetime(2026, 4, 1, 4, tzinfo=UTC) in hours


def test_a_file_that_cannot_be_replayed_says_why(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"gone\.csv: cannot be read"):
        Replay(tmp_path / "gone.csv", MAPPING)
    with pytest.raises(BadInput, match=r"short\.csv: holds less than a day"):
        Replay(recorded(tmp_path, NOW.replace(minute=0), 23, "short.csv"), MAPPING)
    bad = tmp_path / "bad.csv"
    bad.write_text("time,t,rh,w,r\nsoon,1,2,3,4\n")
    with pytest.raises(BadInput, match=r"bad\.csv: holds no readable row \(line 2: Invalid isoformat string: 'soon'\)"):
        Replay(bad, MAPPING)
    two = tmp_path / "two.csv"
    two.write_text("id,time,t,rh,w,r\nA,2026-04-01T01:00,1,2,3,4\nB,2026-04-01T01:00,1,2,3,4\n")
    with pytest.raises(BadInput, match=r"two\.csv: holds 2 stations, a replay wants one"):
        Replay(two, MAPPING.model_copy(update={"station_column": "id"}))


@pytest.mark.reference
def test_the_beijing_file_plays_today(reference: Path) -> None:
    file = reference / "weather" / "stations" / "beijing_dingling_2013_2017_hourly.csv"
    hours = by_hour(Replay(file, BEIJING).fetch(POINTS, None, NOW))
    assert len(hours) > 122 * 24  # but for its few gaps
    april = [reading.temp_c for at, reading in hours.items() if at.month == 4 and reading.temp_c is not None]
    winter = [reading.temp_c for at, reading in hours.items() if at.month == 1 and reading.temp_c is not None]
    assert sum(april) / len(april) > sum(winter) / len(winter) + 10
