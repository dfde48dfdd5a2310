"""Mixed-integer rounding: what a row says of whole numbers that it does not say of their parts.

Crews are not split. Where 200 people are needed and 15 of 200 may stay, parts of crews fit exactly, and no sum of whole
ones may. A row, scaled and rounded, is a new row that every answer in whole numbers obeys and the answer in parts does
not: a cut. The method is that of Marchand and Wolsey (Aggregation and mixed integer rounding to solve MIPs, Operations
Research 49, 2001), with one row at a time.
"""

from typing import NamedTuple

import numpy as np

from firewatch.indices.checks import Bools, Floats

SEEN = 1e-6
"""How far from a whole number a value is a part."""
CLEAR = 0.01
"""How far from a whole number a side has to be: rounding one that is nearly whole would cut off by noise."""
DEEP = 1e-4
"""By how much, at the least, a cut is broken by the values it cuts off (its factors having the length 1)."""
SCALES = 40
"""By so many factors at the most a row is divided."""
HALVES = (2.0, 4.0, 8.0)
"""What the best scale is divided by as well."""
TURNED = 20
"""So many variables, at the most, are tried counted from their other bound."""


class Row(NamedTuple):
    """Σ factors · variables ≥ low; variables lie between 0 and `most`, those that are `whole` in whole numbers."""

    factors: Floats
    most: Floats
    whole: Bools
    low: float


class Cut(NamedTuple):
    """Σ factors · variables ≤ high."""

    factors: Floats
    high: float


class _Try(NamedTuple):
    """A cut of the variables as they are turned, and how deep it is."""

    depth: float
    factors: Floats
    high: float
    turned: Bools


def cut_off(row: Row, values: Floats) -> Cut | None:
    """Return a cut that whole numbers obey and the values do not; None where none is found."""
    turned = np.isfinite(row.most) & (values > row.most / 2)
    part = row.whole & (values > SEEN) & (values < row.most - SEEN)
    scales = np.unique(np.abs(row.factors[part]))
    tries = [(_rounded(row, values, turned, scale), scale) for scale in scales[scales > SEEN][:SCALES].tolist()]
    if not tries:
        return None
    best, scale = max(tries, key=lambda each: each[0].depth)
    for part_of in HALVES:
        best = max(best, _rounded(row, values, turned, scale / part_of), key=lambda each: each.depth)
    near = np.flatnonzero(part & np.isfinite(row.most))
    for variable in near[np.argsort(np.abs(values - row.most / 2)[near], kind="stable")][:TURNED].tolist():
        other = best.turned.copy()
        other[variable] ^= True
        best = max(best, _rounded(row, values, other, scale), key=lambda each: each.depth)
    if best.depth < DEEP:
        return None
    back = np.where(best.turned, -best.factors, best.factors)
    high = best.high - float(best.factors[best.turned] @ row.most[best.turned])
    return Cut(back, high)


def _rounded(row: Row, values: Floats, turned: Bools, scale: float) -> _Try:
    """Round a row, divided by a scale, with some variables counted down from the most they can be."""
    factors = np.where(turned, row.factors, -row.factors) / scale
    high = (-row.low + float(row.factors[turned] @ row.most[turned])) / scale
    over = high - np.floor(high)
    if not CLEAR < over < 1 - CLEAR:
        return _Try(-np.inf, factors, high, turned)
    down = np.floor(factors + 1e-9)
    rest = np.maximum(factors - down, 0.0)
    whole = down + np.maximum(0.0, rest - over) / (1 - over)
    cut = np.where(row.whole, whole, np.minimum(factors, 0.0) / (1 - over))
    # Never nothing: one of the factors is a whole number, the scale itself.
    length = float(np.linalg.norm(cut))
    at = np.where(turned, row.most - values, values)
    return _Try((float(cut @ at) - float(np.floor(high))) / length, cut, float(np.floor(high)), turned)
