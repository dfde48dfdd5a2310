"""The main roads as few lines with few corners: the ground of a map, not a net to drive on. Pure."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np

from firewatch.roads.graph import Floats, Graph, Ints
from firewatch.roads.ways import CLASSES

MAIN: Final = ("motorway", "trunk", "primary", "secondary", "tertiary")
MOST: Final = 6000
"""Corners: no class is drawn that would make them more."""

Polyline = list[tuple[float, float]]
"""Latitude and longitude of its corners."""


def main_roads(graph: Graph, window: tuple[float, float, float, float], off: float) -> dict[str, list[Polyline]]:
    """Return the main roads that touch a window (south, west, north, east) by class, the greatest first.

    A road is off by `off` degrees of latitude at most, and one that is shorter than two of them is left out.
    """
    south, west, north, east = window
    inside = (graph.lat >= south) & (graph.lat <= north) & (graph.lon >= west) & (graph.lon <= east)
    seen = inside[graph.start] | inside[graph.end]
    flat = np.cos(np.radians((south + north) / 2))
    places = np.stack([graph.lat, graph.lon * flat], axis=-1)
    found: dict[str, list[Polyline]] = {}
    left = MOST
    for number, name in enumerate(CLASSES[: len(MAIN)]):
        own = np.flatnonzero(seen & (graph.kind == number))
        lines = [_corners(places[chain], off) for chain in _chains(graph.start[own], graph.end[own])]
        lines = [line for line in lines if np.ptp(line, axis=0).max() >= 2 * off]
        left -= sum(map(len, lines))
        if left < 0:
            break
        if lines:
            found[name] = [[(float(lat), float(lon / flat)) for lat, lon in line] for line in lines]
    return found


def _chains(start: Ints, end: Ints) -> Iterator[list[int]]:
    """Yield the ways from crossing to crossing, or round and round, as nodes; each piece once, however it is driven."""
    after: dict[int, list[int]] = defaultdict(list)
    for a, b in sorted({(min(pair), max(pair)) for pair in zip(start.tolist(), end.tolist(), strict=True)}):
        after[a].append(b)
        after[b].append(a)
    crossings = [node for node, others in after.items() if len(others) != 2]
    for node in (*crossings, *list(after)):
        while after[node]:
            yield _walk(after, node)


def _walk(after: dict[int, list[int]], node: int) -> list[int]:
    """Walk on from a node to the next crossing, and take away what was walked."""
    chain = [node]
    while True:
        last, then = chain[-1], after[chain[-1]].pop()
        after[then].remove(last)
        chain.append(then)
        if len(after[then]) != 1 or then == node:
            return chain


def _corners(line: Floats, off: float) -> Floats:
    """Return the corners of a line that matter (Ramer, Douglas and Peucker)."""
    kept = {0, len(line) - 1}
    spans = [(0, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        away = _away(line[first + 1 : last], line[first], line[last])
        if away.max() > off:
            corner = first + 1 + int(away.argmax())
            kept.add(corner)
            spans += [(first, corner), (corner, last)]
    return line[sorted(kept)]


def _away(spots: Floats, a: Floats, b: Floats) -> Floats:
    """Return how far some spots are from the line between two."""
    along = b - a
    length = float(along @ along)
    share = np.clip((spots - a) @ along / length, 0, 1)[:, None] if length else np.zeros((len(spots), 1))
    return np.asarray(np.hypot(*(spots - a - share * along).T))
