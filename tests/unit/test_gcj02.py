"""GCJ-02: the shift that is known, the way back, and where nothing is shifted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.geo import great_circle_km
from firewatch.maps.gcj02 import from_wgs84, to_wgs84

LINXIA = [(35.60, 103.21), (34.97, 103.77), (35.87, 102.88), (35.37, 103.70)]


def shift_m(lat: float, lon: float) -> float:
    return great_circle_km(lat, lon, *from_wgs84(lat, lon)) * 1000


def test_a_pair_that_everybody_publishes() -> None:
    # Tian'anmen by GPS, and by a map in GCJ-02, as the widely used libraries (eviltransform and its ports) have it.
    lat, lon = from_wgs84(39.908722, 116.397499)
    assert (lat, lon) == pytest.approx((39.910126, 116.403742), abs=2e-6)


@pytest.mark.parametrize("place", LINXIA)
def test_here_it_is_some_two_hundred_metres(place: tuple[float, float]) -> None:
    assert 160 <= shift_m(*place) <= 250


@given(st.floats(18, 53), st.floats(74, 135))
def test_there_and_back_is_where_one_was(lat: float, lon: float) -> None:
    assert great_circle_km(lat, lon, *to_wgs84(*from_wgs84(lat, lon))) * 1000 < 0.001
    assert 10 < shift_m(lat, lon) < 1000


@pytest.mark.parametrize("place", [(48.85, 2.35), (0.5, 110.0), (60.0, 110.0), (35.0, 140.0)])
def test_elsewhere_nothing_is_shifted(place: tuple[float, float]) -> None:
    assert from_wgs84(*place) == place == to_wgs84(*place)
