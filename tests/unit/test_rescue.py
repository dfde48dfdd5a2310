"""A search that runs out of time, wherever that may be: what it still makes of what it found."""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firewatch.dispatch import finish, rival
from firewatch.dispatch.alike import pool
from firewatch.dispatch.greedy import plan_greedily
from firewatch.dispatch.objectives import violations
from firewatch.dispatch.plan import Status
from firewatch.dispatch.problem import Objective, Problem
from firewatch.dispatch.search import search
from firewatch.dispatch.solve import plan_jointly
from tests.unit.dispatch_brute import best_vector
from tests.unit.dispatch_cases import rounded, small_problems


@given(small_problems(), st.integers(1, 60))
@settings(max_examples=150, deadline=None)
def test_whenever_time_is_over_the_plan_holds_and_its_bounds_are_honest(problem: Problem, looks: int) -> None:
    def stopwatch() -> Callable[[], float]:
        """Each look at it costs a second: so the search ends anywhere, in the midst of its rescue too."""
        left = iter(range(looks, 0, -1))
        return lambda: float(next(left, 0))

    found = plan_jointly(problem, stopwatch())
    assert violations(problem, found) == []
    best = best_vector(problem)
    assert rounded(problem, found.objectives) >= best
    assert found.status is not Status.OPTIMAL or rounded(problem, found.objectives) == best
    bounds = search(pool(problem), stopwatch(), plan_greedily(problem).trips).bounds
    for figure, least, bound in zip(
        flat(rounded(problem, found.objectives)), flat(best), told(problem, bounds), strict=True
    ):
        assert bound <= least + 1e-6
        if figure > bound + 1e-6:
            break  # of what comes behind a figure that may yet fall nothing is said


@given(small_problems())
@settings(max_examples=50, deadline=None)
def test_where_trips_are_too_many_to_be_settled_nothing_is_claimed(problem: Problem) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finish, "FEW", -1)
        patch.setattr(finish, "SUPPOSED", ((0.0, 0),))
        patch.setattr(rival, "TOO_MANY", -1)
        found = plan_jointly(problem, lambda: 60.0)
    assert violations(problem, found) == []
    best = best_vector(problem)
    assert rounded(problem, found.objectives) >= best
    assert found.status is not Status.OPTIMAL or rounded(problem, found.objectives) == best


def flat(values: tuple[object, ...]) -> list[float]:
    """The figures of a vector in a row."""
    return [figure for each in values for figure in (each if isinstance(each, tuple) else (each,))]


def told(problem: Problem, bounds: Mapping[tuple[Objective, str], float]) -> list[float]:
    """What each of them cannot go below, 0 where nothing is known."""
    by_fire = {Objective.COMPLEMENT, Objective.FIRST_ATTACK}
    fires = [fire.id for fire in problem.ranked_incidents()]
    names = [(what, fire) for what in problem.objectives for fire in (fires if what in by_fire else [""])]
    return [bounds.get(name, 0.0) for name in names]
