"""Trips taken apart: who rides in a vehicle, and where it loads. Pure numpy.

A vehicle with 30 sets of crews in reach and 20 depots has 600 trips, but only 50 parts. The cover model chooses parts
and allows only such depots as go with some of the crews chosen; here they are put together to trips again. What parts
cost in minutes is told too low where the detour by a depot hangs on who rides: where that matters, trips are told to go
`single`, each a part by itself.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from firewatch.dispatch.alike import Pool
from firewatch.dispatch.tours import NONE, Tours, at_depots, distinct, riders
from firewatch.indices.checks import Bools, Floats, Ints


@dataclass(frozen=True)
class Parts:
    """The parts of a list of tours.

    Who rides: `vehicle` (rides,), `picked` (rides, crew groups), `arrives`, the fastest of its tours, and `single`, the
    number of the only tour or NONE. Where it loads: `way_vehicle` (ways,), `depots` (ways, most stops) and `detour`,
    the least it costs. `riders` are the rides that go with each way. `ride` and `way` (tours,) are those of each tour,
    way NONE where it loads nowhere.
    """

    vehicle: Ints
    picked: Ints
    arrives: Floats
    single: Ints
    way_vehicle: Ints
    depots: Ints
    detour: Floats
    riders: tuple[Ints, ...]
    ride: Ints
    way: Ints

    @cached_property
    def tour(self) -> dict[tuple[int, int], int]:
        """The number of the tour of a ride and a way."""
        return {pair: n for n, pair in enumerate(zip(self.ride.tolist(), self.way.tolist(), strict=True))}


class Apart(Exception):
    """The parts chosen do not go together: several vehicles that are alike would load where their crews cannot be."""


def parted(pool: Pool, tours: Tours, single: Bools) -> Parts:
    """Return the parts of a list of tours; those that are `single` (tours,) are parts by themselves."""
    numbers = np.where(single, np.arange(len(tours)), NONE)
    rides, ride = distinct(np.column_stack([riders(pool, tours), numbers]))
    is_depot = at_depots(pool, tours)
    visits = is_depot.any(axis=1)
    depots = np.sort(np.where(is_depot, tours.stops, NONE), axis=1)
    ways, at = distinct(np.column_stack([tours.vehicle, depots, single])[visits])
    way = np.full(len(tours), NONE, dtype=np.int64)
    way[visits] = at
    arrives = np.full(len(rides), np.inf)
    np.minimum.at(arrives, ride, tours.arrives)
    detour = np.full(len(ways), np.inf)
    np.minimum.at(detour, way[visits], (tours.arrives - arrives[ride])[visits])
    order = np.argsort(at, kind="stable")
    with_way = np.split(ride[visits][order], np.searchsorted(at[order], np.arange(1, len(ways)))) if len(ways) else []
    picked = np.zeros((len(rides), len(pool.crews)), dtype=np.int64)
    row, column = np.nonzero(rides[:, 1:-1] != NONE)
    np.add.at(picked, (row, rides[row, 1 + column]), 1)
    return Parts(
        vehicle=rides[:, 0],
        picked=picked,
        arrives=arrives,
        single=rides[:, -1],
        way_vehicle=ways[:, 0],
        depots=ways[:, 1:-1],
        detour=detour,
        riders=tuple(with_way),
        ride=ride,
        way=way,
    )


def made_of(parts: Parts, rides: Ints, ways: Ints) -> Ints:
    """Return how often each tour is made when parts are chosen so often; Apart when they do not go together."""
    made = np.zeros(len(parts.ride), dtype=np.int64)
    alone = parts.single != NONE
    made[parts.single[alone]] = rides[alone]
    left = {ride: int(times) for ride, times in enumerate(rides.tolist()) if times > 0 and not alone[ride]}
    shared = {way: int(times) for way, times in enumerate(ways.tolist()) if not alone[parts.riders[way]].any()}
    wanted = [way for way, times in shared.items() for _ in range(times)]
    taken = _matched(parts, left, wanted)
    if taken is None:
        raise Apart
    for ride, way in taken:
        made[parts.tour[ride, way]] += 1
    for ride, times in left.items():
        if times:
            made[_bare(parts, ride)] += times
    return made


def _matched(parts: Parts, left: dict[int, int], wanted: list[int]) -> list[tuple[int, int]] | None:
    """Give each way a ride that goes with it, taking it off what is left; None when that cannot be."""
    if not wanted:
        return []
    way, *others = wanted
    for ride in parts.riders[way].tolist():
        if left.get(ride, 0) > 0:
            left[ride] -= 1
            rest = _matched(parts, left, others)
            if rest is not None:
                return [(ride, way), *rest]
            left[ride] += 1
    return None


def _bare(parts: Parts, ride: int) -> int:
    """Return the tour of a ride that loads nowhere, or any where the list has no such."""
    if (ride, NONE) in parts.tour:
        return parts.tour[ride, NONE]
    return min(number for (each, _), number in parts.tour.items() if each == ride)
