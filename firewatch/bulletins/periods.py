"""The spans that are summed up: an ISO week, and a fire season of the law. Pure.

A season begins after the longest gap in the calendar of the law and is called by the year it begins in: of a calendar
from October to May the season 2025 ends in May 2026. Where the calendar has no gap, or there is none, it is the year.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Final

from firewatch.indices.season import MonthDay, Window, calendar_covers

DAY: Final = timedelta(days=1)
WEEK: Final = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
YEAR: Final = re.compile(r"\d{4}", re.ASCII)
LEAP: Final = [date(2024, 1, 1) + n * DAY for n in range(366)]
"""A year that has every day of the year."""


class PeriodKind(StrEnum):
    """What is summed up."""

    WEEK = "week"
    SEASON = "season"


@dataclass(frozen=True)
class Period:
    """Some days, and the name by which an address calls them: `2026-W14`, `2025`."""

    kind: PeriodKind
    name: str
    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Every day of it, the first one first."""
        return [self.first + n * DAY for n in range((self.last - self.first).days + 1)]

    @property
    def address(self) -> str:
        """Where it stands below the public address, without an ending."""
        return f"/bulletins/{self.kind}s/{self.name}"


def week_of(on: date) -> Period:
    """Return the week of a day, Monday to Sunday."""
    year, week, weekday = on.isocalendar()
    monday = on - (weekday - 1) * DAY
    return Period(PeriodKind.WEEK, f"{year:04}-W{week:02}", monday, monday + 6 * DAY)


def week(name: str) -> Period | None:
    """Return the week of a name; None for what names no week."""
    found = WEEK.fullmatch(name)
    try:
        return week_of(date.fromisocalendar(int(found[1]), int(found[2]), 1)) if found else None
    except (ValueError, OverflowError):
        return None


def season(name: str, windows: Sequence[Window]) -> Period | None:
    """Return the season that begins in the year of a name; None for what names no year."""
    if not YEAR.fullmatch(name) or not 1 <= int(name) <= date.max.year - 1:
        return None
    year, (begins, ends) = int(name), _bounds(tuple(windows))
    first = _day(year, begins)
    return Period(PeriodKind.SEASON, name, first, _day(year if ends >= begins else year + 1, ends))


def season_of(on: date, windows: Sequence[Window]) -> Period | None:
    """Return the season a day lies in; None between two of them."""
    near = [season(f"{year:04}", windows) for year in (on.year - 1, on.year)]
    return next((each for each in near if each and each.first <= on <= each.last), None)


@cache
def _bounds(windows: tuple[Window, ...]) -> tuple[MonthDay, MonthDay]:
    """Return the first and the last day of the season that the windows make together."""
    covered = [calendar_covers(windows, on) for on in LEAP]
    number, length = max(((start, _gap(covered, start)) for start in range(366)), key=lambda gap: gap[1])
    if length in (0, 366):
        return (1, 1), (12, 31)
    begins, ends = LEAP[(number + length) % 366], LEAP[number - 1]
    return (begins.month, begins.day), (ends.month, ends.day)


def _gap(covered: Sequence[bool], start: int) -> int:
    """Return how many days from one on are not covered, round the year."""
    return next((n for n in range(366) if covered[(start + n) % 366]), 366)


def _day(year: int, day: MonthDay) -> date:
    """Return a day of a year; of a year without 29 February the 28th stands for it."""
    return date(year, day[0], min(day[1], monthrange(year, day[0])[1]))
