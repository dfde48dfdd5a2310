"""What stands on the night sheet: everything needed to go on by paper and telephone, in one language, ready for JSON.

The one document on which telephone numbers stand whole: it is for the hours in which nothing else can show them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, col, select

from firewatch.access.models import User
from firewatch.agencies.duty import Roster
from firewatch.agencies.gaps import stretches
from firewatch.agencies.models import Contact, ContactRole
from firewatch.agencies.roster import active_agencies, rosters
from firewatch.clock import local_day
from firewatch.danger.assess import grades_on
from firewatch.dispatch.models import Order, OrderState
from firewatch.geo import to_dms
from firewatch.handover import turns
from firewatch.incidents.models import AgencyNotice, FireReport, Incident
from firewatch.incidents.progress import open_incidents
from firewatch.messaging.alarms import open_alarms
from firewatch.messaging.channels import SMS
from firewatch.messaging.models import Message, SubjectKind
from firewatch.resources import pool
from firewatch.resources.models import Crew
from firewatch.rulebook.read import Rulebook
from firewatch.warnings.record import in_force, is_over
from firewatch.web.console.fires import load_fires
from firewatch.web.console.speech import Names, Speech, load_names
from firewatch.web.console.told import told

AHEAD: Final = timedelta(hours=24)
"""Of the rosters."""
STEPS: Final = ("report", "call", "attack", "send", "record")
"""How a night without the machine is worked, in order."""
ROLES: Final = (ContactRole.LIAISON, ContactRole.DEPUTY, ContactRole.HEAD)
EMPTY: Final = Roster((), (), ())


def build(
    session: Session, book: Rulebook, lang: str, now: datetime, trust_until: datetime, notices: Sequence[str] = ()
) -> dict[str, Any]:
    """Read the state of everything; `notices` are catalogue keys of what has to be said before all else."""
    speech = Speech(lang, book.alliance.tz, now)
    names = load_names(session, book, speech)
    local = now.astimezone(book.alliance.tz)
    return {
        "lang": lang,
        "region": "cn" if lang == "zh" else "gb",
        "date": [local.year, local.month, local.day],
        "made_at": now.isoformat(),
        "title": speech.t("night.title"),
        "alliance": speech.named(book.alliance),
        "made": speech.t("night.made", time=speech.full(now)),
        "trust": speech.t("night.trust", time=speech.clock(trust_until)),
        "notices": [speech.t(key) for key in notices],
        "secret": speech.t("night.secret"),
        "on_duty": _on_duty(session, speech),
        "procedure_title": speech.t("night.procedure"),
        "procedure": [speech.word("night.step", step) for step in STEPS],
        "phones": _phones(session, speech, now),
        "fires": _fires(session, speech, names),
        "resources": _resources(session, speech, names),
        "danger": _danger(session, book, speech, names),
        "alarms": {
            "title": speech.t("night.alarms"),
            "none": speech.t("situation.no_alarms"),
            "rows": [
                f"{speech.clock(alarm.raised_at)} {told(speech, names, 'alarm', alarm.kind, alarm.params)}"
                for alarm in open_alarms(session)
            ],
        },
    }


def _on_duty(session: Session, speech: Speech) -> str:
    turn = turns.current(session)
    if turn is None:
        return speech.t("bar.nobody_on_duty")
    officer = session.exec(select(User).where(User.username == turn.officer)).first()
    name = officer.display_name if officer else turn.officer
    return speech.t("bar.on_duty", name=name, time=speech.clock(turn.taken_at))


# Telephone numbers


def _phones(session: Session, speech: Speech, now: datetime) -> dict[str, Any]:
    known = rosters(session, now, now + AHEAD)
    return {
        "title": speech.t("night.phones"),
        "note": speech.t("night.phones_note"),
        "head": [speech.word("night", name) for name in ("person", "phone", "duty")],
        "agencies": [
            {"name": speech.named(agency), **_agency(speech, known.get(agency.id, EMPTY), now)}
            for agency in active_agencies(session)
        ],
    }


def _agency(speech: Speech, roster: Roster, now: datetime) -> dict[str, Any]:
    parts = stretches(roster, now, now + AHEAD, speech.zone)
    gaps = _joined((part.from_at, part.to_at) for part in parts if part.is_gap)
    people = sorted(roster.people, key=lambda person: (ROLES.index(person.role), person.id))
    return {
        "gaps": speech.t("night.nobody", spans=_said(speech, gaps, now)) if gaps else "",
        "people": [
            _person(speech, person, _joined((p.from_at, p.to_at) for p in parts if person.id in p.on_duty), now)
            for person in people
        ],
    }


def _person(
    speech: Speech, person: Contact, spans: Sequence[tuple[datetime, datetime]], now: datetime
) -> dict[str, Any]:
    last = person.role is ContactRole.HEAD and not spans
    return {
        "name": speech.named(person),
        "role": speech.word("contact_role", person.role),
        "phone": person.phone,
        "now": any(begin <= now < end for begin, end in spans),
        "duty": speech.t("night.last_step") if last else _said(speech, spans, now) or speech.t("night.off_duty"),
    }


def _joined(spans: Iterator[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return spans in order, those that touch each other as one."""
    found: list[tuple[datetime, datetime]] = []
    for begin, end in spans:
        start = found.pop()[0] if found and found[-1][1] == begin else begin
        found.append((start, end))
    return found


def _said(speech: Speech, spans: Sequence[tuple[datetime, datetime]], now: datetime) -> str:
    if list(spans) == [(now, now + AHEAD)]:
        return speech.t("night.round_the_clock")
    return speech.t("sms.comma").join(f"{speech.clock(begin)} – {speech.clock(end)}" for begin, end in spans)


