"""Scores of forecasts: what never happened has no rate, and no data is scored in nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.outlook.scores import Pair, score

GRADES = st.integers(0, 5)
PAIRS = st.lists(
    st.builds(
        Pair,
        GRADES,
        GRADES,
        st.none() | st.floats(0, 100),
        st.none() | st.floats(0, 100),
        st.none() | st.floats(0, 1),
    )
)


def test_a_table_by_hand() -> None:
    found = score(
        [
            Pair(4, 5, 80.0, 95.0, 0.9),  # hit
            Pair(5, 4, 92.0, 88.0, 0.7),  # hit
            Pair(3, 4, 70.0, 75.0, 0.5),  # miss
            Pair(4, 2, 73.0, 50.0, 0.5),  # false alarm
            Pair(1, 1, 10.0, None, 0.0),  # correct negative
            Pair(0, 4, None, 80.0, None),
            Pair(4, 0, 75.0, None, 0.8),
        ]
    )
    assert (found.hits, found.misses, found.false_alarms, found.correct_negatives) == (2, 1, 1, 1)
    assert (found.scored, found.no_forecast, found.no_analysis) == (5, 1, 1)
    assert found.hit_rate == pytest.approx(2 / 3)
    assert found.false_alarm_ratio == pytest.approx(1 / 3)
    assert found.grade_bias == pytest.approx((-1 + 1 - 1 + 2 + 0) / 5)
    assert found.value_bias == pytest.approx((-15 + 4 - 5 + 23) / 4)
    assert found.brier == pytest.approx((0.01 + 0.09 + 0.25 + 0.25 + 0.0) / 5)


def test_without_a_case_there_is_no_rate() -> None:
    nothing = score([])
    assert (nothing.hit_rate, nothing.false_alarm_ratio, nothing.grade_bias, nothing.brier) == (None,) * 4
    calm = score([Pair(2, 1)])
    assert (calm.hit_rate, calm.false_alarm_ratio, calm.value_bias) == (None, None, None)
    assert calm.correct_negatives == 1
    assert score([Pair(2, 4)]).hit_rate == 0.0, "a case that was missed is a rate of zero"


@given(PAIRS)
def test_every_pair_is_counted_once(pairs: list[Pair]) -> None:
    found = score(pairs)
    assert found.scored + found.no_forecast + found.no_analysis == len(pairs)
    assert (found.hit_rate is None) == (found.hits + found.misses == 0)


@given(PAIRS, st.randoms())
def test_the_order_changes_no_count(pairs: list[Pair], chance: object) -> None:
    mixed = list(pairs)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis hands over a Random
    one, other = score(pairs), score(mixed)
    assert (one.hits, one.misses, one.false_alarms, one.no_analysis) == (
        other.hits,
        other.misses,
        other.false_alarms,
        other.no_analysis,
    )
