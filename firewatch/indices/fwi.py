"""The Canadian Forest Fire Weather Index System: one day's step over arrays of cells. Pure numpy.

Written from C. E. Van Wagner and T. L. Pickett, "Equations and FORTRAN program for the Canadian Forest Fire Weather
Index System", Forestry Technical Report 33 (1985); the equation numbers beside the lines are theirs. Noon observations:
temperature in °C, relative humidity in % (0–100), wind in km/h at 10 m, rain in mm over the 24 h to noon.

Every function takes numbers or arrays that broadcast together, finite or NaN and inside their ranges (`checks` sees to
that), and answers an array of at least one dimension. NaN in any input of a cell gives NaN in that cell alone.
`constant` is a name of CONSTANTS.

The equations are written for speed over a block of cells: powers as exp and log (the logarithm of 0 is -inf, and any
power of it 0 again), sums and products in place, factors drawn together, what holds for a few cells only (rain,
wetting) by index. Moisture goes about as m + C, which makes one division of (1) and of (10). Whoever steps again and
again hands over `out` for the answer and a `Room` to compute in: then nothing asks the system for memory, which would
cost more than the arithmetic.
"""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from firewatch.errors import BadInput
from firewatch.indices.checks import Floats, Ints
from firewatch.indices.room import Room, Values, answer_row, cells, rows_of

Constant = Literal["vw1985", "exact"]

# The factor of the moisture scale. The report prints 147.2, which operational services use; later reference packages
# carry the quotient that makes F = 0 stand for exactly 250 % moisture.
CONSTANTS: dict[str, float] = {"vw1985": 147.2, "exact": 250.0 * 59.5 / 101.0}

_TINY = 1e-300  # added to a sum that divides and may be 0
_LN_10 = float(np.log(10.0))
_EXP_MINUS_10 = float(np.exp(-10.0))
_100_17 = 100.0**1.7
_of_zero_too = np.errstate(divide="ignore")  # where a logarithm of 0 is what is wanted

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


@_of_zero_too
def ffmc(
    before: Values,
    temp_c: Values,
    rh_pct: Values,
    wind_kmh: Values,
    rain_mm: Values,
    constant: str = "vw1985",
    out: Floats | None = None,
    room: Room | None = None,
) -> Floats:
    """Answer today's Fine Fuel Moisture Code (0–101) from yesterday's and the noon weather."""
    shape, (f, t, h, w, r) = cells(before, temp_c, rh_pct, wind_kmh, rain_mm)
    m, log_h, dry_end, wet_end, a, b, _ = rows_of(room, f.size)
    c = constant_value(constant)
    _moisture(f, c, m)
    wet = _more_than(r, 0.5)
    if wet.size:
        m[wet] = _rained_on(m[wet] - c, r[wet] - 0.5) + c  # (2)
    np.log(h, out=log_h)
    _equilibria(t, h, log_h, c, dry_end, wet_end, a, b)
    share = _share(h, log_h, (m < wet_end).nonzero()[0], b)  # (7a) (7b)
    # Between the two ends moisture stays as it is; at every humidity the end of drying is the higher one.
    np.maximum(m, wet_end, out=wet_end)
    end = np.minimum(wet_end, dry_end, out=wet_end)
    rate = dry_end
    _drying_rate(t, share, log_h, w, rate, a)  # (6a) (6b)
    return _approached(m, end, rate, c, answer_row(out, m)).reshape(shape)


@_of_zero_too
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
    shape, (f, t, h, w, r, dt) = cells(before, temp_c, rh_pct, wind_kmh, rain_mm, hours)
    m, log_h, dry_end, wet_end, a, b, _ = rows_of(None, f.size)
    c = constant_value(constant)
    _moisture(f, c, m)
    wet = _more_than(r, 0.0)
    m[wet] = _rained_on(m[wet] - c, r[wet]) + c
    np.log(h, out=log_h)
    _equilibria(t, h, log_h, c, dry_end, wet_end, a, b)
    share = _share(h, log_h, (m < wet_end).nonzero()[0], b)
    end = np.minimum(np.maximum(m, wet_end), dry_end)
    rate = dry_end
    _drying_rate(t, share, log_h, w, rate, a)
    rate *= dt * (0.0579 / 0.581)
    return _approached(m, end, rate, c, answer_row(None, m)).reshape(shape)


