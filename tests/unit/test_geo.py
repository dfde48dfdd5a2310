"""Distances against known ones, polygons against their definition, degrees against arithmetic by hand."""

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.geo import EARTH_RADIUS_KM, compass_point, great_circle_km, initial_bearing_deg, point_in_polygon, to_dms

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


def box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def test_one_degree_along_the_equator_is_a_360th_of_the_circumference() -> None:
    assert great_circle_km(0, 0, 0, 1) == pytest.approx(2 * math.pi * EARTH_RADIUS_KM / 360)


def test_pole_to_pole_is_half_the_circumference() -> None:
    assert great_circle_km(90, 0, -90, 77) == pytest.approx(math.pi * EARTH_RADIUS_KM)


def test_a_thirtieth_of_a_degree_of_longitude_at_sixty_north_is_half_as_long_as_at_the_equator() -> None:
    assert great_circle_km(60, 0, 60, 1 / 30) == pytest.approx(great_circle_km(0, 0, 0, 1 / 30) / 2, rel=1e-6)


@given(latitudes, longitudes, latitudes, longitudes)
def test_distance_is_symmetric_and_never_more_than_half_round(
    lat1: float, lon1: float, lat2: float, lon2: float
) -> None:
    km = great_circle_km(lat1, lon1, lat2, lon2)
    assert 0 <= km <= math.pi * EARTH_RADIUS_KM + 1e-6
    assert km == pytest.approx(great_circle_km(lat2, lon2, lat1, lon1), abs=1e-6)


@given(latitudes, longitudes, latitudes, longitudes)
def test_distance_is_the_angle_between_the_two_directions_from_the_centre(
    lat1: float, lon1: float, lat2: float, lon2: float
) -> None:
    def direction(lat: float, lon: float) -> tuple[float, float, float]:
        phi, lam = math.radians(lat), math.radians(lon)
        return math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)

    chord = math.dist(direction(lat1, lon1), direction(lat2, lon2))
    angle = 2 * math.asin(min(1.0, chord / 2))
    assert great_circle_km(lat1, lon1, lat2, lon2) == pytest.approx(EARTH_RADIUS_KM * angle, abs=1e-3)


@pytest.mark.parametrize(("lat2", "lon2", "bearing"), [(1, 0, 0), (0, 1, 90), (-1, 0, 180), (0, -1, 270), (0, 0, 0)])
def test_bearing_of_the_four_winds(lat2: float, lon2: float, bearing: float) -> None:
    assert initial_bearing_deg(0, 0, lat2, lon2) == pytest.approx(bearing)


@given(latitudes, longitudes, latitudes, longitudes)
def test_bearing_stays_under_360(lat1: float, lon1: float, lat2: float, lon2: float) -> None:
    assert 0 <= initial_bearing_deg(lat1, lon1, lat2, lon2) < 360


def test_a_bearing_a_hair_west_of_north_is_not_360() -> None:
    assert initial_bearing_deg(0, 0, 1, -1e-18) == 0


def test_polygon_with_a_hole() -> None:
    square = {"type": "Polygon", "coordinates": [box(0, 0, 10, 10), box(4, 4, 6, 6)]}
    assert point_in_polygon(square, lat=2, lon=2)
    assert not point_in_polygon(square, lat=5, lon=5)
    assert not point_in_polygon(square, lat=2, lon=11)
    assert not point_in_polygon(square, lat=-1, lon=2)


def test_a_multipolygon_holds_what_any_of_its_parts_holds_even_inside_the_hole_of_another() -> None:
    parts = [[box(0, 0, 10, 10), box(4, 4, 6, 6)], [box(4.5, 4.5, 5.5, 5.5)], [box(20, 0, 30, 10)]]
    islands = {"type": "MultiPolygon", "coordinates": parts}
    assert point_in_polygon(islands, lat=5, lon=25)
    assert point_in_polygon(islands, lat=5, lon=5)
    assert not point_in_polygon(islands, lat=4.2, lon=4.2)
    assert not point_in_polygon(islands, lat=5, lon=15)


def test_latitude_and_longitude_are_not_swapped_and_height_is_ignored() -> None:
    ring = [[*corner, 2000] for corner in box(100, 0, 101, 60)]
    tall = {"type": "Polygon", "coordinates": [ring]}
    assert point_in_polygon(tall, lat=50, lon=100.5)
    assert not point_in_polygon(tall, lat=100.5, lon=50)


def test_a_ring_left_open_is_closed() -> None:
    assert point_in_polygon({"type": "Polygon", "coordinates": [box(0, 0, 1, 1)[:-1]]}, lat=0.5, lon=0.5)


corners = st.floats(-10, 10)


@given(corners, corners, corners, corners, st.floats(0, 1))
def test_a_point_on_a_shared_border_is_in_exactly_one_of_the_two(
    x1: float, x2: float, ya: float, yb: float, share: float
) -> None:
    y1, y2 = sorted((ya, yb))
    west: dict[str, Any] = {"type": "Polygon", "coordinates": [[[-20, y1], [x1, y1], [x2, y2], [-20, y2]]]}
    east: dict[str, Any] = {"type": "Polygon", "coordinates": [[[20, y1], [20, y2], [x2, y2], [x1, y1]]]}
    lat = y1 + share * (y2 - y1)
    lon = x1 + share * (x2 - x1)
    inside = y1 <= lat < y2
    assert point_in_polygon(west, lat, lon) + point_in_polygon(east, lat, lon) == inside


@given(st.lists(st.tuples(corners, corners), min_size=3, max_size=8), corners, corners)
def test_winding_order_and_first_corner_do_not_matter(ring: list[tuple[float, float]], lat: float, lon: float) -> None:
    answers = {
        point_in_polygon({"type": "Polygon", "coordinates": [corners]}, lat, lon)
        for corners in (ring, ring[::-1], ring[1:] + ring[:1])
    }
    assert len(answers) == 1


@pytest.mark.parametrize("geometry", [{"type": "Point", "coordinates": [0, 0]}, {}])
def test_other_geometry_is_refused(geometry: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected a Polygon"):
        point_in_polygon(geometry, 0, 0)


def test_dms() -> None:
    assert to_dms(35.5925, 103.192778) == "35°35'33\"N 103°11'34\"E"
    assert to_dms(-0.5, -70.25) == "0°30'00\"S 70°15'00\"W"


def test_dms_carries_instead_of_printing_sixty_seconds() -> None:
    assert to_dms(35.99999, 103.0166666) == "36°00'00\"N 103°01'00\"E"


@given(latitudes, longitudes)
def test_dms_is_within_half_a_second(lat: float, lon: float) -> None:
    for text, value in zip(to_dms(lat, lon).split(" "), (lat, lon), strict=True):
        degrees, minutes, seconds = (int(part) for part in re.findall(r"\d+", text))
        assert minutes < 60
        assert seconds < 60
        assert abs(degrees + minutes / 60 + seconds / 3600 - abs(value)) <= 0.5 / 3600 + 1e-9


@pytest.mark.parametrize(
    ("bearing", "wind"),
    [(0, "n"), (22.4, "n"), (22.5, "ne"), (90, "e"), (225, "sw"), (337.4, "nw"), (337.5, "n"), (360, "n"), (-45, "nw")],
)
def test_the_eight_winds(bearing: float, wind: str) -> None:
    assert compass_point(bearing) == wind
