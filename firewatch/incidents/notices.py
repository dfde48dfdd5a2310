"""Every agency is told of every fire, and asked again until it acknowledges.

One agency's answer never silences another's.
The timer of an agency's escalation is its notice's `next_step_at`; a job looks for those that have passed. The steps
(`Messages.ladder`): the message to whom the roster names, then again, and to the deputy if he is on duty, then a call
where the config wants one, then to those off duty and the agency's head, with an alarm on the duty officer's screen.
A step none of whose messages gets through is over at once. It ends with a person alarmed, never in silence, and nobody
off duty is paged before that.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from firewatch import i18n
from firewatch.agencies.models import Agency, Contact, ContactRole
from firewatch.agencies.roster import deputies, recipients, with_role
from firewatch.clock import Clock
from firewatch.errors import NotFound
from firewatch.incidents import lifecycle, places
from firewatch.incidents.models import AgencyNotice, Incident
from firewatch.incidents.progress import number_of
from firewatch.incidents.timeline import SYSTEM, record
from firewatch.incidents.withdrawal import REVISION, withdraw
from firewatch.messaging import escalation, outbox
from firewatch.messaging.alarms import close_key, raise_alarm
from firewatch.messaging.channels import SMS, VOICE
from firewatch.messaging.escalation import PUT_OFF, after
from firewatch.messaging.models import Message, SubjectKind
from firewatch.messaging.texts import TEMPLATES
from firewatch.rulebook.alliance import Zone
from firewatch.rulebook.messages import Messages, Step
from firewatch.rulebook.read import Rulebook

REMINDER_PRIORITY = 3
_PRIORITY: Final = {"sms.report": 1, "sms.false_alarm": 2}


def tell_everyone(session: Session, clock: Clock, book: Rulebook, incident: Incident) -> None:
    """Write one message for every agency, with the timer of its escalation.

    Those in whose zones the fire burns come first, the reserve's before the county's.
    """
    now, number = clock.now(), number_of(incident)
    told = recipients(session, now, book.alliance.tz)
    at_home = [zone.agency for zone in _zones(book, incident)]
    for agency_id in sorted(told, key=lambda agency: at_home.index(agency) if agency in at_home else len(at_home)):
        recipient = told[agency_id]
        session.add(
            AgencyNotice(
                incident_id=number,
                agency_id=agency_id,
                notified_at=now,
                next_step_at=after(now, book.messages.wait_after(1)),
            )
        )
        send(session, now, book, incident, recipient.contact, "sms.report", step=1)
        if not recipient.on_duty:
            raise_alarm(session, now, "roster_hole", f"roster:{agency_id}", {"agency": agency_id}, agency_id=agency_id)
    record(session, number, now, "agencies_told", SYSTEM, count=str(len(told)))


def notices(session: Session, incident_id: int) -> list[AgencyNotice]:
    """Return who was told of an incident and who acknowledged, by agency."""
    query = select(AgencyNotice).where(AgencyNotice.incident_id == incident_id).order_by(col(AgencyNotice.agency_id))
    return list(session.exec(query))


def acknowledge(session: Session, clock: Clock, incident_id: int, agency_id: str, by: str) -> AgencyNotice:
    """Put on record that an agency knows. Again changes nothing. Raises NotFound."""
    query = select(AgencyNotice).where(AgencyNotice.incident_id == incident_id, AgencyNotice.agency_id == agency_id)
    notice = session.exec(query.with_for_update()).first()
    if notice is None:
        raise NotFound(f"agency {agency_id} was not told of an incident {incident_id}")
    if notice.acknowledged_at is None:
        notice.acknowledged_at, notice.acknowledged_by, notice.next_step_at = clock.now(), by, None
        record(session, incident_id, clock.now(), "acknowledged", by, agency=agency_id)
        outbox.take_back_calls(
            session, clock.now(), subject_kind=SubjectKind.INCIDENT, subject_id=incident_id, agency_id=agency_id
        )
        for key in (_alarm_key(notice), _failed_key(notice)):
            close_key(session, clock.now(), key, by)
        session.flush()
    return notice


def call_off(session: Session, now: datetime, book: Rulebook, incident: Incident) -> int:
    """Tell everybody who was told of a fire that it was a false alarm; return how many. Others hear nothing of it."""
    told = withdraw(session, now, SubjectKind.INCIDENT, number_of(incident))
    for contact in told:
        send(session, now, book, incident, contact, "sms.false_alarm", step=1, revision=REVISION)
    return len(told)


def stop(session: Session, incident_id: int) -> None:
    """Ask no agency again: the fire is over."""
    session.execute(update(AgencyNotice).where(col(AgencyNotice.incident_id) == incident_id).values(next_step_at=None))


def due(session: Session, now: datetime, rules: Messages, limit: int = 100) -> list[int]:
    """Return the notices whose next step is to be looked at, the longest overdue first."""
    query = select(AgencyNotice.id).where(_is_due(now, rules))
    rows = session.exec(query.order_by(col(AgencyNotice.next_step_at), col(AgencyNotice.id)).limit(limit))
    return [number for number in rows if number is not None]


def is_overdue(session: Session, then: datetime) -> bool:
    """Return whether the time of a step had passed at an instant."""
    return session.exec(select(AgencyNotice.id).where(col(AgencyNotice.next_step_at) <= then)).first() is not None


def chase(session: Session, clock: Clock, book: Rulebook, notice_id: int) -> bool:
    """Take the next step with an agency; False when it is no longer due, or not yet.

    A transaction for each: what fails with one agency undoes nothing of another's.
    """
    now, rules = clock.now(), book.messages
    query = select(AgencyNotice).where(AgencyNotice.id == notice_id, _is_due(now, rules))
    notice = session.exec(query.with_for_update(skip_locked=True)).first()
    if notice is None or notice.next_step_at is None:
        return False
    told = _told(notice.incident_id, notice.agency_id, notice.step)
    later = escalation.later(session, now, rules, notice.step, notice.next_step_at, *told)
    if later is not None:
        notice.next_step_at = later
    else:
        close_key(session, now, _failed_key(notice), SYSTEM)
        _next_step(session, now, book, notice)
    session.flush()
    return later is None


def _is_due(now: datetime, rules: Messages) -> ColumnElement[bool]:
    told = _told(col(AgencyNotice.incident_id), col(AgencyNotice.agency_id), col(AgencyNotice.step))
    return escalation.is_due(now, rules, AgencyNotice.next_step_at, *told)


def _told(incident: object, agency: object, step: object) -> list[ColumnElement[bool]]:
    """Return the condition of an agency's messages of one step."""
    return [
        col(Message.subject_kind) == SubjectKind.INCIDENT,
        col(Message.subject_id) == incident,
        col(Message.agency_id) == agency,
        col(Message.step) == step,
    ]


