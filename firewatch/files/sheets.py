"""Tables of people's own: CSV and XLSX files as lines of text cells, and back.

Read as they come out of offices: UTF-8 with or without a byte order mark, Excel's "Unicode text", GBK from a Chinese
Excel; commas, semicolons or tabs. Written so that Excel opens them properly and takes no text for a formula.
"""

import csv
import io
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, Final
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from firewatch import i18n
from firewatch.errors import BadInput

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would compute; an apostrophe in front makes it text, and is taken off again."""
MOST_UNPACKED_BYTES: Final = 20_000_000
"""Of a workbook: more than that is no list of ours, and would fill the memory."""
MOST_CELLS: Final = 500_000
"""Of a workbook, empty ones too: one cell far down or far to the right makes rows of nothing before it."""
MOST_LINES: Final = 5_000
"""Of a table: more than that is no list of ours, and nobody could look at it."""
Line = tuple[int, Mapping[str, str]]
Cell = str | int | float | date | datetime | None
"""What is written: None is an empty cell, a time in a workbook has no zone (its heading tells)."""
TIME_FORMAT: Final = "yyyy-mm-dd hh:mm:ss"
DAY_FORMAT: Final = "yyyy-mm-dd"


class Unreadable(BadInput):
    """A file that is no table; `what` is the catalogue key exchange.file.<what>, with its places."""

    def __init__(self, what: str, **places: object) -> None:
        """Keep the key and the places, and tell it in English."""
        self.what, self.places = what, places
        super().__init__(self.said("en"))

    def said(self, lang: str) -> str:
        """Return it in a language."""
        return i18n.text(lang, f"exchange.file.{self.what}", **self.places)


@dataclass(frozen=True)
class Sheet:
    """A table: what it is called in messages, its columns, its lines by number with the cells that are not empty."""

    name: str
    columns: Sequence[str]
    lines: Sequence[Line]


def read(path: Path) -> list[Sheet]:
    """Return the tables of a file, as `parse` does. Raises Unreadable."""
    return parse(path.name, read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """Return what is in a file. Raises Unreadable."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable("unread", name=path, why=error.strerror) from None


def parse(name: str, data: bytes) -> list[Sheet]:
    """Return the tables in some bytes: one of CSV, each sheet of a workbook that is not empty. Raises Unreadable."""
    match Path(name).suffix.lower():
        case ".csv":
            found = [_read_csv(name, data)]
        case ".xlsx":
            found = _read_workbook(name, data)
        case _:
            raise Unreadable("kind", name=name, kinds=".csv, .xlsx")
    if not any(sheet.columns for sheet in found):
        raise Unreadable("empty", name=name)
    return found


def as_csv(sheet: Sheet) -> bytes:
    """Return a table as CSV."""
    written = io.BytesIO()
    write_csv(written, sheet.columns, _guarded_lines(sheet))
    return written.getvalue()


def as_workbook(sheets: Sequence[Sheet]) -> bytes:
    """Return tables as the sheets of a workbook; every cell is text, and stays what it is."""
    written = io.BytesIO()
    write_workbook(written, [(sheet.name, sheet.columns, _guarded_lines(sheet)) for sheet in sheets])
    return written.getvalue()


def write_csv(file: IO[bytes], columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write rows as CSV, with the byte order mark by which Excel knows UTF-8. Texts come `safe` already."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    text.detach()


def write_workbook(file: IO[bytes], sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]]) -> None:
    """Write sheets (title, columns, rows) as a workbook, row by row. Numbers, days and times stay what they are."""
    book = Workbook(write_only=True)
    for title, columns, rows in sheets:
        page = book.create_sheet(title)
        page.freeze_panes = "A2"
        page.append(list(columns))
        for row in rows:
            page.append([_workbook_cell(page, value) for value in row])
    book.save(file)


def _workbook_cell(page: Any, value: Cell) -> Any:  # noqa: ANN401 - openpyxl has no types
    if isinstance(value, str):
        cell = WriteOnlyCell(page, value)
        cell.data_type = "s"  # else a text that begins with = were a formula
        return cell
    if isinstance(value, date):
        cell = WriteOnlyCell(page, value)
        cell.number_format = TIME_FORMAT if isinstance(value, datetime) else DAY_FORMAT
        return cell
    return value


def safe(text: str) -> str:
    """Return a text that no spreadsheet computes, without the control characters that a workbook does not take."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text)  # first: what stands behind them would begin the cell
    return f"'{text}" if _is_like_formula(text) else text


def _guarded_lines(sheet: Sheet) -> Iterator[list[str]]:
    return ([_guarded(cells.get(name, "")) for name in sheet.columns] for _, cells in sheet.lines)


def _guarded(text: str) -> str:
    return text if _is_number(text) else safe(text)


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
    text = decoded(name, data)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return _sheet(name, ((reader.line_num, cells) for cells in reader))
    except csv.Error:
        raise Unreadable("csv", name=name, line=reader.line_num) from None


def decoded(name: str, data: bytes) -> str:
    """Return a file's text in the encoding it is written in. Raises Unreadable."""
    is_utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if is_utf16 else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("encoding", name=name)


def _read_workbook(name: str, data: bytes) -> list[Sheet]:
    try:
        pages = list(_pages(name, data))
    except Unreadable:
        raise
    except Exception:  # noqa: BLE001 - a broken file makes its readers fail in any way there is
        raise Unreadable("workbook", name=name) from None
    sheets = [_sheet(f"{name} [{title}]", iter(rows)) for title, rows in pages]
    return [sheet for sheet in sheets if sheet.columns]


def _pages(name: str, data: bytes) -> Iterator[tuple[str, Sequence[tuple[int, Sequence[str]]]]]:
    """Return the sheets of a workbook by title, each row with its number."""
    with ZipFile(io.BytesIO(data)) as packed:
        if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED_BYTES:
            raise Unreadable("too_large", name=name)
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # of styles and rules it leaves out
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        cells = 0
        for page in book.worksheets:
            page.reset_dimensions()  # what a file says of its size is not believed: rows would be filled up to it
            rows = []
            for number, row in enumerate(page.values, start=1):
                cells += 1 + len(row)
                if cells > MOST_CELLS:
                    raise Unreadable("too_large", name=name)
                rows.append((number, [_said(cell) for cell in row]))
            yield page.title, rows
        book.close()


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
        if len(lines) > MOST_LINES:
            raise Unreadable("too_many_lines", name=name, most=MOST_LINES)
    return Sheet(name, columns, lines)
