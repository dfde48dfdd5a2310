from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import event, select
from sqlmodel import col

from firewatch.db import Database
from firewatch.errors import BadInput
from firewatch.indices.checks import Flag
from firewatch.weather import archive, ingest, series
from firewatch.weather.feeds import Reading
from firewatch.weather.models import FeedStatus, Observation, ValueKind

HOUR = timedelta(hours=1)
START = datetime(2026, 4, 1, tzinfo=UTC)
NOW = START + 4 * HOUR
ALL = ("stations", "open-meteo", "other")


def reading(
    kind: ValueKind, hour: int, values: Mapping[str, float], issued: int | None = None, point_id: str = "a"
) -> Reading:
    valid_at = START + hour * HOUR
    issued_at = valid_at if issued is None else START + issued * HOUR
    return Reading(point_id, kind, valid_at, issued_at, "test", **values)


def observed(hour: int, point_id: str = "a", **values: float) -> Reading:
    return reading(ValueKind.OBSERVED, hour, values, point_id=point_id)


def analysed(hour: int, **values: float) -> Reading:
    return reading(ValueKind.ANALYSED, hour, values)


def forecast(hour: int, issued: int, **values: float) -> Reading:
    return reading(ValueKind.FORECAST, hour, values, issued)


def put(db: Database, source: str, *readings: Reading) -> None:
    with db.write() as session:
        ingest.store(session, source, readings, START)


def get(db: Database, hours: int = 3, points: Iterable[str] = ("a",), preference: Iterable[str] = ALL) -> series.Series:
    with db.read() as session:
        return series.hourly(session, tuple(points), START, START + hours * HOUR, tuple(preference), NOW)


def test_hours_and_points_have_their_places(db: Database) -> None:
    put(db, "stations", observed(0, temp_c=0), observed(1, temp_c=1), observed(3, temp_c=3), observed(4, temp_c=4))
    put(
        db,
        "stations",
        observed(2, "b", temp_c=20),
        observed(2, "c"),
    )
    found = get(db, points=("b", "a"))
    np.testing.assert_array_equal(found.temp_c, [[np.nan, 1], [20, np.nan], [np.nan, 3]])
    assert (found.start, found.point_ids) == (START, ("b", "a"))
    assert all(np.isnan(issued).all() for issued in found.issued.values())
    assert np.isnan(found.rain_mm).all()


def test_nothing_stored_is_no_weather(db: Database) -> None:
    found = get(db, hours=2, points=("a", "b"))
    assert found.snow_depth_cm.shape == (2, 2)
    assert np.isnan(found.temp_c).all()
    assert get(db, hours=0).temp_c.shape == (0, 1)


def test_observed_beats_analysed_beats_forecast(db: Database) -> None:
    put(db, "stations", forecast(1, 0, temp_c=1), forecast(2, 0, temp_c=1), forecast(3, 0, temp_c=1))
    put(db, "open-meteo", analysed(1, temp_c=2), analysed(2, temp_c=2))
    put(db, "other", observed(1, temp_c=3))
    found = get(db)
    assert found.temp_c.ravel().tolist() == [3, 2, 1]
    np.testing.assert_array_equal(found.issued["temp_c"].ravel(), [np.nan, np.nan, 0])


def test_the_earlier_feed_is_preferred_and_an_unlisted_one_never_speaks(db: Database) -> None:
    put(db, "open-meteo", analysed(1, temp_c=1))
    put(db, "other", analysed(1, temp_c=2), analysed(2, temp_c=2))
    put(db, "made-up", observed(1, temp_c=99), observed(3, temp_c=99))
    assert get(db, hours=2).temp_c.ravel().tolist() == [1, 2]
    assert get(db, preference=("other", "open-meteo")).temp_c.ravel().tolist()[:2] == [2, 2]
    assert np.isnan(get(db).temp_c[2, 0])
    assert np.isnan(get(db, preference=()).temp_c).all()