def put_off(session: Session, clock: Clock, notice_id: int) -> None:
    """Try an agency's step, which has failed, again in a few minutes, and tell the duty officer."""
    now, notice = clock.now(), session.get_one(AgencyNotice, notice_id)
    notice.next_step_at = now + PUT_OFF
    params = {"agency": notice.agency_id, "incident": str(notice.incident_id)}
    raise_alarm(session, now, "notice_chase_failed", _failed_key(notice), params, notice.incident_id, notice.agency_id)
    session.flush()


def _next_step(session: Session, now: datetime, book: Rulebook, notice: AgencyNotice) -> None:
    incident = session.get_one(Incident, notice.incident_id)
    if incident.state in lifecycle.ENDED or not session.get_one(Agency, notice.agency_id).active:
        notice.next_step_at = None
        return
    notice.step += 1
    take = {Step.REMIND: _remind, Step.CALL: _call}.get(book.messages.step(notice.step), _last_step)
    take(session, now, book, incident, notice)
    notice.next_step_at = after(now, book.messages.wait_after(notice.step))


def _remind(session: Session, now: datetime, book: Rulebook, incident: Incident, notice: AgencyNotice) -> None:
    on_duty = recipients(session, now, book.alliance.tz)[notice.agency_id].contact
    send(session, now, book, incident, on_duty, "sms.reminder", step=notice.step)
    for deputy in deputies(session, notice.agency_id, now, book.alliance.tz, on_duty=True):
        if deputy.id != on_duty.id:
            send(session, now, book, incident, deputy, "sms.deputy", step=notice.step)
    record(session, notice.incident_id, now, "reminded", SYSTEM, agency=notice.agency_id)


