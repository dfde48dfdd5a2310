"""The live channel: what is committed is told, to those who may know, and nothing else."""

import time
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import update
from sqlmodel import col
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.jobs import runs
from firewatch.messaging.alarms import raise_alarm
from firewatch.messaging.models import Alarm
from firewatch.pulse import Ear, Pulse
from firewatch.rulebook.read import Rulebook
from firewatch.web import live
from firewatch.web.main import build
from tests.service.console import Desk, Person, open_desk

OWN = {"origin": "http://testserver"}


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


def alarm(desk: Desk, key: str) -> None:
    with desk.db.write() as session:
        raise_alarm(session, desk.clock.now(), "message_dead", key, {})


def undone(desk: Desk) -> None:
    with desk.db.write() as session:
        raise_alarm(session, desk.clock.now(), "message_dead", "b", {})
        session.flush()
        raise ZeroDivisionError


def to_its_end(socket: WebSocketTestSession) -> None:
    while True:
        socket.receive_json()


def wait_for(what: str, holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.02)


def line(person: Person, **headers: str) -> WebSocketTestSession:
    return person.client.websocket_connect(live.PATH, headers=OWN | headers)


def test_what_is_committed_counts_once_and_bookkeeping_does_not(desk: Desk) -> None:
    pulse = desk.db.pulse
    before = pulse.revision
    alarm(desk, "a")
    assert pulse.revision == before + 1
    with desk.db.write() as session:
        session.execute(update(Alarm).values(times=2))
    assert pulse.revision == before + 2
    with desk.db.write() as session:
        session.execute(update(Alarm).where(col(Alarm.key) == "nobody's").values(times=3))
    assert pulse.revision == before + 2, "nothing was changed"
    with desk.db.write() as session:
        runs.note_sweep(session, desk.clock.now(), "sender", desk.clock.now(), "me", None)
    with desk.db.write():
        pass
    with pytest.raises(ZeroDivisionError):
        undone(desk)
    assert pulse.revision == before + 2


def test_a_listener_hears_until_it_stops() -> None:
    pulse, heard = Pulse(), []
    stop = pulse.listen(lambda: heard.append(pulse.revision))
    pulse.beat()
    stop()
    pulse.beat()
    assert (heard, pulse.revision) == ([1], 2)


def test_another_process_is_heard_where_the_database_tells(desk: Desk) -> None:
    other = Database(desk.db.url.render_as_string(hide_password=False))
    with other.hearing():
        if not desk.db.is_sqlite:
            wait_for("the ear", lambda: other.pulse.revision == 1)
        before = other.pulse.revision
        alarm(desk, "a")
        if desk.db.is_sqlite:
            assert other.pulse.revision == before
        else:
            wait_for("the other's commit", lambda: other.pulse.revision == before + 1)
    other.dispose()


def test_a_deaf_ear_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def refuse(conninfo: str, **_: object) -> None:
        tries.append(conninfo)
        raise psycopg.OperationalError("nobody there")

    monkeypatch.setattr(psycopg, "connect", refuse)
    monkeypatch.setattr("firewatch.pulse.AGAIN_SECONDS", 0.01)
    ear = Ear("nowhere", Pulse())
    ear.start()
    wait_for("another try", lambda: len(tries) > 1)
    ear.stop()


def test_a_console_is_told_of_a_change_at_once(desk: Desk) -> None:
    with line(desk.person()) as socket:
        first = socket.receive_json()["revision"]
        began = time.monotonic()
        alarm(desk, "a")
        assert socket.receive_json() == {"revision": first + 1}
        assert time.monotonic() - began < 2


def test_a_heartbeat_tells_that_the_line_is_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.05)
    with line(desk.person()) as socket:
        assert socket.receive_json() == socket.receive_json() == socket.receive_json()


@pytest.mark.parametrize("origin", ["http://elsewhere", ""])
def test_no_other_page_may_listen(desk: Desk, origin: str) -> None:
    with pytest.raises(WebSocketDisconnect), line(desk.person(), origin=origin):
        pass


def test_the_page_at_the_public_address_may_listen_through_a_proxy(desk: Desk) -> None:
    services = replace(desk.app.state.firewatch, public_url="https://firewatch.example/")
    officer = Desk(desk.db, desk.clock, desk.book, build(services)).person()
    with line(officer, origin="https://firewatch.example") as socket:
        assert "revision" in socket.receive_json()


def test_nobody_listens_signed_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WebSocketDisconnect), line(desk.person(None)):
        pass
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.05)
    officer = desk.person()
    with line(officer) as socket:
        socket.receive_json()
        officer.press("/", "Sign out")
        with pytest.raises(WebSocketDisconnect) as ended:
            to_its_end(socket)
    assert ended.value.code == live.SIGNED_OUT
