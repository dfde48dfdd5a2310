"""The Canadian Forest Fire Weather Index System: one day's step over arrays of cells. Pure numpy.

Written from C. E. Van Wagner and T. L. Pickett, "Equations and FORTRAN program for the Canadian Forest Fire Weather
Index System", Forestry Technical Report 33 (1985); the equation numbers beside the lines are theirs. Noon observations:
temperature in °C, relative humidity in % (0–100), wind in km/h at 10 m, rain in mm over the 24 h to noon.

Every function takes numbers or arrays that broadcast together, finite or NaN and inside their ranges (`checks` sees to
that), and answers an array of at least one dimension. NaN in any input of a cell gives NaN in that cell alone.
`constant` is a name of CONSTANTS.

The equations stand in `fwi_rows`.
"""

from typing import Literal, get_args

import numpy as np

from firewatch.errors import BadInput
from firewatch.indices import fwi_rows as rows
from firewatch.indices.checks import Floats, Ints

Values = float | Floats
Constant = Literal["vw1985", "exact"]

# The factor of the moisture scale. The report prints 147.2, which operational services use; later reference packages
# carry the quotient that makes F = 0 stand for exactly 250 % moisture.
CONSTANTS: dict[str, float] = {"vw1985": 147.2, "exact": 250.0 * 59.5 / 101.0}

START_FFMC, START_DMC, START_DC = 85.0, 6.0, 15.0

# Effective day length of DMC by month, for the five bands cut at 30° S, 10° S, 10° N and 30° N. The upper edge belongs
# to the band below it (30° N still has the row of 10–30° N).
_DAY_LENGTH_EDGES = (-30.0, -10.0, 10.0, 30.0)
_DAY_LENGTH = np.array(
    [
        [11.5, 10.5, 9.2, 7.9, 6.8, 6.2, 6.5, 7.4, 8.7, 10.0, 11.2, 11.8],
        [10.1, 9.6, 9.1, 8.5, 8.1, 7.8, 7.9, 8.3, 8.9, 9.4, 9.9, 10.2],
        [9.0] * 12,
        [7.9, 8.4, 8.9, 9.5, 9.9, 10.2, 10.1, 9.7, 9.1, 8.6, 8.1, 7.8],
        [6.5, 7.5, 9.0, 12.8, 13.9, 13.9, 12.4, 10.9, 9.4, 8.0, 7.0, 6.0],
    ]
)
# Day length factor of DC by month, for the three bands cut at 20° S and 20° N.
_DRYING_EDGES = (-20.0, 20.0)
_DRYING = np.array(
    [
        [6.4, 5.0, 2.4, 0.4, -1.6, -1.6, -1.6, -1.6, -1.6, 0.9, 3.8, 5.8],
        [1.4] * 12,
        [-1.6, -1.6, -1.6, 0.9, 3.8, 5.8, 6.4, 5.0, 2.4, 0.4, -1.6, -1.6],
    ]
)


def constant_value(constant: str) -> float:
    """Answer the moisture-scale factor of a named variant; BadInput when there is no such name."""
    try:
        return CONSTANTS[constant]
    except KeyError:
        raise BadInput(f"constant: {constant!r} is none of {', '.join(get_args(Constant))}") from None


def day_length(lat: Values, month: int) -> Floats:
    """Answer DMC's effective day length Le in hours for latitudes in degrees and a month 1–12."""
    hours: Floats = _DAY_LENGTH[_band(lat, _DAY_LENGTH_EDGES), month - 1]
    return hours


def drying_factor(lat: Values, month: int) -> Floats:
    """Answer DC's day length factor Lf for latitudes in degrees and a month 1–12."""
    factor: Floats = _DRYING[_band(lat, _DRYING_EDGES), month - 1]
    return factor


@rows.of_zero_too
def ffmc(
    before: Values, temp_c: Values, rh_pct: Values, wind_kmh: Values, rain_mm: Values, constant: str = "vw1985"
) -> Floats:
    """Answer today's Fine Fuel Moisture Code (0–101) from yesterday's and the noon weather."""
    shape, (f, t, h, w, r) = _cells(before, temp_c, rh_pct, wind_kmh, rain_mm)
    answer, wet = np.empty(f.size), rows.wetter(r, rows.FFMC_RAIN_MM)
    rows.ffmc(f, t, h, w, r, wet, constant_value(constant), answer, rows.scratch(f.size))
    return answer.reshape(shape)


