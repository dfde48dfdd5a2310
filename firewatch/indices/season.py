"""When the fire season begins and ends, and what a winter leaves of the drought code. Pure numpy.

Three rules beside "all the year": the *calendar* of the law; the *thaw* (Wotton & Flannigan 1993, The Forestry
Chronicle 69: 187-192), on when the daily maximum of three days running was over 12 °C, off when it was under 5 °C on
three; *snow*, on with the third day running without snow, off when three days running stayed under 5 °C and snow lies.
The day on which a condition is met is the first of the new state.

What is missing ends no season and holds up no beginning: an unknown maximum is passed over when warm days are counted
and breaks a run of cold ones; with unknown snow a day over 12 °C counts as bare, and snow that is unknown does not lie.
For the same reason a chain begins in season.

The drought code over the winter: Lawson & Armitage 2008, Weather guide for the Canadian Forest Fire Danger Rating
System, equations 2 to 4, after Van Wagner 1987: Qf = 800 exp(-DCf / 400), Qs = a Qf + 3.94 b r, DCs = 400 ln(800 / Qs),
at least 15.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from firewatch.errors import BadInput
from firewatch.indices import fwi
from firewatch.indices.checks import Bools, Floats, Ints

MonthDay = tuple[int, int]
Window = tuple[MonthDay, MonthDay]
"""First and last day, both included; a window whose last day comes before its first runs over New Year."""

RUN_DAYS = 3
"""So many days running begin and end a season."""


def calendar_covers(windows: Sequence[Window], on: date) -> bool:
    """Answer whether a day lies in one of the windows; no window covers no day."""
    day = (on.month, on.day)
    return any(first <= day <= last if first <= last else (day >= first or day <= last) for first, last in windows)


@dataclass(frozen=True)
class SeasonRule:
    """How the season of the codes is found: `always` under the calendar, which stops no code."""

    kind: Literal["always", "thaw", "snow"] = "always"
    start_c: float = 12.0
    end_c: float = 5.0
    snow_cm: float = 2.0
    """From this depth on snow lies."""

    def __post_init__(self) -> None:
        if not self.start_c > self.end_c:
            raise BadInput(
                f"season: it starts over {self.start_c} °C, which is not above the {self.end_c} °C of its end"
            )


@dataclass(frozen=True)
class SeasonState:
    """What tomorrow needs to know: numbers, or arrays of shape (cells,)."""

    active: bool | Bools = True
    warm_days: int | Ints = 0  # running, up to RUN_DAYS
    cold_days: int | Ints = 0
    bare_days: int | Ints = 0
    autumn_dc: float | Floats = fwi.START_DC  # DC at the end of the last season
    winter_rain_mm: float | Floats = 0.0  # since then
    winter_gap: bool | Bools = False  # a day since then had no rain reading and was counted as dry

    def at(self, cell: int) -> "SeasonState":
        """Answer the state of one cell as plain numbers, ready to be stored; needs arrays of shape (cells,)."""
        return SeasonState(*(np.asarray(getattr(self, name))[cell].item() for name in FIELDS))


FIELDS = tuple(field.name for field in dataclasses.fields(SeasonState))


def stacked(states: Sequence[SeasonState]) -> SeasonState:
    """Answer the states of single cells (plain numbers) as one of shape (cells,)."""
    return SeasonState(*(np.array([getattr(state, name) for state in states]) for name in FIELDS))


@dataclass(frozen=True, eq=False)
class SeasonDay:
    """A day of all cells: whether it is in season, whether it is the first of one, and the state at its end.

    The rain of a day that rests has still to be added, by `with_rain`.
    """

    active: Bools
    began: Bools
    state: SeasonState


def step(rule: SeasonRule, before: SeasonState, tmax_c: Floats, snow_cm: Floats, dc: Floats) -> SeasonDay:
    """Go on by a day. Arrays of shape (cells,): the daily maximum, the depth of snow, NaN where missing.

    `dc` is the drought code at the end of the day before: where the season ends today it is the autumn's.
    """
    warm, cold = tmax_c > rule.start_c, tmax_c < rule.end_c  # false where missing
    bare = np.where(np.isnan(snow_cm), warm, snow_cm < rule.snow_cm)
    warm_days = np.where(np.isnan(tmax_c), before.warm_days, _run(before.warm_days, warm))
    cold_days = _run(before.cold_days, cold)
    # A day of which nothing is known neither is bare nor breaks the run.
    bare_days = np.where(np.isnan(snow_cm) & ~warm, before.bare_days, _run(before.bare_days, bare))
    was = np.broadcast_to(np.asarray(before.active, dtype=np.bool_), tmax_c.shape)
    starts, ends = _conditions(rule, warm_days, cold_days, bare_days, snow_cm >= rule.snow_cm)
    active = np.where(was, ~ends, starts)
    ended = was & ~active
    state = SeasonState(
        active,
        warm_days,
        cold_days,
        bare_days,
        np.where(ended, dc, before.autumn_dc),
        np.where(ended, 0.0, before.winter_rain_mm),
        np.where(ended, False, before.winter_gap),
    )
    return SeasonDay(active, active & ~was, state)


def with_rain(state: SeasonState, rain_mm: Floats) -> SeasonState:
    """Answer the state with a day's rain (NaN: missing, counted as none and remembered) added where it is winter."""
    rests = ~np.asarray(state.active)
    missing = np.isnan(rain_mm)
    return dataclasses.replace(
        state,
        winter_rain_mm=np.where(rests & ~missing, state.winter_rain_mm + rain_mm, state.winter_rain_mm),
        winter_gap=np.asarray(state.winter_gap) | (rests & missing),
    )


def overwintered_dc(autumn_dc: Floats, winter_rain_mm: Floats, a: float = 0.75, b: float = 0.75) -> Floats:
    """Answer the drought code at the start of a season, at least the start value of 15.

    `autumn_dc` at the end of the last season, rain (and melted snow) in mm since; `a` is the share of the autumn's
    moisture that is carried over, `b` the share of the winter's rain that stays. Where no moisture at all is left the
    equation has no answer: the autumn's code stands. BadInput for a or b outside 0 to 1.
    """
    if not (0.0 <= a <= 1.0 and 0.0 <= b <= 1.0):
        raise BadInput(f"overwintering: a {a} and b {b} have to lie between 0 and 1")
    moisture = a * (800.0 * np.exp(-autumn_dc / 400.0)) + 3.94 * b * winter_rain_mm
    dry = ~(moisture > 0.0)
    # The difference of the logarithms: the quotient would overflow just above none.
    code = np.where(dry, autumn_dc, 400.0 * (np.log(800.0) - np.log(np.where(dry, 800.0, moisture))))
    return np.maximum(code, fwi.START_DC)


def _run(days: int | Ints, goes_on: Bools) -> Ints:
    """Count a day running; more than RUN_DAYS tell no more."""
    return np.where(goes_on, np.minimum(np.asarray(days) + 1, RUN_DAYS), 0)


def _conditions(
    rule: SeasonRule, warm_days: Ints, cold_days: Ints, bare_days: Ints, snow_lies: Bools
) -> tuple[Bools, Bools]:
    """Answer where a season may start today and where one may end."""
    if rule.kind == "always":
        everywhere = np.ones(warm_days.shape, dtype=np.bool_)
        return everywhere, ~everywhere
    if rule.kind == "thaw":
        return warm_days >= RUN_DAYS, cold_days >= RUN_DAYS
    return bare_days >= RUN_DAYS, (cold_days >= RUN_DAYS) & snow_lies
