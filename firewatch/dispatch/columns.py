"""Trips as columns: the exact model of fires that all have their time, of which only what can matter is ever built.

Each trip is a variable of its own. The lists of trips are long and the rows that trips share are few: who is sent to
each fire are variables too, each the sum of its trips, and all that fires share is written with these. Which trips are
looked at, and what the others cost, is found in `pricing` (ADR 0005).

Vehicles that load at the same depots share what their room together holds, as in the cover model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Event

import numpy as np
import numpy.typing as npt

from firewatch.dispatch.alike import Pool
from firewatch.dispatch.cover import add_missing, spare, with_slack
from firewatch.dispatch.linear import Priced
from firewatch.dispatch.milp import Answer, Cells, Outcome, Program, Sum
from firewatch.dispatch.tours import NONE, Tours, at_depots, distinct
from firewatch.indices.checks import Bools, Floats, Ints

FIRST = 3
"""Trips of one vehicle to one fire to begin with: its fastest."""


@dataclass(frozen=True)
class Fire:
    """One fire: its trips, and what they count in its rows.

    `brings` (trips, capabilities) is no more than the need, `beyond` what is brought beyond it. `way` (trips,) is the
    set of depots a trip loads at, or NONE; `at_rows` (ways, 1 + capabilities) are the rows of its room and of what is
    loaded there, NONE where there is none, and `at` (vehicle groups, ways, 1 + capabilities) what a vehicle counts
    there. `loads` are the variables of what is loaded, by capability. `sent` are those of how many of each group of
    vehicles, and of crews, are sent, and `sent_rows` make them the sum of trips.
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
    sent: tuple[Ints, Ints]
    sent_rows: tuple[Ints, Ints]


