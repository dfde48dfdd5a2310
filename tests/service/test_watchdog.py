"""The sign of life: given to a real HTTP server while all is well, withheld when something is overdue."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlmodel import col

from firewatch.adapters.scheduler import Beat
from firewatch.adapters.watchdog import Watchdog
from firewatch.clock import FixedClock, ScaledClock
from firewatch.db import Database
from firewatch.dispatch.models import Order
from firewatch.errors import Unavailable
from firewatch.incidents.models import AgencyNotice
from firewatch.jobs import runs
from firewatch.jobs.desk import Desk
from firewatch.jobs.models import JobRun
from firewatch.jobs.schedule import Every
from firewatch.jobs.table import sweeps
from firewatch.jobs.ticker import SweepTicker
from firewatch.jobs.watchdog import VITAL, Watching, overdue
from firewatch.messaging.alarms import open_alarms
from firewatch.messaging.channels import SMS
from firewatch.messaging.line import open_line
from firewatch.messaging.models import Message, MessageState
from firewatch.rulebook.read import Rulebook
from tests.build import ordered_fire, prepare, rows, set_rows
from tests.fake_watchdog import FakeWatchdog
from tests.service.console import open_desk, said
from tests.service.messages import MemoryChannel
from tests.service.test_beat import within


@dataclass
class Guarded:
    """A service with its jobs, a watchdog outside, and a stopwatch of the test's."""

    desk: Desk
    outside: FakeWatchdog
    seconds: float = 0.0
    watching: Watching = field(init=False)

    def __post_init__(self) -> None:
        assert self.desk.watchdog is not None
        self.watching = Watching(self.desk, self.desk.watchdog, stopwatch=lambda: self.seconds)

    @property
    def clock(self) -> FixedClock:
        assert isinstance(self.desk.clock, FixedClock)
        return self.desk.clock

    def work(self, **span: float) -> None:
        """Let every sweep tick once, some time later."""
        self.clock.advance(**span)
        for sweep in sweeps(self.desk):
            if sweep.name != "watchdog":
                SweepTicker(self.desk.db, self.clock, sweep, "me").tick()

    def note_all(self) -> None:
        """Every vital sweep has just worked, whatever it found."""
        now = self.clock.now()
        with self.desk.db.write() as session:
            for name in VITAL:
                runs.note_sweep(session, now, name, Every(1).latest(now), "me", None)

    def late(self) -> list[str]:
        with self.desk.db.read() as session:
            return overdue(session, self.desk, self.clock.now() - timedelta(hours=1))

    def alarms(self) -> list[str]:
        with self.desk.db.read() as session:
            return sorted(alarm.kind for alarm in open_alarms(session) if alarm.kind.startswith("watchdog"))

    def later(self) -> int:
        self.seconds += 60
        return self.watching.run()


@pytest.fixture
def guarded(db: Database, clock: FixedClock, rulebook: Rulebook) -> Iterator[Guarded]:
    prepare(db, rulebook)
    channel = MemoryChannel(name=SMS, status_word="delivered")
    line = open_line(db, channel, clock, rulebook.messages, owner="me", workers=1)
    with FakeWatchdog() as outside:
        desk = Desk(db, clock, rulebook, [], [line], watchdog=Watchdog(outside.url))
        yield Guarded(desk, outside)
        line.sender.close()
        desk.optimiser.stop()


def test_it_is_given_every_so_many_seconds(guarded: Guarded) -> None:
    assert guarded.watching.run() == 1
    assert guarded.outside.heard == ["GET /ping/secret"]
    guarded.seconds = 59
    assert guarded.watching.run() == 0
    guarded.seconds = 60
    assert guarded.watching.run() == 1
    assert len(guarded.outside.heard) == 2
    assert guarded.alarms() == []


def test_all_is_well_while_the_sweeps_work(guarded: Guarded) -> None:
    ordered_fire(guarded.desk.db, guarded.clock, guarded.desk.book)
    guarded.work()
    while guarded.desk.lines[0].sender.send_due():
        pass
    guarded.work(minutes=4)
    assert guarded.late() == []