def test_the_newer_issue_beats_the_older(db: Database) -> None:
    put(db, "open-meteo", forecast(3, 2, temp_c=2), forecast(3, 0, temp_c=0), forecast(3, 1, temp_c=1))
    found = get(db)
    assert (found.temp_c[2, 0], found.issued["temp_c"][2, 0]) == (2, 2)


def test_among_forecasts_the_newer_issue_beats_the_preferred_source(db: Database) -> None:
    """A feed that went away has left forecasts behind: they must not drown the fallback's fresh ones."""
    put(db, "open-meteo", forecast(2, 0, temp_c=1), forecast(3, 1, temp_c=1, rain_mm=4), analysed(1, temp_c=1))
    put(db, "other", forecast(1, 0, temp_c=2), forecast(2, 1, temp_c=2), forecast(3, 1, temp_c=2, rain_mm=0))
    found = get(db)
    assert found.temp_c.ravel().tolist() == [1, 2, 1]  # analysis, newer issue, and of the same hour the preferred
    assert found.rain_mm[2, 0] == 4
    put(db, "open-meteo", forecast(2, 2, temp_c=3))
    assert get(db).temp_c[1, 0] == 3


def test_three_sources_give_way_value_by_value(db: Database) -> None:
    """Station, analysis and fallback: each is heard where the better ones are silent, for each value by itself."""
    put(db, "other", *(forecast(hour, 0, temp_c=30, rh_pct=31, wind_kmh=32, rain_mm=33) for hour in (1, 2, 3)))
    put(db, "open-meteo", analysed(1, temp_c=20, rh_pct=21, wind_kmh=22, rain_mm=23), analysed(2, temp_c=20, rh_pct=21))
    put(db, "stations", observed(1, temp_c=10, rain_mm=13), observed(3, rh_pct=11))
    found = get(db)
    assert found.temp_c.ravel().tolist() == [10, 20, 30]
    assert found.rh_pct.ravel().tolist() == [21, 21, 11]
    assert found.wind_kmh.ravel().tolist() == [22, 32, 32]
    assert found.rain_mm.ravel().tolist() == [13, 33, 33]
    np.testing.assert_array_equal(found.issued["rain_mm"].ravel(), [np.nan, 0, 0])


def test_what_is_issued_later_than_now_does_not_count(db: Database) -> None:
    """A clock that ran ahead took hours to come for known ones."""
    put(db, "open-meteo", forecast(6, 4, temp_c=1), forecast(6, 5, temp_c=2), analysed(6, temp_c=3))
    put(db, "stations", observed(5, temp_c=4))
    found = get(db, hours=6)
    np.testing.assert_array_equal(found.temp_c[4:, 0], [np.nan, 1])


def test_a_station_without_snow_is_completed_by_an_analysis(db: Database) -> None:
    put(db, "stations", observed(1, temp_c=10, rh_pct=20, wind_kmh=5, rain_mm=0), observed(2, temp_c=10))
    put(db, "open-meteo", analysed(1, temp_c=8, rh_pct=25, wind_kmh=9, rain_mm=0.5, snow_depth_cm=4))
    put(db, "open-meteo", forecast(2, 1, temp_c=8, rh_pct=25, wind_kmh=9, rain_mm=0.5, snow_depth_cm=4))
    found = get(db)
    assert found.temp_c[:2, 0].tolist() == [10, 10]
    assert found.rh_pct[:2, 0].tolist() == [20, 25]
    assert found.rain_mm[:2, 0].tolist() == [0, 0.5]
    assert found.snow_depth_cm[:2, 0].tolist() == [4, 4]
    # Each value by itself is a forecast or is none.
    forecasts = {name: (~np.isnan(issued[:, 0])).tolist() for name, issued in found.issued.items()}
    assert forecasts.pop("temp_c") == [False, False, False]
    assert list(forecasts.values()) == [[False, True, False]] * 4


