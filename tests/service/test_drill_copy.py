"""The database of a drill: what is carried over, that nothing else is, and that the real one stays as it was."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from firewatch import drill, migrations
from firewatch.__main__ import main
from firewatch.access import sessions, tokens
from firewatch.access.models import Role, User
from firewatch.access.users import add_user
from firewatch.agencies.models import Contact
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch.models import Order
from firewatch.errors import BadInput
from firewatch.incidents.models import Incident
from firewatch.messaging.models import Message
from firewatch.registry import metadata
from firewatch.resources.load import load
from firewatch.resources.models import Crew, ResourceStatus, Stock, Vehicle
from firewatch.rulebook.read import Rulebook
from firewatch.training import copying
from firewatch.training.seal import open_numbers, sealed
from tests.build import KANGLE, incident_of, ordered_fire, report_fire, rows, set_rows

AGREED = ("kangle-liaison", "hezheng-liaison")
FORMER = "+447700900777"
LEFT = {
    *("incident", "fire_report", "agency_notice", "command_post", "timeline_entry", "incident_photo", "fire_extent"),
    *("joint_plan", "plan", "dispatch_order", "road_arrival", "work_spell", "resource_change", "upload"),
    *("message", "message_callback", "callback_refusal", "inbound_message", "alarm"),
    *("comms_test", "comms_test_person", "subscription", "digest"),
    *("hotspot_ticket", "hotspot_detection", "hotspot_step", "hotspot_source"),
    *("zone_warning", "warning_step", "bulletin", "bulletin_step"),
    *("duty_turn", "handover_note", "roster_change", "web_session", "api_token", "job_run"),
    *("raw_payload", "weather_change", "drill"),
}
"""What happened, who came in, what is due: none of it is a drill's."""


@pytest.fixture
def book(rulebook: Rulebook) -> Rulebook:
    """The alliance, two people of which have agreed to drills."""
    people = (row.model_copy(update={"drills": row.id in AGREED}) for row in rulebook.contacts)
    return replace(rulebook, contacts=tuple(people))


@pytest.fixture
def real(db: Database, clock: FixedClock, book: Rulebook) -> Database:
    """A real service in the middle of a fire."""
    with db.write() as session:
        load(session, book)
        officer = add_user(session, clock, "officer", "Officer A", "a-long-enough-password", Role.DUTY_OFFICER)
        sessions.open_session(session, clock, officer, "a-long-enough-password")
        tokens.ensure_bootstrap(session, clock, "a-token-for-the-tests-only")
    ordered_fire(db, clock, book, KANGLE)
    person = rows(db, Contact, Contact.id == "jishishan-liaison")[0]
    set_rows(db, Contact, [person.id], stopped_phone=person.phone)
    with db.write() as session:  # of somebody who left: the config folder names him no more
        values = {**person.model_dump(), "id": "jishishan-former", "phone": FORMER, "active": False}
        session.add(Contact.model_validate(values))
    set_rows(db, Crew, ["hezheng-pro"], status=ResourceStatus.OUT_OF_SERVICE)
    set_rows(db, Crew, ["kangle-lianlu"], present_lat=35.3, present_lon=103.6, fix_at=clock.now(), fix_by="officer")
    return db


