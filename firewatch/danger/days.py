"""From hours to days: the noon weather of the FWI System, the daily extremes of LY/T 1172. Pure.

Noon is solar noon: the whole hour, in UTC, nearest to 12 - longitude / 15. A rain sum needs every hour, since a
missing hour is not a dry hour. Daily extremes may lack a few hours, but not the afternoon that makes them; each is
judged by its own variable. An hour's value beyond its range is missing: a sum or an extreme would hide it.

Weather comes by the full hour of UTC: where the zone's clock is off by half an hour, its days begin and end at the
nearest full hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from firewatch.clock import day_bounds, local_day
from firewatch.indices.checks import (
    RAIN_MM,
    RH_PCT,
    SNOW_CM,
    TEMP_C,
    WIND_KMH,
    Bits,
    Flag,
    Floats,
    checked_all,
    mark,
)

HOUR = timedelta(hours=1)
LIMITS = {"temp_c": TEMP_C, "rh_pct": RH_PCT, "wind_kmh": WIND_KMH, "rain_mm": RAIN_MM, "snow_depth_cm": SNOW_CM}
"""The quantities, and what is believed of each hour."""
SUSPECT = Flag.TEMP_SUSPECT | Flag.RH_SUSPECT | Flag.WIND_SUSPECT | Flag.RAIN_SUSPECT | Flag.SNOW_SUSPECT
MARKS = Flag.OUT_OF_RANGE | Flag.RH_CLAMPED | Flag.SPIKE | Flag.STUCK | Flag.ALL_EQUAL | SUSPECT
"""What an hour leaves on its day; which inputs are missing can be told of the day alone."""
OLD_FORECAST = 24 * HOUR
"""A day under way is marked when it rests on a forecast issued longer ago: all issues of a whole day are lacking."""
TOO_OLD_FORECAST = 36
"""Hours: a forecast issued longer ago is none for the day under way. With every source away it says "no data" then."""
SHORT_LEAD_HOURS = 12
"""So long before its hour a forecast is issued that may stand for it in the rain sum of the day under way."""
AFTERNOON = range(5)
"""Hours from solar noon in which a day finds its maximum of temperature and wind and its minimum of humidity."""
AFTERNOON_MISSING = 2
"""How many of those that have passed may be missing."""

ON_THE_WAY = 2
"""How many of the newest hours of a day under way may not have arrived yet."""


@dataclass(frozen=True)
class Hours:
    """Hourly weather of some points. Arrays have the shape (hours, points), NaN where missing.

    Row i is the hour that ends at `start` + (i + 1) h. `issued` holds an array for every quantity, by its name: when a
    forecast value was issued, in hours after `start`; NaN for what was measured or analysed.
    """

    start: datetime
    temp_c: Floats
    rh_pct: Floats
    wind_kmh: Floats
    rain_mm: Floats
    snow_depth_cm: Floats
    issued: Mapping[str, Floats]
    flags: Bits | None = None
    """What the checks of the readings have left on each hour, of the same shape; none: nothing."""

    def values(self) -> dict[str, Floats]:
        """Return the quantities by name, in the order of `LIMITS`."""
        return {name: getattr(self, name) for name in LIMITS}

    def row(self, at: datetime) -> int:
        """Return the row of the hour that ends at an instant."""
        return round((at - self.start) / HOUR) - 1


@dataclass(frozen=True)
class Days:
    """Daily weather. Arrays have the shape (days, points), NaN where missing; `flags` holds bits of `Flag`."""

    temp_c: Floats
    rh_pct: Floats
    wind_kmh: Floats
    rain_mm: Floats
    tmax_c: Floats
    rhmin_pct: Floats
    windmax_ms: Floats
    rain_day_mm: Floats
    snow_depth_cm: Floats
    provisional: npt.NDArray[np.bool_]
    flags: Bits


def noon_hour_utc(lon: float) -> int:
    """Return the whole hour UTC nearest to solar noon: 5 for Linxia at 103 degrees east."""
    return round(12 - lon / 15)


def noon(on: date, lon: float) -> datetime:
    """Return the instant of a day's solar noon, to the hour."""
    return datetime(on.year, on.month, on.day, tzinfo=UTC) + noon_hour_utc(lon) * HOUR


