"""A plan changed by hand: trips left out, vehicles sent as well, and what that comes to. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from firewatch.dispatch.explain import passed_over
from firewatch.dispatch.objectives import brought, evaluate, reserve_gaps, shortages, violations
from firewatch.dispatch.plan import Plan, PlannedTrip, Status
from firewatch.dispatch.problem import PEOPLE, Problem
from firewatch.dispatch.trips import fastest
from firewatch.errors import BadInput

BY_HAND = "officer/1"
"""In the place of a solver's name."""


@dataclass(frozen=True)
class Sent:
    """A vehicle to be sent as well, straight to the fire or by way of a crew that it picks up."""

    vehicle: str
    crew: str | None = None


def changed(problem: Problem, plan: Plan, fire: str, leave_out: Collection[str], send: Sequence[Sent]) -> Plan:
    """Answer the plan without some vehicles' trips to a fire and with others sent there.

    What others load stays as it is, but for what those sent as well bring: nothing is loaded beyond a need. BadInput
    for what does not go: a vehicle or crew that the problem does not know or another trip has, no way, too few seats.
    """
    trips = [trip for trip in plan.trips if trip.incident != fire or trip.vehicle not in leave_out]
    for each in send:
        trips.append(_trip(problem, trips, fire, each))
    trips = _within_need(problem, fire, trips)
    new = Plan(
        status=Status.FEASIBLE,
        objectives=evaluate(problem, trips),
        trips=trips,
        shortages=shortages(problem, trips),
        reserve_gaps=reserve_gaps(problem, trips),
        passed_over=passed_over(problem, trips),
        proof={"method": BY_HAND},
    )
    if wrong := violations(problem, new):
        raise BadInput(wrong[0])
    return new


def _trip(problem: Problem, trips: Sequence[PlannedTrip], fire: str, sent: Sent) -> PlannedTrip:
    vehicles = {each.id: each for each in problem.vehicles}
    crews = {each.id: each for each in problem.crews}
    taken = {trip.vehicle for trip in trips}, {crew for trip in trips for crew in trip.crews}
    if sent.vehicle not in vehicles or sent.vehicle in taken[0]:
        raise BadInput(f"vehicle: {sent.vehicle} is not free")
    if sent.crew is not None and (sent.crew not in crews or sent.crew in taken[1]):
        raise BadInput(f"crew: {sent.crew} is not free")
    incident = next(each for each in problem.incidents if each.id == fire)
    stops = [crews[sent.crew]] if sent.crew is not None else []
    vehicle = vehicles[sent.vehicle]
    found = fastest(problem.travel_of(vehicle), vehicle, stops, incident)
    if found is None:
        raise BadInput(f"vehicle: there is no way for {sent.vehicle} to get there")
    trip = PlannedTrip(sent.vehicle, fire, found.stops, found.stops, {}, 0, found.arrives)
    return replace(trip, people=brought(problem, trip)[PEOPLE])


def _within_need(problem: Problem, fire: str, trips: Sequence[PlannedTrip]) -> list[PlannedTrip]:
    """Answer the trips with what is loaded for a fire cut to what nobody brings; the first to arrive load first."""
    needs = next(each.needs for each in problem.incidents if each.id == fire)
    there = [trip for trip in trips if trip.incident == fire]
    left = {name: need - sum(brought(problem, trip)[name] for trip in there) for name, need in needs.items()}
    cut: dict[str, PlannedTrip] = {}
    for trip in sorted(there, key=lambda trip: (trip.arrives, trip.id)):
        load: dict[str, dict[str, int]] = {}
        for depot, units in trip.load.items():
            for name, number in units.items():
                taken = max(0, min(number, left[name]))
                left[name] -= taken
                if taken:
                    load.setdefault(depot, {})[name] = taken
        cut[trip.vehicle] = replace(trip, load=load)
    return [cut[trip.vehicle] if trip.incident == fire else trip for trip in trips]
