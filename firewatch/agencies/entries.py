"""Shifts as a file of people's own names them: who is meant, what does not hold, what would change. Pure."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from firewatch.agencies.models import Contact
from firewatch.agencies.spans import Span, Wrong, wrong
from firewatch.files.problems import Problem


@dataclass(frozen=True)
class Entry:
    """A shift in a file: a line of a table, or an event of a calendar. Its person is named by id, by name or both.

    Of one whose times could not be read there are none.
    """

    sheet: str
    line: int
    contact: str
    name: str
    times: tuple[datetime, datetime] | None
    is_event: bool = False


@dataclass(frozen=True)
class Told:
    """What a file of a name tells: its shifts, what in it is none, and how many events it says are off."""

    name: str
    entries: Sequence[Entry]
    problems: Sequence[Problem]
    cancelled: int = 0


@dataclass(frozen=True)
class Change:
    """A shift that is new (nothing before), goes (nothing after), or becomes another."""

    before: Span | None
    after: Span | None


def who(entry: Entry, people: Sequence[Contact], may: Collection[str]) -> Contact | Problem:
    """Return whom of an agency an entry means; of people of one name those who `may` have shifts come first."""
    by_id, by_name = ("X-FIREWATCH-CONTACT", "SUMMARY") if entry.is_event else ("contact", "name")
    known = ", ".join(f"{each.id} ({each.name_zh}, {each.name_en})" for each in people if each.id in may)
    if not entry.contact and not entry.name:
        column, hint = (by_name, "roster.error.summary") if entry.is_event else (by_id, "roster.error.contact")
        return Problem(entry.sheet, entry.line, column, "empty", hint=hint, is_event=entry.is_event)
    if not entry.contact:
        found = [each for each in people if entry.name == each.id or _is_called(each, entry.name)]
        found = [each for each in found if each.id in may] or found
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(each.id for each in found)
            given = {"name": entry.name, "ids": ids, "column": by_id}
            return Problem(entry.sheet, entry.line, by_name, "who_of_several", given, is_event=entry.is_event)
        given = {"who": entry.name, "known": known}
        return Problem(entry.sheet, entry.line, by_name, "who_unknown", given, is_event=entry.is_event)
    person = next((each for each in people if each.id == entry.contact), None)
    if person is None:
        given = {"who": entry.contact, "known": known}
        return Problem(entry.sheet, entry.line, by_id, "who_unknown", given, is_event=entry.is_event)
    if entry.name and not _is_called(person, entry.name):
        given = {"name": entry.name, "contact": person.id, "known": f"{person.name_zh}, {person.name_en}"}
        return Problem(entry.sheet, entry.line, by_name, "who_differs", given, is_event=entry.is_event)
    return person


def check(
    found: Sequence[tuple[Entry, Span]],
    there: Iterable[Span],
    stays: Iterable[Span],
    may: Collection[str],
    zone: ZoneInfo,
) -> Iterator[Problem]:
    """Find what does not hold of the shifts of a file beside each other and beside those of the roster that stay.

    What is `there` exactly so already is not asked who may have it: he may have left since.
    """
    left, known = list(stays), set(there)
    lines: dict[Span, int] = {}
    for entry, span in found:
        not_so = wrong(span, [*lines, *left], [span.contact_id] if span in known else may)
        if not_so is not None:
            yield _problem(entry, not_so, lines, zone)
        lines.setdefault(span, entry.line)


def difference(there: Iterable[Span], wanted: Iterable[Span]) -> list[Change]:
    """Return what has to be done so that the roster says what is wanted, in order of time.

    A shift that goes and one that comes are one change when they overlap and are the same person's, or when only the
    person is another.
    """
    gone, new = sorted(set(there) - set(wanted)), sorted(set(wanted) - set(there))
    found: list[tuple[Span, Change]] = []
    for alike in (_moved, _handed_over):
        for before in list(gone):
            after = next((each for each in new if alike(before, each)), None)
            if after is not None:
                found.append((after, Change(before, after)))
                gone.remove(before)
                new.remove(after)
    found += [(span, Change(span, None)) for span in gone] + [(span, Change(None, span)) for span in new]
    return [change for _, change in sorted(found, key=lambda each: each[0])]


def _moved(one: Span, other: Span) -> bool:
    return one.contact_id == other.contact_id and one.from_at < other.to_at and other.from_at < one.to_at


def _handed_over(one: Span, other: Span) -> bool:
    return (one.from_at, one.to_at) == (other.from_at, other.to_at)


def _is_called(person: Contact, name: str) -> bool:
    return " ".join(name.split()).casefold() in (person.name_zh.casefold(), person.name_en.casefold())


def _problem(entry: Entry, found: Wrong, lines: dict[Span, int], zone: ZoneInfo) -> Problem:
    if found.other in lines:
        given = {"line": str(lines[found.other])}
        if entry.is_event:
            return Problem(entry.sheet, entry.line, None, "overlaps_event", given, is_event=True)
        return Problem(entry.sheet, entry.line, None, "overlaps_line", given)
    given = {}
    if found.other is not None:
        begin, end = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (found.other.from_at, found.other.to_at))
        given = {"other": f"{begin} – {end}"}
    return Problem(entry.sheet, entry.line, None, f"roster.problem.{found.what}", given, is_event=entry.is_event)