def dmc(
    before: Values,
    temp_c: Values,
    rh_pct: Values,
    rain_mm: Values,
    day_length: Values,
    out: Floats | None = None,
    room: Room | None = None,
) -> Floats:
    """Answer today's Duff Moisture Code (≥ 0); `day_length` from the function of that name."""
    shape, (p, t, h, r, le) = cells(before, temp_c, rh_pct, rain_mm, day_length)
    drying, a, *_, zeros = rows_of(room, p.size)
    np.add(t, 1.1, out=drying)
    np.maximum(drying, zeros, out=drying)
    np.multiply(h, -1.894e-4, out=a)
    a += 1.894e-2
    drying *= a
    drying *= le  # 100 K of (16)
    return _after_rain_and_drying(p, drying, r, 1.5, _duff_after_rain, answer_row(out, p)).reshape(shape)


def dc(
    before: Values,
    temp_c: Values,
    rain_mm: Values,
    drying_factor: Values,
    out: Floats | None = None,
    room: Room | None = None,
) -> Floats:
    """Answer today's Drought Code (≥ 0); `drying_factor` from the function of that name."""
    shape, (d, t, r, lf) = cells(before, temp_c, rain_mm, drying_factor)
    drying, *_, zeros = rows_of(room, d.size)
    np.add(t, 2.8, out=drying)
    np.maximum(drying, zeros, out=drying)
    drying *= 0.36
    drying += lf
    np.maximum(drying, zeros, out=drying)  # V of (22)
    drying *= 0.5
    return _after_rain_and_drying(d, drying, r, 2.8, _drought_after_rain, answer_row(out, d)).reshape(shape)


@_of_zero_too
def isi(
    ffmc: Values, wind_kmh: Values, constant: str = "vw1985", out: Floats | None = None, room: Room | None = None
) -> Floats:
    """Answer the Initial Spread Index of a day's FFMC and noon wind."""
    shape, (f, w) = cells(ffmc, wind_kmh)
    m, power, a, *_ = rows_of(room, f.size)
    c = constant_value(constant)
    _moisture(f, c, m)
    m -= c
    np.log(m, out=power)
    power *= 5.31
    np.exp(power, out=power)
    power *= 1.0 / 4.93e7
    power += 1.0
    m *= -0.1386
    m += np.multiply(w, 0.05039, out=a)
    np.exp(m, out=m)  # the exponents of (24) and (25) in one
    m *= 0.208 * 91.9
    return np.multiply(m, power, out=answer_row(out, m)).reshape(shape)  # (26)


def bui(dmc: Values, dc: Values, out: Floats | None = None, room: Room | None = None) -> Floats:
    """Answer the Buildup Index of a day's DMC and DC."""
    shape, (p, d) = cells(dmc, dc)
    a, b, *_ = rows_of(room, p.size)
    np.multiply(p, 1.25, out=a)
    np.multiply(d, 0.5, out=b)
    duffy = (a > b).nonzero()[0]
    a += b
    a += _TINY  # P = D = 0: the index is 0
    np.multiply(p, d, out=b)
    answer = np.divide(b, a, out=answer_row(out, a))  # (27a)
    if duffy.size:
        duff, droughty = p[duffy], answer[duffy]
        lower = duff - (1.0 - droughty / duff) * (0.92 + np.exp(1.7 * np.log(0.0114 * duff)))  # (27b)
        answer[duffy] = np.maximum(lower, 0.0)
    return answer.reshape(shape)


