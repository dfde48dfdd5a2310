"""A mixed-integer program put together by arrays and handed to HiGHS: one thread, one seed, one answer each time."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from threading import Event
from time import monotonic

import highspy
import numpy as np
import numpy.typing as npt

from firewatch.dispatch.cuts import Row, cut_off
from firewatch.indices.checks import Bools, Floats, Ints

ROUNDING = 1e-6
"""How far a whole number of the solver's may be off."""


BESIDE = 1.0
"""Seconds, at the least, to have what is eased whole beside an answer: a question of some dozen variables."""
SMALL = 2_500
"""Variables; a program with no more is soon solved without presolve, too."""
CUTS_LAST = 50
"""Rounds that a cut stays that does not bind: longer than usual, the same branches ask for it again."""
ROUNDS = 3
"""Rounds of cuts, at the most, before parts of variables are said to do."""


Cells = tuple[Ints, Ints, Floats]
"""Row, variable and factor."""
Sum = tuple[Ints, Floats, float]
"""Variables, factors, and what their sum is not below, or not above."""


class Outcome(StrEnum):
    """What became of a search."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    STOPPED = "stopped"
    """The time was over; there may be an answer, and there is a bound."""


class SolverFailed(Exception):
    """The solver found no answer that it can stand by, and no reason why there is none."""


@dataclass(frozen=True)
class Answer:
    """The outcome, the values of the variables (None without any), the objective and a bound of it from below."""

    outcome: Outcome
    values: Floats | None
    objective: float
    bound: float


NONE_AT_ALL = Answer(Outcome.INFEASIBLE, None, np.inf, np.inf)


@dataclass
class Program:
    """Variables and rows; all variables are whole unless told otherwise, and none is negative."""

    high: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    eased: list[bool] = field(default_factory=list)
    """Which of the whole variables mostly come out whole by themselves: no search need see to them."""
    low: list[float] = field(default_factory=list)
    row_low: list[float] = field(default_factory=list)
    row_high: list[float] = field(default_factory=list)
    cells: list[Cells] = field(default_factory=list)
    of_wholes: list[Sum] = field(default_factory=list)
    """Rows from below of what goes as wholes: worth rounding (`cuts`)."""

    def add(self, high: npt.ArrayLike, *, whole: bool = True, eased: bool = False) -> Ints:
        """Add a variable for each upper bound and return their numbers."""
        bounds = np.atleast_1d(np.asarray(high, dtype=np.float64))
        first = len(self.high)
        self.high.extend(bounds.tolist())
        self.low.extend([0.0] * len(bounds))
        self.whole.extend([whole] * len(bounds))
        self.eased.extend([eased] * len(bounds))
        return np.arange(first, first + len(bounds), dtype=np.int64)

    def row(self, columns: npt.ArrayLike, factors: npt.ArrayLike, low: float = -np.inf, high: float = np.inf) -> int:
        """Add a row, `low` ≤ Σ factor · variable ≤ `high`; return its number. A variable named twice counts twice."""
        named = np.asarray(columns, dtype=np.int64)
        return self.rows((np.zeros(len(named), dtype=np.int64), named, factors), [low], [high])

    def row_of_wholes(self, columns: Ints, factors: Floats, low: float) -> int:
        """Add a row that parts of what goes as a whole may fit better than wholes can; return its number."""
        there = np.flatnonzero(factors)
        self.of_wholes.append((columns[there], factors[there], low))
        return self.row(columns[there], factors[there], low=low)

    def rounded(self, values: Floats, most: Floats | None = None) -> list[Sum]:
        """Return rows, from above, that whole numbers obey and some values do not.

        `most` is the most that variables can be, if that is less than their bounds.
        """
        high, whole = np.array(self.high) if most is None else most, np.array(self.whole)
        found = []
        for columns, factors, low in self.of_wholes:
            row = Row(factors, high[columns], whole[columns], low)
            cut = cut_off(row, np.clip(values[columns], 0, high[columns]))
            if cut is not None:
                found.append((columns, cut.factors, cut.high + ROUNDING * max(1.0, abs(cut.high))))
        return found

    def rows(
        self, cells: tuple[Ints, Ints, npt.ArrayLike], low: Sequence[float] | Floats, high: Sequence[float] | Floats
    ) -> int:
        """Add rows, one for each bound; cells are row (from 0), variable and factor. Return the first one's number."""
        first = len(self.row_low)
        self.row_low.extend(map(float, low))
        self.row_high.extend(map(float, high))
        row, column, factor = cells
        self.count(row + first, column, factor)
        return first

    def count(self, row: Ints, column: Ints, factor: npt.ArrayLike) -> None:
        """Add cells to rows that there are."""
        self.cells.append((row, column, np.broadcast_to(np.asarray(factor, dtype=np.float64), row.shape)))

    def sums(self, high: npt.ArrayLike) -> tuple[Ints, Ints]:
        """Add a variable for each upper bound, the sum of what is counted in its row; return variables and rows."""
        variables = self.add(high)
        each, none = np.arange(len(variables)), np.zeros(len(variables))
        return variables, self.rows((each, variables, -1.0), none, none) + each

    def append(self, other: "Program") -> int:
        """Add the variables and rows of another program; return the number of its first variable."""
        first, first_row = len(self.high), len(self.row_low)
        for name in ("high", "low", "whole", "eased", "row_low", "row_high"):
            getattr(self, name).extend(getattr(other, name))
        row, column, factor = other.flat()
        self.cells.append((row + first_row, column + first, factor))
        self.of_wholes.extend((columns + first, factors, low) for columns, factors, low in other.of_wholes)
        return first

    def copy(self) -> "Program":
        """Return an equal program that can be changed apart."""
        return Program(*(list(getattr(self, each.name)) for each in fields(self)))

    def flat(self) -> Cells:
        """Return all cells as one: row, variable, factor."""
        if len(self.cells) != 1:
            none = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
            row, column, factor = (np.concatenate(each) for each in zip(none, *self.cells, strict=True))
            self.cells = [(row, column, factor)]
        return self.cells[0]

    def solve(self, cost: Floats | None, seconds: float, gap: float = 0.0, stop: Event | None = None) -> Answer:
        """Minimise Σ cost · variable, or find any answer where there is no cost; a stop ends it soon.

        Raises SolverFailed.
        """
        if seconds <= 0:
            return Answer(Outcome.STOPPED, None, np.inf, -np.inf)
        if not self.high:
            well = all(low <= 0 <= high for low, high in zip(self.row_low, self.row_high, strict=True))
            return Answer(Outcome.OPTIMAL, np.zeros(0), 0.0, 0.0) if well else NONE_AT_ALL
        end, costs = monotonic() + seconds, np.zeros(len(self.high)) if cost is None else cost
        strict = replace(self.copy(), eased=[False] * len(self.high))
        answer = self._solved(costs, seconds, gap, stop)
        if answer.outcome is Outcome.INFEASIBLE and any(self.eased):
            # Where something is eased HiGHS's presolve has been seen to find no answer though there was one.
            left = max(0.0, end - monotonic())
            if len(self.high) > SMALL:
                return strict.solve(cost, left, gap, stop)
            answer = self._solved(costs, left, gap, stop, presolves=("off",))
        if answer.values is None or self._is_whole(answer.values):
            return answer
        found = strict._beside(answer.values, self.eased).solve(cost, max(end - monotonic(), BESIDE))
        if found.values is not None and found.objective <= answer.objective + ROUNDING * max(1.0, abs(found.objective)):
            return replace(answer, values=found.values, objective=found.objective)
        return strict.solve(cost, end - monotonic(), gap, stop)

    def _solved(
        self,
        cost: Floats,
        seconds: float,
        gap: float,
        stop: Event | None,
        # What its presolve has left out HiGHS at times brings back wrong; it sees that by itself, and says so.
        presolves: Sequence[str] = ("choose", "off"),
    ) -> Answer:
        """Minimise, whatever is eased left to come out as it may."""
        model = self._model(cost, np.array(self.whole) & ~np.array(self.eased))
        for presolve in presolves:
            solver = new_solver(seconds, gap, presolve)
            if stop is not None:
                solver.cbMipInterrupt += lambda event: event.interrupt() if stop.is_set() else None
            if highspy.HighsStatus.kError not in (solver.passModel(model), solver.run()):
                return _answer(solver, gapped=gap > 0)
        raise SolverFailed

    def _is_whole(self, values: Floats) -> bool:
        """Return whether what is eased has come out whole."""
        eased = values[np.array(self.eased)]
        return bool(np.all(np.abs(eased - np.rint(eased)) <= ROUNDING))

    def _beside(self, values: Floats, free: Sequence[bool]) -> "Program":
        """Return the program with its whole variables at some values, but for those that are free."""
        settled = np.array(self.whole) & ~np.array(free)
        at = np.rint(values)
        low, high = (np.where(settled, at, bounds).tolist() for bounds in (self.low, self.high))
        return replace(self.copy(), low=low, high=high)

    def possible(self, seconds: float, rounds: int) -> bool:
        """Return whether the rows can hold with parts of variables: cheap to ask, and where not, nothing holds them.

        So many rounds of cuts are asked beside the rows themselves. True too where the solver does not know in time.
        """
        if not self.high or seconds <= 0:
            return True
        solver = new_solver(seconds, 0.0, "choose")
        passed = solver.passModel(self.relaxed(np.zeros(len(self.high))))
        for left in range(rounds, -1, -1):
            if highspy.HighsStatus.kError in (passed, solver.run()):
                return True
            if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return bool(solver.getModelStatus() != highspy.HighsModelStatus.kInfeasible)
            cuts = self.rounded(np.array(solver.getSolution().col_value)) if left else []
            if not cuts:
                break
            add_cuts(solver, cuts)
        return True

    def relaxed(self, cost: Floats) -> highspy.HighsLp:
        """Return the solver's model of it without whole numbers."""
        return self._model(cost)

    def _model(self, cost: Floats, whole: Bools | None = None) -> highspy.HighsLp:
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self.high), len(self.row_low)
        model.col_cost_ = cost
        model.col_lower_, model.col_upper_ = np.array(self.low), np.array(self.high)
        model.row_lower_, model.row_upper_ = np.array(self.row_low), np.array(self.row_high)
        starts, columns, factors = self._rows()
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = starts, columns, factors
        if whole is not None:
            kinds = {True: highspy.HighsVarType.kInteger, False: highspy.HighsVarType.kContinuous}
            model.integrality_ = [kinds[each] for each in whole.tolist()]
        return model

    def _rows(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Floats]:
        """Return where each row starts, its columns and factors; what names a column twice is added up, zeros go."""
        row, column, factor = self.flat()
        cells, cell = np.unique(row * len(self.high) + column, return_inverse=True)
        factors = np.bincount(cell, factor, len(cells)).astype(np.float64)
        cells, factors = cells[factors != 0], factors[factors != 0]
        starts = np.searchsorted(cells, np.arange(len(self.row_low) + 1) * len(self.high))
        return starts.astype(np.int32), (cells % len(self.high)).astype(np.int32), factors


