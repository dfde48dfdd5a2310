"""An agency's dated shifts come in from files of people's own, tables or calendars, and go out as such.

A file tells all the shifts that begin on the days it covers: those of the roster that it does not name are taken away.
Everything that is wrong is told at once, and nothing is changed unless all of it holds. What is then changed is one
change of the roster, which can be undone.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from firewatch.agencies import roster_calendar, roster_table, shifts
from firewatch.agencies.entries import Change, Entry, Told, check, difference, who
from firewatch.agencies.models import Contact, DatedShift, RosterDeed
from firewatch.agencies.repeats import Window
from firewatch.agencies.spans import LONGEST, YEARS, Span
from firewatch.clock import Clock, day_bounds, local_day
from firewatch.errors import BadInput
from firewatch.files import sheets
from firewatch.files.problems import Problem
from firewatch.files.sheets import Unreadable

KINDS: Final = (".csv", ".xlsx", ".ics")
MOST_DAYS: Final = 400
"""A file that covers more is not of one season: most likely a year in it is wrong."""
Days = tuple[date | None, date | None]
ALL_DAYS: Final[Days] = (None, None)


@dataclass(frozen=True)
class Import:
    """What a file would do: nothing can be done while there are problems.

    It covers the `days` from the first to the last; `left_out` of its shifts begin on none of them, `cancelled` events
    say that they are off, `same` shifts are in the roster already.
    """

    problems: Sequence[Problem]
    changes: Sequence[Change]
    days: tuple[date, date] | None
    same: int = 0
    left_out: int = 0
    cancelled: int = 0


def parse(name: str, data: bytes, zone: ZoneInfo, days: Days = ALL_DAYS) -> Told:
    """Return what a file tells, of events that repeat themselves what they do on some days.

    Raises Unreadable for one that is neither table nor calendar.
    """
    match Path(name).suffix.lower():
        case ".ics":
            return roster_calendar.read(name, data, zone, _window(days, zone))
        case ".csv" | ".xlsx":
            told = [roster_table.read(sheet, zone) for sheet in sheets.parse(name, data)]
            return Told(name, [e for each in told for e in each.entries], [p for each in told for p in each.problems])
        case _:
            raise Unreadable("kind", name=name, kinds=", ".join(KINDS))


def _window(days: Days, zone: ZoneInfo) -> Window | None:
    """Return the bounds of some days, if there are both and they can be covered."""
    first, last = days
    if first is None or last is None or any(_not_so("", first, last)):
        return None
    return day_bounds(first, zone)[0], day_bounds(last, zone)[1]


def look(session: Session, told: Told, agency_id: str, zone: ZoneInfo, days: Days = ALL_DAYS) -> Import:
    """Return what importing a file would change in an agency's roster, and everything that is wrong with it.

    It covers the days given; where one is not, from the day of its first shift or until that of its last.
    """
    may = [person.id for person in shifts.people(session, agency_id)]
    named, problems = _named(told, _everybody(session, agency_id), may)
    begun = [local_day(entry.times[0], zone) for entry in told.entries if entry.times]
    first, last = days[0] or min(begun, default=None), days[1] or max(begun, default=None)
    if first is None or last is None:
        return Import([*problems, *([] if problems else [Problem(told.name, None, None, "no_shift")])], [], None)
    wrong = list(_not_so(told.name, first, last))
    if wrong:
        return Import([*problems, *wrong], [], None)
    start, end = day_bounds(first, zone)[0], day_bounds(last, zone)[1]
    within = [(entry, span) for entry, span in named if start <= span.from_at < end]
    beside = shifts.spans(session, agency_id, start, end + LONGEST)
    there = [span for span in beside if start <= span.from_at < end]
    problems += check(within, there, [span for span in beside if span not in there], may, zone)
    problems.sort(key=lambda each: (each.sheet, each.line or 0))
    changes = [] if problems else difference(there, [span for _, span in within])
    same = len(within) - sum(change.after is not None for change in changes)
    return Import(problems, changes, (first, last), same, len(named) - len(within), told.cancelled)


def bring_in(
    session: Session, clock: Clock, told: Told, agency_id: str, zone: ZoneInfo, by: str, days: Days = ALL_DAYS
) -> Import:
    """Import a file if nothing is wrong with it; return what was done, or what is wrong."""
    shifts.take_turn(session, agency_id)
    found = look(session, told, agency_id, zone, days)
    if not found.problems:
        carry_out(session, clock, found, agency_id, by)
    return found


def carry_out(session: Session, clock: Clock, found: Import, agency_id: str, by: str) -> None:
    """Make the changes of a look that has found nothing wrong, all as one change of the roster."""
    removed = [change.before for change in found.changes if change.before is not None]
    added = [change.after for change in found.changes if change.after is not None]
    if found.changes:
        shifts.change(session, clock, agency_id, RosterDeed.IMPORTED, by, removed=removed, added=added)


def take_out(session: Session, agency_id: str, zone: ZoneInfo, days: Days = ALL_DAYS) -> list[tuple[Span, Contact]]:
    """Return an agency's shifts that begin on some days, or all of them, each with its person. Raises BadInput."""
    first, last = (None if day is None else _near(day) for day in days)
    people = {person.id: person for person in _everybody(session, agency_id)}
    query = select(DatedShift).where(col(DatedShift.contact_id).in_(people))
    if first is not None:
        query = query.where(col(DatedShift.from_at) >= day_bounds(first, zone)[0])
    if last is not None:
        query = query.where(col(DatedShift.from_at) < day_bounds(last, zone)[1])
    return [(span, people[span.contact_id]) for span in sorted(shifts.span_of(row) for row in session.exec(query))]


def as_csv(found: Sequence[tuple[Span, Contact]], zone: ZoneInfo, lang: str) -> bytes:
    """Return shifts as CSV, each person's name in a language."""
    return sheets.as_csv(roster_table.written(found, zone, lang))


def _everybody(session: Session, agency_id: str) -> list[Contact]:
    """Return all there ever were of an agency's people: who has left may still have shifts."""
    return list(session.exec(select(Contact).where(Contact.agency_id == agency_id).order_by(Contact.id)))


def _named(
    told: Told, people: Sequence[Contact], may: Collection[str]
) -> tuple[list[tuple[Entry, Span]], list[Problem]]:
    named, problems = [], list(told.problems)
    for entry in told.entries:
        person = who(entry, people, may)
        if isinstance(person, Problem):
            problems.append(person)
        elif entry.times is not None:
            named.append((entry, Span(*entry.times, person.id)))
    return named, problems


def _not_so(name: str, first: date, last: date) -> Iterator[Problem]:
    given = {"first": str(first), "last": str(last), "most": str(MOST_DAYS)}
    if last < first:
        yield Problem(name, None, None, "days_backwards", given)
    if not (_is_near(first) and _is_near(last)):
        yield Problem(name, None, None, "days_far_away", given)
    elif (last - first).days >= MOST_DAYS:
        yield Problem(name, None, None, "too_many_days", given)


def _is_near(day: date) -> bool:
    return YEARS[0] <= day.year < YEARS[1]


def _near(day: date) -> date:
    if not _is_near(day):
        raise BadInput(f"{day} is too far away: a day from {YEARS[0]} to {YEARS[1] - 1}")
    return day
