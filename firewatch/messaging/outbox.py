"""The outbox: what is due is written with its cause, claimed with a lease, finished behind a fence.

A row is claimed in a transaction of its own, sent with none, and finished in another. Whoever finishes must still
own the very attempt he claimed: a sender that comes back after its lease ran out changes nothing.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, CursorResult, Select, exists, or_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from firewatch import drill
from firewatch.agencies.models import Contact
from firewatch.db import in_turn
from firewatch.messaging import texts
from firewatch.messaging.channels import SMS, VOICE
from firewatch.messaging.models import Message, MessageState, SubjectKind
from firewatch.messaging.transitions import ALLOWED, UNFINISHED

log = structlog.get_logger(__name__)
FARTHEST = timedelta(minutes=30)
"""No timer of a message that is not out lies farther ahead, unless it was written under a clock that was set back."""
TURNS = 20
"""So many messages are asked after by one process before others may take the next."""
HOLDS_BACK = timedelta(minutes=3)
"""How long a message waits at most for an older one that was sent and may or may not have arrived."""
_OLDER, _OTHER = aliased(Message), aliased(Message)  # made once: an alias costs more than the question it is put into


@dataclass(frozen=True)
class Subscriber:
    """Somebody outside the alliance who asked for bulletins. The address stays out of `repr`, hence out of logs."""

    id: int
    address: str = field(repr=False)
    lang: str


@dataclass(frozen=True)
class NewMessage:
    """What somebody is due. (subject, revision, reader, channel, step) can be due only once."""

    subject_kind: SubjectKind
    subject_id: int
    contact: Contact | Subscriber
    channel: str
    template: str
    params: Mapping[str, str]
    incident_id: int | None = None
    revision: int = 1
    step: int = 1
    priority: int = 5
    due_at: datetime | None = None


@dataclass(frozen=True)
class Claim:
    """The fence: one attempt of one owner at one message."""

    message_id: int
    owner: str
    attempt: int

    @classmethod
    def of(cls, message: Message) -> "Claim":
        """Return the claim under which a message is being sent."""
        if message.id is None or message.owner is None:
            raise ValueError("the message is not claimed")
        return cls(message.id, message.owner, message.attempt)


def put(session: Session, now: datetime, new: NewMessage) -> Message:
    """Write a message that is due; the same one again returns the row there is. Raises ValueError for a bad text."""
    if (there := _same(session, new)) is not None:
        return there
    message = _row(now, new)
    try:
        with session.begin_nested():
            session.add(message)
            session.flush()
    except IntegrityError:
        if (there := _same(session, new)) is None:
            raise
        return there
    assert message.id is not None  # noqa: S101 - flushed
    message.code = texts.code_of(message.id)
    if new.template + texts.LINKED in texts.TEMPLATES:
        message.link_token = secrets.token_urlsafe(9)
    if new.channel == SMS or isinstance(new.contact, Contact):  # a letter is written when it is sent
        word = lead(session, new.template, message.lang)
        message.body = texts.render(new.template, message.lang, new.params, message.code, word)
    session.add(message)
    session.flush()
    _take_the_place(session, now, message)
    return message


def lead(session: Session, template: str, lang: str) -> str:
    """Return what texts begin with: in a drill its word, else nothing."""
    return texts.drill_lead(template, lang) if drill.of(session) else ""


def _take_the_place(session: Session, now: datetime, message: Message) -> None:
    """Take back what the same person has not been sent of the steps before: he needs the newest word alone."""
    if message.contact_id is None:
        return
    take_back(
        session,
        now,
        col(Message.subject_kind) == message.subject_kind,
        col(Message.subject_id) == message.subject_id,
        col(Message.revision) == message.revision,
        col(Message.contact_id) == message.contact_id,
        col(Message.channel) == message.channel,
        col(Message.step) < message.step,
    )


def _row(now: datetime, new: NewMessage) -> Message:
    of_agency = new.contact if isinstance(new.contact, Contact) else None
    return Message(
        subject_kind=new.subject_kind,
        subject_id=new.subject_id,
        revision=new.revision,
        contact_id=of_agency.id if of_agency else None,
        subscription_id=new.contact.id if isinstance(new.contact, Subscriber) else None,
        channel=new.channel,
        step=new.step,
        agency_id=of_agency.agency_id if of_agency else None,
        incident_id=new.incident_id,
        to=new.contact.address if isinstance(new.contact, Subscriber) else new.contact.phone,
        lang=new.contact.lang,
        template=new.template,
        params=dict(new.params),
        priority=new.priority,
        created_at=now,
        due_at=new.due_at or now,
    )


def _same(session: Session, new: NewMessage) -> Message | None:
    reader = Message.subscription_id if isinstance(new.contact, Subscriber) else Message.contact_id
    query = select(Message).where(
        Message.subject_kind == new.subject_kind,
        Message.subject_id == new.subject_id,
        Message.revision == new.revision,
        reader == new.contact.id,
        Message.channel == new.channel,
        Message.step == new.step,
    )
    return session.exec(query).first()


def to_the_alliance() -> ColumnElement[bool]:
    """Return what tells messages to people of the alliance from those to subscribers of the bulletins."""
    return col(Message.subscription_id).is_(None)


def claimable(channel: str, now: datetime, limit: int, gap: timedelta | None = None) -> Select[Any]:
    """Return the query for the ids that may be sent now, the most urgent first.

    An unfinished older row to the same person about the same incident over the same channel holds a newer one back:
    for good while it is known not to have been sent, for a few minutes once it may have been. With a `gap` subscribers
    are sent to one at a time, so far apart: what the provider has taken of theirs and not passed on would stand before
    the next alert.
    """
    maybe_sent = or_(col(_OLDER.state) == MessageState.UNKNOWN, col(_OLDER.possible_double))
    blocked = exists().where(
        col(_OLDER.channel) == col(Message.channel),  # who gets no texts is telephoned all the same
        col(_OLDER.contact_id) == col(Message.contact_id),
        col(_OLDER.incident_id) == col(Message.incident_id),
        col(_OLDER.id) < col(Message.id),
        col(_OLDER.state).in_(UNFINISHED),
        or_(col(Message.due_at) > now - HOLDS_BACK, ~maybe_sent),
    )
    query: Select[Any] = select(Message.id).where(
        Message.channel == channel,
        Message.state == MessageState.DUE,
        col(Message.due_at) <= now,
        ~blocked,
    )
    if gap is not None:
        query = query.where(or_(to_the_alliance(), ~_under_way(channel, now, gap)))
    return query.order_by(col(Message.priority), col(Message.due_at), col(Message.id)).limit(limit)


def _under_way(channel: str, now: datetime, gap: timedelta) -> ColumnElement[bool]:
    """Return whether anything to a subscriber is being sent over a channel, or has just been."""
    mine = col(_OTHER.channel) == channel, col(_OTHER.subscription_id).is_not(None)
    sending = exists().where(*mine, col(_OTHER.state) == MessageState.SENDING)
    just_sent = exists().where(*mine, col(_OTHER.handed_over_at) > now - gap, col(_OTHER.handed_over_at) <= now)
    return or_(sending, just_sent)


def claim(
    session: Session,
    now: datetime,
    *,
    channel: str,
    owner: str,
    limit: int,
    lease_seconds: float,
    gap: timedelta | None = None,
) -> list[Message]:
    """Take up to `limit` rows for sending, the most urgent first; commit before calling anybody.

    Two owners never get one row: SQLite has one writer at a time, PostgreSQL skips what another has locked.
    """
    lease_until = now + timedelta(seconds=lease_seconds)
    picked = claimable(channel, now, limit)
    if gap is None:
        return _take(session, picked, owner, lease_until)
    taken = _take(session, picked.where(to_the_alliance()), owner, lease_until)
    if not taken:  # nobody waits for those who go one at a time
        in_turn(session, f"subscribers over {channel}")
        taken = _take(session, claimable(channel, now, 1, gap), owner, lease_until)
    return taken


def _take(session: Session, query: Select[Any], owner: str, lease_until: datetime) -> list[Message]:
    # A common table expression: PostgreSQL runs it once, where it may run a plain subquery once a row.
    picked = query.with_for_update(skip_locked=True).cte("picked")
    claims = (
        update(Message)
        .where(col(Message.id).in_(select(picked.c.id)), col(Message.state) == MessageState.DUE)
        .values(state=MessageState.SENDING, owner=owner, attempt=col(Message.attempt) + 1, lease_until=lease_until)
        .returning(Message)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    taken = session.execute(claims).scalars().all()
    return sorted(taken, key=lambda row: (row.priority, row.due_at, row.id or 0))


def finish(session: Session, claimed: Claim, new: MessageState, **values: object) -> bool:
    """Move a claimed message on, if the claim still holds. Returns False, and changes nothing, when it does not.

    `lease_until` of a message nobody is sure of stays: it says since when nobody knows.
    """
    if new not in ALLOWED[MessageState.SENDING]:
        raise ValueError(f"a message being sent cannot become {new}")
    query = (
        update(Message)
        .where(
            col(Message.id) == claimed.message_id,
            col(Message.owner) == claimed.owner,
            col(Message.attempt) == claimed.attempt,
            col(Message.state) == MessageState.SENDING,
        )
        .values({"state": new, "owner": None, "lease_until": None, **values})
    )
    return _one(session, query, "late_finish_ignored", claimed.message_id)


def found_out(session: Session, message: Message, new: MessageState, **values: object) -> bool:
    """Move an unclaimed message on, if it is still as it was read. Returns False when somebody was quicker."""
    if new != message.state and new not in ALLOWED[message.state]:
        raise ValueError(f"a message that is {message.state} cannot become {new}")
    query = (
        update(Message)
        .where(
            col(Message.id) == message.id,
            col(Message.state) == message.state,
            col(Message.attempt) == message.attempt,
            col(Message.looks) == message.looks,
            # What the provider has said meanwhile is not overwritten by what it said before.
            col(Message.provider_status).is_not_distinct_from(message.provider_status),
        )
        .values(state=new, **values)
    )
    return _one(session, query, "finding_ignored", message.id)


def askable(channel: str, state: MessageState, now: datetime) -> SelectOfScalar[Any]:
    """Return which messages the provider is to be asked about, the longest waiting first."""
    of_it = Message.channel == channel, Message.state == state, col(Message.due_at) <= now
    return select(Message.id).where(*of_it).order_by(col(Message.due_at), col(Message.id))


def take_turns(session: Session, which: SelectOfScalar[Any], until: datetime) -> list[Message]:
    """Take the next few messages that the provider is to be asked about; until then nobody else asks about them.

    Whoever dies with them leaves them due again at `until`.
    """
    picked = which.limit(TURNS).with_for_update(skip_locked=True).cte("picked")
    turns = (
        update(Message)
        .where(col(Message.id).in_(select(picked.c.id)))
        .values(due_at=until)
        .returning(Message)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(session.execute(turns).scalars().all(), key=lambda row: row.id or 0)


def give_turns_back(session: Session, turns: Sequence[Message], now: datetime) -> None:
    """Let others ask at once about messages that were taken together and not asked about."""
    state, until = turns[0].state, turns[0].due_at
    as_taken = col(Message.state) == state, col(Message.due_at) == until
    session.execute(
        update(Message).where(col(Message.id).in_([each.id for each in turns]), *as_taken).values(due_at=now)
    )


def expire_leases(session: Session, now: datetime) -> int:
    """Turn claims whose lease ran out into questions: nobody knows whether they were sent. Returns how many.

    They are never simply due again. The lease was longer than any call, so the list can be looked at at once.
    """
    lease = col(Message.lease_until)
    query = (
        update(Message)
        .where(col(Message.state) == MessageState.SENDING, or_(lease < now, lease > now + FARTHEST))
        .values(state=MessageState.UNKNOWN, owner=None, looks=0, due_at=now, error="the lease ran out")
    )
    return _rows(session, query)


def bring_nearer(session: Session, now: datetime) -> int:
    """Let what waits for an instant that lies too far ahead wait no more: the clock was set back. Returns how many."""
    waits = col(Message.state).in_([MessageState.DUE, MessageState.UNKNOWN])
    query = update(Message).where(waits, col(Message.due_at) > now + FARTHEST).values(due_at=now)
    return _rows(session, query)


def take_back(session: Session, now: datetime, *which: ColumnElement[bool]) -> int:
    """Take back what is due of some messages. What is on its way, or may be, is not ours to take back."""
    due = update(Message).where(*which, col(Message.state) == MessageState.DUE)
    return _rows(session, due.values(state=MessageState.SUPERSEDED, finished_at=now))


def supersede(
    session: Session, now: datetime, *, subject_kind: SubjectKind, subject_id: int, before_revision: int
) -> int:
    """Take back what is due of older revisions."""
    of_it = col(Message.subject_kind) == subject_kind, col(Message.subject_id) == subject_id
    return take_back(session, now, *of_it, col(Message.revision) < before_revision)


def take_back_calls(
    session: Session, now: datetime, *, subject_kind: SubjectKind, subject_id: int, agency_id: str | None = None
) -> int:
    """Take back the calls of a subject that are due, once somebody has answered: all, or one agency's.

    Texts still go: they say where the place is.
    """
    of_it = [col(Message.subject_kind) == subject_kind, col(Message.subject_id) == subject_id]
    if agency_id is not None:
        of_it.append(col(Message.agency_id) == agency_id)
    return take_back(session, now, *of_it, col(Message.channel) == VOICE)


def _rows(session: Session, query: Any) -> int:  # noqa: ANN401 - an UPDATE of any shape
    result = session.execute(query)
    assert isinstance(result, CursorResult)  # noqa: S101 - an UPDATE without RETURNING
    return result.rowcount


def _one(session: Session, query: Any, event: str, message_id: int | None) -> bool:  # noqa: ANN401 - as above
    hit = _rows(session, query) == 1
    if not hit:
        log.warning(event, message=message_id)
    return hit
