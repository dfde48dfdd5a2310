"""Outlines of where somebody is in time: areas by hand, holes, edges, and that every grid point lies on its side."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.dispatch.isochrones import Ring, Window, bands, rings
from firewatch.geo import point_in_polygon
from firewatch.roads.graph import Floats

WINDOW = Window(west=100, south=0, east=104, north=4, across=4, down=4)
INF = np.inf


def area(ring: Ring) -> float:
    """Square degrees; one way round is above 0, the other below."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*ring, ring[0]])) / 2


def areas(window: Window, field: Floats, most: float) -> float:
    return abs(sum(area(ring) for ring in rings(window, field, most)))


def test_the_grid_goes_row_by_row_from_the_north_west() -> None:
    lat, lon = WINDOW.points()
    assert (lat[0], lon[0], lat[-1], lon[-1]) == (4, 100, 0, 104)
    assert (lat[1], lon[1]) == (4, 101)
    assert len(lat) == 25


def test_a_plane_is_cut_along_a_straight_line() -> None:
    field = np.tile(np.arange(5.0) * 10, (5, 1))  # ten minutes a degree eastward
    assert areas(WINDOW, field, 25) == pytest.approx(2.5 * 4)
    [ring] = rings(WINDOW, field, 25)
    assert max(lon for lon, _ in ring) == 102.5
    assert all(lon == 102.5 for lon, lat in ring if lon > 102)
    assert {lat for _, lat in ring} <= {0.0, 1.0, 2.0, 3.0, 4.0}


def test_all_of_it_and_nothing_of_it() -> None:
    field = np.full((5, 5), 7.0)
    assert areas(WINDOW, field, 7) == pytest.approx(16)
    assert rings(WINDOW, field, 6.9) == []


def test_a_hole_is_a_ring_the_other_way_round() -> None:
    field = np.full((5, 5), 5.0)
    field[2, 2] = 15.0
    outer, hole = sorted((area(ring) for ring in rings(WINDOW, field, 10)), key=abs, reverse=True)
    assert abs(outer) == pytest.approx(16)
    assert abs(hole) == pytest.approx(0.5)  # a square on its corner, half a degree each way
    assert outer * hole < 0


def test_where_nobody_gets_the_line_passes_halfway() -> None:
    field = np.full((5, 5), 5.0)
    field[:, 3:] = INF
    assert areas(WINDOW, field, INF) == areas(WINDOW, field, 10) == pytest.approx(2.5 * 4)


def test_two_opposite_corners_stay_apart() -> None:
    window = Window(0, 0, 1, 1, 1, 1)
    assert len(rings(window, np.array([[5.0, 15.0], [15.0, 5.0]]), 10)) == 2
    assert len(rings(window, np.array([[15.0, 5.0], [5.0, 15.0]]), 10)) == 2


def test_bands_come_widest_first() -> None:
    field = np.tile(np.arange(5.0) * 10, (5, 1))
    field[:, 4] = INF
    found = bands(WINDOW, field.ravel(), [10, 30])
    assert [band.most for band in found] == [INF, 30, 10]
    assert [abs(sum(map(area, band.rings))) for band in found] == pytest.approx([3.5 * 4, 3.5 * 4, 4])


cells = st.lists(st.sampled_from([1.0, 4.0, 6.0, 9.0, INF]), min_size=25, max_size=25)


@given(cells, st.sampled_from([5.0, 20.0, INF]))
def test_every_grid_point_lies_on_its_side_of_the_line(values: list[float], most: float) -> None:
    field = np.array(values).reshape(5, 5)
    polygon = {"type": "Polygon", "coordinates": rings(WINDOW, field, most)}
    lats, lons = WINDOW.lats, WINDOW.lons
    for row in range(1, 4):
        for col in range(1, 4):
            within = bool(np.isfinite(field[row, col]) and field[row, col] <= most)
            # A hair aside, so that no ray passes along a line.
            at = float(lats[row]) + 1e-6, float(lons[col]) + 2e-6
            assert (point_in_polygon(polygon, *at) if polygon["coordinates"] else False) == within
