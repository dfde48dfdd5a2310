"""What counts of a crew or a vehicle at an instant: its turnout by day or by night, and where it is taken to be."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from firewatch.resources.models import Crew, Vehicle
from firewatch.resources.status import AT_WORK
from firewatch.resources.turnout import Hours, Turnout, is_night, turnout
from firewatch.resources.whereabouts import Belief, Fix, Whereabouts, whereabouts
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.resources import Resources


def turnout_of(row: Crew | Vehicle, now: datetime, rules: Resources, zone: ZoneInfo) -> Turnout:
    """Return the turnout that counts now, local time being that of `zone`."""
    return turnout(row.turnout_minutes, row.turnout_night_minutes, now.astimezone(zone), _hours(rules))


def night_now(now: datetime, book: Rulebook) -> bool:
    """Return whether it is night in the alliance."""
    return is_night(now.astimezone(book.alliance.tz), _hours(book.resources))


def whereabouts_of(row: Crew | Vehicle, now: datetime, rules: Resources) -> Whereabouts:
    """Return where somebody is taken to be now."""
    minutes = rules.crew_fix_minutes if isinstance(row, Crew) else rules.vehicle_fix_minutes
    belief = Belief(timedelta(minutes=minutes), rules.fix_margin_km)
    return whereabouts((row.lat, row.lon), fix_of(row), now, belief, at_work=row.status in AT_WORK)


def fix_of(row: Crew | Vehicle) -> Fix | None:
    """Return the position that was told last, if ever one was."""
    if row.present_lat is None or row.present_lon is None or row.fix_at is None:
        return None
    return Fix((row.present_lat, row.present_lon), row.fix_at)


def _hours(rules: Resources) -> Hours:
    return Hours(_time(rules.night_from), _time(rules.night_until))


def _time(minute_of_day: int) -> time:
    return time(minute_of_day // 60 % 24, minute_of_day % 60)
