"""Isochrones: from minutes on a grid to the outlines of where somebody is within so many minutes. Pure.

Marching squares: between a grid point within and one beyond, the line passes where the minutes, taken for even along
the side, are the limit. Rings are closed along the edge of the grid; whoever fills them by the even-odd rule has the
holes too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from firewatch.roads.graph import Floats

Ring = list[tuple[float, float]]
"""[longitude, latitude] corners; the last is not the first again."""
_Side = tuple[int, int, int]
"""A side of a cell: the row and column of its first point, and 0 for the one eastward or 1 for the one southward."""

# Walking round a cell from its north-western corner: the sides that a line enters and leaves by, what is within to its
# left. Bits of the corners within: 1 NW, 2 NE, 4 SE, 8 SW. Sides: north, east, south, west. Where only two opposite
# corners are within they are taken for apart.
_NORTH, _EAST, _SOUTH, _WEST = range(4)
_LINES: Sequence[Sequence[tuple[int, int]]] = (
    (),
    ((_NORTH, _WEST),),
    ((_EAST, _NORTH),),
    ((_EAST, _WEST),),
    ((_SOUTH, _EAST),),
    ((_NORTH, _WEST), (_SOUTH, _EAST)),
    ((_SOUTH, _NORTH),),
    ((_SOUTH, _WEST),),
    ((_WEST, _SOUTH),),
    ((_NORTH, _SOUTH),),
    ((_EAST, _NORTH), (_WEST, _SOUTH)),
    ((_EAST, _SOUTH),),
    ((_WEST, _EAST),),
    ((_NORTH, _EAST),),
    ((_WEST, _NORTH),),
    (),
)


@dataclass(frozen=True)
class Window:
    """A piece of the earth, degrees, and by how many steps it is cut into cells each way (at least one)."""

    west: float
    south: float
    east: float
    north: float
    across: int
    down: int

    @property
    def lons(self) -> Floats:
        """Longitudes of the grid's columns, eastward."""
        return np.linspace(self.west, self.east, self.across + 1)

    @property
    def lats(self) -> Floats:
        """Latitudes of the grid's rows, southward."""
        return np.linspace(self.north, self.south, self.down + 1)

    def points(self) -> tuple[Floats, Floats]:
        """Answer latitude and longitude of every grid point, row by row."""
        lat, lon = np.meshgrid(self.lats, self.lons, indexing="ij")
        return lat.ravel(), lon.ravel()


@dataclass(frozen=True)
class Band:
    """Where somebody is within `most` minutes; infinite: wherever anybody gets at all."""

    most: float
    rings: Sequence[Ring]


def bands(window: Window, minutes: Floats, limits: Sequence[float]) -> list[Band]:
    """Answer the outlines for each limit and for "anybody at all", the widest first.

    `minutes` are those of `window.points()`, infinite where nobody gets.
    """
    field = minutes.reshape(window.down + 1, window.across + 1)
    found = [Band(most, rings(window, field, most)) for most in sorted(limits, reverse=True)]
    return [Band(np.inf, rings(window, field, np.inf)), *found]


def rings(window: Window, field: Floats, most: float) -> list[Ring]:
    """Answer the rings around all that is within `most` minutes; infinite: around all that is finite."""
    # A row or column of "nobody" upon each edge, at the same place as the edge, closes every ring there.
    values = np.pad(field, 1, constant_values=np.inf)
    lats, lons = np.pad(window.lats, 1, mode="edge"), np.pad(window.lons, 1, mode="edge")
    within = np.isfinite(values) & (values <= most)
    here = within.astype(np.int64)
    cases = here[:-1, :-1] + 2 * here[:-1, 1:] + 4 * here[1:, 1:] + 8 * here[1:, :-1]
    onward: dict[_Side, _Side] = {}
    for row, col in np.argwhere((cases > 0) & (cases < 15)).tolist():
        sides = ((row, col, 0), (row, col + 1, 1), (row + 1, col, 0), (row, col, 1))
        onward |= {sides[enter]: sides[leave] for enter, leave in _LINES[cases[row, col]]}
    found = []
    while onward:
        side, following = onward.popitem()
        way = [side]
        while following != side:
            way.append(following)
            following = onward.pop(following)
        found.append([_crossing(each, values, lats, lons, most) for each in way])
    return found


def _crossing(side: _Side, values: Floats, lats: Floats, lons: Floats, most: float) -> tuple[float, float]:
    """Answer where the line crosses a side of a cell; halfway where beyond it nobody gets at all."""
    row, col, southward = side
    other = row + southward, col + 1 - southward
    a, b = float(values[row, col]), float(values[other])
    share = (most - a) / (b - a) if isfinite(a) and isfinite(b) else 0.5
    lat = float(lats[row] + share * (lats[other[0]] - lats[row]))
    lon = float(lons[col] + share * (lons[other[1]] - lons[col]))
    return lon, lat
