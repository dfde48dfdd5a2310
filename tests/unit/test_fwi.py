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

C = {"vw1985": 147.2, "exact": 250 * 59.5 / 101}

temps = st.floats(-60, 60)
humidities = st.floats(0, 100)
winds = st.floats(0, 250)
rains = st.one_of(st.just(0.0), st.sampled_from([0.5, 0.51, 1.5, 1.51, 2.8, 2.81]), st.floats(0, 500))
constants = st.sampled_from(["vw1985", "exact"])


def close(array: npt.NDArray[np.float64], scalar: float) -> bool:
    assert array.shape == (1,)
    return abs(float(array[0]) - scalar) <= 2e-7 * max(1.0, abs(scalar))


def scalar_ffmc(f: float, t: float, h: float, w: float, r: float, c: float) -> float:
    mo = c * (101 - f) / (59.5 + f)
    if r > 0.5:
        rf = r - 0.5
        old = mo
        mo = old + 42.5 * rf * math.exp(-100 / (251 - old)) * (1 - math.exp(-6.93 / rf))
        if old > 150:
            mo += 0.0015 * (old - 150) ** 2 * math.sqrt(rf)
        mo = min(mo, 250)
    last = 0.18 * (21.1 - t) * (1 - math.exp(-0.115 * h))
    ed = 0.942 * math.pow(h, 0.679) + 11 * math.exp((h - 100) / 10) + last
    ew = 0.618 * math.pow(h, 0.753) + 10 * math.exp((h - 100) / 10) + last

    def k(x: float) -> float:
        return (0.424 * (1 - math.pow(x, 1.7)) + 0.0694 * math.sqrt(w) * (1 - x**8)) * 0.581 * math.exp(0.0365 * t)

    if mo > ed:
        m = ed + (mo - ed) * math.pow(10, -k(h / 100))
    elif mo < ed and mo < ew:
        m = ew - (ew - mo) * math.pow(10, -k((100 - h) / 100))
    else:
        m = mo
    return min(max(59.5 * (250 - m) / (c + m), 0), 101)


def scalar_dmc(p: float, t: float, h: float, r: float, le: float) -> float:
    k = 1.894 * (max(t, -1.1) + 1.1) * (100 - h) * le * 1e-4
    if r > 1.5:
        re = 0.92 * r - 1.27
        mo = 20 + 280 * math.exp(-0.023 * p)
        if p <= 33:
            b = 100 / (0.5 + 0.3 * p)
        elif p <= 65:
            b = 14 - 1.3 * math.log(p)
        else:
            b = 6.2 * math.log(p) - 17.2
        mr = mo + 1000 * re / (48.77 + b * re)
        p = max(0, 43.43 * (5.6348 - math.log(mr - 20)))
    return max(0, p + k)


def scalar_dc(d: float, t: float, r: float, lf: float) -> float:
    v = max(0, 0.36 * (max(t, -2.8) + 2.8) + lf)
    if r > 2.8:
        rd = 0.83 * r - 1.27
        d = max(0, d - 400 * math.log(1 + 3.937 * rd / (800 * math.exp(-d / 400))))
    return max(0, d + v / 2)


def scalar_isi(f: float, w: float, c: float) -> float:
    m = c * (101 - f) / (59.5 + f)
    return 0.208 * math.exp(0.05039 * w) * 91.9 * math.exp(-0.1386 * m) * (1 + math.pow(m, 5.31) / 4.93e7)


def scalar_bui(p: float, d: float) -> float:
    if p == 0 and d == 0:
        return 0
    if p <= 0.4 * d:
        return 0.8 * p * d / (p + 0.4 * d)
    return max(0, p - (1 - 0.8 * d / (p + 0.4 * d)) * (0.92 + math.pow(0.0114 * p, 1.7)))


def scalar_fwi(r: float, u: float) -> float:
    f = 0.626 * math.pow(u, 0.809) + 2 if u <= 80 else 1000 / (25 + 108.64 * math.exp(-0.023 * u))
    b = 0.1 * r * f
    return math.exp(2.72 * (0.434 * math.log(b)) ** 0.647) if b > 1 else b


@given(st.floats(0, 101), temps, humidities, winds, rains, constants)
def test_ffmc_is_the_scalar_reference(f: float, t: float, h: float, w: float, r: float, constant: str) -> None:
    assert close(fwi.ffmc(f, t, h, w, r, constant), scalar_ffmc(f, t, h, w, r, C[constant]))


@given(st.one_of(st.sampled_from([0.0, 33.0, 65.0]), st.floats(0, 500)), temps, humidities, rains, st.floats(6, 14))
def test_dmc_is_the_scalar_reference(p: float, t: float, h: float, r: float, le: float) -> None:
    assert close(fwi.dmc(p, t, h, r, le), scalar_dmc(p, t, h, r, le))


@given(st.floats(0, 1500), temps, rains, st.floats(-1.6, 6.4))
def test_dc_is_the_scalar_reference(d: float, t: float, r: float, lf: float) -> None:
    assert close(fwi.dc(d, t, r, lf), scalar_dc(d, t, r, lf))


@given(st.floats(0, 101), st.floats(0, 100), constants)
def test_isi_is_the_scalar_reference(f: float, w: float, constant: str) -> None:
    assert close(fwi.isi(f, w, constant), scalar_isi(f, w, C[constant]))


@given(st.floats(0, 500, allow_subnormal=False), st.floats(0, 1500, allow_subnormal=False))
def test_bui_is_the_scalar_reference(p: float, d: float) -> None:
    assert close(fwi.bui(p, d), scalar_bui(p, d))


@given(st.floats(0, 200), st.one_of(st.sampled_from([0.0, 80.0, 80.001]), st.floats(0, 400)))
def test_fwi_and_its_severity_are_the_scalar_reference(r: float, u: float) -> None:
    expected = scalar_fwi(r, u)
    assert close(fwi.fwi(r, u), expected)
    assert close(fwi.dsr(expected), 0.0272 * expected**1.77)


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
