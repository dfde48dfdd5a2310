"""What counts of a crew or a vehicle at an instant: its turnout by day or by night."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from firewatch.resources.models import Crew, Vehicle
from firewatch.resources.turnout import Hours, Turnout, is_night, turnout
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.resources import Resources


def turnout_of(row: Crew | Vehicle, now: datetime, rules: Resources, zone: ZoneInfo) -> Turnout:
    """Return the turnout that counts now, local time being that of `zone`."""
    return turnout(row.turnout_minutes, row.turnout_night_minutes, now.astimezone(zone), _hours(rules))


def night_now(now: datetime, book: Rulebook) -> bool:
    """Return whether it is night in the alliance."""
    return is_night(now.astimezone(book.alliance.tz), _hours(book.resources))


def _hours(rules: Resources) -> Hours:
    return Hours(_time(rules.night_from), _time(rules.night_until))


def _time(minute_of_day: int) -> time:
    return time(minute_of_day // 60 % 24, minute_of_day % 60)
