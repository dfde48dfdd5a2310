import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.errors import BadInput
from firewatch.weather.units import conversion, rh_from_dew_point


@pytest.mark.parametrize(
    ("quantity", "unit", "value", "ours"),
    [
        ("temp_c", "°C", -12.5, -12.5),
        ("temp_c", "°F", 212.0, 100.0),
        ("temp_c", "°F", -40.0, -40.0),
        ("dew_point_c", "K", 273.15, 0.0),
        ("rh_pct", "%", 37.0, 37.0),
        ("wind_kmh", "m/s", 10.0, 36.0),
        ("gust_kmh", "kn", 10.0, 18.52),
        ("wind_kmh", "mp/h", 10.0, 16.09344),
        ("rain_mm", "inch", 1.0, 25.4),
        ("snow_depth_cm", "m", 0.07, 7.0),
        ("snow_depth_cm", "ft", 1.0, 30.48),
    ],
)
def test_declared_units_become_ours(quantity: str, unit: str, value: float, ours: float) -> None:
    assert conversion(quantity, unit)(value) == pytest.approx(ours, abs=1e-12)


@pytest.mark.parametrize(
    ("quantity", "unit"), [("temp_c", "m/s"), ("rain_mm", ""), ("wind_kmh", "Bft"), ("hail", "mm")]
)
def test_an_unknown_unit_is_refused(quantity: str, unit: str) -> None:
    with pytest.raises(BadInput, match="not a known unit"):
        conversion(quantity, unit)


def test_humidity_from_the_dew_point() -> None:
    # e(10)/e(20) with e = 6.1094 exp(17.625 t / (243.04 + t)): 12.261 / 23.334 hPa.
    assert rh_from_dew_point(20.0, 10.0) == pytest.approx(52.55, abs=0.01)
    assert rh_from_dew_point(7.0, 7.0) == 100.0


@given(temp_c=st.floats(-60, 60), dew_point_c=st.floats(-80, 60), drier=st.floats(0.5, 20))
def test_a_lower_dew_point_is_drier_air(temp_c: float, dew_point_c: float, drier: float) -> None:
    wet, dry = rh_from_dew_point(temp_c, dew_point_c), rh_from_dew_point(temp_c, dew_point_c - drier)
    assert wet is not None
    assert dry is not None
    assert 0 < dry < wet
    assert (wet > 100) == (dew_point_c > temp_c) or wet == pytest.approx(100)


@pytest.mark.parametrize("bad", [-243.04, -9999.0, 999.0, float("nan")])
def test_nonsense_gives_no_humidity(bad: float) -> None:
    assert rh_from_dew_point(bad, 5.0) is None
    assert rh_from_dew_point(5.0, bad) is None
