"""Messages as a table: to whom, what, how far it has got. Numbers are masked."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from firewatch.messaging.models import InboundMessage, Message
from firewatch.messaging.texts import masked
from firewatch.web.console.speech import Names, Speech

LIMIT = 200


@dataclass(frozen=True)
class MessageRow:
    """A message as it may be shown."""

    message: Message
    to: str
    agency: str
    number: str
    body: str


@dataclass(frozen=True)
class InboundRow:
    """A text that came in, as it may be shown."""

    text: InboundMessage
    sender: str
    number: str


def messages_of(session: Session, incident_id: int) -> list[Message]:
    """Return the newest messages of an incident."""
    query = select(Message).where(Message.incident_id == incident_id).order_by(col(Message.id).desc()).limit(LIMIT)
    return list(session.exec(query))


def message_rows(speech: Speech, names: Names, messages: Sequence[Message]) -> list[MessageRow]:
    """Return messages as they may be shown."""
    return [
        MessageRow(
            message=message,
            to=names.contact(message.contact_id or ""),
            agency=names.agency(message.agency_id),
            number=masked(message.to),
            body=message.body or speech.t("messages.not_rendered"),
        )
        for message in messages
    ]


def inbound_rows(speech: Speech, names: Names, texts: Sequence[InboundMessage]) -> list[InboundRow]:
    """Return texts that came in as they may be shown."""
    return [
        InboundRow(
            text=text,
            sender=names.contact(text.contact_id) if text.contact_id else speech.t("inbound.unknown"),
            number=masked(text.sender),
        )
        for text in texts
    ]
