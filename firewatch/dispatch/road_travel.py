"""Travel minutes by road, where a road network is in place; what it does not cover is estimated, and named."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from math import inf, isfinite
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from firewatch.dispatch.problem import MinutesFrom, RoadsUse
from firewatch.dispatch.travel import Closures, Estimate, Lines, Matrix, Places, Soonest, Start, Table, round_up
from firewatch.geo import great_circle_km
from firewatch.roads import lines, simple, store
from firewatch.roads.calibration import NO_CORRECTION, Correction, Drive
from firewatch.roads.closed import Closure, closed_pieces
from firewatch.roads.graph import Floats, Graph
from firewatch.roads.minutes import Access, ByRoad, Point, RoadMinutes
from firewatch.roads.network import Network
from firewatch.roads.terrain import Terrain
from firewatch.rulebook.roads import Roads

OpenWith = Callable[[tuple[Closure, ...], Correction], RoadMinutes]


class _Places(NamedTuple):
    """Ids, and where each stands in the table by road: those at one spot share a row; a fire has a column only."""

    ids: Sequence[str]
    fires: Collection[str]
    at: dict[str, int]
    points: Sequence[Point]
    spots: int
    """Rows: the points before this one are places, the others fires."""


class RoadTravel:
    """The port `Travel` over a road network."""

    roads: Final = RoadsUse.USED

    def __init__(
        self,
        graph: Graph,
        open_with: OpenWith,
        roads_on: str,
        fallback: Estimate,
        classes: Mapping[str, "RoadTravel"] = MappingProxyType({}),
    ) -> None:
        """Take the roads, what makes the minutes with some closed, the day of the roads ("": unknown), the estimate.

        `classes` are the minutes of vehicles that do not drive like a crew carrier.
        """
        self._classes = classes
        self._graph = graph
        self._main_roads = lru_cache(maxsize=8)(lambda window, off: simple.main_roads(graph, window, off))
        self._correction = NO_CORRECTION
        self._as_configured = lru_cache(maxsize=1)(lambda closed: open_with(closed, NO_CORRECTION))
        # The roads as they are, and as they were a moment ago.
        self._with = lru_cache(maxsize=2)(lambda closed: open_with(closed, self._correction))
        self._roads_on, self._fallback = roads_on, fallback
        self.edition = 0

    def of_class(self, speed_class: str) -> "RoadTravel":
        """Return what knows the minutes of a class of vehicles."""
        return self._classes.get(speed_class, self)

    def learn(self, places: Places, closures: Closures = ()) -> None:
        """Find the ways between places that stay where they are."""
        self._with(tuple(sorted(closures))).table(sorted(set(places.values())), [])
        for each in self._classes.values():
            each.learn(places, closures)

    def drive(self, place: Point, fire: Point, closures: Closures = ()) -> Drive | None:
        """Return the drive to a fire by class of road, at the configured speeds."""
        return self._as_configured(tuple(sorted(closures))).drive(place, fire)

    def correct(self, correction: Correction) -> None:
        """Take by how much more time each class of road takes than by the config."""
        if correction != self._correction:
            self._correction = correction
            self.edition += 1
            self._with.cache_clear()
            for each in self._classes.values():
                each.correct(correction)

    def closing(self, closure: Closure) -> Mapping[str, float]:
        """Return the kilometres of road that a closure would close, by class, the greatest first."""
        return lines.km_by_class(self._graph, closed_pieces(self._graph, [closure]))

    def roads_in(self, south: float, west: float, north: float, east: float) -> Mapping[str, Lines]:
        """Return the roads of a part of the land by class, as many classes as can be drawn."""
        return lines.within(self._graph, south, west, north, east)

    def main_roads(
        self, south: float, west: float, north: float, east: float, off: float
    ) -> Mapping[str, Sequence[Sequence[Point]]]:
        """Return the main roads of a part of the land by class, off by so many degrees at most: a map's ground."""
        return self._main_roads((south, west, north, east), off)

    def soonest(self, starts: Sequence[Start], lat: Floats, lon: Floats, closures: Closures = ()) -> Soonest:
        """Return when the first from some starts could be at each of many points.

        Where either end has no road near it is estimated, as in a table; where closures leave no way, nobody gets.
        """
        ready = np.array([start.ready for start in starts], dtype=np.float64)
        by_road = self._with(tuple(sorted(closures))).soonest([start.place for start in starts], ready, lat, lon)
        off_road = [start for start, on_road in zip(starts, by_road.starts_on_road, strict=True) if not on_road]
        minutes = np.where(
            by_road.points_on_road,
            np.minimum(by_road.minutes, self._fallback.soonest(off_road, lat, lon).minutes),
            self._fallback.soonest(starts, lat, lon).minutes,
        )
        return Soonest(minutes, float(1 - by_road.points_on_road.mean()))

    def table(self, places: Places, fires: Collection[str], closures: Closures = ()) -> Table:
        """Return the minutes from every place to every other, and to fires; nobody sets out from a fire.

        Where closures leave no way there is no entry: that is out of reach, not estimated.
        """
        asked, closed = _sorted_out(places, fires), tuple(sorted(closures))
        by_road = self._with(closed).table(asked.points[: asked.spots], asked.points[asked.spots :])
        ends = range(len(asked.points))
        rows = [[self._pair(asked, by_road, start, end) for end in ends] for start in range(asked.spots)]
        minutes, walk = _by_name(asked, rows)
        made = MinutesFrom(
            roads=RoadsUse.USED,
            roads_on=self._roads_on or None,
            terrain=by_road.terrain,
            estimated=tuple(name for name in asked.ids if by_road.access[asked.at[name]] is None),
            closures=tuple(each.id for each in closed),
            arrivals=self._correction.arrivals,
            walk=walk,
        )
        return Table(minutes, made)

    def _pair(self, asked: _Places, by_road: ByRoad, start: int, end: int) -> tuple[float, float]:
        """Return the minutes from one point to another, and how many of them are on foot, rounded up."""
        whole = float(by_road.minutes[start, end])
        if by_road.access[start] is not None and by_road.access[end] is not None:
            return (round_up(whole), round_up(float(by_road.walk[start, end]))) if isfinite(whole) else (inf, 0.0)
        # What is known of one end is kept: an estimate must not make light of a walk.
        here, there = _left(by_road.access[start], asked.points[start]), _left(by_road.access[end], asked.points[end])
        between = self._fallback.minutes(great_circle_km(*here.point, *there.point))
        on_foot = there.minutes if end >= asked.spots else 0.0
        return round_up(here.minutes + between + there.minutes), round_up(on_foot)


