"""KBDI, FFDI, Nesterov, Ångström and Fosberg: worked examples, the obvious directions, ranges and classes."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.indices import angstrom, ffdi, fosberg, kbdi, nesterov
from firewatch.indices.inputs import classed
from firewatch.weather.units import MAGNUS_A, MAGNUS_B_C, rh_from_dew_point

Array = npt.NDArray[np.float64]

temps = st.floats(-60, 60)
warm = st.floats(10, 60)
humidities = st.floats(0, 100)
winds = st.floats(0, 250)
deficits = st.floats(0, 200)


def one(value: float) -> Array:
    return np.array([[value]])


def row(*values: float) -> Array:
    return np.array(values, dtype=np.float64)


# KBDI


def test_a_day_s_drying_of_saturated_soil_by_hand() -> None:
    # 20 °C, 1000 mm a year: 0.203.2 (0.968 e^(1.75 + 1.5552) - 8.30) / (1 + 10.88 e^-1.736), worked apart.
    heat = 0.968 * math.exp(3.3052) - 8.30
    expected = 0.2032 * heat / (1 + 10.88 * math.exp(-1.736))
    assert expected == pytest.approx(1.2594573, abs=1e-7)
    assert kbdi.daily(one(20.0), one(0.0), 1000.0).kbdi_mm[0, 0] == pytest.approx(expected, rel=1e-12)


def test_the_third_of_june_in_the_record_of_1968() -> None:
    # Figure 1: 182 points, 0.66 in of rain of which 0.46 count, 70 °F, 50 in a year: 182 - 46 + 6 = 142.
    point = 1 / kbdi.POINTS_PER_MM
    day = kbdi.daily(one((70 - 32) / 1.8), one(0.66 * 25.4), 50 * 25.4, kbdi.KbdiState(182 * point))
    assert day.kbdi_mm[0, 0] / point == pytest.approx(142, abs=0.5)


def kbdi_of(rain: list[float], tmax: float = 5.0, start: float = 100.0, form: kbdi.Form = kbdi.KEETCH_BYRAM) -> Array:
    days = kbdi.daily(np.full((len(rain), 1), tmax), np.array(rain)[:, np.newaxis], 500.0, kbdi.KbdiState(start), form)
    return days.kbdi_mm[:, 0]


def test_the_first_fifth_of_an_inch_of_a_wet_spell_never_reaches_the_soil() -> None:
    # At 5 °C nothing dries, so only rain moves the index. Spells: 3 + 4 mm; a dry day; 5 mm; a dry day; 6 + 1 mm.
    moved = -np.diff(np.array([100.0, *kbdi_of([3, 4, 0, 5, 0, 6, 1])]))
    assert moved == pytest.approx([0, 7 - 5.08, 0, 0, 0, 6 - 5.08, 1.0])


def test_rain_takes_off_no_more_than_there_is() -> None:
    assert kbdi_of([300.0], start=50.0).tolist() == [0.0]


def test_rain_comes_before_the_day_s_drying_but_not_in_the_bureau_s_form() -> None:
    rained = kbdi_of([25.08], tmax=35.0, start=120.0)[0]
    assert rained == pytest.approx(100.0 + float(kbdi.drying_mm(row(100.0), row(35.0), row(500.0))[0]))
    bureau = kbdi_of([25.0], tmax=35.0, start=120.0, form=kbdi.FINKELE)[0]
    assert bureau == pytest.approx(100.0 + float(kbdi.drying_mm(row(120.0), row(35.0), row(500.0), kbdi.FINKELE)[0]))


@pytest.mark.parametrize(("tmax", "dries"), [(9.9, False), (10.0, True)])
def test_the_soil_dries_from_fifty_degrees_fahrenheit(tmax: float, dries: bool) -> None:
    assert (float(kbdi_of([0.0], tmax=tmax)[0]) > 100.0) is dries


def test_frost_neither_dries_nor_wets_unless_the_bare_equation_is_asked_for() -> None:
    assert kbdi_of([0.0], tmax=-20.0).tolist() == [100.0]
    assert kbdi_of([0.0], tmax=-20.0, form=kbdi.Form(dries_from_c=-math.inf))[0] < 100.0


@given(st.floats(0, 203.2), st.floats(0, 203.2), temps, temps, st.floats(1, 15_000), st.floats(1, 15_000))
def test_soil_dries_faster_when_warmer_wetter_or_greener(
    lack: float, more: float, t: float, u: float, rain: float, wet: float
) -> None:
    lack, more = sorted((lack, more))
    t, u = sorted((t, u))
    rain, wet = sorted((rain, wet))
    drying = kbdi.drying_mm(row(lack, lack, more, lack), row(t, u, t, t), row(rain, rain, rain, wet))
    assert drying.min() >= 0.0
    assert drying[1] >= drying[0]  # warmer
    assert drying[2] <= drying[0]  # drier already
    assert drying[3] >= drying[0]  # a rainier climate grows more that drinks


# FFDI


def test_mcarthur_s_hundred() -> None:
    # Black Friday of 1939: 40 °C, 15 %, 55 km/h after the longest drought is the meter's 100; the equation says 103.3.
    exponent = -0.450 + 0.987 * math.log(10) - 0.0345 * 15 + 0.0338 * 40 + 0.0234 * 55
    danger = ffdi.index(row(10.0), row(40.0), row(15.0), row(55.0))
    assert danger[0] == pytest.approx(2 * math.exp(exponent), rel=1e-12)
    assert danger[0] == pytest.approx(103.265, abs=5e-4)
    assert ffdi.rating(danger).tolist() == [5]


def test_the_ratings_begin_where_the_meter_says() -> None:
    figures = row(0.0, 4.99, 5.0, 11.99, 12.0, 23.99, 24.0, 49.99, 50.0, 180.0, math.nan)
    assert ffdi.rating(figures).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 0]


@given(st.floats(0.1, 10), temps, temps, humidities, humidities, winds, winds)
def test_heat_wind_and_dry_air_are_danger(f: float, t: float, u: float, h: float, g: float, w: float, v: float) -> None:
    t, u = sorted((t, u))
    h, g = sorted((h, g))
    w, v = sorted((w, v))
    danger = ffdi.index(np.full(4, f), row(t, u, t, t), row(h, h, g, h), row(w, w, w, v))
    assert danger.min() >= 0.0
    assert danger[1] >= danger[0] >= danger[2]
    assert danger[3] >= danger[0]


@given(deficits, deficits, st.lists(st.floats(0, 500), min_size=20, max_size=20))
def test_the_drought_factor_keeps_its_range_and_falls_with_rain(lack: float, more: float, rain: list[float]) -> None:
    window = np.array(rain)[:, np.newaxis]
    wet = float(ffdi.drought_factor(row(lack), window)[0])
    dry = float(ffdi.drought_factor(row(lack), np.zeros((20, 1)))[0])
    assert 0.0 <= wet <= dry <= 10.0
    assert ffdi.drought_factor(row(lack), np.vstack([window[:-1], window[-1:] + 10.0]))[0] <= wet + 1e-12
    lack, more = sorted((lack, more))
    if more < 20.0 or lack >= 20.0:  # at 20 mm the two pieces of the limit do not quite meet
        assert ffdi.drought_factor(row(lack), window)[0] <= ffdi.drought_factor(row(more), window)[0] + 1e-12


def test_an_event_is_as_old_as_its_wettest_day_and_unknown_rain_is_none() -> None:
    rain = np.zeros((20, 1))
    rain[16:19, 0] = (3.0, 30.0, 4.0)
    power = 3.0**1.3  # the eighteenth of twenty days is three days old
    x = power / (power + 37.0 - 2.0)
    fine = (41 * x**2 + x) / (40 * x**2 + x + 1)
    expected = 10.5 * (1 - math.exp(-(150.0 + 30) / 40)) * fine
    assert ffdi.drought_factor(row(150.0), rain)[0] == pytest.approx(expected, rel=1e-12)
    rain[:16] = np.nan
    assert ffdi.drought_factor(row(150.0), rain)[0] == pytest.approx(expected, rel=1e-12)


# Nesterov


def test_a_dry_day_adds_its_temperature_times_its_dew_point_deficit() -> None:
    # 20 °C with a dew point of 3 °C: 20 (20 - 3) = 340; after 100 of the days before 440, the second class.
    humidity = rh_from_dew_point(20.0, 3.0)
    assert humidity is not None
    days = nesterov.daily(one(20.0), one(humidity), one(0.0), nesterov.NesterovState(100.0))
    assert days.nesterov[0, 0] == pytest.approx(440.0, rel=1e-9)
    assert days.danger_class[0, 0] == 2


def test_magnus_is_the_same_here_as_where_humidity_is_made() -> None:
    assert nesterov._A == MAGNUS_A
    assert nesterov._B_C == MAGNUS_B_C


@pytest.mark.parametrize(("rain", "kept"), [(3.0, True), (3.01, False)])
def test_more_than_three_millimetres_start_the_sum_anew(rain: float, kept: bool) -> None:
    days = nesterov.daily(one(20.0), one(50.0), one(rain), nesterov.NesterovState(500.0))
    total = float(days.nesterov[0, 0])
    assert total > 500.0 if kept else total == 0.0


@pytest.mark.parametrize("temp", [0.0, -30.0])
def test_frost_adds_nothing(temp: float) -> None:
    assert nesterov.daily(one(temp), one(20.0), one(0.0), nesterov.NesterovState(500.0)).nesterov[0, 0] == 500.0


def test_a_class_ends_with_its_figure() -> None:
    figures = row(0.0, 300.0, 300.1, 1000.0, 1000.1, 4000.0, 4000.1, 10_000.0, 10_001.0, math.nan)
    assert nesterov.danger_class(figures).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 0]


@given(st.floats(0, 60), humidities, humidities)
def test_drier_air_adds_more(t: float, h: float, g: float) -> None:
    h, g = sorted((h, g))
    sums = nesterov.daily(np.full((1, 2), t), np.array([[h, g]]), np.zeros((1, 2))).nesterov[0]
    assert np.isfinite(sums).all()
    assert sums[0] >= sums[1] >= 0.0


# Ångström


def test_the_angstrom_index_by_hand() -> None:
    # 30 % and 30 °C: 1.5 - 0.3 = 1.2, very likely; 80 % and 27 °C: 4, no longer unlikely.
    days = angstrom.daily(np.array([[30.0, 27.0]]), np.array([[30.0, 80.0]]))
    assert days.angstrom[0] == pytest.approx([1.2, 4.0])
    assert days.danger_class[0].tolist() == [4, 2]


def test_the_smaller_the_angstrom_index_the_higher_the_class() -> None:
    figures = row(9.0, 4.01, 4.0, 2.51, 2.5, 2.0, 1.99, -3.0, math.nan)
    assert angstrom.danger_class(figures).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 0]


@given(temps, temps, humidities, humidities)
def test_heat_and_dry_air_lower_the_angstrom_index(t: float, u: float, h: float, g: float) -> None:
    t, u = sorted((t, u))
    h, g = sorted((h, g))
    index = angstrom.daily(np.array([[t, u, t]]), np.array([[h, h, g]])).angstrom[0]
    assert index.min() >= -3.4
    assert index.max() <= 13.8
    assert index[1] <= index[0] <= index[2]


# Fosberg


def test_dry_fuel_and_thirty_miles_an_hour_are_a_hundred() -> None:
    # The definition: sqrt(1 + 30^2) / 0.3002 = 99.99.
    assert fosberg.of_moisture(row(0.0), row(30 * 1.609344))[0] == pytest.approx(math.sqrt(901) / 0.3002, rel=1e-12)
    assert fosberg.of_moisture(row(0.0), row(31 * 1.609344))[0] == 100.0


def test_a_humid_day_by_hand_in_the_units_of_the_source() -> None:
    # 68 °F, 60 %, 10 mph: m = 21.0606 + 20.034 - 1.428 - 28.99194 = 10.67466.
    moisture = 21.0606 + 0.005565 * 3600 - 0.00035 * 60 * 68 - 0.483199 * 60
    assert fosberg.equilibrium_moisture_pct(row(20.0), row(60.0))[0] == pytest.approx(moisture, rel=1e-12)
    assert moisture == pytest.approx(10.67466)
    x = moisture / 30
    expected = (1 - 2 * x + 1.5 * x**2 - 0.5 * x**3) * math.sqrt(101) / 0.3002
    assert fosberg.daily(one(20.0), one(60.0), one(16.09344)).fosberg[0, 0] == pytest.approx(expected, rel=1e-12)


@given(temps, humidities, winds, winds)
def test_fosberg_keeps_its_range_and_grows_with_wind(t: float, h: float, w: float, v: float) -> None:
    w, v = sorted((w, v))
    index = fosberg.daily(np.array([[t, t]]), np.array([[h, h]]), np.array([[w, v]])).fosberg[0]
    assert 0.0 <= index[0] <= index[1] <= 100.0


@given(temps, humidities, humidities)
def test_fuel_is_drier_in_drier_air_within_a_class_of_humidity(t: float, h: float, g: float) -> None:
    h, g = sorted((h, g))
    if [h < 10, h < 50] == [g < 10, g < 50] and g < 100 and (h >= 50 or t < 60):
        moisture = fosberg.equilibrium_moisture_pct(row(t, t), row(h, g))
        assert moisture[0] <= moisture[1] + 1e-9


def test_classes_of_nothing_are_no_data() -> None:
    assert classed(row(math.nan, 1.0), (1.0,)).tolist() == [0, 2]
