"""Who has stopped our texts: the person says so, or the provider does. Another number is another consent."""

from datetime import datetime
from typing import Final

from sqlmodel import Session

from firewatch.agencies.models import Agency, Contact, ContactRole
from firewatch.agencies.roster import with_role
from firewatch.messaging import alarms, outbox
from firewatch.messaging.channels import SMS
from firewatch.messaging.models import SubjectKind

PRIORITY: Final = 3


def stop(session: Session, now: datetime, person: Contact) -> None:
    """Take it down that a person gets no more texts; the others of the agency are told, and the duty officer."""
    person.stopped_phone = person.phone
    session.add(person)
    session.flush()
    said = {"contact": person.id, "agency": person.agency_id}
    alarm = alarms.raise_alarm(session, now, "opted_out", f"opted_out:{person.id}", said, agency_id=person.agency_id)
    for other in with_role(session, person.agency_id, ContactRole):
        if other.reachable and other.phone != person.phone:
            agency = session.get_one(Agency, person.agency_id)
            params = {"place": _named(agency, other.lang), "contact": _named(person, other.lang)}
            new = outbox.NewMessage(
                SubjectKind.ALARM, alarm.id or 0, other, SMS, "sms.opted_out", params, priority=PRIORITY
            )
            outbox.put(session, now, new)


def start(session: Session, now: datetime, person: Contact, by: str) -> None:
    """Take it down that a person gets texts again."""
    person.stopped_phone = None
    session.add(person)
    alarms.close_key(session, now, f"opted_out:{person.id}", by)


def _named(row: Agency | Contact, lang: str) -> str:
    return row.name_zh if lang == "zh" else row.name_en
