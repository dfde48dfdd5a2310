"""A drill never hides a real fire: it looks for one, says so, and does not let itself be silenced."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.incidents import notices
from firewatch.incidents.models import AgencyNotice
from firewatch.jobs.desk import Beside, Desk
from firewatch.jobs.drill import REAL_FIRE, REAL_UNSEEN, Paced, Watching, sweeps
from firewatch.messaging.alarms import close_key, open_alarms
from firewatch.messaging.models import Alarm
from firewatch.rulebook.read import Rulebook
from firewatch.training.folder import DEAD_AFTER_SECONDS, SIGN, Drills
from firewatch.web.services import Drilling
from tests.build import JISHISHAN, incident_of, prepare, report_fire, rows
from tests.service.console import open_desk
from tests.service.quiet import desk_of


@pytest.fixture
def real(sqlite_template: Path, tmp_path: Path, rulebook: Rulebook) -> Database:
    file = tmp_path / "real.db"
    file.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{file}")
    prepare(database, rulebook)
    return database


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    prepare(db, rulebook)
    return desk_of(db, clock, rulebook)


def told(desk: Desk) -> list[tuple[str, dict[str, str]]]:
    with desk.db.read() as session:
        return [(alarm.key, alarm.params) for alarm in open_alarms(session)]


def answered(real: Database, clock: FixedClock, number: int) -> None:
    for notice in rows(real, AgencyNotice, AgencyNotice.incident_id == number):
        with real.write() as session:
            notices.acknowledge(session, clock, number, notice.agency_id, "officer")


def test_a_real_fire_that_waits_is_an_alarm_until_it_is_acknowledged(
    desk: Desk, real: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    watching = Watching(desk, real)
    watching.look()
    assert told(desk) == []
    first = incident_of(report_fire(real, clock, rulebook))
    watching.look()
    watching.look()
    assert told(desk) == [(REAL_FIRE, {"count": "1", "numbers": "1"})]
    second = incident_of(report_fire(real, clock, rulebook, place=JISHISHAN))
    watching.look()
    assert told(desk) == [(REAL_FIRE, {"count": "2", "numbers": "1, 2"})]
    assert len(rows(desk.db, Alarm)) == 2, "another fire calls again"
    answered(real, clock, first)
    answered(real, clock, second)
    watching.look()
    assert told(desk) == []


def test_a_drills_own_fire_is_no_real_one(desk: Desk, real: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    report_fire(desk.db, clock, rulebook)
    Watching(desk, real).look()
    assert told(desk) == []


def test_nobody_can_close_it_while_it_is_true(
    desk: Desk, real: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    report_fire(real, clock, rulebook)
    watching = Watching(desk, real)
    watching.look()
    with desk.db.write() as session:
        close_key(session, clock.now(), REAL_FIRE, "officer")
    watching.look()
    assert [key for key, _ in told(desk)] == [REAL_FIRE]


def test_what_a_drill_left_open_is_closed_when_it_is_gone_on_with(
    desk: Desk, real: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    number = incident_of(report_fire(real, clock, rulebook))
    Watching(desk, real).look()
    answered(real, clock, number)
    Watching(desk, real).look()
    assert told(desk) == []


def test_a_real_service_that_cannot_be_seen_is_told_of(desk: Desk, tmp_path: Path) -> None:
    gone = Database(f"sqlite:///{tmp_path / 'gone.db'}")  # no table in it
    Watching(desk, gone).look()
    assert told(desk) == [(REAL_UNSEEN, {})]
    gone.dispose()


@pytest.mark.parametrize("address", ["/", "/wall"])
def test_a_real_fire_stands_in_red_on_the_drills_pages(
    db: Database, clock: FixedClock, rulebook: Rulebook, real: Database, address: str
) -> None:
    console = open_desk(db, clock, rulebook)
    console.app.state.firewatch = replace(
        console.app.state.firewatch, drill=Drilling("spring", "https://firewatch.example")
    )
    officer = console.person()
    assert "real-fire" not in officer.page(address)
    report_fire(real, clock, rulebook)
    Watching(desk_of(db, clock, rulebook), real).look()
    page = officer.page(address)
    assert '<p class="real-fire" role="alert"><a href="https://firewatch.example">REAL FIRE' in page


def test_the_sweeps_are_a_drills_alone(desk: Desk, real: Database) -> None:
    done: list[str] = []
    beside = Beside(real, lambda: done.append("sign"), lambda: done.append("record"), lambda: done.append("end"))
    assert sweeps(desk) == []
    own = sweeps(replace(desk, beside=beside))
    assert [sweep.name for sweep in own] == ["real_fires", "drill_sign", "drill_record"]
    assert [sweep.run() for sweep in own] == [1, 1, 1]
    beside.close()
    assert done == ["sign", "record", "record", "end"]


def test_what_is_paced_waits_for_its_time() -> None:
    now, done = [0.0], list[float]()
    paced = Paced(3, lambda: done.append(now[0]), lambda: now[0])
    for second in (0.0, 2.9, 3.0, 4.0, 6.0):
        now[0] = second
        paced.run()
    assert done == [0.0, 3.0, 6.0]


def test_the_sign_of_a_drill_that_died_is_not_believed(tmp_path: Path) -> None:
    drills = Drills(tmp_path / "drills")
    assert drills.running() is None
    drills.sign("spring", "http://127.0.0.1:8001")
    running = drills.running()
    assert running is not None
    assert (running.name, running.address) == ("spring", "http://127.0.0.1:8001")
    sign = drills.of("spring") / SIGN
    old = sign.stat().st_mtime - DEAD_AFTER_SECONDS - 1
    os.utime(sign, (old, old))
    assert drills.running() is None
