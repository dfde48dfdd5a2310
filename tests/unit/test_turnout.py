"""By day or by night: which turnout counts."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.resources.turnout import Hours, Turnout, is_night, turnout

USUAL = Hours(time(21), time(6))
AFTER_MIDNIGHT = Hours(time(0), time(5))
MIDNIGHT = datetime(2026, 4, 1)  # noqa: DTZ001 - local time
TIMES = st.times().map(lambda at: at.replace(tzinfo=None))


def at(text: str) -> datetime:
    return datetime.combine(MIDNIGHT, time.fromisoformat(text))


@pytest.mark.parametrize(
    ("text", "hours", "night"),
    [
        ("20:59:59", USUAL, False),
        ("21:00", USUAL, True),
        ("00:00", USUAL, True),
        ("05:59:59", USUAL, True),
        ("06:00", USUAL, False),
        ("12:00", USUAL, False),
        ("00:00", AFTER_MIDNIGHT, True),
        ("04:59", AFTER_MIDNIGHT, True),
        ("05:00", AFTER_MIDNIGHT, False),
        ("23:59", AFTER_MIDNIGHT, False),
    ],
)
def test_the_night_begins_and_ends_to_the_minute(text: str, hours: Hours, night: bool) -> None:
    assert is_night(at(text), hours) is night
    assert turnout(10, 25, at(text), hours) == (Turnout(25, by_night=True) if night else Turnout(10, by_night=False))
    assert turnout(10, None, at(text), hours) == Turnout(10, by_night=False)


def test_at_once_by_night_is_not_the_same_as_not_set() -> None:
    assert turnout(10, 0, at("22:00"), USUAL) == Turnout(0, by_night=True)


@given(TIMES, TIMES)
def test_a_day_is_night_for_as_long_as_the_hours_say(start: time, end: time) -> None:
    hours = Hours(start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0))
    minutes = sum(is_night(MIDNIGHT + timedelta(minutes=minute), hours) for minute in range(1440))
    length = (datetime.combine(MIDNIGHT, hours.night_until) - datetime.combine(MIDNIGHT, hours.night_from)) % timedelta(
        days=1
    )
    assert minutes == length / timedelta(minutes=1)


@given(TIMES, TIMES, st.datetimes())
def test_what_is_night_is_day_when_the_hours_are_turned_round(start: time, end: time, moment: datetime) -> None:
    if start != end:
        assert is_night(moment, Hours(start, end)) is not is_night(moment, Hours(end, start))
