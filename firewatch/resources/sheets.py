"""Tables of people's own: CSV and XLSX files as lines of text cells, and back.

Read as they come out of offices: UTF-8 with or without a byte order mark, Excel's "Unicode text", GBK from a Chinese
Excel; commas, semicolons or tabs. Written so that Excel opens them properly and takes no text for a formula.
"""

import csv
import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from firewatch.errors import BadInput

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would compute; an apostrophe in front makes it text, and is taken off again."""
Line = tuple[int, Mapping[str, str]]


@dataclass(frozen=True)
class Sheet:
    """A table: what it is called in messages, its columns, its lines by number with the cells that are not empty."""

    name: str
    columns: Sequence[str]
    lines: Sequence[Line]


def read(path: Path) -> list[Sheet]:
    """Return the tables of a file: one of a CSV file, each sheet that is not empty of a workbook. Raises BadInput."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from None
    match path.suffix.lower():
        case ".csv":
            return [_read_csv(path.name, data)]
        case ".xlsx":
            return _read_workbook(path.name, data)
        case _:
            raise BadInput(f"{path.name}: needs to be .csv or .xlsx")


def write_csv(path: Path, sheet: Sheet) -> None:
    """Write a table as CSV, with the byte order mark by which Excel knows UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(sheet.columns)
        writer.writerows([_guarded(cells.get(name, "")) for name in sheet.columns] for _, cells in sheet.lines)


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write tables as the sheets of a workbook; every cell is text, and stays what it is."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        page.freeze_panes = "A2"
        page.append(list(sheet.columns))
        for _, cells in sheet.lines:
            row = [WriteOnlyCell(page, _guarded(cells.get(name, ""))) for name in sheet.columns]
            for cell in row:
                cell.data_type = "s"  # else a text that begins with = were a formula
            page.append(row)
    written = io.BytesIO()
    book.save(written)
    path.write_bytes(written.getvalue())


def _guarded(text: str) -> str:
    return f"'{text}" if _is_like_formula(text) and not _is_number(text) else text


def _is_like_formula(text: str) -> bool:
    """Whether a spreadsheet might compute it, also behind marks: those that were there have to be told from ours."""
    return text.lstrip("'").startswith(FORMULA)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _plain(text: str) -> str:
    text = text.strip()
    return text[1:] if text[:1] == "'" and _is_like_formula(text) else text


def _read_csv(name: str, data: bytes) -> Sheet:
    text = _decoded(name, data)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return _sheet(name, ((reader.line_num, cells) for cells in reader))
    except csv.Error as error:
        raise BadInput(f"{name} line {reader.line_num}: not CSV: {error}") from None


def _decoded(name: str, data: bytes) -> str:
    is_utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if is_utf16 else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput(f"{name}: neither UTF-8 nor GBK: save it as 'CSV UTF-8'")


def _read_workbook(name: str, data: bytes) -> list[Sheet]:
    sheets = []
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # of styles and rules it leaves out
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            for page in book.worksheets:
                rows = ((number, [_said(cell) for cell in row]) for number, row in enumerate(page.values, start=1))
                sheets.append(_sheet(f"{name} sheet {page.title}", rows))
            book.close()
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError):
        raise BadInput(f"{name}: not a workbook that can be read: save it as .xlsx again") from None
    return [sheet for sheet in sheets if sheet.columns]


def _said(cell: object) -> str:
    """Return what a cell of a workbook says, as it would stand in CSV."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _sheet(name: str, rows: Iterator[tuple[int, Sequence[str]]]) -> Sheet:
    columns: list[str] = []
    lines: list[Line] = []
    for number, row in rows:
        cells = [_plain(cell) for cell in row]
        if not any(cells):
            continue
        if not columns:
            columns = cells
            while columns[-1] == "":
                columns.pop()
            continue
        # Cells beyond the last column stand under no name: "", so that they are found and not dropped.
        named = zip([*columns, *[""] * len(cells)], cells, strict=False)
        lines.append((number, {column: cell for column, cell in named if cell != ""}))
    return Sheet(name, columns, lines)
