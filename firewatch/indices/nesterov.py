"""Nesterov's ignition index: the sum of T (T - Td) over the days since it last rained. Pure numpy.

V. G. Nesterov, "Combustibility of the forest and methods for its determination" (in Russian), Goslesbumaga, Moscow
(1949); classes as in GOST R 22.1.09-99. Temperature and dew point in °C at 13:00–15:00 local time, rain of the 24 h
before in mm. A day with more than 3 mm sets the sum to 0. At 0 °C and below a day adds nothing: the product would take
danger away for frost.

The dew point comes from the humidity by Magnus (O. A. Alduchov and R. E. Eskridge, "Improved Magnus form approximation
of saturation vapor pressure", Journal of Applied Meteorology 35, 601-609, 1996).

Gaps as in `inputs`. The sum after a long gap or a cold start is "at least this much", marked `spin_up` until rain sets
it to 0 and it is known again. A day since then without a rain reading counts as dry and is marked `rain_gap`.
"""

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firewatch.indices.checks import RAIN_MM, RH_PCT, TEMP_C, Bits, Bools, Flag, Floats, Ints, checked_all, mark
from firewatch.indices.inputs import (
    MAX_GAP_DAYS,
    cell_of,
    cell_row,
    classed,
    day_in_gap,
    days_and_cells,
    longest_bridge,
    or_last,
)

RESET_MM = 3.0
# Classes I–V: up to 300 none, 1000 small, 4000 middle, 10 000 high, above it extreme. The figure itself is still below.
_CLASSES = tuple(np.nextafter((300.0, 1000.0, 4000.0, 10_000.0), np.inf).tolist())
_A, _B_C = 17.625, 243.04
_DRIEST_PCT = 1.0  # a humidity of 0 has no dew point; no air that fires burn in is drier than this


@dataclass(frozen=True)
class NesterovState:
    """What tomorrow needs to know of the days so far: numbers, or arrays of shape (cells,)."""

    nesterov: float | Floats = 0.0
    temp_c: float | Floats = math.nan  # last valid reading, NaN before the first
    rh_pct: float | Floats = math.nan
    gap_days: int | Ints = 0
    at_least: bool | Bools = False  # days are missing from the sum, since the start or in a long gap
    rain_gap: bool | Bools = False

    @classmethod
    def cold_start(cls) -> "NesterovState":
        """Answer a start at 0 amid a dry spell of unknown length: marked until the first rain."""
        return cls(at_least=True)

    def at(self, cell: int) -> "NesterovState":
        """Answer the state of one cell as plain numbers, ready to be stored; needs arrays of shape (cells,)."""
        return NesterovState(**cell_of(_fields(self), cell))  # type: ignore[arg-type]  # each field keeps its own kind


@dataclass(frozen=True, eq=False)
class NesterovDays:
    """Arrays of shape (days, cells): the sum in °C² (NaN without a value), class 1–5 or 0, `Flag` bits; the state."""

    nesterov: Floats
    danger_class: npt.NDArray[np.uint8]
    flags: Bits
    state: NesterovState


def daily(
    temp_c: npt.ArrayLike,
    rh_pct: npt.ArrayLike,
    rain_mm: npt.ArrayLike,
    start: NesterovState = NesterovState(),
    max_gap_days: int = MAX_GAP_DAYS,
) -> NesterovDays:
    """Run the index over days of weather of shape (days, cells), NaN where missing, one calendar day a row.

    BadInput tells of shapes or a state that cannot be used.
    """
    weather = days_and_cells(temp_c=temp_c, rh_pct=rh_pct, rain_mm=rain_mm)
    days, cells = weather[0].shape
    longest_bridge(max_gap_days)
    state = _spread(start, cells)
    (t, h, r), flags = checked_all(weather, (TEMP_C, RH_PCT, RAIN_MM))
    answer = np.empty((days, cells))
    for day in range(days):
        answer[day], more, state = _step(t[day], h[day], r[day], state, max_gap_days)
        flags[day] |= more
    return NesterovDays(answer, danger_class(answer), flags, state)


def dew_point_c(temp_c: Floats, rh_pct: Floats) -> Floats:
    """Answer the dew point in °C of a temperature and a humidity of at least 1 %."""
    ratio = np.log(np.maximum(rh_pct, _DRIEST_PCT) / 100.0) + _A * temp_c / (_B_C + temp_c)
    return _B_C * ratio / (_A - ratio)


def danger_class(nesterov: Floats) -> npt.NDArray[np.uint8]:
    """Answer the class 1–5, 0 where NaN: above 300, 1000, 4000 and 10 000 begins the next."""
    return classed(nesterov, _CLASSES)


def _step(
    temp_c: Floats, rh_pct: Floats, rain_mm: Floats, before: NesterovState, max_gap_days: int
) -> tuple[Floats, Bits, NesterovState]:
    total, last_t, last_h, gap_before, at_least, rain_gap = map(np.asarray, dataclasses.astuple(before))
    t, h = or_last(temp_c, last_t), or_last(rh_pct, last_h)
    reset = rain_mm > RESET_MM  # false where unknown
    # Whatever else is missing on a day of rain, its sum is known: 0.
    missing = ~reset & (np.isnan(temp_c) | np.isnan(rh_pct) | np.isnan(rain_mm))
    gap = day_in_gap(missing, ~reset & np.isnan(t + h), gap_before, max_gap_days)
    added = np.where(t > 0.0, t * (t - dew_point_c(t, h)), 0.0)
    now = np.where(reset, 0.0, total + np.maximum(added, 0.0))
    at_least = ~reset & (at_least | ~gap.valued)
    rain_gap = ~reset & (rain_gap | np.isnan(rain_mm))
    state = NesterovState(np.where(gap.valued, now, total), t, h, gap.gap_days, at_least, rain_gap)
    flags = gap.flags | mark(gap.valued & at_least, Flag.SPIN_UP) | mark(rain_gap, Flag.RAIN_GAP)
    return np.where(gap.valued, now, np.nan), flags, state


def _spread(state: NesterovState, cells: int) -> NesterovState:
    return NesterovState(
        nesterov=cell_row("start.nesterov", state.nesterov, cells, 0.0, 1e12),
        temp_c=cell_row("start.temp_c", state.temp_c, cells, TEMP_C.low, TEMP_C.high, missing=True),
        rh_pct=cell_row("start.rh_pct", state.rh_pct, cells, 0.0, 100.0, missing=True),
        gap_days=cell_row("start.gap_days", state.gap_days, cells, 0, 1e9).astype(np.int64),
        at_least=cell_row("start.at_least", state.at_least, cells, 0, 1) != 0.0,
        rain_gap=cell_row("start.rain_gap", state.rain_gap, cells, 0, 1) != 0.0,
    )


def _fields(state: NesterovState) -> dict[str, npt.ArrayLike]:
    return {field.name: getattr(state, field.name) for field in dataclasses.fields(state)}
