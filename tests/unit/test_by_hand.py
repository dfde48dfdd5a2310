"""A plan changed by hand holds, or says why it cannot be."""

from dataclasses import replace

import pytest

from firewatch.dispatch.by_hand import Sent, changed
from firewatch.dispatch.objectives import violations
from firewatch.dispatch.plan import Plan
from firewatch.dispatch.problem import Problem
from firewatch.dispatch.solve import plan_jointly
from firewatch.errors import BadInput
from tests.unit.dispatch_cases import example_problem, squad


@pytest.fixture
def problem() -> Problem:
    return example_problem()


@pytest.fixture
def best(problem: Problem) -> Plan:
    return plan_jointly(problem, lambda: 60.0)


def test_a_vehicle_sent_as_well_is_counted_and_the_reserve_with_it(problem: Problem, best: Plan) -> None:
    new = changed(problem, best, "F1", [], [Sent("E1")])
    assert violations(problem, new) == []
    assert (new.objectives.first_attack["F1"], new.objectives.reserve, new.objectives.use) == (30, 6, 77)
    # The engine brings the pump itself: the truck loads none any more.
    loads = {trip.vehicle: trip.load for trip in new.trips}
    assert loads["C1"] == {"B": {"saw": 4}}
    assert loads["E1"] == {}


def test_a_vehicle_left_out_is_missing(problem: Problem, best: Plan) -> None:
    new = changed(problem, best, "F2", ["D1"], [])
    assert violations(problem, new) == []
    assert {(gap.incident, gap.capability, gap.short) for gap in new.shortages} == {
        ("F2", "people", 6),
        ("F2", "pump", 1),
        ("F2", "saw", 2),
    }
    assert new.trips == [trip for trip in best.trips if trip.incident == "F1"]


def test_another_fires_trips_are_left_alone(problem: Problem, best: Plan) -> None:
    assert changed(problem, best, "F2", ["C1"], []).trips == best.trips


def test_a_crew_is_fetched(problem: Problem, best: Plan) -> None:
    more = replace(problem, crews=[*problem.crews, squad("K1", "E", people=2)])
    empty = replace(more, vehicles=[replace(each, seats=12) if each.id == "E1" else each for each in more.vehicles])
    new = changed(empty, best, "F2", [], [Sent("E1", "K1")])
    [trip] = [trip for trip in new.trips if trip.vehicle == "E1"]
    assert (trip.stops, trip.crews, trip.people, trip.arrives) == (("K1",), ("K1",), 10, 22)


@pytest.mark.parametrize(
    ("send", "says"),
    [
        (Sent("D1"), "vehicle: D1 is not free"),
        (Sent("X9"), "vehicle: X9 is not free"),
        (Sent("E1", "A1"), "crew: A1 is not free"),
        (Sent("E1", "K9"), "crew: K9 is not free"),
        (Sent("E1", "K1"), "2 people do not fit on 0 free seats"),
        (Sent("E1", "L1"), "there is no way"),
    ],
)
def test_what_does_not_go_says_why(problem: Problem, best: Plan, send: Sent, says: str) -> None:
    more = replace(problem, crews=[*problem.crews, squad("K1", "E", people=2), squad("L1", "Nowhere", people=2)])
    with pytest.raises(BadInput, match=says):
        changed(more, best, "F1", [], [send])
