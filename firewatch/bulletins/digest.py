"""A day's bulletin to those who asked for it: an issued version is told, batch by batch, to every subscriber once.

What is due is the issued version itself, until its row here says that everybody was looked at: it is written in the
transaction that signs, and no tick that is lost loses it. A newer version takes the place of one that is still being
told; who was told the older hears of the newer.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Final

import structlog
from sqlmodel import Session, col, select

from firewatch.bulletins import extract, record
from firewatch.bulletins.content import Document
from firewatch.bulletins.models import Bulletin, BulletinState, Digest
from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.messaging import outbox
from firewatch.messaging.models import Message, MessageState, SubjectKind
from firewatch.subscribers.consent import number_of
from firewatch.subscribers.models import Subscription, SubscriptionState, Via

log = structlog.get_logger(__name__)
PRIORITY: Final = 9
"""Behind everything else there is."""
BATCH: Final = 50
"""Subscribers in one transaction: nobody waits long for the database."""
LOOK_BACK: Final = timedelta(days=3)
"""No bulletin is valid for longer."""
NOT_TOLD: Final = (MessageState.DUE, MessageState.SUPERSEDED, MessageState.DEAD, MessageState.UNDELIVERABLE)
TURN: Final = "digest"


def due(session: Session, now: datetime) -> list[int]:
    """Return the issued versions that not everybody was looked at for, the oldest first."""
    query = (
        select(Bulletin.id)
        .outerjoin(Digest, col(Digest.bulletin_id) == col(Bulletin.id))
        .where(
            col(Bulletin.on) >= (now - LOOK_BACK).date(),
            col(Bulletin.issued_at).is_not(None),
            col(Digest.done_at).is_(None),
        )
    )
    return [number for number in session.exec(query.order_by(col(Bulletin.id))) if number is not None]


def tell(session: Session, clock: Clock, bulletin_id: int, ways: Mapping[Via, bool]) -> int:
    """Write what the next subscribers are due of a version; return how many were looked at.

    `ways` are the channels at work; its values say whether one may answer on them.
    """
    in_turn(session, TURN)
    now, row = clock.now(), record.get(session, bulletin_id)
    state = session.get(Digest, bulletin_id, populate_existing=True) or Digest(bulletin_id=bulletin_id)
    session.add(state)
    document = record.published(row)
    if state.done_at is not None:
        return 0
    if row.state is not BulletinState.ISSUED or document.content.valid_to <= now:
        return _done(session, now, state)
    day, revision = subject_of(row)
    kind = SubjectKind.BULLETIN
    outbox.supersede(session, now, subject_kind=kind, subject_id=day, before_revision=revision)
    readers = _readers(session, row, state.upto, ways)
    told = _told_before(session, day, revision, [number_of(reader) for reader in readers])
    for reader in readers:
        part = extract.extract(document, reader.zones)
        if extract.is_due(part, reader.min_grade, told_before=reader.id in told):
            outbox.put(session, now, _message(reader, part, day, revision, two_way=ways[reader.via]))
            state.told += 1
        else:
            state.spared += 1
        state.upto = number_of(reader)
    session.flush()
    return len(readers) if len(readers) == BATCH else _done(session, now, state, len(readers))


def subject_of(row: Bulletin) -> tuple[int, int]:
    """Return the names of an issued version in the outbox: its day and its revision."""
    return row.on.toordinal(), row.revision or 0


def version_of(session: Session, message: Message) -> Document | None:
    """Return the version that a message tells; None when another has taken its place."""
    on = date.fromordinal(message.subject_id)
    row = record.issued(session, on)
    return record.published(row) if row is not None and row.revision == message.revision else None


def _done(session: Session, now: datetime, state: Digest, looked_at: int = 0) -> int:
    state.done_at = now
    session.flush()
    log.info("bulletin_told", bulletin=state.bulletin_id, told=state.told, spared=state.spared)
    return looked_at


def _readers(session: Session, row: Bulletin, upto: int, ways: Collection[Via]) -> list[Subscription]:
    """Return the next subscribers: those who had confirmed by the time the version was issued."""
    query = select(Subscription).where(
        Subscription.state == SubscriptionState.ACTIVE,
        col(Subscription.via).in_(ways),
        col(Subscription.id) > upto,
        col(Subscription.confirmed_at) <= row.issued_at,
    )
    return list(session.exec(query.order_by(col(Subscription.id)).limit(BATCH)))


def _told_before(session: Session, day: int, revision: int, readers: Collection[int]) -> set[int | None]:
    """Return who of some readers was told an earlier version of a day, or may have been."""
    query = select(Message.subscription_id).where(
        Message.subject_kind == SubjectKind.BULLETIN,
        Message.subject_id == day,
        Message.revision < revision,
        col(Message.subscription_id).in_(readers),
        col(Message.state).not_in(NOT_TOLD),
    )
    return set(session.exec(query))


def _message(
    reader: Subscription, part: extract.Extract, day: int, revision: int, *, two_way: bool
) -> outbox.NewMessage:
    template, params = extract.sms(part, reader.lang, two_way=two_way)
    return outbox.NewMessage(
        SubjectKind.BULLETIN,
        day,
        outbox.Subscriber(number_of(reader), reader.address, reader.lang),
        reader.via,
        template,
        params if reader.via is Via.SMS else {},
        revision=revision,
        priority=PRIORITY,
    )
