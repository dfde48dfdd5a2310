"""Dated shifts as the events of a calendar (RFC 5545), and back. Pure.

Written so that any calendar shows them in the offices' own time, under the person's name; read as other programs write
them: in UTC, in a time zone of theirs, without one (the offices' own), by whole days.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vDDDTypes

from firewatch import i18n
from firewatch.agencies.entries import Entry, Told
from firewatch.agencies.models import Contact
from firewatch.agencies.repeats import REPEATS, Window, instant, is_repeating, starts
from firewatch.agencies.spans import YEARS, Span
from firewatch.files.problems import Problem
from firewatch.files.sheets import MOST_LINES, Unreadable, decoded

MAKER: Final = "-//firewatch//roster//"
CONTACT: Final = "X-FIREWATCH-CONTACT"
"""The property that holds a person's id."""
TIMES: Final = ("DTSTART", "DTEND", "DURATION")
ENDLESS: Final = re.compile(r"FREQ=(SECONDLY|MINUTELY|HOURLY)|BY(MINUTE|SECOND)=\d+,", re.IGNORECASE)
"""No time zone and no roster repeats itself so often: a reader that unfolds it would never end."""
BEGIN: Final = re.compile(r"^BEGIN:VEVENT\s*$", re.IGNORECASE | re.MULTILINE)


def written(shifts: Sequence[tuple[Span, Contact]], zone: ZoneInfo, agency: str, lang: str, now: datetime) -> bytes:
    """Return the shifts of an agency (its name in the language) as a calendar, in local time."""
    made = Calendar()
    made.add("prodid", f"{MAKER}{lang.upper()}")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", f"{agency} {i18n.text(lang, 'roster.title')}")
    made.add("x-wr-timezone", zone.key)
    for span, person in shifts:
        event = Event()
        event.add("uid", f"{person.id}.{span.from_at.astimezone(UTC):%Y%m%dT%H%M%SZ}@firewatch")
        event.add("dtstamp", now.astimezone(UTC))
        begin, end = (at.astimezone(zone) for at in (span.from_at, span.to_at))
        # A local time that occurs twice means the first one (RFC 5545, 3.3.5): the second can only be told in UTC.
        in_utc = begin.fold or end.fold
        event.add("dtstart", begin.astimezone(UTC) if in_utc else begin)
        event.add("dtend", end.astimezone(UTC) if in_utc else end)
        event.add("summary", str(getattr(person, f"name_{lang}")))
        event.add("description", f"{agency} · {i18n.text(lang, f'contact_role.{person.role}')}")
        event.add(CONTACT, person.id)
        made.add_component(event)
    if shifts:
        years = [at.year for span, _ in shifts for at in (span.from_at, span.to_at)]
        made.add_missing_timezones(first_date=date(min(years) - 1, 1, 1), last_date=date(max(years) + 2, 1, 1))
    return bytes(made.to_ical())


def read(name: str, data: bytes, zone: ZoneInfo, window: Window | None = None) -> Told:
    """Return the shifts of a calendar, and what in it is none. Raises Unreadable for what is no calendar.

    Of events that repeat themselves those times are told that begin in the window; without one they are a problem.
    """
    events = _events(name, data)
    off = _changed(events, zone)
    entries: list[Entry] = []
    problems: list[Problem] = []
    cancelled = 0
    uids: dict[str, int] = {}
    for number, event in enumerate(events, start=1):
        uid = _text(event, "UID")
        if _text(event, "STATUS").upper() == "CANCELLED":
            cancelled += 1
        elif uid and "RECURRENCE-ID" not in event and uids.setdefault(uid, number) != number:
            given = {"line": str(uids[uid])}
            problems.append(Problem(name, number, "UID", "event_twice", given, is_event=True))
        else:
            entries += _take(name, number, event, zone, window, off.get(uid, set()), problems)
            if len(entries) > MOST_LINES:
                raise Unreadable("too_many_lines", name=name, most=MOST_LINES)
    return Told(name, entries, problems, cancelled)