class Columns:
    """The rows that trips share, and the trips looked at so far."""

    def __init__(self, pool: Pool, lists: Sequence[Tours], held: Mapping[str, float]) -> None:
        """Serve fires by lists of trips and hold what is held."""
        self.pool, self.lists, self.held = pool, lists, dict(held)
        self.first = [np.inf] * len(lists)
        self.program = Program()
        self.total, self._total_rows = zip(*map(self.program.sums, pool.counts), strict=True)
        self._stock: dict[tuple[int, str], list[int]] = {}
        self._short: list[tuple[int, float]] = []
        self.fires = [self._serve(fire, tours) for fire, tours in enumerate(lists)]
        for (depot, name), taken in self._stock.items():
            self._row(taken, [1.0] * len(taken), high=pool.depots[depot].one.stock[name])
        missing = add_missing(pool, self.program, self.total)
        self._missing = [(column, zone.weight) for column, zone in zip(missing.tolist(), pool.reserves, strict=True)]
        self.misses = self._hold(held)
        self.cuts: list[Sum] = []
        """What wholes obey and parts of them would not."""
        self.looked_at = [_fastest(tours, FIRST) for tours in lists]
        self.left = [np.ones(len(tours), dtype=bool) for tours in lists]
        """Trips that may be part of a better plan."""
        if "reserve" in held:
            spared = spare(pool, held["reserve"])
            self.left = [~np.any(self._leaving(tours) > spared, axis=1) for tours in lists]

    def _row(
        self, columns: npt.ArrayLike = (), factors: npt.ArrayLike = (), low: float = -np.inf, high: float = np.inf
    ) -> int:
        return self.program.row(columns, factors, low, high)

    def _serve(self, fire: int, tours: Tours) -> Fire:
        pool, needs = self.pool, list(self.pool.needs(fire).items())
        sent, sent_rows = zip(*map(self.program.sums, pool.counts), strict=True)
        for rows, variables in zip(self._total_rows, sent, strict=True):
            self.program.count(rows, variables, 1.0)
        brought = np.zeros((len(tours), len(needs)))
        for c, (name, _) in enumerate(needs):
            own, theirs = pool.brought[name]
            by_stop = np.append(theirs, np.zeros(len(pool.depots) + 1))  # the last stands for no stop
            brought[:, c] = own[tours.vehicle] + by_stop[tours.stops].sum(axis=1)
        depots = np.sort(np.where(at_depots(pool, tours), tours.stops - len(pool.crews), NONE), axis=1)
        ways, way = distinct(np.column_stack([np.full(len(tours), NONE), depots]))
        at_rows, at, loads = self._load(ways, needs)
        need_rows = []
        for (name, need), taken in zip(needs, loads, strict=True):
            short = int(self.program.add(need, whole=False)[0])
            self._short.append((short, pool.fires[fire].weight / need))
            come = np.concatenate([[short, *taken], *sent]).astype(np.int64)
            brings = np.concatenate([np.ones(len(taken) + 1), *pool.brought[name]])
            need_rows.append(self.program.row_of_wholes(come, brings, need))
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
            sent=(sent[0], sent[1]),
            sent_rows=(sent_rows[0], sent_rows[1]),
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
                        taken.append(int(self.program.add(most, eased=True)[0]))
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

    def _leaving(self, tours: Tours) -> Floats:
        """Return how many people of each zone's reserve go with each trip."""
        aboard, riding = self.pool.guards
        none = np.zeros((len(self.pool.depots) + 1, len(self.pool.reserves)), dtype=np.int64)  # the last is no stop
        people: Floats = aboard[tours.vehicle] + np.concatenate([riding, none])[tours.stops].sum(axis=1)
        return people

    def _hold(self, held: Mapping[str, float]) -> Ints:
        """Add rows of what is held and of first trips; answer the variables of what is missed of them."""
        misses = []
        for what, cells in (("shortage", self._short), ("reserve", self._missing)):
            if what in held and cells:
                misses.append(int(self.program.add(np.inf, whole=False)[0]))
                factors = [*(f for _, f in cells), -1.0]
                self._row([*(c for c, _ in cells), misses[-1]], factors, high=with_slack(held[what]))
        for fire in self.fires:
            misses.append(int(self.program.add(np.inf, whole=False)[0]))
            self.program.count(np.array([fire.first_row]), np.array(misses[-1:], dtype=np.int64), 1.0)
        misses.append(int(self.program.add(np.inf, whole=False)[0]))  # of cuts
        return np.array(misses, dtype=np.int64)

    def most(self) -> Floats:
        """Return the most that each variable can be while what is held is held."""
        most = np.array(self.program.high)
        for what, cells in (("shortage", self._short), ("reserve", self._missing)):
            for column, factor in cells if what in self.held else ():
                if factor > 0:
                    most[column] = min(most[column], with_slack(self.held[what]) / factor)
        return most

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

    def all_left(self) -> list[Ints]:
        """Return all trips that may be part of a better plan."""
        return [np.flatnonzero(left) for left in self.left]

    def cells(self, fire: int, which: Ints) -> Cells:
        """Return of some trips what they count in which rows: trip (its place in `which`), row, factor."""
        mine, here = self.fires[fire], np.arange(len(which))
        vehicle_rows, crew_rows = mine.sent_rows
        cells = [(here, vehicle_rows[mine.tours.vehicle[which]], np.ones(len(which))), *self._own_cells(fire, which)]
        for stop in mine.tours.stops[which].T:
            rides = (stop != NONE) & (stop < len(crew_rows))
            cells.append((here[rides], crew_rows[stop[rides]], np.ones(int(rides.sum()))))
        too_much, need = np.nonzero(mine.beyond[which])
        cells.append((too_much, mine.need_rows[need], -mine.beyond[which[too_much], need]))
        trip, row, factor = (np.concatenate(each) for each in zip(*cells, strict=True))
        return trip, row, factor

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

    def worth(self, fire: int, priced: Priced) -> Floats:
        """Return what each trip is worth at the prices of rows: what it counts there, as `cells` has it.

        Whoever is sent only at a cost beyond the prices makes a trip so much less worth.
        """
        mine, prices, beyond = self.fires[fire], priced.prices, np.maximum(priced.beyond, 0.0)
        by_vehicle, by_crew = (
            prices[rows] - beyond[sent] - beyond[total]
            for rows, sent, total in zip(mine.sent_rows, mine.sent, self.total, strict=True)
        )
        by_stop = np.append(by_crew, np.zeros(len(self.pool.depots) + 1))  # the last stands for no stop
        at = (mine.at * np.where(mine.at_rows == NONE, 0.0, prices[mine.at_rows])).sum(axis=2)
        worth: Floats = by_vehicle[mine.tours.vehicle] + by_stop[mine.tours.stops].sum(axis=1)
        worth += at[mine.tours.vehicle, mine.way] - mine.beyond @ prices[mine.need_rows]
        worth += prices[mine.first_row] * (mine.tours.arrives <= self.first[fire])
        return worth

    def whole(
        self, chosen: Sequence[Ints], seconds: float, gap: float = 0.0, stop: Event | None = None
    ) -> tuple[Answer, list[Ints] | None]:
        """Minimise the sum of arrivals over some trips; answer how often each trip of the lists is made, if at all."""
        program, arrives = self.over(chosen)
        answer = program.solve(arrives, seconds, gap, stop)
        return answer, None if answer.values is None else self.made(chosen, answer.values)

    def least_of_equals(
        self, chosen: Sequence[Ints], weights: Sequence[Floats], minutes: float, seconds: float
    ) -> list[Ints] | None:
        """Of all plans over some trips whose arrivals sum up to so much, answer the one that weighs least.

        `weights` are those of the chosen trips, by fire. None when time is over.
        """
        program, arrives = self.over(chosen)
        program.row(np.arange(len(arrives)), arrives, high=with_slack(minutes))
        own = np.zeros(len(self.program.high))
        answer = program.solve(np.concatenate([own, *weights]), seconds)
        if answer.outcome is not Outcome.OPTIMAL or answer.values is None:
            return None
        return self.made(chosen, answer.values)

    def over(self, chosen: Sequence[Ints]) -> tuple[Program, Floats]:
        """Return the model in whole numbers over some trips, and what arrivals each variable counts.

        Its own variables come first, then the trips, fire by fire.
        """
        program = self.program.copy()
        for columns_of_cut, factors, high in self.cuts:
            program.row(columns_of_cut, factors, high=high)
        for miss in self.misses.tolist():
            program.high[miss] = 0.0
        arrives = [np.zeros(len(program.high))]
        for fire, which in enumerate(chosen):
            mine = self.fires[fire]
            columns = program.add(self.pool.counts[0][mine.tours.vehicle[which]])
            trip, row, factor = self.cells(fire, which)
            program.count(row, columns[trip], factor)
            arrives.append(mine.tours.arrives[which])
        return program, np.concatenate(arrives)

    def made(self, chosen: Sequence[Ints], values: Floats) -> list[Ints]:
        """Return how often each trip of the lists is made, by the values of a model over some of them."""
        made = [np.zeros(len(tours), dtype=np.int64) for tours in self.lists]
        end = len(self.program.high)
        for times, which in zip(made, chosen, strict=True):
            begin, end = end, end + len(which)
            times[which] = np.rint(values[begin:end]).astype(np.int64)
        return made


def _fastest(tours: Tours, most: int) -> Bools:
    """Return which trips are among the fastest few of their vehicle."""
    few: Bools = among_equals(tours.vehicle) < most
    return few


def among_equals(numbers: Ints) -> Ints:
    """Return of each number how many equal ones stand before it."""
    order = np.argsort(numbers, kind="stable")
    ranked = numbers[order]
    place = np.empty(len(numbers), dtype=np.int64)
    place[order] = np.arange(len(numbers)) - np.searchsorted(ranked, ranked)
    return place
