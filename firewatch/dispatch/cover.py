"""The cover model: which trips bring what the fires need, without a single time in it (dispatch.md §4).

Each fire is served in one of two ways:

* by a list of **tours**: only trips of the list are made, put together from their parts (`parts`). Whoever asks for a
  completion time leaves the slower ones out: that is how time enters.
* **any time**: no trip is named. Vehicles, crews and tools are sent to the fire as wholes, and only what any trips
  would have to obey holds: seats, somebody in each vehicle, room for what is loaded. Every set of real trips obeys it,
  however slow, so that what is infeasible here is infeasible by any trips: no list of them is needed for that. What is
  feasible here is tried with real trips afterwards (`search`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from firewatch.dispatch.alike import Pool, attackers
from firewatch.dispatch.milp import Answer, Outcome, Program
from firewatch.dispatch.parts import Parts, made_of
from firewatch.dispatch.tours import NONE, Choice
from firewatch.indices.checks import Bools, Floats, Ints

COSTS = ("shortage", "reserve", "use", "distance")
"""What may be made small; the distance of all that is sent at any time stands for the arrivals of trips to come."""
SLACK = 1e-6
"""By how much a sum of fractions may exceed the value it is held to."""

FARTHEST = 10_000.0
"""Minutes that stand for no direct way."""


@dataclass(frozen=True)
class Sent:
    """What an answer sends: how often each tour of each fire is made, and the groups sent at any time."""

    outcome: Outcome
    objective: float
    bound: float
    made: tuple[Ints, ...] | None
    choices: tuple[Choice, ...]


class Cover:
    """The model of one question; rows of what is to be held are added before it is solved."""

    def __init__(self, pool: Pool, served: Sequence[Parts | None]) -> None:
        """Serve every fire by the parts of its tours, or None: at any time."""
        self.pool, self.served = pool, served
        self.program = Program()
        self._costs: dict[str, list[tuple[Ints, Floats]]] = {name: [] for name in COSTS}
        self._vehicles: list[list[tuple[Ints, Floats]]] = [[] for _ in pool.vehicles]
        self._crews: list[list[tuple[Ints, Floats]]] = [[] for _ in pool.crews]
        self._stock: dict[tuple[int, str], list[Ints]] = {}
        self._parts: list[tuple[Parts, Ints, Ints] | None] = []
        self._any_time: list[tuple[Ints, Ints, dict[tuple[int, str], Ints]]] = []
        self._leaving: list[tuple[Ints, Floats, int]] = []
        for fire, parts in enumerate(served):
            if parts is None:
                self._serve_any_time(fire)
            else:
                self._serve_by(fire, parts)
        self._share()
        self._reserve()

    def hold(self, what: str, at_most: float) -> None:
        """Let an objective be no worse than a value."""
        columns, factors = self._joined(self._costs[what])
        if at_most <= SLACK and (factors >= 1e-3).all():
            for column in columns.tolist():
                self.program.high[column] = 0.0
        elif len(columns):
            self.program.row(columns, factors, high=at_most + SLACK * max(1.0, abs(at_most)))
        if what == "reserve":
            self._keep_back(at_most)

    def _keep_back(self, held: float) -> None:
        """Send nobody with whom alone too many would leave a zone: without whole numbers a part of him would go."""
        spared = spare(self.pool, [present for _, _, present in self._leaving], held)
        for (columns, factors, _), most in zip(self._leaving, spared, strict=True):
            leaving = np.bincount(columns, -factors, len(self.program.high))
            for column in np.flatnonzero(leaving > most).tolist():
                self.program.high[column] = 0.0

    def ask_one(self, fire: int, mask: Bools) -> None:
        """Ask for at least one of some tours of a fire, each of which is a part by itself."""
        part = self._parts[fire]
        if part is not None:
            parts, x, _ = part
            alone = np.flatnonzero(parts.single != NONE)
            self.program.row(x[alone[mask[parts.single[alone]]]], 1.0, low=1.0)

    def solve(self, minimise: str | None, seconds: float, gap: float = 0.0) -> Sent:
        """Minimise an objective, or find any answer."""
        cost = None
        if minimise is not None:
            cost = np.zeros(len(self.program.high))
            columns, factors = self._joined(self._costs[minimise])
            np.add.at(cost, columns, factors)
        return self._sent(self.program.solve(cost, seconds, gap))

    def possible(self, seconds: float) -> bool:
        """Return whether there may be an answer; where not, there is none."""
        return self.program.possible(seconds)

    def _serve_by(self, fire: int, parts: Parts) -> None:
        """Serve a fire by tours: a variable for each ride and each way, a row that lets no way be without its ride."""
        pool = self.pool
        x = self.program.add([pool.vehicles[v].count for v in parts.vehicle.tolist()])
        z = self.program.add([pool.vehicles[v].count for v in parts.way_vehicle.tolist()])
        self._parts.append((parts, x, z))
        self._any_time.append((x[:0], x[:0], {}))
        self._costs["use"] += [(x, parts.arrives), (z, parts.detour)]
        for group in np.unique(parts.vehicle).tolist():
            mine, ways = x[parts.vehicle == group], z[parts.way_vehicle == group]
            self._vehicles[group].append((mine, np.ones(len(mine))))
            if len(ways):
                self.program.row([*ways, *mine], [*([1.0] * len(ways)), *([-1.0] * len(mine))], high=0.0)
        for way, riders in enumerate(parts.riders):
            self.program.row([z[way], *x[riders]], [1.0, *([-1.0] * len(riders))], high=0.0)
        for group in np.flatnonzero(parts.picked.any(axis=0)).tolist():
            there = parts.picked[:, group] > 0
            self._crews[group].append((x[there], parts.picked[there, group].astype(np.float64)))
        loads = self._load(fire, parts, z)
        for name, need in pool.needs(fire).items():
            brought = np.minimum(_brings(pool, parts, name), need)
            there = brought > 0
            self._need(fire, need, [(x[there], brought[there].astype(np.float64))], loads.get(name, []))

    def _load(self, fire: int, parts: Parts, z: Ints) -> dict[str, list[Ints]]:
        """Add what is loaded at each depot, and answer it by capability.

        Not by whom: any tool goes into any vehicle, so vehicles that load at one depot only can share whatever their
        room together holds. Vehicles that load at several on one way have variables of their own.
        """
        depots = np.where(parts.depots == NONE, NONE, parts.depots - len(self.pool.crews))
        load = np.array([group.one.load for group in self.pool.vehicles], dtype=np.int64)[parts.way_vehicle]
        alone = (depots != NONE).sum(axis=1) == 1
        at = depots.max(axis=1, initial=NONE)
        shared = [np.flatnonzero(alone & (at == depot)) for depot in np.unique(at[alone]).tolist()]
        loads: dict[str, list[Ints]] = {}
        for ways in (*shared, *np.flatnonzero(~alone)[:, None]):
            taken: list[int] = []
            for depot in depots[ways[0]][depots[ways[0]] != NONE].tolist():
                taken += self._load_at(fire, depot, (z[ways], load[ways]), loads)
            if taken:
                room = [*([1.0] * len(taken)), *(-load[ways].astype(np.float64))]
                self.program.row([*taken, *z[ways]], room, high=0.0)
        return loads

    def _load_at(self, fire: int, depot: int, ways: tuple[Ints, Ints], loads: dict[str, list[Ints]]) -> list[int]:
        """Add what vehicles load at a depot, on ways (their variables and room) that all lead there."""
        taken = []
        for name, need in self.pool.needs(fire).items():
            most = min(self.pool.depots[depot].one.stock.get(name, 0), need)
            if most > 0 and ways[1].max() > 0:
                y = self.program.add(most)
                taken.append(int(y[0]))
                loads.setdefault(name, []).append(y)
                self._stock.setdefault((depot, name), []).append(y)
                by_way = -np.minimum(ways[1], most).astype(np.float64)
                self.program.row([y[0], *ways[0]], [1.0, *by_way], high=0.0)
        return taken

    def _serve_any_time(self, fire: int) -> None:
        pool, program = self.pool, self.program
        place = pool.fire_places[fire]
        # Who has no direct way may have one by a stop, where the table is odd.
        # A crew's way is that of whatever fetches it: the fastest of all classes bounds it.
        fastest = pool.minutes[:, :, place].min(axis=0)
        reaches = np.isfinite(fastest) | (not pool.is_metric)
        direct = [
            pool.minutes[speed, group.place, place] for group, speed in zip(pool.vehicles, pool.speeds, strict=True)
        ]
        goes = [np.isfinite(minutes) or not pool.is_metric for minutes in direct]
        u = program.add([group.count if there else 0 for group, there in zip(pool.vehicles, goes, strict=True)])
        q = program.add([group.count if reaches[group.place] else 0 for group in pool.crews])
        for group in range(len(pool.vehicles)):
            self._vehicles[group].append((u[group : group + 1], np.ones(1)))
        for group in range(len(pool.crews)):
            self._crews[group].append((q[group : group + 1], np.ones(1)))
        away = np.minimum(fastest, FARTHEST)
        turnouts = np.array([group.one.turnout for group in pool.vehicles], dtype=np.float64)
        self._costs["distance"] += [
            (u, turnouts + np.minimum(np.array(direct, dtype=np.float64), FARTHEST)),
            (q, np.array([away[group.place] for group in pool.crews], dtype=np.float64)),
        ]
        loads: dict[tuple[int, str], Ints] = {}
        for depot, store in enumerate(pool.depots):
            for name, need in pool.needs(fire).items():
                most = min(store.one.stock.get(name, 0), need)
                if most > 0 and reaches[store.place]:
                    loads[depot, name] = program.add(most)
                    self._stock.setdefault((depot, name), []).append(loads[depot, name])
        self._parts.append(None)
        self._any_time.append((u, q, loads))
        self._obey(u, q, loads)
        for name, need in pool.needs(fire).items():
            own = np.array([group.one.brings.get(name, 0) for group in pool.vehicles], dtype=np.float64)
            theirs = np.array([group.one.brings.get(name, 0) for group in pool.crews], dtype=np.float64)
            parts = [(u, np.minimum(own, need)), (q, np.minimum(theirs, need))]
            self._need(fire, need, parts, [y for (_, what), y in loads.items() if what == name])

    def _obey(self, u: Ints, q: Ints, loads: Mapping[tuple[int, str], Ints]) -> None:
        """Add what any trips of these vehicles, crews and loads would have to obey."""
        pool, program = self.pool, self.program
        vehicles = [group.one for group in pool.vehicles]
        people = np.array([group.one.people for group in pool.crews], dtype=np.int64)
        sizes = np.unique(people[people > 0]).tolist()
        free = np.array([vehicle.free_seats for vehicle in vehicles], dtype=np.int64)
        most = pool.problem.limits.crews_per_trip
        # How often vehicles are filled in a way, and the slots of the way.
        filled, slots = [u[:0]], [np.zeros((0, most), dtype=np.int64)]
        for seats in np.unique(free).tolist():
            ways = seatings(seats, tuple(sizes), most)
            w = program.add([float(sum(group.count for group in pool.vehicles))] * len(ways))
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
        if loads:
            limit = 1.0 if pool.problem.limits.depots_per_trip else 0.0
            room = [-float(vehicle.load) * limit for vehicle in vehicles]
            program.row([*np.concatenate(list(loads.values())), *u], [*([1.0] * len(loads)), *room], high=0.0)

    def _need(self, fire: int, need: int, brought: Sequence[tuple[Ints, Floats]], loads: Sequence[Ints]) -> None:
        short = self.program.add(need, whole=False)
        self._costs["shortage"].append((short, np.array([self.pool.fires[fire].weight / need])))
        columns, factors = self._joined([*brought, *((y, np.ones(len(y))) for y in loads), (short, np.ones(1))])
        self.program.row(columns, factors, low=float(need))

    def _share(self) -> None:
        """Nobody goes twice, nothing is taken twice."""
        counts = [group.count for group in self.pool.vehicles] + [group.count for group in self.pool.crews]
        for count, parts in zip(counts, (*self._vehicles, *self._crews), strict=True):
            columns, factors = self._joined(parts)
            if len(columns):
                self.program.row(columns, factors, high=float(count))
        for (depot, name), taken in self._stock.items():
            self.program.row(np.concatenate(taken), 1.0, high=float(self.pool.depots[depot].one.stock[name]))

    def _reserve(self) -> None:
        pool = self.pool
        for zone, place in zip(pool.reserves, pool.reserve_places, strict=True):
            present, parts = 0, []
            waiting = [(group.place, group.count, group.one.crew) for group in pool.vehicles]
            waiting += [(group.place, group.count, attackers(group.one)) for group in pool.crews]
            for (at, count, people), sent in zip(waiting, (*self._vehicles, *self._crews), strict=True):
                if people and pool.minutes[0, at, place] <= zone.within:
                    present += people * count
                    parts += [(columns, -people * factors) for columns, factors in sent]
            missing = self.program.add(float(zone.people), whole=False)
            self._costs["reserve"].append((missing, np.array([zone.weight])))
            self._leaving.append((*self._joined(parts), present))
            columns, factors = self._joined([(missing, np.ones(1)), *parts])
            self.program.row(columns, factors, low=float(zone.people - present))

    @staticmethod
    def _joined(parts: Sequence[tuple[Ints, Floats]]) -> tuple[Ints, Floats]:
        if not parts:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def _sent(self, answer: Answer) -> Sent:
        if answer.values is None:
            return Sent(answer.outcome, answer.objective, answer.bound, None, ())
        whole = np.rint(answer.values).astype(np.int64)
        made = [
            np.zeros(0, dtype=np.int64) if part is None else made_of(part[0], whole[part[1]], whole[part[2]])
            for part in self._parts
        ]
        depots = np.zeros((len(self.served), len(self.pool.depots)), dtype=bool)
        for fire, (_, _, loads) in enumerate(self._any_time):
            for (depot, _), y in loads.items():
                depots[fire, depot] |= bool(whole[y[0]] > 0)
        return Sent(
            answer.outcome,
            answer.objective,
            answer.bound,
            tuple(made),
            tuple(Choice(whole[u] > 0, whole[q] > 0, depots[fire]) for fire, (u, q, _) in enumerate(self._any_time)),
        )


def spare(pool: Pool, present: Sequence[int], held: float) -> list[float]:
    """Return how many people may leave each zone, at the most, while the reserve is held at a value."""
    lacking = [max(0, zone.people - there) for zone, there in zip(pool.reserves, present, strict=True)]
    more = held + SLACK * max(1.0, held) - sum(z.weight * n for z, n in zip(pool.reserves, lacking, strict=True))
    return [
        max(0, there - zone.people) + (more / zone.weight if zone.weight > 0 else np.inf) + SLACK
        for zone, there in zip(pool.reserves, present, strict=True)
    ]


def _brings(pool: Pool, parts: Parts, name: str) -> Ints:
    """Return how much of a capability vehicle and crews bring."""
    own = np.array([group.one.brings.get(name, 0) for group in pool.vehicles], dtype=np.int64)
    theirs = np.array([group.one.brings.get(name, 0) for group in pool.crews], dtype=np.int64)
    total: Ints = own[parts.vehicle] + parts.picked @ theirs
    return total


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
