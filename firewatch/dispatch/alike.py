"""Resources that are alike, counted together: what a solver sees of a problem. Pure.

Two vehicles are alike when nothing that matters to a plan tells them apart: same place, seats, crew aboard, load,
turnout, speed and equipment; crews likewise. Places from which everything is equally far are one place. Which of
several alike is meant is settled last, by their ids, so that the number of equal answers stays small while a plan is
searched. Agency is not looked at: it never limits a choice.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np

from firewatch.dispatch.problem import PEOPLE, Crew, Depot, Incident, Problem, Reserve, Vehicle
from firewatch.indices.checks import Bools, Floats, Ints

Kind = TypeVar("Kind", Vehicle, Crew, Depot)


@dataclass(frozen=True)
class Alike(Generic[Kind]):
    """Some resources that are alike, by id, and the row of their place in the table of minutes."""

    members: tuple[Kind, ...]
    place: int

    @property
    def one(self) -> Kind:
        """Any of them; the first by id."""
        return self.members[0]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.members)


@dataclass(frozen=True)
class Pool:
    """A problem as the solver sees it.

    `minutes` has the shape (classes, places, places), inf where there is no way; the first class is the one whose table
    all share. `speeds` is the class of each group of vehicles. `fires` are ranked: the heaviest first, ties by
    id. Groups are sorted by the id of their first member; depots stand alone, for their stocks do not add up.
    """

    problem: Problem
    fires: tuple[Incident, ...]
    fire_places: tuple[int, ...]
    vehicles: tuple[Alike[Vehicle], ...]
    crews: tuple[Alike[Crew], ...]
    depots: tuple[Alike[Depot], ...]
    reserves: tuple[Reserve, ...]
    reserve_places: tuple[int, ...]
    minutes: Floats
    speeds: Ints
    is_metric: bool
    """Whether no detour is faster than the direct way: then a stop that brings nothing is never worth making."""

    @property
    def stops(self) -> tuple[Alike[Crew] | Alike[Depot], ...]:
        """The groups a trip may stop at, in the order of their numbers: crews, then depots."""
        return (*self.crews, *self.depots)

    @cached_property
    def counts(self) -> tuple[Ints, Ints]:
        """How many there are of each group of vehicles, and of crews."""
        return (
            np.array([group.count for group in self.vehicles], dtype=np.int64),
            np.array([group.count for group in self.crews], dtype=np.int64),
        )

    @cached_property
    def brought(self) -> dict[str, tuple[Ints, Ints]]:
        """What one of each group of vehicles, and of crews, brings of each capability that is asked for."""
        return {
            name: (
                np.array([group.one.brings.get(name, 0) for group in self.vehicles], dtype=np.int64),
                np.array([group.one.brings.get(name, 0) for group in self.crews], dtype=np.int64),
            )
            for name in {name for fire in range(len(self.fires)) for name in self.needs(fire)}
        }

    @cached_property
    def stocks(self) -> dict[tuple[int, str], int]:
        """The number of each stock, by depot and capability."""
        kept = [
            (n, name) for n, group in enumerate(self.depots) for name, units in sorted(group.one.stock.items()) if units
        ]
        return {stock: number for number, stock in enumerate(kept)}

    @cached_property
    def units(self) -> Ints:
        """What there is of each stock. Shape (stocks,)."""
        return np.array([self.depots[depot].one.stock[name] for depot, name in self.stocks], dtype=np.int64)

    @cached_property
    def guards(self) -> tuple[Ints, Ints]:
        """How many people of one of each group of vehicles, and of crews, count for each reserve.

        While they are not sent: who is within its minutes. Shapes (groups, zones).
        """
        waiting = [[(group.place, group.one.crew) for group in self.vehicles]]
        waiting.append([(group.place, attackers(group.one)) for group in self.crews])
        within = np.array([zone.within for zone in self.reserves])
        tables = []
        for groups in waiting:
            places = np.array([place for place, _ in groups], dtype=np.int64)
            people = np.array([number for _, number in groups], dtype=np.int64)
            near = self.minutes[0][places][:, list(self.reserve_places)] <= within
            tables.append(np.where(near, people[:, None], 0).reshape(len(groups), len(within)))
        return tables[0], tables[1]

    @cached_property
    def present(self) -> Ints:
        """How many people count for each reserve while nobody is sent. Shape (zones,)."""
        there: Ints = self.counts[0] @ self.guards[0] + self.counts[1] @ self.guards[1]
        return there

    @cached_property
    def loads(self) -> Bools:
        """Which groups of vehicles take any tools."""
        return np.array([group.one.load > 0 for group in self.vehicles], dtype=bool)

    @cached_property
    def never_run_out(self) -> Bools:
        """Which depots have all that all fires together ask for, of everything that any depot has."""
        asked: Counter[str] = Counter()
        for fire in range(len(self.fires)):
            asked.update(self.needs(fire))
        kept = {name for group in self.depots for name, units in group.one.stock.items() if units > 0}
        return np.array(
            [all(group.one.stock.get(name, 0) >= asked[name] for name in kept) for group in self.depots], bool
        )

    def needs(self, fire: int) -> dict[str, int]:
        """Return what a fire asks for, by capability; nothing where it weighs nothing."""
        incident = self.fires[fire]
        if incident.weight <= 0:
            return {}
        return {name: need for name, need in sorted(incident.needs.items()) if need > 0}


def pool(problem: Problem) -> Pool:
    """Return the pool of a problem."""
    places, minutes = _places(problem)
    fires = tuple(problem.ranked_incidents())
    reserves = tuple(sorted(problem.reserves, key=lambda zone: zone.id))
    vehicles = _alike(problem.vehicles, places, _vehicle_kind)
    crews = _alike(problem.crews, places, _crew_kind)
    depots = tuple(Alike((depot,), places[depot.place]) for depot in sorted(problem.depots, key=lambda each: each.id))
    used = sorted(
        {group.place for group in vehicles}
        | {group.place for group in crews}
        | {group.place for group in depots}
        | {places[fire.place] for fire in fires}
    )
    classes = {name: number for number, name in enumerate(_classes(problem))}
    return Pool(
        problem=problem,
        fires=fires,
        fire_places=tuple(places[fire.place] for fire in fires),
        vehicles=vehicles,
        crews=crews,
        depots=depots,
        reserves=reserves,
        reserve_places=tuple(places[zone.place] for zone in reserves),
        minutes=minutes,
        speeds=np.array([classes[group.one.speed_class] for group in vehicles], dtype=np.int64),
        is_metric=all(_is_metric(table[np.ix_(used, used)]) for table in minutes),
    )


def attackers(crew: Crew) -> int:
    """Return how many people of a crew may attack."""
    return crew.brings.get(PEOPLE, 0)


def _places(problem: Problem) -> tuple[dict[str, int], Floats]:
    """Return the row of every place, those that nothing tells apart sharing one, and the minutes between the rows."""
    tables = [problem.minutes_by_class[name] if name else problem.minutes for name in _classes(problem)]
    names = sorted({name for table in tables for start, ends in table.items() for name in (start, *ends)})
    row = {name: number for number, name in enumerate(names)}
    minutes = np.full((len(tables), len(names), len(names)), np.inf)
    minutes[:, np.arange(len(names)), np.arange(len(names))] = 0.0
    for number, table in enumerate(tables):
        for start, ends in table.items():
            for end, cell in ends.items():
                if start != end:
                    minutes[number, row[start], row[end]] = cell
    # Whoever is at no distance of another and as far from everything as he is stands at the same place.
    kept: dict[Hashable, int] = {}
    same = [kept.setdefault((minutes[:, i].tobytes(), minutes[:, :, i].tobytes()), i) for i in range(len(names))]
    rows = sorted(set(same))
    place = {old: new for new, old in enumerate(rows)}
    return {name: place[same[i]] for name, i in row.items()}, minutes[:, rows][:, :, rows]


def _classes(problem: Problem) -> list[str]:
    """Return the classes of vehicles that have a table of minutes, the common one first."""
    return ["", *sorted(problem.minutes_by_class)]


def _vehicle_kind(vehicle: Vehicle) -> Hashable:
    own = vehicle.seats, vehicle.crew, vehicle.load, vehicle.turnout, vehicle.speed_class
    return own, _amounts(vehicle.provides)


def _crew_kind(crew: Crew) -> Hashable:
    return crew.people, crew.turnout, crew.may_attack, _amounts(crew.provides)


def _amounts(amounts: Mapping[str, int]) -> Hashable:
    return tuple(sorted((name, units) for name, units in amounts.items() if units > 0))


def _alike(
    resources: Sequence[Kind], places: Mapping[str, int], kind: Callable[[Kind], Hashable]
) -> tuple[Alike[Kind], ...]:
    groups: dict[Hashable, list[Kind]] = {}
    for each in sorted(resources, key=lambda each: each.id):
        groups.setdefault((places[each.place], kind(each)), []).append(each)
    return tuple(Alike(tuple(members), places[members[0].place]) for members in groups.values())


def _is_metric(minutes: Floats) -> bool:
    """Whether no way by one place between is shorter than the direct one, but for the noise of binary fractions."""
    return all(
        bool((minutes[:, via, None] + minutes[None, via, :] >= minutes - 1e-9).all()) for via in range(len(minutes))
    )
