"""Every trip that reaches a fire in time, as arrays: what the solver chooses from. Pure numpy.

Trips are those of groups of resources that are alike (`alike`), not of single ones. Built stop by stop: whatever cannot
be at the fire within the horizon by the direct way is left out at once, so a short horizon costs little even where all
trips together are billions.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firewatch.dispatch.alike import Floats, Ints, Pool

NONE = -1
"""No further stop."""
CHUNK = 2_000_000
"""Cells of a table of trips × possible next stops that are looked at together; bounds memory."""


@dataclass(frozen=True)
class Tours:
    """Trips to one fire, the fastest first: by the fastest order of each set of stops, ties by the order of groups.

    `vehicle` (trips,) and `stops` (trips, most stops) are numbers of groups: a crew group's own, a depot's after all
    crew groups, NONE after the last stop. `arrives` (trips,) in minutes.
    """

    vehicle: Ints
    stops: Ints
    arrives: Floats

    def __len__(self) -> int:
        """Return how many trips there are."""
        return len(self.arrives)

    def some(self, chosen: npt.NDArray[np.bool_] | Ints | slice) -> "Tours":
        """Return some of the trips."""
        return Tours(self.vehicle[chosen], self.stops[chosen], self.arrives[chosen])


@dataclass(frozen=True)
class Choice:
    """Which groups trips may use: masks of the shape (groups,)."""

    vehicles: npt.NDArray[np.bool_]
    crews: npt.NDArray[np.bool_]
    depots: npt.NDArray[np.bool_]


def everybody(pool: Pool) -> Choice:
    """Return the choice of all groups."""
    return Choice(np.ones(len(pool.vehicles), bool), np.ones(len(pool.crews), bool), np.ones(len(pool.depots), bool))


@dataclass(frozen=True)
class _Front:
    """Trips on their way: where they are, when, with how many seats and people."""

    vehicle: Ints
    minute: Floats
    place: Ints
    seats: Ints
    people: Ints
    stops: Ints


class TooMany(Exception):
    """There are more trips than the caller wants to look at."""


def tours(pool: Pool, fire: int, horizon: float = np.inf, choice: Choice | None = None, most: float = np.inf) -> Tours:
    """Return the trips that reach a fire by `horizon` minutes, each set of stops once; TooMany beyond `most`.

    A stop that brings nothing the fire needs is left out, but for a crew that mans an empty vehicle as its first, and
    where the table of minutes knows detours that are faster than the direct way: there every stop may be worth it.
    """
    chosen = everybody(pool) if choice is None else choice
    limits = pool.problem.limits
    stops = _Stops(pool, fire, chosen)
    front = _start(pool, fire, horizon, chosen, limits.crews_per_trip + limits.depots_per_trip)
    done = [_arrived(pool, fire, front, horizon)]
    for number in range(limits.crews_per_trip + limits.depots_per_trip):
        front = stops.expand(front, number, horizon)
        if not len(front.vehicle):
            break
        if len(front.vehicle) > most:
            raise TooMany
        done.append(_arrived(pool, fire, front, horizon))
    return _fastest(done)


def _start(pool: Pool, fire: int, horizon: float, choice: Choice, most: int) -> _Front:
    groups = [n for n, allowed in enumerate(choice.vehicles) if allowed]
    ones = [pool.vehicles[n].one for n in groups]
    front = _Front(
        vehicle=np.array(groups, dtype=np.int64),
        minute=np.array([one.turnout for one in ones], dtype=np.float64),
        place=np.array([pool.vehicles[n].place for n in groups], dtype=np.int64),
        seats=np.array([one.free_seats for one in ones], dtype=np.int64),
        people=np.array([one.crew for one in ones], dtype=np.int64),
        stops=np.full((len(groups), most), NONE, dtype=np.int64),
    )
    if not groups:
        return front
    return _some(front, _reaches(pool, fire, front.minute, front.place, horizon))


def _reaches(pool: Pool, fire: int, minute: Floats, place: Ints, horizon: float) -> npt.NDArray[np.bool_]:
    """Whether the fire can still be reached in time: by the direct way, or by any where that is not the fastest."""
    way = pool.minutes[place, pool.fire_places[fire]] if pool.is_metric else 0.0
    total = minute + way
    reached: npt.NDArray[np.bool_] = (total <= horizon) & np.isfinite(total)
    return reached


class _Stops:
    """The stops a trip to one fire may make."""

    def __init__(self, pool: Pool, fire: int, choice: Choice) -> None:
        needed = set(pool.needs(fire))
        limits = pool.problem.limits
        self.pool, self.fire = pool, fire
        crews, depots = [group.one for group in pool.crews], [group.one for group in pool.depots]
        self.n_crews = len(crews)
        self.place = np.array([group.place for group in pool.stops], dtype=np.int64)
        self.turnout = np.array([crew.turnout for crew in crews] + [0.0] * len(depots))
        self.loading = np.array([0.0] * len(crews) + [depot.loading for depot in depots])
        self.people = np.array([crew.people for crew in crews] + [0] * len(depots), dtype=np.int64)
        self.count = np.array([group.count for group in pool.crews] + [1] * len(depots), dtype=np.int64)
        helps = [bool(needed & {name for name, units in crew.brings.items() if units > 0}) for crew in crews]
        stocked = [bool(needed & {name for name, units in depot.stock.items() if units > 0}) for depot in depots]
        self.helps = np.array(helps + stocked, dtype=bool) | (not pool.is_metric)
        self.allowed = np.concatenate([choice.crews, choice.depots])
        self.is_crew = np.arange(len(self.place)) < self.n_crews
        self.most_crews, self.most_depots = limits.crews_per_trip, limits.depots_per_trip
        self.loads = np.array([group.one.load > 0 for group in pool.vehicles], dtype=bool)

    def expand(self, front: _Front, number: int, horizon: float) -> _Front:
        """Return every trip with one stop more, its stop number `number`."""
        rows = max(1, CHUNK // max(1, len(self.place)))
        parts = [
            self._part(_some(front, slice(low, low + rows)), number, horizon)
            for low in range(0, max(1, len(front.vehicle)), rows)
        ]
        return _Front(
            *(np.concatenate([getattr(part, name) for part in parts]) for name in _Front.__dataclass_fields__)
        )

    def _part(self, front: _Front, number: int, horizon: float) -> _Front:
        so_far = front.stops[:, :number]
        crews = ((so_far >= 0) & (so_far < self.n_crews)).sum(axis=1)
        room = np.where(self.is_crew, (crews < self.most_crews)[:, None], (number - crews < self.most_depots)[:, None])
        times = (so_far[:, :, None] == np.arange(len(self.place))).sum(axis=1)
        room &= times < self.count
        room &= self.allowed
        room &= self.people <= front.seats[:, None]
        room &= self.helps | (self.is_crew & (self.people > 0) & (front.people == 0)[:, None])
        if self.pool.is_metric:
            room &= self.is_crew | self.loads[front.vehicle][:, None]
        at, stop = np.nonzero(room)
        minute = front.minute[at] + self.pool.minutes[front.place[at], self.place[stop]]
        minute = np.where(self.is_crew[stop], np.maximum(minute, self.turnout[stop]), minute + self.loading[stop])
        kept = _reaches(self.pool, self.fire, minute, self.place[stop], horizon)
        at, stop, minute = at[kept], stop[kept], minute[kept]
        stops = front.stops[at]
        stops[:, number] = stop
        return _Front(
            vehicle=front.vehicle[at],
            minute=minute,
            place=self.place[stop],
            seats=front.seats[at] - self.people[stop],
            people=front.people[at] + self.people[stop],
            stops=stops,
        )


def _some(front: _Front, chosen: npt.NDArray[np.bool_] | slice) -> _Front:
    return _Front(*(getattr(front, name)[chosen] for name in _Front.__dataclass_fields__))


def _arrived(pool: Pool, fire: int, front: _Front, horizon: float) -> Tours:
    """Return those of the trips that go straight to the fire now, with somebody aboard."""
    minute = front.minute + pool.minutes[front.place, pool.fire_places[fire]]
    there = (front.people > 0) & (minute <= horizon) & np.isfinite(minute)
    return Tours(front.vehicle[there], front.stops[there], minute[there])


def _fastest(parts: list[Tours]) -> Tours:
    """Return the trips by arrival; of the orders of the same stops only the fastest, ties by the stops."""
    found = Tours(*(np.concatenate([getattr(part, name) for part in parts]) for name in Tours.__dataclass_fields__))
    sets = np.column_stack([found.vehicle, np.sort(found.stops, axis=1)])
    ties = (*found.stops.T[::-1], found.arrives)
    order = np.lexsort((*ties, *sets.T[::-1]))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (sets[order][1:] != sets[order][:-1]).any(axis=1)
    kept = found.some(order[first])
    return kept.some(np.lexsort((*kept.stops.T[::-1], kept.vehicle, kept.arrives)))


def helpful(pool: Pool, fire: int, found: Tours) -> npt.NDArray[np.bool_]:
    """Return which trips bring something the fire needs, be it loaded on the way. Shape (trips,)."""
    needs = pool.needs(fire)
    vehicles = [any(group.one.brings.get(name, 0) > 0 for name in needs) for group in pool.vehicles]
    crews = [any(group.one.brings.get(name, 0) > 0 for name in needs) for group in pool.crews]
    depots = [any(group.one.stock.get(name, 0) > 0 for name in needs) for group in pool.depots]
    loads = np.array([group.one.load > 0 for group in pool.vehicles], dtype=bool)
    stops = np.array([*crews, *depots, False], dtype=bool)  # the last stands for NONE
    is_depot = np.array([*([False] * len(crews)), *([True] * len(depots)), False], dtype=bool)
    brought = stops[found.stops] & (~is_depot[found.stops] | loads[found.vehicle][:, None])
    answer: npt.NDArray[np.bool_] = np.array(vehicles, dtype=bool)[found.vehicle] | brought.any(axis=1)
    return answer


def undominated(pool: Pool, found: Tours) -> Tours:
    """Return a list of trips without those that no completion time needs: the list's own time is all that counts.

    Of the trips of one vehicle with the same crews, differing in the depots alone: one without a depot does nothing
    that one by a depot cannot do; and where one goes by a depot that never runs out, whatever all fires together ask
    for, the others do nothing that it cannot do.
    """
    is_depot = found.stops >= len(pool.crews)
    crews = np.sort(np.where(is_depot, NONE, found.stops), axis=1)
    loads = np.array([group.one.load > 0 for group in pool.vehicles], dtype=bool)[found.vehicle]
    visits = is_depot.any(axis=1) & loads
    ample = np.array([*([False] * len(pool.crews)), *_ample(pool), False], dtype=bool)
    rank = np.where(visits & ample[found.stops].any(axis=1), 0, np.where(visits, 1, 2))
    _, who = np.unique(np.column_stack([found.vehicle, crews]), axis=0, return_inverse=True)
    who = who.reshape(-1)
    best = np.full(who.max(initial=-1) + 1, 2)
    np.minimum.at(best, who, rank)
    kept = np.flatnonzero(rank == best[who])
    # Of several that never run out, and of several without any, the first is as good as all.
    wanted = rank[kept] == 1
    wanted[np.unique(who[kept], return_index=True)[1]] = True
    return found.some(kept[wanted])


def _ample(pool: Pool) -> list[bool]:
    """Whether a depot has all that all fires together ask for, of everything that any depot has."""
    asked: Counter[str] = Counter()
    for fire in range(len(pool.fires)):
        asked.update(pool.needs(fire))
    kept = {name for group in pool.depots for name, units in group.one.stock.items() if units > 0}
    return [all(group.one.stock.get(name, 0) >= asked[name] for name in kept) for group in pool.depots]
