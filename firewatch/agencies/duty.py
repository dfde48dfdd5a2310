"""Who of an agency is on duty: its dated shifts decide while there are any, else the standing hours. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from firewatch.agencies.models import Contact, DatedShift, DutyShift

DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Roster:
    """What says who of an agency is on duty: its active people by id, their dated shifts, their standing hours."""

    people: Sequence[Contact]
    dated: Sequence[DatedShift]
    standing: Sequence[DutyShift]

    def on_duty(self, at: datetime, zone: ZoneInfo) -> frozenset[str]:
        """Return the ids of those on duty at an instant."""
        return on_duty(at, self.dated, self.standing, zone)


def on_duty(at: datetime, dated: Iterable[DatedShift], standing: Iterable[DutyShift], zone: ZoneInfo) -> frozenset[str]:
    """Return the ids of those on duty, out of the shifts of one agency's active people."""
    by_roster = frozenset(shift.contact_id for shift in dated if shift.from_at <= at < shift.to_at)
    return by_roster or frozenset(shift.contact_id for shift in standing if covers(shift, at, zone))


def covers(shift: DutyShift, at: datetime, zone: ZoneInfo) -> bool:
    """Return whether a weekly shift covers an instant; a shift may run past midnight."""
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    length = (shift.to_minute - shift.from_minute) % DAY_MINUTES or DAY_MINUTES
    # The shift that is running may have begun today or yesterday.
    return any(
        str((local.isoweekday() - 1 - back) % 7 + 1) in shift.weekdays
        and 0 <= minute + back * DAY_MINUTES - shift.from_minute < length
        for back in (0, 1)
    )
