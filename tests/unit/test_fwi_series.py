"""The FWI System day after day: the published tables, gaps, bad values, and a run cut in two."""

import csv
import dataclasses
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.errors import BadInput
from firewatch.indices import fwi, fwi_series
from firewatch.indices.checks import TEMP_C, Flag, believed, flag_names
from firewatch.indices.fwi_series import SPIN_UP_DAYS, FwiDays, FwiState, daily, stacked

GOLDEN = Path(fwi_series.__file__).parent / "tables"
RESULTS = ("ffmc", "dmc", "dc", "isi", "bui", "fwi", "dsr")
NAN = math.nan

Array = npt.NDArray[np.float64]


def run(weather: Iterable[Array], month: Any, lat: Any, **options: Any) -> FwiDays:  # noqa: ANN401 - whatever daily takes
    """`daily` of the four variables as one array of shape (4, days, cells)."""
    t, h, w, r = weather
    return daily(t, h, w, r, month, lat, **options)


def columns(name: str) -> dict[str, Array]:
    with (GOLDEN / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([[float(row[key])] for row in rows]) for key in rows[0]}


def test_the_published_table_agrees_in_every_printed_value() -> None:
    table = columns("vw1985_published_49day.csv")
    weather = [table[name] for name in ("temp_c", "rh", "ws_kmh", "prec_mm")]
    result = run(weather, month=table["month"][:, 0], lat=table["lat"][0])
    for name in RESULTS:
        decimals = 2 if name == "dsr" else 1
        assert np.round(getattr(result, name), decimals).tolist() == table[name].tolist(), name
    assert not result.flags.any()


def test_the_full_precision_table_agrees() -> None:
    table = columns("vw1985_48day_fullprec.csv")
    result = run([table[name] for name in ("temp", "rh", "ws", "prec")], month=table["mon"][:, 0], lat=40)
    for name in RESULTS:
        np.testing.assert_allclose(getattr(result, name), table[name], rtol=1e-9, atol=0.0, err_msg=name)
    exact = run(
        [table[name] for name in ("temp", "rh", "ws", "prec")], month=table["mon"][:, 0], lat=40, constant="exact"
    )
    assert 0.0 < np.abs(exact.ffmc - result.ffmc).max() < 0.2


# A fine week in May: temperature, humidity, wind, rain of one cell.
FINE = (20.0, 35.0, 12.0, 0.0)


def fine_days(days: int) -> list[list[float]]:
    return [list(FINE) for _ in range(days)]


def run_of(days: list[list[float]], **options: Any) -> FwiDays:  # noqa: ANN401 - the options of daily
    weather = np.array(days).reshape(len(days), 4)
    return run([weather[:, [i]] for i in range(4)], month=[5] * len(days), lat=36.0, **options)


def names(result: FwiDays) -> list[str]:
    return [flag_names(bits) for bits in result.flags[:, 0]]


@pytest.mark.parametrize(
    ("variable", "bad", "flag"),
    [
        (0, NAN, "temp_missing;bridged"),
        (0, -60.1, "temp_missing;out_of_range;bridged"),
        (0, math.inf, "temp_missing;out_of_range;bridged"),
        (1, NAN, "rh_missing;bridged"),
        (1, -0.1, "rh_missing;out_of_range;bridged"),
        (1, 105.1, "rh_missing;out_of_range;bridged"),
        (2, NAN, "wind_missing;bridged"),
        (2, 250.1, "wind_missing;out_of_range;bridged"),
        (3, NAN, "rain_missing;bridged"),
        (3, -0.1, "rain_missing;out_of_range;bridged"),
        (3, 500.1, "rain_missing;out_of_range;bridged"),
    ],
)
def test_a_bad_value_is_bridged_and_the_good_ones_beside_it_are_used(variable: int, bad: float, flag: str) -> None:
    days = fine_days(3)
    days[1] = [25.0, 20.0, 30.0, 1.0]
    days[1][variable] = bad
    mended = [day.copy() for day in days]
    mended[1][variable] = FINE[variable]  # the last valid reading; no rain
    result, expected = run_of(days), run_of(mended)
    assert names(result) == ["", flag, ""]
    for name in RESULTS:
        assert getattr(result, name).tolist() == getattr(expected, name).tolist()


