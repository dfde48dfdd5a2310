"""The part of a road graph that is used: from everywhere in it one gets everywhere in it."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from firewatch.roads.graph import Graph


def largest_component(graph: Graph) -> tuple[Graph, int]:
    """Return the largest part within which one gets from everywhere to everywhere, and how many parts there were.

    Of equally large ones it is the one with the first node.
    """
    kept, number = in_largest(graph)
    new = np.cumsum(kept) - 1
    inside = kept[graph.start] & kept[graph.end]
    return (
        Graph(
            lat=graph.lat[kept],
            lon=graph.lon[kept],
            start=new[graph.start[inside]].astype(np.int32),
            end=new[graph.end[inside]].astype(np.int32),
            metres=graph.metres[inside],
            kind=graph.kind[inside],
            limit_kmh=graph.limit_kmh[inside],
        ),
        number,
    )


def in_largest(graph: Graph) -> tuple[NDArray[np.bool_], int]:
    """Return which nodes lie in the largest part, and how many parts there are."""
    size = len(graph.lat)
    links = csr_array((np.ones(len(graph.start), dtype=np.int8), (graph.start, graph.end)), shape=(size, size))
    number, part = connected_components(links, directed=True, connection="strong")
    return np.asarray(part == part[np.argmax(np.bincount(part)[part])]), int(number)
