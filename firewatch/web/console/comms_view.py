"""A test of the ways to people as it may be shown: how it went with each person, and by agency, carrier and channel."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from firewatch.messaging import comms_tests
from firewatch.messaging.comms_models import CommsTest, CommsTestPerson
from firewatch.messaging.comms_stats import Asked, Group, carrier_of, grouped
from firewatch.messaging.models import InboundMessage, Message, MessageState, Taken
from firewatch.rulebook.read import Rulebook
from firewatch.web.console.speech import Names, Speech


@dataclass(frozen=True)
class PersonRow:
    """How it went with one person. `road` is the catalogue key of how he answered; empty: not at all."""

    name: str
    agency: str
    person: CommsTestPerson
    message: Message | None
    road: str


@dataclass(frozen=True)
class TestView:
    """A test and what it showed."""

    test: CommsTest
    rows: Sequence[PersonRow]
    silent: Sequence[str]
    """Names of those who have not answered."""
    whole: Group
    tables: Sequence[tuple[str, Sequence[Group]]]
    """Catalogue key of what the people are grouped by, and the groups."""


def view_of(session: Session, book: Rulebook, speech: Speech, names: Names, test: CommsTest) -> TestView:
    """Return a test with its results."""
    people = comms_tests.people(session, comms_tests.number_of(test))
    sent = _messages(session, people)
    by_text = _answered_by_text(session, list(sent))
    prefixes = {prefix: speech.named(carrier) for carrier in book.messages.carrier for prefix in carrier.prefixes}
    rows, asked = [], []
    for person in people:
        message = sent.get(person.message_id or 0)
        road = "comms.by_text" if person.message_id in by_text else "comms.by_page"
        name, agency = names.contact(person.contact_id), names.agency(person.agency_id)
        rows.append(PersonRow(name, agency, person, message, road if person.acknowledged_at else ""))
        carrier = carrier_of(message.to, prefixes) if message else ""
        asked.append(_asked(speech, person, message, agency, carrier))
    by: Mapping[str, Callable[[Asked], str]] = {
        "comms.by_agency": lambda one: one.agency,
        "comms.by_carrier": lambda one: one.carrier or speech.t("comms.unknown"),
        "comms.by_channel": lambda one: one.channel,
    }
    return TestView(
        test=test,
        rows=rows,
        silent=[names.contact(contact) for contact in comms_tests.silent(people)],
        whole=next(iter(grouped(asked, lambda _: "")), Group("", 0, 0, 0, 0, None, None)),
        tables=[(key, grouped(asked, name_of)) for key, name_of in by.items()],
    )


def _asked(speech: Speech, person: CommsTestPerson, message: Message | None, agency: str, carrier: str) -> Asked:
    if message is None:
        return Asked(agency, carrier, speech.t("comms.no_text"), None)
    arrived = message.state is MessageState.DELIVERED
    return Asked(
        agency=agency,
        carrier=carrier,
        channel=speech.word("channel", message.channel),
        written_at=message.created_at,
        handed_over_at=message.handed_over_at,
        delivered_at=message.finished_at if arrived else None,
        acknowledged_at=person.acknowledged_at,
    )


def _messages(session: Session, people: Sequence[CommsTestPerson]) -> dict[int, Message]:
    wanted = [person.message_id for person in people if person.message_id is not None]
    return {row.id or 0: row for row in session.exec(select(Message).where(col(Message.id).in_(wanted)))}


def _answered_by_text(session: Session, wanted: Sequence[int]) -> set[int | None]:
    answered = select(InboundMessage.message_id).where(
        col(InboundMessage.message_id).in_(wanted), InboundMessage.taken_for == Taken.ANSWER
    )
    return set(session.exec(answered))
