"""The people of every agency, who of them is on duty, and whom to tell: rows for the rules of `duty` and `paging`."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from firewatch.agencies.duty import Roster
from firewatch.agencies.models import Agency, Contact, ContactRole, DatedShift, DutyShift
from firewatch.agencies.paging import Recipient, choose, of_role
from firewatch.errors import NotFound

Shift = TypeVar("Shift", DutyShift, DatedShift)


def active_agencies(session: Session) -> list[Agency]:
    """Return the members of the alliance, by id."""
    return list(session.exec(select(Agency).where(Agency.active).order_by(Agency.id)))


def by_agency(session: Session) -> dict[str, list[Contact]]:
    """Return the active contacts of every agency, by id."""
    people: dict[str, list[Contact]] = {}
    for person in session.exec(select(Contact).where(col(Contact.active)).order_by(Contact.id)):
        people.setdefault(person.agency_id, []).append(person)
    return people


def with_role(session: Session, agency_id: str, roles: Iterable[ContactRole]) -> list[Contact]:
    """Return an agency's active contacts of some roles, by id."""
    return of_role(by_agency(session).get(agency_id, []), *roles)


def on_duty_ids(session: Session, at: datetime, zone: ZoneInfo) -> frozenset[str]:
    """Return the ids of the active contacts who are on duty at an instant, of every agency."""
    return frozenset().union(*(each.on_duty(at, zone) for each in rosters(session, at, at).values()))


def rosters(session: Session, start: datetime, end: datetime) -> dict[str, Roster]:
    """Return what says who is on duty between two instants, by agency with its active people."""
    between = select(DatedShift).where(col(DatedShift.from_at) <= end, col(DatedShift.to_at) > start)
    dated = _by_contact(session.exec(between.order_by(col(DatedShift.from_at), col(DatedShift.contact_id))))
    standing = _by_contact(session.exec(select(DutyShift)))
    return {
        agency_id: Roster(people, _shifts(people, dated), _shifts(people, standing))
        for agency_id, people in by_agency(session).items()
    }


def _by_contact(shifts: Iterable[Shift]) -> dict[str, list[Shift]]:
    found: dict[str, list[Shift]] = {}
    for shift in shifts:
        found.setdefault(shift.contact_id, []).append(shift)
    return found


def _shifts(people: Iterable[Contact], shifts: dict[str, list[Shift]]) -> list[Shift]:
    return [shift for person in people for shift in shifts.get(person.id, [])]


def recipients(session: Session, at: datetime, zone: ZoneInfo) -> dict[str, Recipient]:
    """Return whom to tell at every active agency. Raises NotFound when an agency has nobody to tell."""
    on_duty, people = on_duty_ids(session, at, zone), by_agency(session)
    found: dict[str, Recipient] = {}
    for agency in active_agencies(session):
        chosen = choose(people.get(agency.id, []), on_duty)
        if chosen is None:
            raise NotFound(f"agency {agency.id} has no active liaison: put one into contacts.csv")
        found[agency.id] = chosen
    return found


def deputies(session: Session, agency_id: str, at: datetime, zone: ZoneInfo, *, on_duty: bool) -> list[Contact]:
    """Return an agency's deputies on duty at an instant, or those off duty, by id: these are paged last of all."""
    now_on_duty = on_duty_ids(session, at, zone)
    return [each for each in with_role(session, agency_id, [ContactRole.DEPUTY]) if (each.id in now_on_duty) == on_duty]


def everybody(session: Session, at: datetime, zone: ZoneInfo) -> list[tuple[Agency, list[tuple[Contact, bool]]]]:
    """Return every active agency with its active contacts and whether each is on duty."""
    on_duty, people = on_duty_ids(session, at, zone), by_agency(session)
    return [
        (agency, [(person, person.id in on_duty) for person in people.get(agency.id, [])])
        for agency in active_agencies(session)
    ]
