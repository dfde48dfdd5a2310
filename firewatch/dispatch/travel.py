"""Travel minutes between places (dispatch.md §8): the port, and the estimate from coordinates alone.

minutes = great-circle km × detour factor ÷ speed, the speed of a crew carrier; light and heavy vehicles have a pace
against it, and a table of their own. Every plan made from it says "estimated, no road network".
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Protocol, Self

import numpy as np

from firewatch.dispatch.problem import MinutesFrom, RoadsUse
from firewatch.errors import BadInput
from firewatch.geo import great_circle_km
from firewatch.roads.calibration import Correction, Drive
from firewatch.roads.closed import Closure
from firewatch.roads.graph import Floats, metres_between
from firewatch.rulebook.dispatch import Dispatch
from firewatch.rulebook.roads import Roads

STEPS = 10
"""To the minute: six seconds are far finer than the estimate, and coarse enough that every machine stores one table."""

NOISE = 1e-6
"""So much above a tenth of a minute is that tenth: two machines may differ in the last bits."""

Matrix = dict[str, dict[str, float]]
"""`minutes[from][to]`."""
Place = tuple[float, float]
"""Latitude, longitude."""
Places = Mapping[str, Place]
"""`id → (lat, lon)`."""
Closures = Collection[Closure]
Lines = Sequence[tuple[Place, Place]]
"""Pieces of road by their two ends."""


@dataclass(frozen=True)
class Table:
    """The minutes between places, and how they were made."""

    minutes: Matrix
    made: MinutesFrom


@dataclass(frozen=True, order=True)
class Start:
    """A place that somebody could set out from, `ready` after so many minutes."""

    place: Place
    ready: float


@dataclass(frozen=True)
class Soonest:
    """The minutes until the first could be at each of many points: infinite where nobody gets."""

    minutes: Floats
    estimated: float
    """The share of the points that are estimated from straight distance, because no road is near."""


class Travel(Protocol):
    """Knows how long it takes from place to place."""

    @property
    def edition(self) -> int:
        """Return a number that grows whenever the minutes between the same places may have become others."""
        ...

    @property
    def roads(self) -> RoadsUse:
        """Return what it does with a road network."""
        ...

    def of_class(self, speed_class: str) -> Self:
        """Return what knows the minutes of a class of vehicles; of one that is not known, this one itself."""
        ...

    def learn(self, places: Places, closures: Closures = ()) -> None:
        """Get ready for places and closures that will be asked for, so that a fire need not wait for it."""
        ...

    def table(self, places: Places, fires: Collection[str], closures: Closures = ()) -> Table:
        """Return the minutes between all places; `fires` are those that nobody sets out from."""
        ...

    def soonest(self, starts: Sequence[Start], lat: Floats, lon: Floats, closures: Closures = ()) -> Soonest:
        """Return when the first from some starts could be at each of many points."""
        ...

    def drive(self, place: Place, fire: Place, closures: Closures = ()) -> Drive | None:
        """Return a drive by class of road at the configured speeds; None when no road is known to lead there."""
        ...

    def correct(self, correction: Correction) -> None:
        """Take by how much more time each class of road takes than by the config."""
        ...

    def closing(self, closure: Closure) -> Mapping[str, float]:
        """Return the kilometres of road that a closure would close, by class; none where no road is known."""
        ...

    def roads_in(self, south: float, west: float, north: float, east: float) -> Mapping[str, Lines]:
        """Return the roads of a part of the land by class, the greatest first; the smallest are left out of much."""
        ...

    def main_roads(
        self, south: float, west: float, north: float, east: float, off: float
    ) -> Mapping[str, Sequence[Sequence[Place]]]:
        """Return the main roads of a part of the land by class, off by so many degrees at most: a map's ground."""
        ...