@pytest.fixture
def empty(request: pytest.FixtureRequest, db: Database, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the other kind than the real one."""
    if not db.is_sqlite:
        yield Database(f"sqlite:///{tmp_path / 'drill.db'}")
        return
    other = Database(request.getfixturevalue("postgres_url"))
    yield other
    with other.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY CASCADE"))
    other.dispose()


def made(real: Database, copy: Database, clock: FixedClock, book: Rulebook, name: str = "spring") -> drill.Drill:
    """Make a drill's database, as `firewatch drill` does."""
    only_looking = Database(real.url.render_as_string(hide_password=False), create=False, read_only=True)
    phones = {row.id: row.phone for row in sealed(book).contacts}
    try:
        return copying.make(only_looking, copy, name, clock.now(), phones)
    finally:
        only_looking.dispose()


def everything(db: Database) -> dict[str, str]:
    """A digest of every table."""
    with db.engine.connect() as connection:
        return {
            name: hashlib.sha256(repr(sorted(map(repr, connection.execute(select(table))))).encode()).hexdigest()
            for name, table in metadata.tables.items()
        }


def test_the_real_database_stays_as_it_was_and_cannot_be_written_from_a_drill(
    real: Database, empty: Database, clock: FixedClock, book: Rulebook
) -> None:
    before = everything(real)
    made(real, empty, clock, book)
    report_fire(empty, clock, sealed(book))
    assert everything(real) == before
    assert rows(empty, Incident)
    only_looking = Database(real.url.render_as_string(hide_password=False), create=False, read_only=True)
    with pytest.raises(DBAPIError), only_looking.write() as session:
        session.add(drill.Drill(name="spring", began_at=clock.now()))
    only_looking.dispose()
    assert everything(real) == before


def test_nothing_that_happened_is_carried_over(
    real: Database, empty: Database, clock: FixedClock, book: Rulebook
) -> None:
    mark = made(real, empty, clock, book)
    assert (mark.name, drill.mark_of(empty)) == ("spring", mark)
    assert drill.mark_of(real) is None
    for table in LEFT - {"drill"}:
        with empty.engine.connect() as connection:
            assert not connection.execute(select(metadata.tables[table])).all(), table
    assert len(rows(empty, Contact)) == len(book.contacts) + 1
    assert [row.username for row in rows(empty, User)] == ["officer"]


def test_every_table_is_decided_on() -> None:
    carried = {str(model.__tablename__) for model in copying.CARRIED}
    assert not carried & LEFT
    assert carried | LEFT == set(metadata.tables)


def test_no_number_of_anybody_who_has_not_agreed_is_anywhere(
    real: Database, empty: Database, clock: FixedClock, book: Rulebook
) -> None:
    made(real, empty, clock, book)
    with empty.write() as session:
        load(session, sealed(book))
    own = {row.phone for row in book.contacts} | {FORMER}
    assert len(open_numbers(book)) == len(AGREED)
    with empty.engine.connect() as connection:
        said = "\n".join(repr(row) for table in metadata.tables.values() for row in connection.execute(select(table)))
    assert {phone for phone in own if phone in said} == open_numbers(book)
    assert len({row.phone for row in rows(empty, Contact)}) == len(book.contacts) + 1, "a number each"


def test_everybody_is_at_home_when_a_drill_begins(
    real: Database, empty: Database, clock: FixedClock, book: Rulebook
) -> None:
    assert rows(real, Order)
    assert any(row.reserved for row in rows(real, Stock))
    made(real, empty, clock, book)
    crews = rows(empty, Crew)
    assert {row.status for row in crews if row.id != "hezheng-pro"} == {ResourceStatus.AVAILABLE}
    assert {row.status for row in crews if row.id == "hezheng-pro"} == {ResourceStatus.OUT_OF_SERVICE}
    assert {row.status for row in rows(empty, Vehicle)} == {ResourceStatus.AVAILABLE}
    assert not [row for row in crews if row.present_lat is not None or row.fix_by is not None]
    assert not [row for row in rows(empty, Stock) if row.reserved]


def test_new_rows_go_on_behind_those_that_were_carried_over(
    real: Database, empty: Database, clock: FixedClock, book: Rulebook
) -> None:
    made(real, empty, clock, book)
    with empty.write() as session:
        add_user(session, clock, "second", "Second", "a-long-enough-password", Role.VIEWER)
        session.add(Stock(depot_id="kangle-depot", capability="tent", units=1))
    assert incident_of(report_fire(empty, clock, sealed(book))) == 1


def test_a_drill_is_gone_on_with_and_no_other_database_is_touched(
    real: Database, empty: Database, clock: FixedClock, book: Rulebook
) -> None:
    first = made(real, empty, clock, book)
    report_fire(empty, clock, sealed(book))
    clock.at += timedelta(hours=1)
    assert made(real, empty, clock, book) == first, "nothing is copied a second time"
    assert len(rows(empty, Incident)) == 1
    with pytest.raises(BadInput, match="database of the drill spring"):
        made(real, empty, clock, book, "autumn")
    before = everything(real)
    with pytest.raises(BadInput, match="in use and is not a drill's"):
        made(real, real, clock, book)
    assert everything(real) == before


def test_what_is_torn_off_leaves_no_half_drill(
    real: Database, empty: Database, clock: FixedClock, book: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "CARRIED", (*copying.CARRIED, Message))  # their fires are not there
    with pytest.raises(DBAPIError):
        made(real, empty, clock, book)
    assert drill.mark_of(empty) is None
    assert not rows(empty, Contact)
    monkeypatch.undo()
    assert made(real, empty, clock, book).name == "spring"


def test_the_service_does_not_take_a_drills_database_for_its_own(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    db = Database(f"sqlite:///{tmp_path / 'firewatch.db'}")
    migrations.upgrade(db)
    with db.write() as session:
        session.add(drill.Drill(name="spring", began_at=clock.now()))
    db.dispose()
    monkeypatch.setenv("FIREWATCH_DATA_DIR", str(tmp_path))
    for command in ("serve", "demo"):
        assert main([command]) == 2
        assert "the database of the drill spring" in capsys.readouterr().err


def test_the_mark_is_one_row(db: Database, clock: FixedClock) -> None:
    assert inspect(db.engine).has_table("drill")
    with pytest.raises(DBAPIError), db.write() as session:
        session.add(drill.Drill(id=2, name="spring", began_at=clock.now()))
