"""The smallest sum of arrivals: each of the two ways to it finds and proves it alone, and they end each other."""

import threading
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from bench.instances import instance
from firewatch.dispatch import finish, kinds, rival
from firewatch.dispatch.alike import pool
from firewatch.dispatch.asking import OutOfTime, Search
from firewatch.dispatch.columns import Columns
from firewatch.dispatch.greedy import plan_greedily
from firewatch.dispatch.objectives import violations
from firewatch.dispatch.plan import Status
from firewatch.dispatch.pricing import relax
from firewatch.dispatch.problem import Problem
from firewatch.dispatch.rival import Rival, below
from firewatch.dispatch.search import search
from firewatch.dispatch.solve import plan_jointly
from tests.unit.dispatch_brute import best_vector
from tests.unit.dispatch_cases import rounded, small_problems

BY_NUMBERS = ((finish, "FEW", -1), (kinds, "FEW", -1), (rival, "TRYING", 0.0), (rival, "TOO_MANY", -1))
"""The rival proves nothing, and no part is asked for in whole numbers before all its numbers are whole."""
BY_WHOLES = ((finish, "FEW", -1), (finish, "SUPPOSED", ((0.0, 0),)))
"""Nothing but what parts of trips come to is supposed: the rival alone finds what is more."""
FIRST_SUPPOSED_TOO_LITTLE = ((finish, "FEW", -1), (finish, "SUPPOSED", ((0.0, 8_000), (9.0, 8_000))), *BY_NUMBERS[1:])
"""Where the smallest sum is above what is supposed first, there is nothing below that."""


@pytest.mark.parametrize("way", [BY_NUMBERS, BY_WHOLES, FIRST_SUPPOSED_TOO_LITTLE])
def test_each_way_finds_and_proves_the_smallest_sum(way: tuple[tuple[Any, str, Any], ...]) -> None:
    @given(small_problems())
    @settings(max_examples=60, deadline=None)
    def found_and_proven(problem: Problem) -> None:
        found = plan_jointly(problem, lambda: 60.0)
        assert violations(problem, found) == []
        assert found.status is Status.OPTIMAL
        assert rounded(problem, found.objectives) == best_vector(problem)

    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in way:
            patch.setattr(module, name, value)
        found_and_proven()


@pytest.fixture(scope="module")
def crowded() -> Columns:
    """Fires that ask for nearly all there is, each with its time: what is left is the sum."""

    def later(_: Search) -> tuple[float, float]:
        raise OutOfTime

    problem = instance(4, 2, 100, 60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finish, "use", later)
        columns = search(pool(problem), minute(), plan_greedily(problem).trips).columns
    assert columns is not None
    return columns


def minute() -> Callable[[], float]:
    """What is left of a minute."""
    end = monotonic() + 60
    return lambda: end - monotonic()


def a_few_looks() -> Callable[[], float]:
    """So many questions, and then no time is left."""
    looks = iter([60.0] * 8)
    return lambda: next(looks, 0.0)


def test_both_ways_come_to_the_same_sum_over_thousands_of_trips(crowded: Columns) -> None:
    bound = relax(crowded, [trips.arrives for trips in crowded.lists], minute())
    assert bound is not None
    ceiling = 1.2 * bound.value
    division = kinds.Division(crowded, bound, below(crowded, bound, ceiling), ceiling)
    sums = [minutes(crowded, times) for times in division.search(minute())]
    assert sums == sorted(sums, reverse=True), "each is better than the one before"
    assert division.bound() == pytest.approx(sums[-1])
    answer, _ = crowded.whole(below(crowded, bound, ceiling), 60.0)
    assert answer.objective == pytest.approx(sums[-1])
    assert sums[-1] > bound.value + 1, "parts of trips do not tell it"


def test_a_search_that_has_no_time_left_goes_on_later(crowded: Columns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "FEW", 0)
    bound = relax(crowded, [trips.arrives for trips in crowded.lists], minute())
    assert bound is not None
    ceiling = 1.2 * bound.value
    division = kinds.Division(crowded, bound, below(crowded, bound, ceiling), ceiling)
    assert list(division.search(lambda: 0.0)) == []
    told, sums = [division.bound()], []
    for _ in range(1_000):
        sums += [minutes(crowded, times) for times in division.search(a_few_looks())]
        told.append(division.bound())
        if sums and told[-1] == pytest.approx(sums[-1]):
            break
    assert told[0] == pytest.approx(bound.value)
    assert told == sorted(told)
    assert len(told) > 2, "it was ended in the midst"
    assert told[-1] == pytest.approx(sums[-1])


def test_a_rival_that_is_told_to_stop_soon_does(crowded: Columns, monkeypatch: pytest.MonkeyPatch) -> None:
    bound = relax(crowded, [trips.arrives for trips in crowded.lists], minute())
    assert bound is not None
    monkeypatch.setattr(rival, "TRYING", 0.0)
    other = Rival(crowded, bound, 10 * bound.value, 600.0)
    sleep(0.2)
    other.stop()
    began = monotonic()
    other.wait()
    assert monotonic() - began < 10
    assert not [thread for thread in threading.enumerate() if thread.name == "rival"]


def minutes(columns: Columns, times: list[Any]) -> float:
    """The sum of arrivals."""
    return float(sum(trips.arrives @ np.asarray(often) for trips, often in zip(columns.lists, times, strict=True)))
