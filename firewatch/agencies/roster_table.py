"""Dated shifts as lines of a table: who, from when until when in local time; and back. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from firewatch import i18n
from firewatch.agencies.entries import Entry, Told
from firewatch.agencies.models import Contact
from firewatch.agencies.spans import YEARS, Span
from firewatch.clock import local_instants
from firewatch.files.problems import Problem
from firewatch.files.sheets import Sheet

COLUMNS: Final = ("contact", "name", "from", "to")
"""One of the first two is enough; the last two are needed."""
NEEDED: Final = ("from", "to")
TIME: Final = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?:日|日?[T ])\s*"
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?\s*(Z|[+-]\d\d:?\d\d)?"
)
"""A day and a time as the offices and their spreadsheets write them, the year first; at the end perhaps the offset."""


def written(shifts: Sequence[tuple[Span, Contact]], zone: ZoneInfo, lang: str) -> Sheet:
    """Return shifts as a table."""
    lines = [
        (
            number,
            {
                "contact": person.id,
                "name": str(getattr(person, f"name_{lang}")),
                "from": time_text(span.from_at, zone),
                "to": time_text(span.to_at, zone),
            },
        )
        for number, (span, person) in enumerate(shifts, start=2)
    ]
    return Sheet("roster", COLUMNS, lines)


def read(given: Sheet, zone: ZoneInfo) -> Told:
    """Return the shifts of a table, and what in it is none. Its columns may be headed as the console calls them."""
    columns = [_column(heading) for heading in given.columns]
    lines = [(line, {_column(heading): cell for heading, cell in cells.items()}) for line, cells in given.lines]
    sheet = Sheet(given.name, columns, lines)
    problems, entries = list(_columns(sheet)), list[Entry]()
    if not problems:
        entries = [_take(sheet, line, cells, zone, problems) for line, cells in sheet.lines]
    return Told(sheet.name, entries, problems)


def time_text(at: datetime, zone: ZoneInfo) -> str:
    """Return an instant in local time to the minute, or as finely as need be; with its offset where it is doubtful."""
    local = at.astimezone(zone)
    is_doubtful = len(local_instants(local.replace(tzinfo=None), zone)) != 1
    text = local.replace(tzinfo=None).isoformat(sep=" ").removesuffix(":00")
    return text + local.isoformat()[-6:] if is_doubtful else text


def time_of(text: str, zone: ZoneInfo) -> datetime | str:
    """Return the instant that a text tells; of one that is none the last part of the problem's key.

    Raises ValueError and OverflowError for a day or an hour that no calendar has.
    """
    found = TIME.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return "cell"
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    if not YEARS[0] <= year < YEARS[1]:
        return "cell"
    is_midnight = (hour, minute, second) == (24, 0, 0)  # of the day's end
    local = datetime(year, month, day, 0 if is_midnight else hour, minute, second)  # noqa: DTZ001 - the zone comes next
    local += timedelta(days=is_midnight, microseconds=int((found[7] or "").ljust(6, "0")))
    if found[8]:
        return datetime.fromisoformat(f"{local.isoformat()}{found[8]}").astimezone(UTC)
    instants = local_instants(local, zone)
    return instants[0] if len(instants) == 1 else "hour_twice" if instants else "no_such_hour"


def _column(heading: str) -> str:
    """Return the column that a heading stands for; a person may be named by his id there too."""
    for field, column in (("contact", "name"), ("from", "from"), ("to", "to")):
        if heading in [i18n.text(lang, f"roster.field.{field}") for lang in i18n.LANGUAGES]:
            return column
    return heading


def _columns(sheet: Sheet) -> Iterator[Problem]:
    known = {"kind": "roster", "known": ", ".join(COLUMNS)}
    for name, times in Counter(sheet.columns).items():
        if not name:
            yield Problem(sheet.name, None, None, "nameless_column")
        elif name not in COLUMNS:
            yield Problem(sheet.name, None, name, "foreign_column", known)
        elif times > 1:
            yield Problem(sheet.name, None, name, "column_twice")
    for name in NEEDED:
        if name not in sheet.columns:
            yield Problem(sheet.name, None, name, "no_such_column", known)
    if "contact" not in sheet.columns and "name" not in sheet.columns:
        yield Problem(sheet.name, None, "contact", "no_such_column", known)


def _take(sheet: Sheet, line: int, cells: Mapping[str, str], zone: ZoneInfo, problems: list[Problem]) -> Entry:
    if "" in cells:
        problems.append(Problem(sheet.name, line, None, "too_many_cells"))
    begin, end = (_instant(sheet, line, name, cells.get(name, ""), zone, problems) for name in NEEDED)
    times = (begin, end) if begin and end else None
    return Entry(sheet.name, line, cells.get("contact", ""), cells.get("name", ""), times)


def _instant(
    sheet: Sheet, line: int, column: str, cell: str, zone: ZoneInfo, problems: list[Problem]
) -> datetime | None:
    try:
        found = time_of(cell, zone) if cell else "empty"
    except (ValueError, OverflowError):
        found = "cell"
    if isinstance(found, datetime):
        return found
    problems.append(Problem(sheet.name, line, column, found, {"cell": cell}, "roster.error.time"))
    return None