@dataclass(frozen=True)
class Estimate:
    """Minutes without a road network; `roads` says whether there is one that cannot be used."""

    detour_factor: float
    speed_kmh: float
    roads: RoadsUse = RoadsUse.NONE
    edition: int = 0
    paces: Mapping[str, float] = field(default_factory=dict)
    """By class of vehicles, its minutes for one of a crew carrier."""

    def of_class(self, speed_class: str) -> Self:
        """Return the estimate of a class of vehicles."""
        return replace(self, speed_kmh=self.speed_kmh / self.paces.get(speed_class, 1.0), paces={})

    def learn(self, places: Places, closures: Closures = ()) -> None:
        """Do nothing: an estimate is quick."""

    def table(self, places: Places, fires: Collection[str], closures: Closures = ()) -> Table:
        """Return the minutes between all places, symmetric; straight lines know of no closure."""
        del fires, closures
        matrix = estimate_matrix(places, detour_factor=self.detour_factor, speed_kmh=self.speed_kmh)
        return Table(matrix, MinutesFrom(self.roads))

    def soonest(self, starts: Sequence[Start], lat: Floats, lon: Floats, closures: Closures = ()) -> Soonest:
        """Return when the first from some starts could be at each of many points; all is estimated."""
        del closures
        minutes = np.full(len(lat), np.inf)
        for start in starts:
            km = metres_between(*start.place, lat, lon) / 1000
            np.minimum(minutes, start.ready + km * self.minutes(1.0), out=minutes)
        return Soonest(minutes, 1.0)

    def drive(self, place: Place, fire: Place, closures: Closures = ()) -> Drive | None:
        """Return None: a straight line has no roads."""
        del place, fire, closures
        return None

    def correct(self, correction: Correction) -> None:
        """Do nothing: there are no classes of road."""

    def closing(self, closure: Closure) -> Mapping[str, float]:
        """Return nothing: a straight line has no roads."""
        del closure
        return {}

    def roads_in(self, south: float, west: float, north: float, east: float) -> Mapping[str, Lines]:
        """Return nothing."""
        del south, west, north, east
        return {}

    def main_roads(
        self, south: float, west: float, north: float, east: float, off: float
    ) -> Mapping[str, Sequence[Sequence[Place]]]:
        """Return nothing."""
        del south, west, north, east, off
        return {}

    def minutes(self, km: float) -> float:
        """Return the minutes of a great-circle distance, not rounded."""
        return _minutes(km, self.detour_factor, self.speed_kmh)


def estimate(rules: Dispatch, roads: RoadsUse = RoadsUse.NONE, by_road: Roads | None = None) -> Estimate:
    """Return the estimate by the config; `by_road` tells the classes of vehicles, whose pace counts here too."""
    paces = {name: each.pace for name, each in (by_road or Roads()).classes.items()}
    return Estimate(rules.detour_factor, rules.speed_kmh, roads, paces=paces)


def round_up(minutes: float) -> float:
    """Return minutes in tenths: up, the cautious side, and so that no detour comes out faster than the direct way."""
    return ceil(minutes * STEPS - NOISE) / STEPS


def estimate_minutes(km: float, *, detour_factor: float, speed_kmh: float) -> float:
    """Answer the travel minutes of a great-circle distance; the factor is at least 1, the speed above 0."""
    return round_up(_minutes(km, detour_factor, speed_kmh))


def _minutes(km: float, detour_factor: float, speed_kmh: float) -> float:
    if not detour_factor >= 1:
        raise BadInput(f"detour_factor: a road is not shorter than the straight line, got {detour_factor}")
    if not speed_kmh > 0:
        raise BadInput(f"speed_kmh: must be above 0, got {speed_kmh}")
    return 60 * km * detour_factor / speed_kmh


def estimate_matrix(places: Places, *, detour_factor: float, speed_kmh: float) -> Matrix:
    """Answer the minutes between all places, symmetric, in the order of the ids.

    A place has no entry to itself: that is 0 by the format. A lone place still gets its (empty) row, so that
    it is a node of the table.
    """
    ids = sorted(places)
    matrix: Matrix = {a: {} for a in ids}
    for i, a in enumerate(ids):
        for b in ids[i + 1 :]:
            km = great_circle_km(*places[a], *places[b])
            matrix[a][b] = matrix[b][a] = estimate_minutes(km, detour_factor=detour_factor, speed_kmh=speed_kmh)
    return matrix
