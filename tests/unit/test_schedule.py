from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.jobs.schedule import MOST, DailyAt, Every, Schedule, WeeklyAt, due

LINXIA, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
BOUNDS = (datetime(2001, 1, 1), datetime(2040, 1, 1))  # noqa: DTZ001 - hypothesis wants naive bounds
INSTANTS = st.datetimes(*BOUNDS, timezones=st.just(UTC))
SCHEDULES = st.one_of(
    st.builds(Every, st.integers(1, 1440), st.integers(0, 1439)),
    st.builds(DailyAt, st.integers(0, 1440), st.sampled_from([LINXIA, BERLIN])),
    st.builds(WeeklyAt, st.integers(0, 6), st.integers(0, 1440), st.sampled_from([LINXIA, BERLIN])),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_every_hour_at_its_own_minute() -> None:
    hourly = Every(60, offset_minutes=17)
    assert hourly.latest(at("2026-04-01T04:16:59Z")) == at("2026-04-01T03:17:00Z")
    assert hourly.latest(at("2026-04-01T04:17:00Z")) == at("2026-04-01T04:17:00Z")


def test_every_monday_at_ten_in_linxia() -> None:
    weekly = WeeklyAt(0, 10 * 60, LINXIA)
    monday = at("2026-03-30T02:00:00Z")
    assert weekly.latest(monday) == monday
    assert weekly.latest(at("2026-04-06T01:59:59Z")) == monday
    assert weekly.latest(at("2026-04-06T02:00:00Z")) == at("2026-04-06T02:00:00Z")
    assert weekly.before(monday) == at("2026-03-23T02:00:00Z")


def test_a_weekly_instant_keeps_its_hour_when_the_clocks_change() -> None:
    weekly = WeeklyAt(6, 10 * 60, BERLIN)
    assert weekly.latest(at("2026-03-29T09:00:00Z")) == at("2026-03-29T08:00:00Z")
    assert weekly.before(at("2026-03-29T08:00:00Z")) == at("2026-03-22T09:00:00Z")


@given(SCHEDULES, INSTANTS)
def test_the_next_instant_is_the_one_before_which_this_one_is(schedule: Schedule, now: datetime) -> None:
    latest = schedule.latest(now)
    following = schedule.after(latest)
    assert latest <= now < following
    assert schedule.latest(following - timedelta(seconds=1)) == latest


def test_every_day_at_two_in_linxia() -> None:
    daily = DailyAt(14 * 60, LINXIA)
    assert daily.latest(at("2026-04-01T05:59:59Z")) == at("2026-03-31T06:00:00Z")
    assert daily.latest(at("2026-04-01T06:00:00Z")) == at("2026-04-01T06:00:00Z")


def test_a_day_of_23_hours_is_a_day() -> None:
    daily = DailyAt(14 * 60, BERLIN)
    after = daily.latest(at("2026-03-29T20:00:00Z"))
    assert after == at("2026-03-29T12:00:00Z")
    assert daily.before(after) == at("2026-03-28T13:00:00Z")


@given(SCHEDULES, INSTANTS)
def test_whoever_looks_sees_the_same_grid(schedule: Schedule, now: datetime) -> None:
    latest = schedule.latest(now)
    assert latest <= now
    assert schedule.latest(latest) == latest
    before = schedule.before(latest)
    assert before < latest
    assert schedule.latest(latest - timedelta(microseconds=1)) == before


@given(SCHEDULES, INSTANTS, st.integers(0, 20))
def test_what_was_missed_is_caught_up_once_and_in_order(schedule: Schedule, now: datetime, missed: int) -> None:
    last = schedule.latest(now)
    for _ in range(missed):
        last = schedule.before(last)
    caught_up = due(schedule, last, now, each=True)
    assert len(caught_up) == missed
    assert caught_up == sorted(caught_up)
    assert not caught_up or caught_up[-1] == schedule.latest(now)
    assert due(schedule, last, now, each=False) == caught_up[-1:]
    assert due(schedule, schedule.latest(now), now, each=True) == []


@pytest.mark.parametrize("each", [True, False])
def test_a_new_service_begins_with_the_latest(each: bool) -> None:
    assert due(Every(60), None, at("2026-04-01T04:30:00Z"), each=each) == [at("2026-04-01T04:00:00Z")]


@pytest.mark.parametrize("each", [True, False])
def test_a_clock_that_ran_years_ahead_stops_nothing_once_it_is_right(each: bool) -> None:
    # Whether that one was begun already is told by its row, of which there is only one.
    assert due(Every(60), at("2031-04-01T05:00:00Z"), at("2026-04-01T04:30:00Z"), each=each) == [
        at("2026-04-01T04:00:00Z")
    ]


def test_years_of_silence_are_caught_up_within_reason() -> None:
    daily = DailyAt(14 * 60, LINXIA)
    caught_up = due(daily, at("2020-01-01T06:00:00Z"), at("2026-04-01T07:00:00Z"), each=True)
    assert len(caught_up) == MOST
    assert caught_up[-1] == at("2026-04-01T06:00:00Z")
