"""The Keetch-Byram Drought Index: mm of water that the upper soil lacks, 0 (saturated) to 203.2. Pure numpy.

J. J. Keetch and G. M. Byram, "A drought index for forest fire control", Research Paper SE-38 (1968, revised 1988),
with the two constants corrected and in the metric form of M. E. Alexander, "Computer calculation of the Keetch-Byram
Drought Index: programmers beware!", Fire Management Notes 51(4), 23-25 (1990); the same form in W. J. B. Crane,
"Computing grassland and forest fire behaviour, relative humidity and drought index by pocket calculator", Australian
Forestry 45, 89-97 (1982). The equation numbers beside the lines are those of 1968.

One value a day: maximum temperature (°C) and rain (mm) of the 24 h before the observation, and the place's mean annual
rain (mm). The first 5.1 mm (0.2 in) of a wet spell wet only leaves and litter; a day without rain ends the spell. Rain
is taken off first, then the day's drying is added to what is left, as on the record form of 1968.

The index starts at 0 after enough rain or melted snow to saturate the soil (1968: 6-8 in within a week). Begun at any
other time it is a guess for long: with a mean maximum of 25 °C and 500 mm a year a wrong start takes half a year to
fade to a third. So a cold start is marked `spin_up` for a year.
"""

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firewatch.errors import BadInput
from firewatch.indices.checks import RAIN_MM, TEMP_C, Bits, Flag, Floats, Ints, checked_all, mark
from firewatch.indices.inputs import (
    MAX_GAP_DAYS,
    cell_of,
    cell_row,
    day_in_gap,
    days_and_cells,
    longest_bridge,
    or_last,
)

SATURATED, FULL_MM = 0.0, 203.2  # 8 in
POINTS_PER_MM = 800.0 / FULL_MM  # the scale of 1968 counts hundredths of an inch
SPIN_UP_DAYS = 365
ANNUAL_MM = (1.0, 15_000.0)  # the range believed; the wettest places on earth have about 12 000


@dataclass(frozen=True)
class Form:
    """What versions in use disagree about."""

    rain_rate: float = 0.001736  # 0.0441 per inch
    interception_mm: float = 5.08  # 0.2 in
    full_mm: float = FULL_MM
    rain_first: bool = True  # the drying acts on what rain has left, not on yesterday's index
    dries_from_c: float = 10.0  # 50 °F: there the tables of 1968 begin


KEETCH_BYRAM = Form()
# K. Finkele, G. A. Mills, G. Beard, D. A. Jones, "National daily gridded soil moisture deficit and drought factors for
# use in prediction of Forest Fire Danger Index in Australia", BMRC Research Report 119 (2006): as the Bureau runs it.
# Below 6.8 °C the equation turns negative, and frost would wet the soil.
FINKELE = Form(rain_rate=0.00173, interception_mm=5.0, full_mm=200.0, rain_first=False, dries_from_c=6.8)


@dataclass(frozen=True)
class KbdiState:
    """What tomorrow needs to know of the days so far: numbers, or arrays of shape (cells,)."""

    kbdi_mm: float | Floats = SATURATED
    spell_mm: float | Floats = 0.0  # rain of the wet spell up to now
    tmax_c: float | Floats = math.nan  # last valid reading, NaN before the first
    gap_days: int | Ints = 0
    spin_up_left: int | Ints = 0

    @classmethod
    def cold_start(cls, kbdi_mm: float = SATURATED) -> "KbdiState":
        """Answer a start at a guessed index: its first SPIN_UP_DAYS are marked."""
        return cls(kbdi_mm=kbdi_mm, spin_up_left=SPIN_UP_DAYS)

    def at(self, cell: int) -> "KbdiState":
        """Answer the state of one cell as plain numbers, ready to be stored; needs arrays of shape (cells,)."""
        return KbdiState(**cell_of(_fields(self), cell))  # type: ignore[arg-type]  # each field keeps its own kind


@dataclass(frozen=True, eq=False)
class KbdiDays:
    """The index in mm (NaN where a day has no value) and `Flag` bits, (days, cells), and the state at the end."""

    kbdi_mm: Floats
    flags: Bits
    state: KbdiState


