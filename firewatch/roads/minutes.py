"""Minutes between places: from each to its road, on the road, and to a fire the last leg on foot.

A place is driven to over the land at the speed of a track: something must lead there, or it would be no place. A fire
is walked to from wherever that is quickest. Where there are roads near, no place is reached quicker by way of another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from firewatch.roads.calibration import Drive
from firewatch.roads.graph import Floats, Ints, metres_between
from firewatch.roads.network import Network
from firewatch.roads.terrain import Terrain
from firewatch.roads.walk import flat_minutes
from firewatch.roads.walk_in import WalkIn
from firewatch.rulebook.roads import Roads

GET_OFF_M = 1000.0
"""A fire is walked to from any node so near or, where the nearest road is farther, up to twice as far as that."""
BESIDE_M = 1000.0
"""Places no farther apart, two yards of one village, are driven between straight; farther there may be a mountain."""
GET_OFF_AT = 12
"""Nodes at which people may get off, the nearest ones, where a whole picture of minutes is asked for."""
MOST_KNOWN = 1000
"""Nodes between which minutes are kept; with more it is begun anew."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Access:
    """Where the road is left for a place, and the minutes from there; to a fire on foot."""

    point: Point
    minutes: float


@dataclass(frozen=True)
class ByRoad:
    """Minutes from places (rows) to places, then fires (columns); infinite where either has no road near."""

    minutes: Floats
    walk: Floats
    """Of the minutes to a fire those on foot; 0 to a place."""
    access: Sequence[Access | None]
    """Of places, then fires; None where no road is near."""
    terrain: bool
    """Whether somebody walks, and the terrain was known on every walk."""


@dataclass(frozen=True)
class Soonest:
    """When somebody could first be at each of many points: minutes, infinite where there is no way by road."""

    minutes: Floats
    starts_on_road: NDArray[np.bool_]
    points_on_road: NDArray[np.bool_]
    """Which have a road near; of the others nothing is known here."""


@dataclass(frozen=True)
class _Places:
    """Places, their nearest node, and the minutes between the two; infinite where that is too far."""

    lat: Floats
    lon: Floats
    node: Ints
    off: Floats


@dataclass(frozen=True)
class _Columns:
    """Minutes from all places to some ends, those of them on foot, and the places from or to which no road is taken."""

    minutes: Floats
    walk: Floats
    off_road: NDArray[np.bool_]


