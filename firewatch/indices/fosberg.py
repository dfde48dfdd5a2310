"""The Fosberg Fire Weather Index: how wind and drying of the hour act on fine fuel, 0–100. Pure numpy.

M. A. Fosberg, "Weather in wildland fire management: the fire weather index", Proceedings of the Conference on Sierra
Nevada Meteorology, American Meteorological Society, 1-4 (1978); the equilibrium moisture by A. J. Simard, "The moisture
content of forest fuels", Information Report FF-X-14 (1968), with the classes of humidity as in J. D. Cohen and J. E.
Deeming, General Technical Report PSW-82 (1985), equations 1a to 1c. The source is in °F and mph; here °C, % and km/h
at 10 m (the source has 20 ft) of any one hour. 100 stands for dry fuel and 30 mph, and is the most that is given.

No memory: a missing value costs its own day and cell, nothing else.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firewatch.indices.checks import RH_PCT, TEMP_C, WIND_KMH, Bits, Flag, Floats, checked_all, mark
from firewatch.indices.inputs import days_and_cells, one_nan

_KM_PER_MILE = 1.609344


@dataclass(frozen=True, eq=False)
class FosbergDays:
    """Arrays of shape (days, cells): the index (NaN without a value) and `Flag` bits."""

    fosberg: Floats
    flags: Bits


def daily(temp_c: npt.ArrayLike, rh_pct: npt.ArrayLike, wind_kmh: npt.ArrayLike) -> FosbergDays:
    """Answer the index of days of weather of shape (days, cells), NaN where missing; BadInput for other shapes."""
    weather = days_and_cells(temp_c=temp_c, rh_pct=rh_pct, wind_kmh=wind_kmh)
    (t, h, w), flags = checked_all(weather, (TEMP_C, RH_PCT, WIND_KMH))
    index = of_moisture(equilibrium_moisture_pct(t, h), w)
    return FosbergDays(index, flags | mark(np.isnan(index), Flag.NO_VALUE))


def equilibrium_moisture_pct(temp_c: Floats, rh_pct: Floats) -> Floats:
    """Answer the moisture in % towards which fine dead fuel tends."""
    t, h = 1.8 * temp_c + 32.0, rh_pct
    return np.select(
        [h < 10.0, h < 50.0],
        [
            0.03229 + 0.281073 * h - 0.000578 * h * t,  # (1a)
            2.22749 + 0.160107 * h - 0.014784 * t,  # (1b)
        ],
        21.0606 + 0.005565 * h**2 - 0.00035 * h * t - 0.483199 * h,  # (1c)
    )


def of_moisture(moisture_pct: Floats, wind_kmh: Floats) -> Floats:
    """Answer the index (0–100) of a fuel moisture in % and a wind in km/h; NaN in either gives NaN."""
    share = np.clip(moisture_pct / 30.0, 0.0, 1.0)  # at 30 % and more nothing burns
    damping = 1.0 - 2.0 * share + 1.5 * share**2 - 0.5 * share**3
    mph = wind_kmh / _KM_PER_MILE
    return one_nan(np.minimum(damping * np.sqrt(1.0 + mph**2) / 0.3002, 100.0))
