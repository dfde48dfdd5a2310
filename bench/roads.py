"""Travel minutes to one fire from everywhere, over a made-up road network and made-up mountains.

    python -m bench.roads [--nodes 100000] [--fires 20] [--places 50]

The network is a lattice of roads bent at random, with one-way streets, side roads that end, and classes as they are
mixed in a mountain valley; the land is waves of 1000 m. Prints the milliseconds of Dijkstra to one fire from all nodes,
of the walk-in over the terrain, and of whole tables as the planner asks for them: the first, and with places known.
Wall time: run it on an idle machine.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from firewatch.roads.component import largest_component
from firewatch.roads.graph import Graph, Pieces, make_graph
from firewatch.roads.minutes import Point, RoadMinutes
from firewatch.roads.network import Network
from firewatch.roads.terrain import Terrain
from firewatch.roads.ways import CLASSES
from firewatch.rulebook.roads import Roads

SOUTH, WEST = 35.2, 103.1
STEP = 0.0015
"""Degrees between the nodes of a road: about 150 m, as where roads wind."""
BLOCK = 12
"""Nodes of a road from one crossing to the next."""
MIXED = ("primary", "secondary", "tertiary", "unclassified", "residential", "track")
MOST_MS = 50


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--nodes", type=int, default=100_000)
    parser.add_argument("--fires", type=int, default=20)
    parser.add_argument("--places", type=int, default=50)
    given = parser.parse_args()
    rng = np.random.default_rng(1)
    graph, parts = largest_component(made_up(given.nodes, rng))
    print(f"{len(graph.lat)} nodes, {len(graph.start)} directed pieces, {graph.km:.0f} km, {parts} parts")
    began = time.perf_counter()
    rules = Roads()
    network = Network(graph, rules.speed_kmh.model_dump())
    print(f"opened in {time.perf_counter() - began:.2f} s")
    fires = _somewhere(graph, given.fires, 0.01, rng)
    places = _somewhere(graph, given.places, 0.001, rng)
    near = [int(network.nearest(np.array([lat]), np.array([lon]))[0][0]) for lat, lon in fires]
    dijkstra = _each(lambda number: network.minutes_to(near[number]), given.fires)
    with tempfile.TemporaryDirectory() as folder:
        _mountains(Path(folder))
        for name, heights in (("flat", Path(folder) / "none"), ("terrain", Path(folder))):
            whole = _tables(name, RoadMinutes(network, Terrain(heights), rules), places, fires)
    _tell("to one node, from every node", dijkstra)
    assert statistics.median(whole) <= MOST_MS, f"more than {MOST_MS} ms over the terrain"


def _tables(name: str, roads: RoadMinutes, places: list[Point], fires: list[Point]) -> list[float]:
    began = time.perf_counter()
    roads.table(places, [])
    learned = time.perf_counter() - began
    roads.table(places, fires[:1])  # the tiles are read once
    found = _each(lambda number: roads.table(places, [fires[number]]), len(fires))
    _tell(f"to one fire, from {len(places)} places, {name}", found)
    print(f"  the first time, between the places: {learned:.2f} s")
    return found


def made_up(nodes: int, rng: np.random.Generator) -> Graph:
    """Make a network of about so many nodes."""
    side = max(1, round((nodes / (2 * BLOCK)) ** 0.5))
    ends, lat, lon, kind, oneway = [], [], [], [], []
    reach = side * BLOCK + 1
    bend = rng.normal(0, 0.3 * STEP, (2, reach, reach))
    for down, right in ((0, 1), (1, 0)):
        for line in range(0, reach, BLOCK):
            steps = np.arange(reach - 1)
            row, col = (np.full_like(steps, line), steps) if right else (steps, np.full_like(steps, line))
            block = steps // BLOCK
            dead = rng.random(side + 1) < 0.2
            keep = ~(dead[block] & (steps % BLOCK == BLOCK // 2))  # a gap: a side road from either end
            row, col, block = row[keep], col[keep], block[keep]
            pair = np.stack([row * reach + col, (row + down) * reach + col + right], axis=1).ravel()
            ends.append(pair)
            classes = rng.choice([CLASSES.index(name) for name in MIXED], size=side + 1)
            kind.append(classes[block])
            oneway.append((rng.random(side + 1) < 0.1)[block])
    ids = np.concatenate(ends)
    at = np.divmod(ids, reach)
    lat.append(SOUTH + at[0] * STEP + bend[0][at])
    lon.append(WEST + at[1] * STEP + bend[1][at])
    one = np.concatenate(oneway)
    return make_graph(
        Pieces(
            ids=ids,
            lat=np.concatenate(lat),
            lon=np.concatenate(lon),
            kind=np.concatenate(kind).astype(np.uint8),
            limit_kmh=np.zeros(len(one), dtype=np.uint8),
            forward=np.ones(len(one), dtype=np.bool_),
            backward=~one,
        )
    )


def _somewhere(graph: Graph, number: int, off: float, rng: np.random.Generator) -> list[Point]:
    node = rng.integers(0, len(graph.lat), number)
    shift = rng.normal(0, off, (2, number))
    pairs = zip(graph.lat[node] + shift[0], graph.lon[node] + shift[1], strict=True)
    return [(float(lat), float(lon)) for lat, lon in pairs]


def _mountains(folder: Path) -> None:
    """Write the tiles under the network."""
    steps = np.linspace(0, 1, 1201)
    for south in (35, 36, 34):
        for west in (102, 103, 104):
            waves = 1000 * np.sin(40 * (south + 1 - steps))[:, None] * np.cos(40 * (west + steps))[None, :]
            (folder / f"N{south}E{west}.hgt").write_bytes((2500 + waves).astype(">i2").tobytes())


def _each(what: Callable[[int], object], times: int) -> list[float]:
    found = []
    for number in range(times):
        began = time.perf_counter()
        what(number)
        found.append(1000 * (time.perf_counter() - began))
    return found


def _tell(name: str, found: list[float]) -> None:
    print(f"{name}: median {statistics.median(found):.1f} ms, most {max(found):.1f} ms")


if __name__ == "__main__":
    main()