class RoadMinutes:
    """A network, a terrain, and the minutes between places that were asked for before."""

    def __init__(self, network: Network, terrain: Terrain, rules: Roads) -> None:
        """Take the parts; nothing is known yet."""
        self._network, self._rules = network, rules
        self._walk_in = WalkIn(terrain, rules.off_path_factor)
        self._at: dict[int, int] = {}
        self._known: Floats = np.zeros((0, 0))
        self._lock = Lock()

    def table(self, places: Sequence[Point], fires: Sequence[Point]) -> ByRoad:
        """Return the minutes from every place to every other and to every fire."""
        lat, lon = np.array(places, dtype=np.float64).reshape(-1, 2).T
        node, metres = self._network.nearest(lat, lon)
        stand = _Places(lat, lon, node, np.where(metres <= self._reach_m, self._driven(metres), np.inf))
        found, access, terrain = [self._between(stand)], self._accesses(stand), True
        walked = False
        for fire in fires:
            columns, its_access, known = self._to_fire(stand, fire)
            found.append(columns)
            access.append(its_access)
            walked, terrain = walked or its_access is not None, terrain and known
        minutes, walk = np.hstack([each.minutes for each in found]), np.hstack([each.walk for each in found])
        _by_way_of(np.flatnonzero(np.any([each.off_road for each in found], axis=0)), minutes, walk)
        return ByRoad(minutes, walk, access, walked and terrain)

    def soonest(self, starts: Sequence[Point], ready: Floats, lat: Floats, lon: Floats) -> Soonest:
        """Return when the first from some starts, each `ready` after so many minutes, could be at each of many points.

        One run over the roads for all of them: the last leg is walked from one of the nearest nodes, as over flat land.
        """
        start_lat, start_lon = np.array(starts, dtype=np.float64).reshape(-1, 2).T
        node, metres = self._network.nearest(start_lat, start_lon)
        on_road = metres <= self._reach_m
        at_node = self._network.minutes_from_any(node[on_road], (ready + self._driven(metres))[on_road])
        # Whoever cannot drive on gets off on this side of it: only nodes that somebody gets to are looked at.
        nodes, apart = self._network.near(np.flatnonzero(np.isfinite(at_node)), lat, lon, GET_OFF_AT)
        walked = at_node[nodes] + flat_minutes(apart, self._rules.off_path_factor)
        return Soonest(walked.min(axis=1, initial=np.inf), on_road, self._network.nearest(lat, lon)[1] <= self._reach_m)

    def drive(self, place: Point, fire: Point) -> Drive | None:
        """Return the drive from a place to a fire by class of road; None where there is no way by road."""
        [node], [metres] = self._network.nearest(np.array([place[0]]), np.array([place[1]]))
        radius = self._radius(fire)
        if radius is None or metres > self._reach_m:
            return None
        roads, nodes = self._network.graph, self._network.within(*fire, radius)
        walk, _ = self._walk_in.minutes(fire, roads.lat[nodes], roads.lon[nodes])
        by_class, on_foot = self._network.drive(int(node), nodes, walk)
        return Drive(by_class, on_foot + float(self._driven(metres))) if np.isfinite(on_foot) else None

    @property
    def _reach_m(self) -> float:
        return 1000 * self._rules.off_road_at_most_km

    def _driven(self, metres: Floats) -> Floats:
        return metres * 0.06 / self._rules.speed_kmh.track

    def _accesses(self, places: _Places) -> list[Access | None]:
        roads = self._network.graph
        return [
            Access((float(roads.lat[node]), float(roads.lon[node])), float(off)) if np.isfinite(off) else None
            for node, off in zip(places.node, places.off, strict=True)
        ]

    def _between(self, places: _Places) -> _Columns:
        """Return the minutes between places; near ones are driven between straight where that is quicker."""
        near = np.where(np.isfinite(places.off), 0.0, np.inf)
        apart = metres_between(places.lat[:, None], places.lon[:, None], places.lat, places.lon)
        straight = np.where(apart <= BESIDE_M, self._driven(apart), np.inf) + near[:, None] + near
        by_road = places.off[:, None] + self._between_nodes(places.node) + places.off
        minutes = np.minimum(straight, by_road)
        off_road = straight < by_road
        return _Columns(minutes, np.zeros_like(minutes), (off_road | off_road.T).max(axis=1, initial=False))

    def _between_nodes(self, nodes: Ints) -> Floats:
        with self._lock:
            new = sorted({int(node) for node in nodes} - self._at.keys())
            if len(self._at) + len(new) > MOST_KNOWN:
                self._at, self._known = {}, np.zeros((0, 0))
                new = sorted({int(node) for node in nodes})
            self._learn(new)
            at = np.array([self._at[int(node)] for node in nodes], dtype=np.int64)
            return self._known[np.ix_(at, at)]

    def _learn(self, new: list[int]) -> None:
        old = list(self._at)
        every = np.array([*old, *new], dtype=np.int64)
        known = np.zeros((len(every), len(every)))
        known[: len(old), : len(old)] = self._known
        for number, node in enumerate(new, start=len(old)):
            known[:, number] = self._network.minutes_to(node)[every]
            if old:
                known[number, : len(old)] = self._network.minutes_from(node)[old]
            self._at[node] = number
        self._known = known

    def _to_fire(self, places: _Places, fire: Point) -> tuple[_Columns, Access | None, bool]:
        """Return the column of a fire, the shortest walk to it, and whether the terrain was known."""
        radius = self._radius(fire)
        if radius is None:
            nowhere = np.full((len(places.lat), 1), np.inf)
            return _Columns(nowhere, np.zeros_like(nowhere), np.zeros(len(nowhere), dtype=np.bool_)), None, True
        roads, nodes = self._network.graph, self._network.within(*fire, radius)
        apart = metres_between(places.lat, places.lon, *fire)
        beside = np.flatnonzero((apart <= radius) & np.isfinite(places.off))
        lat, lon = np.append(roads.lat[nodes], places.lat[beside]), np.append(roads.lon[nodes], places.lon[beside])
        walk, known = self._walk_in.minutes(fire, lat, lon)
        straight = np.full(len(places.lat), np.inf)
        straight[beside] = walk[len(nodes) :]
        walk = walk[: len(nodes)]
        minutes, at_end = self._network.minutes_on_foot_to(nodes, walk)
        by_road = places.off + minutes[places.node]
        off_road = straight < by_road
        columns = _Columns(
            np.minimum(straight, by_road)[:, None],
            np.where(off_road, straight, at_end[places.node])[:, None],
            off_road,
        )
        best = int(np.argmin(walk))
        shortest = Access((float(roads.lat[nodes[best]]), float(roads.lon[nodes[best]])), float(walk[best]))
        return columns, shortest, known

    def _radius(self, fire: Point) -> float | None:
        """Return within how many metres of a fire one may get off; None where no road is near enough.

        Behind a closure that is as far as to where those on this side of it get off, and walk.
        """
        _, [here] = self._network.nearest(np.array([fire[0]]), np.array([fire[1]]))
        main = self._network.nearest_main(*fire)
        metres = main if main <= self._reach_m else float(here)
        return None if metres > self._reach_m else max(GET_OFF_M, 2 * metres)


def _by_way_of(through: Ints, minutes: Floats, walk: Floats) -> None:
    """Go by way of some places, those joined to others without a road, where that is quicker; in place.

    On the roads alone no detour is: only a step beside them may bring somebody to a better road than his own.
    """
    for place in through:
        by_way = minutes[:, place, None] + minutes[place]
        quicker = by_way < minutes
        np.copyto(minutes, by_way, where=quicker)
        np.copyto(walk, np.broadcast_to(walk[place], walk.shape), where=quicker)
