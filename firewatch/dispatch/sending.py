"""What it would cost to send as well somebody or something that a plan leaves where it is, in minutes. Pure.

Everybody else keeps to the plan. A vehicle drives straight to the fire, or by way of the nearest crew left when nobody
is aboard; a crew is fetched, and a depot's tools are, by the vehicle left that brings them soonest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from firewatch.dispatch.objectives import reserve_gaps
from firewatch.dispatch.plan import PlannedTrip
from firewatch.dispatch.problem import Crew, Depot, Incident, Problem, Vehicle
from firewatch.dispatch.trips import Trip, fastest


@dataclass(frozen=True)
class Sending:
    """What sending one resource as well would come to; times are minutes."""

    resource: str
    incident: str
    vehicle: str
    """That drives: its own id, or of the one that fetches it."""
    arrives: float
    later: float
    """By how much the plan would be complete later; 0 when it is there before the last."""
    reserve: int
    """People who would be missing more within reach of the zones."""


def sendings(problem: Problem, trips: Sequence[PlannedTrip], fire: str) -> dict[str, Sending]:
    """Answer what sending to a fire would cost, for everything that stays and could be sent there at all."""
    left = _Left(problem, trips, next(each for each in problem.incidents if each.id == fire))
    found = [
        *(left.sent(each.id, left.straight(each)) for each in left.vehicles),
        *(left.sent(each.id, left.fetched(each)) for each in left.crews),
        *(left.sent(each.id, left.fetched(each)) for each in left.depots),
    ]
    return {each.resource: each for each in found if each is not None}


class _Left:
    """Who and what a plan leaves where it is."""

    def __init__(self, problem: Problem, trips: Sequence[PlannedTrip], fire: Incident) -> None:
        self.problem, self.trips, self.fire = problem, trips, fire
        vehicles = {trip.vehicle for trip in trips}
        crews = {crew for trip in trips for crew in trip.crews}
        depots = {depot for trip in trips for depot in trip.load}
        self.vehicles = [each for each in problem.vehicles if each.id not in vehicles]
        self.crews = [each for each in problem.crews if each.id not in crews]
        self.depots = [each for each in problem.depots if each.id not in depots]
        self._latest = max((trip.arrives for trip in trips if trip.incident == fire.id), default=0.0)
        self._missing = _missing(problem, trips)

    def straight(self, vehicle: Vehicle) -> Trip | None:
        """Answer a vehicle's soonest trip with somebody aboard."""
        if vehicle.crew > 0:
            return self._trip(vehicle, ())
        return _soonest(self._trip(vehicle, (crew,)) for crew in self.crews if crew.people <= vehicle.free_seats)

    def fetched(self, stop: Crew | Depot) -> Trip | None:
        """Answer the soonest trip by which a crew, or the tools of a depot, get there."""
        if isinstance(stop, Crew):
            roomy = [each for each in self.vehicles if stop.people <= each.free_seats]
        else:
            roomy = [each for each in self.vehicles if each.load > 0 and each.crew > 0]
        return _soonest(self._trip(vehicle, (stop,)) for vehicle in roomy)

    def sent(self, resource: str, trip: Trip | None) -> Sending | None:
        """Answer what a trip more comes to; None when there is none."""
        if trip is None:
            return None
        crews = tuple(crew.id for crew in self.crews if crew.id in trip.stops)
        more = PlannedTrip(trip.vehicle, self.fire.id, trip.stops, crews, {}, 0, trip.arrives)
        return Sending(
            resource,
            self.fire.id,
            trip.vehicle,
            trip.arrives,
            max(0.0, trip.arrives - self._latest),
            _missing(self.problem, [*self.trips, more]) - self._missing if self.problem.reserves else 0,
        )

    def _trip(self, vehicle: Vehicle, stops: tuple[Crew | Depot, ...]) -> Trip | None:
        return fastest(self.problem.travel_of(vehicle), vehicle, stops, self.fire)


def _missing(problem: Problem, trips: Sequence[PlannedTrip]) -> int:
    return sum(gap.short for gap in reserve_gaps(problem, trips))


def _soonest(trips: Iterable[Trip | None]) -> Trip | None:
    """Answer the trip that arrives first, ties by its name."""
    found = [trip for trip in trips if trip is not None and trip.arrives < inf]
    return min(found, key=lambda trip: (trip.arrives, trip.id), default=None)
