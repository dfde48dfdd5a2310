"""Who commands at a fire: three posts, each with one holder at any time, handed over by two people (ADR 0007).

The holder is a row's column and the row is there from the incident's first transaction, so there is never nobody and
never two. At first it is the agency that organises the first attack; then whoever accepted what was offered to him.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlmodel import Session, col, select

from firewatch.access.models import Role, User
from firewatch.access.users import by_name
from firewatch.clock import Clock
from firewatch.errors import BadInput, Conflict, NotFound, Refused
from firewatch.incidents import lifecycle, progress
from firewatch.incidents.models import CommandPost, Incident
from firewatch.incidents.timeline import SYSTEM, record
from firewatch.rulebook.read import Rulebook

AGENCY: Final = "agency:"
"""Prefix of an agency's id where an agency holds a post."""


class Post(StrEnum):
    """What there is one of at every fire."""

    FIRST_ATTACK = "first_attack"  # 先期扑救组织者
    COMMANDER_IN_CHIEF = "commander_in_chief"  # 总指挥
    PROFESSIONAL = "professional"  # 专业指挥


def begin(session: Session, now: datetime, incident: Incident) -> None:
    """Give all posts of a new incident to the agency that found it."""
    number = progress.number_of(incident)
    for post in Post:
        session.add(CommandPost(incident_id=number, post=post, holder=_agency(incident), since_at=now))
    session.flush()


def follow_finder(session: Session, now: datetime, incident: Incident) -> None:
    """Give the posts that an agency still holds to the one that is now known to have found the fire."""
    for row in posts(session, progress.number_of(incident)):
        if row.holder.startswith(AGENCY) and row.holder != _agency(incident):
            row.holder, row.since_at = _agency(incident), now
    session.flush()


def posts(session: Session, incident_id: int) -> list[CommandPost]:
    """Return the posts of an incident, in the order of `Post`."""
    rows = session.exec(select(CommandPost).where(CommandPost.incident_id == incident_id))
    return sorted(rows, key=lambda row: list(Post).index(Post(row.post)))


def candidates(session: Session) -> list[User]:
    """Return the people to whom a post can be handed over: those who may act, by name."""
    query = select(User).where(User.active, User.role == Role.DUTY_OFFICER)
    return list(session.exec(query.order_by(col(User.display_name), col(User.username))))


def offer(
    session: Session, clock: Clock, book: Rulebook, incident_id: int, post: Post, to: str, by: str
) -> CommandPost:
    """Offer a post to a person, who has some minutes to accept it; the holder stays until then.

    An agency's post is offered by anybody on duty, a person's by himself or, where he cannot be reached, by another.
    Raises NotFound, Conflict when the incident is over or somebody is being asked already, and BadInput for a person
    who cannot take it.
    """
    row, now = _held(session, incident_id, post), clock.now()
    if row.offered_to is not None:
        raise Conflict(f"{row.offered_to} is being asked already: wait for the answer, or withdraw the offer")
    user = by_name(session, to)
    if user is None or not user.active or user.role != Role.DUTY_OFFICER:
        raise BadInput(f"to: {to} is nobody who may take a command")
    if to == by:
        raise BadInput("to: a handover takes two people, offer it to somebody else")
    if to == row.holder:
        raise BadInput(f"to: {to} has this post")
    row.offered_to, row.offered_by = to, by
    row.offer_ends_at = now + timedelta(minutes=book.messages.handover_minutes)
    record(session, incident_id, now, "command_offered", by, post=post, to=to)
    session.flush()
    return row


def accept(session: Session, clock: Clock, incident_id: int, post: Post, by: str) -> CommandPost:
    """Take over a post that was offered. Raises NotFound, Conflict when nothing is offered any more, and Refused."""
    row = _offered(session, clock, incident_id, post, by)
    old, row.holder, row.since_at = row.holder, by, clock.now()
    _clear(row)
    record(session, incident_id, clock.now(), "command_accepted", by, post=post, old=old)
    session.flush()
    return row


def decline(session: Session, clock: Clock, incident_id: int, post: Post, by: str) -> CommandPost:
    """Refuse a post that was offered; its holder stays. Raises as `accept` does."""
    row = _offered(session, clock, incident_id, post, by)
    _clear(row)
    record(session, incident_id, clock.now(), "command_declined", by, post=post, holder=row.holder)
    session.flush()
    return row


def withdraw(session: Session, clock: Clock, incident_id: int, post: Post, by: str) -> CommandPost:
    """Take an offer back; its holder stays. Raises NotFound, and Conflict when nothing is offered."""
    row = _held(session, incident_id, post)
    if row.offered_to is None:
        raise Conflict("nothing is offered: it was answered, withdrawn or ran out")
    to = row.offered_to
    _clear(row)
    record(session, incident_id, clock.now(), "command_withdrawn", by, post=post, to=to)
    session.flush()
    return row


def is_due(session: Session, clock: Clock) -> bool:
    """Return whether an offer has run out."""
    return session.exec(select(CommandPost.id).where(col(CommandPost.offer_ends_at) <= clock.now())).first() is not None


def run_out(session: Session, clock: Clock) -> int:
    """End the offers that nobody answered in time; their holders stay. Return how many there were."""
    now = clock.now()
    due = select(CommandPost).where(col(CommandPost.offer_ends_at) <= now).order_by(col(CommandPost.id))
    rows = list(session.exec(due.with_for_update(skip_locked=True)))
    for row in rows:
        record(session, row.incident_id, now, "command_run_out", SYSTEM, post=row.post, to=row.offered_to or "")
        _clear(row)
    session.flush()
    return len(rows)


def _agency(incident: Incident) -> str:
    return AGENCY + incident.organiser_agency_id


def _held(session: Session, incident_id: int, post: Post) -> CommandPost:
    """Return a post that nobody else changes before this transaction ends."""
    if progress.get(session, incident_id).state in lifecycle.ENDED:
        raise Conflict("the incident is over: its commands have ended")
    query = select(CommandPost).where(CommandPost.incident_id == incident_id, CommandPost.post == post)
    row = session.exec(query.with_for_update().execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound(f"incident {incident_id} has no post {post}")
    return row


def _offered(session: Session, clock: Clock, incident_id: int, post: Post, by: str) -> CommandPost:
    row = _held(session, incident_id, post)
    if row.offered_to is None or row.offer_ends_at is None or row.offer_ends_at <= clock.now():
        raise Conflict("nothing is offered any more: it was answered, withdrawn or ran out")
    if row.offered_to != by:
        raise Refused(f"this was offered to {row.offered_to}: only that person answers it")
    return row


def _clear(row: CommandPost) -> None:
    row.offered_to = row.offered_by = row.offer_ends_at = None
