"""An OpenStreetMap extract (.osm.pbf) read with pyosmium into a road graph."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, radians
from pathlib import Path

import numpy as np
import osmium
from osmium.filter import EntityFilter, KeyFilter
from osmium.osm import NODE, WAY

from firewatch.errors import BadInput
from firewatch.roads.component import largest_component
from firewatch.roads.graph import Graph, Pieces, make_graph
from firewatch.roads.store import About
from firewatch.roads.ways import LeftOut, Way, read_way

Seen = Callable[[int], object]
"""Told how many ways have been looked at, now and then."""
_TELL_EVERY = 1000
OUTSIDE, NO_PLACE = "outside", "no_place"
KM_A_DEGREE = 111.195


@dataclass(frozen=True)
class Box:
    """Degrees within which roads are kept; a way that touches it is kept as a whole."""

    south: float
    west: float
    north: float
    east: float

    def holds(self, lat: float, lon: float) -> bool:
        """Tell whether a point lies in it."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east


def box_around(points: Sequence[tuple[float, float]], margin_km: float) -> Box:
    """Return the box that holds some points, and so many kilometres around them."""
    lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
    up = margin_km / KM_A_DEGREE
    across = up / cos(radians(max(abs(lat) for lat in lats)))
    return Box(min(lats) - up, min(lons) - across, max(lats) + up, max(lons) + across)


@dataclass
class Built:
    """A graph, and what became of the ways of the extract."""

    graph: Graph
    about: About
    ways: int
    left_out: dict[str, int]
    """Ways by reason: those of LeftOut, `outside` the box, `no_place`: all or a piece of it lies beyond the extract."""
    parts: int
    cut_off_km: float
    """Of roads from which one does not get everywhere and back."""


@dataclass
class _Read:
    """What grows while the extract is read."""

    ids: "array[int]" = field(default_factory=lambda: array("q"))
    lat: "array[float]" = field(default_factory=lambda: array("d"))
    lon: "array[float]" = field(default_factory=lambda: array("d"))
    way: "array[int]" = field(default_factory=lambda: array("q"))
    ways: list[Way] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def take(self, way: "osmium.osm.Way", box: Box | None) -> None:
        """Take the pieces of one way."""
        read = read_way(dict(way.tags))
        if isinstance(read, LeftOut):
            self.left_out[read] += 1
            return
        nodes = [(node.ref, node.lat, node.lon) if node.location.valid() else None for node in way.nodes]
        if box is not None and not any(node and box.holds(node[1], node[2]) for node in nodes):
            self.left_out[OUTSIDE if any(nodes) else NO_PLACE] += 1
            return
        if not all(nodes):
            self.left_out[NO_PLACE] += 1
        pairs = [(a, b) for a, b in pairwise(nodes) if a and b and a[0] != b[0]]
        for ref, lat, lon in (end for pair in pairs for end in pair):
            self.ids.append(ref)
            self.lat.append(lat)
            self.lon.append(lon)
        self.way.extend([len(self.ways)] * len(pairs))
        self.ways.append(read)

    def pieces(self) -> Pieces:
        """Return what was read, as arrays."""
        way = np.array(self.way, dtype=np.int64)
        return Pieces(
            ids=np.array(self.ids, dtype=np.int64),
            lat=np.array(self.lat, dtype=np.float64),
            lon=np.array(self.lon, dtype=np.float64),
            kind=np.array([each.kind for each in self.ways], dtype=np.uint8)[way],
            limit_kmh=np.array([each.limit_kmh for each in self.ways], dtype=np.uint8)[way],
            forward=np.array([each.forward for each in self.ways], dtype=np.bool_)[way],
            backward=np.array([each.backward for each in self.ways], dtype=np.bool_)[way],
        )


def build(file: Path, box: Box | None, seen: Seen = int) -> Built:
    """Read an extract; with a box only the ways that touch it. Raises BadInput when it cannot be used."""
    if not file.is_file():
        raise BadInput(f"{file}: there is no such file")
    read, number = _Read(), 0
    try:
        roads_on = _told_day(file)
        for number, way in enumerate(_roads(file), start=1):
            read.take(way, box)
            if number % _TELL_EVERY == 0:
                seen(number)
    except (RuntimeError, osmium.InvalidLocationError) as error:
        raise BadInput(f"{file}: cannot be read as an OpenStreetMap extract: {error}") from None
    seen(number)
    if not read.way:
        place = " near the zones and resources: is it the extract of another place?" if read.left_out[OUTSIDE] else ""
        raise BadInput(f"{file}: there is no road in it{place or ' that is driven on'}")
    whole = make_graph(read.pieces())
    graph, parts = largest_component(whole)
    return Built(graph, About(file.name, roads_on), number, dict(read.left_out), parts, whole.km - graph.km)


def _roads(file: Path) -> Iterator["osmium.osm.Way"]:
    every = osmium.FileProcessor(str(file), NODE | WAY).with_locations()
    for each in every.with_filter(EntityFilter(WAY)).with_filter(KeyFilter("highway")):
        if isinstance(each, osmium.osm.Way):
            yield each


def _told_day(file: Path) -> str:
    """Return the day as of which an extract tells the roads, by its header; "" when that does not say."""
    reader = osmium.io.Reader(str(file))
    try:
        told = reader.header().get("osmosis_replication_timestamp")
    finally:
        reader.close()
    return told[:10]
