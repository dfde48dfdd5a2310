"""Who commands, on a fire's page: the holder of each post, and what the reader may do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from firewatch.incidents import command
from firewatch.incidents.models import CommandPost
from firewatch.web.console.page import Page
from firewatch.web.console.speech import Names


@dataclass(frozen=True)
class PostRow:
    """A post, its holder in words, and the offer that waits for an answer."""

    post: str
    holder: str
    named: bool
    """Whether a person has it, not only an agency."""
    since_at: datetime
    offered_to: str | None
    offered_by: str
    offer_ends_at: datetime | None
    mine: bool
    """Whether it is offered to the reader."""
    candidates: Sequence[tuple[str, str]]
    """To whom the reader may offer it: user names and names."""


def build(session: Session, page: Page, names: Names, incident_id: int) -> list[PostRow]:
    """Read the posts of an incident."""
    people = [(user.username, user.display_name) for user in command.candidates(session)]
    return [_row(page, names, people, row) for row in command.posts(session, incident_id)]


def _row(page: Page, names: Names, people: Sequence[tuple[str, str]], row: CommandPost) -> PostRow:
    return PostRow(
        post=row.post,
        holder=names.actor(row.holder),
        named=not row.holder.startswith(command.AGENCY),
        since_at=row.since_at,
        offered_to=names.actor(row.offered_to) if row.offered_to else None,
        offered_by=names.actor(row.offered_by or ""),
        offer_ends_at=row.offer_ends_at,
        mine=row.offered_to == page.by,
        candidates=[(username, name) for username, name in people if username not in (page.by, row.holder)],
    )
