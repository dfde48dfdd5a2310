"""A gap in an agency's duty roster is told before it comes: once a day to its head and liaison, and as an alarm."""

from datetime import datetime
from typing import Final

from sqlmodel import Session

from firewatch import i18n
from firewatch.agencies.gaps import AHEAD, gaps
from firewatch.agencies.models import Agency, Contact, ContactRole
from firewatch.agencies.roster import active_agencies, rosters, with_role
from firewatch.clock import Clock, local_day
from firewatch.messaging import outbox
from firewatch.messaging.alarms import close_key, open_alarms, raise_alarm
from firewatch.messaging.channels import SMS
from firewatch.messaging.models import Alarm, SubjectKind
from firewatch.rulebook.read import Rulebook

PRIORITY: Final = 8
"""Behind everything that is about a fire."""
KIND: Final = "roster_gap"
SYSTEM: Final = "system"
TIME: Final = {"zh": "M月d日HH:mm", "en": "d MMM HH:mm"}

Gap = tuple[datetime, datetime]


def ahead(session: Session, clock: Clock, book: Rulebook) -> dict[str, list[Gap]]:
    """Return the gaps of the next seven days of every active agency that has any."""
    now, found = clock.now(), {}
    known = rosters(session, now, now + AHEAD)
    for agency in active_agencies(session):
        if agency.id in known and (listed := gaps(known[agency.id], now, now + AHEAD, book.alliance.tz)):
            found[agency.id] = listed
    return found


def tell(session: Session, clock: Clock, book: Rulebook, *, texts: bool = True) -> int:
    """Raise an alarm for every agency with gaps, and text those who can fill them, once a day; return how many."""
    found, now = ahead(session, clock, book), clock.now()
    for agency_id, listed in found.items():
        key = f"{KIND}:{agency_id}"
        alarm = raise_alarm(session, now, "roster_gap", key, {"agency": agency_id}, agency_id=agency_id)
        for person in with_role(session, agency_id, [ContactRole.LIAISON, ContactRole.HEAD]) if texts else []:
            if person.reachable:
                _text(session, now, book, alarm, person, listed)
    return len(found)


def filled(session: Session, clock: Clock, book: Rulebook) -> list[str]:
    """Return the keys of the alarms of agencies that have no gap any more."""
    mine = [alarm.key for alarm in open_alarms(session) if alarm.kind == KIND]
    still = {f"{KIND}:{agency_id}" for agency_id in ahead(session, clock, book)} if mine else set()
    return [key for key in mine if key not in still]


def close(session: Session, clock: Clock, keys: list[str]) -> int:
    """Close the alarms of filled gaps; return how many were still open."""
    return sum(close_key(session, clock.now(), key, SYSTEM) for key in keys)


def _text(session: Session, now: datetime, book: Rulebook, alarm: Alarm, person: Contact, listed: list[Gap]) -> None:
    agency, lang, zone = session.get_one(Agency, person.agency_id), person.lang, book.alliance.tz
    params = {
        "place": agency.name_zh if lang == "zh" else agency.name_en,
        "count": str(len(listed)),
        "time": i18n.local_time(listed[0][0], lang, zone, TIME[lang]),
        "until": i18n.local_time(listed[0][1], lang, zone, TIME[lang]),
    }
    new = outbox.NewMessage(
        SubjectKind.ALARM,
        alarm.id or 0,
        person,
        SMS,
        "sms.roster_gap",
        params,
        revision=local_day(now, zone).toordinal(),  # one a day
        priority=PRIORITY,
    )
    outbox.put(session, now, new)
