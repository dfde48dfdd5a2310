"""McArthur's Forest Fire Danger Index, Mark 5, with the drought factor of Griffiths. Pure numpy.

I. R. Noble, G. A. V. Bary, A. M. Gill, "McArthur's fire-danger meters expressed as equations", Australian Journal of
Ecology 5, 201-203 (1980); D. Griffiths, "Improved formula for the drought factor in McArthur's Forest Fire Danger
Meter", Australian Forestry 62, 202-206 (1999), with the limit by soil moisture as in K. Finkele et al., BMRC Research
Report 119 (2006), equation 14.

Once a day: temperature (°C), humidity (%), wind at 10 m (km/h) at 15:00 or at the day's worst hour; for the soil the
maximum temperature and the rain of the 24 h before, and the mean annual rain. The soil's deficit is the KBDI in the
form of Finkele et al. Made for eucalypt forest; elsewhere it ranks days, it does not tell how a fire behaves.

An incomplete day has no index, but the soil's chain goes on (gaps as in `inputs`). A day of the last twenty without a
rain reading, the days before the record among them, counts as dry and is marked `rain_gap`.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from firewatch.errors import BadInput
from firewatch.indices import kbdi
from firewatch.indices.checks import (
    RAIN_MM,
    RH_PCT,
    TEMP_C,
    WIND_KMH,
    Bits,
    Flag,
    Floats,
    checked_all,
    floats,
    mark,
)
from firewatch.indices.inputs import MAX_GAP_DAYS, classed, days_and_cells, one_nan
from firewatch.indices.kbdi import FINKELE, KbdiState

WINDOW_DAYS = 20  # rain longer ago no longer wets the litter
_WET_MM = 2.0
# Low, moderate, high, very high, extreme: the meter's five, where each begins.
_RATINGS = (5.0, 12.0, 24.0, 50.0)


@dataclass(frozen=True, eq=False)
class FfdiState:
    """What tomorrow needs: the soil, and the rain of the last 19 days (19, cells), oldest first, NaN if unknown."""

    soil: KbdiState = field(default_factory=KbdiState)
    rain_mm: Floats | None = None

    def at(self, cell: int) -> "FfdiState":
        """Answer the state of one cell; needs arrays of shape (cells,)."""
        recent = None if self.rain_mm is None else self.rain_mm[:, [cell]]
        return FfdiState(self.soil.at(cell), recent)


@dataclass(frozen=True, eq=False)
class FfdiDays:
    """Arrays of shape (days, cells): index, rating 1–5 or 0, drought factor, KBDI in mm, `Flag` bits; the state."""

    ffdi: Floats
    rating: npt.NDArray[np.uint8]
    drought_factor: Floats
    kbdi_mm: Floats
    flags: Bits
    state: FfdiState


def daily(
    temp_c: npt.ArrayLike,
    rh_pct: npt.ArrayLike,
    wind_kmh: npt.ArrayLike,
    tmax_c: npt.ArrayLike,
    rain_mm: npt.ArrayLike,
    annual_rain_mm: npt.ArrayLike,
    start: FfdiState = FfdiState(),
    max_gap_days: int = MAX_GAP_DAYS,
) -> FfdiDays:
    """Run the index over days of weather, one calendar day a row.

    Weather has the shape (days, cells) and NaN where missing; `annual_rain_mm` (cells,) or a number. BadInput tells of
    shapes, a state or an annual rain that cannot be used.
    """
    weather = days_and_cells(temp_c=temp_c, rh_pct=rh_pct, wind_kmh=wind_kmh, tmax_c=tmax_c, rain_mm=rain_mm)
    (t, h, w, _, r), flags = checked_all(weather, (TEMP_C, RH_PCT, WIND_KMH, TEMP_C, RAIN_MM))
    soil = kbdi.daily(weather[3], weather[4], annual_rain_mm, start.soil, FINKELE, max_gap_days)
    rain = np.concatenate([_recent(start, r.shape[1]), r])
    factor, gaps = np.empty(r.shape), np.empty(r.shape, dtype=np.bool_)
    for day in range(len(r)):
        window = rain[day : day + WINDOW_DAYS]
        factor[day] = drought_factor(soil.kbdi_mm[day], window)
        gaps[day] = np.isnan(window).any(axis=0)
    danger = index(factor, t, h, w)
    flags |= soil.flags & ~np.uint32(Flag.NO_VALUE)
    flags |= mark(np.isnan(danger), Flag.NO_VALUE) | mark(gaps, Flag.RAIN_GAP)
    end = FfdiState(soil.state, rain[len(r) :])
    return FfdiDays(danger, rating(danger), factor, soil.kbdi_mm, flags, end)


def index(drought_factor: Floats, temp_c: Floats, rh_pct: Floats, wind_kmh: Floats) -> Floats:
    """Answer the Mark 5 index of a drought factor (0–10) and an hour's weather; NaN in any input gives NaN."""
    weather = np.exp(-0.450 - 0.0345 * rh_pct + 0.0338 * temp_c + 0.0234 * wind_kmh)
    return one_nan(2.0 * weather * drought_factor**0.987)  # the power is e^(0.987 ln D), and 0 for D = 0


