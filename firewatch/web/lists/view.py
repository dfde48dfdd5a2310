"""A list as its page shows it: heads that sort, one page of rows, the ways to the pages beside it and to the files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from firewatch.web.console.speech import Speech
from firewatch.web.lists.files import forms_of
from firewatch.web.lists.listing import PAGE_ROWS, Asked, Column, Kind, Listing

R = TypeVar("R")


@dataclass(frozen=True)
class Head:
    """The head of a column; `sorted` is ascending, descending or empty, `href` is empty where nothing sorts by it."""

    key: str
    text: str
    is_number: bool
    sorted: str
    href: str


@dataclass(frozen=True)
class Cell:
    """A cell: a time by its instant, anything else in words; no text: nobody knows."""

    text: str
    at: datetime | None
    css: str


@dataclass(frozen=True)
class Line:
    """A row of the page; the first cell leads to `href`."""

    href: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class ListView:
    """Everything about one page of a list but what a page of its own makes of the rows."""

    listing: Listing[Any]
    asked: Asked
    heads: Sequence[Head]
    sorts: Sequence[tuple[str, str]]
    """What it may be sorted by, as a form sends it, in words."""
    sort: str
    rows: Sequence[Any]
    count: int
    first: int
    """Number of the first row of the page, from 1; 0 when there is none."""
    pages: int
    files: Sequence[tuple[str, str]]
    """Ending and address."""
    earlier: str
    later: str
    """The addresses of the pages beside; empty: none."""


def look(listing: Listing[R], asked: Asked, speech: Speech) -> ListView:
    """Read one page; a page beyond the last is the last."""
    count = listing.count(asked)
    pages = max(1, -(-count // PAGE_ROWS))
    asked = listing.known(Asked(asked.text, asked.state, asked.since, asked.until, asked.sort, min(asked.page, pages)))
    order, skipped = listing.order(asked), (asked.page - 1) * PAGE_ROWS
    of_page = [column for column in listing.columns if column.on_page]
    sort = f"-{order.column.key}" if order.descending else order.column.key
    everything = asked.address(page=1).removesuffix("?")
    return ListView(
        listing=listing,
        asked=asked,
        heads=[_head(listing, asked, sort, column, speech) for column in of_page],
        sorts=[choice for column in of_page if listing.source.sorts(column) for choice in _sorts(column, speech)],
        sort=sort,
        rows=list(listing.rows(asked, PAGE_ROWS, skipped)),
        count=count,
        first=skipped + 1 if count else 0,
        pages=pages,
        files=[(ending, f"/lists/{listing.name}.{ending}{everything}") for ending in forms_of(listing)],
        earlier=asked.address(page=asked.page - 1) if asked.page > 1 else "",
        later=asked.address(page=asked.page + 1) if asked.page < pages else "",
    )


def lines(view: ListView, speech: Speech) -> list[Line]:
    """Return the rows of a page that has no way of its own to show them."""
    listing = view.listing
    return [
        Line(
            href=listing.link(row) if listing.link else "",
            cells=[cell_of(column, row, speech) for column in listing.columns if column.on_page],
        )
        for row in view.rows
    ]


def _head(listing: Listing[R], asked: Asked, sort: str, column: Column[R], speech: Speech) -> Head:
    key, sorts = column.key, listing.source.sorts(column)
    turned = f"-{key}" if sort == key else key
    return Head(
        key=key,
        text=speech.t(column.heading),
        is_number=column.kind is Kind.NUMBER,
        sorted={key: "ascending", f"-{key}": "descending"}.get(sort, ""),
        href=asked.address(sort=turned, page=1) if sorts else "",
    )


def _sorts(column: Column[R], speech: Speech) -> list[tuple[str, str]]:
    heading = speech.t(column.heading)
    return [
        (column.key, speech.t("lists.ascending", column=heading)),
        (f"-{column.key}", speech.t("lists.descending", column=heading)),
    ]


def cell_of(column: Column[R], row: R, speech: Speech) -> Cell:
    """Return a cell as pages show it."""
    value, css = column.value(row), column.style(row)
    if isinstance(value, datetime) and column.shown is None:
        return Cell("", value, css)
    if isinstance(value, date) and column.shown is None:
        return Cell(speech.day(value), None, css)
    return Cell(column.said(row), None, css)
