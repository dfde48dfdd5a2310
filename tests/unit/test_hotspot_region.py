import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.geo import great_circle_km
from firewatch.hotspots.region import box_of, in_region, masked
from firewatch.rulebook.alliance import Zone
from firewatch.rulebook.hotspots import HeatSource
from firewatch.rulebook.read import Rulebook


def zone(name: str, kind: str, west: float, east: float, south: float = 35.0, north: float = 36.0) -> Zone:
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    point = {"id": f"{name}-1", "lat": south, "lon": west, "elevation_m": 2000}
    return Zone.model_validate(
        {
            "id": name,
            "name_zh": name,
            "name_en": name,
            "kind": kind,
            "agency": "kangle",
            "label": (west, south),
            "points": [point],
            "polygons": [[ring]],
        }
    )


COUNTY, RESERVE = zone("county", "county", 103.0, 104.0), zone("reserve", "reserve", 103.5, 103.8)


@pytest.mark.parametrize(
    ("lat", "lon", "inside"),
    [
        (35.5, 103.5, True),
        (36.04, 103.5, True),  # 4.4 km north
        (36.05, 103.5, False),  # 5.6 km north
        (35.5, 102.95, True),  # 4.5 km west
        (35.5, 102.93, False),
        (34.97, 102.97, True),  # at the corner: 3.3 and 2.7 km
        (34.965, 102.955, False),  # 3.9 and 4.1 km: 5.6 km
    ],
)
def test_around_the_zones_counts(lat: float, lon: float, inside: bool) -> None:
    assert in_region(lat, lon, [COUNTY, RESERVE], 5.0) is inside


def test_a_spot_without_length_is_no_trouble() -> None:
    dot = zone("dot", "county", 103.0, 103.0, 35.0, 35.0)
    assert in_region(35.01, 103.0, [dot], 2.0)
    assert not in_region(35.1, 103.0, [dot], 2.0)


def test_the_window_holds_the_zones_and_what_lies_around(rulebook: Rulebook) -> None:
    box = box_of([COUNTY], 5.0)
    assert (box.west, box.south, box.east, box.north) == (102.94, 34.95, 104.06, 36.05)
    whole = box_of(rulebook.zones, rulebook.hotspots.buffer_km)
    assert (whole.west, whole.south) < (103.0, 35.2)
    assert box_of([zone("pole", "county", -180.0, 180.0, -90.0, 90.0)], 50.0).north == 90.0


@given(st.floats(102.5, 104.5), st.floats(34.5, 36.5))
def test_nothing_of_the_region_lies_outside_the_window(lon: float, lat: float) -> None:
    box = box_of([COUNTY], 5.0)
    if in_region(lat, lon, [COUNTY], 5.0):
        assert box.west <= lon <= box.east
        assert box.south <= lat <= box.north


@given(st.floats(102.8, 104.2), st.floats(34.8, 36.2))
def test_what_is_near_an_edge_point_is_in_the_region(lon: float, lat: float) -> None:
    edge = [(35.0, 103.0 + step / 200) for step in range(201)]
    if min(great_circle_km(lat, lon, *at) for at in edge) < 4.95:
        assert in_region(lat, lon, [COUNTY], 5.0)


def test_what_is_hot_by_trade() -> None:
    kiln = HeatSource(name="kiln", lat=35.5, lon=103.5, radius_km=0.8)
    assert masked(35.507, 103.5, [kiln]) == kiln
    assert masked(35.508, 103.5, [kiln]) is None
    assert masked(35.5, 103.5, []) is None
