"""From trips of groups to the trips of a plan: who of several alike goes, and what each vehicle loads where. Pure.

Of resources that are alike the first by id go first. Loads are the fewest units that leave nothing short that need not
be: nothing is loaded beyond a need.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from firewatch.dispatch.alike import Pool
from firewatch.dispatch.cover import SLACK
from firewatch.dispatch.made import Made
from firewatch.dispatch.milp import Program
from firewatch.dispatch.plan import PlannedTrip
from firewatch.dispatch.problem import PEOPLE, Crew, Depot, Vehicle
from firewatch.dispatch.tours import NONE
from firewatch.dispatch.trips import fastest
from firewatch.indices.checks import Floats

SECONDS = 20.0
"""For the loads: a program of some dozen variables."""

Load = dict[str, dict[str, int]]
"""Units by depot and capability."""


@dataclass(frozen=True)
class Ride:
    """A trip with its people named, before anything is loaded."""

    fire: int
    vehicle: Vehicle
    stops: tuple[Crew | Depot, ...]
    arrives: float

    @property
    def crews(self) -> tuple[Crew, ...]:
        """The crews picked up."""
        return tuple(stop for stop in self.stops if isinstance(stop, Crew))

    @property
    def depots(self) -> tuple[Depot, ...]:
        """The depots visited."""
        return tuple(stop for stop in self.stops if isinstance(stop, Depot))

    def brings(self, name: str) -> int:
        """Return what vehicle and crews bring of a capability."""
        return self.vehicle.brings.get(name, 0) + sum(crew.brings.get(name, 0) for crew in self.crews)


def named(pool: Pool, made: Made) -> list[PlannedTrip]:
    """Return the trips by id, each with its load."""
    rides = list(_rides(pool, made))
    loads = _Loading(pool, rides).loads()
    trips = [_planned(pool, ride, load) for ride, load in zip(rides, loads, strict=True)]
    return sorted(trips, key=lambda trip: trip.id)


def _rides(pool: Pool, made: Made) -> Iterator[Ride]:
    vehicles = [iter(group.members) for group in pool.vehicles]
    stops = [iter(group.members) for group in pool.crews]
    for fire, (tours, times) in enumerate(zip(made.tours, made.times, strict=True)):
        ways = zip(tours.vehicle.tolist(), tours.stops.tolist(), tours.arrives.tolist(), times.tolist(), strict=True)
        for vehicle, way, arrives, count in ways:
            for _ in range(count):
                visited = tuple(
                    next(stops[stop]) if stop < len(stops) else pool.depots[stop - len(stops)].one
                    for stop in way
                    if stop != NONE
                )
                yield Ride(fire, next(vehicles[vehicle]), visited, arrives)


class _Loading:
    """What trips load: a variable for each trip, depot and capability that its fire needs."""

    def __init__(self, pool: Pool, rides: Sequence[Ride]) -> None:
        self.pool, self.rides, self.program = pool, rides, Program()
        self.units: dict[tuple[int, str, str], int] = {}
        self.worth: dict[int, float] = {}
        for number, ride in enumerate(rides):
            self._board(number, ride)
        for group in pool.depots:
            for name, stock in group.one.stock.items():
                self._at_most(
                    stock, [y for (_, at, what), y in self.units.items() if (at, what) == (group.one.id, name)]
                )
        for fire in range(len(pool.fires)):
            for name, need in pool.needs(fire).items():
                self._need(fire, name, need)

    def loads(self) -> list[Load]:
        """Return the load of each trip: first as little short as can be, then as few units as can be."""
        short = self.program.solve(self._cost(self.worth), SECONDS).objective
        self.program.row(list(self.worth), list(self.worth.values()), high=short + SLACK)
        taken = self.program.solve(self._cost(dict.fromkeys(self.units.values(), 1.0)), SECONDS).values
        loads: list[Load] = [{} for _ in self.rides]
        for (number, depot, name), column in sorted(self.units.items()):
            units = 0 if taken is None else round(float(taken[column]))
            if units > 0:
                loads[number].setdefault(depot, {})[name] = units
        return loads

    def _board(self, number: int, ride: Ride) -> None:
        for depot in ride.depots:
            for name in self.pool.needs(ride.fire):
                if depot.stock.get(name, 0) > 0:
                    self.units[number, depot.id, name] = int(self.program.add(depot.stock[name])[0])
        self._at_most(ride.vehicle.load, [y for (of, _, _), y in self.units.items() if of == number])

    def _need(self, fire: int, name: str, need: int) -> None:
        """Let loads fill up what is lacking, and nothing where nothing is."""
        lacking = max(0, need - sum(ride.brings(name) for ride in self.rides if ride.fire == fire))
        loaded = [y for (of, _, what), y in self.units.items() if (self.rides[of].fire, what) == (fire, name)]
        self._at_most(lacking, loaded)
        short = int(self.program.add(lacking)[0])
        self.worth[short] = self.pool.fires[fire].weight / need
        self.program.row([*loaded, short], 1.0, low=float(lacking))

    def _at_most(self, most: int, columns: Sequence[int]) -> None:
        if columns:
            self.program.row(list(columns), 1.0, high=float(most))

    def _cost(self, worth: Mapping[int, float]) -> Floats:
        cost = np.zeros(len(self.program.high))
        cost[list(worth)] = list(worth.values())
        return cost


def _planned(pool: Pool, ride: Ride, load: Load) -> PlannedTrip:
    """Write down a trip, without the depots where nothing is loaded unless they lie on the fastest way."""
    incident = pool.fires[ride.fire]
    needed = [stop for stop in ride.stops if isinstance(stop, Crew) or stop.id in load]
    shorter = fastest(pool.problem.travel_of(ride.vehicle), ride.vehicle, needed, incident)
    stops, arrives = tuple(stop.id for stop in ride.stops), ride.arrives
    if shorter is not None and shorter.arrives <= ride.arrives:
        stops, arrives = shorter.stops, shorter.arrives
    crews = {crew.id for crew in ride.crews}
    return PlannedTrip(
        vehicle=ride.vehicle.id,
        incident=incident.id,
        stops=stops,
        crews=tuple(stop for stop in stops if stop in crews),
        load=load,
        people=ride.brings(PEOPLE),
        arrives=arrives,
    )
