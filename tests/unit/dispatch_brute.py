"""Every plan of a small problem, one after the other: the oracle of the optimiser, written from the design alone."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import permutations, product
from math import inf
from typing import Any

from firewatch.dispatch.problem import Crew, Depot, Incident, Problem, Vehicle

Trip = tuple[Vehicle, Incident, tuple[Crew, ...], tuple[Depot, ...], float]
Vector = tuple[float | tuple[float, ...], ...]


def best_vector(problem: Problem) -> Vector:
    """The smallest vector of objectives, in the problem's order, over all plans there are."""
    return min(_vector(problem, trips) for trips in _plans(problem, problem.vehicles, frozenset()))


def _plans(problem: Problem, vehicles: Sequence[Vehicle], taken: frozenset[str]) -> Iterator[tuple[Trip, ...]]:
    if not vehicles:
        yield ()
        return
    for rest in _plans(problem, vehicles[1:], taken):
        yield rest
    for trip in _trips(problem, vehicles[0]):
        crews = {crew.id for crew in trip[2]}
        if not crews & taken:
            for rest in _plans(problem, vehicles[1:], taken | crews):
                yield (trip, *rest)


def _trips(problem: Problem, vehicle: Vehicle) -> list[Trip]:
    """Every trip of a vehicle: each set of stops by its fastest order."""
    found = []
    for incident in problem.incidents:
        for crews in _sets(problem.crews, problem.limits.crews_per_trip):
            if sum(crew.people for crew in crews) > vehicle.seats - vehicle.crew:
                continue
            if vehicle.crew + sum(crew.people for crew in crews) == 0:
                continue
            for depots in _sets(problem.depots, problem.limits.depots_per_trip):
                minute = min(_drive(problem, vehicle, order, incident) for order in permutations((*crews, *depots)))
                if minute < inf:
                    found.append((vehicle, incident, crews, depots, minute))
    return found


def _sets(things: Sequence[object], most: int) -> list[tuple[Any, ...]]:
    masks = product((False, True), repeat=len(things))
    chosen = [tuple(thing for thing, taken in zip(things, mask, strict=True) if taken) for mask in masks]
    return [each for each in chosen if len(each) <= most]


def _drive(problem: Problem, vehicle: Vehicle, stops: Sequence[Crew | Depot], incident: Incident) -> float:
    minute, place = vehicle.turnout, vehicle.place
    for stop in stops:
        minute += _way(problem, place, stop.place, vehicle.speed_class)
        minute = max(minute, stop.turnout) if isinstance(stop, Crew) else minute + stop.loading
        place = stop.place
    return minute + _way(problem, place, incident.place, vehicle.speed_class)


def _way(problem: Problem, start: str, end: str, speed_class: str = "") -> float:
    table = problem.minutes_by_class.get(speed_class, problem.minutes)
    return 0 if start == end else table.get(start, {}).get(end, inf)


def _vector(problem: Problem, trips: Sequence[Trip]) -> Vector:
    ranked = sorted(problem.incidents, key=lambda fire: (-fire.weight, fire.id))
    arrivals = [[trip[4] for trip in trips if trip[1].id == fire.id] for fire in ranked]
    parts: dict[str, float | tuple[float, ...]] = {
        "shortage": _shortage(problem, trips),
        "reserve": _reserve(problem, trips),
        "complement": tuple(max(minutes, default=0.0) for minutes in arrivals),
        "first_attack": tuple(min(minutes, default=inf) for minutes in arrivals),
        "use": sum(trip[4] for trip in trips),
    }
    return tuple(
        round(part, 6) if isinstance(part, float) else part for part in map(parts.__getitem__, problem.objectives)
    )


def _reserve(problem: Problem, trips: Sequence[Trip]) -> float:
    gone = {trip[0].id for trip in trips}
    riding = {crew.id for trip in trips for crew in trip[2]}
    missing = 0.0
    for zone in problem.reserves:
        there = sum(
            each.crew
            for each in problem.vehicles
            if each.id not in gone and _way(problem, each.place, zone.place) <= zone.within
        ) + sum(
            each.people
            for each in problem.crews
            if each.may_attack and each.id not in riding and _way(problem, each.place, zone.place) <= zone.within
        )
        missing += zone.weight * max(0, zone.people - there)
    return missing


def _shortage(problem: Problem, trips: Sequence[Trip]) -> float:
    """The least weighted shortage of these trips, whatever is loaded: a search over loads, trip by trip."""
    needs = {(fire.id, name): need for fire in problem.incidents for name, need in fire.needs.items() if need > 0}
    short = dict(needs)
    for vehicle, fire, crews, _, _ in trips:
        for name in list(fire.needs):
            own = vehicle.crew if name == "people" else vehicle.provides.get(name, 0)
            for crew in crews:
                own += crew.provides.get(name, 0)
                own += crew.people if name == ("people" if crew.may_attack else "support") else 0
            if (fire.id, name) in short:
                short[fire.id, name] = max(0, short[fire.id, name] - own)
    weights = {key: fire.weight / needs[key] for fire in problem.incidents for key in needs if key[0] == fire.id}
    loads = [(trip[0].load, trip[1].id, depot) for trip in trips for depot in trip[3]]
    # With one depot a trip, a load is a choice of units by capability; what is left of stocks goes on to the next.
    keys = sorted(needs)
    depots = {depot.id: depot for _, _, depot in loads}
    names = sorted({name for depot in depots.values() for name in depot.stock})

    @cache
    def least(number: int, left: tuple[int, ...], stock: tuple[tuple[str, tuple[int, ...]], ...]) -> float:
        if number == len(loads):
            return sum(weights[key] * units for key, units in zip(keys, left, strict=True))
        room, fire, depot = loads[number]
        have = dict(stock)[depot.id]
        missing = dict(zip(keys, left, strict=True))
        choices = [range(min(units, missing.get((fire, name), 0)) + 1) for name, units in zip(names, have, strict=True)]
        best = inf
        for taken in product(*choices):
            if sum(taken) > room:
                continue
            after = {**missing, **{(fire, n): missing[fire, n] - t for n, t in zip(names, taken, strict=True) if t}}
            rest = {**dict(stock), depot.id: tuple(h - t for h, t in zip(have, taken, strict=True))}
            best = min(best, least(number + 1, tuple(after[key] for key in keys), tuple(sorted(rest.items()))))
        return best

    start = tuple(sorted((name, tuple(depot.stock.get(n, 0) for n in names)) for name, depot in depots.items()))
    return float(least(0, tuple(short.get(key, 0) for key in keys), start))
