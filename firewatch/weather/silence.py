"""The alarms of silent sources and stations: raised once in an outage, closed by themselves when it is over.

When every source is silent a graver one follows, and the duty agency is told by message: grades are about to turn into
"no data", and nobody should take that for "no danger".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from firewatch import i18n
from firewatch.agencies.roster import recipients
from firewatch.clock import Clock
from firewatch.messaging import outbox
from firewatch.messaging.alarms import close, raise_alarm
from firewatch.messaging.channels import SMS
from firewatch.messaging.models import Alarm, SubjectKind
from firewatch.rulebook.read import Rulebook
from firewatch.weather import freshness, ingest
from firewatch.weather.freshness import Source, SourceState, SourceView
from firewatch.weather.models import StationStatus

ALL = "weather:"
"""Key of the alarm that every source is silent; the others' end with the source."""
SYSTEM = "system"
PRIORITY = 3


@dataclass(frozen=True)
class Silence:
    """A fault that is there or is not. `since_at`: when it began; an alarm raised after that tells of it already."""

    kind: str
    key: str
    name: str
    there: bool
    since_at: datetime | None


def look(session: Session, clock: Clock, book: Rulebook, sources: Sequence[Source]) -> list[Silence]:
    """Return what has changed since the last look: faults to be told, and those that are over. Writes nothing."""
    now = clock.now()
    faults = _faults(session, now, book, sources)
    last = freshness.last_alarms(session, [fault.key for fault in faults])
    return [fault for fault in faults if _differs(fault, last.get(fault.key))]


def settle(session: Session, clock: Clock, book: Rulebook, sources: Sequence[Source]) -> int:
    """Bring the alarms up to date, and begin the account of stations that are new; return how much there was to do."""
    now = clock.now()
    for source in sorted({feed.id for feed in book.weather.stations().values()}):
        ingest.in_turn_of(session, source)
    new = freshness.unexpected(session, book)
    for name in new:
        feed = book.weather.stations()[name]
        session.add(StationStatus(station=name, source=feed.id, point_id=feed.stations[name], expected_since_at=now))
    session.flush()
    changed = look(session, clock, book, sources)
    last = freshness.last_alarms(session, [fault.key for fault in changed])
    for fault in changed:
        if fault.there:
            _raise(session, now, book, fault)
        else:
            close(session, now, last[fault.key].id or 0, SYSTEM)
    return len(new) + len(changed)


def _faults(session: Session, now: datetime, book: Rulebook, sources: Sequence[Source]) -> list[Silence]:
    views = freshness.overview(session, now, book, sources)
    known = [view.newest_at for view in views if view.newest_at is not None]
    faults = [_of_source(view) for view in views]
    silent = {row.station: row for row in freshness.silent_stations(session, now, book)}
    for name in book.weather.stations():
        row = silent.get(name)
        since_at = None if row is None else row.newest_valid_at or row.expected_since_at
        faults.append(Silence("station_silent", f"station:{name}", name, row is not None, since_at))
    faults.append(Silence("weather_gone", ALL, "", freshness.all_away(views), max(known, default=None)))
    return faults


def _of_source(view: SourceView) -> Silence:
    stale = view.state is SourceState.STALE
    return Silence("weather_stale", f"{ALL}{view.source.id}", view.source.id, stale, view.newest_at)


def _differs(fault: Silence, last: Alarm | None) -> bool:
    is_open = last is not None and last.closed_at is None
    if not fault.there:
        return is_open
    # Somebody has closed it and the outage goes on: he knows.
    told = last is not None and (fault.since_at is None or last.raised_at > fault.since_at)
    return not is_open and not told


def _raise(session: Session, now: datetime, book: Rulebook, fault: Silence) -> None:
    minutes = str(book.weather.stale_after_minutes)
    if fault.kind == "weather_stale":
        raise_alarm(session, now, "weather_stale", fault.key, {"source": fault.name, "minutes": minutes})
    elif fault.kind == "station_silent":
        raise_alarm(session, now, "station_silent", fault.key, {"station": fault.name, "minutes": minutes})
    else:
        _tell(session, now, book, raise_alarm(session, now, "weather_gone", fault.key, {"minutes": minutes}))


def _tell(session: Session, now: datetime, book: Rulebook, alarm: Alarm) -> None:
    """Tell the duty agency by message: whoever is on duty may not be in front of the screen."""
    recipient = recipients(session, now, book.alliance.tz).get(book.alliance.duty_agency)
    if recipient is None or alarm.id is None:
        return
    contact = recipient.contact
    place = book.alliance.name_zh if contact.lang == "zh" else book.alliance.name_en
    since = i18n.local_time(
        now, contact.lang, book.alliance.tz, "M月d日HH:mm" if contact.lang == "zh" else "d MMM HH:mm"
    )
    outbox.put(
        session,
        now,
        outbox.NewMessage(
            subject_kind=SubjectKind.ALARM,
            subject_id=alarm.id,
            contact=contact,
            channel=SMS,
            template="sms.weather_gone",
            params={"place": place, "time": since},
            priority=PRIORITY,
        ),
    )
