"""The walk-in: minutes on foot over the land, by Tobler's function.

W. Tobler, "Three presentations on geographical analysis and modeling", NCGIA Technical Report 93-1 (1993), p. 2-4:
6·e^(-3.5·|slope + 0.05|) km/h on a path, 0.6 of it off the path; slope is rise over run in the direction of travel.
"""

from itertools import product

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from firewatch.roads.graph import Floats, Ints

STEEPEST = 10.0
"""Beyond this slope, a wall, the time is that of this slope: out of reach, but a number."""

# Along the axes, the diagonals, and as a knight moves: of sixteen directions no way is more than 2.8 % too long.
_MOVES = [
    (down, right)
    for down, right in product(range(-2, 3), repeat=2)
    if max(abs(down), abs(right)) == 1 or abs(down * right) == 2
]


def walking_kmh(slope: Floats | float, off_path_factor: float) -> Floats:
    """Return the speed on a slope in the direction of travel: uphill is above 0. Fastest on -0.05."""
    steep = np.clip(slope, -STEEPEST, STEEPEST)
    return np.asarray(off_path_factor * 6 * np.exp(-3.5 * np.abs(steep + 0.05)))


def flat_minutes(metres: Floats, off_path_factor: float) -> Floats:
    """Return the minutes over flat land."""
    return metres * 0.06 / walking_kmh(0.0, off_path_factor)


def minutes_to_middle(heights: Floats, spacing_m: float, off_path_factor: float) -> Floats:
    """Return the minutes from every cell of a square grid to its middle one, by the quickest way over the land.

    `heights` are metres, an odd number of cells a side, `spacing_m` apart.
    """
    side = heights.shape[0]
    cell: Ints = np.arange(side * side).reshape(side, side)
    starts, ends, minutes = [], [], []
    for down, right in _MOVES:
        here, there = _shifted(side, down, right)
        metres = spacing_m * np.hypot(down, right)
        slope = (heights[there] - heights[here]) / metres
        starts.append(cell[here].ravel())
        ends.append(cell[there].ravel())
        minutes.append((metres * 0.06 / walking_kmh(slope, off_path_factor)).ravel())
    backward = csr_array(
        (np.concatenate(minutes), (np.concatenate(ends), np.concatenate(starts))), shape=(side * side, side * side)
    )
    return np.asarray(dijkstra(backward, indices=side * side // 2)).reshape(side, side)


def _shifted(side: int, down: int, right: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Return all cells that have a neighbour in some direction, and those neighbours."""

    def of(step: int) -> tuple[slice, slice]:
        return slice(max(0, -step), side - max(0, step)), slice(max(0, step), side - max(0, -step))

    (rows, their_rows), (cols, their_cols) = of(down), of(right)
    return (rows, cols), (their_rows, their_cols)
