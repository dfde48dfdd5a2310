"""The rulebook of a drill: whom it may reach, and how its bulletins are called. Pure.

It reaches the people who have agreed to it, and nobody else. All others keep name, role and duty, and get a number that
no network has: the country code 999 is not assigned.
"""

from dataclasses import replace
from typing import Final

from firewatch import i18n
from firewatch.rulebook.read import Rulebook

NOBODY: Final = "+999"
"""How a number begins that leads nowhere."""


def sealed(book: Rulebook) -> Rulebook:
    """Return the rulebook of a drill: the same, but for the numbers of those who have not agreed, and for titles."""
    contacts = (
        row if row.drills else row.model_copy(update={"phone": nobodys(place)})
        for place, row in enumerate(book.contacts, 1)
    )
    leads = {f"title_{lang}": i18n.text(lang, "drill.lead") for lang in i18n.LANGUAGES}
    titles = {name: lead + getattr(book.bulletins, name) for name, lead in leads.items()}
    return replace(book, contacts=tuple(contacts), bulletins=book.bulletins.model_copy(update=titles))


def nobodys(place: int) -> str:
    """Return the number that leads nowhere of the contact at a place in the list."""
    return f"{NOBODY}{place:07d}"


def open_numbers(book: Rulebook) -> frozenset[str]:
    """Return the numbers that a drill may reach."""
    return frozenset(row.phone for row in book.contacts if row.drills)
