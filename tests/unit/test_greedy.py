"""The greedy method: the worked example by hand, the corners, and what holds for every problem.

Permuting ids: the order of the lists never matters (the plan is equal), nor does a renaming that keeps the order of the
ids (the plan is the renamed one). Any other renaming keeps the objective values as long as no two trips tie, since only
ties look at ids; with ties it may not.
"""

import random
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from firewatch.dispatch import offers
from firewatch.dispatch.greedy import plan_greedily
from firewatch.dispatch.objectives import violations
from firewatch.dispatch.plan import Plan, Shortage, Status, Values
from firewatch.dispatch.problem import Problem
from firewatch.dispatch.trips import enumerate_trips
from tests.unit.dispatch_cases import (
    C1_TO_F1_AFTER_D1,
    D1_TO_F1,
    E1_TO_F2,
    example_problem,
    one_fire,
    problems,
    squad,
    store,
    truck,
)


def trip_ids(plan: Plan) -> list[str]:
    return [trip.id for trip in plan.trips]


def test_the_worked_example_by_hand() -> None:
    # Shortage removed per minute, one unit of a need counting 1/need.
    # F1 (10 people, 4 saws, 1 pump):
    #   D1          6/10 + 2/4 + 1 = 2.1 at 12   0.175    <- sent
    #   C1 by A1, B 10/10 + 4/4 + 1 = 3  at 33   0.091
    #   E1          8/10 + 0 + 1   = 1.8 at 30   0.060
    # F1 (4 people, 2 saws left):
    #   C1 by A1, B 4/10 + 2/4 = 0.9 at 33       0.027    <- sent, with 2 saws
    #   E1 by B     4/10 + 2/4 = 0.9 at 57       0.016    (42 + 15; E1 is full)
    #   E1          4/10       = 0.4 at 30       0.013
    # F2 (6 people, 2 saws, 1 pump), E1 is left:
    #   E1          6/6 + 1 = 2 at 22            0.091    <- sent
    #   E1 by B     6/6 + 2/2 + 1 = 3 at 82      0.037    (42 + 40)
    # Two saws stay short at F2; nobody is left within 20 minutes of Z.
    plan = plan_greedily(example_problem())
    assert plan.trips == [C1_TO_F1_AFTER_D1, D1_TO_F1, E1_TO_F2]
    assert plan.status is Status.FEASIBLE
    assert plan.gap is None
    assert plan.objectives == Values(1, 6, {"F1": 33, "F2": 22}, {"F1": 12, "F2": 22}, 67)
    assert plan.shortages == [Shortage("F2", "saw", 2)]
    assert [(gap.reserve, gap.short) for gap in plan.reserve_gaps] == [("Z", 6)]
    assert plan.passed_over == []
    assert violations(example_problem(), plan) == []


def test_the_heavier_fire_is_served_first() -> None:
    problem = example_problem()
    light, heavy = problem.incidents
    plan = plan_greedily(replace(problem, incidents=[light, replace(heavy, weight=2)]))
    # F2: D1 3.0 at 14 beats E1 2.0 at 22; F1 then gets C1 by A1 and B, all it needs.
    assert trip_ids(plan) == ["C1|F1|A1|B", "D1|F2"]
    assert plan.objectives.shortage == 0


def test_an_empty_problem_has_an_empty_plan() -> None:
    plan = plan_greedily(Problem([], [], {}))
    assert plan == Plan(Status.FEASIBLE, Values(0, 0, {}, {}, 0), [], [], [], [], {"method": "greedy"})


def test_without_a_fire_nothing_moves_and_nobody_is_passed_over() -> None:
    plan = plan_greedily(replace(example_problem(), incidents=[]))
    assert (plan.trips, plan.shortages, plan.passed_over) == ([], [], [])


def test_a_fire_that_needs_nothing_or_weighs_nothing_gets_nothing() -> None:
    problem = example_problem()
    first, second = problem.incidents
    plan = plan_greedily(replace(problem, incidents=[replace(first, needs={"people": 0}), replace(second, weight=0)]))
    assert plan.trips == []
    assert plan.objectives.shortage == 0


def test_arrivals_at_minute_zero_go_first_and_the_one_that_brings_most_leads() -> None:
    here = [truck("A", "F", crew=2), truck("B", "F", crew=6), truck("C", "N", crew=9)]
    problem = one_fire({"people": 6}, vehicles=here, minutes={"N": {"F": 1.0}})
    plan = plan_greedily(problem)
    assert trip_ids(plan) == ["B|F"]
    assert plan.objectives == Values(0, 0, {"F": 0}, {"F": 0}, 0)


