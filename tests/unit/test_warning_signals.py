"""From grades to signals: the table, the trigger days, the hysteresis, and what a day without data may not do."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.warnings.signals import (
    CLASS_OF,
    NO_DATA,
    Action,
    Grades,
    Rules,
    Signal,
    Standing,
    Trigger,
    Why,
    action,
    decide,
    ends_soon,
    out_of_season,
    rank,
    wanted,
)

BLUE, YELLOW, ORANGE, RED = Signal
DEFAULT = Rules({BLUE: Trigger(2), YELLOW: Trigger(3), ORANGE: Trigger(4), RED: Trigger(5)})
NOW = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)


def with_days(lower_after_days: int = 1, forecast_days: int = 0, **days: int) -> Rules:
    """The default table with other trigger days."""
    triggers = {
        signal: Trigger(trigger.from_grade, days.get(signal, 1)) for signal, trigger in DEFAULT.triggers.items()
    }
    return Rules(triggers, lower_after_days, forecast_days)


def test_red_is_the_first_class_and_the_highest() -> None:
    assert [CLASS_OF[signal] for signal in (RED, ORANGE, YELLOW, BLUE)] == [1, 2, 3, 4]
    assert sorted(Signal, key=rank) == [BLUE, YELLOW, ORANGE, RED]
    assert rank(None) < rank(BLUE)


@pytest.mark.parametrize(("grade", "signal"), [(0, None), (1, None), (2, BLUE), (3, YELLOW), (4, ORANGE), (5, RED)])
def test_the_table_by_default(grade: int, signal: Signal | None) -> None:
    assert wanted(DEFAULT, Grades([grade])) == signal


def test_yellow_may_need_three_days_running() -> None:
    rules = with_days(yellow=3)
    assert wanted(rules, Grades([3, 3, 3])) == YELLOW
    assert wanted(rules, Grades([3, 4, 3])) == YELLOW
    assert wanted(rules, Grades([3, 3])) == BLUE
    assert wanted(rules, Grades([3, 3, 3, 1])) is None, "three days running that ended yesterday"
    assert wanted(rules, Grades([3, NO_DATA, 3, 3])) == BLUE, "a day without data is not a third day"


def test_days_ahead_count_where_the_rules_say_so() -> None:
    rules = with_days(yellow=3, forecast_days=2)
    assert decide(rules, Grades([1, 3, 3], [3, 1]), None).target == YELLOW
    assert decide(rules, Grades([1, 1, 1], [1, 5]), None).target == RED
    assert decide(with_days(yellow=3), Grades([1, 3, 3], [3, 5]), None).target == BLUE


def test_raised_at_once_and_lowered_after_a_whole_day() -> None:
    assert decide(DEFAULT, Grades([3, 5]), Standing(YELLOW, 0)).target == RED
    assert decide(DEFAULT, Grades([5, 3]), Standing(RED, 1)).target == RED
    assert decide(DEFAULT, Grades([5, 3]), Standing(RED, 1)).why is Why.HELD
    lowered = decide(DEFAULT, Grades([5, 3, 2]), Standing(RED, 2))
    assert (lowered.target, lowered.why) == (YELLOW, Why.GRADES), "to the highest of the days that matter"
    assert decide(DEFAULT, Grades([5, 1, 1]), Standing(RED, 2)).target is None


def test_what_was_raised_today_is_not_lowered_today() -> None:
    assert decide(DEFAULT, Grades([3, 3]), Standing(RED, 0)).target == RED
    assert decide(with_days(lower_after_days=0), Grades([3, 3]), Standing(RED, 0)).target == YELLOW


def test_a_standing_warning_stays_when_there_is_no_data_and_says_so() -> None:
    stays = decide(DEFAULT, Grades([5, NO_DATA]), Standing(RED, 3))
    assert (stays.target, stays.no_data) == (RED, True)
    rests = decide(DEFAULT, Grades([NO_DATA] * 9), Standing(ORANGE, 9))
    assert (rests.target, rests.why, rests.no_data) == (ORANGE, Why.NO_DATA, True)
    assert decide(DEFAULT, Grades([]), Standing(BLUE, 9)).target == BLUE
    assert decide(DEFAULT, Grades([NO_DATA]), None).target is None


def test_nothing_is_lowered_on_a_day_without_data_even_if_the_days_before_would_do() -> None:
    stays = decide(with_days(red=3, yellow=3), Grades([5, 5, 5, 1, 1, NO_DATA]), Standing(RED, 5))
    assert (stays.target, stays.why) == (RED, Why.NO_DATA)


def test_missing_days_ahead_lower_nothing() -> None:
    rules = with_days(forecast_days=2)
    assert decide(rules, Grades([1, 1, 1], [1, 1]), Standing(RED, 5)).target is None
    assert decide(rules, Grades([1, 1, 1], [1]), Standing(RED, 5)).target == RED


def test_out_of_season_nothing_is_to_be_in_force() -> None:
    assert out_of_season().target is None
    assert out_of_season().why is Why.OUT_OF_SEASON


def test_what_leads_from_one_signal_to_another() -> None:
    assert action(RED, None) is Action.ISSUE
    assert action(RED, ORANGE) is Action.RAISE
    assert action(BLUE, ORANGE) is Action.LOWER
    assert action(None, ORANGE) is Action.LIFT
    assert action(ORANGE, ORANGE) is None
    assert action(None, None) is None


def test_a_warning_is_prolonged_before_it_ends() -> None:
    day, hour = timedelta(days=1), timedelta(hours=1)
    assert not ends_soon(NOW, NOW, NOW + day)
    assert ends_soon(NOW + 21 * hour, NOW, NOW + day)
    assert ends_soon(NOW + 2 * day, NOW, NOW + day)
    assert not ends_soon(NOW + 2 * hour, NOW, NOW + 4 * hour), "of a short one only the last quarter"


GRADE, KNOWN = st.integers(0, 5), st.integers(1, 5)
RULES = st.builds(
    with_days,
    lower_after_days=st.integers(0, 3),
    forecast_days=st.integers(0, 3),
    blue=st.integers(1, 4),
    yellow=st.integers(1, 4),
    orange=st.integers(1, 4),
    red=st.integers(1, 4),
)
STANDING = st.one_of(st.none(), st.builds(Standing, st.sampled_from(Signal), st.integers(0, 9)))


@given(RULES, st.lists(KNOWN, min_size=1, max_size=9), st.lists(KNOWN, max_size=3), STANDING, st.data())
def test_higher_grades_never_ask_for_less(
    rules: Rules, past: list[int], ahead: list[int], standing: Standing | None, data: st.DataObject
) -> None:
    worse = [data.draw(st.integers(grade, 5)) for grade in past]
    worse_ahead = [data.draw(st.integers(grade, 5)) for grade in ahead]
    before = decide(rules, Grades(past, ahead), standing).target
    assert rank(decide(rules, Grades(worse, worse_ahead), standing).target) >= rank(before)


@given(RULES, st.lists(GRADE, min_size=1, max_size=9), st.lists(GRADE, max_size=3), STANDING, st.data())
def test_a_day_without_data_neither_raises_nor_lowers(
    rules: Rules, past: list[int], ahead: list[int], standing: Standing | None, data: st.DataObject
) -> None:
    gone = [data.draw(st.sampled_from([grade, NO_DATA])) for grade in past]
    gone_ahead = [data.draw(st.sampled_from([grade, NO_DATA])) for grade in ahead]
    whole, less = (decide(rules, Grades(*days), standing).target for days in ((past, ahead), (gone, gone_ahead)))
    in_force = rank(standing.signal) if standing else 0
    assert min(rank(whole), in_force) <= rank(less) <= max(rank(whole), in_force)


@given(RULES, st.lists(GRADE, min_size=1, max_size=30))
def test_never_lowered_before_its_time(rules: Rules, season: list[int]) -> None:
    """A season day by day: whatever was asked for on one of the days that matter is still in force."""
    standing: Standing | None = None
    asked: list[Signal | None] = []
    for today in range(len(season)):
        past = season[: today + 1]
        asked.append(wanted(rules, Grades(past)))
        target = decide(rules, Grades(past), standing).target
        if standing and rank(target) < rank(standing.signal):
            lately = asked[-rules.lower_after_days - 1 :]
            assert all(rank(each) < rank(standing.signal) for each in lately)
            assert standing.days >= rules.lower_after_days
            assert NO_DATA not in past[-rules.lower_after_days - 1 :]
        assert rank(target) >= rank(asked[-1]), "raised at once"
        unchanged = standing is not None and standing.signal == target
        standing = Standing(target, (standing.days if unchanged and standing else 0) + 1) if target else None


@given(RULES, st.lists(st.lists(GRADE, min_size=1, max_size=6), min_size=1, max_size=6), st.randoms())
def test_a_permutation_of_zones_changes_nothing(rules: Rules, zones: list[list[int]], chance: object) -> None:
    order = list(range(len(zones)))
    chance.shuffle(order)  # type: ignore[attr-defined]  # hypothesis hands out a random.Random
    alone = [decide(rules, Grades(zone), None) for zone in zones]
    together = {place: decide(rules, Grades(zones[place]), None) for place in order}
    assert [together[place] for place in range(len(zones))] == alone