@_of_zero_too
def fwi(isi: Values, bui: Values, out: Floats | None = None, room: Room | None = None) -> Floats:
    """Answer the Fire Weather Index of a day's ISI and BUI."""
    shape, (r, u) = cells(isi, bui)
    log_fwi = _log_fwi(r, u, room)
    return np.exp(log_fwi, out=answer_row(out, r)).reshape(shape)


@_of_zero_too
def dsr(fwi: Values, out: Floats | None = None) -> Floats:
    """Answer the Daily Severity Rating of an FWI."""
    shape, (s,) = cells(fwi)
    answer = answer_row(out, s)
    np.log(s, out=answer)
    return _severity(answer, answer).reshape(shape)


@_of_zero_too
def fwi_and_dsr(isi: Floats, bui: Floats, fwi: Floats, dsr: Floats, room: Room) -> None:
    """Fill in the Fire Weather Index and the Daily Severity Rating of rows of ISI and BUI, out of one logarithm."""
    log_fwi = _log_fwi(isi, bui, room)
    np.exp(log_fwi, out=fwi)
    _severity(log_fwi, dsr)


def _band(lat: Values, edges: tuple[float, ...]) -> Ints:
    return np.searchsorted(edges, np.atleast_1d(lat), side="left")


def _more_than(rain_mm: Floats, least_mm: float) -> Ints:
    """Answer the cells with more rain than that; those without a reading go with them, so that NaN stays NaN."""
    return np.logical_not(rain_mm <= least_mm).nonzero()[0]


def _moisture(f: Floats, c: float, m: Floats) -> None:
    """Fill in moisture + C: (1), C (101 - F) / (59.5 + F), with C more."""
    np.add(f, 59.5, out=m)
    np.divide(160.5 * c, m, out=m)


def _rained_on(m: Floats, rain_mm: Floats) -> Floats:
    soaked = 0.0015 * np.maximum(m - 150.0, 0.0) ** 2 * np.sqrt(rain_mm)  # (3b) beyond 150, else nothing
    wetted = 42.5 * rain_mm * np.exp(-100.0 / (251.0 - m)) * (1.0 - np.exp(-6.93 / np.maximum(rain_mm, 1e-9)))  # (3a)
    return np.minimum(m + wetted + soaked, 250.0)


def _equilibria(
    t: Floats, h: Floats, log_h: Floats, c: float, dry_end: Floats, wet_end: Floats, a: Floats, b: Floats
) -> None:
    """Fill in the moisture + C at which drying (4) and wetting (5) end."""
    np.multiply(h, -0.115, out=a)
    np.exp(a, out=a)
    np.multiply(t, -0.18, out=b)
    b += 0.18 * 21.1
    a *= b
    np.subtract(b, a, out=a)
    a += c  # the term of the temperature, in both
    np.multiply(h, 0.1, out=b)
    np.exp(b, out=b)
    b *= 10.0 * _EXP_MINUS_10  # 10 e^((H - 100) / 10)
    np.multiply(log_h, 0.679, out=dry_end)
    np.exp(dry_end, out=dry_end)
    dry_end *= 0.942
    dry_end += a
    np.multiply(log_h, 0.753, out=wet_end)
    np.exp(wet_end, out=wet_end)
    wet_end *= 0.618
    wet_end += a
    wet_end += b
    b *= 1.1
    dry_end += b


def _share(h: Floats, log_h: Floats, wetting: Ints, share: Floats) -> Floats:
    """Answer H, and 100 - H in its place where it is wetting; the logarithms are changed with it."""
    np.copyto(share, h)
    if wetting.size:
        short_of_100 = 100.0 - h[wetting]
        share[wetting] = short_of_100
        log_h[wetting] = np.log(short_of_100)
    return share