def test_a_crew_too_big_for_the_seats_stays_whole_and_at_home() -> None:
    minutes = {"P": {"F": 10.0}}
    problem = one_fire({"people": 5}, vehicles=[truck("V", "P", seats=9)], crews=[squad("A", "P")], minutes=minutes)
    assert plan_greedily(problem).trips == []
    roomier = replace(problem, vehicles=[truck("V", "P", seats=10)])
    assert trip_ids(plan_greedily(roomier)) == ["V|F|A"]


def test_an_empty_vehicle_stays_and_a_crew_that_brings_nothing_needed_may_man_it() -> None:
    problem = one_fire(
        {"saw": 2},
        vehicles=[truck("V", "P")],
        depots=[store("S", "P", {"saw": 5})],
        minutes={"P": {"F": 10.0}},
    )
    assert plan_greedily(problem).trips == []
    manned = plan_greedily(replace(problem, crews=[squad("A", "P", may_attack=False)]))
    assert [(trip.id, trip.load, trip.people) for trip in manned.trips] == [("V|F|A|S", {"S": {"saw": 2}}, 0)]
    # Crews of nobody man nothing, however many of them stand nearer than the one that can.
    ghosts = [squad(f"0{i}", "P", people=0) for i in range(offers.KEPT_CREWS)]
    assert trip_ids(plan_greedily(replace(problem, crews=[*ghosts, squad("A", "P")]))) == ["V|F|A|S"]


def test_a_manned_vehicle_picks_up_nobody_who_brings_nothing_needed() -> None:
    problem = one_fire(
        {"people": 3},
        vehicles=[truck("V", "P", crew=3)],
        crews=[squad("A", "P", people=5), squad("B", "P", people=5, may_attack=False)],
        depots=[store("S", "P", {"saw": 5})],
        minutes={"P": {"F": 10.0}},
    )
    assert trip_ids(plan_greedily(problem)) == ["V|F"]


def test_scarce_room_goes_to_what_removes_most_shortage_and_nothing_is_loaded_beyond_a_need() -> None:
    problem = one_fire(
        {"flapper": 20, "pump": 2, "radio": 4},
        vehicles=[truck("V", "P", crew=4, load=5)],
        depots=[store("S", "P", {"flapper": 50, "pump": 9, "radio": 1})],
        minutes={"P": {"F": 10.0}},
    )
    assert plan_greedily(problem).trips[0].load == {"S": {"flapper": 2, "pump": 2, "radio": 1}}


def test_what_a_later_trip_brings_is_unloaded_again_and_the_depot_spared() -> None:
    # V leads with 5 people and 2 saws from S (1.5 at 11); W then comes for the people and has 2 saws of its own.
    problem = one_fire(
        {"people": 10, "saw": 2},
        vehicles=[truck("V", "P", crew=5), truck("W", "Q", crew=5, provides={"saw": 2})],
        depots=[store("S", "P", {"saw": 2}, loading=1)],
        minutes={"P": {"F": 10.0}, "Q": {"F": 90.0}},
    )
    plan = plan_greedily(problem)
    assert [(trip.id, trip.load, trip.arrives) for trip in plan.trips] == [("V|F", {}, 10), ("W|F", {}, 90)]
    assert violations(problem, plan) == []
    assert [entry.resource for entry in plan.passed_over] == ["S"]


def test_a_depot_that_is_spared_stays_a_stop_where_it_is_the_only_way() -> None:
    problem = one_fire(
        {"people": 10, "saw": 2},
        vehicles=[truck("V", "P", crew=5), truck("W", "Q", crew=5, provides={"saw": 2})],
        depots=[store("S", "S", {"saw": 2})],
        minutes={"P": {"S": 1.0}, "S": {"F": 10.0}, "Q": {"F": 90.0}},
    )
    plan = plan_greedily(problem)
    assert [(trip.id, trip.load, trip.arrives) for trip in plan.trips] == [("V|F|S", {}, 11), ("W|F", {}, 90)]
    assert violations(problem, plan) == []


def test_the_stock_unloaded_serves_the_next_fire() -> None:
    first = one_fire(
        {"people": 10, "saw": 2},
        vehicles=[truck("V", "P", crew=5), truck("W", "Q", crew=5, provides={"saw": 2}), truck("X", "P")],
        crews=[squad("H", "P", may_attack=False)],
        depots=[store("S", "P", {"saw": 2}, loading=1)],
        minutes={"P": {"F": 10.0, "G": 50.0}, "Q": {"F": 90.0}},
    )
    second = replace(first.incidents[0], id="G", place="G", needs={"saw": 2}, weight=0.5)
    problem = replace(first, incidents=[*first.incidents, second])
    plan = plan_greedily(problem)
    assert trip_ids(plan) == ["V|F", "W|F", "X|G|H|S"]
    assert plan.trips[2].load == {"S": {"saw": 2}}
    assert violations(problem, plan) == []


