from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.weather.rain_counter import HOUR, JITTER_MM, MOST_AFTER_RESET_MM, amount, amounts

NOON = datetime(2026, 4, 1, 4, tzinfo=UTC)


def hours(*totals: float | None) -> dict[datetime, float]:
    return {NOON + number * HOUR: total for number, total in enumerate(totals) if total is not None}


def told(*totals: float | None) -> dict[int, float]:
    return {(at - NOON) // HOUR: rain_mm for at, rain_mm in amounts(hours(*totals)).items()}


def test_amounts_are_differences_without_the_noise_of_tenths() -> None:
    assert told(100.0, 100.0, 100.3, 102.5) == {1: 0.0, 2: 0.3, 3: 2.2}


def test_a_reset_is_not_negative_rain() -> None:
    assert told(100.0, 0.0, 1.2) == {1: 0.0, 2: 1.2}
    assert told(100.0, 0.4, 0.4) == {1: 0.4, 2: 0.0}


def test_what_fell_over_several_hours_is_put_into_none_of_them() -> None:
    assert told(1.0, None, 4.0, 4.2) == {3: 0.2}


@pytest.mark.parametrize(
    ("before_mm", "total_mm", "rain_mm"),
    [(20.0, 19.9, 0.0), (20.0, 19.0, None), (200.0, 60.0, None), (5.0, -1.0, None), (0.1, 0.0, 0.0)],
)
def test_a_counter_that_steps_back_is_jitter_or_broken_or_was_reset(
    before_mm: float, total_mm: float, rain_mm: float | None
) -> None:
    assert amount(before_mm, total_mm) == rain_mm


@given(st.floats(0, 1e4), st.floats(-10, 1e4))
def test_rain_is_never_negative_nor_more_than_the_counter_shows(before_mm: float, total_mm: float) -> None:
    rain_mm = amount(before_mm, total_mm)
    assert rain_mm is None or 0 <= rain_mm <= max(total_mm, 0) + 0.001
    if total_mm < before_mm - JITTER_MM - 0.001:
        assert rain_mm is None or rain_mm == total_mm <= MOST_AFTER_RESET_MM


@given(st.lists(st.floats(0, 50), min_size=2, max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(steps: list[float], chance: object) -> None:
    rows = [(NOON + timedelta(hours=number), sum(steps[: number + 1])) for number in range(len(steps))]
    shuffled = list(rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own generator
    assert amounts(dict(shuffled)) == amounts(dict(rows))
    assert sum(amounts(dict(rows)).values()) == pytest.approx(sum(steps[1:]), abs=0.01 * len(steps))
