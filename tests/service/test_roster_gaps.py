"""A gap in the duty roster of the next seven days is told daily, as text and as alarm, until it is filled."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, delete

from firewatch.agencies.models import Contact, DatedShift, DutyShift
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.jobs import roster
from firewatch.jobs.desk import Desk
from firewatch.messaging.alarms import open_alarms
from firewatch.messaging.channels import SMS
from firewatch.messaging.line import open_line
from firewatch.messaging.models import Message
from firewatch.rulebook.read import Rulebook
from tests.build import prepare, rows, set_rows
from tests.service.messages import MemoryChannel

NINE = datetime(2026, 4, 8, 1, tzinfo=UTC)  # in the morning in Linxia
DAY = timedelta(days=1)


@dataclass
class World:
    desk: Desk
    clock: FixedClock

    def look(self, at: datetime) -> str:
        return roster.look(self.desk, at)["count"]

    def told(self) -> list[tuple[str, str]]:
        return [(row.contact_id, row.body) for row in rows(self.desk.db, Message)]

    def alarms(self) -> list[tuple[str, str | None]]:
        with self.desk.db.read() as session:
            return [(alarm.kind, alarm.agency_id) for alarm in open_alarms(session)]

    def shift(self, start: datetime, end: datetime) -> None:
        with self.desk.db.write() as session:
            session.add(DatedShift(contact_id="kangle-deputy", from_at=start, to_at=end))


@pytest.fixture
def world(db: Database, clock: FixedClock, rulebook: Rulebook) -> World:
    """Kangle has no standing hours, and a roster with six hours missing."""
    prepare(db, rulebook)
    clock.at = NINE
    with db.write() as session:
        session.exec(delete(DutyShift).where(col(DutyShift.contact_id).startswith("kangle")))
    line = open_line(db, MemoryChannel(name=SMS), clock, rulebook.messages, owner="me", workers=1)
    one = World(Desk(db, clock, rulebook, [], [line]), clock)
    one.shift(NINE - DAY, NINE + DAY)
    one.shift(NINE + DAY + timedelta(hours=6), NINE + 8 * DAY)
    return one


def test_the_head_and_the_liaison_are_told_once_a_day_until_the_gap_is_filled(world: World) -> None:
    assert world.look(NINE) == world.look(NINE) == "1"
    assert [who for who, _ in world.told()] == ["kangle-head", "kangle-liaison"]
    assert world.told()[0][1].startswith(
        "【值班空档】康乐县林长制办公室未来七天有1处无人值班，最早为4月9日09:00至4月9日15:00。"
    )
    assert world.alarms() == [("roster_gap", "kangle")]
    assert roster.filled(world.desk) == 0
    assert world.alarms() == [("roster_gap", "kangle")]

    world.clock.advance(days=1)
    assert world.look(NINE + DAY) == "1"
    assert len(world.told()) == 4
    assert world.alarms() == [("roster_gap", "kangle")]

    world.shift(NINE + DAY, NINE + DAY + timedelta(hours=6))
    world.shift(NINE + 8 * DAY, NINE + 9 * DAY)
    assert roster.filled(world.desk) == 1
    assert world.alarms() == []
    assert world.look(NINE + DAY) == "0"
    assert roster.filled(world.desk) == 0
    assert len(world.told()) == 4


def test_a_look_that_comes_late_wakes_nobody(world: World) -> None:
    world.clock.advance(hours=18)
    assert world.look(NINE) == "1"
    assert world.told() == []
    assert world.alarms() == [("roster_gap", "kangle")]


def test_who_gets_no_texts_is_not_told(world: World) -> None:
    phone = next(row.phone for row in rows(world.desk.db, Contact) if row.id == "kangle-head")
    set_rows(world.desk.db, Contact, ["kangle-head"], stopped_phone=phone)
    world.look(NINE)
    assert [who for who, _ in world.told()] == ["kangle-liaison"]
