"""Whom to tell at an agency: the liaison on duty, else the deputy on duty, else the liaison by name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from firewatch.agencies.models import Agency, Contact, ContactRole, DutyShift
from firewatch.errors import NotFound

DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Recipient:
    """The person to tell, and whether the roster really had somebody on duty."""

    contact: Contact
    on_duty: bool


def covers(shift: DutyShift, at: datetime, zone: ZoneInfo) -> bool:
    """Return whether a weekly shift covers an instant; a shift may run past midnight. Pure."""
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    length = (shift.to_minute - shift.from_minute) % DAY_MINUTES or DAY_MINUTES
    # The shift that is running may have begun today or yesterday.
    return any(
        str((local.isoweekday() - 1 - back) % 7 + 1) in shift.weekdays
        and 0 <= minute + back * DAY_MINUTES - shift.from_minute < length
        for back in (0, 1)
    )


def choose(contacts: Sequence[Contact], on_duty: set[str]) -> Recipient | None:
    """Return whom to tell out of one agency's active contacts; None when it has no liaison at all. Pure."""
    by_role = {
        role: sorted((person for person in contacts if person.role == role), key=lambda person: person.id)
        for role in (ContactRole.LIAISON, ContactRole.DEPUTY)
    }
    for role in (ContactRole.LIAISON, ContactRole.DEPUTY):
        for person in by_role[role]:
            if person.id in on_duty:
                return Recipient(person, on_duty=True)
    return Recipient(by_role[ContactRole.LIAISON][0], on_duty=False) if by_role[ContactRole.LIAISON] else None


def active_agencies(session: Session) -> list[Agency]:
    """Return the members of the alliance, by id."""
    return list(session.exec(select(Agency).where(Agency.active).order_by(Agency.id)))


def on_duty_ids(session: Session, at: datetime, zone: ZoneInfo) -> set[str]:
    """Return the ids of the contacts whose shift covers an instant."""
    return {shift.contact_id for shift in session.exec(select(DutyShift)) if covers(shift, at, zone)}


def recipients(session: Session, at: datetime, zone: ZoneInfo) -> dict[str, Recipient]:
    """Return whom to tell at every active agency. Raises NotFound when an agency has nobody to tell."""
    duty = on_duty_ids(session, at, zone)
    people = by_agency(session)
    found: dict[str, Recipient] = {}
    for agency in active_agencies(session):
        here = people.get(agency.id, [])
        reached = [person for person in here if person.reachable]
        # Who has stopped our texts is the last choice, but better than nobody: the refusal becomes an alarm.
        chosen = choose(reached, duty) or _deputy(reached) or choose(here, duty)
        if chosen is None:
            raise NotFound(f"agency {agency.id} has no active liaison: put one into contacts.csv")
        found[agency.id] = chosen
    return found


def _deputy(contacts: Sequence[Contact]) -> Recipient | None:
    deputies = [person for person in contacts if person.role == ContactRole.DEPUTY]
    return Recipient(deputies[0], on_duty=False) if deputies else None


def with_role(session: Session, agency_id: str, roles: Iterable[ContactRole]) -> list[Contact]:
    """Return an agency's active contacts of some roles, by id."""
    wanted = set(roles)
    return [person for person in by_agency(session).get(agency_id, []) if person.role in wanted]


def by_agency(session: Session) -> dict[str, list[Contact]]:
    """Return the active contacts of every agency, by id."""
    people: dict[str, list[Contact]] = {}
    for person in session.exec(select(Contact).where(col(Contact.active)).order_by(Contact.id)):
        people.setdefault(person.agency_id, []).append(person)
    return people


def deputies(session: Session, agency_id: str, at: datetime, zone: ZoneInfo, *, on_duty: bool) -> list[Contact]:
    """Return an agency's deputies on duty at an instant, or those off duty, by id: these are paged last of all."""
    duty = on_duty_ids(session, at, zone)
    return [each for each in with_role(session, agency_id, [ContactRole.DEPUTY]) if (each.id in duty) == on_duty]


def everybody(session: Session, at: datetime, zone: ZoneInfo) -> list[tuple[Agency, list[tuple[Contact, bool]]]]:
    """Return every active agency with its active contacts and whether each is on duty."""
    duty, people = on_duty_ids(session, at, zone), by_agency(session)
    return [
        (agency, [(person, person.id in duty) for person in people.get(agency.id, [])])
        for agency in active_agencies(session)
    ]