def rating(ffdi: Floats) -> npt.NDArray[np.uint8]:
    """Answer the meter's rating: 1 low, 2 moderate (from 5), 3 high (12), 4 very high (24), 5 extreme (50); 0 NaN."""
    return classed(ffdi, _RATINGS)


def drought_factor(deficit_mm: Floats, rain_mm: Floats) -> Floats:
    """Answer the drought factor (0–10) of a soil deficit (cells,) and the rain of the last days (days, cells).

    The last row is the rain of the 24 h to now and counts as a day old. Rain of consecutive days above 2 mm is one
    event, as old as its wettest day. Unknown rain (NaN) is none.
    """
    wetness = np.minimum(_of_rain(np.nan_to_num(rain_mm)), _of_soil(deficit_mm))
    fine = (41.0 * wetness**2 + wetness) / (40.0 * wetness**2 + wetness + 1.0)
    return one_nan(np.minimum(10.5 * (1.0 - np.exp(-(deficit_mm + 30.0) / 40.0)) * fine, 10.0))


def _of_rain(rain_mm: Floats) -> Floats:
    """Answer the smallest x of all events. Within one it only falls (more rain, later peak): each day may be asked."""
    total, peak, age = np.zeros((3, rain_mm.shape[1]))
    least = np.ones(rain_mm.shape[1])
    for days_ago, rain in zip(range(len(rain_mm), 0, -1), rain_mm, strict=True):
        wet = rain > _WET_MM
        age = np.where(rain >= peak, float(days_ago), age)
        peak = np.where(wet, np.maximum(peak, rain), 0.0)
        total = np.where(wet, total + rain, 0.0)
        power = age**1.3
        least = np.where(wet, np.minimum(least, power / (power + np.where(wet, total, _WET_MM) - _WET_MM)), least)
    return least


def _of_soil(deficit_mm: Floats) -> Floats:
    """How far a soil still moist holds the litter's x down, however long ago it rained (14)."""
    return np.where(
        deficit_mm < 20.0, 1.0 / (1.0 + 0.1135 * deficit_mm), 75.0 / (270.525 - 1.267 * np.minimum(deficit_mm, 200.0))
    )


def _recent(start: FfdiState, cells: int) -> Floats:
    if start.rain_mm is None:
        return np.full((WINDOW_DAYS - 1, cells), np.nan)
    recent = floats("start.rain_mm", start.rain_mm)
    if recent.shape != (WINDOW_DAYS - 1, cells):
        raise BadInput(f"start.rain_mm: shape {recent.shape}, wanted ({WINDOW_DAYS - 1}, {cells})")
    return recent