def test_values_between_the_hours_are_left_out(db: Database) -> None:
    put(db, "stations", Reading("a", ValueKind.OBSERVED, START + 90 * timedelta(minutes=1), START, "test", 5.0))
    assert np.isnan(get(db).temp_c).all()


def test_one_query_however_many_points(db: Database) -> None:
    put(db, "stations", *(observed(1, name, temp_c=1) for name in "abcdef"))
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert get(db, points="abcdef").temp_c[0].tolist() == [1] * 6
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert sum("observation" in statement for statement in asked) == 1


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (START, START - HOUR),
        (START, START + timedelta(minutes=90)),
        (START + timedelta(minutes=5), START + timedelta(minutes=65)),
    ],
)
def test_only_full_hours_are_given(db: Database, start: datetime, end: datetime) -> None:
    with db.read() as session, pytest.raises(BadInput, match="full hours"):
        series.hourly(session, ("a",), start, end, ALL, NOW)


def test_a_suspect_reading_leaves_room_for_the_next_best_source_and_is_told(db: Database) -> None:
    put(db, "stations", *(observed(hour, temp_c=10 + hour / 10, wind_kmh=5) for hour in (0, 1, 3)))
    put(db, "stations", observed(2, temp_c=55, wind_kmh=5), observed(4, temp_c=99, rh_pct=40))
    put(db, "open-meteo", analysed(2, temp_c=12), analysed(3, temp_c=70))
    found = get(db, hours=4)
    assert found.temp_c.ravel()[:3].tolist() == [10.1, 12, 10.3]
    assert np.isnan(found.temp_c[3, 0])
    assert found.wind_kmh[1, 0] == 5
    assert found.rh_pct[3, 0] == 40
    spike, beyond = Flag.SPIKE | Flag.TEMP_SUSPECT, Flag.OUT_OF_RANGE | Flag.TEMP_SUSPECT
    # Of 70 °C in the analysis nothing is told: the station's word comes first.
    assert found.flags.ravel().tolist() == [0, spike, 0, beyond]
    with db.read() as session:
        stored = session.scalars(select(col(Observation.temp_c)).where(col(Observation.temp_c) > 50))
        assert set(stored) == {55, 70, 99}, "what was received stays"


def test_an_hour_is_judged_alike_whatever_is_asked_for(db: Database) -> None:
    put(db, "stations", *(observed(hour, temp_c=7 if hour < 30 else hour - 20) for hour in range(60)))
    with db.read() as session:
        windows = [
            series.hourly(session, ("a",), START + n * HOUR, START + (n + 1) * HOUR, ALL, START + 60 * HOUR)
            for n in (0, 10, 28, 29)
        ]
    assert [window.flags.item() for window in windows] == [int(Flag.STUCK | Flag.TEMP_SUSPECT)] * 3 + [0]


@pytest.mark.parametrize(("kind", "believed"), [("replay", True), ("open_meteo", False)])
def test_one_station_played_to_every_point_is_no_broken_feed(db: Database, kind: str, believed: bool) -> None:
    readings = [
        observed(hour, name, temp_c=3.5 * (hour % 5), rh_pct=40, wind_kmh=9) for hour in range(5) for name in "abc"
    ]
    put(db, "stations", *readings)
    with db.write() as session:
        session.add(FeedStatus(source="stations", kind=kind))
    found = get(db, points="abc")
    assert (not np.isnan(found.temp_c).any()) is believed
    assert bool((found.flags & int(Flag.ALL_EQUAL)).all()) is not believed


def test_one_file_given_for_several_points_is_no_broken_feed(db: Database) -> None:
    readings = [observed(hour, name, temp_c=3.5 * hour, rh_pct=40, wind_kmh=9) for hour in range(5) for name in "abc"]
    put(db, archive.FILES, *readings)
    found = get(db, points="abc", preference=[archive.FILES])
    assert found.temp_c.tolist() == [[3.5 * hour] * 3 for hour in (1, 2, 3)]
    assert not found.flags.any()
