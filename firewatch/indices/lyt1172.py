"""The national forest fire-danger weather grade of LY/T 1172-1995: HTZ = A + B + C + D - E. Pure numpy.

A daily maximum temperature, B daily minimum relative humidity, C rain and the days since, D daily maximum wind,
E green and snow cover. The bands of the standard have gaps (5.0 | 5.1 °C, 70 | 71 %), so values are brought to the
printed step first; a value half-way between two steps goes to the side of the higher danger.

What is confirmed: the formula, the thresholds and words of the grades, A, D and E. The break points of B and the ladder
of C rest on one source. What C does after the eighth dry day is a choice (`after_day_8`).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from firewatch.errors import BadInput
from firewatch.indices.checks import (
    COVER_PCT,
    RAIN_MM,
    RH_PCT,
    TEMP_C,
    WIND_MS,
    Bits,
    Bools,
    Flag,
    Floats,
    checked_all,
    floats,
    mark,
    spread,
)

AfterDay8 = Literal["plus5", "jump"]
Grades = npt.NDArray[np.uint8]

NO_DATA = 0  # the grade of a day without all its inputs; never a danger grade, and not "no danger"

WET_MM = 0.3  # less in a day is no rain
# First figure of each step, in the unit of its table.
_TEMP_TENTHS = (51, 101, 151, 201, 251)  # A: 0, 4, … 20
_RH_PCT = (31, 41, 51, 61, 71)  # B: 20, 16, … 0
_RAIN_TENTHS = (21, 51, 101)  # C on the wet day: 10, 5, 0 and 0 held one day longer
_WIND_TENTHS = (3, 16, 34, 55, 80, 108, 139, 172)  # D: Beaufort 0–8, 5 each
_GREEN_PCT = (20, 50, 75, 100)  # E: 0, 5, … 20
_SNOW_PCT = (10, 30, 60, 90)  # E: 0, 5, … 20
_C_FULL = 50.0
_HTZ = (26, 51, 73, 91)  # grades 1–5


@dataclass(frozen=True)
class GradeWords:
    """A grade's key in the message catalogue, and the words of the standard."""

    key: str
    danger_zh: str
    burn_zh: str
    spread_zh: str
    danger_en: str


WORDS: Mapping[int, GradeWords] = {
    1: GradeWords("lyt1172.grade.1", "没有危险", "不能燃烧", "不能蔓延", "no danger"),
    2: GradeWords("lyt1172.grade.2", "低度危险", "难以燃烧", "难以蔓延", "low"),
    3: GradeWords("lyt1172.grade.3", "中度危险", "较易燃烧", "较易蔓延", "moderate"),
    4: GradeWords("lyt1172.grade.4", "高度危险", "容易燃烧", "容易蔓延", "high"),
    5: GradeWords("lyt1172.grade.5", "极度危险", "极易燃烧", "极易蔓延", "extreme"),
}


@dataclass(frozen=True)
class LytState:
    """The rain that C remembers: numbers, or arrays of shape (cells,)."""

    dry_days: float | Floats = math.nan  # days since the last wet day, 0 on it; NaN: none is known
    wet_mm: float | Floats = math.nan  # rain of the last wet day
    rain_gap: bool | Bools = False  # a day since had no rain reading and was counted as dry

    def at(self, cell: int) -> "LytState":
        """Answer the state of one cell as plain numbers, ready to be stored; needs arrays of shape (cells,)."""
        dry_days, wet_mm, rain_gap = map(np.asarray, (self.dry_days, self.wet_mm, self.rain_gap))
        return LytState(float(dry_days[cell]), float(wet_mm[cell]), bool(rain_gap[cell]))

    def after_missing(self, days: int) -> "LytState":
        """Answer the state after calendar days without any reading: they count as dry (the cautious side)."""
        return LytState(self.dry_days + days, self.wet_mm, True) if days else self


@dataclass(frozen=True, eq=False)
class LytDays:
    """Arrays of shape (days, cells): HTZ and its five parts (NaN where missing), grade 1–5 or NO_DATA, `Flag` bits."""

    htz: Floats
    grade: Grades
    flags: Bits
    a: Floats
    b: Floats
    c: Floats
    d: Floats
    e: Floats
    state: LytState


def daily(
    tmax_c: npt.ArrayLike,
    rhmin_pct: npt.ArrayLike,
    rain_mm: npt.ArrayLike,
    windmax_ms: npt.ArrayLike,
    green_pct: npt.ArrayLike,
    snow_pct: npt.ArrayLike,
    start: LytState = LytState(),
    after_day_8: AfterDay8 = "plus5",
) -> LytDays:
    """Grade days of weather, one calendar day a row.

    The arrays have the shape (days, cells) and NaN where missing; °C, %, mm a day, m/s, % of the ground. A number or a
    row of shape (cells,) stands for every day. A day with a missing input has no HTZ and the grade NO_DATA; in the
    history it counts as dry. BadInput tells of shapes that do not fit and of an unknown `after_day_8`.
    """
    if after_day_8 not in get_args(AfterDay8):
        raise BadInput(f"after_day_8: {after_day_8!r} is neither plus5 nor jump")
    inputs = _arrays(
        tmax_c=tmax_c,
        rhmin_pct=rhmin_pct,
        rain_mm=rain_mm,
        windmax_ms=windmax_ms,
        green_pct=green_pct,
        snow_pct=snow_pct,
    )
    limits = (TEMP_C, RH_PCT, RAIN_MM, WIND_MS, COVER_PCT, COVER_PCT)
    (t, h, r, w, green, snow), flags = checked_all(inputs, limits)
    dry_days, wet_mm, rain_gap, end = _history(r, start)
    a, b, d, e = temp_score(t), humidity_score(h), wind_score(w), cover_score(green, snow)
    c = _scored(r, rain_score(wet_mm, dry_days, after_day_8))
    htz = a + b + c + d - e
    flags |= mark(np.isnan(htz), Flag.NO_VALUE)
    flags |= mark(np.isnan(dry_days), Flag.HISTORY) | mark(rain_gap, Flag.RAIN_GAP)
    return LytDays(htz, grade(htz), flags, a, b, c, d, e, end)


