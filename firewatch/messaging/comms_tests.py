"""The test of the ways to people: every liaison is asked for a word back, and who gives none is named.

A test is no fire: its text says so with its first word, it goes out after everything else, and nothing escalates. It
ends at its time with the list of the silent before the duty officer; whoever answers later is still counted.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from firewatch import i18n
from firewatch.agencies.models import Agency, Contact, ContactRole
from firewatch.agencies.roster import active_agencies, with_role
from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.errors import Conflict, NotFound
from firewatch.messaging import outbox
from firewatch.messaging.alarms import close_key, raise_alarm
from firewatch.messaging.channels import SMS
from firewatch.messaging.comms_models import CommsTest, CommsTestPerson
from firewatch.messaging.models import Message, SubjectKind
from firewatch.rulebook.read import Rulebook

PRIORITY: Final = 9
"""Behind everything: what is real goes first, whenever it was written."""
SYSTEM: Final = "system"
TURN: Final = "comms test"


def liaisons(session: Session) -> list[Contact]:
    """Return whom a test asks: every liaison of the alliance."""
    return [
        person for agency in active_agencies(session) for person in with_role(session, agency.id, [ContactRole.LIAISON])
    ]


def start(session: Session, clock: Clock, book: Rulebook, by: str) -> CommsTest:
    """Begin a test and write its texts. Raises Conflict while another one waits for answers."""
    in_turn(session, TURN)
    if running(session) is not None:
        raise Conflict("a test is under way: wait until it has ended")
    now = clock.now()
    test = CommsTest(started_at=now, started_by=by, ends_at=now + timedelta(minutes=book.messages.comms_test_minutes))
    session.add(test)
    session.flush()
    for person in liaisons(session):
        message = _text(session, now, book, test, person) if person.reachable else None
        row = CommsTestPerson(test_id=number_of(test), contact_id=person.id, agency_id=person.agency_id)
        row.message_id = message.id if message is not None else None
        session.add(row)
    session.flush()
    return test


def running(session: Session) -> CommsTest | None:
    """Return the test that waits for answers, if there is one."""
    return session.exec(select(CommsTest).where(col(CommsTest.closed_at).is_(None))).first()


def newest(session: Session, limit: int = 50) -> list[CommsTest]:
    """Return the tests, the newest first."""
    return list(session.exec(select(CommsTest).order_by(col(CommsTest.id).desc()).limit(limit)))


def get(session: Session, test_id: int) -> CommsTest:
    """Return a test. Raises NotFound."""
    test = session.get(CommsTest, test_id)
    if test is None:
        raise NotFound(f"there is no test {test_id}")
    return test


def people(session: Session, test_id: int) -> list[CommsTestPerson]:
    """Return whom a test asked, by agency."""
    query = select(CommsTestPerson).where(CommsTestPerson.test_id == test_id)
    return list(session.exec(query.order_by(CommsTestPerson.agency_id, CommsTestPerson.contact_id)))


def person_of(session: Session, message: Message) -> CommsTestPerson | None:
    """Return the person whom a test's text asks; None for any other text."""
    if message.subject_kind != SubjectKind.COMMS_TEST:
        return None
    return session.exec(select(CommsTestPerson).where(CommsTestPerson.message_id == message.id)).first()


def is_open(session: Session, message: Message) -> bool:
    """Return whether a text is of a test that still waits for answers."""
    return message.subject_kind == SubjectKind.COMMS_TEST and get(session, message.subject_id).closed_at is None


def unanswered(session: Session, phone: str) -> list[Message]:
    """Return the texts of the test under way to which a number has not answered."""
    query = (
        select(Message)
        .join(CommsTestPerson, col(CommsTestPerson.message_id) == col(Message.id))
        .join(CommsTest, col(CommsTest.id) == col(CommsTestPerson.test_id))
        .where(Message.to == phone, col(CommsTest.closed_at).is_(None), col(CommsTestPerson.acknowledged_at).is_(None))
    )
    return list(session.exec(query))


def acknowledge(session: Session, clock: Clock, message: Message) -> None:
    """Put on record that somebody got a test's text; again changes nothing, and late is better than never."""
    person = person_of(session, message)
    if person is None or person.acknowledged_at is not None:
        return
    person.acknowledged_at = clock.now()
    session.add(person)
    session.flush()
    test = get(session, person.test_id)
    if close_key(session, clock.now(), _alarm_key(test), SYSTEM):
        _tell_silent(session, clock.now(), test)


def due(session: Session, now: datetime) -> bool:
    """Return whether a test is to be ended."""
    test = running(session)
    return test is not None and test.ends_at <= now


def end(session: Session, clock: Clock) -> int:
    """End the test whose time is over, and name the silent to the duty officer; return how many tests that were."""
    in_turn(session, TURN)
    now, test = clock.now(), running(session)
    if test is None or test.ends_at > now:
        return 0
    test.closed_at = now
    session.add(test)
    session.flush()
    _tell_silent(session, now, test)
    return 1


def silent(rows: Sequence[CommsTestPerson]) -> list[str]:
    """Return who has not answered."""
    return [row.contact_id for row in rows if row.acknowledged_at is None]


def _tell_silent(session: Session, now: datetime, test: CommsTest) -> None:
    """Raise the alarm that names the silent, if there are any."""
    who = silent(people(session, number_of(test)))
    if who:
        said = {"test": str(test.id), "count": str(len(who)), "contacts": ";".join(who)}
        raise_alarm(session, now, "comms_test_silent", _alarm_key(test), said)


def _alarm_key(test: CommsTest) -> str:
    return f"comms_test:{test.id}"


def _text(session: Session, now: datetime, book: Rulebook, test: CommsTest, person: Contact) -> Message:
    agency = session.get_one(Agency, person.agency_id)
    params = {
        "place": agency.name_zh if person.lang == "zh" else agency.name_en,
        "until": i18n.local_time(test.ends_at, person.lang, book.alliance.tz, "HH:mm"),
    }
    new = outbox.NewMessage(
        SubjectKind.COMMS_TEST, number_of(test), person, SMS, "sms.comms_test", params, priority=PRIORITY
    )
    return outbox.put(session, now, new)


def number_of(test: CommsTest) -> int:
    """Return the number of a test that has been written."""
    if test.id is None:
        raise ValueError("the test has not been written")
    return test.id
