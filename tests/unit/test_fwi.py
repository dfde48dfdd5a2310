"""The day step of the FWI System: an independent scalar reference, the edges of the tables, and missing values."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.errors import BadInput
from firewatch.indices import fwi
from tests import scalar_fwi as scalar

C = {"vw1985": 147.2, "exact": 250 * 59.5 / 101}

temps = st.floats(-60, 60)
humidities = st.floats(0, 100)
winds = st.floats(0, 250)
rains = st.one_of(st.just(0.0), st.sampled_from([0.5, 0.51, 1.5, 1.51, 2.8, 2.81]), st.floats(0, 500))
constants = st.sampled_from(["vw1985", "exact"])


def close(array: npt.NDArray[np.float64], plain: float) -> bool:
    assert array.shape == (1,)
    return abs(float(array[0]) - plain) <= 2e-7 * max(1.0, abs(plain))


@given(st.floats(0, 101), temps, humidities, winds, rains, constants)
def test_ffmc_is_the_scalar_reference(f: float, t: float, h: float, w: float, r: float, constant: str) -> None:
    assert close(fwi.ffmc(f, t, h, w, r, constant), scalar.ffmc(f, t, h, w, r, C[constant]))


@given(st.one_of(st.sampled_from([0.0, 33.0, 65.0]), st.floats(0, 500)), temps, humidities, rains, st.floats(6, 14))
def test_dmc_is_the_scalar_reference(p: float, t: float, h: float, r: float, le: float) -> None:
    assert close(fwi.dmc(p, t, h, r, le), scalar.dmc(p, t, h, r, le))


@given(st.floats(0, 1500), temps, rains, st.floats(-1.6, 6.4))
def test_dc_is_the_scalar_reference(d: float, t: float, r: float, lf: float) -> None:
    assert close(fwi.dc(d, t, r, lf), scalar.dc(d, t, r, lf))


@given(st.floats(0, 101), st.floats(0, 100), constants)
def test_isi_is_the_scalar_reference(f: float, w: float, constant: str) -> None:
    assert close(fwi.isi(f, w, constant), scalar.isi(f, w, C[constant]))


@given(st.floats(0, 500, allow_subnormal=False), st.floats(0, 1500, allow_subnormal=False))
def test_bui_is_the_scalar_reference(p: float, d: float) -> None:
    assert close(fwi.bui(p, d), scalar.bui(p, d))


@given(st.floats(0, 200), st.one_of(st.sampled_from([0.0, 80.0, 80.001]), st.floats(0, 400)))
def test_fwi_and_its_severity_are_the_scalar_reference(r: float, u: float) -> None:
    expected = scalar.fwi(r, u)
    assert close(fwi.fwi(r, u), expected)
    assert close(fwi.dsr(expected), 0.0272 * expected**1.77)


@given(st.floats(0, 101), temps, humidities, winds, st.one_of(st.just(0.0), st.floats(0, 50)), st.floats(0.25, 6))
def test_hourly_ffmc_is_the_scalar_reference(f: float, t: float, h: float, w: float, r: float, hours: float) -> None:
    assert close(fwi.hourly_ffmc(f, t, h, w, r, hours), scalar.hourly_ffmc(f, t, h, w, r, hours, C["vw1985"]))


@given(st.floats(0, 101), temps, humidities, winds)
def test_two_dry_half_hours_are_an_hour(f: float, t: float, h: float, w: float) -> None:
    half = fwi.hourly_ffmc(f, t, h, w, 0.0, 0.5, "exact")
    twice = fwi.hourly_ffmc(half, t, h, w, 0.0, 0.5, "exact")
    assert twice == pytest.approx(fwi.hourly_ffmc(f, t, h, w, 0.0, 1.0, "exact"), abs=1e-7)


def test_a_wet_and_a_dry_hour_by_hand() -> None:
    # FFMC 85 is a moisture of 147.2 x 16 / 144.5 = 16.299 %. In air of 20 °C and 40 % drying ends at
    # 11.531 + 0.027 + 0.196 = 11.754 %, and 10 km/h take it there at a rate of 0.06656 an hour:
    # 11.754 + 4.545 x 10^-0.06656 = 15.653 %, which is FFMC 85.621.
    assert fwi.hourly_ffmc(85.0, 20.0, 40.0, 10.0, 0.0)[0] == pytest.approx(85.6210, abs=1e-4)
    # 0.4 mm, which the daily code would not feel, add 42.5 x 0.4 e^(-100 / 234.701) = 11.102 %; dried: 25.178 %.
    assert fwi.hourly_ffmc(85.0, 20.0, 40.0, 10.0, 0.4)[0] == pytest.approx(77.6025, abs=1e-4)


def test_no_fuel_to_build_up_is_an_index_of_nought() -> None:
    assert fwi.bui(0.0, 0.0) == 0.0
    assert fwi.fwi(0.0, 0.0) == 0.0


def test_the_two_constants_differ_where_the_scale_ends() -> None:
    args = (0.0, 10.0, 100.0, 0.0, 0.0)
    assert fwi.ffmc(*args, constant="exact") == pytest.approx(0.0, abs=1e-12)
    assert fwi.ffmc(*args, constant="vw1985") == pytest.approx(0.0, abs=0.02)
    assert fwi.ffmc(*args, constant="vw1985") != fwi.ffmc(*args, constant="exact")
    with pytest.raises(BadInput, match="'vw87' is none of vw1985, exact"):
        fwi.constant_value("vw87")


def test_a_great_drought_does_not_overflow() -> None:
    assert fwi.dc(1e9, 20.0, 50.0, 5.0)[0] < 1000.0


@pytest.mark.parametrize(
    ("function", "numbers"),
    [
        (fwi.ffmc, (85.0, 20.0, 40.0, 10.0, 3.0)),
        (fwi.ffmc, (85.0, 20.0, 40.0, 10.0, 0.0)),
        (fwi.dmc, (6.0, 20.0, 40.0, 3.0, 9.0)),
        (fwi.dmc, (6.0, 20.0, 40.0, 0.0, 9.0)),
        (fwi.dc, (15.0, 20.0, 3.0, 1.4)),
        (fwi.dc, (15.0, 20.0, 0.0, 1.4)),
        (fwi.isi, (85.0, 10.0)),
        (fwi.bui, (6.0, 15.0)),
        (fwi.bui, (60.0, 15.0)),
        (fwi.fwi, (10.0, 50.0)),
        (fwi.fwi, (10.0, 100.0)),
        (fwi.fwi, (0.1, 10.0)),
        (fwi.dsr, (10.0,)),
    ],
)
def test_a_missing_input_stays_missing_in_its_cell_alone(
    function: Callable[..., npt.NDArray[np.float64]], numbers: tuple[float, ...]
) -> None:
    whole = float(function(*numbers)[0])
    assert math.isfinite(whole)
    for place in range(len(numbers)):
        cells = [np.array([number, number, number]) for number in numbers]
        cells[place][1] = np.nan
        assert np.array_equal(function(*cells), [whole, math.nan, whole], equal_nan=True)


def test_the_arrays_handed_in_are_left_alone() -> None:
    before, temp, rh, rain, factor = (np.full(2, number) for number in (30.0, 20.0, 40.0, 30.0, 9.0))
    fwi.ffmc(before, temp, rh, factor, rain)
    fwi.dmc(before, temp, rh, rain, factor)
    fwi.dc(before, temp, rain, factor)
    assert [cell.tolist() for cell in (before, temp, rh, rain)] == [[n, n] for n in (30.0, 20.0, 40.0, 30.0)]


@pytest.mark.parametrize(
    ("lat", "july", "january"),
    [
        (90, 12.4, 6.5),
        (30.01, 12.4, 6.5),
        (30, 10.1, 7.9),
        (10.01, 10.1, 7.9),
        (10, 9.0, 9.0),
        (-9.99, 9.0, 9.0),
        (-10, 7.9, 10.1),
        (-29.99, 7.9, 10.1),
        (-30, 6.5, 11.5),
        (-90, 6.5, 11.5),
    ],
)
def test_day_length_by_latitude_and_month(lat: float, july: float, january: float) -> None:
    assert fwi.day_length(lat, 7) == july
    assert fwi.day_length(lat, 1) == january


@pytest.mark.parametrize(
    ("lat", "july", "december"), [(20.01, 6.4, -1.6), (20, 1.4, 1.4), (-19.99, 1.4, 1.4), (-20, -1.6, 5.8)]
)
def test_drying_factor_by_latitude_and_month(lat: float, july: float, december: float) -> None:
    assert fwi.drying_factor(lat, 7) == july
    assert fwi.drying_factor(lat, 12) == december


@pytest.mark.parametrize(
    ("lat", "printed"),
    [
        (45, "6.5 7.5 9 12.8 13.9 13.9 12.4 10.9 9.4 8 7 6"),
        (20, "7.9 8.4 8.9 9.5 9.9 10.2 10.1 9.7 9.1 8.6 8.1 7.8"),
        (0, "9 9 9 9 9 9 9 9 9 9 9 9"),
        (-20, "10.1 9.6 9.1 8.5 8.1 7.8 7.9 8.3 8.9 9.4 9.9 10.2"),
        (-45, "11.5 10.5 9.2 7.9 6.8 6.2 6.5 7.4 8.7 10 11.2 11.8"),
    ],
)
def test_the_day_lengths_are_the_printed_ones(lat: float, printed: str) -> None:
    assert [fwi.day_length(lat, month)[0] for month in range(1, 13)] == [float(hours) for hours in printed.split()]


@pytest.mark.parametrize(
    ("lat", "printed"),
    [
        (45, "-1.6 -1.6 -1.6 .9 3.8 5.8 6.4 5 2.4 .4 -1.6 -1.6"),
        (0, "1.4 1.4 1.4 1.4 1.4 1.4 1.4 1.4 1.4 1.4 1.4 1.4"),
        (-45, "6.4 5 2.4 .4 -1.6 -1.6 -1.6 -1.6 -1.6 .9 3.8 5.8"),
    ],
)
def test_the_drying_factors_are_the_printed_ones(lat: float, printed: str) -> None:
    assert [fwi.drying_factor(lat, month)[0] for month in range(1, 13)] == [float(n) for n in printed.split()]
