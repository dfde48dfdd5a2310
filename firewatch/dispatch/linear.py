"""A program without whole numbers, asked again and again: as it grows, or with its sums bounded otherwise each time.

The solver goes on from where it ended, which costs far less than beginning anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from firewatch.dispatch.milp import Program, SolverFailed, Sum, add_cuts, new_solver
from firewatch.indices.checks import Bools, Floats, Ints

DUAL, PRIMAL = 1, 4
"""HiGHS's numbers of the dual and the primal simplex method."""


@dataclass(frozen=True)
class Priced:
    """The least cost without whole numbers, and the prices of the rows.

    By variable of the program itself: what it costs `beyond` the prices, and its value.
    """

    value: float
    prices: Floats
    beyond: Floats
    values: Floats


class Growing:
    """A program without whole numbers to which variables are added between one solution and the next."""

    def __init__(self, program: Program, cost: Floats, high: Floats) -> None:
        """Begin with a program; `high` are its upper bounds here."""
        model = program.relaxed(cost)
        model.col_upper_ = high
        self._solver, self._rows, self._own = new_solver(np.inf, 0.0, "choose"), len(program.row_low), len(program.high)
        self._passed = self._solver.passModel(model)

    def add(self, cost: Floats, variable: Ints, row: Ints, factor: Floats) -> None:
        """Add a variable for each cost: in `row` it counts `factor`; `variable` is its place among those added."""
        cells, cell = np.unique(variable * self._rows + row, return_inverse=True)
        factors = np.bincount(cell, factor, len(cells)).astype(np.float64)
        starts = np.searchsorted(cells, np.arange(len(cost)) * self._rows).astype(np.int32)
        none, most = np.zeros(len(cost)), np.full(len(cost), np.inf)
        rows = (cells % self._rows).astype(np.int32)
        self._solver.addCols(len(cost), cost, none, most, len(cells), starts, rows, factors)

    def cut(self, cuts: Sequence[Sum]) -> None:
        """Add rows from above, of the program's own variables."""
        add_cuts(self._solver, cuts)
        # What was the best is none any more, but its prices hold: the dual method goes on from there.
        self._solver.setOptionValue("simplex_strategy", DUAL)

    def solve(self, seconds: float) -> Priced | None:
        """Return the least cost and the prices it comes of; None when time is over. Raises SolverFailed."""
        if seconds <= 0:
            return None
        self._solver.setOptionValue("time_limit", self._solver.getRunTime() + seconds)
        if highspy.HighsStatus.kError in (self._passed, self._solver.run()):
            raise SolverFailed
        status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kTimeLimit:
            return None
        if status == highspy.HighsModelStatus.kModelEmpty:
            return Priced(0.0, np.zeros(self._rows), np.zeros(self._own), np.zeros(self._own))
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverFailed
        # What was the best stays an answer when variables come: the primal method goes on from there.
        self._solver.setOptionValue("simplex_strategy", PRIMAL)
        found = self._solver.getSolution()
        beyond, values = (np.array(each[: self._own]) for each in (found.col_dual, found.col_value))
        return Priced(self._solver.getInfo().objective_function_value, np.array(found.row_dual), beyond, values)


class Bounded:
    """A program without whole numbers that is asked again and again, with some sums of its variables bounded."""

    def __init__(self, program: Program, cost: Floats, sums: Sequence[Ints]) -> None:
        """Begin with nothing bounded; a sum is that of some variables."""
        ruled, nothing = program.copy(), np.zeros(0)
        self._first = len(ruled.row_low)
        number = np.repeat(np.arange(len(sums)), [len(each) for each in sums])
        none = np.full(len(sums), np.inf)
        ruled.rows((number, np.concatenate([*sums, nothing.astype(np.int64)]), 1.0), -none, none)
        self._solver, self._high = new_solver(np.inf, 0.0, "off"), np.array(program.high)
        self._passed = self._solver.passModel(ruled.relaxed(cost))
        self._solver.setOptionValue("simplex_strategy", DUAL)
        self._low_now, self._high_now = -none, none
        self._shut = np.zeros(len(program.high), dtype=bool)

    def solve(self, low: Floats, high: Floats, shut: Bools, seconds: float) -> float | None:
        """Return the least cost with the sums bounded so and some variables shut at nothing, infinity if there is none.

        None when time is over. Raises SolverFailed.
        """
        for each in np.flatnonzero((low != self._low_now) | (high != self._high_now)).tolist():
            self._bound(each, float(low[each]), float(high[each]))
        changed = np.flatnonzero(shut != self._shut).astype(np.int32)
        most = np.where(shut[changed], 0.0, self._high[changed])
        self._solver.changeColsBounds(len(changed), changed, np.zeros(len(changed)), most)
        self._shut = shut
        return self._least(seconds)

    def found(self) -> tuple[Floats, Floats]:
        """Return of what was solved last the variables' values, and what each costs beyond the prices of the rows."""
        found = self._solver.getSolution()
        return np.array(found.col_value), np.array(found.col_dual)

    def tried(self, which: int, low: float, high: float, seconds: float) -> float | None:
        """Return the least cost with one sum bounded otherwise, and go back to where it was. None when time is over."""
        before, basis = (float(self._low_now[which]), float(self._high_now[which])), self._solver.getBasis()
        self._bound(which, low, high)
        least = self._least(seconds)
        self._bound(which, *before)
        self._solver.setBasis(basis)
        return least

    def _bound(self, which: int, low: float, high: float) -> None:
        self._solver.changeRowBounds(self._first + which, low, high)
        self._low_now[which], self._high_now[which] = low, high

    def _least(self, seconds: float) -> float | None:
        if seconds <= 0:
            return None
        self._solver.setOptionValue("time_limit", self._solver.getRunTime() + seconds)
        if highspy.HighsStatus.kError in (self._passed, self._solver.run()):
            raise SolverFailed
        status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kTimeLimit:
            return None
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return float(np.inf)
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverFailed
        return float(self._solver.getInfo().objective_function_value)
