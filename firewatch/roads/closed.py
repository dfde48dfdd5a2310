"""Roads that are closed for a time: the pieces near a marked spot, or near a line drawn along a road, are left out."""

from collections.abc import Collection
from itertools import pairwise
from math import cos, radians
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from firewatch.geo import EARTH_RADIUS_KM
from firewatch.roads.graph import Floats, Graph

_METRES_A_DEGREE = 1000 * radians(EARTH_RADIUS_KM)


class Closure(NamedTuple):
    """A spot, the further places of a line that begins there, and how far around nobody drives."""

    id: int
    lat: float
    lon: float
    radius_m: float
    line: tuple[tuple[float, float], ...] = ()
    """Latitude and longitude of each."""

    @property
    def places(self) -> list[tuple[float, float]]:
        """The spot and what follows it."""
        return [(self.lat, self.lon), *self.line]


class _Ends(NamedTuple):
    """The two ends of every piece, in metres on a plane."""

    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats


def closed_pieces(graph: Graph, closures: Collection[Closure]) -> NDArray[np.bool_]:
    """Return which pieces of a graph pass within the radius of a closure, a bool a piece."""
    closed = np.zeros(len(graph.start), dtype=np.bool_)
    for each in closures:
        closed |= _distance_m(graph, each) <= each.radius_m
    return closed


def _distance_m(graph: Graph, closure: Closure) -> Floats:
    """Return how near every piece comes to a closure, on a plane laid at its spot."""
    east = _METRES_A_DEGREE * cos(radians(closure.lat))
    x, y = (graph.lon - closure.lon) * east, (graph.lat - closure.lat) * _METRES_A_DEGREE
    ends = _Ends(x[graph.start], y[graph.start], x[graph.end], y[graph.end])
    spots = [((lon - closure.lon) * east, (lat - closure.lat) * _METRES_A_DEGREE) for lat, lon in closure.places]
    nearest = _from_spot(ends, *spots[0])
    for (px, py), (qx, qy) in pairwise(spots):
        beside = np.minimum(_from_spot(ends, qx, qy), _ends_from(ends, px, py, qx, qy))
        nearest = np.minimum(nearest, np.where(_crosses(ends, px, py, qx, qy), 0.0, beside))
    return nearest


def _from_spot(ends: _Ends, x: float, y: float) -> Floats:
    """Return how far a spot is from every piece."""
    ax, ay = ends.ax - x, ends.ay - y
    dx, dy = ends.bx - ends.ax, ends.by - ends.ay
    length = np.maximum(dx * dx + dy * dy, 1e-9)
    along = np.clip(-(ax * dx + ay * dy) / length, 0, 1)
    return np.asarray(np.hypot(ax + along * dx, ay + along * dy))


def _ends_from(ends: _Ends, px: float, py: float, qx: float, qy: float) -> Floats:
    """Return how far the nearer end of every piece is from the stretch between two spots."""
    dx, dy = qx - px, qy - py
    length = max(dx * dx + dy * dy, 1e-9)
    distances = []
    for x, y in ((ends.ax, ends.ay), (ends.bx, ends.by)):
        along = np.clip(((x - px) * dx + (y - py) * dy) / length, 0, 1)
        distances.append(np.hypot(x - px - along * dx, y - py - along * dy))
    return np.asarray(np.minimum(*distances))


def _crosses(ends: _Ends, px: float, py: float, qx: float, qy: float) -> NDArray[np.bool_]:
    """Return whether every piece crosses the stretch between two spots: each has its ends on two sides of the other."""
    side_a, side_b = ((qx - px) * (y - py) - (qy - py) * (x - px) for x, y in ((ends.ax, ends.ay), (ends.bx, ends.by)))
    dx, dy = ends.bx - ends.ax, ends.by - ends.ay
    side_p, side_q = (dx * (y - ends.ay) - dy * (x - ends.ax) for x, y in ((px, py), (qx, qy)))
    return np.asarray((side_a * side_b < 0) & (side_p * side_q < 0))
