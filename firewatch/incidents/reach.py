"""What the duty officer does himself about an agency that does not answer: send again, ask somebody else, telephone.

The escalation goes on beside it: none of this stops a timer, only an acknowledgement does.
"""

from sqlmodel import Session, col, select

from firewatch.agencies.models import Contact
from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.errors import Conflict, NotFound
from firewatch.incidents import notices
from firewatch.incidents.models import AgencyNotice, Incident
from firewatch.incidents.timeline import record
from firewatch.messaging.models import Message, SubjectKind
from firewatch.messaging.transitions import UNFINISHED
from firewatch.rulebook.read import Rulebook

BY_HAND = 10
"""Steps from here on are an officer's own; the escalation's are below."""


class StillOnItsWay(Conflict):
    """A text to this person about this fire is not through yet: a second one would only wait behind it."""


def ask(
    session: Session, clock: Clock, book: Rulebook, incident_id: int, agency_id: str, contact_id: str, by: str
) -> None:
    """Send a person of an agency one text more about a fire.

    Raises NotFound for somebody who is not of that agency, StillOnItsWay while an earlier text to him is not through:
    nothing is ever sent twice because nobody knew.
    """
    in_turn(session, f"reach:{incident_id}")
    _notice(session, incident_id, agency_id)
    contact = person(session, agency_id, contact_id)
    earlier = _texts_to(session, incident_id, contact_id)
    if any(message.state in UNFINISHED for message in earlier):
        raise StillOnItsWay(f"a text to {contact_id} is still on its way: it is sent by itself, or becomes an alarm")
    step = max([BY_HAND - 1, *(message.step for message in earlier)]) + 1
    incident = session.get_one(Incident, incident_id)
    notices.send(session, clock.now(), book, incident, contact, "sms.reminder", step=step)
    record(session, incident_id, clock.now(), "asked_by_hand", by, agency=agency_id, contact=contact_id)


def phoned(
    session: Session, clock: Clock, incident_id: int, agency_id: str, contact_id: str, by: str, *, reached: bool
) -> None:
    """Put a telephone call on record; whoever was reached knows of the fire. Raises NotFound."""
    _notice(session, incident_id, agency_id)
    person(session, agency_id, contact_id)
    if reached:
        record(session, incident_id, clock.now(), "phoned", by, agency=agency_id, contact=contact_id)
        notices.acknowledge(session, clock, incident_id, agency_id, by)
    else:
        record(session, incident_id, clock.now(), "phoned_in_vain", by, agency=agency_id, contact=contact_id)


def person(session: Session, agency_id: str, contact_id: str) -> Contact:
    """Return an active person of an agency. Raises NotFound."""
    contact = session.get(Contact, contact_id)
    if contact is None or contact.agency_id != agency_id or not contact.active:
        raise NotFound(f"agency {agency_id} has nobody called {contact_id}")
    return contact


def _notice(session: Session, incident_id: int, agency_id: str) -> AgencyNotice:
    query = select(AgencyNotice).where(AgencyNotice.incident_id == incident_id, AgencyNotice.agency_id == agency_id)
    notice = session.exec(query).first()
    if notice is None:
        raise NotFound(f"agency {agency_id} was not told of an incident {incident_id}")
    return notice


def _texts_to(session: Session, incident_id: int, contact_id: str) -> list[Message]:
    query = select(Message).where(
        Message.subject_kind == SubjectKind.INCIDENT,
        Message.subject_id == incident_id,
        Message.contact_id == contact_id,
    )
    return list(session.exec(query.order_by(col(Message.id))))