def open_roads(folder: Path, rules: Roads, fallback: Estimate) -> RoadTravel:
    """Open the network and the terrain of a data folder. Raises BadInput when the network cannot be used."""
    graph, about = store.load(folder / store.FILE)
    terrain = Terrain(folder)

    def of(speed_kmh: Mapping[str, float], guess: Estimate, classes: Mapping[str, RoadTravel]) -> RoadTravel:
        def open_with(closures: tuple[Closure, ...], correction: Correction) -> RoadMinutes:
            return RoadMinutes(Network(graph, speed_kmh, closures, correction.slowness), terrain, rules)

        return RoadTravel(graph, open_with, about.roads_on, guess, classes)

    classes = {
        name: of(each.speeds(rules.speed_kmh), fallback.of_class(name), {}) for name, each in rules.classes.items()
    }
    return of(rules.speed_kmh.model_dump(), fallback, classes)


def _left(access: Access | None, point: Point) -> Access:
    return access or Access(point, 0.0)


def _by_name(asked: _Places, rows: Sequence[Sequence[tuple[float, float]]]) -> tuple[Matrix, Matrix]:
    """Return the minutes, and those on foot, from id to id; nothing where there is no way, or nobody walks."""
    minutes: Matrix = {name: {} for name in asked.ids}
    walk: Matrix = {}
    for start in (name for name in asked.ids if name not in asked.fires):
        row = rows[asked.at[start]]
        minutes[start] = {end: row[at][0] for end, at in asked.at.items() if end != start and row[at][0] < inf}
        if on_foot := {end: row[asked.at[end]][1] for end in asked.fires if row[asked.at[end]][1] > 0}:
            walk[start] = on_foot
    return minutes, walk


def _sorted_out(places: Places, fires: Collection[str]) -> _Places:
    ids = sorted(places)
    spots = sorted({places[name] for name in ids if name not in fires})
    number = {spot: at for at, spot in enumerate(spots)}
    burning = [name for name in ids if name in fires]
    at = {name: number[places[name]] for name in ids if name not in fires}
    at |= {name: len(spots) + place for place, name in enumerate(burning)}
    points = [*spots, *(places[name] for name in burning)]
    return _Places(ids, burning, {name: at[name] for name in ids}, points, len(spots))
