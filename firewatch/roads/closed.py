"""Roads that are closed for a time: the pieces near a marked spot are left out of the graph."""

from collections.abc import Collection
from math import cos, radians
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from firewatch.geo import EARTH_RADIUS_KM
from firewatch.roads.graph import Floats, Graph

_METRES_A_DEGREE = 1000 * radians(EARTH_RADIUS_KM)


class Closure(NamedTuple):
    """A spot, and how far around it nobody drives."""

    id: int
    lat: float
    lon: float
    radius_m: float


def closed_pieces(graph: Graph, closures: Collection[Closure]) -> NDArray[np.bool_]:
    """Return which pieces of a graph pass within the radius of a closure."""
    closed = np.zeros(len(graph.start), dtype=np.bool_)
    for each in closures:
        closed |= _distance_m(graph, each) <= each.radius_m
    return closed


def _distance_m(graph: Graph, spot: Closure) -> Floats:
    """Return how near every piece comes to a spot, on a plane laid there."""
    x = (graph.lon - spot.lon) * _METRES_A_DEGREE * cos(radians(spot.lat))
    y = (graph.lat - spot.lat) * _METRES_A_DEGREE
    ax, ay = x[graph.start], y[graph.start]
    dx, dy = x[graph.end] - ax, y[graph.end] - ay
    length = np.maximum(dx * dx + dy * dy, 1e-9)
    along = np.clip(-(ax * dx + ay * dy) / length, 0, 1)
    return np.asarray(np.hypot(ax + along * dx, ay + along * dy))
