"""Time worked and the rest it asks for."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.resources.hours import Limits, Spell, must_rest_until, worked

START = datetime(2026, 4, 1, tzinfo=UTC)
LIMITS = Limits(timedelta(hours=16), timedelta(hours=8))


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


def spells(*pairs: tuple[float, float | None]) -> list[Spell]:
    return [Spell(at(begin), None if end is None else at(end)) for begin, end in pairs]


@pytest.mark.parametrize(
    ("past", "now", "hours", "until"),
    [
        ([], 0, 0, None),
        ([(0, 10)], 12, 10, None),
        ([(0, 10), (12, 18)], 19, 16, 26),  # the break of two hours makes up for nothing
        ([(0, 10), (18, 24)], 25, 6, None),  # eight hours off do
        ([(0, 17)], 24.9, 17, 25),
        ([(0, 17)], 25, 0, None),
        ([(0, None)], 15.9, 15.9, None),
        ([(0, None)], 16, 16, 24),  # who still works could begin to rest now
        ([(0, 10), (12, None)], 20, 18, 28),
        ([(0, 16), (24, 26)], 27, 2, None),
    ],
)
def test_work_adds_up_until_a_whole_rest(
    past: list[tuple[float, float | None]], now: float, hours: float, until: float | None
) -> None:
    assert worked(spells(*past), at(now), LIMITS) == timedelta(hours=hours)
    assert must_rest_until(spells(*past), at(now), LIMITS) == (None if until is None else at(until))


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), max_size=8), st.integers(0, 900))
def test_whoever_rests_till_then_may_work_again(steps: list[tuple[int, int]], later: int) -> None:
    past, end = [], 0
    for off, on in steps:
        past.append((end + off, end + off + on))
        end += off + on
    record, now = spells(*((a / 60, b / 60) for a, b in past)), at((end + later) / 60)
    until = must_rest_until(record, now, LIMITS)
    assert (until is None) == (worked(record, now, LIMITS) < LIMITS.work)
    if until is not None:
        assert now < until <= now + LIMITS.rest
        assert must_rest_until(record, until, LIMITS) is None
        assert must_rest_until(record, until - timedelta(seconds=1), LIMITS) == until
