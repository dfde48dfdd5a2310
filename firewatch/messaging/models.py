"""The outbox: one row for every message somebody is due, from the transaction that made it due to its end."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from firewatch.db import Json, UtcDateTime, words
from firewatch.messaging.replies import Answer
from firewatch.messaging.transitions import MessageState

__all__ = [
    "Alarm",
    "CallbackRefusal",
    "InboundMessage",
    "Message",
    "MessageCallback",
    "MessageState",
    "SubjectKind",
    "Taken",
]


class SubjectKind(StrEnum):
    """What a message is about; (kind, id, revision) names it."""

    INCIDENT = "incident"
    ORDER = "order"
    ALARM = "alarm"
    WARNING = "warning"  # warnings issued together, under the smallest of their numbers
    HOTSPOT = "hotspot"  # a ticket that asks somebody to look
    REPLY = "reply"  # a text from a person that needs a word back
    COMMS_TEST = "comms_test"  # a test of the ways to people, under its number
    SUBSCRIPTION = "subscription"  # the code and the link that confirm one, or end it
    BULLETIN = "bulletin"  # the digest of a day's bulletin to a subscriber, under the day's ordinal number


PACED = text("subscription_id IS NOT NULL")


class Message(SQLModel, table=True):
    """A message to one person over one channel. Several facts are kept apart: ours, theirs, and when.

    It goes to somebody of an agency, or to a subscriber of the bulletins: then there is neither contact nor agency.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "revision", "contact_id", "channel", "step"),
        UniqueConstraint("subject_kind", "subject_id", "revision", "subscription_id", "channel", "step"),
        CheckConstraint("(contact_id IS NULL) <> (subscription_id IS NULL)", name="one_reader"),
        Index("ix_message_state_priority_due_at", "state", "priority", "due_at"),
        Index("ix_message_contact_id_incident_id_state", "contact_id", "incident_id", "state"),
        Index("ix_message_link_token", "link_token", unique=True),
        Index("ix_message_paced", "channel", "handed_over_at", sqlite_where=PACED, postgresql_where=PACED),
    )

    id: int | None = Field(default=None, primary_key=True)
    subject_kind: SubjectKind = Field(sa_type=words(SubjectKind))
    subject_id: int
    revision: int = 1
    contact_id: str | None = Field(default=None, foreign_key="contact.id")
    subscription_id: int | None = Field(default=None, foreign_key="subscription.id", index=True)
    channel: str = Field(max_length=20)
    step: int = 1  # of the escalation

    agency_id: str | None = Field(default=None, foreign_key="agency.id")
    incident_id: int | None = Field(default=None, foreign_key="incident.id", index=True)
    to: str = Field(max_length=254)  # E.164 or an e-mail address, frozen when written; a subscriber's is erased
    lang: str = Field(max_length=2)
    template: str = Field(max_length=60)
    params: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    code: str | None = Field(default=None, max_length=8, index=True)  # in the text; comes again after a million rows
    body: str = ""  # without the link, which opens the answer to whoever reads it
    link_token: str | None = Field(default=None, max_length=20)  # of the page that answers it without a sign-in

    state: MessageState = Field(default=MessageState.DUE, sa_type=words(MessageState))
    priority: int = 5  # smaller goes first
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    attempt: int = 0  # raised by every claim: the fence
    failures: int = 0  # attempts that are known to have failed
    owner: str | None = Field(default=None, max_length=60)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)  # while unknown: since when
    looks: int = 0  # looks into the provider's list since the outcome became unknown
    possible_double: bool = False
    provider_id: str | None = Field(default=None, max_length=60, index=True)
    provider_status: str | None = Field(default=None, max_length=20)
    error: str | None = Field(default=None, max_length=200)
    handed_over_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MessageCallback(SQLModel, table=True):
    """What the provider said of a message of its own accord, once for each status. Append-only."""

    __tablename__ = "message_callback"
    __table_args__ = (UniqueConstraint("provider_id", "status"),)

    id: int | None = Field(default=None, primary_key=True)
    provider_id: str = Field(max_length=60)
    status: str = Field(max_length=20)
    error: str | None = Field(default=None, max_length=200)
    message_id: int | None = Field(default=None, foreign_key="message.id", index=True)  # as its address said
    received_at: datetime = Field(sa_type=UtcDateTime)


class CallbackRefusal(SQLModel, table=True):
    """How many requests to one webhook did not carry the provider's signature."""

    __tablename__ = "callback_refusal"

    hook: str = Field(primary_key=True, max_length=20)
    times: int = 0
    last_at: datetime = Field(sa_type=UtcDateTime)
    pile: int = 0  # of them since `pile_at`: when they pile up somebody has to know
    pile_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Taken(StrEnum):
    """What a text from a person was taken for."""

    ANSWER = "answer"  # carried out
    LATE = "late"  # it does not fit how things stand
    NO_REASON = "no_reason"  # a refusal that does not say why
    FOREIGN = "foreign"  # no text with this code went to this number
    WHICH = "which"  # no code, and not one open question but none or several
    STOP = "stop"
    START = "start"
    UNCLEAR = "unclear"  # a person has to read it
    STRANGER = "stranger"  # from a number nobody here has
    FAILED = "failed"  # the service could not deal with it


class InboundMessage(SQLModel, table=True):
    """A text that came in, word for word, and what was made of it. Append-only."""

    __tablename__ = "inbound_message"
    __table_args__ = (UniqueConstraint("provider_id"),)

    id: int | None = Field(default=None, primary_key=True)
    provider_id: str = Field(max_length=60)
    sender: str = Field(max_length=40)
    body: str
    received_at: datetime = Field(sa_type=UtcDateTime, index=True)
    taken_for: Taken = Field(sa_type=words(Taken))
    answer: Answer | None = Field(default=None, sa_type=words(Answer))
    contact_id: str | None = Field(default=None, foreign_key="contact.id")
    message_id: int | None = Field(default=None, foreign_key="message.id")  # that it answers
    incident_id: int | None = Field(default=None, foreign_key="incident.id", index=True)


OPEN = text("closed_at IS NULL")


class Alarm(SQLModel, table=True):
    """Something a person on duty has to see. `key` keeps one fault from becoming a hundred open alarms."""

    __tablename__ = "alarm"
    __table_args__ = (
        Index("ix_alarm_closed_at_raised_at", "closed_at", "raised_at"),
        Index("uq_alarm_open_key", "key", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=40)  # catalogue key: alarm.<kind>
    key: str = Field(max_length=120, index=True)
    params: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    incident_id: int | None = Field(default=None, foreign_key="incident.id", index=True)
    agency_id: str | None = Field(default=None, foreign_key="agency.id")
    raised_at: datetime = Field(sa_type=UtcDateTime)
    times: int = 1
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: str | None = Field(default=None, max_length=80)
