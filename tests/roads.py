"""Hand-made roads and land: graphs, extracts and tiles small enough to be reckoned by hand."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import osmium
from osmium.osm.mutable import Node, Way

from firewatch.geo import great_circle_km
from firewatch.roads.graph import Floats, Graph, Pieces, make_graph
from firewatch.roads.network import Network
from firewatch.roads.ways import CLASSES

Point = tuple[float, float]
SPEEDS = dict.fromkeys(CLASSES, 60.0) | {"track": 15.0}
"""A kilometre is a minute, but for tracks."""
METRES_A_DEGREE = great_circle_km(0, 0, 1, 0) * 1000


def north(metres: float) -> float:
    """How many degrees of latitude that is."""
    return metres / METRES_A_DEGREE


def road(start: int, end: int, kind: str = "primary", *, oneway: bool = False, limit: int = 0) -> tuple[int, ...]:
    """A piece of road between two nodes."""
    return start, end, CLASSES.index(kind), limit, int(not oneway)


def graph_of(nodes: Mapping[int, Point], roads: Sequence[tuple[int, ...]]) -> Graph:
    """The graph of some roads."""
    ends = [end for one in roads for end in one[:2]]
    rest = np.array([one[2:] for one in roads]).reshape(-1, 3)
    return make_graph(
        Pieces(
            ids=np.array(ends, dtype=np.int64),
            lat=np.array([nodes[end][0] for end in ends]),
            lon=np.array([nodes[end][1] for end in ends]),
            kind=rest[:, 0].astype(np.uint8),
            limit_kmh=rest[:, 1].astype(np.uint8),
            forward=np.ones(len(rest), dtype=np.bool_),
            backward=rest[:, 2].astype(np.bool_),
        )
    )


def network_of(nodes: Mapping[int, Point], roads: Sequence[tuple[int, ...]]) -> Network:
    """A network of some roads; node 1 of `nodes` is found by its place."""
    return Network(graph_of(nodes, roads), SPEEDS)


def write_extract(
    file: Path, nodes: Mapping[int, Point], ways: Sequence[tuple[Sequence[int], Mapping[str, str]]], day: str = ""
) -> Path:
    """Write an OpenStreetMap extract."""
    header = osmium.io.Header()
    if day:
        header.set("osmosis_replication_timestamp", f"{day}T00:00:00Z")
    with osmium.SimpleWriter(str(file), overwrite=True, header=header) as writer:
        for number, (lat, lon) in nodes.items():
            writer.add_node(Node(id=number, location=(lon, lat)))
        for number, (refs, tags) in enumerate(ways, start=1):
            writer.add_way(Way(id=number, nodes=list(refs), tags=dict(tags)))
    return file


def write_tile(folder: Path, name: str, heights: Floats, *, zipped: bool = False) -> Path:
    """Write a tile of heights, its first row in the north."""
    content = heights.astype(">i2").tobytes()
    file = folder / (f"{name}.zip" if zipped else name)
    if zipped:
        with zipfile.ZipFile(file, "w") as packed:
            packed.writestr(name, content)
    else:
        file.write_bytes(content)
    return file
