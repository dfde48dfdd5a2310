"""The Ångström index of Sweden: I = R/20 + (27 - T)/10, small when fires are likely. Pure numpy.

A. Ångström, "Riskerna för skogsbrand och deras beroende av väder och klimat", Svenska Skogsvårdsföreningens Tidskrift
47, 323-343 (1949); classes as in C. Chandler et al., Fire in Forestry, vol. 1, Wiley (1983). Temperature (°C) and
relative humidity (%) at 13:00 local time. No memory: a missing value costs its own day and cell, nothing else.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firewatch.indices.checks import RH_PCT, TEMP_C, Bits, Flag, Floats, checked_all, mark
from firewatch.indices.inputs import classed, days_and_cells, one_nan


@dataclass(frozen=True, eq=False)
class AngstromDays:
    """Arrays of shape (days, cells): the index (NaN without a value), class 1–4 or 0, `Flag` bits."""

    angstrom: Floats
    danger_class: npt.NDArray[np.uint8]
    flags: Bits


def daily(temp_c: npt.ArrayLike, rh_pct: npt.ArrayLike) -> AngstromDays:
    """Answer the index of days of weather of shape (days, cells), NaN where missing; BadInput for other shapes."""
    (t, h), flags = checked_all(days_and_cells(temp_c=temp_c, rh_pct=rh_pct), (TEMP_C, RH_PCT))
    index = one_nan(h / 20.0 + (27.0 - t) / 10.0)
    return AngstromDays(index, danger_class(index), flags | mark(np.isnan(index), Flag.NO_VALUE))


def danger_class(angstrom: Floats) -> npt.NDArray[np.uint8]:
    """Answer 1 fires unlikely (above 4), 2 unfavourable, 3 favourable (to 2.5), 4 very likely (below 2); 0 if NaN."""
    return classed(-angstrom, (-4.0, -2.5, float(np.nextafter(-2.0, 0.0))))
