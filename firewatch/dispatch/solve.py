"""The optimiser's plan: greedy first, then the search; whichever is better is the answer (dispatch.md §4).

Pure but for the caller's stopwatch. It takes as long as it is given and perhaps a little more: who must not wait runs
it in a process that can be killed.
"""

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any

from firewatch.dispatch.alike import pool
from firewatch.dispatch.asking import Search
from firewatch.dispatch.cover import SLACK
from firewatch.dispatch.explain import passed_over
from firewatch.dispatch.greedy import plan_greedily
from firewatch.dispatch.name_trips import named
from firewatch.dispatch.objectives import evaluate, reserve_gaps, shortages, vector
from firewatch.dispatch.plan import Plan, PlannedTrip, Status, Values
from firewatch.dispatch.problem import Objective, Problem
from firewatch.dispatch.search import search

SOLVER = "highs/1"


def plan_jointly(problem: Problem, remaining: Callable[[], float]) -> Plan:
    """Return the best plan found while seconds remain, proven optimal if it could be; its `seconds` are 0."""
    greedy = plan_greedily(problem)
    groups = pool(problem)
    found = search(groups, remaining, greedy.trips)
    # What is not proven may have gained early in the order of objectives and lost late: the best of all counts.
    several = [*(named(groups, each) for each in (found.best, found.rescued) if each is not None), greedy.trips]
    trips: Sequence[PlannedTrip] = min(several, key=lambda each: vector(problem, evaluate(problem, each)))
    values = evaluate(problem, trips)
    return Plan(
        status=Status.OPTIMAL if found.proven else Status.FEASIBLE,
        objectives=values,
        trips=list(trips),
        shortages=shortages(problem, trips),
        reserve_gaps=reserve_gaps(problem, trips),
        passed_over=passed_over(problem, trips),
        proof=_proof(found),
        gap=None if found.proven else _gap(problem, values, found.bounds),
    )


def _proof(found: Search) -> dict[str, Any]:
    """Return the certificate: for a sum its value and bound, for a time the arrival before it, which does not do."""
    return {"method": SOLVER, **found.proof}


def _gap(problem: Problem, values: Values, bounds: Mapping[tuple[Objective, str], float]) -> float:
    """Return by which part of itself the first value that is not proven may yet fall; a value without a bound, by all.

    Objectives count in their order: of those behind it nothing can be said before it is settled.
    """
    for objective in problem.objectives:
        for fire, value in _each(problem, values, objective):
            bound = bounds.get((objective, fire), 0.0)
            if value > bound + SLACK * max(1.0, value):
                return 1.0 if value == inf else (value - bound) / value
    return 0.0


def _each(problem: Problem, values: Values, objective: Objective) -> list[tuple[str, float]]:
    """Return the values of an objective with their fires, in the order in which they count."""
    told = getattr(values, objective)
    if not isinstance(told, Mapping):
        return [("", told)]
    none = inf if objective is Objective.FIRST_ATTACK else 0.0
    return [(fire.id, none if told[fire.id] is None else told[fire.id]) for fire in problem.ranked_incidents()]
