"""Every trip that reaches a fire in time, as arrays: what the solver chooses from. Pure numpy.

Trips are those of groups of resources that are alike (`alike`), not of single ones. Built stop by stop: whatever cannot
be at the fire within the horizon by the direct way is left out at once, so a short horizon costs little even where all
trips together are billions.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from firewatch.dispatch.alike import Pool
from firewatch.indices.checks import Bools, Floats, Ints

NONE = -1
"""No further stop."""
NOISE = 1e-8
"""Minutes: sums of the same legs in another order may differ by so much, and no trip is given up for that."""
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

    def within(self, horizon: float) -> "Tours":
        """Return the trips that arrive by then."""
        return self.some(slice(0, int(np.searchsorted(self.arrives, horizon, side="right"))))

    def some(self, chosen: Bools | Ints | slice) -> "Tours":
        """Return some of the trips."""
        return Tours(self.vehicle[chosen], self.stops[chosen], self.arrives[chosen])


@dataclass(frozen=True)
class Choice:
    """Which groups trips may use: masks of the shape (groups,)."""

    vehicles: Bools
    crews: Bools
    depots: Bools


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
    return _some(front, _reaches(pool, fire, pool.speeds[front.vehicle], front.minute, front.place, horizon))


def _reaches(pool: Pool, fire: int, speed: Ints, minute: Floats, place: Ints, horizon: float) -> Bools:
    """Whether the fire can still be reached in time: by the direct way, or by any where that is not the fastest."""
    way = pool.minutes[speed, place, pool.fire_places[fire]] if pool.is_metric else 0.0
    total = minute + way
    reached: Bools = (total <= horizon + NOISE) & np.isfinite(total)
    return reached


class _Stops:
    """The stops a trip to one fire may make."""

    def __init__(self, pool: Pool, fire: int, choice: Choice) -> None:
        limits = pool.problem.limits
        self.pool, self.fire = pool, fire
        crews, depots = [group.one for group in pool.crews], [group.one for group in pool.depots]
        self.n_crews = len(crews)
        self.place = np.array([group.place for group in pool.stops], dtype=np.int64)
        self.turnout = np.array([crew.turnout for crew in crews] + [0.0] * len(depots))
        self.loading = np.array([0.0] * len(crews) + [depot.loading for depot in depots])
        self.people = np.array([crew.people for crew in crews] + [0] * len(depots), dtype=np.int64)
        self.count = np.array([group.count for group in pool.crews] + [1] * len(depots), dtype=np.int64)
        self.helps = _helps(pool, fire)[1] | (not pool.is_metric)
        self.allowed = np.concatenate([choice.crews, choice.depots])
        self.is_crew = np.arange(len(self.place)) < self.n_crews
        self.most_crews, self.most_depots = limits.crews_per_trip, limits.depots_per_trip

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
            room &= self.is_crew | self.pool.loads[front.vehicle][:, None]
        at, stop = np.nonzero(room)
        speed = self.pool.speeds[front.vehicle[at]]
        minute = front.minute[at] + self.pool.minutes[speed, front.place[at], self.place[stop]]
        minute = np.where(self.is_crew[stop], np.maximum(minute, self.turnout[stop]), minute + self.loading[stop])
        kept = _reaches(self.pool, self.fire, speed, minute, self.place[stop], horizon)
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


def _some(front: _Front, chosen: Bools | slice) -> _Front:
    return _Front(*(getattr(front, name)[chosen] for name in _Front.__dataclass_fields__))


def _arrived(pool: Pool, fire: int, front: _Front, horizon: float) -> Tours:
    """Return those of the trips that go straight to the fire now, with somebody aboard."""
    minute = front.minute + pool.minutes[pool.speeds[front.vehicle], front.place, pool.fire_places[fire]]
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


def who(pool: Pool, found: Tours) -> Ints:
    """Return a number for each trip, the same where the same vehicle picks up the same crews. Shape (trips,)."""
    return distinct(riders(pool, found))[1]


def riders(pool: Pool, found: Tours) -> Ints:
    """Return vehicle and crews of each trip, the crews in order. Shape (trips, 1 + most stops)."""
    return np.column_stack([found.vehicle, np.sort(np.where(at_depots(pool, found), NONE, found.stops), axis=1)])


def at_depots(pool: Pool, found: Tours) -> Bools:
    """Return which stops of each trip are depots. Shape (trips, most stops)."""
    return found.stops >= len(pool.crews)


def helpful(pool: Pool, fire: int, found: Tours) -> Bools:
    """Return which trips bring something the fire needs, be it loaded on the way. Shape (trips,)."""
    vehicles, stops = _helps(pool, fire)
    brought = np.append(stops, False)[found.stops]  # the last stands for NONE
    brought &= ~at_depots(pool, found) | pool.loads[found.vehicle][:, None]
    return vehicles[found.vehicle] | brought.any(axis=1)


def undominated(pool: Pool, found: Tours) -> Tours:
    """Return a list of trips without those that no completion time needs: the list's own time is all that counts.

    Of the trips of one vehicle with the same crews, differing in the depots alone: one without a depot does nothing
    that one by a depot cannot do; and where one goes by a depot that never runs out, whatever all fires together ask
    for, the others do nothing that it cannot do.
    """
    visits = at_depots(pool, found).any(axis=1) & pool.loads[found.vehicle]
    ample = np.concatenate([np.zeros(len(pool.crews), dtype=bool), pool.never_run_out, [False]])
    rank = np.where(visits & ample[found.stops].any(axis=1), 0, np.where(visits, 1, 2))
    number = who(pool, found)
    best = np.full(number.max(initial=-1) + 1, 2)
    np.minimum.at(best, number, rank)
    kept = np.flatnonzero(rank == best[number])
    # Of several that never run out, and of several without any, the first is as good as all.
    wanted = rank[kept] == 1
    wanted[np.unique(number[kept], return_index=True)[1]] = True
    return found.some(kept[wanted])


def _helps(pool: Pool, fire: int) -> tuple[Bools, Bools]:
    """Return which groups of vehicles, and which stops, have something that a fire needs."""
    needed = pool.needs(fire)

    def useful(amounts: Mapping[str, int]) -> bool:
        return any(amounts.get(name, 0) > 0 for name in needed)

    vehicles = [useful(group.one.brings) for group in pool.vehicles]
    stops = [*(useful(group.one.brings) for group in pool.crews), *(useful(group.one.stock) for group in pool.depots)]
    return np.array(vehicles, dtype=bool), np.array(stops, dtype=bool)


def distinct(rows: Ints) -> tuple[Ints, Ints]:
    """Return the rows of a table that differ, in order, and for each row the number of its equal.

    Many times faster than numpy's own, which sorts rows as wholes.
    """
    order = np.lexsort(rows.T[::-1])
    differs = np.ones(len(rows), dtype=bool)
    differs[1:] = (rows[order][1:] != rows[order][:-1]).any(axis=1)
    number = np.empty(len(rows), dtype=np.int64)
    number[order] = np.cumsum(differs) - 1
    return rows[order][differs], number
