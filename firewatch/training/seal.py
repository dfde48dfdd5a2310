"""Whom a drill may reach: the people who have agreed to it, and nobody else. Pure.

Everybody else keeps name, role and duty, and gets a number that no network has: the country code 999 is not assigned.
"""

from dataclasses import replace
from typing import Final

from firewatch.rulebook.read import Rulebook

NOBODY: Final = "+999"
"""How a number begins that leads nowhere."""


def sealed(book: Rulebook) -> Rulebook:
    """Return the rulebook of a drill: the same, but for the numbers of those who have not agreed."""
    contacts = (
        row if row.drills else row.model_copy(update={"phone": nobodys(place)})
        for place, row in enumerate(book.contacts, 1)
    )
    return replace(book, contacts=tuple(contacts))


def nobodys(place: int) -> str:
    """Return the number that leads nowhere of the contact at a place in the list."""
    return f"{NOBODY}{place:07d}"


def open_numbers(book: Rulebook) -> frozenset[str]:
    """Return the numbers that a drill may reach."""
    return frozenset(row.phone for row in book.contacts if row.drills)
