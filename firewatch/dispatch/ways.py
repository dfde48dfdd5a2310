"""Minutes between all vehicles, crews and depots of a problem side by side: what makes the greedy method quick. Pure.

Vehicles, crews and depots stand in the order of their ids; crews and depots share one numbering of **stops**, crews
first. The number after the last stop is of nobody: no way leads there.
"""

from collections.abc import Mapping, Sequence
from itertools import permutations
from math import inf

import numpy as np

from firewatch.dispatch.problem import Crew, Depot, Problem, Vehicle
from firewatch.dispatch.trips import Travel
from firewatch.indices.checks import Floats, Ints


class Ways:
    """Who and what there is, and how far apart; minutes are added up in the order of `trips.arrival`, bit by bit."""

    def __init__(self, problem: Problem) -> None:
        self.vehicles = sorted(problem.vehicles, key=_id)
        self.crews, self.depots = sorted(problem.crews, key=_id), sorted(problem.depots, key=_id)
        self.stops: list[Crew | Depot] = [*self.crews, *self.depots]
        self.nobody = len(self.stops)
        self.people: Ints = np.array([*(crew.people for crew in self.crews), *[0] * (len(self.depots) + 1)])
        self.ready = np.array([*(crew.turnout for crew in self.crews), *[0.0] * (len(self.depots) + 1)])
        self.loading = np.array([*[0.0] * len(self.crews), *(depot.loading for depot in self.depots), 0.0])
        self.seats: Ints = np.array([each.free_seats for each in self.vehicles], dtype=np.int64)
        self.aboard: Ints = np.array([each.crew for each in self.vehicles], dtype=np.int64)
        self.load: Ints = np.array([each.load for each in self.vehicles], dtype=np.int64)
        self._own = _Units([each.brings for each in self.vehicles])
        self._picked = _Units([*(crew.brings for crew in self.crews), *({} for _ in self.depots), {}])
        self._turnout = np.array([each.turnout for each in self.vehicles], dtype=np.float64)
        self._problem = problem
        names = ["", *sorted(problem.minutes_by_class)]
        number = {name: n for n, name in enumerate(names)}
        self.speed: Ints = np.array([number[each.speed_class] for each in self.vehicles], dtype=np.int64)
        self._names = names
        ends = [each.place for each in self.stops]
        self._legs = self._minutes(ends, ends)
        starts = self._minutes([each.place for each in self.vehicles], ends)
        self.by_stop: Floats = self._turnout[:, None] + starts[self.speed, np.arange(len(self.vehicles))]
        """When each vehicle (rows) comes to each stop (columns), if that is the first."""

    def _minutes(self, starts: Sequence[str], ends: Sequence[str]) -> Floats:
        """Answer the minutes by each table, from places (rows) to stops (columns); the last column is of nobody."""
        places = sorted({*starts, *ends})
        row = {place: n for n, place in enumerate(places)}
        tables = [self._problem.minutes_by_class[name] if name else self._problem.minutes for name in self._names]
        every = np.full((len(tables), len(places), len(places)), inf)
        for table, minutes in zip(tables, every, strict=True):
            for place, n in row.items():
                told = table.get(place, {})
                minutes[n] = [told.get(end, inf) for end in places]
                minutes[n, n] = 0.0
        found = np.full((len(tables), len(starts), len(ends) + 1), inf)
        across = np.ix_([row[place] for place in starts], [row[place] for place in ends])
        for n, minutes in enumerate(every):
            found[n, :, :-1] = minutes[across]
        return found

    def brought(self, capabilities: Sequence[str]) -> tuple[Ints, Ints]:
        """Answer what each vehicle and what each stop's crew brings of some capabilities (rows)."""
        return self._own.of(capabilities), self._picked.of(capabilities)

    def travel_of(self, vehicle: Vehicle) -> Travel:
        """Answer what tells a vehicle's minutes from place to place."""
        return self._problem.travel_of(vehicle)

    def to(self, place: str) -> tuple[Floats, Floats]:
        """Answer when each vehicle is at a place by the direct way, and the minutes there from each stop by table."""
        # Many stand at one place.
        places = {each.place for each in (*self.vehicles, *self.stops)}
        minutes = [{at: self._problem.travel(at, place, name) for at in places} for name in self._names]
        direct = [minutes[speed][each.place] for speed, each in zip(self.speed.tolist(), self.vehicles, strict=True)]
        stops = [[*(far[each.place] for each in self.stops), inf] for far in minutes]
        return self._turnout + np.array(direct, dtype=np.float64), np.array(stops, dtype=np.float64)

    def arrivals(self, vehicles: Ints, stops: Ints, to: Floats) -> Floats:
        """Answer when vehicles arrive by the fastest order of their stops; `stops` has a row for each, of one length.

        `to` is what `to` answers of the stops. Without stops it is not asked: that is the direct way.
        """
        speed = self.speed[vehicles]
        soonest = np.full(len(vehicles), inf)
        for order in permutations(stops.T):
            at = order[0]
            minute = np.maximum(self.by_stop[vehicles, at], self.ready[at]) + self.loading[at]
            for stop in order[1:]:
                minute += self._legs[speed, at, stop]
                minute = np.maximum(minute, self.ready[stop]) + self.loading[stop]
                at = stop
            np.minimum(soonest, minute + to[speed, at], out=soonest)
        return soonest


def _id(resource: Crew | Depot | Vehicle) -> str:
    return resource.id


class _Units:
    """Quantities by capability, a row for each capability and a column for each who brings them."""

    def __init__(self, amounts: Sequence[Mapping[str, int]]) -> None:
        names = sorted({name for each in amounts for name in each})
        self._row = {name: n for n, name in enumerate(names)}
        # One row more, of nothing, for what nobody brings.
        self._units = np.zeros((len(names) + 1, len(amounts)), dtype=np.int64)
        for column, each in enumerate(amounts):
            for name, quantity in each.items():
                self._units[self._row[name], column] = quantity

    def of(self, capabilities: Sequence[str]) -> Ints:
        """Answer the rows of some capabilities."""
        rows: Ints = self._units[[self._row.get(name, -1) for name in capabilities]]
        return rows
