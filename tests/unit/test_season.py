"""When the season begins and ends, and what the winter leaves of the drought code."""

import dataclasses
import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.danger import resting
from firewatch.errors import BadInput
from firewatch.indices import fwi, fwi_series
from firewatch.indices.fwi_series import FwiDays, FwiState
from firewatch.indices.season import (
    SeasonRule,
    SeasonState,
    calendar_covers,
    overwintered_dc,
    stacked,
    step,
    with_rain,
)

NAN = math.nan
THAW, SNOW = SeasonRule("thaw"), SeasonRule("snow")
FOREST, GRASSLAND = ((11, 1), (5, 31)), ((10, 1), (5, 31))
RESTING = SeasonState(active=False)
KEPT = resting.Winter()


def active(rule: SeasonRule, tmax: list[float], snow: list[float] | None = None, start: SeasonState = RESTING) -> str:
    """The days as a row of letters: S in season, - out of it."""
    state, said = stacked([start]), ""
    for number, warmth in enumerate(tmax):
        depth = snow[number] if snow else NAN
        day = step(rule, state, np.array([warmth]), np.array([depth]), np.array([100.0]))
        state, said = day.state, said + ("S" if day.active[0] else "-")
    return said


# The calendar


@pytest.mark.parametrize(
    ("on", "forest", "both"),
    [
        (date(2026, 9, 30), False, False),
        (date(2026, 10, 1), False, True),
        (date(2026, 10, 31), False, True),
        (date(2026, 11, 1), True, True),
        (date(2026, 12, 31), True, True),
        (date(2028, 2, 29), True, True),
        (date(2026, 5, 31), True, True),
        (date(2026, 6, 1), False, False),
    ],
)
def test_the_season_of_the_law_runs_over_new_year(on: date, forest: bool, both: bool) -> None:
    assert calendar_covers([FOREST], on) is forest
    assert calendar_covers([FOREST, GRASSLAND], on) is both
    assert not calendar_covers([], on)


def test_a_window_within_a_year() -> None:
    covered = [on for n in range(365) if calendar_covers([((4, 1), (4, 30))], on := date(2026, 1, 1) + timedelta(n))]
    assert (covered[0], covered[-1], len(covered)) == (date(2026, 4, 1), date(2026, 4, 30), 30)


# The thaw


def test_the_third_warm_day_begins_a_season_and_the_third_cold_one_ends_it() -> None:
    assert active(THAW, [13, 12.1, 12.0, 13, 13, 13, 4, 4, 5.0, 4, 4, 4.9, 20]) == "-----SSSSSS--"


def test_a_missing_maximum_holds_no_season_up_and_ends_none() -> None:
    assert active(THAW, [13, NAN, 13, NAN, NAN, 13]) == "-----S"
    assert active(THAW, [4, 4, NAN, 4, 4, 4], start=SeasonState()) == "SSSSS-"


def test_a_chain_begins_in_season_until_winter_is_known() -> None:
    assert active(THAW, [NAN, 8, 8, 2, 2, 2], start=SeasonState()) == "SSSSS-"


def test_all_the_year_no_season_ends() -> None:
    assert active(SeasonRule(), [-20.0] * 5, [50.0] * 5, start=SeasonState()) == "SSSSS"
    assert active(SeasonRule(), [-20.0], start=RESTING) == "S"


# Snow


def test_the_third_day_without_snow_begins_a_season() -> None:
    assert active(SNOW, [3] * 6, [2.0, 1.9, 5, 0, 0, 1.9]) == "-----S"


def test_cold_alone_ends_no_season_where_no_snow_lies() -> None:
    start = SeasonState()
    assert active(SNOW, [0] * 5, [0] * 5, start=start) == "SSSSS"
    assert active(SNOW, [0] * 5, [0, 0, 0, 0, 3], start=start) == "SSSS-"
    assert active(SNOW, [8] * 5, [9] * 5, start=start) == "SSSSS"
    assert active(SNOW, [0] * 5, [NAN] * 5, start=start) == "SSSSS"


def test_with_unknown_snow_warm_days_tell_that_it_is_gone() -> None:
    assert active(SNOW, [13, 13, 13]) == "--S"
    assert active(SNOW, [8, 13, NAN, 13, 13], [0, NAN, NAN, NAN, NAN]) == "---S" + "S"
    assert active(SNOW, [8] * 9) == "-" * 9


def test_a_season_that_starts_below_its_end_is_refused() -> None:
    with pytest.raises(BadInput, match=r"not above the 5\.0 °C of its end"):
        SeasonRule("thaw", start_c=5.0)


# Overwintering


@pytest.mark.parametrize(
    ("autumn", "rain", "a", "b", "expected"),
    [
        # By hand: 0.75 * 800 exp(-300 / 400) + 3.94 * 0.75 * 110 = 283.42 + 325.05 = 608.47; 400 ln(800 / 608.47)
        (300.0, 110.0, 0.75, 0.75, 109.466),
        (300.0, 110.0, 1.0, 0.9, 16.353),
        (300.0, 0.0, 1.0, 0.5, 300.0),  # all of it is carried over and nothing fell
        (15.0, 600.0, 0.75, 0.75, 15.0),  # more than the soil holds
        (300.0, 0.0, 0.0, 0.75, 300.0),  # nothing is carried over and nothing fell: no answer, the autumn's stands
    ],
)
def test_a_drought_code_over_the_winter(autumn: float, rain: float, a: float, b: float, expected: float) -> None:
    assert overwintered_dc(np.array([autumn]), np.array([rain]), a, b)[0] == pytest.approx(expected, abs=0.001)