@pytest.mark.parametrize(("variable", "edges"), [(0, (-60, 60)), (1, (0, 100)), (2, (0, 250)), (3, (0, 500))])
def test_the_edges_of_a_range_are_inside(variable: int, edges: tuple[float, float]) -> None:
    for edge in edges:
        days = fine_days(2)
        days[1][variable] = edge
        assert names(run_of(days)) == ["", ""]


def test_humidity_a_little_over_100_is_clamped_and_told() -> None:
    days = fine_days(3)
    days[1][1] = 105.0
    result = run_of(days)
    assert names(result) == ["", "rh_clamped", ""]
    days[1][1] = 100.0
    assert result.ffmc.tolist() == run_of(days).ffmc.tolist()


def test_the_longest_gap_is_bridged_and_one_day_more_restarts_the_codes() -> None:
    bad = [[NAN] * 4]
    bridged = run_of(fine_days(10) + bad * 3 + fine_days(1))
    assert names(bridged)[9:] == ["", *["temp_missing;rh_missing;wind_missing;rain_missing;bridged"] * 3, ""]
    assert bridged.dc.tolist() == run_of(fine_days(14)).dc.tolist()

    days = fine_days(10) + bad * 5 + fine_days(SPIN_UP_DAYS + 2)
    result = run_of(days)
    missing = "temp_missing;rh_missing;wind_missing;rain_missing"
    assert names(result)[10:15] == [f"{missing};bridged"] * 3 + [f"{missing};no_value"] * 2
    assert np.isnan(result.dc[13:15]).all()
    assert np.isfinite(result.dc[:13]).all()
    assert names(result)[15:] == ["restarted;spin_up", *["spin_up"] * (SPIN_UP_DAYS - 1), "", ""]
    afresh = run_of(fine_days(SPIN_UP_DAYS + 2))
    for name in RESULTS:
        assert getattr(result, name)[15:].tolist() == getattr(afresh, name).tolist()


@pytest.mark.parametrize(("broken", "goes_on"), [(0, set()), (1, {"dc"}), (2, {"dc", "dmc"}), (3, set())])
def test_a_broken_sensor_begins_no_code_anew_that_does_not_ask_for_it(broken: int, goes_on: set[str]) -> None:
    days = fine_days(40)
    for day in days[20:30]:
        day[broken] = NAN
    result, whole, afresh = run_of(days), run_of(fine_days(40)), run_of(fine_days(10))
    lost = f"{('temp', 'rh', 'wind', 'rain')[broken]}_missing"
    assert names(result)[20:31] == [f"{lost};bridged"] * 3 + [f"{lost};no_value"] * 7 + ["restarted;spin_up"]
    for name in ("ffmc", "dmc", "dc"):
        wanted = whole if name in goes_on else afresh
        assert getattr(result, name)[30:].tolist() == getattr(wanted, name)[-10:].tolist(), name
        assert np.isnan(getattr(result, name)[23:30]).all(), "without a value all the same"


def test_without_any_wind_ever_the_drought_is_known_all_the_same() -> None:
    result = run_of([[20.0, 35.0, NAN, 0.0]] * 40 + fine_days(1))
    # The first three days wait for a first reading of wind.
    assert result.dc[40, 0] == run_of(fine_days(38)).dc[-1, 0]
    assert names(result)[40] == "restarted;spin_up"


def test_the_longest_gap_can_be_chosen() -> None:
    days = [*fine_days(2), [NAN] * 4, *fine_days(1)]
    assert names(run_of(days, max_gap_days=0))[3] == "restarted;spin_up"
    assert names(run_of(days, max_gap_days=1))[3] == ""
    with pytest.raises(BadInput, match="max_gap_days: -1"):
        run_of(days, max_gap_days=-1)


def test_without_any_valid_reading_there_is_no_value_and_the_state_waits() -> None:
    result = run_of([[NAN, 35.0, 12.0, 0.0]] * 2 + fine_days(1), start=FwiState(90, 40, 300))
    assert names(result) == ["temp_missing;no_value"] * 2 + [""]
    assert result.dc[2, 0] == run_of(fine_days(1), start=FwiState(90, 40, 300)).dc[0, 0]
    assert np.isnan(result.fwi[:2]).all()


