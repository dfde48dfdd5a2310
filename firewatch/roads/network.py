"""Minutes over a road graph: Dijkstra from a place on the reversed graph answers from everywhere to it."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from firewatch.geo import EARTH_RADIUS_KM
from firewatch.roads.calibration import NO_CORRECTION
from firewatch.roads.closed import Closure, closed_pieces
from firewatch.roads.component import in_largest
from firewatch.roads.graph import Floats, Graph, Ints, metres_between
from firewatch.roads.ways import CLASSES


class Network:
    """A graph with speeds: where its nodes are, and how long it takes between them."""

    def __init__(
        self,
        graph: Graph,
        speed_kmh: Mapping[str, float],
        closures: Collection[Closure] = (),
        slowness: Mapping[str, float] = NO_CORRECTION.slowness,
    ) -> None:
        """Take a graph, the speed of every class (a tagged limit below it counts), what is closed, what is slower."""
        if closures:
            graph = _without(graph, closed_pieces(graph, closures))
        self.graph = graph
        self._all = self._open = self._main = _Tree(graph, np.arange(len(graph.lat)))
        if closures and len(graph.start):
            self._open = _Tree(graph, np.unique(np.concatenate([graph.start, graph.end])))
            self._main = _Tree(graph, np.flatnonzero(in_largest(graph)[0]))
        kept = _quickest(graph.start, graph.end, minutes := piece_minutes(graph, speed_kmh, slowness))
        start, end, minutes, self._kind = graph.start[kept], graph.end[kept], minutes[kept], graph.kind[kept]
        shape = (len(graph.lat), len(graph.lat))
        self._onward = csr_array((minutes, (start, end)), shape=shape)
        self._reversed = csr_array((minutes, (end, start)), shape=shape)

    def nearest(self, lat: Floats, lon: Floats) -> tuple[Ints, Floats]:
        """Return the nearest node of each point at which a road is open, and its distance in metres."""
        return self._open.nearest(lat, lon)

    def nearest_main(self, lat: float, lon: float) -> float:
        """Return how far a point is from the nearest node that no closure cuts off, in metres."""
        _, [metres] = self._main.nearest(np.array([lat]), np.array([lon]))
        return float(metres)

    def within(self, lat: float, lon: float, metres: float) -> Ints:
        """Return the nodes within some metres of a point, by number."""
        return self._all.within(lat, lon, metres)

    def minutes_to(self, node: int) -> Floats:
        """Return the minutes from every node to one."""
        return np.asarray(dijkstra(self._reversed, indices=node))

    def minutes_from(self, node: int) -> Floats:
        """Return the minutes from one node to every other."""
        return np.asarray(dijkstra(self._onward, indices=node))

    def near(self, among: Ints, lat: Floats, lon: Floats, most: int) -> tuple[Ints, Floats]:
        """Return up to `most` nodes among some, those nearest to each point (a row each), and their metres."""
        return _Tree(self.graph, among).near(lat, lon, most)

    def minutes_from_any(self, nodes: Ints, ready: Floats) -> Floats:
        """Return the minutes to every node from whichever of some nodes is soonest, each set out from when `ready`."""
        spot, onward = len(self.graph.lat), self._onward
        soonest = np.full(spot, np.inf)
        np.minimum.at(soonest, nodes, ready)
        first = np.flatnonzero(np.isfinite(soonest))
        # To a sparse matrix a way of no minutes were none.
        with_spot = csr_array(
            (
                np.concatenate([onward.data, np.maximum(soonest[first], 1e-9)]),
                np.concatenate([onward.indices, first]),
                np.append(onward.indptr, onward.nnz + len(first)),
            ),
            shape=(spot + 1, spot + 1),
        )
        return np.asarray(dijkstra(with_spot, indices=spot))[:spot]

    def minutes_on_foot_to(self, nodes: Ints, walk: Floats) -> tuple[Floats, Floats]:
        """Return the minutes from every node to a spot off the road, and how many of them are walked.

        `walk` is the walk from each of `nodes`, where one may get off; the best of them is chosen for every start.
        """
        spot = len(self.graph.lat)
        minutes, before = self._run_to_spot(nodes, walk)
        return minutes[:spot], _last_walk(before[:spot], spot, nodes, walk)

    def drive(self, start: int, nodes: Ints, walk: Floats) -> tuple[dict[str, float], float]:
        """Return the minutes on each class of road on the quickest way to a spot off the road, and those walked.

        Both are empty and infinite where there is no way.
        """
        spot, at = len(self.graph.lat), start
        minutes, before = self._run_to_spot(nodes, walk)
        by_class: dict[str, float] = {}
        if not np.isfinite(minutes[start]):
            return by_class, float("inf")
        while (after := int(before[at])) != spot:
            first, last = self._onward.indptr[at : at + 2]
            piece = first + int(np.searchsorted(self._onward.indices[first:last], after))
            name = CLASSES[self._kind[piece]]
            by_class[name] = by_class.get(name, 0.0) + float(self._onward.data[piece])
            at = after
        return by_class, float(minutes[at])

    def _run_to_spot(self, nodes: Ints, walk: Floats) -> tuple[Floats, NDArray[np.int32]]:
        """Return the minutes from every node to a spot, the last one, and the node after each on its way."""
        spot, back = len(self.graph.lat), self._reversed
        with_spot = csr_array(
            (
                np.concatenate([back.data, walk]),
                np.concatenate([back.indices, nodes]),
                np.append(back.indptr, back.nnz + len(nodes)),
            ),
            shape=(spot + 1, spot + 1),
        )
        minutes, before = dijkstra(with_spot, indices=spot, return_predecessors=True)
        return minutes, before


class _Tree:
    """Some nodes of a graph, found by their place."""

    def __init__(self, graph: Graph, nodes: Ints) -> None:
        self._nodes, self._lat, self._lon = nodes, graph.lat, graph.lon
        self._tree = cKDTree(_on_sphere(graph.lat[nodes], graph.lon[nodes]))

    def nearest(self, lat: Floats, lon: Floats) -> tuple[Ints, Floats]:
        _, number = self._tree.query(_on_sphere(lat, lon))
        node = self._nodes[number]
        return node, metres_between(lat, lon, self._lat[node], self._lon[node])

    def near(self, lat: Floats, lon: Floats, most: int) -> tuple[Ints, Floats]:
        if not len(self._nodes):
            return np.zeros((len(lat), 0), dtype=np.int64), np.zeros((len(lat), 0))
        ranks = np.arange(1, min(most, len(self._nodes)) + 1)
        _, number = self._tree.query(_on_sphere(lat, lon), k=ranks)
        node = self._nodes[number]
        return node, metres_between(lat[:, None], lon[:, None], self._lat[node], self._lon[node])

    def within(self, lat: float, lon: float, metres: float) -> Ints:
        [centre] = _on_sphere(np.array([lat]), np.array([lon]))
        return self._nodes[sorted(self._tree.query_ball_point(centre, metres))]


def _without(graph: Graph, pieces: NDArray[np.bool_]) -> Graph:
    kept = ~pieces
    parts = {name: getattr(graph, name)[kept] for name in ("start", "end", "metres", "kind", "limit_kmh")}
    return replace(graph, **parts)


def piece_minutes(graph: Graph, speed_kmh: Mapping[str, float], slowness: Mapping[str, float]) -> Floats:
    """Return the minutes on every piece of a graph."""
    kmh = np.array([speed_kmh[name] for name in CLASSES])[graph.kind]
    kmh = np.where(graph.limit_kmh > 0, np.minimum(kmh, graph.limit_kmh), kmh)
    slower = np.array([slowness[name] for name in CLASSES])[graph.kind]
    return np.asarray(graph.metres.astype(np.float64) * 0.06 / kmh * slower)


def _quickest(start: Ints, end: Ints, minutes: Floats) -> Ints:
    """Return the quickest of each set of parallel pieces, by start and end: a sparse matrix would add them up."""
    order = np.lexsort((minutes, end, start))
    new = np.append(True, (np.diff(start[order]) != 0) | (np.diff(end[order]) != 0))[: len(order)]
    return np.asarray(order[new])


def _last_walk(before: NDArray[np.int32], spot: int, nodes: Ints, walk: Floats) -> Floats:
    """Return for every node the walk at the end of its way; `before` is the node after it on the way to the spot."""
    own = np.arange(spot)
    leaves = np.where((before == spot) | (before < 0), own, before)
    # Each round looks twice as far ahead, until every node knows the one where its people get off.
    while not np.array_equal(further := leaves[leaves], leaves):
        leaves = further
    of_node = np.full(spot, np.nan)
    of_node[nodes] = walk
    return of_node[leaves]


def _on_sphere(lat: Floats, lon: Floats) -> Floats:
    """Return points in metres from the middle of the earth; near ones are as far apart as on its surface."""
    phi, lam = np.radians(lat), np.radians(lon)
    unit = np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)
    return np.asarray(1000 * EARTH_RADIUS_KM * unit, dtype=np.float64)