# Fires and who is under way


def _fires(session: Session, speech: Speech, names: Names) -> dict[str, Any]:
    fires = open_incidents(session)
    known = load_fires(session, fires)
    codes = _codes(session, [order.id or 0 for going in known.going.values() for order in going])
    reports = _first_reports(session, [fire.id or 0 for fire in fires])
    return {
        "title": speech.t("night.fires", count=len(fires)),
        "none": speech.t("situation.no_fires"),
        "head": [speech.word("night", name) for name in ("vehicle", "stops", "people", "state", "eta", "code")],
        "nobody": speech.t("situation.nobody_yet"),
        "items": [
            {
                **_fire(speech, names, fire, reports.get(fire.id or 0, "")),
                "waiting": _waiting(speech, names, known.notices.get(fire.id or 0, ())),
                "orders": [_order(speech, names, order, codes) for order in known.going.get(fire.id or 0, ())],
            }
            for fire in fires
        ],
    }


def _fire(speech: Speech, names: Names, fire: Incident, said: str) -> dict[str, Any]:
    place = names.zone_list(fire.zone_ids) if fire.zone_id else speech.t("incident.outside")
    state = speech.word("incident_state", fire.state)
    return {
        "name": speech.t("point.fire", number=fire.id, place=place, state=state),
        "facts": speech.t(
            "night.fire_facts",
            time=speech.clock(fire.opened_at),
            fire_class=speech.word("fire_class", fire.fire_class),
            organiser=names.agency(fire.organiser_agency_id),
        ),
        "where": f"{fire.lat:.5f}, {fire.lon:.5f}   {to_dms(fire.lat, fire.lon)}   WGS 84",
        "said": said,
    }


def _waiting(speech: Speech, names: Names, notices: Sequence[AgencyNotice]) -> str:
    waiting = [names.agency(each.agency_id) for each in notices if each.acknowledged_at is None]
    if not waiting:
        return speech.t("night.all_know")
    listed = speech.t("sms.comma").join(waiting)
    return speech.t("night.not_acknowledged", agencies=listed)


def _order(speech: Speech, names: Names, order: Order, codes: Mapping[int, Sequence[str]]) -> list[str]:
    return [
        names.resource(order.vehicle_id),
        " → ".join(names.resource(each) for each in order.stops) or speech.t("orders.direct"),
        str(order.people),
        speech.word("order_state", order.state),
        "–" if order.state is OrderState.ON_SCENE else speech.clock(order.eta_at),
        " ".join(codes.get(order.id or 0, ())) or "–",
    ]


def _codes(session: Session, orders: Sequence[int]) -> dict[int, list[str]]:
    """Return the codes by which each order is answered: of everybody who was told of it, that of the newest text."""
    texts = select(Message).where(
        Message.subject_kind == SubjectKind.ORDER, Message.channel == SMS, col(Message.subject_id).in_(orders)
    )
    newest: dict[int, dict[str, str]] = {}
    for each in session.exec(texts.order_by(col(Message.id))):
        if each.code and each.contact_id:
            newest.setdefault(each.subject_id, {})[each.contact_id] = each.code
    return {order: sorted(by_person.values()) for order, by_person in newest.items()}


def _first_reports(session: Session, fires: Sequence[int]) -> dict[int, str]:
    reports = select(FireReport).where(col(FireReport.incident_id).in_(fires)).order_by(col(FireReport.id).desc())
    return {each.incident_id: each.description for each in session.exec(reports)}


# The rest


def _resources(session: Session, speech: Speech, names: Names) -> dict[str, Any]:
    """Return every crew and vehicle by agency and state."""
    rows: dict[tuple[str, str], list[str]] = {}
    for crew in pool.crews(session):
        rows.setdefault((crew.agency_id, crew.status), []).append(_crew(speech, crew))
    for vehicle in pool.vehicles(session):
        rows.setdefault((vehicle.agency_id, vehicle.status), []).append(speech.named(vehicle))
    comma = speech.t("sms.comma")
    return {
        "title": speech.t("night.resources"),
        "note": speech.t("night.resources_note"),
        "head": [speech.word("night", name) for name in ("agency", "state", "who")],
        "rows": [
            [names.agency(agency), speech.word("resource_status", state), comma.join(listed)]
            for (agency, state), listed in sorted(rows.items())
        ],
    }


def _crew(speech: Speech, crew: Crew) -> str:
    key = "night.crew" if crew.may_attack else "night.support_only"
    return speech.t(key, name=speech.named(crew), people=crew.people)


def _danger(session: Session, book: Rulebook, speech: Speech, names: Names) -> dict[str, Any]:
    today = local_day(speech.now, book.alliance.tz)
    scheme, grades, warned = book.danger.scheme, grades_on(session, today, book.danger.scheme), in_force(session)
    rows = []
    for zone in book.zones:
        grade, warning = grades.get(zone.id), warned.get(zone.id)
        number = f"{grade.grade} " if grade and grade.grade else ""
        said = speech.word("signal", warning.signal) if warning and warning.signal else "–"
        over = f" {speech.t('warnings.over')}" if warning and is_over(warning, speech.now) else ""
        rows.append([names.zone(zone.id), number + speech.zone_grade(scheme, grade), said + over])
    return {
        "title": speech.t("night.danger", day=today, scheme=speech.word("scheme.short", scheme)),
        "note": "",
        "head": [speech.word("night", name) for name in ("zone", "grade", "warning")],
        "rows": rows,
    }
