"""Whether the indices give the figures they should: ours beside those of somebody else, column by column. Pure numpy.

A *case* is one index beside one reference. Where theirs is NaN (a field left empty) nothing is compared; where ours is
NaN and theirs is not, the difference is infinite. A case that compares nothing is not in order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firewatch.indices.catalogue import Index

Column = npt.NDArray[np.float64]
Columns = Mapping[str, Column]


@dataclass(frozen=True)
class Tolerance:
    """How far ours may be from theirs: at most `absolute` or `relative` times theirs, whichever is more."""

    absolute: float = 0.0
    relative: float = 0.0

    def __str__(self) -> str:
        """Spell it for a table."""
        parts = [f"{self.absolute:g}"] if self.absolute or not self.relative else []
        return " or ".join([*parts, f"{self.relative:g} relative"] if self.relative else parts)


@dataclass(frozen=True, eq=False)
class Case:
    """One index beside one reference: columns of equal length, and how near they have to be ("" is the rest)."""

    index: str
    reference: str
    ours: Columns
    theirs: Columns
    tolerances: Mapping[str, Tolerance]
    note: str = ""


@dataclass(frozen=True)
class Difference:
    """What one column showed."""

    column: str
    compared: int
    max_abs: float
    max_rel: float
    tolerance: Tolerance
    within: bool


@dataclass(frozen=True)
class Row:
    """The outcome of a case."""

    index: str
    reference: str
    differences: tuple[Difference, ...]
    note: str = ""

    @property
    def good(self) -> bool:
        """Whether something was compared and every column is within its tolerance."""
        return bool(self.differences) and all(difference.within for difference in self.differences)


def compare(case: Case) -> Row:
    """Answer the differences of every column of the reference; one that ours lacks is infinitely far away."""
    found = []
    for name, theirs in case.theirs.items():
        tolerance = case.tolerances.get(name) or case.tolerances[""]
        ours = case.ours.get(name, np.full(theirs.shape, np.nan))
        found.append(_difference(name, ours, theirs, tolerance))
    return Row(case.index, case.reference, tuple(found), case.note)


def without_row(rows: Iterable[Row], indices: Iterable[Index]) -> list[str]:
    """Answer the keys of the indices that no row is about, in their order."""
    shown = {row.index for row in rows}
    return [index.key for index in indices if index.key not in shown]


def _difference(name: str, ours: Column, theirs: Column, tolerance: Tolerance) -> Difference:
    there = ~np.isnan(theirs)
    compared = int(there.sum())
    if ours.shape != theirs.shape or not compared:
        return Difference(name, compared, np.inf, np.inf, tolerance, within=False)
    apart = np.abs(ours[there] - theirs[there])
    apart[np.isnan(apart)] = np.inf
    size = np.abs(theirs[there])
    # Beside 0 only the absolute difference says something.
    relative = np.divide(apart, size, out=np.zeros_like(apart), where=size > 0.0)
    within = bool((apart <= np.maximum(tolerance.absolute, tolerance.relative * size)).all())
    return Difference(name, compared, float(apart.max()), float(relative.max()), tolerance, within)
