"""A day of the FWI System where the codes rest out of season and begin again with the next. Pure.

While they rest a cell has no codes and no grade, which is not "no data"; its winter's rain is summed. Readings of the
autumn bridge no gap in spring.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from firewatch.indices import fwi
from firewatch.indices.checks import Bools, Floats
from firewatch.indices.fwi_series import FwiDays, FwiState
from firewatch.indices.season import SeasonRule, SeasonState, overwintered_dc, step, with_rain


@dataclass(frozen=True)
class Winter:
    """What the drought code keeps over the winter: a and b of `overwintered_dc`; off: it starts anew."""

    on: bool = True
    a: float = 0.75
    b: float = 0.75


@dataclass(frozen=True, eq=False)
class RestedDay:
    """A day of all cells: the codes, the state of the season, and arrays of shape (cells,) of what is to be said."""

    fwi: FwiDays
    season: SeasonState
    rests: Bools
    overwintered: Bools
    winter_gap: Bools
    """The winter's rain that DC began with lacks a day."""


def next_day(
    rule: SeasonRule,
    winter: Winter,
    before: SeasonState,
    codes: FwiState,
    tmax_c: Floats,
    snow_cm: Floats,
    rain_mm: Floats,
    run: Callable[[FwiState], FwiDays],
) -> RestedDay:
    """Go on by a day: weather of shape (cells,), NaN where missing; `run` steps the codes by this day from a state."""
    day = step(rule, before, tmax_c, snow_cm, np.asarray(codes.dc, dtype=np.float64))
    nowhere = np.zeros(tmax_c.shape, dtype=np.bool_)
    if day.active.all() and not day.began.any():
        return RestedDay(run(codes), day.state, nowhere, nowhere, nowhere)
    carried = day.began & winter.on
    dc = overwintered_dc(np.asarray(day.state.autumn_dc), np.asarray(day.state.winter_rain_mm), winter.a, winter.b)
    fresh = _fresh(codes, day.began | ~day.active, np.where(carried, dc, fwi.START_DC))
    found = _silenced(run(fresh), fresh, ~day.active)
    gap = carried & np.asarray(day.state.winter_gap)
    return RestedDay(found, with_rain(day.state, rain_mm), ~day.active, carried, gap)


def _fresh(codes: FwiState, where: Bools, dc: Floats) -> FwiState:
    """Return the start values of a season in some cells; how long a cold start is to be told of goes on."""
    return dataclasses.replace(
        codes,
        ffmc=np.where(where, fwi.START_FFMC, codes.ffmc),
        dmc=np.where(where, fwi.START_DMC, codes.dmc),
        dc=np.where(where, dc, codes.dc),
        temp_c=np.where(where, np.nan, codes.temp_c),
        rh_pct=np.where(where, np.nan, codes.rh_pct),
        wind_kmh=np.where(where, np.nan, codes.wind_kmh),
        gap_days=np.where(where, 0, codes.gap_days),
    )


def _silenced(days: FwiDays, waiting: FwiState, rests: Bools) -> FwiDays:
    """Return the day without any value, mark or step where the codes rest."""
    values = {name: np.where(rests, np.nan, getattr(days, name)) for name in _VALUES}
    kept = {
        field.name: np.where(rests, getattr(waiting, field.name), getattr(days.state, field.name))
        for field in dataclasses.fields(FwiState)
    }
    flags = np.where(rests, np.uint32(0), days.flags).astype(np.uint32)
    return FwiDays(**values, flags=flags, state=FwiState(**kept))


_VALUES = ("ffmc", "dmc", "dc", "isi", "bui", "fwi", "dsr")
