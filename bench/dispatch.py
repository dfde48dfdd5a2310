"""The optimiser on seeded instances (`bench/instances.py`): seconds to a proof, and what planning jointly gains.

    python -m bench.dispatch [--seeds 20] [--cases 1x160 3x160] [--seconds 60]

Prints for each size the seconds of the quick plan and of the optimiser, how many were proven, and on how many of the
same instances the joint plan is better than the quick one, than one fire after the other (each solved to its best), and
than each fire served by one agency alone, the one of the nearest vehicle. Wall seconds: run it on an idle machine;
the optimiser's CPU seconds beside them tell whether it was one.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from bench.instances import instance
from firewatch.dispatch.greedy import plan_greedily
from firewatch.dispatch.objectives import Vector, evaluate, vector
from firewatch.dispatch.plan import PlannedTrip, Status
from firewatch.dispatch.problem import Incident, Problem
from firewatch.dispatch.solve import plan_jointly

CASES = {"1x160": 2.0, "3x160": 10.0, "5x280": 20.0, "10x550": 60.0}
"""Fires × resources, and the seconds within which 19 of 20 ought to be proven."""
ENOUGH = 0.95

T = TypeVar("T")


@dataclass(frozen=True)
class Figures:
    quick_seconds: float
    seconds: float
    cpu_seconds: float
    proven: bool
    gap: float | None
    beats: dict[str, bool]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--cases", nargs="+", default=list(CASES), choices=list(CASES))
    parser.add_argument("--seconds", type=float, help="the limit (default: that of the case)")
    given = parser.parse_args()
    for case in given.cases:
        fires, resources = map(int, case.split("x"))
        limit = given.seconds or CASES[case]
        report(case, [figures(instance(seed, fires, resources, limit), limit) for seed in range(given.seeds)], limit)


def figures(problem: Problem, limit: float) -> Figures:
    """Solve an instance every way."""
    quick_seconds, quick = timed(lambda: plan_greedily(problem))
    began = time.process_time()
    seconds, plan = timed(lambda: plan_jointly(problem, until(limit)))
    cpu_seconds = time.process_time() - began
    joint = vector(problem, plan.objectives)
    others = {
        "the quick plan": vector(problem, quick.objectives),
        "one fire after the other": one_by_one(problem, limit),
        "own agency only": own_agency(problem, limit),
    }
    beats = {name: joint < other for name, other in others.items()}
    return Figures(quick_seconds, seconds, cpu_seconds, plan.status is Status.OPTIMAL, plan.gap, beats)


def timed(what: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    answer = what()
    return time.perf_counter() - began, answer


def until(limit: float) -> Callable[[], float]:
    end = time.perf_counter() + limit
    return lambda: end - time.perf_counter()


def one_by_one(problem: Problem, limit: float) -> Vector:
    """Plan the fires by rank, each by itself and to its best, with what the ones before have left."""
    trips: list[PlannedTrip] = []
    for fire in problem.ranked_incidents():
        trips += plan_jointly(_rest(problem, fire, trips), until(limit / len(problem.incidents))).trips
    return vector(problem, evaluate(problem, trips))


def own_agency(problem: Problem, limit: float) -> Vector:
    """Plan each fire out of one agency alone: the one of the vehicle that could be there first."""
    trips: list[PlannedTrip] = []
    for fire in problem.ranked_incidents():
        nearest = min(
            problem.vehicles,
            key=lambda each: (each.turnout + problem.travel(each.place, fire.place, each.speed_class), each.id),
        )
        rest = _rest(problem, fire, trips)
        own = replace(
            rest,
            vehicles=[each for each in rest.vehicles if each.agency == nearest.agency],
            crews=[each for each in rest.crews if each.agency == nearest.agency],
            depots=[each for each in rest.depots if each.agency == nearest.agency],
        )
        trips += plan_jointly(own, until(limit / len(problem.incidents))).trips
    return vector(problem, evaluate(problem, trips))


def _rest(problem: Problem, fire: Incident, trips: list[PlannedTrip]) -> Problem:
    """Return the problem of one fire without what some trips have taken."""
    vehicles, crews = {trip.vehicle for trip in trips}, {crew for trip in trips for crew in trip.crews}
    taken: dict[tuple[str, str], int] = {}
    for trip in trips:
        for depot, units in trip.load.items():
            for name, number in units.items():
                taken[depot, name] = taken.get((depot, name), 0) + number
    return replace(
        problem,
        incidents=[fire],
        vehicles=[each for each in problem.vehicles if each.id not in vehicles],
        crews=[each for each in problem.crews if each.id not in crews],
        depots=[
            replace(each, stock={name: units - taken.get((each.id, name), 0) for name, units in each.stock.items()})
            for each in problem.depots
        ],
    )


def report(case: str, found: list[Figures], limit: float) -> None:
    seconds = sorted(each.seconds for each in found)
    cpu = sorted(each.cpu_seconds for each in found)
    quick = sorted(each.quick_seconds for each in found)
    rank = max(0, round(ENOUGH * len(found)) - 1)
    near = sum(each.proven or (each.gap is not None and each.gap <= 1 - ENOUGH) for each in found)
    print(f"{case}: {len(found)} instances, limit {limit:g} s")
    print(f"  quick plan: median {statistics.median(quick):.3f} s, number {rank + 1} in order {quick[rank]:.3f} s")
    print(f"  optimiser: median {statistics.median(seconds):.2f} s, number {rank + 1} in order {seconds[rank]:.2f} s")
    print(f"  its CPU seconds: median {statistics.median(cpu):.2f}, number {rank + 1} in order {cpu[rank]:.2f}")
    print(f"  proven: {sum(each.proven for each in found)}, or within 5 %: {near}")
    for name in found[0].beats:
        print(f"  better than {name}: {sum(each.beats[name] for each in found)}", flush=True)


if __name__ == "__main__":
    main()
