"""Trips as columns: what a trip is worth at any prices, and that a few trips at a time tell the bound of all."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firewatch.dispatch import columns, pricing
from firewatch.dispatch.alike import pool
from firewatch.dispatch.columns import Columns
from firewatch.dispatch.linear import Priced
from firewatch.dispatch.problem import Limits, Problem
from firewatch.dispatch.solve import plan_jointly
from firewatch.dispatch.tours import tours
from tests.unit.dispatch_cases import closed, one_fire, problems, store, truck


def columns_of(problem: Problem) -> Columns:
    """Every trip of a problem; nothing is held."""
    groups = pool(problem)
    return Columns(groups, [tours(groups, fire) for fire in range(len(groups.fires))], {})


@given(problems(), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_a_trip_is_worth_what_it_counts_in_the_rows_at_their_prices(problem: Problem, seed: int) -> None:
    model = columns_of(problem)
    draw = np.random.default_rng(seed)
    prices = draw.uniform(-5, 5, len(model.program.row_low))
    beyond = draw.uniform(-5, 5, len(model.program.high))
    for fire, trips in enumerate(model.lists):
        model.ask_first(fire, float(np.median(trips.arrives)) if len(trips) else None)
        trip, row, factor = model.cells(fire, np.arange(len(trips)))
        dearer = np.zeros(len(prices))
        for rows, sent, total in zip(model.fires[fire].sent_rows, model.fires[fire].sent, model.total, strict=True):
            dearer[rows] = np.maximum(beyond[sent], 0) + np.maximum(beyond[total], 0)
        worth = np.bincount(trip, (prices - dearer)[row] * factor, len(trips))
        assert model.worth(fire, Priced(0.0, prices, beyond, beyond)) == pytest.approx(worth)


@given(problems())
@settings(max_examples=60, deadline=None)
def test_a_few_trips_at_a_time_tell_the_bound_of_all(problem: Problem) -> None:
    found = []
    for first, each_time in ((0, 1), (10_000, 1)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(columns, "FIRST", first)
            patch.setattr(pricing, "EACH_TIME", each_time)
            model = columns_of(problem)
            # Every need is a gain: what could be brought at the most.
            patch.setattr(pricing, "CUTTING", 0)
            bound = pricing.relax(model, [-each.brings.sum(axis=1) for each in model.fires], lambda: 60.0)
            assert bound is not None
            found.append(bound.value)
    assert found[0] == pytest.approx(found[1], abs=1e-6)


@given(problems())
@settings(max_examples=60, deadline=None)
def test_cuts_raise_the_bound_and_no_plan_falls_below_it(problem: Problem) -> None:
    best = plan_jointly(problem, lambda: 60.0).objectives
    groups = pool(problem)
    lists = [tours(groups, fire) for fire in range(len(groups.fires))]
    arrives, bounds = [trips.arrives for trips in lists], []
    for rounds in (0, 20):
        model = Columns(groups, lists, {"shortage": best.shortage, "reserve": best.reserve})
        answer, made = model.whole(model.all_left(), 60)
        assert made is not None
        model.look_at([times > 0 for times in made])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pricing, "CUTTING", rounds)
            bound = pricing.relax(model, arrives, lambda: 60.0)
        assert bound is not None
        assert bound.value <= answer.objective + 1e-4
        for beyond, times in zip(bound.reduced, made, strict=True):
            assert (beyond[times > 0] <= answer.objective - bound.value + 1e-4).all(), "a trip of the best may matter"
        missed = pricing.relax(model, None, lambda: 60.0)
        assert missed is not None
        assert missed.value <= 1e-6
        bounds.append(bound.value)
    assert bounds[0] <= bounds[1] + 1e-4


def test_a_bound_is_told_though_there_is_no_time_for_a_better_one() -> None:
    near = {"P": 10, "Q": 20, "R": 31, "S": 47}
    minutes = closed({place: {"F": float(minute)} for place, minute in near.items()})
    problem = one_fire({"people": 50}, vehicles=[truck(f"V{p}", p, seats=20, crew=20) for p in near], minutes=minutes)
    bounds = []
    # Two vehicles and a half would do, and be there after 45.5 minutes in all; three are after 61.
    for seconds in ([], [60.0], [60.0] * 100):
        groups, left = pool(problem), iter(seconds)
        lists = [tours(groups, 0)]
        bound = pricing.relax(Columns(groups, lists, {"shortage": 0.0}), [lists[0].arrives], partial(next, left, 0.0))
        bounds.append(None if bound is None else round(bound.value, 1))
    assert bounds == [None, 45.5, 61.0]


def test_what_one_vehicle_loads_at_several_depots_has_room_in_it() -> None:
    problem = one_fire(
        {"saw": 6, "pump": 2},
        vehicles=[truck("V", "P", crew=2, load=5)],
        depots=[store("S", "P", {"saw": 6}), store("T", "Q", {"pump": 2})],
        minutes=closed({"P": {"F": 10.0, "Q": 5.0}, "Q": {"F": 10.0}}),
    )
    groups = pool(Problem(**{**vars(problem), "limits": Limits(2, 2)}))
    lists = [tours(groups, 0)]
    # Five units of eight: a saw in six and a pump in two are equally much, so 3 of 6 with 2 of 2 is the best.
    for lacking, fits in ((0.5, True), (0.49, False)):
        answer, made = Columns(groups, lists, {"shortage": lacking}).whole([np.arange(len(lists[0]))], 60)
        assert (made is not None) is fits, answer
