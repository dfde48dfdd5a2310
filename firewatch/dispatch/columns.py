"""Trips as columns: the exact model of fires that all have their time, of which only what can matter is ever built.

Each trip is a variable of its own. The lists of trips are long and the rows that trips share are few. So the model
without whole numbers is solved over some of the trips; the prices of its rows tell what any other trip costs beyond
them (its reduced cost); the cheapest are added, until none is below its price. The value is then a bound for all trips,
and a trip's reduced cost is the least by which a plan that makes it is worse than the bound (ADR 0005).

Vehicles that load at the same depots share what their room together holds, as in the cover model.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from firewatch.dispatch.alike import Pool, attackers
from firewatch.dispatch.cover import SLACK, spare
from firewatch.dispatch.milp import Answer, Growing, Program
from firewatch.dispatch.tours import NONE, Tours, at_depots, distinct
from firewatch.indices.checks import Bools, Floats, Ints

NOISE = 1e-7
"""Below its price by less than this a trip is not: the solver's own tolerance."""
EACH_TIME = 8
"""Trips of one vehicle to one fire that are added at a time."""
FIRST = 3
"""Trips of one vehicle to one fire to begin with: its fastest."""


@dataclass(frozen=True)
class Fire:
    """One fire: its trips, and what they count in its rows.

    `brings` (trips, capabilities) is no more than the need. `way` (trips,) is the set of depots a trip loads at, or
    NONE; `at_rows` (ways, 1 + capabilities) are the rows of its room and of what is loaded there, NONE where there is
    none, and `at` (vehicle groups, ways, 1 + capabilities) what a vehicle counts there. `loads` are the variables of
    what is loaded, by capability.
    """

    tours: Tours
    brings: Floats
    need_rows: Ints
    way: Ints
    at_rows: Ints
    at: Floats
    loads: tuple[tuple[int, ...], ...]
    first_row: int


@dataclass(frozen=True)
class Bound:
    """What no trips fall below, and what each trip of each fire costs beyond it."""

    value: float
    reduced: tuple[Floats, ...]


