"""The lists of texts, out and in. Numbers are masked, and nobody finds a text by one."""

from sqlalchemy import ColumnElement, or_
from sqlmodel import col

from firewatch.messaging.models import InboundMessage, Message, MessageState, Taken
from firewatch.messaging.outbox import to_the_alliance
from firewatch.messaging.texts import masked
from firewatch.web.lists.listing import Column, Kind, Listing
from firewatch.web.lists.reader import Reader
from firewatch.web.lists.sources import Stored, by_name, in_turn, is_number, named


def outgoing(reader: Reader) -> Listing[Message]:
    """Return the list of the messages to people; its page shows each in its own way."""
    speech, names = reader.speech, reader.names
    states = reader.words("message_state", MessageState)
    return Listing(
        name="messages",
        title="nav.messages",
        what="lists.messages.what",
        address="/messages",
        first="-number",
        link=lambda row: f"/messages?q={row.code or row.id}",
        label=lambda row: f"{row.code or row.id} {names.contact(row.contact_id or '')}",
        states=states,
        dated="created",
        source=Stored(
            reader.session,
            Message,
            col(Message.id),
            only=(to_the_alliance(),),
            has=lambda word: _out_has(reader, states, word),
            state=lambda state: col(Message.state) == state,
            at=col(Message.created_at),
            zone=speech.zone,
        ),
        columns=_out_columns(reader, states),
    )


def _out_columns(reader: Reader, states: dict[str, str]) -> list[Column[Message]]:
    speech, names = reader.speech, reader.names
    return [
        Column("number", "messages.number", lambda row: row.id, Kind.NUMBER, col(Message.id)),
        Column("incident", "lists.incident", lambda row: row.incident_id, Kind.NUMBER, on_page=False),
        Column(
            "to",
            "messages.to",
            lambda row: names.contact(row.contact_id) if row.contact_id else None,
            order=by_name(Message.contact_id, names.contacts),
        ),
        Column(
            "agency", "lists.agency", lambda row: names.agency(row.agency_id) if row.agency_id else None, on_page=False
        ),
        Column("phone", "lists.phone", lambda row: masked(row.to), on_page=False),
        Column("state", "messages.state", lambda row: states[row.state], order=in_turn(Message.state, MessageState)),
        Column(
            "error",
            "lists.error",
            lambda row: speech.reason(row.error) if row.error else None,
            on_page=False,
        ),
        Column("text", "messages.text", lambda row: row.body or None),
        Column("code", "lists.code", lambda row: row.code, on_page=False),
        Column("provider", "messages.provider", lambda row: speech.word("channel", row.channel)),
        Column("provider_status", "lists.provider_status", lambda row: row.provider_status, on_page=False),
        Column("created", "messages.created", lambda row: row.created_at, Kind.TIME, col(Message.created_at)),
        Column("handed_over", "lists.handed_over", lambda row: row.handed_over_at, Kind.TIME, on_page=False),
        Column("finished", "lists.finished", lambda row: row.finished_at, Kind.TIME, on_page=False),
    ]


def _out_has(reader: Reader, states: dict[str, str], word: str) -> ColumnElement[bool]:
    return or_(
        *is_number(Message.id, word),
        col(Message.code) == word,
        col(Message.body).icontains(word, autoescape=True),
        col(Message.contact_id).in_(named(reader.contacts, word)),
        col(Message.agency_id).in_(named(reader.agencies, word)),
        col(Message.state).in_(named(states, word)),
    )


def incoming(reader: Reader) -> Listing[InboundMessage]:
    """Return the list of the texts that came in."""
    speech, names = reader.speech, reader.names
    taken = reader.words("taken", Taken)
    return Listing(
        name="inbound",
        title="lists.inbound",
        what="lists.inbound.what",
        first="-received",
        link=lambda row: f"/incidents/{row.incident_id}" if row.incident_id else "",
        states=taken,
        dated="received",
        source=Stored(
            reader.session,
            InboundMessage,
            col(InboundMessage.id),
            has=lambda word: _in_has(reader, taken, word),
            state=lambda state: col(InboundMessage.taken_for) == state,
            at=col(InboundMessage.received_at),
            zone=speech.zone,
        ),
        columns=[
            Column("received", "inbound.at", lambda row: row.received_at, Kind.TIME, col(InboundMessage.received_at)),
            Column(
                "from",
                "inbound.from",
                lambda row: names.contact(row.contact_id) if row.contact_id else None,
                order=by_name(InboundMessage.contact_id, names.contacts),
                shown=lambda row: names.contact(row.contact_id) if row.contact_id else speech.t("inbound.unknown"),
            ),
            Column("phone", "lists.phone", lambda row: masked(row.sender)),
            Column("text", "messages.text", lambda row: row.body, css="body"),
            Column(
                "taken",
                "inbound.taken",
                lambda row: taken[row.taken_for],
                order=in_turn(InboundMessage.taken_for, Taken),
            ),
            Column("answer", "lists.answer", lambda row: speech.word("answer", row.answer) if row.answer else None),
            Column(
                "incident", "lists.incident", lambda row: row.incident_id, Kind.NUMBER, col(InboundMessage.incident_id)
            ),
        ],
    )


def _in_has(reader: Reader, taken: dict[str, str], word: str) -> ColumnElement[bool]:
    return or_(
        *is_number(InboundMessage.incident_id, word),
        col(InboundMessage.body).icontains(word, autoescape=True),
        col(InboundMessage.contact_id).in_(named(reader.contacts, word)),
        col(InboundMessage.taken_for).in_(named(taken, word)),
    )
