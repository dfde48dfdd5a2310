"""A fire's run card on its page: what the card says, what a person has made of it, and what is at stake."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from firewatch.dispatch import needs
from firewatch.incidents.models import Incident
from firewatch.rulebook.dispatch import Stake
from firewatch.web.console.page import Page


@dataclass(frozen=True)
class NeedLine:
    """One capability: what the card asks for, and what is wanted."""

    capability: str
    by_card: int
    wanted: int


@dataclass(frozen=True)
class NeedsView:
    """The whole card; `set_by` is who adjusted it, None when it is as in the config."""

    lines: Sequence[NeedLine]
    set_by: str | None
    stake: str
    """The name of what is at stake, empty for nothing in particular."""
    stakes: Sequence[tuple[Stake, str]]
    weight: float


def build(session: Session, page: Page, incident: Incident) -> NeedsView:
    """Read a fire's card: what is asked for first, then what might be."""
    book, speech = page.services.book, page.speech
    card, wanted = needs.by_card(book.dispatch, incident), needs.wanted(book.dispatch, incident)
    names = [*card, *(name for name in needs.capabilities(session, book) if name not in card)]
    stakes = [(stake, speech.named(stake)) for stake in book.dispatch.stake]
    return NeedsView(
        lines=[NeedLine(name, card.get(name, 0), wanted.get(name, 0)) for name in names],
        set_by=incident.needs_set_by,
        stake=next((name for stake, name in stakes if stake.id == incident.stake), ""),
        stakes=stakes,
        weight=needs.weight(book.dispatch, incident),
    )