@rows.of_zero_too
def hourly_ffmc(
    before: Values,
    temp_c: Values,
    rh_pct: Values,
    wind_kmh: Values,
    rain_mm: Values,
    hours: Values = 1.0,
    constant: str = "vw1985",
) -> Floats:
    """Answer the FFMC (0–101) some hours after the one before: rain of those hours, weather at their end.

    C. E. Van Wagner, "A method of computing fine fuel moisture content throughout the diurnal cycle", Information
    Report PS-X-69 (1977): as the daily code, but the rain has no intercept and the rate is that of an hour. `hours` is
    usually 1. Feed it with hourly weather only, and never mix it with the daily code in one chain.
    """
    shape, (f, t, h, w, r, dt) = _cells(before, temp_c, rh_pct, wind_kmh, rain_mm, hours)
    answer = np.empty(f.size)
    rows.hourly_ffmc(f, t, h, w, r, dt, constant_value(constant), answer, rows.scratch(f.size))
    return answer.reshape(shape)


def dmc(before: Values, temp_c: Values, rh_pct: Values, rain_mm: Values, day_length: Values) -> Floats:
    """Answer today's Duff Moisture Code (≥ 0); `day_length` from the function of that name."""
    shape, (p, t, h, r, le) = _cells(before, temp_c, rh_pct, rain_mm, day_length)
    answer = np.empty(p.size)
    of = rows.month(day_length=le, drying_factor=0.0)
    rows.dmc(p, t, h, r, of, rows.wetter(r, rows.DMC_RAIN_MM), answer, rows.scratch(p.size))
    return answer.reshape(shape)


def dc(before: Values, temp_c: Values, rain_mm: Values, drying_factor: Values) -> Floats:
    """Answer today's Drought Code (≥ 0); `drying_factor` from the function of that name."""
    shape, (d, t, r, lf) = _cells(before, temp_c, rain_mm, drying_factor)
    answer = np.empty(d.size)
    of = rows.month(day_length=0.0, drying_factor=lf)
    rows.dc(d, t, r, of, rows.wetter(r, rows.DC_RAIN_MM), answer, rows.scratch(d.size))
    return answer.reshape(shape)


@rows.of_zero_too
def isi(ffmc: Values, wind_kmh: Values, constant: str = "vw1985") -> Floats:
    """Answer the Initial Spread Index of a day's FFMC and noon wind."""
    shape, (f, w) = _cells(ffmc, wind_kmh)
    answer = np.empty(f.size)
    rows.isi(f, w, constant_value(constant), answer, rows.scratch(f.size))
    return answer.reshape(shape)


def bui(dmc: Values, dc: Values) -> Floats:
    """Answer the Buildup Index of a day's DMC and DC."""
    shape, (p, d) = _cells(dmc, dc)
    answer = np.empty(p.size)
    rows.bui(p, d, answer, rows.scratch(p.size))
    return answer.reshape(shape)


@rows.of_zero_too
def fwi(isi: Values, bui: Values) -> Floats:
    """Answer the Fire Weather Index of a day's ISI and BUI."""
    shape, (r, u) = _cells(isi, bui)
    answer = np.empty(r.size)
    rows.fwi_and_dsr(r, u, answer, np.empty(r.size), rows.scratch(r.size))
    return answer.reshape(shape)


@rows.of_zero_too
def dsr(fwi: Values) -> Floats:
    """Answer the Daily Severity Rating of an FWI."""
    shape, (s,) = _cells(fwi)
    answer = np.empty(s.size)
    rows.severity(np.log(s), answer)
    return answer.reshape(shape)


def _band(lat: Values, edges: tuple[float, ...]) -> Ints:
    return np.searchsorted(edges, np.atleast_1d(lat), side="left")


def _cells(*values: Values) -> tuple[tuple[int, ...], list[Floats]]:
    """Answer the shape of the answer, and the values as rows of cells side by side: so bits do not hang on strides."""
    spread = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, dtype=np.float64)) for value in values))
    return spread[0].shape, [np.ascontiguousarray(array).ravel() for array in spread]