def test_rain_alone_can_be_bridged_on_the_first_day() -> None:
    result = run_of([[20.0, 35.0, 12.0, NAN]])
    assert names(result) == ["rain_missing;bridged"]
    assert result.fwi[0, 0] == run_of(fine_days(1)).fwi[0, 0]


def test_a_cold_start_amid_a_season_is_marked_until_the_start_values_are_forgotten() -> None:
    result = run_of(fine_days(SPIN_UP_DAYS + 1), start=FwiState.cold_start())
    assert names(result) == ["spin_up"] * SPIN_UP_DAYS + [""]
    assert result.state.at(0).spin_up_left == 0


def test_flags_are_named_in_a_fixed_order() -> None:
    every = Flag(0)
    for flag in Flag:
        every |= flag
    assert flag_names(every) == (
        "temp_missing;rh_missing;wind_missing;rain_missing;cover_missing;out_of_range;rh_clamped;bridged;no_value;"
        "gap_before;restarted;spin_up;history;rain_gap;old_forecast;forecast_in_place;spike;stuck;all_equal;"
        "temp_suspect;rh_suspect;wind_suspect;rain_suspect;snow_suspect"
    )
    assert flag_names(0) == ""


def test_no_days_leave_the_state_as_it_was() -> None:
    start = FwiState(90.0, 40.0, 300.0, 20.0, 35.0, 12.0, 1, 7)
    nothing = np.empty((0, 2))
    result = daily(nothing, nothing, nothing, nothing, month=[], lat=36.0, start=start)
    assert result.fwi.shape == (0, 2)
    assert result.state.at(1) == start


# Any double at all, with plausible weather, the edges and the missing often enough to matter.
anything = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([NAN, NAN, 0.0, 0.5, 1.5, 2.8, 100.0, 101.0, 105.0, -9999.0]),
    st.floats(0, 60),
)


@st.composite
def seasons(draw: st.DrawFn, values: st.SearchStrategy[float] = anything) -> tuple[Array, list[int], Array]:
    """Weather of shape (4, days, cells), months and latitudes."""
    days, cells = draw(st.integers(1, 14)), draw(st.integers(1, 9))
    flat = draw(st.lists(values, min_size=4 * days * cells, max_size=4 * days * cells))
    months = draw(st.lists(st.integers(1, 12), min_size=days, max_size=days))
    lat = draw(st.lists(st.floats(-90, 90), min_size=cells, max_size=cells))
    return np.array(flat).reshape(4, days, cells), months, np.array(lat)


def bits(*runs: FwiDays) -> list[bytes]:
    """All bits of runs that follow one another."""
    return [np.concatenate([getattr(run, name) for run in runs]).tobytes() for name in (*RESULTS, "flags")]


def state_bits(state: FwiState) -> list[bytes]:
    return [np.asarray(getattr(state, field.name)).tobytes() for field in dataclasses.fields(state)]


@given(seasons())
def test_no_input_however_bad_spoils_later_days(season: tuple[Array, list[int], Array]) -> None:
    weather, months, lat = season
    fine = np.tile(np.array(FINE)[:, None, None], (1, 1, len(lat)))
    result = run(np.concatenate([weather, fine], axis=1), month=[*months, 5], lat=lat)
    for name in RESULTS:
        assert np.isfinite(getattr(result, name)[-1]).all()
        valued = result.flags & Flag.NO_VALUE == 0
        assert np.array_equal(np.isfinite(getattr(result, name)), valued), name


@given(seasons(), st.integers(0, 14), st.booleans())
def test_a_run_cut_in_two_gives_the_same_bits(season: tuple[Array, list[int], Array], cut: int, cold: bool) -> None:
    weather, months, lat = season
    start = FwiState.cold_start() if cold else FwiState()
    whole = run(weather, month=months, lat=lat, start=start)
    first = run(weather[:, :cut], month=months[:cut], lat=lat, start=start)
    stored = stacked([first.state.at(cell) for cell in range(len(lat))])  # by way of plain numbers, as in a database
    second = run(weather[:, cut:], month=months[cut:], lat=lat, start=stored)
    assert bits(first, second) == bits(whole)
    assert state_bits(second.state) == state_bits(whole.state)


