"""The FWI System one number at a time, written from the report apart from the product: what arrays are held against."""

import math


def ffmc(f: float, t: float, h: float, w: float, r: float, c: float) -> float:
    mo = c * (101 - f) / (59.5 + f)
    if r > 0.5:
        rf = r - 0.5
        old = mo
        mo = old + 42.5 * rf * math.exp(-100 / (251 - old)) * (1 - math.exp(-6.93 / rf))
        if old > 150:
            mo += 0.0015 * (old - 150) ** 2 * math.sqrt(rf)
        mo = min(mo, 250)
    last = 0.18 * (21.1 - t) * (1 - math.exp(-0.115 * h))
    ed = 0.942 * math.pow(h, 0.679) + 11 * math.exp((h - 100) / 10) + last
    ew = 0.618 * math.pow(h, 0.753) + 10 * math.exp((h - 100) / 10) + last

    def k(x: float) -> float:
        return (0.424 * (1 - math.pow(x, 1.7)) + 0.0694 * math.sqrt(w) * (1 - x**8)) * 0.581 * math.exp(0.0365 * t)

    if mo > ed:
        m = ed + (mo - ed) * math.pow(10, -k(h / 100))
    elif mo < ed and mo < ew:
        m = ew - (ew - mo) * math.pow(10, -k((100 - h) / 100))
    else:
        m = mo
    return min(max(59.5 * (250 - m) / (c + m), 0), 101)


def dmc(p: float, t: float, h: float, r: float, le: float) -> float:
    k = 1.894 * (max(t, -1.1) + 1.1) * (100 - h) * le * 1e-4
    if r > 1.5:
        re = 0.92 * r - 1.27
        mo = 20 + 280 * math.exp(-0.023 * p)
        if p <= 33:
            b = 100 / (0.5 + 0.3 * p)
        elif p <= 65:
            b = 14 - 1.3 * math.log(p)
        else:
            b = 6.2 * math.log(p) - 17.2
        mr = mo + 1000 * re / (48.77 + b * re)
        p = max(0, 43.43 * (5.6348 - math.log(mr - 20)))
    return max(0, p + k)


def dc(d: float, t: float, r: float, lf: float) -> float:
    v = max(0, 0.36 * (max(t, -2.8) + 2.8) + lf)
    if r > 2.8:
        rd = 0.83 * r - 1.27
        d = max(0, d - 400 * math.log(1 + 3.937 * rd / (800 * math.exp(-d / 400))))
    return max(0, d + v / 2)


def isi(f: float, w: float, c: float) -> float:
    m = c * (101 - f) / (59.5 + f)
    return 0.208 * math.exp(0.05039 * w) * 91.9 * math.exp(-0.1386 * m) * (1 + math.pow(m, 5.31) / 4.93e7)


def bui(p: float, d: float) -> float:
    if p == 0 and d == 0:
        return 0
    if p <= 0.4 * d:
        return 0.8 * p * d / (p + 0.4 * d)
    return max(0, p - (1 - 0.8 * d / (p + 0.4 * d)) * (0.92 + math.pow(0.0114 * p, 1.7)))


def fwi(r: float, u: float) -> float:
    f = 0.626 * math.pow(u, 0.809) + 2 if u <= 80 else 1000 / (25 + 108.64 * math.exp(-0.023 * u))
    b = 0.1 * r * f
    return math.exp(2.72 * (0.434 * math.log(b)) ** 0.647) if b > 1 else b


def hourly_ffmc(f: float, t: float, h: float, w: float, r: float, hours: float, c: float) -> float:
    """Van Wagner 1977: no intercept in the rain, 0.0579 in place of 0.581, the exponent times the hours."""
    m = c * (101 - f) / (59.5 + f)
    if r > 0:
        soaked = 0.0015 * (m - 150) ** 2 * math.sqrt(r) if m > 150 else 0.0
        m = min(250.0, m + 42.5 * r * math.exp(-100 / (251 - m)) * (1 - math.exp(-6.93 / r)) + soaked)
    heat = 0.18 * (21.1 - t) * (1 - math.exp(-0.115 * h))
    dry_end = 0.942 * h**0.679 + 11 * math.exp((h - 100) / 10) + heat
    wet_end = 0.618 * h**0.753 + 10 * math.exp((h - 100) / 10) + heat
    share = h / 100 if m > dry_end else (100 - h) / 100
    k = (0.424 * (1 - share**1.7) + 0.0694 * math.sqrt(w) * (1 - share**8)) * 0.0579 * math.exp(0.0365 * t)
    if m > dry_end:
        m = dry_end + (m - dry_end) * 10 ** (-k * hours)
    elif m < wet_end:
        m = wet_end - (wet_end - m) * 10 ** (-k * hours)
    return min(101.0, max(0.0, 59.5 * (250 - m) / (c + m)))