def daily(
    tmax_c: npt.ArrayLike,
    rain_mm: npt.ArrayLike,
    annual_rain_mm: npt.ArrayLike,
    start: KbdiState = KbdiState(),
    form: Form = KEETCH_BYRAM,
    max_gap_days: int = MAX_GAP_DAYS,
) -> KbdiDays:
    """Run the index over days of weather, one calendar day a row.

    `tmax_c` and `rain_mm` have the shape (days, cells) and NaN where missing; `annual_rain_mm` (cells,) or a number.
    Gaps as in `inputs`. BadInput tells of shapes, states or an annual rain that cannot be used.
    """
    weather = days_and_cells(tmax_c=tmax_c, rain_mm=rain_mm)
    days, cells = weather[0].shape
    annual = cell_row("annual_rain_mm", annual_rain_mm, cells, *ANNUAL_MM)
    longest_bridge(max_gap_days)
    state = _spread(start, cells, form)
    (t, r), flags = checked_all(weather, (TEMP_C, RAIN_MM))
    answer = np.empty((days, cells))
    for day in range(days):
        answer[day], more, state = _step(t[day], r[day], annual, state, form, max_gap_days)
        flags[day] |= more
    return KbdiDays(answer, flags, state)


def drying_mm(kbdi_mm: Floats, tmax_c: Floats, annual_rain_mm: Floats, form: Form = KEETCH_BYRAM) -> Floats:
    """Answer the mm that a day takes out of soil which lacks `kbdi_mm` already: the "drought factor" of 1968."""
    heat = 0.968 * np.exp(0.0875 * tmax_c + 1.5552) - 8.30
    heat = np.where(tmax_c < form.dries_from_c, 0.0, heat)
    return 1e-3 * (FULL_MM - kbdi_mm) * heat / (1.0 + 10.88 * np.exp(-form.rain_rate * annual_rain_mm))  # (18)


def _step(
    tmax_c: Floats, rain_mm: Floats, annual_rain_mm: Floats, before: KbdiState, form: Form, max_gap_days: int
) -> tuple[Floats, Bits, KbdiState]:
    kbdi, spell, last_t, gap_before, spin_up = map(np.asarray, dataclasses.astuple(before))
    missing = np.isnan(tmax_c) | np.isnan(rain_mm)
    t = or_last(tmax_c, last_t)
    r = or_last(rain_mm, np.zeros(rain_mm.shape))
    gap = day_in_gap(missing, np.isnan(t), gap_before, max_gap_days)
    spell_now = np.where(r > 0.0, spell + r, 0.0)
    reaching = np.maximum(spell_now - form.interception_mm, 0.0) - np.maximum(spell - form.interception_mm, 0.0)
    reaching = np.maximum(reaching, 0.0)  # a dry day has ended the spell
    left = np.maximum(kbdi - reaching, 0.0)
    if form.rain_first:
        now = left + drying_mm(left, t, annual_rain_mm, form)
    else:
        now = kbdi + drying_mm(kbdi, t, annual_rain_mm, form) - reaching
    now = np.clip(now, 0.0, form.full_mm)
    spinning = gap.valued & (spin_up > 0)
    state = KbdiState(
        kbdi_mm=np.where(gap.valued, now, kbdi),
        spell_mm=np.where(gap.valued, spell_now, np.where(gap.lost, 0.0, spell)),
        tmax_c=t,
        gap_days=gap.gap_days,
        spin_up_left=np.where(gap.lost, SPIN_UP_DAYS, spin_up - spinning),
    )
    return np.where(gap.valued, now, np.nan), gap.flags | mark(spinning, Flag.SPIN_UP), state


def _spread(state: KbdiState, cells: int, form: Form) -> KbdiState:
    if form.full_mm > FULL_MM:
        raise BadInput(f"form.full_mm: {form.full_mm:g} is above {FULL_MM:g}")
    return KbdiState(
        kbdi_mm=cell_row("start.kbdi_mm", state.kbdi_mm, cells, 0.0, form.full_mm),
        spell_mm=cell_row("start.spell_mm", state.spell_mm, cells, 0.0, math.inf),
        tmax_c=cell_row("start.tmax_c", state.tmax_c, cells, TEMP_C.low, TEMP_C.high, missing=True),
        gap_days=cell_row("start.gap_days", state.gap_days, cells, 0, 1e9).astype(np.int64),
        spin_up_left=cell_row("start.spin_up_left", state.spin_up_left, cells, 0, 1e9).astype(np.int64),
    )


def _fields(state: KbdiState) -> dict[str, npt.ArrayLike]:
    return {field.name: getattr(state, field.name) for field in dataclasses.fields(state)}