def test_blocks_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(3)
    weather = draw.uniform([[[-5]], [[20]], [[0]], [[-1]]], [[[35]], [[104]], [[40]], [[9]]], (4, 30, 23))
    weather[:, draw.random((30, 23)) < 0.05] = NAN
    whole = run(weather, month=[5] * 30, lat=np.linspace(-60, 60, 23))
    monkeypatch.setattr(fwi_series, "BLOCK_CELLS", 5)
    parts = run(weather, month=[5] * 30, lat=np.linspace(-60, 60, 23))
    for name in (*RESULTS, "flags"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name), equal_nan=name != "flags"), name
    assert all(whole.state.at(cell) == parts.state.at(cell) for cell in range(23))


@given(seasons(), st.randoms())
def test_the_order_of_the_cells_changes_nothing(season: tuple[Array, list[int], Array], random: Any) -> None:  # noqa: ANN401 - hypothesis's own generator
    weather, months, lat = season
    order = list(range(len(lat)))
    random.shuffle(order)
    result = run(weather, month=months, lat=lat)
    mixed = run(weather[:, :, order], month=months, lat=lat[order])
    for name in (*RESULTS, "flags"):
        assert getattr(result, name)[:, order].tobytes() == getattr(mixed, name).tobytes()
    for cell in order:
        alone = run(weather[:, :, [cell]], month=months, lat=lat[cell])
        assert alone.fwi.tobytes() == result.fwi[:, [cell]].tobytes()


@given(seasons(st.floats(0, 60)), st.sampled_from(["vw1985", "exact"]))
def test_a_series_is_the_day_step_repeated(season: tuple[Array, list[int], Array], constant: str) -> None:
    weather, months, lat = season
    result = run(weather, month=months, lat=lat, constant=constant)
    codes: tuple[float | Array, ...] = (85.0, 6.0, 15.0)
    for day, month in enumerate(months):
        t, h, w, r = weather[:, day]
        codes = (
            fwi.ffmc(codes[0], t, h, w, r, constant),
            fwi.dmc(codes[1], t, h, r, fwi.day_length(lat, month)),
            fwi.dc(codes[2], t, r, fwi.drying_factor(lat, month)),
        )
        index = fwi.fwi(fwi.isi(codes[0], w, constant), fwi.bui(codes[1], codes[2]))
        assert np.array_equal(result.fwi[day], index)


ONE = np.array([[20.0]])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"temp_c": [20.0]}, r"temp_c: shape \(1,\), wanted \(days, cells\)"),
        ({"rain_mm": [[0.0, 0.0]]}, r"rain_mm: shape \(1, 2\)"),
        ({"wind_kmh": [["calm"]]}, "wind_kmh: not an array of numbers"),
        ({"month": [5, 6]}, r"month: shape \(2,\), wanted \(1,\)"),
        ({"month": [13]}, "month: whole numbers"),
        ({"month": [4.5]}, "month: whole numbers"),
        ({"month": [NAN]}, "month: whole numbers"),
        ({"lat": [36.0, 37.0]}, r"lat: shape \(2,\) does not fit \(1,\)"),
        ({"lat": 90.1}, "lat: degrees"),
        ({"lat": NAN}, "lat: degrees"),
        ({"constant": "1985"}, "constant: '1985' is none of"),
        ({"start": FwiState(ffmc=101.1)}, "start.ffmc: a value is missing or outside 0 to 101"),
        ({"start": FwiState(dmc=NAN)}, "start.dmc: a value is missing"),
        ({"start": FwiState(dc=-1.0)}, "start.dc: a value is missing or outside"),
        ({"start": FwiState(rh_pct=101.0)}, "start.rh_pct"),
        ({"start": FwiState(gap_days=-1)}, "start.gap_days"),
        ({"start": FwiState(dc=np.array([1.0, 2.0]))}, r"start.dc: shape \(2,\) does not fit \(1,\)"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(changed: dict[str, Any], message: str) -> None:
    good = {"temp_c": ONE, "rh_pct": ONE, "wind_kmh": ONE, "rain_mm": ONE, "month": [5], "lat": 36.0}
    with pytest.raises(BadInput, match=message):
        daily(**{**good, **changed})


def test_no_cells_are_no_trouble() -> None:
    nothing = np.empty((2, 0))
    days = daily(nothing, nothing, nothing, nothing, month=[4, 4], lat=35.5)
    assert (days.fwi.shape, days.flags.shape) == ((2, 0), (2, 0))
    assert believed(np.empty(0), TEMP_C)
