"""The equations of the FWI System over rows of cells, written for speed. Pure numpy.

Written from C. E. Van Wagner and T. L. Pickett, "Equations and FORTRAN program for the Canadian Forest Fire Weather
Index System", Forestry Technical Report 33 (1985); the equation numbers beside the lines are theirs, the units those of
`fwi`, where the functions for everybody are.

A row is a contiguous array of float64, one value a cell, finite or NaN and in range; NaN in any input of a cell gives
NaN in that cell alone. Whoever steps again and again hands over the rows for the answers and `Scratch` to compute in:
asking the system for memory would cost more than the arithmetic. Powers are taken by exp and log, sums and products
in place, factors drawn together, and what holds for a few cells only (rain, wetting) by index. Moisture goes about as
m + C, which makes one division of (1) and of (10). The logarithm of 0 is -inf, and any power of it 0 again: call them
under `of_zero_too`, or numpy warns.
"""

from typing import NamedTuple

import numpy as np

from firewatch.indices.checks import Floats, Ints

of_zero_too = np.errstate(divide="ignore")
"""For a function in which a logarithm of 0 is what is wanted."""

FFMC_RAIN_MM, DMC_RAIN_MM, DC_RAIN_MM = 0.5, 1.5, 2.8
"""Rain that a code does not feel."""

_TINY = 1e-30
"""Added to what is divided by and may be 0; and where many are 0, for numpy takes the logarithm of that slowly."""
_LN_10 = float(np.log(10.0))
_EXP_MINUS_10 = float(np.exp(-10.0))
_100_17 = 100.0**1.7


class Scratch(NamedTuple):
    """Rows to compute in, for one step at a time.

    `zeros` stay so: numpy takes the larger of a row and a row faster than of a row and a number.
    """

    a: Floats
    b: Floats
    c: Floats
    d: Floats
    e: Floats
    f: Floats
    zeros: Floats


def scratch(cells: int) -> Scratch:
    """Answer scratch for rows of so many cells."""
    return Scratch._make([*np.empty((6, cells)), np.zeros(cells)])


def wetter(rain_mm: Floats, least_mm: float, among: Ints | None = None) -> Ints:
    """Answer the cells (of some) with more rain than that, and those without a reading, so that NaN stays NaN."""
    if among is None:
        return np.logical_not(rain_mm <= least_mm).nonzero()[0]
    return among.compress(np.logical_not(rain_mm.take(among) <= least_mm))


def ffmc(
    f: Floats, t: Floats, h: Floats, w: Floats, r: Floats, wet: Ints, scale: float, answer: Floats, rows: Scratch
) -> None:
    """Fill in today's Fine Fuel Moisture Code; `wet` are the cells of more than FFMC_RAIN_MM, `scale` is C."""
    rate = rows.f
    end = _on_the_way(f, t, h, w, r, wet, FFMC_RAIN_MM, scale, rate, rows)
    _approached(rows.a, end, rate, scale, answer)


def hourly_ffmc(
    f: Floats, t: Floats, h: Floats, w: Floats, r: Floats, hours: Floats, scale: float, answer: Floats, rows: Scratch
) -> None:
    """Fill in the Fine Fuel Moisture Code after some hours: all rain counts, and the rate is that of an hour."""
    rate = rows.f
    end = _on_the_way(f, t, h, w, r, wetter(r, 0.0), 0.0, scale, rate, rows)
    rate *= hours * (0.0579 / 0.581)
    _approached(rows.a, end, rate, scale, answer)


class Month(NamedTuple):
    """What the slow codes take from the month: 1.894e-4 Le for DMC, Lf / 2 with the constants of (22) for DC."""

    duff: Floats
    drought: Floats
    least_drought: Floats


def month(day_length: Floats | float, drying_factor: Floats | float) -> Month:
    """Answer what the slow codes take from a month with day lengths Le and factors Lf."""
    return Month(
        duff=np.multiply(day_length, 1.894e-4),
        drought=np.add(drying_factor, 0.36 * 2.8) * 0.5,
        least_drought=np.maximum(drying_factor, 0.0) * 0.5,
    )


