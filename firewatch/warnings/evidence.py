"""What a decision on a warning rests on: the grades of the days, those ahead included, with their flags."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from firewatch.danger.models import ZoneGrade
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.warnings import Warnings
from firewatch.warnings.signals import NO_DATA, Grades, Rules, Signal, Trigger

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Evidence:
    """A zone's days as they are put on record: `on`, `grade` (0 is no data), `flags`, `provisional`, `ahead`."""

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


def evidence(session: Session, book: Rulebook, rules: Rules, today: date) -> dict[str, Evidence]:
    """Return what is known of every zone's days that matter, by the operational scheme."""
    first = today - (rules.history_days - 1) * DAY
    query = select(ZoneGrade).where(
        ZoneGrade.scheme == book.danger.scheme, col(ZoneGrade.on) >= first, col(ZoneGrade.on) <= today
    )
    known = {(row.zone_id, row.on): row for row in session.exec(query)}
    ahead: dict[str, dict[date, int]] = {}
    return {
        zone.id: Evidence(
            [_past(known.get((zone.id, first + n * DAY)), first + n * DAY) for n in range(rules.history_days)]
            + _ahead(ahead.get(zone.id, {}), today, rules.forecast_days)
        )
        for zone in book.zones
    }


def _past(row: ZoneGrade | None, on: date) -> dict[str, Any]:
    grade, flags, provisional = (row.grade, row.flags, row.provisional) if row else (NO_DATA, "", True)
    return {"on": on.isoformat(), "grade": grade, "flags": flags, "provisional": provisional, "ahead": False}


def _ahead(grades: Mapping[date, int], today: date, days: int) -> list[dict[str, Any]]:
    listed = [today + n * DAY for n in range(1, days + 1)]
    return [
        {"on": on.isoformat(), "grade": grades.get(on, NO_DATA), "flags": "", "provisional": True, "ahead": True}
        for on in listed
    ]