def test_an_unreachable_fire_gets_no_trip() -> None:
    problem = one_fire({"people": 5}, vehicles=[truck("V", "P", crew=5)], minutes={"P": {"Q": 1.0}, "F": {"P": 1.0}})
    plan = plan_greedily(problem)
    assert plan.trips == []
    assert plan.objectives.first_attack == {"F": None}


def test_a_large_seeded_alliance_holds_and_uses_the_pruned_search() -> None:
    rng = random.Random(20260401)  # noqa: S311 - reproducible test data, no secret
    at = {f"S{i}": (rng.uniform(0, 90), rng.uniform(0, 90)) for i in range(30)} | {"F": (45.0, 45.0)}
    minutes = {a: {b: abs(x - u) + abs(y - v) for b, (u, v) in at.items() if b != a} for a, (x, y) in at.items()}
    sites = sorted(at)
    problem = one_fire(
        {"people": 120, "saw": 9, "pump": 4},
        vehicles=[truck(f"V{i}", rng.choice(sites), crew=rng.choice([0, 0, 4])) for i in range(30)],
        crews=[squad(f"A{i}", rng.choice(sites), people=rng.randint(4, 12)) for i in range(30)],
        depots=[store(f"B{i}", rng.choice(sites), {"saw": 2, "pump": 1}, loading=5) for i in range(15)],
        minutes=minutes,
    )
    assert len(problem.crews) > offers.KEPT_CREWS
    assert len(problem.depots) > offers.KEPT_DEPOTS
    plan = plan_greedily(problem)
    assert plan.shortages == []
    assert violations(problem, plan) == []


def test_vehicles_far_away_are_looked_at_when_none_nearby_helps() -> None:
    nearby = [truck(f"V{i:02}", "A", crew=1) for i in range(offers.NEAR + 5)]
    problem = one_fire(
        {"pump": 2},
        vehicles=[*nearby, *(truck(name, "B", crew=1, provides={"pump": 1}) for name in ("X", "Y"))],
        minutes={"A": {"F": 10}, "B": {"F": 90}},
    )
    plan = plan_greedily(problem)
    assert [trip.vehicle for trip in plan.trips] == ["X", "Y"]
    assert plan.shortages == []


def test_who_finds_his_depots_emptied_looks_for_another() -> None:
    near = [f"N{i}" for i in range(offers.KEPT_DEPOTS)]
    problem = one_fire(
        {"pump": len(near) + 1},
        vehicles=[truck(f"V{i}", "A", crew=1, load=1) for i in range(len(near) + 1)],
        depots=[*(store(name, name, {"pump": 1}) for name in near), store("FAR", "B", {"pump": 9})],
        minutes={
            "A": {"F": 10, "B": 60, **dict.fromkeys(near, 5)},
            "B": {"F": 60},
            **{name: {"F": 8} for name in near},
        },
    )
    plan = plan_greedily(problem)
    assert plan.shortages == []
    assert [depot for trip in plan.trips for depot in trip.load].count("FAR") == 1


# What holds for every problem.


@given(problems())
def test_a_greedy_plan_always_holds(problem: Problem) -> None:
    assert violations(problem, plan_greedily(problem)) == []


@given(problems())
def test_no_trip_left_to_send_would_help(problem: Problem) -> None:
    plan = plan_greedily(problem)
    short = {(gap.incident, gap.capability) for gap in plan.shortages}
    sent = {trip.vehicle for trip in plan.trips}
    weights = {fire.id: fire.weight for fire in problem.incidents}
    waiting = [vehicle for vehicle in problem.vehicles if vehicle.id not in sent]
    direct = enumerate_trips(replace(problem, vehicles=waiting, crews=[], depots=[]))
    brings = {vehicle.id: vehicle.brings for vehicle in waiting}
    for trip in direct:
        helped = {name for name, units in brings[trip.vehicle].items() if units > 0 and (trip.incident, name) in short}
        assert not helped or weights[trip.incident] == 0


@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_the_lists_changes_nothing(problem: Problem, rng: random.Random) -> None:
    other = replace(
        problem,
        incidents=rng.sample(problem.incidents, len(problem.incidents)),
        vehicles=rng.sample(problem.vehicles, len(problem.vehicles)),
        crews=rng.sample(problem.crews, len(problem.crews)),
        depots=rng.sample(problem.depots, len(problem.depots)),
        reserves=rng.sample(problem.reserves, len(problem.reserves)),
    )
    assert plan_greedily(other) == plan_greedily(problem)


