"""Programs in whole numbers: what is eased comes out whole all the same, and no answer is another for it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firewatch.dispatch.milp import Outcome, Program


def triangle() -> Program:
    """Of three, no two together: parts of them come to one and a half, wholes to one."""
    program = Program()
    three = program.add([1, 1, 1], eased=True)
    for pair in ((0, 1), (1, 2), (0, 2)):
        program.row(three[list(pair)], 1.0, high=1.0)
    return program


def test_what_is_eased_and_comes_out_in_parts_is_asked_for_as_wholes() -> None:
    answer = triangle().solve(-np.ones(3), 10.0)
    assert (answer.outcome, answer.objective, answer.bound) == (Outcome.OPTIMAL, -1.0, -1.0)
    assert answer.values is not None
    assert sorted(answer.values.tolist()) == [0, 0, 1]


def test_what_is_eased_is_made_whole_beside_an_answer_where_that_costs_nothing() -> None:
    program = triangle()
    other = program.add(5)
    program.row([*range(3), *other], [1, 1, 1, 2], low=2.4)
    program.row([0, 1], [1.0, -1.0], low=0.0, high=0.0)
    program.row([1, 2], [1.0, -1.0], low=0.0, high=0.0)
    # In parts the three come to one and a half, so that one other is enough; as wholes they come to nothing.
    assert replace(program, eased=[False] * 4).solve(np.array([0, 0, 0, 1.0]), 10.0).objective == 2.0
    assert program.solve(np.array([0, 0, 0, 1.0]), 10.0).objective == 2.0


@given(st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_easing_changes_no_value(seed: int) -> None:
    draw = np.random.default_rng(seed)
    program = Program()
    hard, eased = program.add(draw.integers(1, 4, 4)), program.add(draw.integers(1, 4, 5), eased=True)
    everything = np.concatenate([hard, eased])
    for _ in range(4):
        factors = draw.integers(-3, 5, 9)
        program.row(everything, factors.astype(np.float64), low=float(draw.integers(-2, 8)))
    for _ in range(2):
        program.row(eased, draw.integers(0, 3, 5).astype(np.float64), high=float(draw.integers(1, 9)))
    cost = draw.integers(0, 9, 9).astype(np.float64)
    found = program.solve(cost, 10.0)
    expected = replace(program.copy(), eased=[False] * 9).solve(cost, 10.0)
    assert found.outcome is expected.outcome
    assert found.objective == pytest.approx(expected.objective)
    if found.values is not None:
        assert found.values == pytest.approx(np.rint(found.values), abs=1e-5)
