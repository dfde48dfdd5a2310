"""A road graph as arrays: every node of every road, every piece of road once for each direction it is driven in."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firewatch.errors import BadInput
from firewatch.geo import EARTH_RADIUS_KM

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LONGEST_M = 250.0
"""Longer pieces are cut, so that from a straight road too there is always a node near."""


@dataclass(frozen=True)
class Graph:
    """`lat`, `lon` by node; by directed piece its two nodes, `metres`, `kind` (of ways.CLASSES) and `limit_kmh`."""

    lat: NDArray[Any]
    lon: NDArray[Any]
    start: NDArray[Any]
    end: NDArray[Any]
    metres: NDArray[Any]
    kind: NDArray[Any]
    limit_kmh: NDArray[Any]

    @property
    def km(self) -> float:
        """Kilometres of road; one that is driven in both directions counts once."""
        pairs = np.stack([np.minimum(self.start, self.end), np.maximum(self.start, self.end)])
        _, first = np.unique(pairs, axis=1, return_index=True)
        return float(self.metres[first].sum()) / 1000


@dataclass(frozen=True)
class Pieces:
    """Pieces of road as they are read: two ends by their OpenStreetMap ids, and how each is driven on."""

    ids: Ints
    """Two a piece."""
    lat: Floats
    lon: Floats
    kind: NDArray[np.uint8]
    limit_kmh: NDArray[np.uint8]
    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]


def metres_between(lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> Floats:  # noqa: ANN401 - whatever numpy broadcasts
    """Return great-circle metres between points given as arrays, as `geo.great_circle_km` does for one pair."""
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    half = np.sin((phi2 - phi1) / 2) ** 2
    half = half + np.cos(phi1) * np.cos(phi2) * np.sin(np.radians(np.subtract(lon2, lon1)) / 2) ** 2
    return np.asarray(2000 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, half))), dtype=np.float64)


def make_graph(pieces: Pieces) -> Graph:
    """Put pieces together: one node for each id, no piece longer than LONGEST_M, directions apart.

    Raises BadInput when there is no piece at all.
    """
    if not len(pieces.ids):
        raise BadInput("there is no road in it")
    _, first, node = np.unique(pieces.ids, return_index=True, return_inverse=True)
    lat, lon = pieces.lat[first], pieces.lon[first]
    start, end = node[0::2], node[1::2]
    metres = metres_between(lat[start], lon[start], lat[end], lon[end])
    parts = np.maximum(1, np.ceil(metres / LONGEST_M)).astype(np.int64)
    piece = np.repeat(np.arange(len(parts)), parts)
    step = np.arange(len(piece)) - np.repeat(np.cumsum(parts) - parts, parts)  # 0, 1, … within each piece
    new = len(lat) + np.cumsum(parts - 1) - (parts - 1)  # the first node that is put into each piece
    a = np.where(step == 0, start[piece], new[piece] + step - 1)
    b = np.where(step == parts[piece] - 1, end[piece], new[piece] + step)
    inside = step > 0
    share = (step / parts[piece])[inside]
    lat = np.concatenate([lat, _between(lat[start][piece][inside], lat[end][piece][inside], share)])
    lon = np.concatenate([lon, _between(lon[start][piece][inside], lon[end][piece][inside], share)])
    there, back = pieces.forward[piece], pieces.backward[piece]

    def both(values: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([values[there], values[back]])

    return Graph(
        lat=lat,
        lon=lon,
        start=np.concatenate([a[there], b[back]]).astype(np.int32),
        end=np.concatenate([b[there], a[back]]).astype(np.int32),
        # Two nodes at one spot are a hair apart: a sparse matrix must not take their zero for "no road".
        metres=np.maximum(both((metres / parts)[piece]), 0.01).astype(np.float32),
        kind=both(pieces.kind[piece]),
        limit_kmh=both(pieces.limit_kmh[piece]),
    )


def _between(a: Floats, b: Floats, share: Floats) -> Floats:
    return a + (b - a) * share