def temp_score(tmax_c: Floats) -> Floats:
    """Answer A (0–20) of a daily maximum temperature in °C; NaN stays NaN."""
    return _scored(tmax_c, 4.0 * _steps(_TEMP_TENTHS, _up(10.0 * tmax_c)))


def humidity_score(rhmin_pct: Floats) -> Floats:
    """Answer B (0–20) of a daily minimum relative humidity in %; NaN stays NaN."""
    return _scored(rhmin_pct, 20.0 - 4.0 * _steps(_RH_PCT, _down(rhmin_pct)))


def rain_score(wet_mm: Floats, dry_days: Floats, after_day_8: AfterDay8 = "plus5") -> Floats:
    """Answer C (0–50) of the rain of the last wet day and the days since; 50 when none is known (NaN)."""
    band = _steps(_RAIN_TENTHS, _down(10.0 * wet_mm))
    climbing = np.clip(10.0 - 5.0 * band + 5.0 * dry_days, 0.0, _C_FULL)
    full = np.isnan(dry_days) if after_day_8 == "plus5" else ~(dry_days <= 8.0)
    return np.where(full, _C_FULL, climbing)


def wind_score(windmax_ms: Floats) -> Floats:
    """Answer D (0–40) of a daily maximum wind in m/s, by Beaufort force; NaN stays NaN."""
    return _scored(windmax_ms, 5.0 * _steps(_WIND_TENTHS, _up(10.0 * windmax_ms)))


def cover_score(green_pct: Floats, snow_pct: Floats) -> Floats:
    """Answer E (0–20): the larger of green and snow cover in % of the ground; NaN in either gives NaN."""
    larger = np.maximum(_steps(_GREEN_PCT, green_pct), _steps(_SNOW_PCT, snow_pct))
    return _scored(green_pct + snow_pct, 5.0 * larger)


def grade(htz: Floats) -> Grades:
    """Answer the danger grade 1–5 of each HTZ, NO_DATA where it is NaN."""
    return np.where(np.isnan(htz), NO_DATA, _steps(_HTZ, htz) + 1.0).astype(np.uint8)


def _history(rain_mm: Floats, start: LytState) -> tuple[Floats, Floats, Bools, LytState]:
    """Answer the memory of rain on every day (dry days, last wet amount, gap: (days, cells)) and the one at the end."""
    dry_days, wet_mm = np.empty(rain_mm.shape), np.empty(rain_mm.shape)
    rain_gap = np.empty(rain_mm.shape, dtype=np.bool_)
    dry, amount, gap = _spread(start, rain_mm.shape[1])
    for day, rain in enumerate(np.round(rain_mm, 6)):  # hours added up may fall short of 0.3 by a rounding error
        wet = rain >= WET_MM
        dry = dry_days[day] = np.where(wet, 0.0, dry + 1.0)
        amount = wet_mm[day] = np.where(wet, rain, amount)
        gap = rain_gap[day] = ~wet & (np.isnan(rain) | gap)
    return dry_days, wet_mm, rain_gap, LytState(dry, amount, gap)


def _spread(state: LytState, cells: int) -> tuple[Floats, Floats, Bools]:
    dry_days, wet_mm = floats("start.dry_days", state.dry_days), floats("start.wet_mm", state.wet_mm)
    known = (dry_days >= 0.0) & (wet_mm >= WET_MM)
    if not (known | np.isnan(dry_days) & np.isnan(wet_mm)).all():
        raise BadInput("start: dry_days from 0 and wet_mm from 0.3 are wanted, or both missing (NaN)")
    return (
        spread("start.dry_days", dry_days, (cells,)),
        spread("start.wet_mm", wet_mm, (cells,)),
        spread("start.rain_gap", floats("start.rain_gap", state.rain_gap), (cells,)) != 0.0,
    )


def _arrays(**inputs: npt.ArrayLike) -> list[Floats]:
    arrays = {name: floats(name, values) for name, values in inputs.items()}
    shape = arrays["tmax_c"].shape
    if len(shape) != 2:
        raise BadInput(f"tmax_c: shape {shape}, wanted (days, cells)")
    return [spread(name, values, shape) for name, values in arrays.items()]


def _steps(first_figures: tuple[int, ...], values: Floats) -> Floats:
    """Answer how many steps have begun at each value; NaN counts them all, `_scored` sees to that."""
    return np.searchsorted(first_figures, values, side="right").astype(np.float64)


def _scored(values: Floats, scores: Floats) -> Floats:
    return np.where(np.isnan(values), np.nan, scores)


def _up(values: Floats) -> Floats:
    return np.floor(np.round(values, 6) + 0.5)


def _down(values: Floats) -> Floats:
    return np.ceil(np.round(values, 6) - 0.5)
