"""Texts that people send us: bound to what they answer, and carried out by the very rules of the page /ack.

A code counts only from the number its text went to. Every text is kept, once, word for word; what is not understood is
put before the duty officer; who has a number here and went wrong is told how to put it right, in his language.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col, func, select

from firewatch import i18n
from firewatch.agencies.models import Agency, Contact
from firewatch.clock import Clock
from firewatch.db import Database
from firewatch.dispatch import answers
from firewatch.dispatch.models import Order
from firewatch.errors import BadInput, FirewatchError
from firewatch.incidents import lifecycle
from firewatch.incidents.models import Incident
from firewatch.incidents.timeline import record
from firewatch.messaging import alarms, comms_tests, consent, outbox, replies
from firewatch.messaging.channels import SMS
from firewatch.messaging.models import InboundMessage, Message, SubjectKind, Taken
from firewatch.messaging.replies import DIGIT, Answer, Kind, Reply
from firewatch.subscribers import consent as subscribers

log = structlog.get_logger(__name__)
PRIORITY: Final = 3
WORDS_BACK: Final = 6
"""Texts back to one person within an hour: two machines that answer each other come to an end."""
SHOWN: Final = 160
"""Letters of a text that an alarm and the record show."""


@dataclass(frozen=True)
class Inbound:
    """A text as the provider handed it over. Number and words stay out of `repr`, hence out of logs."""

    provider_id: str
    sender: str = field(repr=False)
    body: str = field(repr=False)
    sent_at: datetime | None = None
    """When it was sent, where it comes late; None: just now."""


def receive(db: Database, clock: Clock, inbound: Inbound) -> Taken:
    """Take in a text in a transaction of its own; one that breaks us is kept all the same, and shown."""
    try:
        with db.write() as session:
            return take_in(session, clock, inbound).taken_for
    except OperationalError:  # the database is away: whoever brings the text brings it again
        raise
    except Exception:
        log.exception("reply_failed", provider_id=inbound.provider_id)
        with db.write() as session:
            return keep(session, clock, inbound).taken_for


def known(session: Session, provider_ids: Sequence[str]) -> set[str]:
    """Return which of some texts have been taken in."""
    query = select(InboundMessage.provider_id).where(col(InboundMessage.provider_id).in_(provider_ids))
    return set(session.exec(query))


def take_in(session: Session, clock: Clock, inbound: Inbound) -> InboundMessage:
    """Keep a text and do what it asks; the same one again returns the row there is and does nothing."""
    row = _row(clock.now(), inbound, Taken.UNCLEAR)
    if (there := _put(session, row)) is not None:
        return there
    people = _people(session, row.sender)
    if not people:
        stops = replies.parse(row.body).kind is Kind.STOP
        ended = stops and subscribers.stop_number(session, clock.now(), row.sender)
        row.taken_for = Taken.STOP if ended else Taken.STRANGER
    else:
        row.contact_id = people[0].id
        _deal(session, clock, row, people, replies.parse(row.body), inbound.sent_at)
    session.flush()
    return row


def keep(session: Session, clock: Clock, inbound: Inbound) -> InboundMessage:
    """Keep a text that `take_in` has failed with, and put it before the duty officer."""
    row = _row(clock.now(), inbound, Taken.FAILED)
    if (there := _put(session, row)) is not None:
        return there
    people = _people(session, row.sender)
    row.contact_id = people[0].id if people else None
    said = {"contact": row.contact_id or "–", "text": row.body[:SHOWN]}
    alarms.raise_alarm(session, clock.now(), "reply_failed", f"reply:{row.id}", said)
    session.flush()
    return row


def of_incident(session: Session, incident_id: int) -> list[InboundMessage]:
    """Return the texts that came in about an incident, the newest first."""
    query = select(InboundMessage).where(InboundMessage.incident_id == incident_id)
    return list(session.exec(query.order_by(col(InboundMessage.id).desc())))


def newest(session: Session, limit: int) -> list[InboundMessage]:
    """Return the texts that came in last."""
    return list(session.exec(select(InboundMessage).order_by(col(InboundMessage.id).desc()).limit(limit)))


def open_questions(session: Session, sender: str) -> list[Message]:
    """Return the newest text of each thing that a number is still asked about; of a test only if of nothing else.

    An order asks about its fire as well: who answers it has answered for both.
    """
    asked = (
        select(Message)
        .join(Incident, col(Incident.id) == col(Message.incident_id))
        .where(
            Message.to == sender,
            col(Message.subject_kind).in_([SubjectKind.ORDER, SubjectKind.INCIDENT]),
            col(Incident.state).in_(sorted(lifecycle.OPEN)),
        )
        .order_by(col(Message.id).desc())
    )
    things: dict[tuple[str, int, str | None], Message] = {}
    for message in session.exec(asked):
        things.setdefault((message.subject_kind, message.subject_id, message.agency_id), message)
    waiting = [message for message in things.values() if answers.choices(session, message)]
    ordered = {message.incident_id for message in waiting if message.subject_kind == SubjectKind.ORDER}
    real = [
        message
        for message in waiting
        if message.subject_kind == SubjectKind.ORDER or message.incident_id not in ordered
    ]
    return real or comms_tests.unanswered(session, sender)


def _row(now: datetime, inbound: Inbound, taken_for: Taken) -> InboundMessage:
    return InboundMessage(
        provider_id=inbound.provider_id[:60],
        sender=inbound.sender[:40],
        body=inbound.body.replace("\0", ""),
        received_at=now,
        taken_for=taken_for,
    )


def _put(session: Session, row: InboundMessage) -> InboundMessage | None:
    """Write a row; return the one there is when this text has come before."""
    known = select(InboundMessage).where(InboundMessage.provider_id == row.provider_id)
    if (there := session.exec(known).first()) is not None:
        return there
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:  # it was handed over twice in the same moment
        return session.exec(known).one()
    return None


def _people(session: Session, sender: str) -> list[Contact]:
    return list(session.exec(select(Contact).where(Contact.active, Contact.phone == sender).order_by(Contact.id)))


def _deal(
    session: Session,
    clock: Clock,
    row: InboundMessage,
    people: list[Contact],
    reply: Reply,
    sent_at: datetime | None,
) -> None:
    if reply.kind in (Kind.STOP, Kind.START):
        row.taken_for = Taken(reply.kind)
        if sent_at is not None and _changed_mind(session, row, sent_at):
            return
        if reply.kind is Kind.STOP and _ends_bulletins_only(session, clock.now(), row.sender):
            return
        for person in people:
            if reply.kind is Kind.STOP:
                consent.stop(session, clock.now(), person)
            else:
                consent.start(session, clock.now(), person, answers.CONTACT + person.id)
        return
    message = _asked(session, row.sender, reply, sent_at)
    row.answer = reply.answer
    if message is not None:
        row.message_id, row.incident_id, row.contact_id = message.id, message.incident_id, message.contact_id
    person = session.get_one(Contact, row.contact_id)
    if reply.kind is Kind.UNCLEAR or reply.answer is None:
        _unclear(session, clock.now(), row)
    elif message is not None:
        _carry_out(session, clock, row, message, person, reply.answer, reply.note)
    elif reply.code is not None:
        row.taken_for = Taken.FOREIGN
        _word_back(session, clock.now(), row, person, "sms.reply_foreign", asked=reply.code)
    else:
        row.taken_for = Taken.WHICH
        _word_back(session, clock.now(), row, person, "sms.reply_which")


def _ends_bulletins_only(session: Session, now: datetime, sender: str) -> bool:
    """End what a number of the alliance subscribed to, where stop answers a bulletin; return whether it does.

    Whoever is called out to fires is not to lose that because he wants no more bulletins. Said again it ends all texts.
    """
    newest = select(Message.subscription_id).where(Message.to == sender).order_by(col(Message.id).desc()).limit(1)
    return session.exec(newest).first() is not None and subscribers.stop_number(session, now, sender)


def _changed_mind(session: Session, row: InboundMessage, sent_at: datetime) -> bool:
    """Return whether the number has said stop or start after this word of it, which comes late."""
    later = select(InboundMessage.id).where(
        InboundMessage.sender == row.sender,
        col(InboundMessage.taken_for).in_([Taken.STOP, Taken.START]),
        InboundMessage.id != row.id,
        col(InboundMessage.received_at) > sent_at,
    )
    return session.exec(later).first() is not None


def _asked(session: Session, sender: str, reply: Reply, sent_at: datetime | None) -> Message | None:
    """Return the text that a reply is about; without a code it is the one open question there was when it was sent."""
    if reply.code is not None:
        mine = select(Message).where(Message.code == reply.code, Message.to == sender, outbox.to_the_alliance())
        return session.exec(mine.order_by(col(Message.id).desc()).limit(1)).first()
    waiting = [each for each in open_questions(session, sender) if sent_at is None or each.created_at <= sent_at]
    if reply.kind is Kind.UNCLEAR:  # it is shown where it most likely belongs
        return waiting[0] if waiting else None
    return waiting[0] if len(waiting) == 1 else None


def _carry_out(
    session: Session, clock: Clock, row: InboundMessage, message: Message, person: Contact, answer: Answer, note: str
) -> None:
    asked = message.code or ""
    try:
        with session.begin_nested():
            answers.give(session, clock, message, answer, note[:200])
    except BadInput:
        row.taken_for = Taken.NO_REASON
        _word_back(session, clock.now(), row, person, "sms.reply_why", asked=asked)
    except FirewatchError:
        row.taken_for = Taken.LATE
        stands = _stands(session, message, person.lang)
        may = _may(session, message, person.lang)
        _word_back(session, clock.now(), row, person, "sms.reply_late", asked=asked, stands=stands, may=may)
    else:
        row.taken_for = Taken.ANSWER


def _stands(session: Session, message: Message, lang: str) -> str:
    if message.subject_kind == SubjectKind.ORDER:
        return i18n.text(lang, f"order_state.{session.get_one(Order, message.subject_id).state}")
    if message.incident_id is None:
        return i18n.text(lang, "sms.none")
    return i18n.text(lang, f"incident_state.{session.get_one(Incident, message.incident_id).state}")


def _may(session: Session, message: Message, lang: str) -> str:
    """Return the digits that may be answered now, each with its word."""
    allowed = answers.choices(session, message)
    said = [f"{digit} {i18n.text(lang, f'answer.{each}')}" for digit, each in DIGIT.items() if each in allowed]
    return i18n.text(lang, "sms.comma").join(said) or i18n.text(lang, "sms.none")


def _unclear(session: Session, now: datetime, row: InboundMessage) -> None:
    said = {"contact": row.contact_id or "–", "text": row.body[:SHOWN]}
    alarms.raise_alarm(session, now, "reply_unclear", f"reply:{row.id}", said, row.incident_id)
    if row.incident_id is not None:
        by = answers.CONTACT + (row.contact_id or "")
        record(session, row.incident_id, now, "reply_unclear", by, text=row.body[:SHOWN])


def _word_back(
    session: Session, now: datetime, row: InboundMessage, person: Contact, template: str, **params: str
) -> None:
    """Tell a person how to put it right, unless he was told often of late."""
    lately = select(func.count()).where(
        Message.contact_id == person.id,
        Message.subject_kind == SubjectKind.REPLY,
        col(Message.created_at) > now - timedelta(hours=1),
    )
    if session.exec(lately).one() < WORDS_BACK:
        place = _named(session.get_one(Agency, person.agency_id), person.lang)
        _put_text(session, now, person, SubjectKind.REPLY, row.id or 0, template, {"place": place, **params})


def _put_text(
    session: Session,
    now: datetime,
    to: Contact,
    kind: SubjectKind,
    subject_id: int,
    template: str,
    params: dict[str, str],
) -> None:
    new = outbox.NewMessage(kind, subject_id, to, SMS, template, params, priority=PRIORITY)
    outbox.put(session, now, new)


def _named(row: Agency | Contact, lang: str) -> str:
    return row.name_zh if lang == "zh" else row.name_en