def add_cuts(solver: highspy.Highs, cuts: Sequence[Sum]) -> None:
    """Add rows from above to what a solver has."""
    for columns, factors, high in cuts:
        solver.addRow(-np.inf, high, len(columns), columns.astype(np.int32), factors)


class _Quiet(highspy.Highs):
    """A solver that says nothing: it greets on standard output as soon as it is made, before an option can be set."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the solver's own name; it calls this as it is made
        """Put the output off first."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]  # it has no types


def new_solver(seconds: float, gap: float, presolve: str) -> highspy.Highs:
    """Return a solver that says nothing and is the same each time."""
    solver = _Quiet()  # type: ignore[no-untyped-call]  # it has no types
    options: dict[str, bool | float | str] = {
        "presolve": presolve,
        "threads": 1,
        "parallel": "off",
        "random_seed": 0,
        "time_limit": float(seconds),
        "mip_rel_gap": gap,
        "mip_abs_gap": 1e-6 if gap == 0 else gap,
        "mip_feasibility_tolerance": ROUNDING,
        "mip_lp_age_limit": CUTS_LAST,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    return solver


def _answer(solver: highspy.Highs, *, gapped: bool) -> Answer:
    status, info = solver.getModelStatus(), solver.getInfo()
    found = info.primal_solution_status == highspy.kSolutionStatusFeasible
    values = np.array(solver.getSolution().col_value) if found else None
    if status in {highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible}:
        return NONE_AT_ALL
    if status == highspy.HighsModelStatus.kOptimal:
        # Without whole variables there is no bound of a search: the value itself is proven.
        value = info.objective_function_value
        return Answer(Outcome.OPTIMAL, values, value, info.mip_dual_bound if gapped else value)
    return Answer(Outcome.STOPPED, values, info.objective_function_value, info.mip_dual_bound)