def span(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return from when to when, in full hours, a range of days needs weather.

    The rain of the first noon began a day before it, and a noon may lie up to half a day off the local day.
    """
    start = day_bounds(first, zone)[0] - 36 * HOUR
    end = day_bounds(last, zone)[1] + 12 * HOUR
    return start.replace(minute=0), end.replace(minute=0)


def daily(
    hours: Hours,
    days: Sequence[date],
    lons: Sequence[float],
    zone: ZoneInfo,
    now: datetime,
    max_missing: int,
    forecast_from: date | None = None,
    max_age_hours: float = TOO_OLD_FORECAST,
) -> Days:
    """Return the days' weather at points of the given longitudes.

    Days before today are made without any forecast; today counts those issued at most `max_age_hours` ago. The rain of
    today's noon reaches back into yesterday: there a forecast of short lead stands in (docs/adr/0003). An outlook that
    begins before today, since the analysis ended there, names its first day in `forecast_from` instead; from there on
    every forecast counts.
    """
    today = forecast_from or local_day(now, zone)
    began = day_bounds(today, zone)[0]
    known = _checked(_without_forecasts(hours, began, lead=0), now)
    lately, marks = _checked(_without_forecasts(hours, began, lead=SHORT_LEAD_HOURS), now)
    if forecast_from is None:
        # Marks stay: that what little there is was too old is worth saying beside the "no data".
        lately = _recent(lately, now - max_age_hours * HOUR)
    columns = [
        [
            _Day(*(known if on < today else (lately, marks)), point, on, lon, zone, now, max_missing).values()
            for point, lon in enumerate(lons)
        ]
        for on in days
    ]
    table = np.array(columns, dtype=np.float64).reshape(len(days), len(lons), 11)
    return Days(
        temp_c=table[:, :, 0],
        rh_pct=table[:, :, 1],
        wind_kmh=table[:, :, 2],
        rain_mm=table[:, :, 3],
        tmax_c=table[:, :, 4],
        rhmin_pct=table[:, :, 5],
        windmax_ms=table[:, :, 6],
        rain_day_mm=table[:, :, 7],
        snow_depth_cm=table[:, :, 8],
        provisional=table[:, :, 9] > 0,
        flags=table[:, :, 10].astype(np.uint32),
    )


def _without_forecasts(hours: Hours, today: datetime, lead: int) -> Hours:
    """Return the hours without the forecasts for hours before today, but those issued at most `lead` hours ahead."""
    ends = np.arange(1, len(hours.temp_c) + 1)[:, np.newaxis]
    past = ends <= hours.row(today) + 1
    # No analysis is a forecast: its issue is NaN, and NaN compares false.
    stale = {name: past & (hours.issued[name] < (ends - lead if lead else np.inf)) for name in LIMITS}
    kept = {name: np.where(stale[name], np.nan, values) for name, values in hours.values().items()}
    return Hours(hours.start, **kept, issued=hours.issued, flags=hours.flags)


def _recent(hours: Hours, since: datetime) -> Hours:
    """Return the hours without what is known only from a forecast issued before an instant."""
    oldest = (since - hours.start) / HOUR
    kept = {name: np.where(hours.issued[name] < oldest, np.nan, values) for name, values in hours.values().items()}
    return Hours(hours.start, **kept, issued=hours.issued, flags=hours.flags)


def _checked(hours: Hours, now: datetime) -> tuple[Hours, Bits]:
    """Return the hours with what is out of its range missing, and the marks of every hour and point."""
    values, flags = checked_all(list(hours.values().values()), list(LIMITS.values()))
    checked = dict(zip(LIMITS, values, strict=True))
    oldest = (now - OLD_FORECAST - hours.start) / HOUR
    old = [~np.isnan(checked[name]) & (hours.issued[name] < oldest) for name in LIMITS]
    ends = np.arange(1, len(hours.temp_c) + 1)[:, np.newaxis]
    passed = ends <= (now - hours.start) // HOUR - ON_THE_WAY
    in_place = [~np.isnan(checked[name] + hours.issued[name]) & passed for name in LIMITS]
    if hours.flags is not None:
        flags = flags | hours.flags
    marks = flags & np.uint32(MARKS) | mark(np.any(old, axis=0), Flag.OLD_FORECAST)
    marks |= mark(np.any(in_place, axis=0), Flag.FORECAST_IN_PLACE)
    return Hours(hours.start, **checked, issued=hours.issued, flags=None), marks


@dataclass(frozen=True)
class _Day:
    """One point's day."""

    hours: Hours
    marks: Bits
    point: int
    on: date
    lon: float
    zone: ZoneInfo
    now: datetime
    max_missing: int

    def values(self) -> tuple[float, ...]:
        """Return the fields of `Days`, in their order."""
        h, i = self.hours, self.point
        at_noon = h.row(noon(self.on, self.lon))
        start, end = day_bounds(self.on, self.zone)
        whole = slice(h.row(start) + 1, h.row(end) + 1)
        seen = slice(whole.start, self._seen_until(whole))
        return (
            h.temp_c[at_noon, i],
            h.rh_pct[at_noon, i],
            h.wind_kmh[at_noon, i],
            _sum(h.rain_mm[at_noon - 23 : at_noon + 1, i]),
            self._extreme(np.fmax, h.temp_c, seen, at_noon),
            self._extreme(np.fmin, h.rh_pct, seen, at_noon),
            self._extreme(np.fmax, h.wind_kmh, seen, at_noon) / 3.6,
            _sum(h.rain_mm[seen, i]) if seen.stop > seen.start else np.nan,
            h.snow_depth_cm[at_noon, i],
            float(self.now < end),
            float(np.bitwise_or.reduce(self.marks[whole, i]) | self._of_rain(slice(at_noon - 23, at_noon + 1))),
        )

    def _of_rain(self, window: slice) -> int:
        """Return what is to be said of the rain to noon, part of which fell on the day before.

        That part of it is a forecast for hours that have passed, or that a reading of it was not believed.
        """
        marks = np.bitwise_or.reduce(self.marks[window, self.point])
        return int(marks & np.uint32(Flag.FORECAST_IN_PLACE | Flag.RAIN_SUSPECT))

    def _seen_until(self, whole: slice) -> int:
        """Return the row after the day's last hour that a forecast fills, or that has passed and may be known by now.

        A station's newest hours are on their way for a while: on the day itself they do not count as missing yet.
        """
        passed: int = min(whole.stop, max(whole.start, (self.now - self.hours.start) // HOUR))
        h, i = self.hours, self.point
        readings = (h.temp_c, h.rh_pct, h.wind_kmh, h.rain_mm)
        known = np.flatnonzero(np.any([~np.isnan(values[whole, i]) for values in readings], axis=0))
        newest: int = whole.start + (int(known[-1]) + 1 if known.size else 0)
        if passed < whole.stop and passed - newest <= ON_THE_WAY:
            return newest
        return max(passed, newest)

    def _extreme(self, of: np.ufunc, values: Floats, seen: slice, at_noon: int) -> float:
        """Return a day's extreme of one quantity; NaN where too much of it is missing, whatever the others are like."""
        column = values[: seen.stop, self.point]
        enough = column[seen].size and self._enough(~np.isnan(column), seen.start, at_noon)
        return float(of.reduce(column[seen])) if enough else np.nan

    def _enough(self, there: npt.NDArray[np.bool_], start: int, at_noon: int) -> bool:
        """Whether an extreme can be told: few hours missing so far, and most of the afternoon there."""
        afternoon = there[at_noon : at_noon + len(AFTERNOON)]
        if np.count_nonzero(~there[start:]) > self.max_missing:
            return False
        return bool(afternoon.any()) and int(np.sum(~afternoon)) <= AFTERNOON_MISSING


def _sum(rain_mm: Floats) -> float:
    """Return a rain sum without the noise of binary tenths: the codes jump at 0.5, 1.5 and 2.8 mm."""
    return round(float(np.sum(rain_mm)), 6)
