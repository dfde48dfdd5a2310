"""Trips by a single stop, all side by side: what the greedy method judges crews and depots by. Pure numpy."""

from collections.abc import Sequence
from math import inf

import numpy as np

from firewatch.dispatch.problem import Crew, Depot, Problem, Vehicle
from firewatch.indices.checks import Floats, Ints

SOONEST = 1e-6
"""Minutes; an arrival at 0 counts as this, so that among several at 0 the one that brings most goes first."""


class Ways:
    """Minutes between all places as rows, and crews and depots as columns, in the order of their ids."""

    def __init__(self, problem: Problem) -> None:
        self.crews = sorted(problem.crews, key=_id)
        self.depots = sorted(problem.depots, key=_id)
        resources: list[Vehicle | Crew | Depot] = [*problem.vehicles, *problem.crews, *problem.depots]
        places = sorted({each.place for each in resources})
        self._row = {place: n for n, place in enumerate(places)}
        self._problem = problem
        self._class = {name: n for n, name in enumerate(("", *sorted(problem.minutes_by_class)))}
        self._table = np.full((len(self._class), len(places), len(places)), inf)
        for name, number in self._class.items():
            told = problem.minutes_by_class[name] if name else problem.minutes
            for start, row in self._row.items():
                for end, minutes in told.get(start, {}).items():
                    if end in self._row:
                        self._table[number, row, self._row[end]] = minutes
                self._table[number, row, row] = 0.0
        self._crew_places = np.array([self._row[crew.place] for crew in self.crews], dtype=np.int64)
        self._depot_places = np.array([self._row[depot.place] for depot in self.depots], dtype=np.int64)
        self.people = np.array([crew.people for crew in self.crews], dtype=np.int64)
        self._crew_turnout = np.array([crew.turnout for crew in self.crews], dtype=np.float64)
        self._loading = np.array([depot.loading for depot in self.depots], dtype=np.float64)

    def classes(self, vehicles: Sequence[Vehicle]) -> Ints:
        """Answer by which table of minutes each vehicle drives."""
        return np.array([self._class[each.speed_class] for each in vehicles], dtype=np.int64)

    def to(self, place: str) -> tuple[Floats, Floats]:
        """Answer the minutes from each crew and from each depot (columns) to a place, by each table (rows)."""
        travel = self._problem.travel
        crews = [[travel(crew.place, place, name) for crew in self.crews] for name in self._class]
        depots = [[travel(depot.place, place, name) for depot in self.depots] for name in self._class]
        shape = len(self._class), -1
        return np.array(crews, dtype=np.float64).reshape(shape), np.array(depots, dtype=np.float64).reshape(shape)

    def by_crews(self, vehicles: Sequence[Vehicle]) -> Floats:
        """Answer when each vehicle (a row) has each crew (a column) aboard, as the only stop."""
        minutes: Floats = self._turnout(vehicles) + self._rows(vehicles)[:, self._crew_places]
        return np.maximum(minutes, self._crew_turnout)

    def by_depots(self, vehicles: Sequence[Vehicle]) -> Floats:
        """Answer when each vehicle (a row) has loaded at each depot (a column), as the only stop."""
        minutes: Floats = self._turnout(vehicles) + self._rows(vehicles)[:, self._depot_places]
        return minutes + self._loading

    def _turnout(self, vehicles: Sequence[Vehicle]) -> Floats:
        return np.array([[each.turnout] for each in vehicles], dtype=np.float64)

    def _rows(self, vehicles: Sequence[Vehicle]) -> Floats:
        rows: Floats = self._table[self.classes(vehicles), [self._row[each.place] for each in vehicles]]
        return rows


def _id(resource: Crew | Depot | Vehicle) -> str:
    return resource.id


def sum_of_most(rates: Floats, number: int) -> Floats:
    """Answer, row by row, the sum of the largest."""
    most: Floats = np.sort(rates, axis=1)[:, max(0, rates.shape[1] - number) :].sum(axis=1)
    return most


def best_rates(worth: Floats, minutes: Floats, keep: int) -> Ints:
    """Answer where the best rates stand, the best first; ties by the sooner arrival, then in the order of the ids."""
    return np.lexsort((minutes, -worth / np.maximum(minutes, SOONEST)))[:keep]
