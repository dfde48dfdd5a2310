"""Objectives against the worked example, and every kind of violation found in a plan bent on purpose."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from firewatch.dispatch.objectives import evaluate, reserve_gaps, shortages, vector, violations
from firewatch.dispatch.plan import Plan, PlannedTrip, ReserveGap, Shortage, Status, Values
from firewatch.dispatch.problem import RESERVE_LATER, Problem, Reserve
from tests.unit.dispatch_cases import (
    C1_TO_F1,
    C1_TO_F1_AFTER_D1,
    D1_TO_F1,
    D1_TO_F2,
    E1_TO_F1,
    E1_TO_F2,
    example_problem,
    one_fire,
    squad,
    store,
    truck,
)


def planned(problem: Problem, *trips: PlannedTrip) -> Plan:
    """The plan of these trips with true figures."""
    return Plan(
        status=Status.FEASIBLE,
        objectives=evaluate(problem, trips),
        trips=trips,
        shortages=shortages(problem, trips),
        reserve_gaps=reserve_gaps(problem, trips),
        passed_over=(),
        proof={},
    )


def test_the_optimum_of_the_worked_example() -> None:
    problem = example_problem()
    plan = planned(problem, C1_TO_F1, D1_TO_F2)
    assert plan.objectives == Values(0, 0, {"F1": 33, "F2": 14}, {"F1": 33, "F2": 14}, 47)
    assert vector(problem, plan.objectives) == (0, 0, (33, 14), (33, 14), 47)
    assert violations(problem, plan) == []


def test_the_optimum_without_the_zone_and_with_the_reserve_behind_the_first_attack() -> None:
    trips = (replace(C1_TO_F1, load={"B": {"saw": 4}}), D1_TO_F2, E1_TO_F1)  # E1 brings the pump
    without = replace(example_problem(), reserves=())
    assert evaluate(without, trips) == Values(0, 0, {"F1": 33, "F2": 14}, {"F1": 30, "F2": 14}, 77)
    assert violations(without, planned(without, *trips)) == []
    later = replace(example_problem(), objectives=RESERVE_LATER)
    values = evaluate(later, trips)
    assert values == Values(0, 6, {"F1": 33, "F2": 14}, {"F1": 30, "F2": 14}, 77)
    assert vector(later, values) == (0, (33, 14), (30, 14), 6, 77)
    assert reserve_gaps(later, trips) == [ReserveGap("Z", 6)]


def test_nearest_first_leaves_the_second_fire_two_saws_short() -> None:
    problem = example_problem()
    plan = planned(problem, D1_TO_F1, C1_TO_F1_AFTER_D1, E1_TO_F2)
    assert plan.shortages == [Shortage("F2", "saw", 2)]
    assert plan.objectives == Values(1, 6, {"F1": 33, "F2": 22}, {"F1": 12, "F2": 22}, 67)
    assert violations(problem, plan) == []


def test_the_optimum_beats_nearest_first_in_either_order_of_the_objectives() -> None:
    for objectives in (example_problem().objectives, RESERVE_LATER):
        problem = replace(example_problem(), objectives=objectives)
        best = vector(problem, evaluate(problem, [C1_TO_F1, D1_TO_F2]))
        assert best < vector(problem, evaluate(problem, [D1_TO_F1, C1_TO_F1_AFTER_D1, E1_TO_F2]))
        assert best < vector(problem, evaluate(problem, []))


def test_with_no_trip_all_is_short_and_the_times_are_not_known() -> None:
    problem = example_problem()
    values = evaluate(problem, [])
    assert values == Values(6, 0, {"F1": None, "F2": None}, {"F1": None, "F2": None}, 0)
    assert vector(problem, values) == (6, 0, (0, 0), (math.inf, math.inf), 0)
    assert len(shortages(problem, [])) == 6


def test_weights_multiply_shortage_and_reserve_and_a_need_of_nothing_is_none() -> None:
    problem = example_problem()
    heavy, light = problem.incidents
    problem = replace(
        problem,
        incidents=[replace(light, weight=0.5), replace(heavy, weight=3, needs={"people": 10, "saw": 4, "rake": 0})],
        reserves=[Reserve("Z", "Z", 20, 20, 2.5)],
    )
    values = evaluate(problem, [E1_TO_F1])
    assert values.shortage == pytest.approx(3 * (2 / 10 + 4 / 4) + 0.5 * 3)
    assert values.reserve == 2.5 * 20
    assert list(values.complement) == ["F1", "F2"]


def test_the_reserve_counts_attackers_within_reach_with_or_without_a_vehicle() -> None:
    problem = replace(
        one_fire(
            {},
            vehicles=[truck("V", "N", seats=5, crew=5, turnout=99), truck("W", "Z", crew=1)],
            crews=[
                squad("A", "N", people=4),
                squad("B", "N", people=8, may_attack=False),
                squad("C", "FAR", people=8),
                squad("D", "LOST", people=8),
            ],
            minutes={"N": {"Z": 20.0}, "FAR": {"Z": 20.1}, "LOST": {}, "Z": {"F": 1.0}},
        ),
        reserves=[Reserve("Z", "Z", 30, 20, 1), Reserve("Y", "Z", 10, 20, 1)],
    )
    assert reserve_gaps(problem, []) == [ReserveGap("Z", 20)]
    sent = PlannedTrip("W", "F", ("A",), ("A",), {}, 5, 21)
    assert reserve_gaps(problem, [sent]) == [ReserveGap("Y", 5), ReserveGap("Z", 25)]


def test_support_is_brought_by_those_who_may_not_attack() -> None:
    problem = one_fire(
        {"people": 5, "support": 10},
        vehicles=[truck("V", "P")],
        crews=[squad("A", "P", people=10, may_attack=False)],
        minutes={"P": {"F": 5.0}},
    )
    plan = planned(problem, PlannedTrip("V", "F", ("A",), ("A",), {}, 0, 5))
    assert plan.shortages == [Shortage("F", "people", 5)]
    assert violations(problem, plan) == []


Bend = Callable[[Problem], Plan]


def optimum(**first: Any) -> Bend:  # noqa: ANN401 - any field of the dataclass
    """The optimum with its first trip changed, the figures made true again."""
    return lambda problem: planned(problem, replace(C1_TO_F1, **first), D1_TO_F2)


def told(**figures: Any) -> Bend:  # noqa: ANN401 - any field of the dataclass
    """The optimum with its figures changed."""
    return lambda problem: replace(planned(problem, C1_TO_F1, D1_TO_F2), **figures)


def misjudged(**values: Any) -> Bend:  # noqa: ANN401 - any field of the dataclass
    """The optimum with its objectives changed."""

    def bend(problem: Problem) -> Plan:
        plan = planned(problem, C1_TO_F1, D1_TO_F2)
        return replace(plan, objectives=replace(plan.objectives, **values))

    return bend


@pytest.mark.parametrize(
    ("bend", "found"),
    [
        (optimum(crews=()), "trips[0].crews: must be"),
        (optimum(load={"A1": {"saw": 4}}), "trips[0].load: must come from"),
        (optimum(stops=("A1",)), "trips[0].load: must come from"),
        (optimum(stops=("A1", "G")), "trips[0].stops: G is unknown"),
        (optimum(stops=("A1", "A1", "B"), crews=("A1", "A1"), arrives=33), "trips: A1 is sent 2 times"),
        (optimum(stops=("A1", "B", "B")), "trips[0].stops: more than 1 depots"),
        (optimum(stops=("B",), crews=(), people=0, arrives=27), "trips[0].crews: nobody is aboard"),
        (optimum(arrives=32), "trips[0].arrives: 32, by these stops it is 33"),
        (optimum(people=9), "trips[0].people: 9, those who may attack are 10"),
        (optimum(load={"B": {"saw": 7}}), "trips: 7 saw are taken from B, which has 6"),
        (optimum(load={"B": {"rake": 1}}), "trips: 1 rake are taken from B, which has 0"),
        (optimum(load={"B": {"saw": 5}}), "trips: 5 saw are loaded for F1, which lacks 4"),
        (lambda problem: planned(problem, C1_TO_F1, C1_TO_F1), "trips: C1 is sent 2 times"),
        (lambda problem: planned(problem, D1_TO_F1, C1_TO_F1), "trips: 4 saw are loaded for F1, which lacks 2"),
        (misjudged(shortage=0.1), "objectives.shortage: 0.1, it is 0"),
        (misjudged(reserve=1), "objectives.reserve: 1, it is 0"),
        (misjudged(use=46), "objectives.use: 46, it is 47"),
        (misjudged(complement={"F1": 33, "F2": None}), "objectives.complement"),
        (misjudged(first_attack={}), "objectives.first_attack"),
        (told(shortages=[Shortage("F1", "saw", 1)]), "shortages: not those"),
        (told(reserve_gaps=[ReserveGap("Z", 1)]), "reserve_gaps: not those"),
    ],
)
def test_a_plan_that_does_not_hold_is_found_out(bend: Bend, found: str) -> None:
    problem = example_problem()
    assert any(what.startswith(found) for what in violations(problem, bend(problem)))


def test_unknown_vehicles_and_fires_are_found_before_anything_is_added_up() -> None:
    problem = example_problem()
    plan = replace(
        planned(problem, C1_TO_F1), trips=[replace(C1_TO_F1, vehicle="X9"), replace(D1_TO_F1, incident="F9")]
    )
    assert violations(problem, plan) == ["trips[0].vehicle: X9 is unknown", "trips[1].incident: F9 is unknown"]


def test_seats_load_and_limits_hold() -> None:
    problem = one_fire(
        {"people": 40, "saw": 40},
        vehicles=[truck("V", "P", seats=12, load=3)],
        crews=[squad("A", "P", people=6), squad("B", "P", people=6), squad("C", "P", people=1)],
        depots=[store("S", "P", {"saw": 9}), store("T", "P", {"saw": 9})],
        minutes={"P": {"F": 5.0}},
    )
    stops = ("A", "B", "C", "S", "T")
    trip = PlannedTrip("V", "F", stops, stops[:3], {"S": {"saw": 2}, "T": {"saw": 2}}, 13, 5)
    assert violations(problem, planned(problem, trip)) == [
        "trips[0].crews: 13 people do not fit on 12 free seats",
        "trips[0].crews: more than 2",
        "trips[0].stops: more than 1 depots, or one twice",
        "trips[0].load: 4 units, the vehicle takes 3",
    ]


def test_a_trip_where_there_is_no_way_is_found_out() -> None:
    problem = one_fire({"people": 1}, vehicles=[truck("V", "LOST", crew=1)])
    trip = PlannedTrip("V", "F", (), (), {}, 1, 5)
    assert violations(problem, planned(problem, trip)) == ["trips[0].arrives: 5, by these stops it is inf"]
