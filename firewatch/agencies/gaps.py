"""Stretches of time with the same people on duty at an agency, and the gaps in which its roster names nobody. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from firewatch.agencies.duty import Roster
from firewatch.agencies.models import DutyShift
from firewatch.agencies.paging import choose

AHEAD = timedelta(days=7)
"""How far ahead gaps are looked for."""


@dataclass(frozen=True)
class Stretch:
    """From an instant until before another: who is on duty, whether by a dated shift, and whether nobody could be told.

    `is_gap`: a text would go to somebody off duty, since neither liaison nor deputy who gets texts is there.
    """

    from_at: datetime
    to_at: datetime
    on_duty: frozenset[str]
    by_roster: bool
    is_gap: bool


def stretches(roster: Roster, start: datetime, end: datetime, zone: ZoneInfo) -> list[Stretch]:
    """Return the stretches of a time, each other than the one before."""
    found: list[Stretch] = []
    for begin, stop in pairwise(sorted({start, end, *_edges(roster, start, end, zone)})):
        on_duty = roster.on_duty(begin, zone)
        by_roster = any(shift.from_at <= begin < shift.to_at for shift in roster.dated)
        told = choose(roster.people, on_duty)
        one = Stretch(begin, stop, on_duty, by_roster, is_gap=told is None or not told.on_duty)
        if found and _alike(found[-1], one):
            one = Stretch(found.pop().from_at, stop, on_duty, by_roster, one.is_gap)
        found.append(one)
    return found


def gaps(roster: Roster, start: datetime, end: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """Return from when until when nobody is on duty who could be told, in order and never touching each other."""
    found: list[tuple[datetime, datetime]] = []
    for each in stretches(roster, start, end, zone):
        if each.is_gap:
            begin = found.pop()[0] if found and found[-1][1] == each.from_at else each.from_at
            found.append((begin, each.to_at))
    return found


def _alike(one: Stretch, other: Stretch) -> bool:
    return (one.on_duty, one.by_roster) == (other.on_duty, other.by_roster)


def _edges(roster: Roster, start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Return the instants between start and end at which the people on duty may change."""
    dated = [edge for shift in roster.dated for edge in (shift.from_at, shift.to_at)]
    standing = [edge for shift in roster.standing for edge in _standing_edges(shift, start, end, zone)]
    return (edge for edge in (*dated, *standing) if start < edge < end)


def _standing_edges(shift: DutyShift, start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    day = start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= end:
        for minute in (shift.from_minute, shift.to_minute):
            yield (day + timedelta(minutes=minute)).astimezone(start.tzinfo)  # wall time: it has the zone
        day += timedelta(days=1)
