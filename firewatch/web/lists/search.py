"""The search over everything: a few rows of each list that the same words find there, and the way to the rest."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from firewatch.incidents.models import Incident
from firewatch.web.lists import shelf
from firewatch.web.lists.listing import Asked, Listing
from firewatch.web.lists.reader import Reader
from firewatch.web.lists.sources import DAY
from firewatch.web.lists.view import Cell, cell_of

MOST: Final = 5
"""Rows of a group; the list itself has the rest."""
CODE: Final = re.compile(r"\d{6}")
FIRE: Final = re.compile(r"(?:#|no\.|incident|fire|火情)?\s*(\d{1,9})\s*(?:号火情|号)?")
"""Somebody says the number of one fire."""

SHOWN: Final[Mapping[str, Sequence[str]]] = {
    "incidents": ("state", "class", "organiser", "opened"),
    "resources": ("kind", "agency", "state"),
    "agencies": ("kind",),
    "contacts": ("role", "agency", "on_duty", "phone"),
    "zones": ("grade", "agency"),
    "warnings": ("state", "drafted"),
    "bulletins": ("number", "highest"),
    "messages": ("state", "created"),
}
"""The lists that are searched, in the order of their groups, and which columns stand beside what was found."""
ONLY_FOR: Final[Mapping[str, Callable[[str], object]]] = {"bulletins": DAY.fullmatch, "messages": CODE.fullmatch}
"""Lists that are searched only where one of the words may be meant for them: a day, the code of a text."""
ONLY_BY: Final = {"bulletins": "search.by_day", "messages": "search.by_code"}
"""What these words are, as a catalogue key."""


@dataclass(frozen=True)
class Hit:
    """Something that was found."""

    label: str
    href: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Group:
    """What was found in one list; `more` leads to all of it, empty when all of it stands here."""

    listing: Listing[Any]
    count: int
    hits: Sequence[Hit]
    more: str


def search(reader: Reader, asked: Asked) -> list[Group]:
    """Return what was found, the groups without anything left out; nothing asked for finds nothing."""
    if not asked.words:
        return []
    asked = Asked(text=asked.text)
    return [group for name in SHOWN if _may_hold(name, asked) for group in _found(reader, name, asked)]


def searched(reader: Reader) -> list[tuple[str, str]]:
    """Return what is searched and by what: the catalogue keys of each list's title and words."""
    found = [shelf.find(name, reader) for name in SHOWN]
    return [(listing.title, ONLY_BY.get(listing.name, listing.what)) for listing in found]


def _may_hold(name: str, asked: Asked) -> bool:
    fits = ONLY_FOR.get(name)
    return fits is None or any(fits(word) for word in asked.words)


def _found(reader: Reader, name: str, asked: Asked) -> Iterator[Group]:
    listing = shelf.find(name, reader)
    rows, count = list(listing.rows(asked, MOST)), listing.count(asked)
    named = _fire(reader, asked) if name == "incidents" else None
    if named is not None:
        rows = [named, *(row for row in rows if row.id != named.id)][:MOST]
        count = max(count, len(rows))
    if rows:
        more = listing.page_address + asked.address() if count > len(rows) else ""
        yield Group(listing, count, [_hit(reader, listing, row) for row in rows], more)


def _fire(reader: Reader, asked: Asked) -> Incident | None:
    """Return the fire whose number was typed: it comes first, whatever else has those digits in it."""
    said = FIRE.fullmatch(asked.text.casefold())
    return reader.session.get(Incident, int(said[1])) if said and int(said[1]) < 2**31 else None


def _hit(reader: Reader, listing: Listing[Any], row: Any) -> Hit:  # noqa: ANN401 - a row of any list
    columns = [column for column in listing.columns if column.key in SHOWN[listing.name]]
    cells = [cell_of(column, row, reader.speech) for column in columns]
    return Hit(
        label=listing.label(row) if listing.label else "",
        href=listing.link(row) if listing.link else listing.page_address,
        cells=[cell for cell in cells if cell.text or cell.at],
    )
