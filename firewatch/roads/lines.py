"""Roads as lines to be looked at: those of a part of the land, and how many kilometres of which class some pieces are.

Pure. A piece that is driven in both directions is one line and counts once.
"""

import numpy as np
from numpy.typing import NDArray

from firewatch.roads.graph import Graph, Ints
from firewatch.roads.ways import CLASSES

MOST = 6000
"""Pieces: more are too much to draw, and to see anything in."""

Line = tuple[tuple[float, float], tuple[float, float]]
"""Latitude and longitude of the two ends."""


def within(graph: Graph, south: float, west: float, north: float, east: float) -> dict[str, list[Line]]:
    """Return the roads that touch a window by class, the greatest first, and no class that would make them too many."""
    inside = (graph.lat >= south) & (graph.lat <= north) & (graph.lon >= west) & (graph.lon <= east)
    seen = _once(graph, np.flatnonzero(inside[graph.start] | inside[graph.end]))
    found: dict[str, list[Line]] = {}
    left = MOST
    for number, name in enumerate(CLASSES):
        own = seen[graph.kind[seen] == number]
        left -= len(own)
        if left < 0:
            break
        if len(own):
            found[name] = [_line(graph, int(piece)) for piece in own]
    return found


def km_by_class(graph: Graph, pieces: NDArray[np.bool_]) -> dict[str, float]:
    """Return the kilometres of some pieces by class, the greatest class first."""
    seen = _once(graph, np.flatnonzero(pieces))
    km = {name: float(graph.metres[seen[graph.kind[seen] == n]].sum()) / 1000 for n, name in enumerate(CLASSES)}
    return {name: length for name, length in km.items() if length}


def _once(graph: Graph, pieces: Ints) -> Ints:
    """Return each piece in one of its directions only."""
    start, end = graph.start[pieces].astype(np.int64), graph.end[pieces].astype(np.int64)
    pairs = np.minimum(start, end) * len(graph.lat) + np.maximum(start, end)
    _, first = np.unique(pairs, return_index=True)
    return np.asarray(pieces[np.sort(first)])


def _line(graph: Graph, piece: int) -> Line:
    a, b = int(graph.start[piece]), int(graph.end[piece])
    return (float(graph.lat[a]), float(graph.lon[a])), (float(graph.lat[b]), float(graph.lon[b]))
