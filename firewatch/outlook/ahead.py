"""What the days ahead rest on: which of them the weather reaches, and what the members of an ensemble say. Pure."""

import dataclasses
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from firewatch.clock import day_bounds
from firewatch.danger.days import LIMITS, Days, Hours
from firewatch.indices.checks import Bools
from firewatch.outlook.members import Members

REACHED = 4
"""The grade whose probability is told: from here on the law speaks of high danger."""
EXTREMES = ("tmax_c", "rhmin_pct", "windmax_ms", "rain_day_mm")


def beyond(hours: Hours, listed: Sequence[date], zone: ZoneInfo, now: datetime, max_missing: int) -> Bools:
    """Return, by day and point, whether the weather ends before the day does: too many of its hours are lacking.

    Only days that have not ended by `now` can be beyond it; of the others it is known what they lack.
    """
    there = ~np.isnan(hours.temp_c + hours.rh_pct + hours.wind_kmh + hours.rain_mm)
    answer = np.zeros((len(listed), there.shape[1]), dtype=np.bool_)
    for number, on in enumerate(listed):
        start, end = day_bounds(on, zone)
        if end > now:
            whole = there[hours.row(start) + 1 : hours.row(end) + 1]
            answer[number] = np.sum(~whole, axis=0) > max_missing
    return answer


def within(daily: Days, unreached: Bools) -> Days:
    """Return the days without the extremes of those that the weather does not reach: half a day has no maximum."""
    kept = {name: np.where(unreached, np.nan, getattr(daily, name)) for name in EXTREMES}
    return dataclasses.replace(daily, **kept)


def member_hours(hours: Hours, members: Members, now: datetime) -> Hours:
    """Return the hours of every member, shape (hours, members * points): what is known up to now, then its own.

    A member's missing value stays missing, for another's weather is not its; only the depth of the snow, which few
    models tell by member, is then taken from the forecast that all share.
    """
    rows, points = hours.temp_c.shape
    first = hours.row(now) + 1  # the first hour that has not ended
    offset = round((members.start - hours.start).total_seconds() / 3600)
    ours = slice(max(first, offset), max(first, min(rows, offset + len(members.values["temp_c"]))))
    issued = (members.issued_at - hours.start).total_seconds() / 3600
    values, issues = {}, {}
    for name in LIMITS:
        shared = np.tile(hours.values()[name], (1, members.count))
        told = np.full(shared.shape, np.nan)
        theirs = members.values[name][ours.start - offset : ours.stop - offset]
        told[ours] = theirs.reshape(len(theirs), members.count * points)
        past = np.arange(rows)[:, np.newaxis] < first
        from_all = past | (np.isnan(told) if name == "snow_depth_cm" else np.bool_(False))
        values[name] = np.where(from_all, shared, told)
        issues[name] = np.where(from_all, np.tile(hours.issued[name], (1, members.count)), issued)
    flags = None
    if hours.flags is not None:  # the marks of what all share; a member's own hours are judged by their range alone
        flags = np.where(past, np.tile(hours.flags, (1, members.count)), np.uint32(0))
    return Hours(hours.start, **values, issued=issues, flags=flags)


def share_reaching(grades: npt.NDArray[np.int64], least_members: int) -> tuple[float | None, int]:
    """Return the share of members in which a zone reaches grade 4, and of how many; grades: (members, points).

    A member's zone takes the worst of its points; one that has no data anywhere does not count. Too few members
    make no probability, which is not a probability of 0.
    """
    worst = grades.max(axis=1, initial=0)
    said = int(np.count_nonzero(worst))
    if said < max(1, least_members):
        return None, said
    return float(np.count_nonzero(worst >= REACHED) / said), said
