"""The walk over the land, by oracles: a flat plane, ramps up and down, a cliff."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.roads.graph import Floats
from firewatch.roads.raster import between_cells, bilinear
from firewatch.roads.walk import flat_minutes, minutes_to_middle, walking_kmh

CELL = 30.0
SIDE = 41
HALF = SIDE // 2
SOUTHWARD = np.arange(SIDE)[:, None] * np.ones(SIDE) * CELL
"""Metres from the northern edge."""


def minutes(metres: float, slope: float) -> float:
    return metres * 0.06 / float(walking_kmh(slope, 0.6))


@pytest.mark.parametrize(
    ("slope", "kmh"),
    [(-0.05, 6.0), (0.0, 5.037), (-0.1, 5.037), (0.1, 3.549), (-0.2, 3.549), (0.5, 0.875), (-0.5, 1.242)],
)
def test_the_speed_is_that_of_toblers_curve(slope: float, kmh: float) -> None:
    assert walking_kmh(slope, 1.0) == pytest.approx(kmh, abs=0.0005)
    assert walking_kmh(slope, 0.6) == pytest.approx(0.6 * kmh, abs=0.0005)


def test_a_wall_takes_for_ever_but_is_a_number() -> None:
    assert 0 < walking_kmh(1e9, 0.6) < 1e-12


def test_on_a_flat_plane_the_way_is_straight() -> None:
    field = minutes_to_middle(np.full((SIDE, SIDE), 1234.0), CELL, 0.6)
    down, right = np.mgrid[-HALF : HALF + 1, -HALF : HALF + 1]
    straight = flat_minutes(CELL * np.hypot(down, right), 0.6)
    assert field[HALF, HALF] == 0
    assert (field >= straight - 1e-9).all()
    assert (field <= 1.028 * straight + 1e-9).all()
    for axis in (field[HALF], field[:, HALF], np.diag(field)):
        assert axis == pytest.approx(np.abs(np.arange(-HALF, HALF + 1)) * axis[HALF + 1])


@pytest.mark.parametrize("slope", [0.05, 0.1, 0.2])
def test_up_a_ramp_is_slower_than_down_by_toblers_curve(slope: float) -> None:
    field = minutes_to_middle(SOUTHWARD * -slope, CELL, 0.6)  # falls to the south
    below, above = field[-1, HALF], field[0, HALF]
    assert below == pytest.approx(minutes(HALF * CELL, slope))
    assert above == pytest.approx(minutes(HALF * CELL, -slope))
    assert below > above


def test_a_steep_ramp_is_climbed_aslant() -> None:
    """Straight up a slope of 1 takes longer than by a way twice as long and half as steep."""
    field = minutes_to_middle(SOUTHWARD * -1.0, CELL, 0.6)
    assert field[-1, HALF] < 0.75 * minutes(HALF * CELL, 1.0)
    # As steep as 1/3.5 one gains height quickest: nobody can be faster than that.
    assert field[-1, HALF] > minutes(3.5 * HALF * CELL, 1 / 3.5)


def cliff(*, ramp: bool) -> Floats:
    """A plateau 200 m above the land in the south; at the eastern edge a ramp leads up to it, if there is one."""
    heights = np.where(np.arange(SIDE)[:, None] <= HALF + 2, 200.0, 0.0) * np.ones(SIDE)
    if ramp:
        heights[HALF + 2 :, -6:] = np.linspace(200.0, 0.0, SIDE - HALF - 2)[:, None]
    return heights


def test_a_cliff_is_walked_around() -> None:
    foot = HALF + 4, HALF
    around = minutes_to_middle(cliff(ramp=True), CELL, 0.6)[foot]
    assert around > minutes(2 * 14 * CELL, 0.0)  # to the ramp and back again, at least
    assert around < minutes(2 * 20 * CELL, 0.0) + 2 * minutes(16 * CELL, 200 / (16 * CELL))
    assert minutes_to_middle(cliff(ramp=False), CELL, 0.6)[foot] > 10 * around


def test_from_the_top_of_a_cliff_there_is_no_quick_way_down_either() -> None:
    heights = 200.0 - cliff(ramp=False)  # now the middle lies below
    assert minutes_to_middle(heights, CELL, 0.6)[HALF + 4, HALF] > 600


def test_values_between_cells() -> None:
    field = np.array([[0.0, 10.0, 20.0], [30.0, 40.0, 50.0], [60.0, 70.0, 80.0]])
    east, north = np.array([0.0, 15.0, -30.0, 99.0, 0.0]), np.array([0.0, 0.0, 30.0, -99.0, -15.0])
    assert between_cells(field, CELL, east, north).tolist() == [40, 45, 0, 80, 55]
    assert bilinear(field, np.array([0.5]), np.array([0.5])).tolist() == [20]


@given(st.integers(1, 6), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_what_is_uphill_one_way_is_downhill_the_other(half: int, south: float, east: float) -> None:
    """Turned by half a turn, the plane rises where it fell: there and back change places."""
    rows, cols = np.mgrid[-half : half + 1, -half : half + 1] * CELL
    field = minutes_to_middle(rows * south + cols * east, CELL, 0.6)
    other = minutes_to_middle(-(rows * south + cols * east), CELL, 0.6)
    assert field[::-1, ::-1] == pytest.approx(other)
