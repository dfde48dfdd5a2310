"""Trips: one vehicle, some stops, one fire, and the minute it arrives (dispatch.md §2)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from math import inf

from firewatch.dispatch.plan import trip_id
from firewatch.dispatch.problem import Crew, Depot, Incident, Problem, Vehicle

Travel = Callable[[str, str], float]
"""Minutes from place to place, `inf` where there is no way."""


@dataclass(frozen=True)
class Trip:
    """A vehicle's way to a fire by the fastest order of its stops (crew and depot ids); `arrives` in minutes."""

    vehicle: str
    incident: str
    stops: tuple[str, ...]
    arrives: float

    @property
    def id(self) -> str:
        """The name that settles ties: `vehicle|incident|stop|stop`."""
        return trip_id(self.vehicle, self.incident, self.stops)


def arrival(travel: Travel, vehicle: Vehicle, stops: Sequence[Crew | Depot], incident: Incident) -> float:
    """Answer the minute of arrival by the stops in this order, `inf` where there is no way.

    The vehicle starts after its turnout, waits at a crew until that crew's turnout has passed and spends the
    loading minutes at a depot.
    """
    at, minute = vehicle.place, vehicle.turnout
    for stop in stops:
        minute += travel(at, stop.place)
        minute = max(minute, stop.turnout) if isinstance(stop, Crew) else minute + stop.loading
        at = stop.place
    return minute + travel(at, incident.place)


def fastest(travel: Travel, vehicle: Vehicle, stops: Sequence[Crew | Depot], incident: Incident) -> Trip | None:
    """Answer the trip by the fastest order of these stops, ties by their ids; None where there is no way."""
    orders = (
        (arrival(travel, vehicle, order, incident), tuple(stop.id for stop in order)) for order in permutations(stops)
    )
    minute, ids = min(orders)
    return None if minute == inf else Trip(vehicle.id, incident.id, ids, minute)


def crew_sets(vehicle: Vehicle, crews: Sequence[Crew], most: int) -> Iterator[tuple[Crew, ...]]:
    """Answer the sets of at most `most` crews that fit on the free seats; somebody is aboard in each case."""
    for size in range(min(most, len(crews)) + 1):
        for chosen in combinations(crews, size):
            picked = sum(crew.people for crew in chosen)
            if picked <= vehicle.free_seats and vehicle.crew + picked > 0:
                yield chosen


def depot_sets(depots: Sequence[Depot], most: int) -> Iterator[tuple[Depot, ...]]:
    """Answer the sets of at most `most` depots, the empty one first."""
    for size in range(min(most, len(depots)) + 1):
        yield from combinations(depots, size)


def enumerate_trips(problem: Problem) -> Iterator[Trip]:
    """Answer every trip of the problem, by vehicle, then incident; lazily, for there may be millions.

    A depot on the way is listed even where nothing in it is needed: what is loaded is for the method to say.
    """
    for vehicle in problem.vehicles:
        for incident in problem.incidents:
            for crews in crew_sets(vehicle, problem.crews, problem.limits.crews_per_trip):
                for depots in depot_sets(problem.depots, problem.limits.depots_per_trip):
                    trip = fastest(problem.travel_of(vehicle), vehicle, (*crews, *depots), incident)
                    if trip is not None:
                        yield trip
