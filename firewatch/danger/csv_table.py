"""Reading a CSV file of observations so that every complaint names its line.

UTF-8 with or without a byte order mark, LF or CRLF, quoted or not; column names in any case. An empty field, NA and
NaN are missing; anything else that is not a number is an error, not a missing value.
"""

import contextlib
import csv
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TextIO

from firewatch.errors import BadInput

Source = str | os.PathLike[str] | TextIO

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_MISSING = {"", "na", "nan"}


@dataclass(frozen=True)
class Row:
    """One record: the line it begins on, its fields as they stand, and the place of each known column."""

    line: int
    fields: list[str]
    columns: Mapping[str, int]

    def text(self, name: str) -> str:
        """Answer a field without the blanks around it; "" when the file has no such column."""
        return self.fields[self.columns[name]].strip() if name in self.columns else ""

    def number(self, name: str) -> float:
        """Answer a field as a number, NaN when missing; BadInput with the line when it is neither."""
        text = self.text(name)
        if text.lower() in _MISSING:
            return math.nan
        if not _NUMBER.fullmatch(text):
            raise self.bad(f"{name} {text!r} is not a number")
        return float(text)

    def within(self, name: str, low: float, high: float) -> float:
        """Answer a field that must be there and lie in a closed range; BadInput with the line otherwise."""
        value = self.number(name)
        if not low <= value <= high:
            raise self.bad(f"{name} {self.text(name)!r} is not a number from {low:g} to {high:g}")
        return value

    def day(self, year: str, month: str, day: str) -> date:
        """Answer the date that three fields spell; BadInput with the line when there is no such day."""
        values = [self.number(name) for name in (year, month, day)]
        try:
            if any(value != int(value) for value in values):
                raise ValueError  # noqa: TRY301 - half a day is no better than the 31st of June
            return date(*(int(value) for value in values))
        except (ValueError, OverflowError):
            spelt = "-".join(self.text(name) for name in (year, month, day))
            raise self.bad(f"{spelt!r} is not a date") from None

    def iso_day(self, name: str) -> date:
        """Answer the date of a YYYY-MM-DD field; BadInput with the line otherwise."""
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            raise self.bad(f"{name} {self.text(name)!r} is not a date (YYYY-MM-DD)") from None

    def bad(self, what: str) -> BadInput:
        """Answer the error that names this row's line."""
        return BadInput(f"line {self.line}: {what}")


@dataclass(frozen=True)
class Table:
    """The header as it stands, and the rows below it, read as they are asked for."""

    header: list[str]
    rows: Iterator[Row]


@contextlib.contextmanager
def opened(source: Source) -> Iterator[TextIO]:
    """Give the text of a path or an open text stream (left open); BadInput when it cannot be opened or decoded."""
    stream = _open(source) if isinstance(source, str | os.PathLike) else source
    try:
        yield stream
    except UnicodeDecodeError as error:
        raise BadInput(f"the file is not UTF-8 text ({error.reason} at byte {error.start})") from None
    finally:
        if stream is not source:
            stream.close()


def _open(path: str | os.PathLike[str]) -> TextIO:
    try:
        return Path(path).open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None


def read_table(stream: TextIO, required: Sequence[str], optional: Sequence[str] = ()) -> Table:
    """Read the header and stand ready to read the rows.

    BadInput when a required column is absent or a known one stands twice, and, with the line, for a row with another
    number of fields or broken quotes. Empty lines are passed over.
    """
    records = _records(stream)
    _, header = next(records, (0, []))
    header = [header[0].removeprefix("\ufeff"), *header[1:]] if header else []
    names = [name.strip().lower() for name in header]
    if absent := [name for name in required if name not in names]:
        raise BadInput(f"line 1: no column {', '.join(absent)}; wanted are {','.join(required)}")
    known = [name for name in names if name in required or name in optional]
    if twice := sorted({name for name in known if known.count(name) > 1}):
        raise BadInput(f"line 1: column {', '.join(twice)} stands there twice")
    columns = {name: names.index(name) for name in known}
    return Table(header, _rows(records, columns, len(header)))


def _rows(records: Iterator[tuple[int, list[str]]], columns: Mapping[str, int], width: int) -> Iterator[Row]:
    for line, fields in records:
        if len(fields) != width:
            raise BadInput(f"line {line}: {len(fields)} fields, the header has {width}")
        yield Row(line, fields, columns)


def _records(stream: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that are not empty, each with the line it begins on."""
    reader = csv.reader(stream, strict=True)
    line = 1
    while True:
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise BadInput(f"line {line}: {error}") from None
        if fields is None:
            return
        if fields:
            yield line, fields
        line = reader.line_num + 1