def renamed(problem: Problem, names: Mapping[str, str]) -> Problem:
    """The problem with other ids for its resources and fires; the places keep theirs."""
    return replace(
        problem,
        incidents=[replace(each, id=names[each.id]) for each in problem.incidents],
        vehicles=[replace(each, id=names[each.id]) for each in problem.vehicles],
        crews=[replace(each, id=names[each.id]) for each in problem.crews],
        depots=[replace(each, id=names[each.id]) for each in problem.depots],
    )


def all_ids(problem: Problem) -> list[str]:
    ids = [each.id for each in problem.incidents] + [each.id for each in problem.vehicles]
    return sorted(ids + [each.id for each in problem.crews] + [each.id for each in problem.depots])


@given(problems())
def test_a_renaming_that_keeps_the_order_renames_the_plan(problem: Problem) -> None:
    names = {name: f"{i:03d}" for i, name in enumerate(all_ids(problem))}
    plan, other = plan_greedily(problem), plan_greedily(renamed(problem, names))
    assert [(trip.vehicle, trip.incident, trip.stops) for trip in other.trips] == sorted(
        (names[trip.vehicle], names[trip.incident], tuple(names[stop] for stop in trip.stops)) for trip in plan.trips
    )
    assert (other.objectives.shortage, other.objectives.reserve, other.objectives.use) == (
        plan.objectives.shortage,
        plan.objectives.reserve,
        plan.objectives.use,
    )


@given(problems(fires=1, generic=True), st.randoms(use_true_random=False))
def test_any_renaming_keeps_the_values_when_nothing_ties(problem: Problem, rng: random.Random) -> None:
    ids = all_ids(problem)
    names = dict(zip(ids, rng.sample([f"{i:03d}" for i in range(len(ids))], len(ids)), strict=True))
    values, other = plan_greedily(problem).objectives, plan_greedily(renamed(problem, names)).objectives
    assert other == replace(
        values,
        complement={names[fire]: minutes for fire, minutes in values.complement.items()},
        first_attack={names[fire]: minutes for fire, minutes in values.first_attack.items()},
    )


@given(problems())
def test_merging_the_agencies_changes_nothing(problem: Problem) -> None:
    merged = replace(
        problem,
        vehicles=[replace(each, agency="one") for each in problem.vehicles],
        crews=[replace(each, agency="one") for each in problem.crews],
        depots=[replace(each, agency="one") for each in problem.depots],
    )
    assert plan_greedily(merged) == plan_greedily(problem)


@given(problems())
def test_resources_that_cannot_get_anywhere_change_nothing(problem: Problem) -> None:
    more = replace(
        problem,
        vehicles=[*problem.vehicles, truck("AA", "ISLE", crew=5), truck("ZZ", "ISLE")],
        crews=[squad("AAA", "ISLE", people=5), *problem.crews],
        depots=[store("AAB", "ISLE", {"saw": 9, "pump": 9}), *problem.depots],
        minutes={**problem.minutes, "ISLE": {}},
    )
    plan, other = plan_greedily(problem), plan_greedily(more)
    assert (other.trips, other.objectives) == (plan.trips, plan.objectives)
    assert {"AA", "ZZ", "AAA", "AAB"} <= {entry.resource for entry in other.passed_over} or not problem.incidents


@given(problems())
def test_those_who_may_not_attack_never_bring_people(problem: Problem) -> None:
    aboard = {vehicle.id: vehicle.crew for vehicle in problem.vehicles}
    fighters = {crew.id: crew.people for crew in problem.crews if crew.may_attack}
    for trip in plan_greedily(problem).trips:
        assert trip.people == aboard[trip.vehicle] + sum(fighters.get(crew, 0) for crew in trip.crews)
    alone = replace(problem, vehicles=[replace(each, crew=0) for each in problem.vehicles])
    alone = replace(alone, crews=[replace(each, may_attack=False) for each in problem.crews])
    assert all(trip.people == 0 for trip in plan_greedily(alone).trips)


@given(problems())
def test_every_resource_is_either_used_or_passed_over_with_a_reason(problem: Problem) -> None:
    plan = plan_greedily(problem)
    used = [name for trip in plan.trips for name in (trip.vehicle, *trip.crews)]
    used += {depot for trip in plan.trips for depot in trip.load}
    resources = sorted(set(all_ids(problem)) - {fire.id for fire in problem.incidents})
    assert sorted([*used, *(entry.resource for entry in plan.passed_over)]) == (resources if problem.incidents else [])
