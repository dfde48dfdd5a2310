"""Why a resource stays where it is: machine-readable reasons for whatever a plan does not use.

Looks at the finished plan alone, so it explains any method's plan. The console renders reason and numbers in either
language.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from firewatch.dispatch.objectives import kept_for_reserve, shortages
from firewatch.dispatch.plan import Kind, PassedOver, PlannedTrip, Reason
from firewatch.dispatch.problem import PEOPLE, Crew, Depot, Incident, Problem, Vehicle


@dataclass(frozen=True)
class _Outcome:
    """A finished plan as seen by those who stay: what is short where, when the last one arrives, who is held back."""

    problem: Problem
    fires: Sequence[Incident]
    short: frozenset[tuple[str, str]]
    latest: Mapping[str, float]
    kept: frozenset[str]
    most_seats: int

    def needing(self, capabilities: Collection[str]) -> list[Incident]:
        """Answer the fires, by rank, that ask for any of these; a fire of no weight asks for nothing."""
        return [incident for incident in self.fires if any(incident.needs.get(name, 0) > 0 for name in capabilities)]


def passed_over(problem: Problem, trips: Sequence[PlannedTrip]) -> list[PassedOver]:
    """Answer one entry for every vehicle, crew and depot that no trip uses, in this order, by id.

    A depot is used when something is loaded there. With no fire nobody is passed over.
    """
    if not problem.incidents:
        return []
    outcome = _Outcome(
        problem,
        [incident for incident in problem.ranked_incidents() if incident.weight > 0],
        frozenset((gap.incident, gap.capability) for gap in shortages(problem, trips)),
        {
            incident.id: max((trip.arrives for trip in trips if trip.incident == incident.id), default=0)
            for incident in problem.incidents
        },
        kept_for_reserve(problem, trips),
        max((vehicle.free_seats for vehicle in problem.vehicles), default=0),
    )
    vehicles = {trip.vehicle for trip in trips}
    crews = {crew for trip in trips for crew in trip.crews}
    depots = {depot for trip in trips for depot in trip.load}
    return [
        *(_vehicle(outcome, each) for each in sorted(problem.vehicles, key=_id) if each.id not in vehicles),
        *(_crew(outcome, each) for each in sorted(problem.crews, key=_id) if each.id not in crews),
        *(_depot(outcome, each) for each in sorted(problem.depots, key=_id) if each.id not in depots),
    ]


def _id(resource: Vehicle | Crew | Depot) -> str:
    return resource.id


def _vehicle(outcome: _Outcome, vehicle: Vehicle) -> PassedOver:
    if vehicle.crew > 0:
        return _stays(outcome, vehicle, Kind.VEHICLE, _some(vehicle.brings), vehicle.turnout, None)
    # An empty vehicle helps with whatever is needed by carrying it, as far as it can carry anybody.
    needs = {name for incident in outcome.problem.incidents for name in incident.needs}
    carries = needs if vehicle.seats > 0 else set()
    return _stays(outcome, vehicle, Kind.VEHICLE, carries, vehicle.turnout, Reason.NO_CREW)


def _crew(outcome: _Outcome, crew: Crew) -> PassedOver:
    stays = _stays(outcome, crew, Kind.CREW, _some(crew.brings), crew.turnout, Reason.NO_VEHICLE)
    if stays.reason is Reason.BRINGS_NOTHING:
        fires = outcome.needing([PEOPLE])
        if crew.may_attack or not fires:
            return stays
        return PassedOver(crew.id, Kind.CREW, Reason.MAY_NOT_ATTACK, fires[0].id, {"people": crew.people})
    if crew.people > outcome.most_seats:
        numbers = {"people": crew.people, "seats": outcome.most_seats}
        return PassedOver(crew.id, Kind.CREW, Reason.NO_SEATS, stays.incident, numbers)
    return stays


def _depot(outcome: _Outcome, depot: Depot) -> PassedOver:
    return _stays(outcome, depot, Kind.DEPOT, _some(depot.stock), depot.loading, Reason.NO_VEHICLE)


def _some(amounts: Mapping[str, int]) -> set[str]:
    return {capability for capability, quantity in amounts.items() if quantity > 0}


def _stays(
    outcome: _Outcome,
    resource: Vehicle | Crew | Depot,
    kind: Kind,
    has: Collection[str],
    ready: float,
    if_short: Reason | None,
) -> PassedOver:
    """Answer why a resource stays: `if_short` where a fire in reach lacks what it has, else by its distance."""
    needing = outcome.needing(has)
    if not needing:
        return PassedOver(resource.id, kind, Reason.BRINGS_NOTHING, None, {})
    drives = resource.speed_class if isinstance(resource, Vehicle) else ""
    minutes = {each.id: ready + outcome.problem.travel(resource.place, each.place, drives) for each in needing}
    reachable = [incident.id for incident in needing if minutes[incident.id] < inf]
    if not reachable:
        return PassedOver(resource.id, kind, Reason.UNREACHABLE, needing[0].id, {})
    lacking = [fire for fire in reachable if any((fire, name) in outcome.short for name in has)]
    if lacking and if_short is not None:
        return PassedOver(resource.id, kind, if_short, lacking[0], {"minutes": minutes[lacking[0]]})
    # Where it would be in time the question is why it was not sent; else it was not because it is too far.
    in_time = [fire for fire in reachable if minutes[fire] <= outcome.latest[fire]]
    nearest = min(in_time or reachable, key=lambda fire: minutes[fire])
    near = Reason.KEPT_FOR_RESERVE if resource.id in outcome.kept else Reason.NOT_NEEDED
    numbers = {"minutes": minutes[nearest], "latest": outcome.latest[nearest]}
    return PassedOver(resource.id, kind, near if in_time else Reason.TOO_FAR, nearest, numbers)
