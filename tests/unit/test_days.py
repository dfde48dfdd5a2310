from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.danger import days
from firewatch.danger.days import HOUR, LIMITS, Days, Hours
from firewatch.indices.checks import Flag, Floats, flag_names

LINXIA, LON = ZoneInfo("Asia/Shanghai"), 103.4
DAY = date(2026, 4, 1)
NOON = datetime(2026, 4, 1, 5, tzinfo=UTC)  # solar noon at 103 degrees east: 13:00 in Linxia
NEXT_DAY = datetime(2026, 4, 2, 4, tzinfo=UTC)


def hours(first: date = DAY, last: date = DAY) -> Hours:
    """Observed hours: each value tells the hour of the day it belongs to."""
    start, end = days.span(first, last, LINXIA)
    ends = [start + (n + 1) * HOUR for n in range((end - start) // HOUR)]
    clock = np.array([[(at + 8 * HOUR).hour] for at in ends], dtype=np.float64)
    return Hours(
        start,
        temp_c=clock,
        rh_pct=90 - clock,
        wind_kmh=clock * 3.6,
        rain_mm=np.full_like(clock, 0.1),
        snow_depth_cm=np.zeros_like(clock),
        issued={name: np.full(clock.shape, np.nan) for name in LIMITS},
    )


def forecast(weather: Hours, first: datetime, issued_at: datetime, names: Iterable[str] = LIMITS) -> Hours:
    """The hours that end from `first` on are forecasts, at least of some quantities."""
    issued = {name: values.copy() for name, values in weather.issued.items()}
    for name in names:
        issued[name][weather.row(first) :] = (issued_at - weather.start) / HOUR
    return replace(weather, issued=issued)


def without(weather: Hours, first: datetime, last: datetime) -> Hours:
    """The hours that end from `first` to `last` are not there."""
    gone = slice(weather.row(first), weather.row(last) + 1)
    arrays = {name: getattr(weather, name).copy() for name in ("temp_c", "rh_pct", "wind_kmh", "rain_mm")}
    for values in arrays.values():
        values[gone] = np.nan
    return replace(weather, **arrays)


def daily(weather: Hours, now: datetime = NEXT_DAY, listed: list[date] | None = None, max_missing: int = 6) -> Days:
    return days.daily(weather, listed or [DAY], [LON], LINXIA, now, max_missing)


def one(answer: Days, name: str) -> float:
    return float(getattr(answer, name)[0, 0])


@pytest.mark.parametrize(
    ("lon", "hour"), [(103.4, 5), (0.0, 12), (7.4, 12), (7.6, 11), (-123.0, 20), (180.0, 0), (-180.0, 24), (116.4, 4)]
)
def test_noon_is_solar_noon(lon: float, hour: int) -> None:
    assert days.noon_hour_utc(lon) == hour


@given(st.floats(-180, 180))
def test_the_sun_stands_highest_within_half_an_hour(lon: float) -> None:
    assert abs(12 - lon / 15 - days.noon_hour_utc(lon)) <= 0.5


def test_noon_readings_and_a_full_day_of_rain() -> None:
    answer = daily(hours())
    assert [one(answer, name) for name in ("temp_c", "rh_pct", "wind_kmh")] == pytest.approx([13, 77, 13 * 3.6])
    assert one(answer, "rain_mm") == pytest.approx(2.4)


def test_extremes_are_those_of_the_local_day() -> None:
    answer = daily(hours())
    assert [one(answer, name) for name in ("tmax_c", "rhmin_pct", "windmax_ms")] == pytest.approx([23, 67, 23])
    assert one(answer, "rain_day_mm") == pytest.approx(2.4)
    assert not answer.provisional.any()


def test_rain_sums_have_no_noise_of_tenths() -> None:
    weather = hours()
    weather.rain_mm[:] = 0.0
    weather.rain_mm[weather.row(NOON) - 4 : weather.row(NOON) + 1] = 0.1
    assert one(daily(weather), "rain_mm") == 0.5


@pytest.mark.parametrize("back", [0, 11, 23])
def test_rain_with_a_missing_hour_is_missing(back: int) -> None:
    weather = hours()
    weather.rain_mm[weather.row(NOON) - back] = np.nan
    assert np.isnan(one(daily(weather), "rain_mm"))


def test_rain_before_yesterdays_noon_is_yesterdays() -> None:
    weather = hours()
    weather.rain_mm[weather.row(NOON) - 24] = np.nan
    assert one(daily(weather), "rain_mm") == pytest.approx(2.4)


def test_a_few_missing_hours_leave_the_extremes() -> None:
    answer = daily(without(hours(), NOON - 8 * HOUR, NOON - 3 * HOUR))
    assert one(answer, "tmax_c") == 23
    assert np.isnan(one(answer, "rain_day_mm"))
    assert np.isnan(one(daily(without(hours(), NOON - 8 * HOUR, NOON - 2 * HOUR)), "tmax_c"))


@pytest.mark.parametrize(("missing", "known"), [(2, True), (3, False)])
def test_a_day_without_its_afternoon_has_no_extremes(missing: int, known: bool) -> None:
    answer = daily(without(hours(), NOON, NOON + (missing - 1) * HOUR))
    assert np.isnan(one(answer, "tmax_c")) != known
    assert np.isnan(one(answer, "temp_c"))


@pytest.mark.parametrize("broken", ["temp_c", "rh_pct", "wind_kmh"])
def test_a_sensor_that_is_broken_all_day_costs_its_own_extreme_only(broken: str) -> None:
    weather = hours()
    getattr(weather, broken)[:] = np.nan
    answer, right = daily(weather), daily(hours())
    for name, extreme in (("temp_c", "tmax_c"), ("rh_pct", "rhmin_pct"), ("wind_kmh", "windmax_ms")):
        assert one(answer, extreme) == pytest.approx(np.nan if name == broken else one(right, extreme), nan_ok=True)


def test_forecasts_for_past_days_are_not_used() -> None:
    weather = forecast(hours(), days.span(DAY, DAY, LINXIA)[0] + HOUR, NOON - 36 * HOUR)
    answer = daily(weather)
    assert all(np.isnan(one(answer, name)) for name in ("temp_c", "rain_mm", "tmax_c", "rain_day_mm", "snow_depth_cm"))
    today = daily(weather, now=NOON)  # but the night before today began with yesterday's rain
    assert one(today, "temp_c") == 13
    assert np.isnan(one(today, "rain_mm"))


@pytest.mark.parametrize("lacking", ["temp_c", "rh_pct", "wind_kmh", "rain_mm", "snow_depth_cm"])
def test_a_forecast_of_one_quantity_takes_the_measured_others_along_nowhere(lacking: str) -> None:
    """A station without a rain gauge, whose rain a forecast tells: its temperature was measured all the same."""
    answer = daily(forecast(hours(), NOON - 29 * HOUR, NOON - 30 * HOUR, [lacking]))
    noon = {name: one(answer, name) for name in LIMITS}
    assert [name for name, value in noon.items() if np.isnan(value)] == [lacking]
    extremes = [one(answer, name) for name in ("tmax_c", "rhmin_pct", "windmax_ms")]
    assert np.isnan(extremes).tolist() == [lacking == name for name in ("temp_c", "rh_pct", "wind_kmh")]
    assert not answer.provisional.any()


@pytest.mark.parametrize(("age_hours", "old"), [(24, False), (24.5, True), (36, True)])
@pytest.mark.parametrize("name", LIMITS)
def test_a_day_that_rests_on_an_old_forecast_says_so(name: str, age_hours: float, old: bool) -> None:
    weather = forecast(hours(), NOON + HOUR, NOON - age_hours * HOUR, [name])
    answer = daily(weather, now=NOON)
    assert flag_names(int(answer.flags[0, 0])) == ("old_forecast" if old else "")
    assert one(answer, "tmax_c") == 23
    assert not daily(weather).flags.any()  # of a past day no forecast is used, so none is told of


@pytest.mark.parametrize(
    ("name", "bad", "spoilt"),
    [
        ("temp_c", 61.0, set()),
        ("temp_c", -np.inf, set()),
        ("rh_pct", -1.0, set()),
        ("rh_pct", 105.5, set()),
        ("wind_kmh", 250.5, set()),
        ("wind_kmh", -0.1, set()),
        ("rain_mm", -12.0, {"rain_mm", "rain_day_mm"}),
        ("rain_mm", 500.5, {"rain_mm", "rain_day_mm"}),
        ("snow_depth_cm", -1.0, set()),
    ],
)
def test_an_impossible_hour_is_a_missing_hour(name: str, bad: float, spoilt: set[str]) -> None:
    weather = hours()
    getattr(weather, name)[weather.row(NOON) - 3] = bad
    answer, right = daily(weather), daily(hours())
    for each in ("temp_c", "tmax_c", "rhmin_pct", "windmax_ms", "rain_mm", "rain_day_mm"):
        assert one(answer, each) == pytest.approx(np.nan if each in spoilt else one(right, each), nan_ok=True)
    assert flag_names(int(answer.flags[0, 0])) == "out_of_range"


def test_errors_that_cancel_out_are_no_dry_day() -> None:
    weather = hours()
    weather.rain_mm[:] = 0.0
    weather.rain_mm[weather.row(NOON) - 5 : weather.row(NOON) - 3] = [[12.0], [-12.0]]
    answer = daily(weather)
    assert np.isnan(one(answer, "rain_mm"))
    assert np.isnan(one(answer, "rain_day_mm"))


def test_impossible_hours_count_as_missing_ones() -> None:
    weather = hours()
    weather.rh_pct[weather.row(NOON) - 8 : weather.row(NOON) - 1] = -1.0
    assert np.isnan(one(daily(weather), "rhmin_pct"))
    assert one(daily(weather), "tmax_c") == 23
    assert one(daily(weather, max_missing=7), "rhmin_pct") == 67
    weather.rh_pct[weather.row(NOON)] = -1.0
    assert np.isnan(one(daily(weather), "rh_pct"))


def test_fog_over_a_hundred_per_cent_is_a_hundred_and_said() -> None:
    weather = hours()
    weather.rh_pct[:] = 104.0
    answer = daily(weather)
    assert (one(answer, "rh_pct"), one(answer, "rhmin_pct")) == (100, 100)
    assert int(answer.flags[0, 0]) == Flag.RH_CLAMPED


def test_a_mark_stays_with_its_day() -> None:
    last = DAY + timedelta(days=2)
    weather = hours(DAY, last)
    weather.temp_c[weather.row(NOON + 24 * HOUR)] = 99.0
    answer = daily(weather, NEXT_DAY + timedelta(days=2), [DAY, DAY + timedelta(days=1), last])
    assert [flag_names(int(bits)) for bits in answer.flags[:, 0]] == ["", "out_of_range", ""]


def test_a_day_under_way_is_filled_by_the_forecast_and_provisional() -> None:
    answer = daily(forecast(hours(), NOON, NOON - HOUR), now=NOON)
    assert answer.provisional.all()
    assert not answer.flags.any()
    assert (one(answer, "temp_c"), one(answer, "tmax_c")) == (13, 23)
    assert one(answer, "rain_day_mm") == pytest.approx(2.4)


@pytest.mark.parametrize("minute", [0, 29, 30, 31, 59])
@pytest.mark.parametrize("late", [0, 1, 2])
def test_a_station_alone_gives_todays_grade_from_what_it_has_sent(minute: int, late: int) -> None:
    now = NOON + 3 * HOUR + timedelta(minutes=minute)
    weather = without(hours(), NOON + (4 - late) * HOUR, days.span(DAY, DAY, LINXIA)[1])
    answer = daily(weather, now)
    assert answer.provisional.all()
    assert one(answer, "tmax_c") == 16 - late
    assert one(answer, "rain_day_mm") == pytest.approx(0.1 * (16 - late))


def test_a_station_that_fell_silent_gives_no_grade() -> None:
    now = NOON + 8 * HOUR
    weather = without(hours(), NOON - 2 * HOUR, days.span(DAY, DAY, LINXIA)[1])
    answer = daily(weather, now)
    assert all(np.isnan(one(answer, name)) for name in ("temp_c", "tmax_c", "rain_day_mm"))


def test_before_its_noon_a_day_has_no_noon() -> None:
    weather = without(hours(), NOON - 2 * HOUR, days.span(DAY, DAY, LINXIA)[1])
    answer = daily(weather, NOON - 3 * HOUR)
    assert np.isnan(one(answer, "temp_c"))
    assert np.isnan(one(answer, "tmax_c"))


def test_points_do_not_touch_each_other() -> None:
    weather = hours()
    both = {name: np.hstack([getattr(weather, name), getattr(without(weather, NOON, NOON), name)]) for name in LIMITS}
    issued = {name: np.hstack([values, values]) for name, values in weather.issued.items()}
    answer = days.daily(Hours(weather.start, **both, issued=issued), [DAY], [LON, LON], LINXIA, NEXT_DAY, 6)
    assert answer.temp_c[0, 0] == 13
    assert np.isnan(answer.temp_c[0, 1])


@given(st.integers(1, 5), st.floats(-180, 180), st.sampled_from(["Asia/Shanghai", "America/Vancouver", "UTC"]))
def test_the_span_holds_every_noon_and_the_rain_before_it(length: int, lon: float, zone: str) -> None:
    last = DAY + timedelta(days=length - 1)
    start, end = days.span(DAY, last, ZoneInfo(zone))
    for on in (DAY, last):
        if abs(lon / 15 - (8 if zone == "Asia/Shanghai" else -8 if zone == "America/Vancouver" else 0)) <= 3:
            assert start <= days.noon(on, lon) - 24 * HOUR
            assert days.noon(on, lon) <= end


@pytest.mark.parametrize(("age_hours", "known"), [(36, True), (36.5, False)])
def test_a_forecast_too_old_grades_nothing_and_says_so(age_hours: float, known: bool) -> None:
    """Every source is away: the day under way is not made of what was thought two days ago."""
    answer = daily(forecast(hours(), NOON - 3 * HOUR, NOON - age_hours * HOUR), now=NOON)
    assert np.isnan(one(answer, "temp_c")) != known
    assert np.isnan(one(answer, "tmax_c")) != known
    assert "old_forecast" in flag_names(int(answer.flags[0, 0]))
    longer = days.daily(forecast(hours(), NOON, NOON - 60 * HOUR), [DAY], [LON], LINXIA, NOON, 6, max_age_hours=60)
    assert one(longer, "temp_c") == 13


IN_PLACE = Flag.FORECAST_IN_PLACE


def test_the_rain_of_today_may_rest_on_forecasts_of_short_lead_for_yesterday() -> None:
    """The fallback knows no past: without this the second day of an outage had no rain sum and no grade."""
    begins = NOON - 29 * HOUR
    weather = forecast(hours(), begins, NOON - 22 * HOUR)
    weather.issued["rain_mm"][:] = np.where(np.isnan(weather.issued["rain_mm"]), np.nan, lead_of(weather, 12))
    today = daily(weather, now=NOON)
    assert one(today, "rain_mm") == pytest.approx(2.4)
    assert Flag(int(today.flags[0, 0])) & IN_PLACE
    weather.issued["rain_mm"][:] = np.where(np.isnan(weather.issued["rain_mm"]), np.nan, lead_of(weather, 13))
    assert np.isnan(one(daily(weather, now=NOON), "rain_mm"))


def lead_of(weather: Hours, lead: int) -> Floats:
    """When each hour's forecast was issued, were it so many hours ahead."""
    return np.arange(1.0, len(weather.temp_c) + 1)[:, np.newaxis] - lead


def test_a_past_day_is_never_made_of_forecasts_however_short_their_lead() -> None:
    weather = forecast(hours(), days.span(DAY, DAY, LINXIA)[0] + HOUR, NOON)
    for name in LIMITS:
        weather.issued[name][:] = np.where(np.isnan(weather.issued[name]), np.nan, lead_of(weather, 1))
    answer = daily(weather)
    assert np.isnan([one(answer, name) for name in ("temp_c", "rain_mm", "tmax_c", "rain_day_mm")]).all()
    assert not Flag(int(answer.flags[0, 0])) & IN_PLACE


@pytest.mark.parametrize(("hours_ago", "marked"), [(2, True), (1, False)])
def test_hours_that_have_passed_and_are_only_forecast_mark_the_day(hours_ago: int, marked: bool) -> None:
    """The newest hours may be on their way; what is still to come has to be a forecast."""
    now = NOON + timedelta(minutes=30)
    weather = forecast(hours(), NOON - hours_ago * HOUR, NOON - 3 * HOUR)
    assert bool(Flag(int(daily(weather, now=now).flags[0, 0])) & IN_PLACE) == marked
