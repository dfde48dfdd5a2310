"""How soon somebody turns out: by day, or by night where that takes another time. Pure."""

from dataclasses import dataclass
from datetime import datetime, time


@dataclass(frozen=True)
class Hours:
    """The hours of night in local time: from the one until just before the other, over midnight where it is earlier."""

    night_from: time
    night_until: time


@dataclass(frozen=True)
class Turnout:
    """Minutes from the call until somebody can leave; `by_night`: it is a turnout of his own by night."""

    minutes: int
    by_night: bool


def is_night(at_local: datetime, hours: Hours) -> bool:
    """Return whether a local time lies in the hours of night."""
    at, start, end = at_local.time(), hours.night_from, hours.night_until
    return start <= at < end if start <= end else at >= start or at < end


def turnout(day: int, night: int | None, at_local: datetime, hours: Hours) -> Turnout:
    """Return the turnout that counts at a local time; without one of its own (None) the night is as the day."""
    if night is None or not is_night(at_local, hours):
        return Turnout(day, by_night=False)
    return Turnout(night, by_night=True)