def _changed(events: Sequence[Event], zone: ZoneInfo) -> dict[str, set[datetime]]:
    """Return by UID at which instants a repeating event is replaced by another event, or is off."""
    found: dict[str, set[datetime]] = {}
    for event in events:
        at = event.get("RECURRENCE-ID")
        if isinstance(at, vDDDTypes) and isinstance(at.dt, date):
            found.setdefault(_text(event, "UID"), set()).add(instant(at.dt, zone))
    return found


def _events(name: str, data: bytes) -> list[Event]:
    text = re.sub(r"\r?\n[ \t]", "", decoded(name, data))
    if ENDLESS.search(text):
        raise Unreadable("calendar", name=name)
    try:
        found = Calendar.from_ical(text, multiple=True)
        events = [event for each in found for event in each.walk("VEVENT") if isinstance(event, Event)]
    except Exception:  # noqa: BLE001 - a broken file makes its reader fail in any way there is
        raise Unreadable("calendar", name=name) from None
    # A file that was cut off is read without what it was cut off in.
    if not found or len(events) != len(BEGIN.findall(text)):
        raise Unreadable("calendar", name=name)
    if len(events) > MOST_LINES:
        raise Unreadable("too_many_lines", name=name, most=MOST_LINES)
    return events


def _take(
    name: str,
    number: int,
    event: Event,
    zone: ZoneInfo,
    window: Window | None,
    off: Collection[datetime],
    problems: list[Problem],
) -> list[Entry]:
    wrong = list(_not_so(name, number, event, window))
    times: list[tuple[datetime, datetime] | None] = []
    if not wrong:
        try:
            times += _times(event, zone, window, off)
        except Exception as error:  # noqa: BLE001 - a broken event makes its reader fail in any way there is
            wrong.append(Problem(name, number, "DTSTART", "event_broken", {"why": str(error)}, is_event=True))
    problems += wrong
    person = _text(event, CONTACT), _text(event, "SUMMARY")
    return [Entry(name, number, *person, each, is_event=True) for each in (times if not wrong else [None])]


def _times(
    event: Event, zone: ZoneInfo, window: Window | None, off: Collection[datetime]
) -> Iterator[tuple[datetime, datetime]]:
    """Yield from when until when an event lasts, once or as often as it begins in the window."""
    length = event.end - event.start  # as the clocks show it: a night until eight ends at eight
    begins = [event.start] if window is None or not is_repeating(event) else starts(event, window, zone, off)
    for begin in begins:
        yield _near(instant(begin, zone)), _near(instant(begin + length, zone))


def _not_so(name: str, number: int, event: Event, window: Window | None) -> Iterator[Problem]:
    for column in REPEATS if window is None else ():
        if column in event:
            yield Problem(name, number, column, "event_repeats", is_event=True)
    if "RANGE" in getattr(event.get("RECURRENCE-ID"), "params", {}):
        yield Problem(name, number, "RECURRENCE-ID", "event_range", is_event=True)
    for where, why in event.errors:
        # A line that could not be read stands there without its name, and could have been any.
        if where in (None, *TIMES, *REPEATS, "EXDATE"):
            yield Problem(name, number, where, "event_broken", {"why": why}, is_event=True)
    for column in TIMES[:2]:
        if _is_elsewhere(event, column):
            yield Problem(name, number, column, "event_zone", {"zone": event[column].params["TZID"]}, is_event=True)


def _is_elsewhere(event: Event, column: str) -> bool:
    """Return whether a time stands in a time zone that is nowhere described: it is read as if it had none."""
    found = event.get(column)
    if not isinstance(found, vDDDTypes):  # there is none, there are several, or it is broken
        return False
    return isinstance(found.dt, datetime) and found.dt.tzinfo is None and "TZID" in found.params


def _near(at: datetime) -> datetime:
    if not YEARS[0] <= at.year < YEARS[1]:
        raise ValueError(f"{at}: a year from {YEARS[0]} to {YEARS[1] - 1}")
    return at


def _text(event: Event, name: str) -> str:
    found = event.get(name, "")
    return str(found[0] if isinstance(found, list) else found).strip()
