"""Lists as files: all that is filtered, in the reader's language, times in the zone's clock with their offset."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import IO, Any, Final, TypeVar

from firewatch.errors import BadInput, NotFound
from firewatch.files import sheets
from firewatch.web.console.speech import Speech
from firewatch.web.lists import map_files
from firewatch.web.lists.listing import Asked, Column, Kind, Listing, Value
from firewatch.web.lists.map_files import Feature

R = TypeVar("R")
MOST_ROWS: Final = 100_000
"""Of a file: it takes a quarter of a minute, and no office's spreadsheet opens more in comfort; days narrow it down."""
MOST_IN_WORKBOOK: Final = 25_000
"""Of a workbook, which takes four times as long to write."""


@dataclass(frozen=True)
class Form:
    """A form of file: its media type, whether it needs places, and how it is written."""

    media_type: str
    on_map: bool
    write: Callable[[IO[bytes], Listing[Any], Iterable[Any], Speech], None]
    most: int = MOST_ROWS


def write(file: IO[bytes], form: Form, listing: Listing[R], asked: Asked, speech: Speech) -> None:
    """Write all rows that are asked for. Raises BadInput where they are too many for a file."""
    if form.on_map and listing.place is None:
        raise NotFound(f"the list {listing.name} has no places: take it out as csv or xlsx")
    count = listing.count(asked)
    if count > form.most:
        other = f", or take out CSV, which holds {MOST_ROWS}" if form.most < MOST_ROWS else ""
        raise BadInput(f"{count} rows are too many for this file, which holds {form.most}: choose days{other}")
    form.write(file, listing, listing.rows(asked), speech)


def _csv(file: IO[bytes], listing: Listing[R], rows: Iterable[R], speech: Speech) -> None:
    sheets.write_csv(
        file,
        [speech.t(column.heading) for column in listing.columns],
        ([_said(column.value(row), speech) for column in listing.columns] for row in rows),
    )


def _workbook(file: IO[bytes], listing: Listing[R], rows: Iterable[R], speech: Speech) -> None:
    made = ([_in_workbook(column.value(row), speech) for column in listing.columns] for row in rows)
    headings = [_workbook_heading(column, speech) for column in listing.columns]
    sheets.write_workbook(file, [(speech.t(listing.title), headings, made)])


def _geojson(file: IO[bytes], listing: Listing[R], rows: Iterable[R], speech: Speech) -> None:
    map_files.write_geojson(file, _features(listing, rows, speech))


def _kml(file: IO[bytes], listing: Listing[R], rows: Iterable[R], speech: Speech) -> None:
    headings = {column.key: speech.t(column.heading) for column in listing.columns}
    map_files.write_kml(file, speech.t(listing.title), headings, _features(listing, rows, speech))


FORMS: Final[Mapping[str, Form]] = {
    "csv": Form("text/csv; charset=utf-8", on_map=False, write=_csv),
    "xlsx": Form(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        on_map=False,
        write=_workbook,
        most=MOST_IN_WORKBOOK,
    ),
    "geojson": Form("application/geo+json", on_map=True, write=_geojson),
    "kml": Form("application/vnd.google-earth.kml+xml", on_map=True, write=_kml),
}
"""By the ending of a file's name."""


def find(ending: str) -> Form:
    """Return the form of an ending. Raises NotFound."""
    form = FORMS.get(ending)
    if form is None:
        raise NotFound(f"a list is no .{ending} file: there are {', '.join(FORMS)}")
    return form


def forms_of(listing: Listing[Any]) -> list[str]:
    """Return the endings of the files that a list can be taken out as."""
    return [ending for ending, form in FORMS.items() if listing.place is not None or not form.on_map]


def _features(listing: Listing[R], rows: Iterable[R], speech: Speech) -> Iterator[Feature]:
    for row in rows:
        yield Feature(
            label=listing.label(row) if listing.label else "",
            geometry=listing.place(row) if listing.place else None,
            properties={column.key: _on_map(column.value(row), speech) for column in listing.columns},
            colour=listing.colour(row) if listing.colour else "",
        )


def _said(value: Value, speech: Speech) -> sheets.Cell:
    match value:
        case datetime():
            return _local(value, speech).isoformat(timespec="seconds")
        case str():
            return sheets.safe(value)
        case _:
            return value


def _on_map(value: Value, speech: Speech) -> map_files.Property:
    match value:
        case datetime():
            return _local(value, speech).isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case _:
            return value


def _in_workbook(value: Value, speech: Speech) -> sheets.Cell:
    """Return a value for a workbook, whose times know no zone: they are by the offset that the heading names."""
    match value:
        case datetime():
            offset = _local(speech.now, speech).tzinfo
            return value.astimezone(offset).replace(tzinfo=None, microsecond=0)
        case str():
            return sheets.safe(value)
        case _:
            return value


def _workbook_heading(column: Column[R], speech: Speech) -> str:
    heading = speech.t(column.heading)
    return f"{heading} ({_local(speech.now, speech).tzname()})" if column.kind is Kind.TIME else heading


def _local(at: datetime, speech: Speech) -> datetime:
    """Return an instant in the zone's clock, with the offset it has then."""
    local = at.astimezone(speech.zone)
    return at.astimezone(timezone(local.utcoffset() or timedelta()))
