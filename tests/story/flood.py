"""Many messages due at once, a clock that runs fast, and the judgement: how many were lost, how many doubled."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import col, func, select

from firewatch import migrations
from firewatch.agencies.models import Contact, ContactRole
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.incidents.intake import NewReport, report_fire
from firewatch.incidents.models import ReportChannel
from firewatch.messaging import outbox
from firewatch.messaging.channels import SMS
from firewatch.messaging.models import Message, MessageState, SubjectKind
from firewatch.messaging.texts import TEMPLATES
from firewatch.messaging.worst_case import params
from firewatch.resources.load import load
from firewatch.rulebook.read import Rulebook
from tests.fake_twilio import FakeTwilio

START = datetime(2026, 3, 1, tzinfo=UTC)
AGENCIES = 7
TEXT = "sms.roster_gap"
"""A text of a usual length."""
BEHIND_FIRES = 8
QUIET = """
remind_after_minutes = 1430
alarm_after_minutes = 1440
lease_seconds = 60
look_seconds = 30
max_failures = 50
max_age_minutes = 10080
retry_seconds = 20
receipt_after_seconds = 60
send_timeout_seconds = 15
"""


def fast_clock(speed: float) -> Callable[[], datetime]:
    """The time that every life of the service, and the provider, agree on."""
    began = time.monotonic()
    return lambda: START + timedelta(seconds=(time.monotonic() - began) * speed)


def flood_on_disk(folder: Path, rulebook: Rulebook, fires: int) -> Database:
    """A new SQLite database of the service of a folder, with fires that nobody has been told of yet."""
    db = Database(f"sqlite:///{folder / 'data' / 'firewatch.db'}")
    migrations.upgrade(db)
    flood(db, rulebook, fires)
    return db


def flood(db: Database, rulebook: Rulebook, fires: int, at: datetime = START) -> None:
    """So many fires, far from each other: each is told to seven agencies."""
    with db.write() as session:
        load(session, rulebook)
        for number in range(fires):
            lat, lon = 33.0 + 0.1 * (number % 80), 103.0 + 0.3 * (number // 80)
            report = NewReport(lat=lat, lon=lon, description="smoke", channel=ReportChannel.PHONE, agency=None)
            report_fire(session, FixedClock(at), rulebook, report, "test")


def flood_of_texts(db: Database, rulebook: Rulebook, number: int, at: datetime = START) -> None:
    """So many texts that are about no fire, each to somebody of his own: nothing is planned, nobody is chased."""
    given = {name: value for name, value in params(rulebook, "zh").items() if name in TEMPLATES[TEXT].params}
    with db.write() as session:
        load(session, rulebook)
        for index in range(number):
            person = Contact(
                id=f"reader-{index}",
                agency_id=rulebook.agencies[0].id,
                name_zh=f"读者{index}",
                name_en=f"Reader {index}",
                role=ContactRole.DEPUTY,
                phone=f"+4477009{index:05d}",  # a range that is nobody's
                active=False,
            )
            session.add(person)
            session.flush()
            new = outbox.NewMessage(SubjectKind.ALARM, 1, person, SMS, TEXT, given, priority=BEHIND_FIRES)
            outbox.put(session, at, new)


def finish(db: Database, twilio: FakeTwilio, seconds: float) -> None:
    """Wait until every message has come to its end."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with db.read() as session:
            open_rows = session.exec(
                select(func.count()).select_from(Message).where(col(Message.state) != MessageState.DELIVERED)
            ).one()
        if open_rows == 0:
            return
        time.sleep(0.2)
    raise AssertionError(f"{open_rows} messages never came to an end; the provider took {len(twilio.accepted)}")


def judge(db: Database, twilio: FakeTwilio) -> tuple[int, int]:
    """How many messages the provider never got, and how many it got more than once."""
    taken = twilio.counts()
    with db.read() as session:
        due = [(row.to, row.code or "") for row in session.exec(select(Message))]
    return sum(taken[key] == 0 for key in due), sum(taken[key] > 1 for key in due)
