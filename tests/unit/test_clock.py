"""Clocks: aware, in UTC, never backwards, as fast as they were told; local days with and without daylight saving."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.clock import Clock, FixedClock, ScaledClock, SystemClock, day_bounds, local_day

START = datetime(2026, 3, 1, tzinfo=UTC)
LINXIA = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize("clock", [SystemClock(), ScaledClock(START, 20), FixedClock(START)])
def test_every_clock_tells_aware_utc_and_never_steps_back(clock: Clock) -> None:
    first, second = clock.now(), clock.now()
    assert first.tzinfo is UTC
    assert first <= second


def test_the_system_clock_is_the_machines() -> None:
    before = time.time()
    told = SystemClock().now().timestamp()
    assert before <= told <= time.time()
    assert SystemClock().real_seconds(timedelta(minutes=2)) == 120


def test_a_scaled_clock_runs_as_fast_as_it_was_told() -> None:
    started = time.monotonic()
    clock = ScaledClock(START, 1000, started)
    told = (clock.now() - START).total_seconds()
    assert 0 <= told <= (time.monotonic() - started) * 1000
    assert ScaledClock(START, 1000, started - 5).now() >= START + timedelta(seconds=5000)
    assert clock.real_seconds(timedelta(minutes=2)) == pytest.approx(0.12)


def test_a_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(START)
    assert clock.now() == clock.now() == START
    assert clock.advance(hours=1, minutes=30) == START + timedelta(minutes=90)
    assert clock.now() == START + timedelta(minutes=90)
    assert clock.real_seconds(timedelta(days=1)) == 0


def test_the_local_day_begins_eight_hours_before_utcs_in_linxia() -> None:
    assert local_day(datetime(2026, 4, 1, 15, 59, tzinfo=UTC), LINXIA) == date(2026, 4, 1)
    assert local_day(datetime(2026, 4, 1, 16, 0, tzinfo=UTC), LINXIA) == date(2026, 4, 2)
    assert day_bounds(date(2026, 4, 1), LINXIA) == (
        datetime(2026, 3, 31, 16, tzinfo=UTC),
        datetime(2026, 4, 1, 16, tzinfo=UTC),
    )


@pytest.mark.parametrize(("on", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_a_day_is_as_long_as_it_really_is(on: date, hours: int) -> None:
    start, end = day_bounds(on, LONDON)
    assert end - start == timedelta(hours=hours)


days = st.dates(date(1950, 1, 1), date(2100, 1, 1))
zones = st.sampled_from(["Asia/Shanghai", "Europe/London", "America/Edmonton", "Australia/Lord_Howe", "UTC"])


@given(days, zones)
def test_days_follow_each_other_without_gap_or_overlap(on: date, name: str) -> None:
    zone = ZoneInfo(name)
    start, end = day_bounds(on, zone)
    assert day_bounds(on + timedelta(days=1), zone)[0] == end
    assert local_day(start, zone) == on
    assert local_day(end - timedelta(microseconds=1), zone) == on
