"""A stored decision solved again by the method that made it, and whether it comes to the same plan (dispatch.md §6)."""

from collections.abc import Callable
from dataclasses import dataclass

from firewatch.dispatch.by_hand import BY_HAND
from firewatch.dispatch.finish import OPEN
from firewatch.dispatch.greedy import plan_greedily
from firewatch.dispatch.objectives import violations
from firewatch.dispatch.plan import Plan, Status
from firewatch.dispatch.planning import GREEDY
from firewatch.dispatch.problem import Problem
from firewatch.dispatch.solve import SOLVER, plan_jointly
from firewatch.errors import BadInput


@dataclass(frozen=True)
class Again:
    """The plan that was found now, and in what the stored one differs from it or does not hold."""

    plan: Plan
    differences: list[str]


def solve_again(solver: str, problem: Problem, stored: Plan, remaining: Callable[[], float]) -> Again:
    """Solve a stored problem again and compare; BadInput when this version has not the method that made the plan.

    What was not proven may come out differently on another day's machine, and what a person changed cannot be computed:
    such a plan is verified against its problem instead. One of several that are as good, among which there was no time
    to choose, has to hold and to have the same values.
    """
    if solver == BY_HAND:
        return Again(stored, violations(problem, stored))
    if solver not in (GREEDY, SOLVER):
        raise BadInput(f"the plan was made by {solver}; this version has {GREEDY} and {SOLVER}")
    found = plan_greedily(problem) if solver == GREEDY else plan_jointly(problem, remaining)
    if solver == SOLVER and Status.FEASIBLE in (stored.status, found.status):
        return Again(found, violations(problem, stored))
    if OPEN in (stored.proof.get("ties"), found.proof.get("ties")):
        return Again(found, violations(problem, stored) + _other_values(stored, found))
    return Again(found, _differences(stored, found))


def _other_values(stored: Plan, found: Plan) -> list[str]:
    return ["objectives: others than stored"] if stored.objectives != found.objectives else []


def _differences(stored: Plan, found: Plan) -> list[str]:
    before, now = {trip.id: trip for trip in stored.trips}, {trip.id: trip for trip in found.trips}
    others = [name for name, trip in sorted(before.items()) if now.get(name, trip) != trip]
    return [
        *(f"{name}: was made and is not now" for name in sorted(before.keys() - now.keys())),
        *(f"{name}: is made now and was not" for name in sorted(now.keys() - before.keys())),
        *(f"{name}: loads or arrives otherwise" for name in others),
        *_other_values(stored, found),
    ]
