"""The jobs of hot spots as the table of jobs runs them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from firewatch.adapters.console_sms import ConsoleSms
from firewatch.adapters.firms import Firms
from firewatch.agencies.models import Contact
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.hotspots.models import TicketState
from firewatch.jobs.desk import Desk
from firewatch.jobs.table import jobs, sweeps
from firewatch.messaging.line import open_line
from firewatch.messaging.models import Alarm
from firewatch.rulebook.read import Rulebook
from firewatch.weather.feeds import FeedDown
from tests.build import prepare, report_fire, rows, set_rows
from tests.fake_firms import KEY, FakeFirms
from tests.service.hotspots import N20, N21, Watch, row
from tests.service.test_hotspots import north


@pytest.fixture
def watch(db: Database, clock: FixedClock, rulebook: Rulebook) -> Iterator[Watch]:
    prepare(db, rulebook)
    with FakeFirms() as fake:
        yield Watch(db, clock, rulebook, fake)


@pytest.fixture
def desk(watch: Watch) -> Iterator[Desk]:
    line = open_line(watch.db, ConsoleSms(), watch.clock, watch.book.messages, owner="me", workers=2)
    feeds = [Firms(source, watch.fake.url, KEY, first_wait_seconds=0.01) for source in (N20, N21)]
    yield Desk(watch.db, watch.clock, watch.book, [], [line], hotspots=feeds)
    line.sender.close()


def look(desk: Desk) -> int:
    return next(each for each in sweeps(desk) if each.name == "hotspot_tickets").run()


def names(desk: Desk) -> list[str]:
    return [job.name for job in jobs(desk) if job.name.startswith("hotspots:")]


def test_one_job_for_each_data_set_and_none_without_a_key(desk: Desk) -> None:
    assert names(desk) == [f"hotspots:{N20}", f"hotspots:{N21}"]
    assert names(replace(desk, hotspots=())) == []


def test_a_poll_says_what_it_found(desk: Desk, watch: Watch) -> None:
    watch.fake.rows[N20] = [row(north(0)), row(north(5))]
    first, second = (job for job in jobs(desk) if job.name.startswith("hotspots:"))
    assert first.run(watch.clock.now()) == {"said": "hotspots", "inside": "2", "new": "2", "opened": "2"}
    assert first.run(watch.clock.now()) == {"said": "hotspots", "inside": "2", "new": "0", "opened": "0"}
    watch.fake.script = ["empty"]
    with pytest.raises(FeedDown, match="nothing at all"):
        second.run(watch.clock.now())


def test_the_sweep_attaches_first_and_chases_the_rest(desk: Desk, watch: Watch) -> None:
    watch.sees(row(north(0)), row(north(9)))
    assert look(desk) == 0
    watch.clock.advance(minutes=60)
    report_fire(watch.db, watch.clock, watch.book, place=north(0.5))
    assert look(desk) == 3, "one goes to its fire, two are due"
    assert [ticket.state for ticket in watch.tickets()] == [TicketState.ATTACHED, TicketState.OPEN]
    assert [alarm.params["hotspot"] for alarm in rows(watch.db, Alarm) if alarm.kind == "hotspot_unanswered"] == ["2"]
    assert look(desk) == 0


def test_a_step_that_fails_stops_nobody_else(desk: Desk, watch: Watch) -> None:
    watch.sees(row((35.70, 102.90)), row(north(0)))
    people = [person.id for person in rows(watch.db, Contact) if person.agency_id == "jishishan"]
    watch.clock.advance(minutes=60)
    # Nobody of an agency is left to be told: whoever looks at the roster fails until that is mended.
    set_rows(watch.db, Contact, people, active=False)
    assert look(desk) == 2
    kinds = {alarm.kind for alarm in rows(watch.db, Alarm) if alarm.closed_at is None}
    assert kinds == {"hotspot_step_failed"}
    set_rows(watch.db, Contact, people, active=True)
    assert look(desk) == 0, "put off for some minutes"
    watch.clock.advance(minutes=5)
    assert look(desk) == 2
    kinds = {alarm.kind for alarm in rows(watch.db, Alarm) if alarm.closed_at is None}
    assert kinds == {"hotspot_unanswered"}