def test_a_text_that_is_overdue_withholds_it_until_it_is_out(guarded: Guarded) -> None:
    ordered_fire(guarded.desk.db, guarded.clock, guarded.desk.book)
    assert guarded.watching.run() == 1
    guarded.clock.advance(minutes=6)
    set_rows(guarded.desk.db, AgencyNotice, [row.id for row in rows(guarded.desk.db, AgencyNotice)], next_step_at=None)
    set_rows(guarded.desk.db, Order, [row.id for row in rows(guarded.desk.db, Order)], next_step_at=None)
    guarded.note_all()
    assert guarded.late() == ["messages"]
    assert guarded.later() == 0
    assert len(guarded.outside.heard) == 1
    assert guarded.alarms() == ["watchdog_withheld"]
    console = open_desk(guarded.desk.db, guarded.clock, guarded.desk.book).person()
    assert "told no more that all is well: texts are overdue" in said(console.page("/"))
    for row in rows(guarded.desk.db, Message):
        set_rows(guarded.desk.db, Message, [row.id], state=MessageState.DELIVERED)
    assert guarded.later() == 1
    assert guarded.alarms() == []


@pytest.mark.parametrize(
    "values",
    [
        {"state": MessageState.UNKNOWN},
        {"state": MessageState.SENDING, "owner": "gone", "attempt": 1},
    ],
)
def test_texts_nobody_looks_after_are_overdue(guarded: Guarded, values: dict[str, object]) -> None:
    ordered_fire(guarded.desk.db, guarded.clock, guarded.desk.book)
    numbers = [row.id for row in rows(guarded.desk.db, Message)]
    set_rows(guarded.desk.db, Message, numbers, state=MessageState.DELIVERED)
    set_rows(guarded.desk.db, Message, numbers[:1], lease_until=guarded.clock.now(), **values)
    guarded.clock.advance(minutes=4)
    assert "answers" not in guarded.late()
    guarded.clock.advance(minutes=1)
    assert "answers" in guarded.late()


@pytest.mark.parametrize("table", [AgencyNotice, Order])
def test_reminders_that_do_not_go_out_are_overdue(guarded: Guarded, table: type[AgencyNotice] | type[Order]) -> None:
    ordered_fire(guarded.desk.db, guarded.clock, guarded.desk.book)
    other = Order if table is AgencyNotice else AgencyNotice
    set_rows(guarded.desk.db, other, [row.id for row in rows(guarded.desk.db, other)], next_step_at=None)
    [first, *_] = rows(guarded.desk.db, table, col(table.next_step_at).is_not(None))
    guarded.clock.at = first.next_step_at + timedelta(minutes=4)
    assert "escalations" not in guarded.late()
    guarded.clock.advance(minutes=1)
    assert "escalations" in guarded.late()


@pytest.mark.parametrize("name", VITAL)
def test_a_vital_sweep_that_stands_still_withholds_it(guarded: Guarded, name: str) -> None:
    guarded.work()
    assert guarded.late() == []
    noted = [row.id for row in rows(guarded.desk.db, JobRun, col(JobRun.job) == name)]
    assert noted, "it leaves a note"
    guarded.clock.advance(minutes=6)
    for sweep in sweeps(guarded.desk):
        if sweep.name != name:
            SweepTicker(guarded.desk.db, guarded.clock, sweep, "me").tick()
    assert guarded.late() == ["sweeps"]
    with guarded.desk.db.read() as session:
        assert overdue(session, guarded.desk, guarded.clock.now()) == [], "it has just started"


def test_a_watchdog_that_does_not_answer_is_an_alarm_of_ours(guarded: Guarded) -> None:
    guarded.outside.status = 500
    assert guarded.watching.run() == 0
    assert guarded.alarms() == ["watchdog_silent"]
    assert guarded.later() == 0
    guarded.outside.status = 200
    assert guarded.later() == 1
    assert guarded.alarms() == []


def test_an_address_where_nobody_is_says_so_without_telling_the_address() -> None:
    with FakeWatchdog() as outside:
        url = outside.url
    with pytest.raises(Unavailable) as raised:
        Watchdog(url)()
    assert str(raised.value) == "ConnectError"


def test_without_an_address_there_is_no_such_sweep(guarded: Guarded) -> None:
    assert "watchdog" in [sweep.name for sweep in sweeps(guarded.desk)]
    assert "watchdog" not in [sweep.name for sweep in sweeps(replace(guarded.desk, watchdog=None))]


def test_the_beat_gives_it_and_a_stopped_beat_does_not(guarded: Guarded) -> None:
    clock = ScaledClock(guarded.clock.now(), speed=1)
    desk = replace(guarded.desk, clock=clock, watchdog_seconds=0.1)
    [sweep] = [sweep for sweep in sweeps(desk) if sweep.name == "watchdog"]
    beat = Beat({"watchdog": SweepTicker(desk.db, clock, sweep, "me").tick}, 0.05)
    beat.start()
    assert within(10, lambda: len(guarded.outside.heard) >= 3)
    beat.stop()
    heard = len(guarded.outside.heard)
    assert not within(0.5, lambda: len(guarded.outside.heard) > heard)
