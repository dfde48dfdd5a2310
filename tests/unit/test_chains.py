"""What every further scheme owes: no bad value spoils later days, a run cut in two has equal bits, cells are apart."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.errors import BadInput
from firewatch.indices import angstrom, ffdi, fosberg, kbdi, nesterov
from firewatch.indices.checks import Flag, flag_names
from firewatch.indices.ffdi import FfdiState
from firewatch.indices.kbdi import KbdiState
from firewatch.indices.nesterov import NesterovState

Array = npt.NDArray[np.float64]
NAN = math.nan
# The weather of a day: temp_c, rh_pct, wind_kmh, tmax_c, rain_mm.
FINE = (22.0, 30.0, 15.0, 25.0, 0.0)


def run_kbdi(w: Array, **options: Any) -> Any:  # noqa: ANN401 - the options and answers of every scheme
    return kbdi.daily(w[..., 3], w[..., 4], 500.0, **options)


def run_ffdi(w: Array, **options: Any) -> Any:  # noqa: ANN401 - as above
    return ffdi.daily(w[..., 0], w[..., 1], w[..., 2], w[..., 3], w[..., 4], 500.0, **options)


def run_nesterov(w: Array, **options: Any) -> Any:  # noqa: ANN401 - as above
    return nesterov.daily(w[..., 0], w[..., 1], w[..., 4], **options)


def run_angstrom(w: Array) -> Any:  # noqa: ANN401 - as above
    return angstrom.daily(w[..., 0], w[..., 1])


def run_fosberg(w: Array) -> Any:  # noqa: ANN401 - as above
    return fosberg.daily(w[..., 0], w[..., 1], w[..., 2])


CHAINS = {"kbdi_mm": run_kbdi, "ffdi": run_ffdi, "nesterov": run_nesterov}
ALL = {**CHAINS, "angstrom": run_angstrom, "fosberg": run_fosberg}

anything = st.one_of(
    st.sampled_from([NAN, math.inf, -math.inf, -1.0, 0.0, 3.0, 3.1, 105.0, 106.0, 1e300]), st.floats(-100, 600)
)


@st.composite
def seasons(draw: st.DrawFn, values: st.SearchStrategy[float] = anything) -> Array:
    days, cells = draw(st.integers(1, 8)), draw(st.integers(1, 3))
    flat = draw(st.lists(values, min_size=days * cells * 5, max_size=days * cells * 5))
    return np.array(flat).reshape(days, cells, 5)


def bits(days: Any) -> list[bytes]:  # noqa: ANN401 - of any scheme
    arrays = [getattr(days, field.name) for field in dataclasses.fields(days) if field.name != "state"]
    return [np.asarray(array).tobytes() for array in arrays]


def state_bits(state: Any) -> list[bytes]:  # noqa: ANN401 - of any scheme
    if isinstance(state, FfdiState):
        assert state.rain_mm is not None
        return [*state_bits(state.soil), np.ascontiguousarray(state.rain_mm).tobytes()]
    return [np.asarray(getattr(state, field.name)).tobytes() for field in dataclasses.fields(state)]


def fine(days: int, *, cells: int = 1) -> Array:
    return np.broadcast_to(FINE, (days, cells, 5)).copy()


def names(days: Any) -> list[str]:  # noqa: ANN401 - of any scheme
    return [flag_names(day) for day in days.flags[:, 0]]


@pytest.mark.parametrize("name", ALL)
@given(season=seasons())
def test_no_input_however_bad_spoils_later_days(name: str, season: Array) -> None:
    run = ALL[name]
    days = run(np.concatenate([season, fine(1, cells=season.shape[1])]))
    values = getattr(days, name)
    assert np.isfinite(values[-1]).all()
    assert (np.isnan(values) == ((days.flags & Flag.NO_VALUE) != 0)).all()
    assert (values[~np.isnan(values)] >= (-3.4 if name == "angstrom" else 0.0)).all()


@pytest.mark.parametrize("name", CHAINS)
@given(season=seasons(), cut=st.integers(0, 8))
def test_a_run_cut_in_two_gives_the_same_bits(name: str, season: Array, cut: int) -> None:
    run = CHAINS[name]
    whole, first = run(season), run(season[:cut])
    second = run(season[cut:], start=first.state)
    assert state_bits(second.state) == state_bits(whole.state)
    for field in dataclasses.fields(whole):
        if field.name != "state":
            both = np.concatenate([getattr(first, field.name), getattr(second, field.name)])
            assert both.tobytes() == getattr(whole, field.name).tobytes()


@pytest.mark.parametrize("name", CHAINS)
@given(season=seasons())
def test_a_cell_stored_as_numbers_goes_on_as_it_would_have(name: str, season: Array) -> None:
    run = CHAINS[name]
    state, tomorrow = run(season).state, fine(1, cells=season.shape[1])
    alone = run(tomorrow[:, :1], start=state.at(0))
    assert getattr(alone, name)[0, 0] == getattr(run(tomorrow, start=state), name)[0, 0]


@pytest.mark.parametrize("name", ALL)
@given(season=seasons(), random=st.randoms(use_true_random=False))
def test_the_order_of_the_cells_changes_nothing(name: str, season: Array, random: Any) -> None:  # noqa: ANN401 - hypothesis's own generator
    order = list(range(season.shape[1]))
    random.shuffle(order)
    run = ALL[name]
    straight, shuffled = run(season), run(season[:, order])
    assert getattr(straight, name)[:, order].tobytes() == getattr(shuffled, name).tobytes()
    assert straight.flags[:, order].tobytes() == shuffled.flags.tobytes()


@pytest.mark.parametrize("name", ["angstrom", "fosberg"])
@given(season=seasons())
def test_what_has_no_memory_loses_a_bad_day_and_no_more(name: str, season: Array) -> None:
    run = ALL[name]
    values = getattr(run(season), name)
    for day in range(len(season)):
        assert getattr(run(season[day : day + 1]), name).tobytes() == values[day : day + 1].tobytes()


def test_the_longest_gap_of_kbdi_is_bridged_and_a_longer_one_keeps_the_drought() -> None:
    season = fine(10)
    season[2:6, 0, 3] = NAN
    days = run_kbdi(season, start=KbdiState(120.0))
    assert names(days)[1:7] == [
        "",
        *["temp_missing;bridged"] * 3,
        "temp_missing;no_value",
        "restarted;spin_up",
    ]
    assert days.kbdi_mm[6, 0] > days.kbdi_mm[4, 0] > 120.0  # no return to saturated soil


def test_the_bridge_of_kbdi_takes_the_last_maximum_and_no_rain() -> None:
    season = fine(2)
    whole = run_kbdi(season)
    season[1, 0, 3:] = NAN
    assert run_kbdi(season).kbdi_mm.tobytes() == whole.kbdi_mm.tobytes()


def test_kbdi_without_any_maximum_waits() -> None:
    season = fine(2)
    season[0, 0, 3] = 99.0
    days = run_kbdi(season, start=KbdiState(50.0))
    assert names(days) == ["temp_missing;out_of_range;no_value", ""]
    assert days.kbdi_mm[1, 0] == run_kbdi(season[1:], start=KbdiState(50.0)).kbdi_mm[0, 0]


def test_a_cold_start_of_kbdi_is_marked_for_a_year() -> None:
    days = run_kbdi(fine(366), start=KbdiState.cold_start(80.0))
    assert names(days) == ["spin_up"] * 365 + [""]


def test_an_hour_that_lacks_its_wind_has_no_ffdi_but_the_soil_goes_on() -> None:
    season = fine(3)
    season[1, 0, 2] = NAN
    days = run_ffdi(season)
    assert np.isnan(days.ffdi[:, 0]).tolist() == [False, True, False]
    assert days.rating[1, 0] == 0
    assert np.isfinite(days.kbdi_mm).all()
    assert names(days)[1] == "wind_missing;no_value;rain_gap"


def test_ffdi_tells_until_it_knows_the_rain_of_twenty_days() -> None:
    days = run_ffdi(fine(21))
    assert names(days) == ["rain_gap"] * 19 + [""] * 2


def test_nesterov_is_at_least_the_sum_until_rain_sets_it_to_nought() -> None:
    season = fine(4)
    season[2, 0, 4] = 12.0
    days = run_nesterov(season, start=NesterovState.cold_start())
    assert names(days) == ["spin_up", "spin_up", "", ""]
    assert days.nesterov[2, 0] == 0.0


def test_nesterov_keeps_its_sum_over_a_long_gap_and_says_so() -> None:
    season = fine(8)
    season[1:6, 0, 0] = NAN
    days = run_nesterov(season)
    assert names(days)[3:] == [
        "temp_missing;bridged",
        "temp_missing;no_value",
        "temp_missing;no_value",
        "restarted;spin_up",
        "spin_up",
    ]
    assert days.nesterov[6, 0] > days.nesterov[3, 0]


def test_nesterov_counts_unknown_rain_as_none_until_the_next_rain() -> None:
    season = fine(4)
    season[1, 0, 4] = NAN
    season[3, 0, 4] = 9.0
    days = run_nesterov(season)
    assert names(days) == ["", "rain_missing;bridged;rain_gap", "rain_gap", ""]


def test_rain_alone_makes_a_nesterov_day_known() -> None:
    season = np.full((1, 1, 5), NAN)
    season[0, 0, 4] = 9.0
    assert run_nesterov(season).nesterov[0, 0] == 0.0


ONE = fine(1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: run_kbdi(ONE, start=KbdiState(204.0)), "start.kbdi_mm: a value is missing or outside 0 to 203.2"),
        (lambda: run_kbdi(ONE, start=KbdiState(NAN)), "start.kbdi_mm: a value is missing"),
        (lambda: run_kbdi(ONE, max_gap_days=-1), "max_gap_days: -1 is below 0"),
        (lambda: run_kbdi(ONE, form=kbdi.Form(full_mm=210.0)), "form.full_mm: 210 is above 203.2"),
        (lambda: kbdi.daily(ONE[..., 3], ONE[..., 4], 0.0), "annual_rain_mm: a value is missing or outside 1 to 15000"),
        (lambda: kbdi.daily([25.0], [0.0], 500.0), r"tmax_c: shape \(1,\), wanted \(days, cells\)"),
        (lambda: kbdi.daily(ONE[..., 3], np.zeros((2, 2)), 500.0), r"rain_mm: shape \(2, 2\) does not fit"),
        (lambda: run_nesterov(ONE, start=NesterovState(-1.0)), "start.nesterov: a value"),
        (lambda: run_nesterov(ONE, start=NesterovState(rh_pct=101.0)), "start.rh_pct: a value"),
        (lambda: run_ffdi(ONE, start=FfdiState(rain_mm=np.zeros((5, 1)))), r"start.rain_mm: shape \(5, 1\)"),
        (lambda: run_ffdi(ONE, start=FfdiState(KbdiState(201.0))), "start.kbdi_mm: a value .* outside 0 to 200"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        call()


def test_a_state_before_its_first_day_can_be_stored() -> None:
    state = FfdiState(KbdiState(np.array([3.0]), *(np.array([value]) for value in (0.0, NAN, 0, 0))))
    assert state.at(0).rain_mm is None
    assert state.at(0).soil.kbdi_mm == 3.0
