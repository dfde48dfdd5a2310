"""The problem format: what it reads, what it refuses, and that the refusal names the field."""

import copy
import json
import math
from typing import Any

import pytest
from hypothesis import given

from firewatch.dispatch.problem import (
    RESERVE_LATER,
    USUAL_ORDER,
    Limits,
    MinutesFrom,
    Problem,
    RoadsUse,
    dump_problem,
    parse_problem,
)
from firewatch.errors import BadInput
from tests.unit.dispatch_cases import example, example_problem, problems, squad, truck


def changed(path: str, value: object) -> dict[str, Any]:
    """The worked example with one value set, `del` to take it out."""
    data = copy.deepcopy(example())
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    at: Any = data
    for step in steps:
        at = at[step]
    if value == "del":
        del at[last]
    else:
        at[last] = value
    return data


def test_the_worked_example_is_read_as_written() -> None:
    problem = example_problem()
    assert [incident.needs for incident in problem.incidents] == [
        {"people": 10, "saw": 4, "pump": 1},
        {"people": 6, "saw": 2, "pump": 1},
    ]
    assert problem.limits == Limits(crews_per_trip=2, depots_per_trip=1, seconds=10)
    assert problem.objectives == USUAL_ORDER
    assert problem.travel("C", "A") == 10
    assert dump_problem(problem) == example()


@given(problems())
def test_what_is_written_is_read_back_equal_through_real_json(problem: Problem) -> None:
    data = json.loads(json.dumps(dump_problem(problem)))
    assert parse_problem(data) == problem
    assert dump_problem(parse_problem(data)) == data


def test_what_may_be_left_out_has_its_default() -> None:
    data = example()
    for key in ("objectives", "limits", "crews", "depots", "reserves"):
        del data[key]
    problem = parse_problem(data)
    assert problem.objectives == USUAL_ORDER
    assert problem.limits == Limits(crews_per_trip=2, depots_per_trip=1, seconds=60)
    assert not problem.crews
    assert not problem.depots
    assert not problem.reserves
    assert parse_problem(changed("limits", {"seconds": 3})).limits == Limits(seconds=3)


def test_the_reserve_may_be_moved_behind_the_first_attack() -> None:
    order = ["shortage", "complement", "first_attack", "reserve", "use"]
    assert parse_problem(changed("objectives", order)).objectives == RESERVE_LATER


def test_travel() -> None:
    problem = example_problem()
    assert problem.travel("C", "C") == 0
    assert problem.travel("C", "Z") == 55
    assert problem.travel("F1", "E") == 30
    assert problem.travel("nowhere", "C") == math.inf
    assert parse_problem(changed("minutes/C/A", "del")).travel("C", "A") == math.inf


def test_fires_rank_by_falling_weight_and_ties_by_id() -> None:
    problem = parse_problem(changed("incidents/1/weight", 2.5))
    assert [incident.id for incident in problem.ranked_incidents()] == ["F2", "F1"]
    assert [incident.id for incident in example_problem().ranked_incidents()] == ["F1", "F2"]


def test_ten_point_zero_is_ten_but_ten_and_a_half_people_are_none() -> None:
    assert parse_problem(changed("crews/0/people", 10.0)) == example_problem()


def test_a_node_may_be_named_as_an_end_alone() -> None:
    data = example()
    data["minutes"]["D"]["G"] = 5
    data["crews"][0]["place"] = "G"
    assert parse_problem(data).crews[0].place == "G"


