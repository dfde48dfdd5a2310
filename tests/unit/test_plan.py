"""The plan format: written, read back equal, and strict about what is not a plan."""

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from firewatch.dispatch.greedy import plan_greedily
from firewatch.dispatch.plan import Plan, Status, dump_plan, parse_plan
from firewatch.dispatch.problem import Problem
from firewatch.errors import BadInput
from tests.unit.dispatch_cases import example_problem, problems


def greedy_example() -> dict[str, Any]:
    return dump_plan(plan_greedily(example_problem()))


def lists(plan: Plan) -> Plan:
    """The plan with lists for its sequences, as the reader makes them."""
    return replace(plan, trips=list(plan.trips), passed_over=list(plan.passed_over))


@given(problems())
def test_what_is_written_is_read_back_equal_through_real_json(problem: Problem) -> None:
    plan = plan_greedily(problem)
    assert parse_plan(json.loads(json.dumps(dump_plan(plan)))) == lists(plan)


def test_an_optimal_plan_has_no_gap_and_a_feasible_one_tells_it() -> None:
    plan = plan_greedily(example_problem())
    optimal = replace(plan, status=Status.OPTIMAL, proof={"method": "bisection"}, seconds=0.3)
    assert "gap" not in dump_plan(optimal)
    assert parse_plan(dump_plan(optimal)) == optimal
    assert dump_plan(plan)["gap"] is None
    assert dump_plan(replace(plan, gap=0.05))["gap"] == 0.05
    assert parse_plan(dump_plan(replace(plan, gap=0.05))).gap == 0.05


def test_the_trip_is_written_as_the_format_says() -> None:
    trips = {trip["vehicle"]: trip for trip in greedy_example()["trips"]}
    assert trips["C1"] == {
        "vehicle": "C1",
        "incident": "F1",
        "stops": ["A1", "B"],
        "crews": ["A1"],
        "load": {"B": {"saw": 2}},
        "people": 10,
        "arrives": 33,
    }


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        ("format", "firewatch-dispatch-problem/1", "format"),
        ("status", "splendid", "status"),
        ("status", "optimal", "status"),
        ("extra", 1, "extra"),
        ("trips", [{}], "trips[0]"),
        ("objectives", {}, "objectives"),
        ("passed_over", [{"resource": "E1", "kind": "plane", "reason": "too_far", "incident": None, "numbers": {}}],
         "passed_over[0].kind"),
        ("passed_over", [{"resource": "E1", "kind": "crew", "reason": "moody", "incident": None, "numbers": {}}],
         "passed_over[0].reason"),
        ("seconds", -1, "seconds"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field(key: str, value: object, field: str) -> None:
    data = copy.deepcopy(greedy_example())
    data[key] = value
    with pytest.raises(BadInput) as refusal:
        parse_plan(data)
    assert str(refusal.value).startswith(f"{field}: ")
