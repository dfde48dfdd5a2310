"""What sending as well would cost: by the direct drive, by whoever fetches, and what the reserve would lack."""

from dataclasses import asdict, replace

import pytest

from firewatch.dispatch.greedy import plan_greedily
from firewatch.dispatch.objectives import evaluate, reserve_gaps
from firewatch.dispatch.plan import PlannedTrip
from firewatch.dispatch.problem import Problem
from firewatch.dispatch.sending import Sending, sendings
from tests.unit.dispatch_cases import C1_TO_F1, D1_TO_F2, example_problem, one_fire, squad, store, truck

MINUTES = {"N": {"F": 10.0, "M": 1.0}, "M": {"F": 12.0, "N": 1.0}, "R": {"F": 90.0, "N": 80.0}, "LOST": {}}


def costs(problem: Problem) -> dict[str, tuple[str, float, float]]:
    """What the greedy plan of one fire says: who drives, when it is there, how much later all are there."""
    found = sendings(problem, plan_greedily(problem).trips, "F")
    return {name: (each.vehicle, each.arrives, each.later) for name, each in found.items()}


def test_the_engine_of_the_worked_example_costs_the_reserve_not_time() -> None:
    problem, trips = example_problem(), [C1_TO_F1, D1_TO_F2]
    found = sendings(problem, trips, "F1")
    cost = found["E1"]
    engine = next(each for each in problem.vehicles if each.id == "E1")
    as_well = PlannedTrip("E1", "F1", (), (), {}, engine.crew, cost.arrives)
    before, after = evaluate(problem, trips), evaluate(problem, [*trips, as_well])
    assert cost.arrives == engine.turnout + problem.travel(engine.place, problem.incidents[0].place)
    assert cost.later == (after.complement["F1"] or 0) - (before.complement["F1"] or 0)
    missing = [sum(gap.short for gap in reserve_gaps(problem, each)) for each in (trips, [*trips, as_well])]
    assert cost.reserve == missing[1] - missing[0] > 0


def test_who_drives_and_how_much_later() -> None:
    problem = one_fire(
        {"people": 10},
        vehicles=[
            truck("V", "N", seats=24),
            truck("W", "M", seats=4, crew=4),
            truck("X", "R", seats=4, crew=4, turnout=5),
        ],
        crews=[squad("A", "N", people=10), squad("B", "N", people=1, turnout=0)],
        depots=[store("S", "N", {"saw": 1}, loading=3)],
        minutes=MINUTES,
    )
    assert costs(problem) == {"W": ("W", 12, 2), "X": ("X", 95, 85), "S": ("W", 14, 4)}
    roomy = replace(problem, vehicles=[*problem.vehicles, truck("Y", "M", seats=9, crew=1)])
    assert costs(roomy)["B"] == ("Y", 11, 1)


def test_an_empty_vehicle_needs_somebody_to_man_it() -> None:
    vehicles = [truck("V", "N", seats=24, crew=10), truck("E", "N", seats=8)]
    alone = one_fire({"people": 10}, vehicles=vehicles, minutes=MINUTES)
    assert costs(alone) == {}
    manned = replace(alone, crews=[squad("A", "M", people=6), squad("B", "N", people=9)])
    assert costs(manned) == {"E": ("E", 13, 3), "A": ("E", 13, 3)}


def test_who_cannot_get_there_has_no_cost() -> None:
    problem = one_fire({"people": 10}, vehicles=[truck("V", "N", crew=10), truck("L", "LOST", crew=2)], minutes=MINUTES)
    assert costs(problem) == {}


def test_without_anybody_sent_all_is_later() -> None:
    problem = one_fire({"people": 10}, vehicles=[truck("V", "N", crew=4)], minutes=MINUTES)
    assert sendings(problem, [], "F") == {"V": Sending("V", "F", "V", 10, 10, 0)}
    assert set(asdict(sendings(problem, [], "F")["V"])) == {
        "resource",
        "incident",
        "vehicle",
        "arrives",
        "later",
        "reserve",
    }


@pytest.mark.parametrize("fire", ["F1", "F2"])
def test_every_resource_that_stays_is_told_for_each_fire(fire: str) -> None:
    assert set(sendings(example_problem(), [], fire)) == {"C1", "D1", "E1", "A1", "B"}
