"""Trips as arrays against trips one by one: the same, whatever the horizon."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from firewatch.dispatch.alike import Pool, pool
from firewatch.dispatch.problem import Problem
from firewatch.dispatch.tours import NONE, Tours, helpful, tours
from firewatch.dispatch.trips import enumerate_trips
from tests.unit.dispatch_cases import one_fire, problems, squad, truck

Named = tuple[str, frozenset[str], float]


def apart(problem: Problem) -> Problem:
    """The problem with no two resources alike: each has an own number of some capability that nobody asks for."""
    vehicles = [replace(each, provides={**each.provides, "n": n}) for n, each in enumerate(problem.vehicles, 1)]
    crews = [replace(each, provides={**each.provides, "n": n}) for n, each in enumerate(problem.crews, 1)]
    return replace(problem, vehicles=vehicles, crews=crews)


def named(groups: Pool, found: Tours) -> set[Named]:
    names = [group.one.id for group in groups.stops]
    return {
        (groups.vehicles[v].one.id, frozenset(names[s] for s in stops if s != NONE), round(minute, 6))
        for v, stops, minute in zip(found.vehicle.tolist(), found.stops.tolist(), found.arrives.tolist(), strict=True)
    }


@given(problems(fires=1), st.sampled_from([np.inf, 60.0, 25.0, 0.0]))
@settings(max_examples=80, deadline=None)
def test_tours_are_the_trips_that_bring_something(problem: Problem, horizon: float) -> None:
    problem = apart(problem)
    groups = pool(problem)
    for fire, incident in enumerate(groups.fires):
        every = {
            (trip.vehicle, frozenset(trip.stops), round(trip.arrives, 6))
            for trip in enumerate_trips(problem)
            if trip.incident == incident.id and trip.arrives <= horizon
        }
        found = tours(groups, fire, horizon)
        fastest = {(vehicle, stops): minute for vehicle, stops, minute in every}
        assert all(minute >= fastest[vehicle, stops] for vehicle, stops, minute in named(groups, found))
        assert list(found.arrives) == sorted(found.arrives)
        needed = set(groups.needs(fire))
        useless = {
            each.id for each in problem.crews if not needed & {name for name, n in each.brings.items() if n > 0}
        } | {each.id for each in problem.depots if not needed & {name for name, n in each.stock.items() if n > 0}}
        full = {each.id for each in problem.vehicles if each.load == 0}
        depots = {each.id for each in problem.depots}
        wanted = {trip for trip in every if not trip[1] & useless and not (trip[0] in full and trip[1] & depots)}
        assert wanted <= named(groups, found)


def test_a_trip_is_not_lost_for_the_last_bit_of_a_sum() -> None:
    # 0.3 + 0.2 + 0.1 is 0.6, and 0.3 + (0.2 + 0.1) is a little more: from Q the fire looks out of reach by 0.6.
    problem = one_fire(
        {"people": 4},
        vehicles=[truck("V", "P")],
        crews=[squad("A", "Q", people=2), squad("B", "R", people=2)],
        minutes={"P": {"Q": 0.3, "R": 0.5, "F": 0.6}, "Q": {"R": 0.2, "F": 0.2 + 0.1}, "R": {"F": 0.1}},
    )
    found = tours(pool(problem), 0, 0.6)
    assert 0.3 + (0.2 + 0.1) > 0.6
    assert {tuple(stops) for stops in found.stops.tolist()} == {(0, 1, NONE), (1, NONE, NONE)}


@given(problems(fires=1))
@settings(max_examples=30, deadline=None)
def test_what_helps_brings_something(problem: Problem) -> None:
    problem = apart(problem)
    groups = pool(problem)
    brings = {each.id: each.brings for each in problem.vehicles} | {each.id: each.brings for each in problem.crews}
    stock = {each.id: each.stock for each in problem.depots}
    loads = {each.id: each.load for each in problem.vehicles}
    for fire in range(len(groups.fires)):
        needed = groups.needs(fire)
        found = tours(groups, fire)
        helps = named(groups, found.some(helpful(groups, fire, found)))
        for vehicle, stops, minute in named(groups, found):
            amounts: list[Mapping[str, int]] = [brings[vehicle], *(brings.get(stop, {}) for stop in stops)]
            amounts += [stock[stop] for stop in stops if stop in stock and loads[vehicle] > 0]
            useful = any(each.get(name, 0) > 0 for each in amounts for name in needed)
            assert ((vehicle, stops, minute) in helps) == useful
