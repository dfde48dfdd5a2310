"""The Canadian Forest Fire Weather Index System: one day's step over arrays of cells. Pure numpy.

Written from C. E. Van Wagner and T. L. Pickett, "Equations and FORTRAN program for the Canadian Forest Fire Weather
Index System", Forestry Technical Report 33 (1985); the equation numbers beside the lines are theirs. Noon observations:
temperature in °C, relative humidity in % (0–100), wind in km/h at 10 m, rain in mm over the 24 h to noon.

Every function takes numbers or arrays that broadcast together, finite or NaN and inside their ranges (`checks` sees to
that), and answers an array of at least one dimension. NaN in any input of a cell gives NaN in that cell alone.
`constant` is a name of CONSTANTS.
"""

from typing import Literal, get_args

import numpy as np

from firewatch.errors import BadInput
from firewatch.indices.checks import Bools, Floats, Ints

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


def ffmc(
    before: Values, temp_c: Values, rh_pct: Values, wind_kmh: Values, rain_mm: Values, constant: str = "vw1985"
) -> Floats:
    """Answer today's Fine Fuel Moisture Code (0–101) from yesterday's and the noon weather."""
    f, t, h, w, r = _cells(before, temp_c, rh_pct, wind_kmh, rain_mm)
    c = constant_value(constant)
    m = _moisture(f, c)
    wet = r > 0.5
    m[wet] = _rained_on(m[wet], r[wet] - 0.5)  # (2)
    heat = 0.18 * (21.1 - t) * (1.0 - np.exp(-0.115 * h))
    damp = np.exp((h - 100.0) / 10.0)
    dry_end = 0.942 * h**0.679 + 11.0 * damp + heat  # (4)
    wet_end = 0.618 * h**0.753 + 10.0 * damp + heat  # (5)
    drying = m > dry_end
    wetting = (m < dry_end) & (m < wet_end)
    rate = _drying_rate(t, np.where(wetting, 100.0 - h, h) / 100.0, w)  # (6a) (6b), (7a) (7b)
    end = np.where(drying, dry_end, np.where(wetting, wet_end, m))
    m = end + (m - end) * 10.0**-rate  # (8) drying, (9) wetting, else unchanged
    return np.clip(59.5 * (250.0 - m) / (c + m), 0.0, 101.0) + _nothing(t, h, w, r)  # (10)


def dmc(before: Values, temp_c: Values, rh_pct: Values, rain_mm: Values, day_length: Values) -> Floats:
    """Answer today's Duff Moisture Code (≥ 0); `day_length` from the function of that name."""
    p0, t, h, r, le = _cells(before, temp_c, rh_pct, rain_mm, day_length)
    k = 1.894 * (np.maximum(t, -1.1) + 1.1) * (100.0 - h) * le * 1e-4  # 100 K of (16)
    p = p0.copy()
    wet = r > 1.5
    p[wet] = _duff_after_rain(p[wet], 0.92 * r[wet] - 1.27)  # (11)
    return np.maximum(p + k, 0.0) + _nothing(r)  # (17)


def dc(before: Values, temp_c: Values, rain_mm: Values, drying_factor: Values) -> Floats:
    """Answer today's Drought Code (≥ 0); `drying_factor` from the function of that name."""
    d0, t, r, lf = _cells(before, temp_c, rain_mm, drying_factor)
    d = d0.copy()
    wet = r > 2.8
    stored = 800.0 * np.exp(-d[wet] / 400.0) + 3.937 * (0.83 * r[wet] - 1.27)  # (18) (19) (20)
    d[wet] = np.maximum(400.0 * np.log(800.0 / stored), 0.0)  # (21)
    v = np.maximum(0.36 * (np.maximum(t, -2.8) + 2.8) + lf, 0.0)  # (22)
    return np.maximum(d + 0.5 * v, 0.0) + _nothing(r)  # (23)