@given(autumn=st.floats(0, 1e6), rain=st.floats(0, 2000), more=st.floats(0, 2000), a=st.floats(0, 1), b=st.floats(0, 1))
def test_more_rain_never_leaves_a_higher_code(autumn: float, rain: float, more: float, a: float, b: float) -> None:
    dry, wet = overwintered_dc(np.array([autumn, autumn]), np.array([rain, rain + more]), a, b)
    assert math.isfinite(dry)
    assert wet >= fwi.START_DC
    assert wet <= dry or a * math.exp(-autumn / 400) + b * rain == 0.0


@pytest.mark.parametrize(("a", "b"), [(-0.1, 0.75), (0.75, 1.1)])
def test_shares_beyond_the_whole_are_refused(a: float, b: float) -> None:
    with pytest.raises(BadInput, match="have to lie between 0 and 1"):
        overwintered_dc(np.array([300.0]), np.array([0.0]), a, b)


def test_the_rain_of_a_winter_is_summed_and_a_gap_in_it_remembered() -> None:
    state = stacked([RESTING, SeasonState()])
    for rain in (2.0, NAN, 0.5):
        state = with_rain(state, np.array([rain, rain]))
    assert np.asarray(state.winter_rain_mm).tolist() == [2.5, 0.0]
    assert np.asarray(state.winter_gap).tolist() == [True, False]


# The codes


def run(tmax: npt.ArrayLike, rain: npt.ArrayLike, winter: resting.Winter = KEPT) -> list[Any]:
    """Days of one cell by the thaw: what came of each."""
    codes, season = fwi_series.stacked([FwiState(dc=300.0)]), stacked([SeasonState()])
    found = []
    for warmth, fell in zip(np.asarray(tmax, dtype=float), np.asarray(rain, dtype=float), strict=True):
        day = one_day(season, codes, warmth, fell, winter)
        codes, season = day.fwi.state, day.season
        found.append(day)
    return found


def one_day(
    season: SeasonState, codes: FwiState, tmax: float, rain: float, winter: resting.Winter
) -> resting.RestedDay:
    def stepped(start: FwiState) -> FwiDays:
        return fwi_series.daily([[tmax]], [[40.0]], [[10.0]], [[rain]], month=[4], lat=36.0, start=start)

    given = np.array([tmax]), np.array([NAN]), np.array([rain])
    return resting.next_day(THAW, winter, season, codes, *given, stepped)


YEAR = [20.0] * 5 + [0.0] * 20 + [15.0] * 5


def test_the_codes_rest_over_the_winter_and_begin_again_with_its_rain() -> None:
    days = run(YEAR, [0.0] * 5 + [5.0] * 20 + [0.0] * 5)
    assert [bool(day.rests[0]) for day in days] == [False] * 7 + [True] * 20 + [False] * 3
    assert all(math.isnan(day.fwi.fwi[0, 0]) and day.fwi.flags[0, 0] == 0 for day in days[7:27])
    autumn = float(days[6].fwi.dc[0, 0])
    assert autumn > 300.0
    # Eighteen wet days out of the twenty that rest: the first two cold ones were still in season.
    begun = overwintered_dc(np.array([autumn]), np.array([18 * 5.0]))
    first = fwi_series.daily([[15.0]], [[40.0]], [[10.0]], [[0.0]], [4], 36.0, start=FwiState(dc=begun))
    assert days[27].overwintered[0]
    assert days[27].fwi.dc.tobytes() == first.dc.tobytes()
    assert days[27].fwi.ffmc.tobytes() == first.ffmc.tobytes()
    assert [bool(day.overwintered[0]) for day in days].count(True) == 1


def test_without_overwintering_the_season_begins_with_the_start_values() -> None:
    days = run(YEAR, [0.0] * 30, resting.Winter(on=False))
    first = fwi_series.daily([[15.0]], [[40.0]], [[10.0]], [[0.0]], [4], 36.0)
    assert days[27].fwi.dc.tobytes() == first.dc.tobytes()
    assert not days[27].overwintered[0]


def test_a_winter_of_which_a_day_is_missing_says_so() -> None:
    days = run(YEAR, [0.0] * 10 + [NAN] + [0.0] * 19)
    assert [bool(day.winter_gap[0]) for day in days[26:29]] == [False, True, False]


anything = st.one_of(st.sampled_from([NAN, 0.0, 4.0, 13.0]), st.floats(-30, 40))


@given(
    days=st.lists(st.tuples(anything, st.one_of(st.just(NAN), st.floats(0, 60))), min_size=1, max_size=25),
    cut=st.integers(0, 25),
)
def test_a_season_taken_up_from_plain_numbers_goes_on_with_equal_bits(
    days: list[tuple[float, float]], cut: int
) -> None:
    codes, season = fwi_series.stacked([FwiState()]), stacked([SeasonState()])
    other_codes, other_season = codes, season
    for number, (tmax, rain) in enumerate(days):
        if number == cut:
            other_codes = fwi_series.stacked([other_codes.at(0)])
            other_season = stacked([other_season.at(0)])
        one = one_day(season, codes, tmax, rain, resting.Winter())
        two = one_day(other_season, other_codes, tmax, rain, resting.Winter())
        for name in ("ffmc", "dc", "fwi", "flags"):
            assert getattr(one.fwi, name).tobytes() == getattr(two.fwi, name).tobytes()
        for field in dataclasses.fields(SeasonState):
            assert np.array_equal(getattr(one.season, field.name), getattr(two.season, field.name))
        assert one.rests[0] == ~np.asarray(one.season.active)[0]
        codes, season, other_codes, other_season = one.fwi.state, one.season, two.fwi.state, two.season
