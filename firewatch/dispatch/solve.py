"""The optimiser's plan: greedy first, then the search; whichever is better is the answer (dispatch.md §4).

Pure but for the caller's stopwatch. It takes as long as it is given and perhaps a little more: who must not wait runs
it in a process that can be killed.
"""

from collections.abc import Callable, Sequence
from typing import Any

from firewatch.dispatch.alike import pool
from firewatch.dispatch.explain import passed_over
from firewatch.dispatch.greedy import plan_greedily
from firewatch.dispatch.name_trips import named
from firewatch.dispatch.objectives import evaluate, reserve_gaps, shortages, vector
from firewatch.dispatch.plan import Plan, PlannedTrip, Status
from firewatch.dispatch.problem import Problem
from firewatch.dispatch.search import Search, search

SOLVER = "highs/1"


def plan_jointly(problem: Problem, remaining: Callable[[], float]) -> Plan:
    """Return the best plan found while seconds remain, proven optimal if it could be; its `seconds` are 0."""
    greedy = plan_greedily(problem)
    groups = pool(problem)
    found = search(groups, remaining, greedy.trips)
    # What is not proven may have gained early in the order of objectives and lost late: the better of the two counts.
    both: list[Sequence[PlannedTrip]] = [named(groups, found.best), greedy.trips]
    trips = min(both, key=lambda each: vector(problem, evaluate(problem, each)))
    return Plan(
        status=Status.FEASIBLE if found.gaps else Status.OPTIMAL,
        objectives=evaluate(problem, trips),
        trips=list(trips),
        shortages=shortages(problem, trips),
        reserve_gaps=reserve_gaps(problem, trips),
        passed_over=passed_over(problem, trips),
        proof=_proof(found),
        gap=found.gaps[0] if found.gaps else None,
    )


def _proof(found: Search) -> dict[str, Any]:
    """Return the certificate: for a sum its value and bound, for a time the arrival before it, which does not do."""
    return {"method": SOLVER, **found.proof}
