"""Judging a plan: its objectives, what stays short, and whether it holds at all (dispatch.md §2, §3).

Works on any plan, whichever method made it; nothing here chooses.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import fsum, inf, isclose

from firewatch.dispatch.plan import Plan, PlannedTrip, ReserveGap, Shortage, Values
from firewatch.dispatch.problem import PEOPLE, Crew, Depot, Objective, Problem, Reserve, Vehicle
from firewatch.dispatch.trips import arrival

Vector = tuple[float | tuple[float, ...], ...]
"""One number or tuple per objective, in the problem's order; Python compares two of them as the plan's judge does."""


def evaluate(problem: Problem, trips: Sequence[PlannedTrip]) -> Values:
    """Answer the five objectives of dispatch.md §3.

    Sums are exact to the last bit (fsum), so the order of resources and fires in the problem does not touch them.
    """
    arrivals = {
        incident.id: [trip.arrives for trip in trips if trip.incident == incident.id]
        for incident in problem.ranked_incidents()
    }
    needs = {incident.id: incident for incident in problem.incidents}
    zones = {zone.id: zone for zone in problem.reserves}
    return Values(
        shortage=fsum(
            needs[gap.incident].weight * gap.short / needs[gap.incident].needs[gap.capability]
            for gap in shortages(problem, trips)
        ),
        reserve=fsum(zones[gap.reserve].weight * gap.short for gap in reserve_gaps(problem, trips)),
        complement={fire: max(minutes, default=None) for fire, minutes in arrivals.items()},
        first_attack={fire: min(minutes, default=None) for fire, minutes in arrivals.items()},
        use=fsum(trip.arrives for trip in trips),
    )


def vector(problem: Problem, values: Values) -> Vector:
    """Answer the objectives as a tuple in the problem's order: the smaller tuple is the better plan.

    A fire to which no trip goes counts 0 in the complement and infinite in the first attack.
    """
    ranked = [incident.id for incident in problem.ranked_incidents()]
    parts: dict[Objective, float | tuple[float, ...]] = {
        Objective.SHORTAGE: values.shortage,
        Objective.RESERVE: values.reserve,
        Objective.COMPLEMENT: tuple(_or(values.complement[fire], 0) for fire in ranked),
        Objective.FIRST_ATTACK: tuple(_or(values.first_attack[fire], inf) for fire in ranked),
        Objective.USE: values.use,
    }
    return tuple(parts[objective] for objective in problem.objectives)


def brought(problem: Problem, trip: PlannedTrip) -> Counter[str]:
    """Answer what the vehicle and its crews provide; what is loaded from depots comes on top."""
    vehicle = next(vehicle for vehicle in problem.vehicles if vehicle.id == trip.vehicle)
    total = Counter(vehicle.brings)
    for crew in problem.crews:
        if crew.id in trip.crews:
            total.update(crew.brings)
    return total


def loaded(trips: Sequence[PlannedTrip]) -> Counter[str]:
    """Answer the units taken from depots by these trips, by capability."""
    total: Counter[str] = Counter()
    for trip in trips:
        for units in trip.load.values():
            total.update(units)
    return total


def shortages(problem: Problem, trips: Sequence[PlannedTrip]) -> list[Shortage]:
    """Answer what never arrives, by rank of the fire, then by capability."""
    by_vehicle = {each.id: each.brings for each in problem.vehicles}
    by_crew = {each.id: each.brings for each in problem.crews}
    arrived = {incident.id: Counter[str]() for incident in problem.incidents}
    for trip in trips:
        there = arrived[trip.incident]
        for amounts in (by_vehicle[trip.vehicle], *(by_crew[crew] for crew in trip.crews), *trip.load.values()):
            there.update(amounts)
    return [
        Shortage(incident.id, capability, need - arrived[incident.id][capability])
        for incident in problem.ranked_incidents()
        for capability, need in sorted(incident.needs.items())
        if need > arrived[incident.id][capability]
    ]


def reserve_gaps(problem: Problem, trips: Sequence[PlannedTrip]) -> list[ReserveGap]:
    """Answer the people missing within reach of each zone, by id.

    Present are the crews that may attack and the crews aboard of vehicles that are not sent and whose minutes to
    the zone are within its limit, turnout not counted.
    """
    waiting = _waiting(problem, trips)
    gaps = []
    for zone in sorted(problem.reserves, key=lambda zone: zone.id):
        present = sum(people for _, people in _near(problem, waiting, zone))
        if present < zone.people:
            gaps.append(ReserveGap(zone.id, zone.people - present))
    return gaps


def kept_for_reserve(problem: Problem, trips: Sequence[PlannedTrip]) -> frozenset[str]:
    """Answer the crews and vehicles that stay and without which some zone would have too few people within reach."""
    waiting = _waiting(problem, trips)
    kept: set[str] = set()
    for zone in problem.reserves:
        near = _near(problem, waiting, zone)
        present = sum(people for _, people in near)
        kept.update(name for name, people in near if present - people < zone.people)
    return frozenset(kept)


def _waiting(problem: Problem, trips: Sequence[PlannedTrip]) -> list[tuple[str, str, int]]:
    """Answer name, place and people of those who count for a reserve and are not sent."""
    vehicles = {trip.vehicle for trip in trips}
    crews = {crew for trip in trips for crew in trip.crews}
    return [
        *((crew.id, crew.place, crew.people) for crew in problem.crews if crew.may_attack and crew.id not in crews),
        *((each.id, each.place, each.crew) for each in problem.vehicles if each.crew > 0 and each.id not in vehicles),
    ]


def _near(problem: Problem, waiting: Sequence[tuple[str, str, int]], zone: Reserve) -> list[tuple[str, int]]:
    return [(name, people) for name, place, people in waiting if problem.travel(place, zone.place) <= zone.within]


def violations(problem: Problem, plan: Plan) -> list[str]:
    """Answer what is wrong with a plan, each with the path of the field; a plan that holds answers nothing.

    Checked: every id is known; a vehicle makes one trip and a crew rides once; limits, seats and load hold;
    somebody is aboard; no stock is exceeded and nothing is loaded beyond a need; minutes, people, objectives,
    shortages and reserve gaps are what they come to.
    """
    unknown = list(_unknown_ids(problem, plan.trips))
    if unknown:
        return unknown
    wrong = [*_used_twice(plan.trips), *_overdrawn(problem, plan.trips), *_beyond_need(problem, plan.trips)]
    for i, trip in enumerate(plan.trips):
        wrong += [f"trips[{i}].{what}" for what in _trip_violations(problem, trip)]
    return wrong + list(_false_figures(problem, plan))


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _unknown_ids(problem: Problem, trips: Sequence[PlannedTrip]) -> Iterator[str]:
    vehicles = {vehicle.id for vehicle in problem.vehicles}
    incidents = {incident.id for incident in problem.incidents}
    crews = {crew.id for crew in problem.crews}
    depots = {depot.id for depot in problem.depots}
    for i, trip in enumerate(trips):
        if trip.vehicle not in vehicles:
            yield f"trips[{i}].vehicle: {trip.vehicle} is unknown"
        if trip.incident not in incidents:
            yield f"trips[{i}].incident: {trip.incident} is unknown"
        for stop in set(trip.stops) - crews - depots:
            yield f"trips[{i}].stops: {stop} is unknown"
        if trip.crews != tuple(stop for stop in trip.stops if stop in crews):
            yield f"trips[{i}].crews: must be the crews among the stops, in their order"
        if not set(trip.load) <= set(trip.stops) & depots:
            yield f"trips[{i}].load: must come from depots among the stops"


def _used_twice(trips: Sequence[PlannedTrip]) -> Iterator[str]:
    vehicles = Counter(trip.vehicle for trip in trips)
    crews = Counter(crew for trip in trips for crew in trip.crews)
    for used in (vehicles, crews):
        yield from (f"trips: {name} is sent {times} times" for name, times in used.items() if times > 1)


def _overdrawn(problem: Problem, trips: Sequence[PlannedTrip]) -> Iterator[str]:
    for depot in problem.depots:
        taken: Counter[str] = Counter()
        for trip in trips:
            taken.update(trip.load.get(depot.id, {}))
        for capability, units in sorted(taken.items()):
            stock = depot.stock.get(capability, 0)
            if units > stock:
                yield f"trips: {units} {capability} are taken from {depot.id}, which has {stock}"


def _beyond_need(problem: Problem, trips: Sequence[PlannedTrip]) -> Iterator[str]:
    for incident in problem.incidents:
        there = [trip for trip in trips if trip.incident == incident.id]
        provided = sum((brought(problem, trip) for trip in there), Counter[str]())
        for capability, units in sorted(loaded(there).items()):
            lacking = max(0, incident.needs.get(capability, 0) - provided[capability])
            if units > lacking:
                yield f"trips: {units} {capability} are loaded for {incident.id}, which lacks {lacking}"


def _trip_violations(problem: Problem, trip: PlannedTrip) -> Iterator[str]:
    vehicle = next(each for each in problem.vehicles if each.id == trip.vehicle)
    known: dict[str, Crew | Depot] = {crew.id: crew for crew in problem.crews}
    known.update({depot.id: depot for depot in problem.depots})
    stops = [known[stop] for stop in trip.stops]
    yield from _overloaded(problem, trip, vehicle, stops)
    incident = next(each for each in problem.incidents if each.id == trip.incident)
    minute = arrival(problem.travel_of(vehicle), vehicle, stops, incident)
    if not isclose(minute, trip.arrives, abs_tol=1e-9):
        yield f"arrives: {trip.arrives}, by these stops it is {minute}"
    people = brought(problem, trip)[PEOPLE]
    if trip.people != people:
        yield f"people: {trip.people}, those who may attack are {people}"


def _overloaded(problem: Problem, trip: PlannedTrip, vehicle: Vehicle, stops: Sequence[Crew | Depot]) -> Iterator[str]:
    picked = sum(stop.people for stop in stops if isinstance(stop, Crew))
    depots = [stop.id for stop in stops if isinstance(stop, Depot)]
    units = loaded([trip]).total()
    if vehicle.crew + picked == 0:
        yield "crews: nobody is aboard"
    if picked > vehicle.free_seats:
        yield f"crews: {picked} people do not fit on {vehicle.free_seats} free seats"
    if len(trip.crews) > problem.limits.crews_per_trip:
        yield f"crews: more than {problem.limits.crews_per_trip}"
    if len(depots) > problem.limits.depots_per_trip or len(depots) > len(set(depots)):
        yield f"stops: more than {problem.limits.depots_per_trip} depots, or one twice"
    if units > vehicle.load:
        yield f"load: {units} units, the vehicle takes {vehicle.load}"


def _false_figures(problem: Problem, plan: Plan) -> Iterator[str]:
    truth, told = evaluate(problem, plan.trips), plan.objectives
    for name in ("shortage", "reserve", "use"):
        if not isclose(getattr(truth, name), getattr(told, name), rel_tol=1e-9, abs_tol=1e-9):
            yield f"objectives.{name}: {getattr(told, name)}, it is {getattr(truth, name)}"
    for name in ("complement", "first_attack"):
        if getattr(truth, name) != getattr(told, name):
            yield f"objectives.{name}: {getattr(told, name)}, it is {getattr(truth, name)}"
    if set(plan.shortages) != set(shortages(problem, plan.trips)):
        yield "shortages: not those of the trips"
    if set(plan.reserve_gaps) != set(reserve_gaps(problem, plan.trips)):
        yield "reserve_gaps: not those of the trips"