def isi(ffmc: Values, wind_kmh: Values, constant: str = "vw1985") -> Floats:
    """Answer the Initial Spread Index of a day's FFMC and noon wind."""
    f, w = _cells(ffmc, wind_kmh)
    m = _moisture(f, constant_value(constant))
    fuel = 91.9 * np.exp(-0.1386 * m) * (1.0 + m**5.31 / 4.93e7)  # (25)
    return 0.208 * np.exp(0.05039 * w) * fuel  # (24) (26)


def bui(dmc: Values, dc: Values) -> Floats:
    """Answer the Buildup Index of a day's DMC and DC."""
    p, d = _cells(dmc, dc)
    total = p + 0.4 * d
    share = 0.8 * d / np.where(total == 0.0, 1.0, total)  # P = D = 0: the index is 0
    moist = p - (1.0 - share) * (0.92 + (0.0114 * p) ** 1.7)  # (27b)
    return np.where(p <= 0.4 * d, share * p, np.maximum(moist, 0.0))  # (27a)


def fwi(isi: Values, bui: Values) -> Floats:
    """Answer the Fire Weather Index of a day's ISI and BUI."""
    r, u = _cells(isi, bui)
    duff = np.where(u <= 80.0, 0.626 * u**0.809 + 2.0, 1000.0 / (25.0 + 108.64 * np.exp(-0.023 * u)))  # (28a) (28b)
    b = 0.1 * r * duff  # (29)
    intense = np.exp(2.72 * (0.434 * np.log(np.maximum(b, 1.0))) ** 0.647)  # (30a)
    return np.where(b > 1.0, intense, b)  # (30b)


def dsr(fwi: Values) -> Floats:
    """Answer the Daily Severity Rating of an FWI."""
    (s,) = _cells(fwi)
    return 0.0272 * s**1.77  # (31)


def _cells(*values: Values) -> tuple[Floats, ...]:
    return np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, dtype=np.float64)) for value in values))


def _nothing(*values: Floats) -> Floats:
    """Zero, or NaN where one of the values is: the branches on rain and moisture alone would swallow a NaN."""
    missing: Bools = np.isnan(sum(values, start=np.float64(0.0)))
    return np.where(missing, np.nan, 0.0)


def _band(lat: Values, edges: tuple[float, ...]) -> Ints:
    return np.searchsorted(edges, np.atleast_1d(lat), side="left")


def _moisture(f: Floats, c: float) -> Floats:
    return c * (101.0 - f) / (59.5 + f)  # (1)


def _rained_on(m: Floats, rain_mm: Floats) -> Floats:
    soaked = 0.0015 * np.maximum(m - 150.0, 0.0) ** 2 * np.sqrt(rain_mm)  # (3b) beyond 150, else nothing
    wetted = 42.5 * rain_mm * np.exp(-100.0 / (251.0 - m)) * (1.0 - np.exp(-6.93 / rain_mm))  # (3a)
    return np.minimum(m + wetted + soaked, 250.0)


def _drying_rate(temp_c: Floats, share: Floats, wind_kmh: Floats) -> Floats:
    base = 0.424 * (1.0 - share**1.7) + 0.0694 * np.sqrt(wind_kmh) * (1.0 - share**8)
    return base * 0.581 * np.exp(0.0365 * temp_c)


def _duff_after_rain(p: Floats, rain_mm: Floats) -> Floats:
    # (12) in the form with 280 e^(-0.023 P): the printed table of the report agrees with this one.
    m = 20.0 + 280.0 * np.exp(-0.023 * p)
    log_p = np.log(np.maximum(p, 1.0))  # used above 33 only
    slope = np.select(
        [p <= 33.0, p <= 65.0],
        [100.0 / (0.5 + 0.3 * p), 14.0 - 1.3 * log_p],  # (13a) (13b)
        6.2 * log_p - 17.2,  # (13c)
    )
    m += 1000.0 * rain_mm / (48.77 + slope * rain_mm)  # (14)
    return np.maximum(43.43 * (5.6348 - np.log(m - 20.0)), 0.0)  # (15)