@pytest.mark.parametrize(
    ("path", "value", "field", "why"),
    [
        ("format", "firewatch-dispatch-problem/2", "format", "is not the format"),
        ("surprise", 1, "surprise", "unknown key"),
        ("vehicles/1/colour", "red", "vehicles[1].colour", "unknown key"),
        ("limits/trips", 1, "limits.trips", "unknown key"),
        ("minutes", "del", "the document", "minutes is missing"),
        ("crews/0/may_attack", "del", "crews[0]", "may_attack is missing"),
        ("incidents/0/needs/saw", -1, "incidents[0].needs.saw", "0 or above"),
        ("incidents/0/needs/saw", 1.5, "incidents[0].needs.saw", "whole number"),
        ("incidents/0/needs/saw", "4", "incidents[0].needs.saw", "must be a number"),
        ("incidents/0/needs/saw", True, "incidents[0].needs.saw", "must be a number"),
        ("incidents/0/needs", [4], "incidents[0].needs", "must be an object"),
        ("incidents/0/needs", {"": 4}, "incidents[0].needs", "key"),
        ("incidents/0/weight", float("nan"), "incidents[0].weight", "finite"),
        ("incidents/1/needs/saw", 10**400, "incidents[1].needs.saw", "at most 1e+09"),
        ("incidents/1/weight", float("inf"), "incidents[1].weight", "finite"),
        ("incidents/1/place", "F9", "incidents[1].place", "is not a place of minutes"),
        ("vehicles/2/place", "G", "vehicles[2].place", "is not a place of minutes"),
        ("crews/0/place", "G", "crews[0].place", "is not a place of minutes"),
        ("depots/0/place", "G", "depots[0].place", "is not a place of minutes"),
        ("reserves/0/place", "G", "reserves[0].place", "is not a place of minutes"),
        ("incidents/1/id", "F1", "incidents[1].id", "already taken by incidents[0].id"),
        ("vehicles/2/id", "C1", "vehicles[2].id", "already taken by vehicles[0].id"),
        ("depots/0/id", "A1", "depots[0].id", "already taken by crews[0].id"),
        ("vehicles/1/id", "", "vehicles[1].id", "not empty"),
        ("vehicles/1/id", 7, "vehicles[1].id", "must be a text"),
        ("vehicles/1/seats", 5, "vehicles[1].crew", "do not fit"),
        ("vehicles/1/provides/people", 6, "vehicles[1].provides.people", "people are counted"),
        ("crews/0/provides/people", 6, "crews[0].provides.people", "people are counted"),
        ("depots/0/stock/people", 6, "depots[0].stock.people", "people are counted"),
        ("crews/0/may_attack", 1, "crews[0].may_attack", "true or false"),
        ("crews", {}, "crews", "must be an array"),
        ("crews", ["A1"], "crews[0]", "must be an object"),
        ("minutes/C/A", -10, "minutes.C.A", "0 or above"),
        ("minutes/C/C", 1, "minutes.C.C", "0 minutes"),
        ("minutes/C", 1, "minutes.C", "must be an object"),
        ("objectives", ["shortage"], "objectives", "reserve after first_attack"),
        ("objectives", ["use", "reserve", "complement", "first_attack", "shortage"], "objectives", "must be"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field_and_says_why(path: str, value: object, field: str, why: str) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_problem(changed(path, value))
    assert str(refusal.value).startswith(f"{field}: ")
    assert why in str(refusal.value)


@pytest.mark.parametrize("data", [None, [], "x", 3])
def test_what_is_no_object_is_refused(data: object) -> None:
    with pytest.raises(BadInput, match="the document: must be an object"):
        parse_problem(data)


def test_zero_minutes_from_a_place_to_itself_may_be_written_out() -> None:
    assert parse_problem(changed("minutes/C/C", 0)).travel("C", "C") == 0


def test_people_who_may_not_attack_are_support_and_never_people() -> None:
    attack = squad("A", "P", people=8, provides={"saw": 1})
    support = squad("B", "P", people=8, provides={"saw": 1, "support": 2}, may_attack=False)
    assert attack.brings == {"people": 8, "saw": 1}
    assert support.brings == {"support": 10, "saw": 1}


def test_those_aboard_of_a_vehicle_may_attack_and_take_their_seats() -> None:
    engine = truck("V", "P", seats=8, crew=6, provides={"pump": 1})
    assert engine.brings == {"people": 6, "pump": 1}
    assert engine.free_seats == 2
    assert truck("V", "P", seats=5, crew=6).free_seats == 0


def test_how_the_minutes_were_made_is_kept() -> None:
    assert parse_problem(example()).minutes_from is None
    made = {
        "roads": "used",
        "roads_on": "2026-11-01",
        "terrain": True,
        "estimated": ["D"],
        "closures": [3],
        "arrivals": 12,
        "walk": {"C": {"F1": 12.5}},
    }
    problem = parse_problem({**example(), "minutes_from": made})
    assert problem.minutes_from == MinutesFrom(
        RoadsUse.USED,
        "2026-11-01",
        terrain=True,
        estimated=("D",),
        closures=(3,),
        arrivals=12,
        walk={"C": {"F1": 12.5}},
    )
    assert dump_problem(problem)["minutes_from"] == made
    bare = parse_problem({**example(), "minutes_from": {"roads": "none"}})
    assert bare.minutes_from == MinutesFrom(RoadsUse.NONE)
    assert parse_problem(dump_problem(bare)) == bare
    with pytest.raises(BadInput, match=r"minutes_from\.roads: .* is not none, unusable or used"):
        parse_problem({**example(), "minutes_from": {"roads": "perhaps"}})


def test_a_class_of_vehicles_drives_by_its_own_table() -> None:
    given = example()
    slow = {start: {end: 2 * cell for end, cell in row.items()} for start, row in given["minutes"].items()}
    given["vehicles"][0]["speed_class"] = "heavy"
    problem = parse_problem({**given, "minutes_by_class": {"heavy": slow}})
    heavy, usual = problem.vehicles[0], problem.vehicles[1]
    fire = problem.incidents[0].place
    assert problem.travel_of(heavy)(heavy.place, fire) == 2 * problem.travel(heavy.place, fire)
    assert problem.travel_of(usual)(usual.place, fire) == problem.travel(usual.place, fire)
    assert parse_problem(dump_problem(problem)) == problem
    assert "minutes_by_class" not in dump_problem(example_problem())
    assert not any("speed_class" in vehicle for vehicle in dump_problem(example_problem())["vehicles"])
    with pytest.raises(BadInput, match=r"vehicles\[0\]\.speed_class: .* is not a class of minutes_by_class"):
        parse_problem(given)