class Columns:
    """The rows that trips share, and the trips looked at so far."""

    def __init__(self, pool: Pool, lists: Sequence[Tours], held: Mapping[str, float]) -> None:
        """Serve fires by lists of trips and hold what is held."""
        self.pool, self.lists, self.held = pool, lists, dict(held)
        self.first = [np.inf] * len(lists)
        self.program = Program()
        self.vehicle_rows = np.array([self._row(high=group.count) for group in pool.vehicles], dtype=np.int64)
        self.crew_rows = np.array([self._row(high=group.count) for group in pool.crews], dtype=np.int64)
        self._stock: dict[tuple[int, str], list[int]] = {}
        self._short: list[tuple[int, float]] = []
        self.fires = [self._serve(fire, tours) for fire, tours in enumerate(lists)]
        for (depot, name), taken in self._stock.items():
            self._row(taken, [1.0] * len(taken), high=pool.depots[depot].one.stock[name])
        self._missing = self._reserve()
        self.misses = self._hold(held)
        self.looked_at = [_fastest(tours, FIRST) for tours in lists]
        self.left = [np.ones(len(tours), dtype=bool) for tours in lists]
        """Trips that may be part of a better plan."""
        if "reserve" in held:
            spared = spare(pool, self._present, held["reserve"])
            self.left = [~np.any(self._leaving(tours) > spared, axis=1) for tours in lists]

    def _row(
        self, columns: Sequence[int] = (), factors: Sequence[float] = (), low: float = -np.inf, high: float = np.inf
    ) -> int:
        self.program.row(np.array(columns, dtype=np.int64), np.array(factors, dtype=np.float64), low, float(high))
        return len(self.program.row_low) - 1

    def _serve(self, fire: int, tours: Tours) -> Fire:
        pool, needs = self.pool, list(self.pool.needs(fire).items())
        own = np.array([[g.one.brings.get(name, 0) for name, _ in needs] for g in pool.vehicles], dtype=np.float64)
        own = own.reshape(len(pool.vehicles), len(needs))
        theirs = np.array(
            [[g.one.brings.get(name, 0) for name, _ in needs] for g in pool.crews]
            + [[0] * len(needs)] * (len(pool.depots) + 1),  # the last stands for no stop
            dtype=np.float64,
        )
        brought = own[tours.vehicle] + theirs[tours.stops].sum(axis=1)
        depots = np.sort(np.where(at_depots(pool, tours), tours.stops - len(pool.crews), NONE), axis=1)
        ways, way = distinct(np.column_stack([np.full(len(tours), NONE), depots]))
        at_rows, at, loads = self._load(ways, needs)
        need_rows = []
        for (_, need), taken in zip(needs, loads, strict=True):
            short = int(self.program.add(need, whole=False)[0])
            self._short.append((short, pool.fires[fire].weight / need))
            need_rows.append(self._row([*taken, short], [1.0] * (len(taken) + 1), low=need))
        return Fire(
            tours=tours,
            brings=np.minimum(brought, [need for _, need in needs]),
            need_rows=np.array(need_rows, dtype=np.int64),
            way=way,
            at_rows=at_rows,
            at=at,
            loads=tuple(tuple(taken) for taken in loads),
            first_row=self._row(),
        )

    def _load(self, ways: Ints, needs: Sequence[tuple[str, int]]) -> tuple[Ints, Floats, list[list[int]]]:
        """Add what is loaded by each way; answer its rows, what vehicles count there, and the loads by capability."""
        room = np.array([group.one.load for group in self.pool.vehicles], dtype=np.float64)
        rows = np.full((len(ways), 1 + len(needs)), NONE)
        at = np.zeros((len(room), len(ways), 1 + len(needs)))
        loads: list[list[int]] = [[] for _ in needs]
        for way, depots in enumerate(ways.tolist()):
            mine = []
            for c, (name, need) in enumerate(needs):
                stocks = {d: min(self.pool.depots[d].one.stock.get(name, 0), need) for d in depots if d != NONE}
                taken = []
                for depot, most in stocks.items():
                    if most > 0:
                        taken.append(int(self.program.add(most)[0]))
                        self._stock.setdefault((depot, name), []).append(taken[-1])
                if taken:
                    # A unit weighs no less than a vehicle's way there.
                    rows[way, 1 + c] = self._row(taken, [1.0] * len(taken), high=0.0)
                    at[:, way, 1 + c] = -np.minimum(room, min(sum(stocks.values()), need))
                    loads[c] += taken
                    mine += taken
            if mine:
                rows[way, 0] = self._row(mine, [1.0] * len(mine), high=0.0)
                at[:, way, 0] = -room
        return rows, at, loads

    def _reserve(self) -> list[tuple[int, float]]:
        pool, missing = self.pool, []
        self._present: list[int] = []
        zones = len(pool.reserves)
        self._zone_rows = np.zeros(zones, dtype=np.int64)
        self._aboard = np.zeros((len(pool.vehicles), zones))
        self._riding = np.zeros((len(pool.stops) + 1, zones))
        waiting = [(self._aboard, n, g.place, g.count, g.one.crew) for n, g in enumerate(pool.vehicles)]
        waiting += [(self._riding, n, g.place, g.count, attackers(g.one)) for n, g in enumerate(pool.crews)]
        for z, (zone, place) in enumerate(zip(pool.reserves, pool.reserve_places, strict=True)):
            present = 0
            for table, number, at, count, people in waiting:
                if pool.minutes[0, at, place] <= zone.within:
                    table[number, z] = people
                    present += people * count
            self._present.append(present)
            column = int(self.program.add(float(zone.people), whole=False)[0])
            missing.append((column, zone.weight))
            self._zone_rows[z] = self._row([column], [1.0], low=zone.people - present)
        return missing

    def _leaving(self, tours: Tours) -> Floats:
        """Return how many people of each zone's reserve go with each trip."""
        people: Floats = self._aboard[tours.vehicle] + self._riding[tours.stops].sum(axis=1)
        return people

    def _hold(self, held: Mapping[str, float]) -> Ints:
        """Add rows of what is held and of first trips; answer the variables of what is missed of them."""
        misses = []
        for what, cells in (("shortage", self._short), ("reserve", self._missing)):
            if what in held and cells:
                misses.append(int(self.program.add(np.inf, whole=False)[0]))
                most = held[what] + SLACK * max(1.0, abs(held[what]))
                self._row([*(c for c, _ in cells), misses[-1]], [*(f for _, f in cells), -1.0], high=most)
        for fire in self.fires:
            misses.append(int(self.program.add(np.inf, whole=False)[0]))
            self.program.columns[fire.first_row] = np.array(misses[-1:], dtype=np.int64)
            self.program.factors[fire.first_row] = np.ones(1)
        return np.array(misses, dtype=np.int64)

    def ask_first(self, fire: int, minute: float | None) -> None:
        """Ask that something is at a fire by a minute; None: at no time in particular."""
        self.first[fire] = np.inf if minute is None else minute
        self.program.row_low[self.fires[fire].first_row] = -np.inf if minute is None else 1.0

    def look_at(self, trips: Sequence[Bools]) -> None:
        """Begin with these trips too."""
        self.looked_at = [seen | more for seen, more in zip(self.looked_at, trips, strict=True)]

    def candidates(self) -> list[Ints]:
        """Return the trips looked at so far that may be part of a better plan."""
        return [np.flatnonzero(seen & left) for seen, left in zip(self.looked_at, self.left, strict=True)]

    def relax(self, costs: Sequence[Floats] | None, remaining: Callable[[], float]) -> Bound | None:
        """Return the bound of a sum; without costs, of what is missed of what is held. None when time is over.

        What is missed ends as soon as it is known to be nothing, or to be something.
        """
        cost = np.zeros(len(self.program.high))
        high = np.array(self.program.high)
        if costs is None:
            cost[self.misses] = 1.0
        else:
            high[self.misses] = 0.0
        by_fire = [np.zeros(len(tours)) for tours in self.lists] if costs is None else costs
        grown = Growing(self.program, cost, high)
        inside = [seen & left for seen, left in zip(self.looked_at, self.left, strict=True)]
        for fire, trips in enumerate(inside):
            self._grow(grown, fire, np.flatnonzero(trips), by_fire[fire])
        while (solved := grown.solve(remaining())) is not None:
            value, prices = solved
            reduced = [by_fire[k] - self._worth(k, prices) for k in range(len(self.lists))]
            bound = value + self._below(reduced)
            added = 0
            if not (costs is None and (value <= SLACK or bound > SLACK)):
                for fire, beyond in enumerate(reduced):
                    which = self._cheapest(
                        fire, np.flatnonzero((beyond < -NOISE) & self.left[fire] & ~inside[fire]), beyond
                    )
                    self._grow(grown, fire, which, by_fire[fire])
                    inside[fire][which] = True
                    added += len(which)
            if not added:
                self.looked_at = [seen | more for seen, more in zip(self.looked_at, inside, strict=True)]
                return Bound(bound, tuple(reduced))
        return None

    def _below(self, reduced: Sequence[Floats]) -> float:
        """Return by how much, at the most, trips not looked at may bring down a value: each vehicle goes once."""
        least = np.zeros(len(self.pool.vehicles))
        for fire, beyond in enumerate(reduced):
            left = self.left[fire]
            np.minimum.at(least, self.lists[fire].vehicle[left], beyond[left])
        return float(sum(low * group.count for low, group in zip(least.tolist(), self.pool.vehicles, strict=True)))

    def _cheapest(self, fire: int, which: Ints, beyond: Floats) -> Ints:
        """Return of some trips the cheapest of each vehicle."""
        ranked = which[np.argsort(beyond[which], kind="stable")]
        return np.sort(ranked[_among_equals(self.lists[fire].vehicle[ranked]) < EACH_TIME])

    def _grow(self, grown: Growing, fire: int, which: Ints, cost: Floats) -> None:
        if len(which):
            grown.add(cost[which], *self._cells(fire, which))

    def _cells(self, fire: int, which: Ints) -> tuple[Ints, Ints, Floats]:
        """Return of some trips what they count in which rows: trip (its place in `which`), row, factor."""
        mine, here = self.fires[fire], np.arange(len(which))
        vehicle, stops = mine.tours.vehicle[which], mine.tours.stops[which]
        cells = [(here, self.vehicle_rows[vehicle], np.ones(len(which)))]
        for stop in stops.T:
            rides = (stop != NONE) & (stop < len(self.crew_rows))
            cells.append((here[rides], self.crew_rows[stop[rides]], np.ones(int(rides.sum()))))
        for c, row in enumerate(mine.need_rows.tolist()):
            cells.append((here, np.full(len(which), row), mine.brings[which, c]))
        way = mine.way[which]
        for c, rows in enumerate(mine.at_rows.T):
            loads = rows[way] != NONE
            cells.append((here[loads], rows[way[loads]], mine.at[vehicle[loads], way[loads], c]))
        leaving = self._leaving(mine.tours.some(which))
        for z, row in enumerate(self._zone_rows.tolist()):
            cells.append((here, np.full(len(which), row), -leaving[:, z]))
        early = here[mine.tours.arrives[which] <= self.first[fire]]
        cells.append((early, np.full(len(early), mine.first_row), np.ones(len(early))))
        trip, row, factor = (np.concatenate(each) for each in zip(*cells, strict=True))
        return trip, row, factor

    def _worth(self, fire: int, prices: Floats) -> Floats:
        """Return what each trip is worth at the prices of rows: what it counts there, as `_cells` has it."""
        mine = self.fires[fire]
        zones = prices[self._zone_rows]
        by_vehicle = prices[self.vehicle_rows] - self._aboard @ zones
        by_stop = -self._riding @ zones
        by_stop[: len(self.crew_rows)] += prices[self.crew_rows]
        at = (mine.at * np.where(mine.at_rows == NONE, 0.0, prices[mine.at_rows])).sum(axis=2)
        worth: Floats = by_vehicle[mine.tours.vehicle] + by_stop[mine.tours.stops].sum(axis=1)
        worth += at[mine.tours.vehicle, mine.way] + mine.brings @ prices[mine.need_rows]
        worth += prices[mine.first_row] * (mine.tours.arrives <= self.first[fire])
        return worth

    def whole(self, chosen: Sequence[Ints], seconds: float, gap: float = 0.0) -> tuple[Answer, list[Ints] | None]:
        """Minimise the sum of arrivals over some trips; answer how often each trip of the lists is made, if at all."""
        program = self.program.copy()
        for miss in self.misses.tolist():
            program.high[miss] = 0.0
        own = len(program.high)
        cost, first = [np.zeros(own)], []
        for fire, which in enumerate(chosen):
            columns = program.add([self.pool.vehicles[v].count for v in self.lists[fire].vehicle[which].tolist()])
            first.append(columns)
            trip, row, factor = self._cells(fire, which)
            program.extend(row, columns[trip], factor)
            cost.append(self.lists[fire].arrives[which])
        answer = program.solve(np.concatenate(cost), seconds, gap)
        if answer.values is None:
            return answer, None
        made = [np.zeros(len(tours), dtype=np.int64) for tours in self.lists]
        for times, which, columns in zip(made, chosen, first, strict=True):
            times[which] = np.rint(answer.values[columns]).astype(np.int64)
        return answer, made


def _fastest(tours: Tours, most: int) -> Bools:
    """Return which trips are among the fastest few of their vehicle."""
    few: Bools = _among_equals(tours.vehicle) < most
    return few


def _among_equals(numbers: Ints) -> Ints:
    """Return of each number how many equal ones stand before it."""
    order = np.argsort(numbers, kind="stable")
    ranked = numbers[order]
    place = np.empty(len(numbers), dtype=np.int64)
    place[order] = np.arange(len(numbers)) - np.searchsorted(ranked, ranked)
    return place