def _drying_rate(t: Floats, share: Floats, log_share: Floats, w: Floats, rate: Floats, a: Floats) -> None:
    """Fill in -k ln 10 of a day's drying, or wetting; `share` is used up. All in parts of 0.424 / 100^1.7."""
    np.multiply(log_share, 1.7, out=a)
    np.exp(a, out=a)
    np.subtract(_100_17, a, out=a)  # of (H / 100)^1.7
    for _ in range(3):
        share *= share
    share *= -1e-16 * 0.0694 / 0.424 * _100_17  # (H / 100)^8
    share += 0.0694 / 0.424 * _100_17
    share *= np.sqrt(w, out=rate)
    a += share
    np.multiply(t, 0.0365, out=rate)
    np.exp(rate, out=rate)
    rate *= -_LN_10 * 0.581 * 0.424 / _100_17
    rate *= a


def _approached(m: Floats, end: Floats, rate: Floats, c: float, answer: Floats) -> Floats:
    """Answer the code of moisture + C when it has gone towards its end at a rate."""
    m -= end
    m *= np.exp(rate, out=rate)
    m += end  # (8) drying, (9) wetting, else unchanged
    np.divide(59.5 * (250.0 + c), m, out=answer)
    answer -= 59.5  # (10), 59.5 (250 - m) / (C + m), with a term less
    return np.clip(answer, 0.0, 101.0, out=answer)


def _log_fwi(r: Floats, u: Floats, room: Room | None) -> Floats:
    """Answer the logarithm of the FWI in a row of the room."""
    b, a, *_, zeros = rows_of(room, r.size)
    np.log(u, out=b)
    b *= 0.809
    np.exp(b, out=b)
    b *= 0.0626
    b += 0.2  # (28a), and the 0.1 of (29)
    deep = (u > 80.0).nonzero()[0]
    if deep.size:
        b[deep] = 100.0 / (25.0 + 108.64 * np.exp(-0.023 * u[deep]))  # (28b)
    b *= r
    np.log(b, out=b)
    np.maximum(b, zeros, out=a)
    np.log(a, out=a)
    a *= 0.647
    np.exp(a, out=a)
    a *= 2.72 * 0.434**0.647  # (30a); 0 where B is at most 1
    np.minimum(b, zeros, out=b)
    return np.add(a, b, out=a)  # (30b): B itself up to 1


def _severity(log_fwi: Floats, answer: Floats) -> Floats:
    np.multiply(log_fwi, 1.77, out=answer)
    np.exp(answer, out=answer)
    answer *= 0.0272  # (31)
    return answer


def _after_rain_and_drying(
    before: Floats,
    drying: Floats,
    rain_mm: Floats,
    least_mm: float,
    after_rain: Callable[[Floats, Floats], Floats],
    answer: Floats,
) -> Floats:
    """Answer a slow code: lowered by rain of more than `least_mm`, then raised by the day's drying; (17) and (23)."""
    wet = _more_than(rain_mm, least_mm)
    lowered = after_rain(before[wet], rain_mm[wet]) if wet.size else None
    np.add(before, drying, out=answer)
    if lowered is not None:
        answer[wet] = lowered + drying[wet]
    return answer


def _duff_after_rain(p: Floats, rain_mm: Floats) -> Floats:
    effective = 0.92 * rain_mm - 1.27  # (11)
    # (12) in the form with 280 e^(-0.023 P): the printed table of the report agrees with this one.
    m = 20.0 + 280.0 * np.exp(-0.023 * p)
    slope = 100.0 / (0.5 + 0.3 * p)  # (13a)
    deep = (p > 33.0).nonzero()[0]
    if deep.size:
        log_p = np.log(p[deep])
        slope[deep] = np.where(p[deep] <= 65.0, 14.0 - 1.3 * log_p, 6.2 * log_p - 17.2)  # (13b) (13c)
    m += 1000.0 * effective / (48.77 + slope * effective)  # (14)
    return np.maximum(43.43 * (5.6348 - np.log(m - 20.0)), 0.0)  # (15)


def _drought_after_rain(d: Floats, rain_mm: Floats) -> Floats:
    stored = 800.0 * np.exp(-d / 400.0) + 3.937 * (0.83 * rain_mm - 1.27)  # (18) (19) (20)
    return np.maximum(400.0 * np.log(800.0 / stored), 0.0)  # (21)
