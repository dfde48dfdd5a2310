"""What the schemes beside FWI and LY/T 1172 share: arrays of one shape, and how a chain goes on over a gap. Pure numpy.

A *chain* is an index that remembers (KBDI, Nesterov). A day that lacks a variable is bridged with the last valid one
(rain: 0, the cautious side) up to `max_gap_days` days running and marked. From the next one on the days have no value,
but the chain keeps what it knew: a drought does not end because an instrument failed. The first complete day goes on
from there, marked `restarted`, and `spin_up` until the missing days no longer matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firewatch.errors import BadInput
from firewatch.indices.checks import Bits, Bools, Flag, Floats, Ints, floats, mark, spread

MAX_GAP_DAYS = 3


@dataclass(frozen=True, eq=False)
class Gap:
    """One day of a chain, arrays of shape (cells,): has it a value, is it beyond the bridge, and its marks."""

    gap_days: Ints  # incomplete days running, this one included
    valued: Bools
    lost: Bools
    flags: Bits


def day_in_gap(missing: Bools, unknown: Bools, gap_before: Ints, max_gap_days: int) -> Gap:
    """Judge a day: `missing` lacks a variable, `unknown` has none to bridge with either."""
    gap_days = np.where(missing, gap_before + 1, 0)
    lost = gap_days > max_gap_days
    valued = ~lost & ~unknown
    flags = (
        mark(valued & missing, Flag.BRIDGED)
        | mark(~valued, Flag.NO_VALUE)
        | mark(~missing & (gap_before > max_gap_days), Flag.RESTARTED)
    )
    return Gap(gap_days, valued, lost, flags)


def days_and_cells(**inputs: npt.ArrayLike) -> list[Floats]:
    """Answer the inputs as arrays of the shape of the first, which is (days, cells); BadInput names a misfit."""
    arrays = {name: floats(name, values) for name, values in inputs.items()}
    first = next(iter(arrays))
    shape = arrays[first].shape
    if len(shape) != 2:
        raise BadInput(f"{first}: shape {shape}, wanted (days, cells)")
    return [spread(name, values, shape) for name, values in arrays.items()]


def cell_row(name: str, values: npt.ArrayLike, cells: int, low: float, high: float, *, missing: bool = False) -> Floats:
    """Answer numbers of places or of a state spread over the cells; BadInput when out of range or NaN without leave."""
    row = spread(name, floats(name, values), (cells,))
    if not ((row >= low) & (row <= high) | (missing & np.isnan(row))).all():
        raise BadInput(f"{name}: a value is missing or outside {low:g} to {high:g}")
    return row


def longest_bridge(max_gap_days: int) -> int:
    """Answer the number of days; BadInput when it is below 0."""
    if max_gap_days < 0:
        raise BadInput(f"max_gap_days: {max_gap_days} is below 0")
    return max_gap_days


def or_last(values: Floats, last: Floats) -> Floats:
    """Answer the values, and the last valid one where missing."""
    return np.where(np.isnan(values), last, values)


def one_nan(values: Floats) -> Floats:
    """Answer the values with NaN of one kind: arithmetic gives it either sign, and equal days shall have equal bits."""
    return np.where(np.isnan(values), np.nan, values)


def classed(values: Floats, first_of_class: tuple[float, ...]) -> npt.NDArray[np.uint8]:
    """Answer the class 1, 2, … of each value, where each figure opens the next class; 0 (no data) where NaN."""
    classes = np.searchsorted(first_of_class, values, side="right") + 1
    return np.where(np.isnan(values), 0, classes).astype(np.uint8)


def cell_of(fields: Mapping[str, npt.ArrayLike], cell: int) -> dict[str, float | int | bool]:
    """Answer the fields of one cell as plain numbers, ready to be stored."""
    return {name: np.asarray(values)[cell].item() for name, values in fields.items()}
