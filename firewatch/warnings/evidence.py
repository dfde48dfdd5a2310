"""What a decision on a warning rests on: the grades of the days, those ahead included, with their flags."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from firewatch.clock import local_day
from firewatch.danger.models import ZoneGrade
from firewatch.outlook.models import ZoneForecast
from firewatch.outlook.read import ZoneDay, latest, zone_days
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.warnings import Warnings
from firewatch.warnings.signals import NO_DATA, Grades, Rules, Signal, Trigger

DAY = timedelta(days=1)
OUTLOOK_GOOD_FOR = timedelta(hours=36)
"""An outlook is issued daily on a forecast of that day: an older one, or one on an older forecast, says too little."""


@dataclass(frozen=True)
class Evidence:
    """A zone's days as they are put on record: `on`, `grade` (0 is no data), `flags`, `provisional`, `ahead`."""

    scheme: str
    days: list[dict[str, Any]]

    @property
    def grades(self) -> Grades:
        """The grades for the rule."""
        past = [int(day["grade"]) for day in self.days if not day["ahead"]]
        return Grades(past, [int(day["grade"]) for day in self.days if day["ahead"]])

    @property
    def today(self) -> int:
        """Today's grade; 0 is no data."""
        return self.grades.past[-1]


def rules_of(table: Warnings) -> Rules:
    """Return the rule that the config folder describes."""
    return Rules(
        {
            Signal.BLUE: Trigger(table.blue_from_grade, table.blue_days),
            Signal.YELLOW: Trigger(table.yellow_from_grade, table.yellow_days),
            Signal.ORANGE: Trigger(table.orange_from_grade, table.orange_days),
            Signal.RED: Trigger(table.red_from_grade, table.red_days),
        },
        table.lower_after_days,
        table.use_forecast_days,
    )


def first_day(rules: Rules, today: date) -> date:
    """Return the oldest day that a decision of today looks at."""
    return today - (rules.history_days - 1) * DAY


def evidence(session: Session, book: Rulebook, rules: Rules, now: datetime) -> dict[str, Evidence]:
    """Return what is known of every zone's days that matter, by the operational scheme."""
    today = local_day(now, book.alliance.tz)
    first = first_day(rules, today)
    query = select(ZoneGrade).where(
        ZoneGrade.scheme == book.danger.scheme, col(ZoneGrade.on) >= first, col(ZoneGrade.on) <= today
    )
    known = {(row.zone_id, row.on): row for row in session.exec(query)}
    foreseen = _foreseen(session, book, now) if rules.forecast_days else {}
    listed = [first + n * DAY for n in range(rules.history_days + rules.forecast_days)]
    days = {
        zone.id: [_day(on, (foreseen if on > today else known).get((zone.id, on)), today) for on in listed]
        for zone in book.zones
    }
    return {zone_id: Evidence(book.danger.scheme, found) for zone_id, found in days.items()}


def _foreseen(session: Session, book: Rulebook, now: datetime) -> Mapping[ZoneDay, ZoneForecast]:
    """Return the grades of the newest outlook; too old, or on weather that is, it has nothing to say of days ahead."""
    issue = latest(session, now)
    if issue is None or issue.weather_issued_at is None:
        return {}
    if now - min(issue.issued_at, issue.weather_issued_at) > OUTLOOK_GOOD_FOR:
        return {}
    return zone_days(session, issue, book.danger.scheme)


def _day(on: date, row: ZoneGrade | ZoneForecast | None, today: date) -> dict[str, Any]:
    return {
        "on": on.isoformat(),
        "grade": row.grade if row else NO_DATA,
        "flags": row.flags if row else "",
        "provisional": row.provisional if isinstance(row, ZoneGrade) else True,
        "ahead": on > today,
    }