def _call(session: Session, now: datetime, book: Rulebook, incident: Incident, notice: AgencyNotice) -> None:
    on_duty = recipients(session, now, book.alliance.tz)[notice.agency_id].contact
    send(session, now, book, incident, on_duty, "voice.report", step=notice.step, channel=VOICE)
    record(session, notice.incident_id, now, "telephoned", SYSTEM, agency=notice.agency_id)


def _last_step(session: Session, now: datetime, book: Rulebook, incident: Incident, notice: AgencyNotice) -> None:
    for deputy in deputies(session, notice.agency_id, now, book.alliance.tz, on_duty=False):
        send(session, now, book, incident, deputy, "sms.deputy", step=notice.step)
    for head in with_role(session, notice.agency_id, [ContactRole.HEAD]):
        send(session, now, book, incident, head, "sms.head", step=notice.step)
    params = {"agency": notice.agency_id, "incident": str(notice.incident_id)}
    raise_alarm(session, now, "unacknowledged", _alarm_key(notice), params, notice.incident_id, notice.agency_id)
    record(session, notice.incident_id, now, "escalated", SYSTEM, agency=notice.agency_id)


def _alarm_key(notice: AgencyNotice) -> str:
    return f"unacknowledged:{notice.incident_id}:{notice.agency_id}"


def _failed_key(notice: AgencyNotice) -> str:
    return f"notice_chase_failed:{notice.incident_id}:{notice.agency_id}"


def send(
    session: Session,
    now: datetime,
    book: Rulebook,
    incident: Incident,
    contact: Contact,
    template: str,
    *,
    step: int,
    revision: int = 1,
    channel: str = SMS,
) -> None:
    """Put a text about a fire to one person into the outbox; `step` tells it from others of the same kind to him."""
    needed = TEMPLATES[template].params
    given = place_params(session, book, incident, contact.lang)
    outbox.put(
        session,
        now,
        outbox.NewMessage(
            subject_kind=SubjectKind.INCIDENT,
            subject_id=number_of(incident),
            contact=contact,
            channel=channel,
            template=template,
            params={name: given[name] for name in needed},
            incident_id=incident.id,
            revision=revision,
            step=step,
            priority=_PRIORITY.get(template, REMINDER_PRIORITY),
        ),
    )


def place_params(session: Session, book: Rulebook, incident: Incident, lang: str) -> dict[str, str]:
    """Return what texts say of an incident, in a language."""
    organiser = session.get_one(Agency, incident.organiser_agency_id)
    grade = incident.danger_grade
    return {
        "place": _place(book, incident, lang),
        "lat": f"{incident.lat:.4f}",
        "lon": f"{incident.lon:.4f}",
        "time": i18n.local_time(incident.opened_at, lang, book.alliance.tz, "HH:mm"),
        "grade": i18n.text(lang, "sms.no_data") if grade is None else str(grade),
        "organiser": getattr(organiser, f"name_{lang}"),
    }


def _place(book: Rulebook, incident: Incident, lang: str) -> str:
    """Return where a fire burns: all zones of an overlap, and behind them how far from the nearest known place.

    That is left out of a text that grows too long for its segments; then the zones are cut, the last first.
    """
    zones = i18n.text(lang, "sms.comma").join(getattr(zone, f"name_{lang}") for zone in _zones(book, incident))
    near = places.nearest(book.places, incident.lat, incident.lon)
    from_place = i18n.text(lang, "place.stop") + places.in_words(near, lang) if near else ""
    return (zones or i18n.text(lang, "sms.outside_region")) + from_place


def _zones(book: Rulebook, incident: Incident) -> list[Zone]:
    """Return the zones a fire burns in that the rulebook still knows, reserves first."""
    return [zone for zone_id in incident.zone_ids if (zone := book.zone(zone_id)) is not None]
