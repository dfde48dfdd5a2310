"""Whom a ticket asks, and the text of it: the liaison on duty of every agency whose zone it lies in."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from firewatch import i18n
from firewatch.agencies.models import Contact, ContactRole
from firewatch.agencies.roster import recipients, with_role
from firewatch.hotspots.models import HotspotTicket
from firewatch.hotspots.tickets import number_of
from firewatch.incidents.matching import zones_at
from firewatch.messaging import outbox
from firewatch.messaging.alarms import raise_alarm
from firewatch.messaging.channels import SMS
from firewatch.messaging.models import SubjectKind
from firewatch.messaging.texts import TEMPLATES
from firewatch.rulebook.read import Rulebook

PRIORITY: Final = 2
"""After a report of a fire: it may be one."""


def zones_of(book: Rulebook, places: Iterable[tuple[float, float]]) -> list[str]:
    """Return the zones some places lie in, reserves first; none when all lie around the zones."""
    touched = {zone.id for lat, lon in places for zone in zones_at(lat, lon, book.zones)}
    zones = [zone for zone in book.zones if zone.id in touched]
    return [zone.id for zone in sorted(zones, key=lambda zone: zone.kind != "reserve")]


def agencies_of(book: Rulebook, zone_ids: Sequence[str]) -> list[str]:
    """Return the agencies in charge of some zones, in their order; outside all zones the duty agency."""
    found = [zone.agency for zone_id in zone_ids if (zone := book.zone(zone_id)) is not None]
    return list(dict.fromkeys(found)) or [book.alliance.duty_agency]


def ask(session: Session, now: datetime, book: Rulebook, ticket: HotspotTicket, agencies: Iterable[str]) -> None:
    """Ask some agencies to look."""
    told = recipients(session, now, book.alliance.tz)
    for agency_id in agencies:
        recipient = told[agency_id]
        _send(session, now, book, ticket, recipient.contact, "sms.hotspot", step=1)
        if not recipient.on_duty:
            raise_alarm(session, now, "roster_hole", f"roster:{agency_id}", {"agency": agency_id}, agency_id=agency_id)


def again(session: Session, now: datetime, book: Rulebook, ticket: HotspotTicket, template: str) -> None:
    """Ask the same agencies once more; past the deadline their deputies too."""
    told = recipients(session, now, book.alliance.tz)
    for agency_id in ticket.asked:
        people = [told[agency_id].contact] if agency_id in told else []
        if template == "sms.hotspot_late":
            people += with_role(session, agency_id, [ContactRole.DEPUTY])
        for person in {person.id: person for person in people}.values():
            _send(session, now, book, ticket, person, template, step=ticket.step)


def _send(
    session: Session, now: datetime, book: Rulebook, ticket: HotspotTicket, to: Contact, template: str, *, step: int
) -> None:
    given = params(book, ticket, to.lang)
    outbox.put(
        session,
        now,
        outbox.NewMessage(
            subject_kind=SubjectKind.HOTSPOT,
            subject_id=number_of(ticket),
            contact=to,
            channel=SMS,
            template=template,
            params={name: given[name] for name in TEMPLATES[template].params},
            step=step,
            priority=PRIORITY,
        ),
    )


def params(book: Rulebook, ticket: HotspotTicket, lang: str) -> dict[str, str]:
    """Return what texts say of a ticket, in a language."""
    zones = [zone for zone_id in ticket.zone_ids if (zone := book.zone(zone_id)) is not None]
    names = i18n.text(lang, "sms.comma").join(getattr(zone, f"name_{lang}") for zone in zones)
    return {
        "place": names or i18n.text(lang, "sms.around_region"),
        "lat": f"{ticket.lat:.4f}",
        "lon": f"{ticket.lon:.4f}",
        "time": _when(book, ticket.last_seen_at, lang),
        "count": str(ticket.detections),
        "until": _when(book, ticket.deadline_at, lang),
    }


def _when(book: Rulebook, at: datetime, lang: str) -> str:
    """Return an instant with its day: an overpass may be of last night."""
    return i18n.local_time(at, lang, book.alliance.tz, "M月d日HH:mm" if lang == "zh" else "d MMM HH:mm")


def deadline(now: datetime, book: Rulebook) -> datetime:
    """Return until when an answer to a question of now is expected."""
    return now + timedelta(minutes=book.hotspots.deadline_minutes)
