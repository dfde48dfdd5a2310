"""Where the rows of lists come from: the database, page by page, where a table grows; at hand where it never does."""

import re
from calendar import monthrange
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Final, Generic, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, extract, literal
from sqlalchemy.orm.interfaces import ORMOption
from sqlmodel import Session, SQLModel, col, func, select

from firewatch.clock import day_bounds
from firewatch.web.lists.listing import Asked, Column, Order

T = TypeVar("T", bound=SQLModel)
R = TypeVar("R")
DAY: Final = re.compile(r"((?:19|20)\d\d)(?:[-/年](\d{1,2})(?:[-/月](\d{1,2}))?)?[年月日]?|(\d{1,2})月(\d{1,2})日")
AT_ONCE: Final = 500
"""Rows that are taken from the database at once, however many a file gets."""


@dataclass(frozen=True)
class Stored(Generic[T]):
    """Rows of a table that grows without bound: filtered, ordered and cut into pages by the database."""

    session: Session
    table: type[T]
    number: SQLColumnExpression[Any]
    """Unique: settles the order of rows that are alike."""
    has: Callable[[str], ColumnElement[bool]]
    """Whether a word is in a row."""
    state: Callable[[str], ColumnElement[bool]] | None = None
    at: SQLColumnExpression[Any] | None = None
    """The time, or the local day, whose days may be chosen."""
    zone: ZoneInfo | None = None
    """Of a time: whose days they are. None: the column holds days."""
    only: Sequence[ColumnElement[bool]] = ()
    """What holds for all of its rows."""
    options: Sequence[ORMOption] = ()
    """How rows are loaded: which column is left in the database."""

    def sorts(self, column: Column[T]) -> bool:
        """Return whether the database can put the rows in order by a column."""
        return column.order is not None

    def count(self, columns: Sequence[Column[T]], asked: Asked) -> int:
        """Have the database count."""
        del columns
        return self.session.exec(select(func.count()).select_from(self.table).where(*self._where(asked))).one()

    def rows(
        self, columns: Sequence[Column[T]], asked: Asked, order: Order[T], limit: int | None = None, offset: int = 0
    ) -> Iterator[T]:
        """Return the rows one after the other: however many there are, few are in the memory."""
        del columns
        if order.column.order is None:
            raise ValueError(f"no order by {order.column.key}")
        by = order.column.order.desc() if order.descending else order.column.order.asc()
        query = select(self.table).where(*self._where(asked)).order_by(by.nulls_last(), self.number.desc())
        query = query.options(*self.options)
        query = query.limit(limit).offset(offset).execution_options(yield_per=AT_ONCE)
        yield from self.session.exec(query)

    def _where(self, asked: Asked) -> list[ColumnElement[bool]]:
        where = [*self.only, *(self.has(word) for word in asked.words)]
        if asked.state and self.state is not None:
            where.append(self.state(asked.state))
        if self.at is not None and asked.since:
            where.append(self.at >= self._begin(asked.since, 0))
        if self.at is not None and asked.until:
            where.append(self.at <= asked.until if self.zone is None else self.at < self._begin(asked.until, 1))
        return where

    def _begin(self, on: date, end: int) -> date | datetime:
        return on if self.zone is None else day_bounds(on, self.zone)[end]


@dataclass(frozen=True)
class Held(Generic[R]):
    """Rows of which there are never many, all at hand: the filter looks at what the page says."""

    held: Sequence[R]
    state: Callable[[R], str] | None = None
    also: Callable[[R], str] | None = None
    """What else the filter looks at: a name in the other language."""
    whole: Callable[[R], Collection[str]] | None = None
    """Words that the filter has to be given whole."""

    def sorts(self, column: Column[R]) -> bool:
        """Return True: every value can be compared with those of its column."""
        del column
        return True

    def count(self, columns: Sequence[Column[R]], asked: Asked) -> int:
        """Count what is asked for."""
        return sum(1 for _ in self._found(columns, asked))

    def rows(
        self, columns: Sequence[Column[R]], asked: Asked, order: Order[R], limit: int | None = None, offset: int = 0
    ) -> Iterator[R]:
        """Return some of what is asked for, in order; what has no value comes last."""
        found = [(order.column.value(row), row) for row in self._found(columns, asked)]
        with_value = [pair for pair in found if pair[0] is not None]
        with_value.sort(key=lambda pair: _rank(pair[0]), reverse=order.descending)
        ordered = [row for _, row in with_value] + [row for value, row in found if value is None]
        return islice(ordered, offset, None if limit is None else offset + limit)

    def _found(self, columns: Sequence[Column[R]], asked: Asked) -> Iterator[R]:
        for row in self.held:
            said = " ".join(column.said(row) for column in columns if column.is_searched).casefold()
            said = f"{said} {self.also(row).casefold()}" if self.also else said
            whole = self.whole(row) if self.whole else ()
            chosen = not asked.state or self.state is None or self.state(row) == asked.state
            if chosen and all(word in said or word in whole for word in asked.words):
                yield row


def _rank(value: Any) -> Any:  # noqa: ANN401 - any value of a column
    """Return what a value is ordered by: in GB 18030 the common Chinese characters stand in the order of pinyin."""
    return value.casefold().encode("gb18030", "replace") if isinstance(value, str) else value


def named(names: Mapping[str, str], word: str) -> list[str]:
    """Return the ids whose name has a word in it."""
    return [name_id for name_id, name in names.items() if word in name.casefold()]


def by_name(column: Any, names: Mapping[str, str]) -> ColumnElement[Any]:  # noqa: ANN401 - a mapped column
    """Return what puts rows in order by the reader's names of the ids in a column."""
    ranked = sorted(names, key=lambda name_id: _rank(names[name_id]))
    return in_turn(column, ranked)


def in_turn(column: Any, members: Iterable[str]) -> ColumnElement[Any]:  # noqa: ANN401 - a mapped column
    """Return what puts rows in order by the place of a column's words in their own order."""
    places = {member: place for place, member in enumerate(members)}
    return case(places, value=col(column)) if places else literal(0)


def by_grade(column: Any) -> ColumnElement[Any]:  # noqa: ANN401 - a mapped column
    """Return what puts rows in order by a danger grade: 0 is "no data", which is not the lowest of them."""
    return func.nullif(col(column), 0)


def is_number(column: Any, word: str) -> list[ColumnElement[bool]]:  # noqa: ANN401 - a mapped column
    """Return the condition that a number of a row is the word's, none where the word is no number."""
    number = word.removeprefix("#")
    return [col(column) == int(number)] if number.isascii() and number.isdigit() and len(number) < 10 else []


def days(column: Any, word: str) -> list[ColumnElement[bool]]:  # noqa: ANN401 - a mapped column
    """Return the condition that a day of a row is the word's, or in its month or year; none where it is none of these.

    2026, 2026-04, 2026-04-08, with one digit or two and with slashes as well, 2026年4月8日, and of any year 4月8日.
    """
    found = DAY.fullmatch(word)
    if found is None:
        return []
    *_, any_month, any_day = found.groups()
    if any_month:
        return [and_(extract("month", column) == int(any_month), extract("day", column) == int(any_day))]
    year, month, of_month = (int(part) if part else None for part in found.groups()[:3])
    try:
        first = date(year or 0, month or 1, of_month or 1)
    except ValueError:
        return []
    last = first
    if month is None:
        last = date(first.year, 12, 31)
    elif of_month is None:
        last = date(first.year, first.month, monthrange(first.year, first.month)[1])
    return [col(column).between(first, last)]
