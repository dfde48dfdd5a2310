"""The lists of agencies and of the people who answer for them: numbers masked, found by their last four digits."""

from dataclasses import dataclass

from firewatch.agencies import roster
from firewatch.agencies.models import Agency, AgencyKind, Contact, ContactRole
from firewatch.messaging.texts import masked
from firewatch.web.lists import map_files
from firewatch.web.lists.listing import Column, Kind, Listing
from firewatch.web.lists.reader import Reader
from firewatch.web.lists.sources import Held

KNOWN_DIGITS = 4
"""Of a telephone number, the last: whoever has them may look up whose they are."""


@dataclass(frozen=True)
class Person:
    """Somebody who answers for an agency, and whether he is on duty now."""

    row: Contact
    agency: Agency
    on_duty: bool


def contacts(reader: Reader) -> Listing[Person]:
    """Return the list of the active people of all agencies."""
    speech, session = reader.speech, reader.session
    roles = reader.words("contact_role", ContactRole)
    people = [
        Person(row, agency, on_duty)
        for agency, rows in roster.everybody(session, speech.now, speech.zone)
        for row, on_duty in rows
    ]
    return Listing(
        name="contacts",
        title="lists.contacts",
        what="lists.contacts.what",
        first="agency",
        link=lambda each: f"/roster/{each.agency.id}",
        label=lambda each: speech.named(each.row),
        states=roles,
        source=Held(
            people,
            state=lambda each: each.row.role,
            also=lambda each: f"{reader.contacts[each.row.id]} {reader.agencies[each.agency.id]}",
            whole=lambda each: {each.row.phone[-KNOWN_DIGITS:]},
        ),
        columns=[
            Column("name", "resources.name", lambda each: speech.named(each.row)),
            Column("agency", "lists.agency", lambda each: speech.named(each.agency)),
            Column("role", "lists.role", lambda each: roles[each.row.role]),
            Column("on_duty", "roster.now", lambda each: reader.yes_no(yes=each.on_duty)),
            Column("phone", "lists.phone", lambda each: masked(each.row.phone), is_searched=False),
            Column("texts", "lists.takes_texts", lambda each: reader.yes_no(yes=each.row.reachable)),
            Column("language", "lists.language", lambda each: speech.word("lang", each.row.lang)),
        ],
    )


def agencies(reader: Reader) -> Listing[Agency]:
    """Return the list of the members of the alliance."""
    speech, session = reader.speech, reader.session
    kinds, people = reader.words("agency_kind", AgencyKind), roster.by_agency(session)
    return Listing(
        name="agencies",
        title="lists.agencies",
        what="lists.agencies.what",
        first="name",
        link=lambda row: f"/roster/{row.id}",
        label=speech.named,
        place=lambda row: map_files.point(row.lat, row.lon),
        states=kinds,
        source=Held(
            roster.active_agencies(session), state=lambda row: row.kind, also=lambda row: reader.agencies[row.id]
        ),
        columns=[
            Column("name", "resources.name", speech.named),
            Column("id", "lists.id", lambda row: row.id, on_page=False),
            Column("kind", "lists.kind", lambda row: kinds[row.kind]),
            Column("people", "lists.people", lambda row: len(people.get(row.id, ())), Kind.NUMBER),
            Column("lat", "lists.lat", lambda row: row.lat, Kind.NUMBER, decimals=4),
            Column("lon", "lists.lon", lambda row: row.lon, Kind.NUMBER, decimals=4),
        ],
    )
