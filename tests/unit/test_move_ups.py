"""Who could stand by where a plan leaves a reserve short, and who is kept for one."""

from dataclasses import replace

from firewatch.dispatch.explain import passed_over
from firewatch.dispatch.move_ups import MoveUp, move_ups
from firewatch.dispatch.plan import PlannedTrip, Reason
from firewatch.dispatch.problem import Problem, Reserve
from tests.unit.dispatch_cases import C1_TO_F1, D1_TO_F2, E1_TO_F2, example_problem, squad, truck


def zones(*reserves: Reserve, minutes: dict[str, dict[str, float]]) -> Problem:
    """No fire, zones that need people, an engine of 4 at E, a truck at T and a crew of 8 at K."""
    return Problem(
        incidents=[],
        vehicles=[truck("E1", "E", seats=4, crew=4, turnout=2), truck("T1", "T")],
        minutes={place: minutes.get(place, {}) for place in "ETKZY"},
        crews=[squad("K1", "K", people=8, turnout=15)],
        depots=[],
        reserves=list(reserves),
    )


MINUTES: dict[str, dict[str, float]] = {
    "E": {"Z": 30, "Y": 10},
    "T": {"K": 5, "Z": 40, "Y": 50},
    "K": {"Z": 20, "Y": 60},
}
Z = Reserve("Z", "Z", 6, 15, 1)


def test_the_soonest_move_up_until_the_zone_has_enough() -> None:
    found = move_ups(zones(Z, minutes=MINUTES), [])
    # The engine: 2 + 30. The truck is at the crew after 5, which turns out by 15: 15 + 20.
    assert found == [MoveUp("Z", "E1", None, 4, 32), MoveUp("Z", "T1", "K1", 8, 35)]
    assert move_ups(zones(replace(Z, people=4), minutes=MINUTES), []) == found[:1]


def test_nobody_is_taken_from_a_zone_that_would_then_be_short() -> None:
    neighbour = Reserve("Y", "Y", 4, 10, 1)  # the engine is within its reach, and all it has
    assert move_ups(zones(Z, neighbour, minutes=MINUTES), []) == [MoveUp("Z", "T1", "K1", 8, 35)]


def test_the_heavier_zone_comes_first_and_nobody_moves_twice() -> None:
    far = Reserve("Y", "Y", 4, 5, 2)
    found = move_ups(zones(Z, far, minutes=MINUTES), [])
    assert found == [MoveUp("Y", "E1", None, 4, 12), MoveUp("Z", "T1", "K1", 8, 35)]


def test_who_is_within_reach_counts_already_and_who_cannot_come_does_not() -> None:
    assert move_ups(zones(replace(Z, within=20), minutes=MINUTES), []) == []
    assert move_ups(zones(Z, minutes={}), []) == []


def test_who_is_there_already_is_not_asked_to_come() -> None:
    # The engine is within reach of Z and counts; the crew is the rest of what Z lacks.
    assert move_ups(zones(replace(Z, within=30, people=15), minutes={**MINUTES, "K": {"Z": 40}}), []) == [
        MoveUp("Z", "T1", "K1", 8, 55)
    ]


def test_who_is_sent_moves_nowhere() -> None:
    problem = example_problem()
    # E1 was the reserve of Z; D1 and C1 with A1 fight, and nobody is left.
    assert move_ups(problem, [C1_TO_F1, D1_TO_F2, E1_TO_F2]) == []
    # D1 stays at home, 35 minutes from Z.
    assert move_ups(problem, [C1_TO_F1, E1_TO_F2]) == [MoveUp("Z", "D1", None, 6, 35)]


def reasons(problem: Problem, trips: list[PlannedTrip]) -> dict[str, Reason]:
    return {entry.resource: entry.reason for entry in passed_over(problem, trips)}


def test_who_is_kept_for_a_reserve_is_said_to_be() -> None:
    problem = example_problem()
    assert reasons(problem, [C1_TO_F1, D1_TO_F2])["E1"] is Reason.KEPT_FOR_RESERVE
    assert reasons(replace(problem, reserves=[]), [C1_TO_F1, D1_TO_F2])["E1"] is Reason.NOT_NEEDED
    spare = replace(problem, reserves=[replace(problem.reserves[0], people=2, within=60)])
    assert reasons(spare, [C1_TO_F1, D1_TO_F2])["E1"] is Reason.KEPT_FOR_RESERVE, "nobody else is left"
    assert reasons(spare, [C1_TO_F1])["E1"] is Reason.NOT_NEEDED, "the other engine would do for the zone"
