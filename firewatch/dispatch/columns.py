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

from firewatch.dispatch.alike import Pool
from firewatch.dispatch.cover import SLACK, spare
from firewatch.dispatch.milp import Answer, Cells, Growing, Outcome, Program
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

    `brings` (trips, capabilities) is no more than the need, `beyond` what is brought beyond it. `way` (trips,) is the
    set of depots a trip loads at, or NONE; `at_rows` (ways, 1 + capabilities) are the rows of its room and of what is
    loaded there, NONE where there is none, and `at` (vehicle groups, ways, 1 + capabilities) what a vehicle counts
    there. `loads` are the variables of what is loaded, by capability.
    """

    tours: Tours
    brings: Floats
    beyond: Floats
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
        self.vehicle_rows = np.array([self._row(high=count) for count in pool.counts[0].tolist()], dtype=np.int64)
        self.crew_rows = np.array([self._row(high=count) for count in pool.counts[1].tolist()], dtype=np.int64)
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
            spared = spare(pool, held["reserve"])
            self.left = [~np.any(self._leaving(tours) > spared, axis=1) for tours in lists]

    def _row(
        self, columns: Sequence[int] = (), factors: Sequence[float] = (), low: float = -np.inf, high: float = np.inf
    ) -> int:
        return self.program.row(columns, factors, low, high)

    def _serve(self, fire: int, tours: Tours) -> Fire:
        pool, needs = self.pool, list(self.pool.needs(fire).items())
        brought = np.zeros((len(tours), len(needs)))
        for c, (name, _) in enumerate(needs):
            own, theirs = pool.brought[name]
            by_stop = np.append(theirs, np.zeros(len(pool.depots) + 1))  # the last stands for no stop
            brought[:, c] = own[tours.vehicle] + by_stop[tours.stops].sum(axis=1)
        depots = np.sort(np.where(at_depots(pool, tours), tours.stops - len(pool.crews), NONE), axis=1)
        ways, way = distinct(np.column_stack([np.full(len(tours), NONE), depots]))
        at_rows, at, loads = self._load(ways, needs)
        need_rows = []
        for (_, need), taken in zip(needs, loads, strict=True):
            short = int(self.program.add(need, whole=False)[0])
            self._short.append((short, pool.fires[fire].weight / need))
            need_rows.append(self._row([*taken, short], [1.0] * (len(taken) + 1), low=need))
        brings = np.minimum(brought, [need for _, need in needs])
        return Fire(
            tours=tours,
            brings=brings,
            beyond=brought - brings,
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
        self._zone_rows = np.zeros(len(pool.reserves), dtype=np.int64)
        self._aboard, riding = pool.guards
        none = np.zeros((len(pool.depots) + 1, len(pool.reserves)), dtype=np.int64)  # the last stands for no stop
        self._riding = np.concatenate([riding, none])
        for z, (zone, present) in enumerate(zip(pool.reserves, pool.present.tolist(), strict=True)):
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
            self.program.count(np.array([fire.first_row]), np.array(misses[-1:], dtype=np.int64), 1.0)
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
        return float(least @ self.pool.counts[0])

    def _cheapest(self, fire: int, which: Ints, beyond: Floats) -> Ints:
        """Return of some trips the cheapest of each vehicle."""
        ranked = which[np.argsort(beyond[which], kind="stable")]
        return np.sort(ranked[_among_equals(self.lists[fire].vehicle[ranked]) < EACH_TIME])

    def _grow(self, grown: Growing, fire: int, which: Ints, cost: Floats) -> None:
        if len(which):
            grown.add(cost[which], *self._cells(fire, which))

    def _cells(self, fire: int, which: Ints) -> Cells:
        """Return of some trips what they count in which rows: trip (its place in `which`), row, factor."""
        mine, here = self.fires[fire], np.arange(len(which))
        cells = self._riding_cells(fire, which, self.vehicle_rows, self.crew_rows) + self._own_cells(fire, which)
        for c, row in enumerate(mine.need_rows.tolist()):
            cells.append((here, np.full(len(which), row), mine.brings[which, c]))
        leaving = self._leaving(mine.tours.some(which))
        for z, row in enumerate(self._zone_rows.tolist()):
            cells.append((here, np.full(len(which), row), -leaving[:, z]))
        trip, row, factor = (np.concatenate(each) for each in zip(*cells, strict=True))
        return trip, row, factor

    def _riding_cells(self, fire: int, which: Ints, vehicle_rows: Ints, crew_rows: Ints) -> list[Cells]:
        """Return the cells of who makes some trips, in a row for each vehicle group and one for each crew group."""
        tours, here = self.lists[fire], np.arange(len(which))
        cells = [(here, vehicle_rows[tours.vehicle[which]], np.ones(len(which)))]
        for stop in tours.stops[which].T:
            rides = (stop != NONE) & (stop < len(crew_rows))
            cells.append((here[rides], crew_rows[stop[rides]], np.ones(int(rides.sum()))))
        return cells

    def _own_cells(self, fire: int, which: Ints) -> list[Cells]:
        """Return the cells of some trips in rows of their fire alone: what they can load, whether they are first."""
        mine, here = self.fires[fire], np.arange(len(which))
        vehicle, way = mine.tours.vehicle[which], mine.way[which]
        cells = []
        for c, rows in enumerate(mine.at_rows.T):
            loads = rows[way] != NONE
            cells.append((here[loads], rows[way[loads]], mine.at[vehicle[loads], way[loads], c]))
        early = here[mine.tours.arrives[which] <= self.first[fire]]
        cells.append((early, np.full(len(early), mine.first_row), np.ones(len(early))))
        return cells

    def _send(self, program: Program, fire: int) -> tuple[Ints, Ints]:
        """Add what of each group is sent to a fire; answer the rows that make it the sum of trips, crews last."""
        pool, rows = self.pool, []
        for which, group_rows in enumerate((self.vehicle_rows, self.crew_rows)):
            sent, of_group = program.sums(pool.counts[which])
            rows.append(of_group)
            program.count(group_rows, sent, 1.0)
            for row, name in zip(self.fires[fire].need_rows.tolist(), pool.needs(fire), strict=True):
                program.count(np.full(len(sent), row), sent, pool.brought[name][which])
            for row, people in zip(self._zone_rows.tolist(), pool.guards[which].T, strict=True):
                program.count(np.full(len(sent), row), sent, -people)
        return rows[0], rows[1]

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
        program, columns, arrives = self._over(chosen)
        answer = program.solve(arrives, seconds, gap)
        return answer, None if answer.values is None else self._made(chosen, columns, answer.values)

    def least_of_equals(
        self, chosen: Sequence[Ints], weights: Sequence[Floats], minutes: float, seconds: float
    ) -> list[Ints] | None:
        """Of all plans over some trips whose arrivals sum up to so much, answer the one that weighs least.

        `weights` are those of the chosen trips, by fire. None when time is over.
        """
        program, columns, arrives = self._over(chosen)
        program.row(np.arange(len(arrives)), arrives, high=minutes + SLACK * max(1.0, minutes))
        cost = np.zeros(len(arrives))
        for mine, weigh in zip(columns, weights, strict=True):
            cost[mine] = weigh
        answer = program.solve(cost, seconds)
        if answer.outcome is not Outcome.OPTIMAL or answer.values is None:
            return None
        return self._made(chosen, columns, answer.values)

    def _over(self, chosen: Sequence[Ints]) -> tuple[Program, list[Ints], Floats]:
        """Return the model in whole numbers over some trips, their variables by fire, and what arrivals each counts.

        Who is sent to each fire are variables too, each the sum of its trips: the rows that trips share are written
        with them. A solver that asks whether a crew goes learns far more than from one of its hundred trips.
        """
        program = self.program.copy()
        for miss in self.misses.tolist():
            program.high[miss] = 0.0
        sent = [self._send(program, fire) for fire in range(len(self.fires))]
        arrives, columns = [np.zeros(len(program.high))], []
        for fire, (which, rows) in enumerate(zip(chosen, sent, strict=True)):
            mine = self.fires[fire]
            columns.append(program.add(self.pool.counts[0][mine.tours.vehicle[which]]))
            trips, need = np.nonzero(mine.beyond[which])
            too_much = trips, mine.need_rows[need], -mine.beyond[which[trips], need]
            for trip, row, factor in (*self._riding_cells(fire, which, *rows), too_much, *self._own_cells(fire, which)):
                program.count(row, columns[-1][trip], factor)
            arrives.append(mine.tours.arrives[which])
        return program, columns, np.concatenate(arrives)

    def _made(self, chosen: Sequence[Ints], columns: Sequence[Ints], values: Floats) -> list[Ints]:
        """Return how often each trip of the lists is made."""
        made = [np.zeros(len(tours), dtype=np.int64) for tours in self.lists]
        for times, which, mine in zip(made, chosen, columns, strict=True):
            times[which] = np.rint(values[mine]).astype(np.int64)
        return made


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
