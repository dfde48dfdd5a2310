"""The draft of the day: made at its hour, signed by a standing rule where that covers it, alarmed when it is late.

A bulletin is never silently late: no draft after its hour, and a draft that nobody signs, both become an alarm and a
message to whoever is on duty.
"""

from datetime import date, datetime, time, timedelta
from typing import Final

from sqlmodel import Session, select

from firewatch import i18n
from firewatch.agencies.roster import recipients
from firewatch.bulletins import gather, record, release, wording
from firewatch.bulletins.content import NO_DATA, Content, Kind, Texts
from firewatch.bulletins.models import Bulletin, BulletinState
from firewatch.bulletins.record import SYSTEM
from firewatch.clock import Clock, local_day
from firewatch.danger.season import in_season
from firewatch.errors import Conflict
from firewatch.messaging import outbox
from firewatch.messaging.alarms import raise_alarm
from firewatch.messaging.channels import SMS
from firewatch.messaging.models import Alarm, SubjectKind
from firewatch.rulebook.read import Rulebook

DAY: Final = timedelta(days=1)
LATE: Final = timedelta(minutes=15)
"""So long a draft may be lacking before it is an alarm, after its hour or after the service started, whichever came
later, for the job may be waiting for the database; and so long one that is made late may stay unsigned."""
PRIORITY: Final = 3
"""After fires and warnings."""


def asked_for(session: Session, book: Rulebook, on: date) -> bool:
    """Return whether a day has a bulletin: in season, or always where the config says so."""
    if book.bulletins.out_of_season == "make":
        return True
    return any(in_season(session, book, on, zone.id) for zone in book.zones)


def draw_up(session: Session, clock: Clock, book: Rulebook, on: date, by: str = SYSTEM) -> Bulletin:
    """Make the draft of a day from what is known now; an older draft of that day is dropped.

    The standing rule signs it where it may. Raises Conflict when the day's bulletin is out: that one is corrected.
    """
    record.turn(session)
    if record.issued(session, on) is not None:
        raise Conflict(f"the bulletin of {on} is issued: correct it instead")
    now, old = clock.now(), record.draft(session, on)
    if old is not None:
        drop(session, now, old, by, "")
    row = new_version(session, clock, book, on, Kind.ISSUE, by)
    if by == SYSTEM and _standing_rule_covers(book, row):
        name = f"{book.bulletins.standing_rule_zh} / {book.bulletins.standing_rule_en}"
        release.sign(session, clock, book, record.number_of(row), SYSTEM, name, by_rule=True)
    return row


def new_version(session: Session, clock: Clock, book: Rulebook, on: date, kind: Kind, by: str) -> Bulletin:
    """Return a new draft of a day with the facts as they are known now."""
    now = clock.now()
    facts = gather.content(session, now, book, on)
    texts = {lang: wording.texts(facts, lang, book.alliance.tz).model_dump(mode="json") for lang in i18n.LANGUAGES}
    row = Bulletin(
        on=on,
        kind=kind,
        content=facts.model_dump(mode="json"),
        drafted=texts,
        texts=texts,
        drafted_by=by,
        drafted_at=now,
        # A draft that is made late, after an outage or a correction in the night, leaves an officer time to read it.
        alarm_at=max(_local(book, on, book.bulletins.sign_by), now + LATE),
    )
    session.add(row)
    session.flush()
    record.enter(session, now, row, "drafted", by)
    return row


def drop(session: Session, now: datetime, row: Bulletin, by: str, reason: str) -> None:
    """Put a draft aside: newer figures took its place, or an officer gave a reason."""
    row.reason = reason
    record.move(session, now, row, BulletinState.DROPPED)
    record.enter(session, now, row, "dropped" if reason else "redrawn", by, note=reason)


def late(session: Session, clock: Clock, book: Rulebook, started: datetime) -> list[Bulletin | date]:
    """Return what is overdue and not yet alarmed: drafts unsigned past their hour, and days that have no draft.

    `started` is when the service began to run: what it missed before is caught up before anybody is called.
    """
    now = clock.now()
    found: list[Bulletin | date] = [row for row in record.drafts(session) if row.alarm_at <= now and not row.alarmed]
    today = local_day(now, book.alliance.tz)
    if started <= now < started + LATE:
        return found
    return found + [on for on in (today - DAY, today) if _lacks(session, book, now, on)]


def _lacks(session: Session, book: Rulebook, now: datetime, on: date) -> bool:
    """Return whether a day ought to have a draft by now and has none; yesterday only in a series that had begun."""
    hour = _local(book, on, book.bulletins.make_at) + LATE
    if now < hour or record.versions(session, on) or not asked_for(session, book, on) or _known(session, on):
        return False
    return on == local_day(now, book.alliance.tz) or record.begun(session, on)


def _known(session: Session, on: date) -> bool:
    """Return whether a day's alarm was raised already, be it closed since: it is not raised again at every tick."""
    return session.exec(select(Alarm.id).where(Alarm.key == record.alarm_key(on)).limit(1)).first() is not None


def alarm(session: Session, clock: Clock, book: Rulebook, started: datetime) -> int:
    """Alarm whoever is on duty of what is overdue, once each; return how many."""
    now, overdue = clock.now(), late(session, clock, book, started)
    count = 0
    for each in overdue:
        on = each if isinstance(each, date) else each.on
        given = {"on": on.isoformat()}
        if isinstance(each, Bulletin):
            raised = raise_alarm(session, now, "bulletin_unsigned", record.alarm_key(on), given)
            each.alarmed = True
            record.enter(session, now, each, "alarmed", SYSTEM)
        else:
            raised = raise_alarm(session, now, "bulletin_missing", record.alarm_key(on), given)
        count += 1
        _tell_duty(session, now, book, raised.id or 0, on)
    return count


def _tell_duty(session: Session, now: datetime, book: Rulebook, alarm_id: int, on: date) -> None:
    to = recipients(session, now, book.alliance.tz)[book.alliance.duty_agency].contact
    outbox.put(
        session,
        now,
        outbox.NewMessage(
            subject_kind=SubjectKind.ALARM,
            subject_id=alarm_id,
            contact=to,
            channel=SMS,
            template="sms.bulletin_late",
            params={"place": wording.day_name(on, to.lang)},
            priority=PRIORITY,
        ),
    )


def _standing_rule_covers(book: Rulebook, row: Bulletin) -> bool:
    """Return whether the rule may sign: every zone has a grade, and none is above what it was given."""
    if book.bulletins.sign != "standing":
        return False
    grades = [zone.grade for zone in Content.model_validate(row.content).zones]
    return all(NO_DATA < grade <= book.bulletins.standing_up_to_grade for grade in grades)


def _local(book: Rulebook, on: date, minute: int) -> datetime:
    return datetime.combine(on, time(), book.alliance.tz) + timedelta(minutes=minute)


def texts_of(stored: dict[str, dict[str, object]]) -> dict[str, Texts]:
    """Return the texts of a version by language."""
    return {lang: Texts.model_validate(each) for lang, each in stored.items()}
