"""Every agency is told of warnings that are new or worse: one message each for all that were issued together.

Of what is lowered, prolonged or lifted nobody is woken: the console shows it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from firewatch import i18n
from firewatch.agencies.roster import recipients
from firewatch.clock import Clock
from firewatch.messaging import outbox
from firewatch.messaging.alarms import raise_alarm
from firewatch.messaging.channels import SMS
from firewatch.messaging.models import SubjectKind
from firewatch.rulebook.read import Rulebook
from firewatch.warnings import texts
from firewatch.warnings.models import ZoneWarning
from firewatch.warnings.record import number_of

PRIORITY = 2
"""After a report of a fire, before what may wait."""


def everyone(session: Session, clock: Clock, book: Rulebook, rows: Sequence[ZoneWarning]) -> None:
    """Write one message for every agency about versions just issued; no version, no message."""
    if not rows:
        return
    now = clock.now()
    for agency_id, recipient in recipients(session, now, book.alliance.tz).items():
        lang = recipient.contact.lang
        lead = outbox.lead(session, texts.TEMPLATE, lang)
        outbox.put(
            session,
            now,
            outbox.NewMessage(
                subject_kind=SubjectKind.WARNING,
                subject_id=min(number_of(row) for row in rows),
                contact=recipient.contact,
                channel=SMS,
                template=texts.TEMPLATE,
                params=message_params(book, lang, rows, now, lead),
                priority=PRIORITY,
            ),
        )
        if not recipient.on_duty:
            raise_alarm(session, now, "roster_hole", f"roster:{agency_id}", {"agency": agency_id}, agency_id=agency_id)


def message_params(
    book: Rulebook, lang: str, rows: Sequence[ZoneWarning], now: datetime, lead: str = ""
) -> dict[str, str]:
    """Return what the text says of some versions, in a language; those not yet issued as if they were now."""
    names = {zone.id: getattr(zone, f"name_{lang}") for zone in book.zones}
    told = [
        texts.Told(names.get(row.zone_id, row.zone_id), row.signal, row.action, row.remark)
        for row in rows
        if row.signal
    ]
    until = max(
        (row.valid_to for row in rows if row.valid_to), default=now + timedelta(hours=book.warnings.valid_hours)
    )
    pattern = "M月d日HH:mm" if lang == "zh" else "d MMM HH:mm"
    times = {
        "time": i18n.local_time(now, lang, book.alliance.tz, pattern),
        "until": i18n.local_time(until, lang, book.alliance.tz, pattern),
    }
    return texts.params(lang, told, times, lead)