def dmc(p: Floats, t: Floats, h: Floats, r: Floats, of: Month, wet: Ints, answer: Floats, rows: Scratch) -> None:
    """Fill in today's Duff Moisture Code; `wet` are the cells of more than DMC_RAIN_MM."""
    drying, dryness = rows.a, rows.b
    np.add(t, 1.1, out=drying)
    np.maximum(drying, rows.zeros, out=drying)
    drying *= np.subtract(100.0, h, out=dryness)
    drying *= of.duff  # 100 K of (16)
    lowered = _duff_after_rain(p[wet], r[wet]) if wet.size else None
    np.add(p, drying, out=answer)  # (17)
    if lowered is not None:
        answer[wet] = lowered + drying[wet]


def dc(d: Floats, t: Floats, r: Floats, of: Month, wet: Ints, answer: Floats, rows: Scratch) -> None:
    """Fill in today's Drought Code; `wet` are the cells of more than DC_RAIN_MM."""
    drying = rows.a
    np.multiply(t, 0.5 * 0.36, out=drying)
    drying += of.drought
    np.maximum(drying, of.least_drought, out=drying)  # V / 2 of (22), T and V held above their floors in one
    lowered = _drought_after_rain(d[wet], r[wet]) if wet.size else None
    np.add(d, drying, out=answer)  # (23)
    if lowered is not None:
        answer[wet] = lowered + drying[wet]


def isi(f: Floats, w: Floats, scale: float, answer: Floats, rows: Scratch) -> None:
    """Fill in the Initial Spread Index of a day's FFMC and noon wind."""
    m, power, blown, *_ = rows
    _moisture(f, scale, m)
    m -= scale
    np.log(m, out=power)
    power *= 5.31
    np.exp(power, out=power)
    power *= 0.208 * 91.9 / 4.93e7
    power += 0.208 * 91.9  # of (25), with the factors of (26)
    m *= -0.1386
    m += np.multiply(w, 0.05039, out=blown)
    np.exp(m, out=answer)  # the exponents of (24) and (25) in one
    answer *= power  # (26)


def bui(p: Floats, d: Floats, answer: Floats, rows: Scratch) -> None:
    """Fill in the Buildup Index of a day's DMC and DC."""
    some_p, x, part, more, *_ = rows
    np.add(p, _TINY, out=some_p)  # P = D = 0: the index is 0
    np.multiply(some_p, 1.25, out=part)
    part += np.multiply(d, 0.5, out=x)
    np.multiply(p, d, out=x)
    x /= part  # (27a); P itself where P = 0.4 D, and less where P is greater
    np.log(some_p, out=more)
    more *= 1.7
    np.exp(more, out=more)
    more *= 0.0114**1.7
    more += 0.92
    more /= some_p
    np.subtract(1.0, more, out=more)
    np.subtract(p, x, out=part)
    np.maximum(part, rows.zeros, out=part)
    more *= part
    np.add(x, more, out=answer)  # (27b), P - (P - (27a)) / P (...), is more than (27a) by this
    np.maximum(answer, rows.zeros, out=answer)


def fwi_and_dsr(i: Floats, u: Floats, fwi: Floats, dsr: Floats, rows: Scratch) -> None:
    """Fill in the Fire Weather Index and the Daily Severity Rating of a day's ISI and BUI, out of one logarithm."""
    b, log_fwi, *_ = rows
    np.add(u, _TINY, out=b)
    np.log(b, out=b)
    b *= 0.809
    np.exp(b, out=b)
    b *= 0.0626
    b += 0.2  # (28a), and the 0.1 of (29)
    deep = (u > 80.0).nonzero()[0]
    if deep.size:
        b[deep] = 100.0 / (25.0 + 108.64 * np.exp(-0.023 * u[deep]))  # (28b)
    b *= i
    np.log(b, out=b)
    np.maximum(b, rows.zeros, out=log_fwi)
    log_fwi += _TINY
    np.log(log_fwi, out=log_fwi)
    log_fwi *= 0.647
    np.exp(log_fwi, out=log_fwi)
    log_fwi *= 2.72 * 0.434**0.647  # (30a); 0 where B is at most 1
    log_fwi += np.minimum(b, rows.zeros, out=b)  # (30b): B itself up to 1
    np.exp(log_fwi, out=fwi)
    severity(log_fwi, dsr)


