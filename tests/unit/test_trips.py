"""Trips by hand, and the enumeration against its definition."""

import math
from itertools import permutations

import pytest
from hypothesis import given

from firewatch.dispatch.problem import Crew, Depot, Problem
from firewatch.dispatch.trips import Trip, arrival, crew_sets, depot_sets, enumerate_trips, fastest
from tests.unit.dispatch_cases import example_problem, one_fire, problems, squad, store, truck

LINE = {"V": {"A": 10.0, "B": 5.0, "F": 30.0}, "A": {"B": 4.0, "F": 20.0}, "B": {"A": 4.0, "F": 9.0}, "F": {}}


def line() -> Problem:
    """V – B – A – F, the depot twelve minutes of loading, the crew ready after 25."""
    return one_fire(
        {"people": 10},
        vehicles=[truck("V", "V", turnout=2)],
        crews=[squad("A", "A", turnout=25)],
        depots=[store("B", "B", {"saw": 1}, loading=12)],
        minutes=LINE,
    )


def test_turnout_waiting_and_loading_by_hand() -> None:
    problem = line()
    vehicle, crew, depot, fire = problem.vehicles[0], problem.crews[0], problem.depots[0], problem.incidents[0]
    assert arrival(problem.travel_of(vehicle), vehicle, (), fire) == 32  # 2 + 30
    assert arrival(problem.travel_of(vehicle), vehicle, (crew,), fire) == 45  # there at 12, waits until 25, + 20
    assert arrival(problem.travel_of(vehicle), vehicle, (depot,), fire) == 28  # there at 7, loaded at 19, + 9
    assert arrival(problem.travel_of(vehicle), vehicle, (crew, depot), fire) == 50  # 25 + 4 + 12 + 9
    assert arrival(problem.travel_of(vehicle), vehicle, (depot, crew), fire) == 45  # 19 + 4 = 23, waits until 25, + 20


def test_only_the_fastest_order_of_the_same_stops_is_a_trip() -> None:
    problem = line()
    vehicle, crew, depot, fire = problem.vehicles[0], problem.crews[0], problem.depots[0], problem.incidents[0]
    assert fastest(problem.travel, vehicle, (crew, depot), fire) == Trip("V", "F", ("B", "A"), 45)


def test_equal_orders_are_settled_by_the_ids() -> None:
    problem = example_problem()
    fire, vehicle = problem.incidents[0], problem.vehicles[0]
    crews = (squad("A2", "A", people=4), squad("A1", "A"))
    assert fastest(problem.travel, vehicle, crews, fire) == Trip("C1", "F1", ("A1", "A2"), 30)


def test_the_trip_of_the_worked_example_and_its_id() -> None:
    problem = example_problem()
    trip = fastest(problem.travel, problem.vehicles[0], (*problem.depots, *problem.crews), problem.incidents[0])
    assert trip == Trip("C1", "F1", ("A1", "B"), 33)
    assert trip.id == "C1|F1|A1|B"


def test_where_there_is_no_way_there_is_no_trip() -> None:
    problem = line()
    fire = problem.incidents[0]
    stranded = truck("W", "nowhere", crew=3)
    assert arrival(problem.travel, stranded, (), fire) == math.inf
    assert fastest(problem.travel, stranded, (), fire) is None
    assert list(enumerate_trips(one_fire({}, vehicles=[stranded]))) == []


def test_crews_are_not_split_and_somebody_is_aboard() -> None:
    crews = [squad("A", "P", people=10), squad("B", "P", people=4), squad("N", "P", people=0)]

    def names(seats: int, crew: int) -> list[str]:
        vehicle = truck("V", "P", seats=seats, crew=crew)
        return ["".join(each.id for each in chosen) for chosen in crew_sets(vehicle, crews, 2)]

    assert names(seats=12, crew=0) == ["A", "B", "AN", "BN"]
    assert names(seats=14, crew=0) == ["A", "B", "AB", "AN", "BN"]
    assert names(seats=9, crew=0) == ["B", "BN"]
    assert names(seats=12, crew=8) == ["", "B", "N", "BN"]
    assert names(seats=0, crew=0) == []


def test_depot_sets_hold_to_the_limit() -> None:
    depots = [store("B", "P", {}), store("C", "P", {})]
    assert [len(chosen) for chosen in depot_sets(depots, 1)] == [0, 1, 1]
    assert [len(chosen) for chosen in depot_sets(depots, 5)] == [0, 1, 1, 2]


def test_the_worked_example_has_twelve_trips() -> None:
    trips = [trip.id for trip in enumerate_trips(example_problem())]
    # C1 must pick up A1, with or without B; D1 and E1 are full, with or without B; each to either fire.
    assert len(trips) == len(set(trips)) == 12
    assert {"C1|F1|A1", "C1|F1|A1|B", "D1|F1", "D1|F1|B", "E1|F2", "E1|F2|B"} <= set(trips)


@given(problems())
def test_no_order_of_the_stops_is_faster_and_the_limits_hold(problem: Problem) -> None:
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    fires = {fire.id: fire for fire in problem.incidents}
    crews = {crew.id: crew for crew in problem.crews}
    stops: dict[str, Crew | Depot] = {**crews, **{depot.id: depot for depot in problem.depots}}
    trips = list(enumerate_trips(problem))
    assert len({trip.id for trip in trips}) == len(trips)
    for trip in trips:
        vehicle = vehicles[trip.vehicle]
        picked = [crews[stop].people for stop in trip.stops if stop in crews]
        assert sum(picked) + vehicle.crew <= vehicle.seats
        assert sum(picked) + vehicle.crew > 0
        assert len(picked) <= 2
        assert len(trip.stops) - len(picked) <= 1
        for order in permutations(trip.stops):
            way = [stops[stop] for stop in order]
            by_this = arrival(problem.travel_of(vehicle), vehicle, way, fires[trip.incident])
            assert trip.arrives <= by_this


@pytest.mark.parametrize("limit", [0, 1])
def test_a_limit_of_crews_is_kept(limit: int) -> None:
    crews = [squad("A", "P", people=1), squad("B", "P", people=1)]
    assert all(len(chosen) <= limit for chosen in crew_sets(truck("V", "P", crew=1), crews, limit))
    assert len(list(crew_sets(truck("V", "P", crew=1), crews, limit))) == 1 + 2 * limit
