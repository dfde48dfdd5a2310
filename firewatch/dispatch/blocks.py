"""What serves one fire, a part of the cover model: variables and rows of its own, and what they take of what all share.

A fire is served in one of two ways:

* by a list of **tours**: only trips of the list are made, put together from their parts (`parts`). Whoever asks for a
  completion time leaves the slower ones out: that is how time enters.
* **any time**: no trip is named. Vehicles, crews and tools are sent to the fire as wholes, and only what any trips
  would have to obey holds: seats, somebody in each vehicle, room for what is loaded. Every set of real trips obeys it,
  however slow, so that what is infeasible here is infeasible by any trips: no list of them is needed for that. What is
  feasible here is tried with real trips afterwards (`stages`, `real`).

The same block stands in the model of many questions: it is made once (`asking`).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np

from firewatch.dispatch.alike import Pool
from firewatch.dispatch.milp import Cells, Program
from firewatch.dispatch.parts import Parts
from firewatch.dispatch.tours import NONE
from firewatch.indices.checks import Floats, Ints

COSTS = ("shortage", "use", "distance")
"""What a fire adds to sums; the distance of all that is sent at any time stands for the arrivals of trips to come."""
SHARED = ("vehicles", "crews", "stocks")
"""Of what there is so much for all fires: groups of vehicles, groups of crews, what lies at depots."""
Number = TypeVar("Number", Ints, Floats)
FARTHEST = 10_000.0
"""Minutes that stand for no direct way."""


class Block:
    """How one fire is served.

    `taken` is, by what is shared, what variables take of it: number of the group or stock, variable, factor. `costs`
    are variables and factors by sum. `leaving` is how many people leave which zone with what goes as a whole. `parts`
    are those of a list of tours, None at any time; `x` and `z` are the variables of its rides and ways. `u`, `q` and
    `loads` are those of vehicles, crews and units sent at any time.
    """

    def __init__(self, pool: Pool, fire: int, parts: Parts | None) -> None:
        """Serve a fire by the parts of its tours, or None: at any time."""
        self.pool, self.fire, self.parts = pool, fire, parts
        self.program = Program()
        self.x = self.z = self.u = self.q = np.zeros(0, dtype=np.int64)
        self.loads: dict[tuple[int, str], int] = {}
        self._costs: dict[str, list[tuple[Ints, Floats]]] = {name: [] for name in COSTS}
        self._taken: dict[str, list[tuple[Ints, Ints, Floats]]] = {name: [] for name in SHARED}
        if parts is None:
            self._serve_any_time()
        else:
            self._serve_by(parts)
        self.leaving = self._leaving()
        self.program.flat()
        self.costs = {
            name: (join([c for c, _ in cells]), join([f for _, f in cells])) for name, cells in self._costs.items()
        }
        self.taken = {
            name: (join([n for n, _, _ in cells]), join([c for _, c, _ in cells]), join([f for _, _, f in cells]))
            for name, cells in self._taken.items()
        }

    def _leaving(self) -> Cells:
        """Return how many leave which zone with what goes as a whole: zone, variable, people."""
        aboard, riding = self.pool.guards
        if self.parts is None:
            people = np.concatenate([aboard, riding])
            columns = np.concatenate([self.u, self.q])
        else:
            people = aboard[self.parts.vehicle] + self.parts.picked @ riding
            columns = self.x
        which, zone = np.nonzero(people)
        return zone, columns[which], people[which, zone].astype(np.float64)

    def _take(self, what: str, number: Ints, column: Ints, factor: Floats | Ints | None = None) -> None:
        factors = np.ones(len(column)) if factor is None else factor.astype(np.float64)
        self._taken[what].append((number, column, factors))

    def _need(self, need: int, brought: Sequence[tuple[Ints, Ints]], loaded: Sequence[int]) -> None:
        """Count what is brought and loaded of a capability, no more of each than the need; what lacks is short."""
        short = self.program.add(need, whole=False)
        self._costs["shortage"].append((short, np.array([self.pool.fires[self.fire].weight / need])))
        cells = [(column, np.minimum(amount, need).astype(np.float64)) for column, amount in brought]
        cells.append((np.array([*loaded, *short], dtype=np.int64), np.ones(len(loaded) + 1)))
        self.program.row_of_wholes(join([c for c, _ in cells]), join([f for _, f in cells]), float(need))

    def _serve_by(self, parts: Parts) -> None:
        """Add a variable for each ride and each way, and rows that let no way be without its ride."""
        pool, program = self.pool, self.program
        vehicles, _ = pool.counts
        self.x = x = program.add(vehicles[parts.vehicle])
        self.z = z = program.add(vehicles[parts.way_vehicle])
        self._costs["use"] += [(x, parts.arrives), (z, parts.detour)]
        u, q = self._sent(parts)
        groups = np.unique(parts.way_vehicle)
        goes = np.isin(parts.vehicle, groups)
        self._no_more(
            np.searchsorted(groups, parts.way_vehicle), z, np.searchsorted(groups, parts.vehicle[goes]), x[goes]
        )
        way = np.repeat(np.arange(len(z)), [len(each) for each in parts.riders])
        self._no_more(np.arange(len(z)), z, way, x[join(parts.riders)])
        loads = self._load(parts)
        for name, need in pool.needs(self.fire).items():
            own, theirs = (np.minimum(each, need) for each in pool.brought[name])
            together = own[parts.vehicle] + parts.picked @ theirs
            more = np.flatnonzero(together > need)
            self._need(need, [(u, own), (q, theirs), (x[more], need - together[more])], loads.get(name, []))

    def _sent(self, parts: Parts) -> tuple[Ints, Ints]:
        """Add what of each group is sent, the sum of its rides: a solver learns more of that than of single rides."""
        program, (vehicles, crews) = self.program, self.pool.counts
        ride, group = np.nonzero(parts.picked)
        u, of_vehicle = program.sums(vehicles)
        q, of_crew = program.sums(crews)
        program.count(of_vehicle[parts.vehicle], self.x, 1.0)
        program.count(of_crew[group], self.x[ride], parts.picked[ride, group])
        self._take("vehicles", np.arange(len(u)), u)
        self._take("crews", np.arange(len(q)), q)
        return u, q

    def _no_more(self, row: Ints, few: Ints, other_row: Ints, many: Ints) -> None:
        """Add rows that let some variables be no more than others."""
        number = int(row.max(initial=-1)) + 1
        factors = np.concatenate([np.ones(len(few)), -np.ones(len(many))])
        cells = np.concatenate([row, other_row]), np.concatenate([few, many]), factors
        self.program.rows(cells, np.full(number, -np.inf), np.zeros(number))

    def _load(self, parts: Parts) -> dict[str, list[int]]:
        """Add what is loaded at each depot, and answer it by capability.

        Not by whom: any tool goes into any vehicle, so vehicles that load at one depot only can share whatever their
        room together holds. Vehicles that load at several on one way have variables of their own.
        """
        depots = np.where(parts.depots == NONE, NONE, parts.depots - len(self.pool.crews))
        room = np.array([group.one.load for group in self.pool.vehicles], dtype=np.int64)[parts.way_vehicle]
        alone = (depots != NONE).sum(axis=1) == 1
        at = depots.max(axis=1, initial=NONE)
        shared = [np.flatnonzero(alone & (at == depot)) for depot in np.unique(at[alone]).tolist()]
        loads: dict[str, list[int]] = {}
        for ways in (*shared, *np.flatnonzero(~alone)[:, None]):
            taken: list[int] = []
            for depot in depots[ways[0]][depots[ways[0]] != NONE].tolist():
                taken += self._load_at(depot, (self.z[ways], room[ways]), loads)
            if taken:
                factors = [*([1.0] * len(taken)), *(-room[ways].astype(np.float64))]
                self.program.row([*taken, *self.z[ways]], factors, high=0.0)
        return loads

    def _load_at(self, depot: int, ways: tuple[Ints, Ints], loads: dict[str, list[int]]) -> list[int]:
        """Add what vehicles load at a depot, on ways (their variables and room) that all lead there."""
        taken = []
        for name, need in self.pool.needs(self.fire).items():
            most = min(self.pool.depots[depot].one.stock.get(name, 0), need)
            if most > 0 and ways[1].max() > 0:
                y = self._units(depot, name, most)
                taken.append(y)
                loads.setdefault(name, []).append(y)
                by_way = -np.minimum(ways[1], most).astype(np.float64)
                self.program.row([y, *ways[0]], [1.0, *by_way], high=0.0)
        return taken

    def _units(self, depot: int, name: str, most: int) -> int:
        y = self.program.add(most, eased=True)
        self._take("stocks", np.array([self.pool.stocks[depot, name]], dtype=np.int64), y)
        return int(y[0])

    def _serve_any_time(self) -> None:
        pool, program = self.pool, self.program
        place = pool.fire_places[self.fire]
        # Who has no direct way may have one by a stop, where the table is odd.
        # A crew's way is that of whatever fetches it: the fastest of all classes bounds it.
        fastest = pool.minutes[:, :, place].min(axis=0)
        reaches = np.isfinite(fastest) | (not pool.is_metric)
        at = [np.array([group.place for group in groups], dtype=np.int64) for groups in (pool.vehicles, pool.crews)]
        direct = pool.minutes[pool.speeds, at[0], place]
        vehicles, crews = pool.counts
        self.u = u = program.add(np.where(np.isfinite(direct) | (not pool.is_metric), vehicles, 0))
        self.q = q = program.add(np.where(reaches[at[1]], crews, 0))
        self._take("vehicles", np.arange(len(u)), u)
        self._take("crews", np.arange(len(q)), q)
        turnouts = np.array([group.one.turnout for group in pool.vehicles], dtype=np.float64)
        self._costs["distance"] += [
            (u, turnouts + np.minimum(direct, FARTHEST)),
            (q, np.minimum(fastest, FARTHEST)[at[1]]),
        ]
        for depot, store in enumerate(pool.depots):
            for name, need in pool.needs(self.fire).items():
                most = min(store.one.stock.get(name, 0), need)
                if most > 0 and reaches[store.place]:
                    self.loads[depot, name] = self._units(depot, name, most)
        self._obey()
        for name, need in pool.needs(self.fire).items():
            own, theirs = pool.brought[name]
            self._need(need, [(u, own), (q, theirs)], [y for (_, what), y in self.loads.items() if what == name])

    def _obey(self) -> None:
        """Add what any trips of these vehicles, crews and loads would have to obey."""
        pool, program, u, q = self.pool, self.program, self.u, self.q
        vehicles = [group.one for group in pool.vehicles]
        people = np.array([group.one.people for group in pool.crews], dtype=np.int64)
        sizes = np.unique(people[people > 0]).tolist()
        free = np.array([vehicle.free_seats for vehicle in vehicles], dtype=np.int64)
        most = pool.problem.limits.crews_per_trip
        # How often vehicles are filled in a way, and the slots of the way.
        filled, slots = [u[:0]], [np.zeros((0, most), dtype=np.int64)]
        for seats in np.unique(free).tolist():
            ways = seatings(seats, tuple(sizes), most)
            w = program.add([float(pool.counts[0].sum())] * len(ways))
            mine = u[free == seats]
            program.row([*w, *mine], [*([1.0] * len(w)), *([-1.0] * len(mine))], low=0.0, high=0.0)
            filled.append(w)
            slots.append(np.array(ways, dtype=np.int64).reshape(len(ways), most))
        every, sizes_of = np.concatenate(filled), np.concatenate(slots)
        for size in [0, *sizes]:
            # Crews of at least this size and the slots that take them: as slots are nested by size, no more is asked.
            big = q[people >= size]
            taking = (sizes_of >= size).sum(axis=1).astype(np.float64)
            columns = np.concatenate([big, every[taking > 0]])
            program.row(columns, np.concatenate([np.ones(len(big)), -taking[taking > 0]]), high=0.0)
        is_empty = np.array([vehicle.crew == 0 for vehicle in vehicles], dtype=bool)
        for seats in np.unique(free[is_empty]).tolist():
            # Each empty vehicle with no more seats than that is manned by a crew that fits into it.
            empty, manning = u[is_empty & (free <= seats)], q[(people > 0) & (people <= seats)]
            program.row([*empty, *manning], [*([1.0] * len(empty)), *([-1.0] * len(manning))], high=0.0)
        if self.loads:
            limit = 1.0 if pool.problem.limits.depots_per_trip else 0.0
            room = [-float(vehicle.load) * limit for vehicle in vehicles]
            program.row([*self.loads.values(), *u], [*([1.0] * len(self.loads)), *room], high=0.0)


def join(arrays: Sequence[Number]) -> Number:
    """Return some arrays as one; none as an empty one."""
    return np.concatenate(arrays) if len(arrays) else np.zeros(0, dtype=np.int64)


@lru_cache(maxsize=1024)
def seatings(seats: int, sizes: tuple[int, ...], most: int) -> list[tuple[int, ...]]:
    """Return the ways to part seats into `most` slots for crews.

    The first slots are as large as some crew, the last takes what is left. Whatever crews ride together in such a
    vehicle go into the slots of one of the ways, each crew into a slot of at least its size, and the other way round.
    """
    if most <= 0:
        return [()]
    ways = [(seats,) + (0,) * (most - 1)]
    if most > 1:
        for size in sizes:
            if size < seats:
                smaller = tuple(each for each in sizes if each <= size)
                ways += [(size, *rest) for rest in seatings(seats - size, smaller, most - 1)]
    return ways
