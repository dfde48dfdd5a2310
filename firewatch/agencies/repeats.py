"""When an event of a calendar that repeats itself begins, within some days (RFC 5545, 3.8.5). Pure."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from dateutil.rrule import rruleset, rrulestr
from icalendar import Event

REPEATS = ("RRULE", "RDATE")
Window = tuple[datetime, datetime]
"""From an instant until before another."""


def is_repeating(event: Event) -> bool:
    """Return whether an event takes place more than once."""
    return any(name in event for name in REPEATS)


def starts(event: Event, window: Window, zone: ZoneInfo, off: Collection[datetime]) -> Iterator[date]:
    """Yield when an event begins within a window, each time once and none that is `off`, as its own start is written.

    What is no rule makes it fail in any way there is.
    """
    first = _timed(event.start)
    rules = rruleset()
    rules.rdate(first)
    for rule in event.rrules:
        rules.rrule(rrulestr(rule.to_ical().decode(), dtstart=first))
    for at, end in event.rdates:
        if end is not None:
            raise ValueError("a date with a length of its own")
        rules.rdate(_timed(at))
    # Repeated is what the clocks show, in the zone of the event or, where it has none, in ours.
    edges = window if first.tzinfo else tuple(edge.astimezone(zone).replace(tzinfo=None) for edge in window)
    not_then = {instant(at, zone) for at in event.exdates} | set(off)
    for at in rules.between(*edges, inc=True):
        if window[0] <= instant(at, zone) < window[1] and instant(at, zone) not in not_then:
            yield at


def instant(at: date, zone: ZoneInfo) -> datetime:
    """Return the instant of a time in a calendar: without a zone it is of ours, a day begins at its midnight."""
    local = _timed(at)
    return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)


def _timed(at: date) -> datetime:
    return at if isinstance(at, datetime) else datetime.combine(at, time())
