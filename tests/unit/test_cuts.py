"""Mixed-integer rounding: no answer in whole numbers is cut off, and what is cut off was none."""

import itertools

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from firewatch.dispatch.cuts import Row, cut_off
from firewatch.dispatch.milp import Program


@st.composite
def rows(draw: st.DrawFn) -> tuple[Row, np.ndarray]:
    """A row of a few crews and perhaps of what may lack, and values that hold it."""
    crews = draw(st.lists(st.integers(-40, 40).filter(bool), min_size=1, max_size=5))
    lacking = draw(st.booleans())
    factors = np.array([*crews, *([1.0] if lacking else [])], dtype=float)
    most = np.array([draw(st.integers(1, 2)) for _ in crews] + [float(draw(st.integers(1, 30)))] * lacking, dtype=float)
    parts = np.array([draw(st.floats(0, 1)) for _ in factors]) * most
    whole = np.array([True] * len(crews) + [False] * lacking)
    low = float(np.floor(factors @ parts)) - draw(st.sampled_from([0.0, 0.5, 1e-6]))
    return Row(factors, most, whole, low), parts


@given(rows())
@settings(max_examples=400, deadline=None)
def test_no_whole_answer_is_cut_off(given_: tuple[Row, np.ndarray]) -> None:
    row, values = given_
    cut = cut_off(row, values)
    assume(cut is not None)
    assert cut is not None
    assert cut.factors @ values > cut.high
    for wholes in itertools.product(*(range(int(most) + 1) for most, w in zip(row.most, row.whole, strict=True) if w)):
        # What may lack may be all it takes, or more.
        lacks = (0.0, *np.linspace(0, row.most[-1], 7)) if not row.whole[-1] else (None,)
        needed = row.low - float(row.factors[: len(wholes)] @ np.array(wholes, dtype=float))
        for lack in (*lacks, *([needed] if lacks[0] is not None and 0 <= needed <= row.most[-1] else [])):
            answer = np.array([*wholes, *([] if lack is None else [lack])], dtype=float)
            if row.factors @ answer >= row.low - 1e-12:
                assert cut.factors @ answer <= cut.high + 1e-9


def test_two_crews_and_a_half_of_twenty_are_three() -> None:
    row = Row(np.full(4, 20.0), np.ones(4), np.ones(4, dtype=bool), 50.0)
    cut = cut_off(row, np.array([1.0, 1.0, 0.5, 0.0]))
    assert cut is not None
    assert cut.factors @ np.array([1.0, 1.0, 1.0, 0.0]) <= cut.high < cut.factors @ np.array([1.0, 1.0, 0.0, 0.0])


def test_whole_numbers_are_not_cut_off() -> None:
    row = Row(np.full(3, 20.0), np.ones(3), np.ones(3, dtype=bool), 40.0)
    assert cut_off(row, np.array([1.0, 1.0, 0.0])) is None


def test_parts_of_crews_are_refused_where_whole_ones_do_not_fit() -> None:
    def possible(room: float, rounds: int) -> bool:
        crews = Program()
        twenty_each = np.full(3, 20.0)
        columns = crews.add(np.ones(3))
        crews.row_of_wholes(columns, twenty_each, 50.0)
        crews.row(columns, twenty_each, high=room)
        return crews.possible(60.0, rounds)

    # Fifty people are needed, and 55 can be carried: two crews and a half, but neither two nor three.
    assert possible(55.0, rounds=0)
    assert not possible(55.0, rounds=3)
    assert possible(60.0, rounds=3)