def severity(log_fwi: Floats, dsr: Floats) -> None:
    """Fill in the Daily Severity Rating of the logarithm of an FWI, which is used up."""
    log_fwi *= 1.77
    np.exp(log_fwi, out=dsr)
    dsr *= 0.0272  # (31)


def _on_the_way(
    f: Floats,
    t: Floats,
    h: Floats,
    w: Floats,
    r: Floats,
    wet: Ints,
    unfelt_mm: float,
    scale: float,
    rate: Floats,
    rows: Scratch,
) -> Floats:
    """Fill in the moisture + C (in row a) and the rate of its change; answer the row of what it goes towards."""
    m, log_h, wet_end, spare, share, dry_end, _ = rows
    _moisture(f, scale, m)
    if wet.size:
        m[wet] = _rained_on(m[wet] - scale, r[wet] - unfelt_mm) + scale  # (2)
    np.log(h, out=log_h)
    _equilibria(t, h, log_h, scale, dry_end, wet_end, spare, share)
    _share(h, log_h, (m < wet_end).nonzero()[0], share)  # (7a) (7b)
    # Between the two ends moisture stays as it is; at every humidity the end of drying is the higher one.
    np.maximum(m, wet_end, out=wet_end)
    end = np.minimum(wet_end, dry_end, out=wet_end)
    _drying_rate(t, share, log_h, w, rate, spare)  # (6a) (6b)
    return end


def _moisture(f: Floats, scale: float, m: Floats) -> None:
    """Fill in moisture + C: (1), C (101 - F) / (59.5 + F), with C more."""
    np.add(f, 59.5, out=m)
    np.divide(160.5 * scale, m, out=m)


def _rained_on(m: Floats, rain_mm: Floats) -> Floats:
    soaked = 0.0015 * np.maximum(m - 150.0, 0.0) ** 2 * np.sqrt(rain_mm)  # (3b) beyond 150, else nothing
    wetted = 42.5 * rain_mm * np.exp(-100.0 / (251.0 - m)) * (1.0 - np.exp(-6.93 / np.maximum(rain_mm, 1e-9)))  # (3a)
    return np.minimum(m + wetted + soaked, 250.0)


def _equilibria(
    t: Floats, h: Floats, log_h: Floats, scale: float, dry_end: Floats, wet_end: Floats, a: Floats, b: Floats
) -> None:
    """Fill in the moisture + C at which drying (4) and wetting (5) end."""
    np.multiply(h, -0.115, out=a)
    np.exp(a, out=a)
    np.multiply(t, -0.18, out=b)
    b += 0.18 * 21.1
    a *= b
    np.subtract(b, a, out=a)
    a += scale  # the term of the temperature, in both
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


def _share(h: Floats, log_h: Floats, wetting: Ints, share: Floats) -> None:
    """Fill in H, and 100 - H in its place where it is wetting; the logarithms are changed with it."""
    np.copyto(share, h)
    if wetting.size:
        short_of_100 = 100.0 - h[wetting]
        share[wetting] = short_of_100
        log_h[wetting] = np.log(short_of_100)


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


def _approached(m: Floats, end: Floats, rate: Floats, scale: float, answer: Floats) -> None:
    """Fill in the code of moisture + C when it has gone towards its end at a rate."""
    m -= end
    m *= np.exp(rate, out=rate)
    m += end  # (8) drying, (9) wetting, else unchanged
    np.divide(59.5 * (250.0 + scale), m, out=answer)
    answer -= 59.5  # (10), 59.5 (250 - m) / (C + m), with a term less
    np.clip(answer, 0.0, 101.0, out=answer)


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
