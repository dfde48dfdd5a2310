"""Every reason for passing a resource over, in the smallest case that has it."""

from dataclasses import replace

from firewatch.dispatch.explain import passed_over
from firewatch.dispatch.greedy import plan_greedily
from firewatch.dispatch.plan import Kind, PassedOver, Reason
from firewatch.dispatch.problem import Problem
from tests.unit.dispatch_cases import C1_TO_F1, D1_TO_F2, example_problem, one_fire, squad, store, truck

MINUTES = {"N": {"F": 10.0, "M": 1.0}, "M": {"F": 12.0, "N": 1.0}, "R": {"F": 90.0, "N": 80.0}, "LOST": {}}


def reasons(problem: Problem) -> dict[str, tuple[Reason, str | None, dict[str, float]]]:
    """What the greedy plan says of those who stay."""
    entries = plan_greedily(problem).passed_over
    return {entry.resource: (entry.reason, entry.incident, dict(entry.numbers)) for entry in entries}


def test_the_engine_kept_back_in_the_optimum_of_the_worked_example_is_the_reserve() -> None:
    entry = PassedOver("E1", Kind.VEHICLE, Reason.KEPT_FOR_RESERVE, "F1", {"minutes": 30, "latest": 33})
    assert passed_over(example_problem(), [C1_TO_F1, D1_TO_F2]) == [entry]


def test_without_a_fire_nobody_is_passed_over() -> None:
    assert passed_over(replace(example_problem(), incidents=[]), []) == []


def test_vehicles_crews_and_depots_are_listed_in_this_order_by_id() -> None:
    entries = passed_over(example_problem(), [])
    assert [(entry.kind, entry.resource) for entry in entries] == [
        (Kind.VEHICLE, "C1"),
        (Kind.VEHICLE, "D1"),
        (Kind.VEHICLE, "E1"),
        (Kind.CREW, "A1"),
        (Kind.DEPOT, "B"),
    ]


def test_too_far_and_not_needed_when_the_needs_are_met() -> None:
    problem = one_fire(
        {"people": 10},
        vehicles=[truck("V", "N", seats=24), truck("W", "M", crew=4), truck("X", "R", crew=4, turnout=5)],
        crews=[squad("A", "N", people=10), squad("B", "N", people=6, turnout=0)],
        depots=[store("S", "N", {"saw": 1})],
        minutes=MINUTES,
    )
    assert reasons(problem) == {
        "W": (Reason.TOO_FAR, "F", {"minutes": 12, "latest": 10}),
        "X": (Reason.TOO_FAR, "F", {"minutes": 95, "latest": 10}),
        "B": (Reason.NOT_NEEDED, "F", {"minutes": 10, "latest": 10}),
        "S": (Reason.BRINGS_NOTHING, None, {}),
    }


def test_may_not_attack_unless_support_is_needed() -> None:
    problem = one_fire(
        {"people": 4},
        vehicles=[truck("V", "N", crew=4)],
        crews=[squad("A", "N", people=7, may_attack=False)],
        minutes=MINUTES,
    )
    assert reasons(problem) == {"A": (Reason.MAY_NOT_ATTACK, "F", {"people": 7})}
    support = replace(problem, incidents=[replace(problem.incidents[0], needs={"people": 4, "support": 7})])
    assert reasons(support) == {}


def test_a_crew_of_nobody_or_one_that_may_not_attack_where_no_people_are_needed_brings_nothing() -> None:
    problem = one_fire(
        {"saw": 4},
        crews=[squad("A", "N", may_attack=False), squad("B", "N", people=0)],
        minutes=MINUTES,
    )
    assert reasons(problem) == {
        "A": (Reason.BRINGS_NOTHING, None, {}),
        "B": (Reason.BRINGS_NOTHING, None, {}),
    }


def test_no_seats_tells_the_roomiest_vehicle() -> None:
    problem = one_fire(
        {"people": 40},
        vehicles=[truck("V", "N", seats=8, crew=2), truck("W", "N", seats=4, crew=4)],
        crews=[squad("A", "N", people=7)],
        minutes=MINUTES,
    )
    assert reasons(problem) == {"A": (Reason.NO_SEATS, "F", {"people": 7, "seats": 6})}
    assert reasons(replace(problem, vehicles=[]))["A"] == (Reason.NO_SEATS, "F", {"people": 7, "seats": 0})


def test_no_vehicle_is_left_for_a_crew_or_a_depot_that_has_what_is_short() -> None:
    problem = one_fire(
        {"people": 40, "saw": 3},
        vehicles=[truck("V", "N", load=0)],
        crews=[squad("A", "N"), squad("B", "M", turnout=3)],
        depots=[store("S", "M", {"saw": 9}, loading=2)],
        minutes=MINUTES,
    )
    assert reasons(problem) == {
        "B": (Reason.NO_VEHICLE, "F", {"minutes": 15}),
        "S": (Reason.NO_VEHICLE, "F", {"minutes": 14}),
    }


def test_no_crew_is_left_for_an_empty_vehicle_while_something_is_short() -> None:
    problem = one_fire(
        {"people": 40},
        vehicles=[truck("V", "N"), truck("W", "M", turnout=4), truck("X", "N", seats=0)],
        crews=[squad("A", "N")],
        minutes=MINUTES,
    )
    assert reasons(problem) == {
        "W": (Reason.NO_CREW, "F", {"minutes": 16}),
        "X": (Reason.BRINGS_NOTHING, None, {}),
    }


def test_unreachable() -> None:
    problem = one_fire(
        {"people": 4},
        vehicles=[truck("V", "LOST", crew=4), truck("W", "N", seats=20)],
        crews=[squad("A", "LOST")],
        minutes=MINUTES,
    )
    assert reasons(problem) == {
        "V": (Reason.UNREACHABLE, "F", {}),
        "A": (Reason.UNREACHABLE, "F", {}),
        "W": (Reason.NO_CREW, "F", {"minutes": 10}),
    }


def test_a_fire_of_no_weight_asks_for_nothing() -> None:
    problem = one_fire({"people": 4}, vehicles=[truck("V", "N", crew=4)], minutes=MINUTES)
    weightless = replace(problem, incidents=[replace(problem.incidents[0], weight=0)])
    assert reasons(weightless) == {"V": (Reason.BRINGS_NOTHING, None, {})}


def test_the_reason_speaks_of_the_fire_that_is_short_or_else_of_the_nearest() -> None:
    first = one_fire(
        {"people": 4},
        vehicles=[truck("V", "N", crew=4), truck("W", "R")],
        depots=[store("S", "N", {"saw": 1})],
        minutes={**MINUTES, "R": {"F": 90.0, "G": 20.0, "N": 80.0}, "N": {"F": 10.0, "G": 70.0}},
    )
    second = replace(first.incidents[0], id="G", place="G", weight=0.5, needs={"saw": 1, "people": 1})
    problem = replace(first, incidents=[*first.incidents, second])
    assert reasons(problem)["S"] == (Reason.NO_VEHICLE, "G", {"minutes": 70})
    assert reasons(problem)["W"] == (Reason.NO_CREW, "G", {"minutes": 20})
