"""A list of the console, told once as columns over rows: page, filter, order and files follow from that.

What is asked of a list stands in its address (`q`, `state`, `since`, `until`, `sort`, `page`): it works without a
script, and what somebody sees he can keep and send on. A row is missing nothing by being filtered: files hold every
row that the page counts.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Generic, Protocol, TypeVar
from urllib.parse import urlencode

from sqlalchemy import SQLColumnExpression

from firewatch.errors import BadInput
from firewatch.web.console.fields import day, digits

PAGE_ROWS: Final = 50
LONGEST_TEXT: Final = 100
"""Of what is searched for: nobody types more."""
YEARS: Final = (1900, 2200)
"""Of days that may be chosen."""

Value = str | int | float | date | datetime | None
"""What a cell holds; None is "nobody knows", which is never a zero."""
Geometry = Mapping[str, Any]
"""A geometry of GeoJSON: longitude first."""
R = TypeVar("R")


class Kind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"
    DAY = "day"


@dataclass(frozen=True)
class Asked:
    """What of a list is wanted, as its address says."""

    text: str = ""
    state: str = ""
    since: date | None = None
    until: date | None = None
    sort: str = ""
    """The key of a column, with a minus before it for the last first."""
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """Read an address; full-width digits and letters are the plain ones. Raises BadInput for what is no day."""
        return cls(
            text=plain(query.get("q", "")),
            state=query.get("state", ""),
            since=_day("since", query),
            until=_day("until", query),
            sort=query.get("sort", ""),
            page=max(1, int(digits(query.get("page", ""))[:6] or 1)),
        )

    @property
    def words(self) -> list[str]:
        """Every one of which has to be in a row."""
        return self.text.casefold().split()

    @property
    def narrows(self) -> bool:
        """Whether rows may be left out."""
        return bool(self.text or self.state or self.since or self.until)

    def address(self, **other: object) -> str:
        """Return the query that asks the same, but for `other`."""
        asked = replace(self, **other) if other else self  # type: ignore[arg-type]  # fields of its own
        page = asked.page if asked.page > 1 else ""
        named = {"q": asked.text, "state": asked.state, "since": asked.since, "until": asked.until, "sort": asked.sort}
        return "?" + urlencode({name: value for name, value in {**named, "page": page}.items() if value})


def _day(name: str, query: Mapping[str, str]) -> date | None:
    on = day(name, query.get(name, ""))
    if on is not None and not YEARS[0] <= on.year <= YEARS[1]:
        raise BadInput(f"{name}: choose a day of the years {YEARS[0]} to {YEARS[1]}, not {on}")
    return on


def plain(text: str) -> str:
    """Return what somebody has typed in one line, full-width letters and digits as plain ones."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("\0", "").split())[:LONGEST_TEXT]


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column: what it is called, what stands in it, and how it is put in order.

    `order` is for rows that stay in the database; rows at hand are ordered by their values. `shown` says a value in
    words where it does not speak for itself: on the page, and to the filter. `on_page` False: only in files.
    """

    key: str
    heading: str
    value: Callable[[R], Value]
    kind: Kind = Kind.TEXT
    order: SQLColumnExpression[Any] | None = None
    shown: Callable[[R], str] | None = None
    css: str | Callable[[R], str] = ""
    decimals: int = 0
    on_page: bool = True
    is_searched: bool = True
    """Whether the filter looks at it, where rows are at hand."""

    def said(self, row: R) -> str:
        """Return the value in words, empty when there is none; times are as they are stored."""
        if self.shown is not None:
            return self.shown(row)
        value = self.value(row)
        if value is None:
            return ""
        return f"{value:.{self.decimals}f}" if isinstance(value, float) else str(value)

    def style(self, row: R) -> str:
        """Return the class of a cell's text on the page."""
        return self.css if isinstance(self.css, str) else self.css(row)


@dataclass(frozen=True)
class Order(Generic[R]):
    """By which column, and whether the last comes first. What has no value comes last either way."""

    column: Column[R]
    descending: bool


class Source(Protocol[R]):
    """Where the rows of a list come from."""

    def sorts(self, column: Column[R]) -> bool:
        """Return whether rows can be put in order by a column."""

    def count(self, columns: Sequence[Column[R]], asked: Asked) -> int:
        """Return how many rows there are of what is asked for."""

    def rows(
        self, columns: Sequence[Column[R]], asked: Asked, order: Order[R], limit: int | None = None, offset: int = 0
    ) -> Iterator[R]:
        """Return some of them in order."""


@dataclass(frozen=True)
class Listing(Generic[R]):
    """A list. `title` and `what` are catalogue keys; `first` is the order unless another is asked for."""

    name: str
    title: str
    columns: Sequence[Column[R]]
    source: Source[R]
    first: str
    what: str
    """What the filter looks through."""
    link: Callable[[R], str] | None = None
    label: Callable[[R], str] | None = None
    """What a row is called where it stands alone: on a map, among what was found."""
    place: Callable[[R], Geometry | None] | None = None
    """Where it is; a list without it has no places."""
    colour: Callable[[R], str] | None = None
    """On a map, `#rrggbb`."""
    states: Mapping[str, str] = field(default_factory=dict)
    """What may be chosen, with its word."""
    dated: str = ""
    """The column whose days may be chosen; empty: none."""
    address: str = ""
    """Of its page, when it is another than /lists/<name>."""

    @property
    def page_address(self) -> str:
        """Where people look at it."""
        return self.address or f"/lists/{self.name}"

    def column(self, key: str) -> Column[R] | None:
        """Return the column with a key."""
        return next((column for column in self.columns if column.key == key), None)

    def order(self, asked: Asked) -> Order[R]:
        """Return the order that is asked for; what no column of ours is called leaves it as it is at first."""
        for sort in (asked.sort, self.first):
            column = self.column(sort.removeprefix("-"))
            if column is not None and self.source.sorts(column):
                return Order(column, sort.startswith("-"))
        raise ValueError(f"list {self.name} cannot be put into its first order {self.first!r}")

    def known(self, asked: Asked) -> Asked:
        """Return what is asked for without states and days that the list does not have."""
        state = asked.state if asked.state in self.states else ""
        return replace(asked, state=state) if self.dated else replace(asked, state=state, since=None, until=None)

    def count(self, asked: Asked) -> int:
        """Return how many rows there are."""
        return self.source.count(self.columns, self.known(asked))

    def rows(self, asked: Asked, limit: int | None = None, offset: int = 0) -> Iterator[R]:
        """Return some rows in the order that is asked for."""
        return self.source.rows(self.columns, self.known(asked), self.order(asked), limit, offset)
