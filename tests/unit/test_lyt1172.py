"""LY/T 1172-1995: the worked example, every edge of every table, the memory of rain."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.errors import BadInput
from firewatch.indices import lyt1172
from firewatch.indices.checks import flag_names
from firewatch.indices.lyt1172 import NO_DATA, WORDS, LytDays, LytState, daily

NAN = math.nan
# Worked in the design: 18.2 °C → 12, 22 % → 20, (rain) 35, 9.1 m/s → 25, 20 % green → 5.
DRY = [18.2, 22.0, 0.0, 9.1, 20.0, 0.0]


def run_of(days: list[list[float]], **options: Any) -> LytDays:  # noqa: ANN401 - the options of daily
    t, h, r, w, green, snow = np.array(days).reshape(len(days), 6, 1).transpose(1, 0, 2)
    return daily(t, h, r, w, green, snow, **options)


def day(**changed: float) -> list[float]:
    names = ("t", "h", "r", "w", "green", "snow")
    return [changed.get(name, usual) for name, usual in zip(names, DRY, strict=True)]


def names(days: LytDays) -> list[str]:
    return [flag_names(bits) for bits in days.flags[:, 0]]


def test_the_worked_example() -> None:
    days = run_of([day(r=3.0)] + [DRY] * 6)
    parts = [float(part[-1, 0]) for part in (days.a, days.b, days.c, days.d, days.e)]
    assert parts == [12, 20, 35, 25, 5]
    assert days.htz[-1, 0] == 87
    assert days.grade[-1, 0] == 4
    assert not days.flags.any()
    assert days.state.at(0) == LytState(6.0, 3.0, rain_gap=False)


def scores(function: Any, values: str) -> list[float]:  # noqa: ANN401 - a function of the module
    return function(np.array([float(value) for value in values.split()])).tolist()  # type: ignore[no-any-return]  # any function of arrays


def test_the_edges_of_temperature_and_what_lies_between() -> None:
    edges = "-60 5.0 5.04 5.05 5.1 10 10.1 15 15.1 20 20.1 25 25.04 25.05 25.1 60"
    assert scores(lyt1172.temp_score, edges) == [0, 0, 0, 4, 4, 4, 8, 8, 12, 12, 16, 16, 16, 20, 20, 20]


def test_the_edges_of_humidity_and_what_lies_between() -> None:
    edges = "100 71 70.51 70.5 70 61 60 51 50 41 40 31 30.5 30 0"
    assert scores(lyt1172.humidity_score, edges) == [0, 0, 0, 4, 4, 4, 8, 8, 12, 12, 16, 16, 20, 20, 20]


def test_the_edges_of_wind_are_those_of_beaufort() -> None:
    edges = "0 0.2 0.24 0.25 0.3 1.5 1.6 3.3 3.4 5.4 5.5 7.9 8.0 10.7 10.8 13.8 13.9 17.1 17.2 60"
    expected = [0, 0, 0, 5, 5, 5, 10, 10, 15, 15, 20, 20, 25, 25, 30, 30, 35, 35, 40, 40]
    assert scores(lyt1172.wind_score, edges) == expected


def test_the_edges_of_cover_and_the_larger_of_the_two() -> None:
    def green(values: np.ndarray[Any, Any]) -> Any:  # noqa: ANN401 - as the function itself
        return lyt1172.cover_score(values, np.zeros_like(values))

    def snow(values: np.ndarray[Any, Any]) -> Any:  # noqa: ANN401 - as the function itself
        return lyt1172.cover_score(np.zeros_like(values), values)

    assert scores(green, "0 19.9 20 49.9 50 74.9 75 99.9 100") == [0, 0, 5, 5, 10, 10, 15, 15, 20]
    assert scores(snow, "0 9.9 10 29.9 30 59.9 60 89.9 90 100") == [0, 0, 5, 5, 10, 10, 15, 15, 20, 20]
    assert lyt1172.cover_score(np.array([20.0, 75.0]), np.array([90.0, 10.0])).tolist() == [20, 15]


@pytest.mark.parametrize(
    ("wet_mm", "ladder"),
    [
        ("0.3 2.0 2.05", [10, 15, 20, 25, 30, 35, 40, 45, 50, 50, 50, 50, 50]),
        ("2.06 2.1 5.0", [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 50, 50, 50]),
        ("5.1 10.0", [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 50, 50]),
        ("10.1 500", [0, 0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 50]),
    ],
)
def test_the_ladder_of_rain(wet_mm: str, ladder: list[float]) -> None:
    for amount in wet_mm.split():
        amounts, days = np.full(13, float(amount)), np.arange(13.0)
        assert lyt1172.rain_score(amounts, days).tolist() == ladder
        assert lyt1172.rain_score(amounts, days, "jump").tolist() == [*ladder[:9], 50, 50, 50, 50]


def test_the_edges_of_the_grades() -> None:
    htz = np.array([-20, 0, 25, 26, 50, 51, 72, 73, 90, 91, 150, NAN])
    assert lyt1172.grade(htz).tolist() == [1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, NO_DATA]


def test_each_grade_has_its_words() -> None:
    assert list(WORDS) == [1, 2, 3, 4, 5]
    assert WORDS[4].danger_zh == "高度危险"
    assert WORDS[4].key == "lyt1172.grade.4"


def test_without_a_wet_day_in_the_history_c_is_full_and_marked() -> None:
    days = run_of([DRY, day(r=0.29), day(r=0.3), DRY])
    assert days.c[:, 0].tolist() == [50, 50, 10, 15]
    assert names(days) == ["history", "history", "", ""]


def test_the_last_wet_day_counts() -> None:
    days = run_of([day(r=20.0), DRY, day(r=0.3), DRY, day(r=7.0), DRY])
    assert days.c[:, 0].tolist() == [0, 0, 10, 15, 0, 5]


def test_hours_that_add_up_to_0_3_but_for_a_rounding_error_are_rain() -> None:
    rain = 1.2 - 0.9
    assert rain < 0.3
    days = run_of([day(r=rain)])
    assert days.c[0, 0] == 10
    again = run_of([DRY], start=days.state.at(0))
    assert again.c[0, 0] == 15


def test_a_day_without_a_rain_reading_has_no_grade_and_counts_as_dry_afterwards() -> None:
    days = run_of([day(r=3.0), day(r=NAN), DRY, day(r=1.0)])
    assert days.c[[0, 2, 3], 0].tolist() == [5, 15, 10]
    assert np.isnan(days.c[1, 0])
    assert days.grade[:, 0].tolist()[1] == NO_DATA
    assert names(days) == ["", "rain_missing;no_value;rain_gap", "rain_gap", ""]


@pytest.mark.parametrize(
    ("changed", "flags"),
    [
        ({"t": NAN}, "temp_missing;no_value"),
        ({"t": 60.1}, "temp_missing;out_of_range;no_value"),
        ({"h": NAN}, "rh_missing;no_value"),
        ({"h": 105.1}, "rh_missing;out_of_range;no_value"),
        ({"w": NAN}, "wind_missing;no_value"),
        ({"w": 69.5}, "wind_missing;out_of_range;no_value"),
        ({"r": -0.1}, "rain_missing;out_of_range;no_value;rain_gap"),
        ({"green": NAN}, "cover_missing;no_value"),
        ({"snow": 100.1}, "cover_missing;out_of_range;no_value"),
    ],
)
def test_a_missing_input_is_no_data_on_that_day_alone(changed: dict[str, float], flags: str) -> None:
    days = run_of([day(r=3.0), day(**changed), DRY])
    assert days.grade[:, 0].tolist() == [3, NO_DATA, 3]
    assert np.isnan(days.htz[:, 0]).tolist() == [False, True, False]
    assert names(days)[1] == flags


def test_humidity_a_little_over_100_is_clamped_and_told() -> None:
    days = run_of([day(r=3.0, h=104.0)])
    assert days.b[0, 0] == 0
    assert names(days) == ["rh_clamped"]


def test_calendar_days_without_any_reading_count_as_dry() -> None:
    wet = run_of([day(r=3.0)]).state.at(0)
    assert wet.after_missing(0) is wet
    later = run_of([DRY], start=wet.after_missing(4))
    assert later.c[0, 0] == 30
    assert names(later) == ["rain_gap"]


def test_cover_may_be_one_number_or_one_row_for_all_days() -> None:
    weather = np.tile(np.array(DRY)[:, None, None], (1, 3, 2))
    t, h, r, w, _, _ = weather
    days = daily(t, h, r, w, 20.0, [0.0, 90.0])
    assert days.e.tolist() == [[5, 20]] * 3


def test_no_days_leave_the_state_as_it_was() -> None:
    nothing = np.empty((0, 2))
    start = LytState(3.0, 1.0)
    assert daily(nothing, nothing, nothing, nothing, 0.0, 0.0, start=start).state.at(1) == start


rains = st.one_of(st.sampled_from([NAN, 0.0, 0.0, 0.0, 0.3, 2.05, 11.0, -1.0]), st.floats(0, 30))


@given(st.lists(st.lists(rains, min_size=3, max_size=3), min_size=1, max_size=25), st.data())
def test_a_run_cut_in_two_gives_the_same(rain: list[list[float]], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(rain)))
    r = np.array(rain)
    t = np.full(r.shape, 20.0)

    def graded(rows: slice, start: LytState) -> LytDays:
        return daily(t[rows], t[rows], r[rows], t[rows], 0.0, 0.0, start=start)

    whole = graded(slice(None), LytState())
    first = graded(slice(cut), LytState())
    second = graded(slice(cut, None), first.state)
    for name in ("htz", "grade", "flags"):
        halves = np.concatenate([getattr(first, name), getattr(second, name)])
        assert np.array_equal(halves, getattr(whole, name), equal_nan=True)
    assert repr(second.state) == repr(whole.state)
    alone = daily(t[:, :1], t[:, :1], r[:, :1], t[:, :1], 0.0, 0.0)
    assert np.array_equal(alone.htz, whole.htz[:, :1], equal_nan=True)


ONE = [[20.0]]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"tmax_c": [20.0]}, r"tmax_c: shape \(1,\), wanted \(days, cells\)"),
        ({"rain_mm": [[1.0, 2.0]]}, r"rain_mm: shape \(1, 2\) does not fit \(1, 1\)"),
        ({"snow_pct": "deep"}, "snow_pct: not an array of numbers"),
        ({"after_day_8": "leap"}, "'leap' is neither plus5 nor jump"),
        ({"start": LytState(3.0)}, "start: dry_days from 0"),
        ({"start": LytState(-1.0, 3.0)}, "start: dry_days from 0"),
        ({"start": LytState(3.0, 0.2)}, "start: dry_days from 0"),
        ({"start": LytState(np.array([1.0, 2.0]), 3.0)}, r"start.dry_days: shape \(2,\)"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(changed: dict[str, Any], message: str) -> None:
    good = dict.fromkeys(("tmax_c", "rhmin_pct", "rain_mm", "windmax_ms", "green_pct", "snow_pct"), ONE)
    with pytest.raises(BadInput, match=message):
        daily(**{**good, **changed})


@pytest.mark.reference
def test_the_tables_are_those_of_the_reference(reference: Path) -> None:
    table = json.loads((reference / "china" / "lyt1172_1995.json").read_text(encoding="utf-8"))
    for key, function in (("A_max_temp_c", lyt1172.temp_score), ("B_min_rh_pct", lyt1172.humidity_score)):
        for band in table[key]:
            edges = np.array([band[edge] for edge in ("min", "max") if edge in band], dtype=float)
            assert set(function(edges).tolist()) == {band["score"]}
    for band in table["D_max_wind_beaufort"]:
        edges = np.array([edge for edge in (band["ms_min"], band["ms_max"]) if edge is not None])
        assert set(lyt1172.wind_score(edges).tolist()) == {band["score"]}
    for band in table["C_precip_mm_by_days_since"]["bands"]:
        for amount in filter(None, (band["min_mm"], band["max_mm"])):
            ladder = lyt1172.rain_score(np.full(9, amount), np.arange(9.0)).tolist()
            assert ladder == band["scores_day0_to_8"]
    for entry in table["grades"]:
        for edge in ("htz_min", "htz_max"):
            if edge in entry:
                assert lyt1172.grade(np.array([float(entry[edge])])) == entry["grade"]
        words = WORDS[entry["grade"]]
        assert [words.danger_zh, words.burn_zh, words.spread_zh, words.danger_en] == [
            entry[key] for key in ("danger", "burn", "spread", "en")
        ]
