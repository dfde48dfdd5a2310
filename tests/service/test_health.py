import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from firewatch.clock import FixedClock
from firewatch.danger import assess
from firewatch.db import Database
from firewatch.jobs import runs
from firewatch.messaging.alarms import raise_alarm
from firewatch.rulebook.read import Rulebook
from firewatch.weather.models import FeedStatus
from tests.build import prepare, report_fire
from tests.service.server import Api, application, running, serving


@pytest.fixture
def api(db: Database, clock: FixedClock, rulebook: Rulebook) -> Iterator[Api]:
    prepare(db, rulebook)
    with serving(db, clock, rulebook) as api:
        yield api


def figures(api: Api) -> dict[str, float]:
    answer = api.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = [line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_alive_and_ready_need_no_token(api: Api) -> None:
    assert api.client.get("/healthz").json() == {"status": "ok"}
    assert api.client.get("/readyz").json() == {"status": "ready"}


def test_alive_when_every_thread_is_busy(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    threads = 40  # as many as the pool has
    come_in, go_on = threading.Semaphore(0), threading.Event()

    def slow() -> None:
        come_in.release()
        go_on.wait(30)

    app = application(db, clock, rulebook)
    app.add_api_route("/slow", slow)
    with running(app) as url, ExitStack() as open_sockets:
        address = httpx.URL(url)
        for _ in range(threads):
            stream = open_sockets.enter_context(socket.create_connection((address.host, address.port or 80), 20))
            stream.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            assert all(come_in.acquire(timeout=20) for _ in range(threads))
            assert httpx.get(f"{url}/healthz", timeout=5).json() == {"status": "ok"}
        finally:
            go_on.set()


def test_a_database_of_another_time_is_not_ready(api: Api, db: Database) -> None:
    change = text("UPDATE alembic_version SET version_num = :version")
    with db.engine.connect() as connection:
        head = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    try:
        with db.engine.begin() as connection:
            connection.execute(change, {"version": "older"})
        answer = api.client.get("/readyz")
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert "firewatch db upgrade" in answer.json()["detail"]
        assert api.client.get("/healthz").status_code == 200
    finally:
        with db.engine.begin() as connection:
            connection.execute(change, {"version": head})
    assert api.client.get("/readyz").status_code == 200


def test_the_figures_are_those_of_the_moment(api: Api, db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    quiet = figures(api)
    assert quiet["firewatch_incidents_open"] == 0
    assert quiet['firewatch_messages{state="due"}'] == 0
    report_fire(db, clock, rulebook)
    with db.write() as session:
        raise_alarm(session, clock.now(), "roster_hole", "k", {"agency": "kangle"})
        seen_at = clock.now() - timedelta(hours=2)
        session.add(FeedStatus(source="open-meteo", kind="open_meteo", newest_valid_at=seen_at))
        session.add(FeedStatus(source="stations", kind="stations"))
        run = runs.begin(session, clock.now(), "tidy", clock.now(), "me")
        assert run is not None
        runs.failed(session, clock.now(), run, "no space")
    busy = figures(api)
    assert busy["firewatch_incidents_open"] == 1
    assert busy['firewatch_messages{state="due"}'] == 7
    assert busy["firewatch_alarms_open"] == 1
    assert busy["firewatch_job_runs_failed"] == 1
    assert busy['firewatch_weather_age_seconds{source="open-meteo"}'] == 7200
    assert 'firewatch_weather_age_seconds{source="stations"}' not in busy


def test_a_database_that_is_away_is_told_and_asked_again(
    api: Api, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("SELECT 1", {}, Exception("the server at +447700900101 is gone"))

    monkeypatch.setattr(db, "read", away)
    monkeypatch.setattr(db, "ping", away)
    for path in ("/readyz", "/metrics", "/api/v1/incidents"):
        answer = api.client.get(path, headers=api.headers)
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert "+44" not in answer.text
    assert answer.headers["retry-after"] == "5"
    assert api.client.get("/healthz").status_code == 200
    monkeypatch.undo()
    assert api.client.get("/api/v1/incidents", headers=api.headers).status_code == 200


def test_a_mistake_of_ours_tells_nothing_of_itself(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumbles(*_: object) -> None:
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr(assess, "grades_on", stumbles)
    with capture_logs() as logged:
        answer = api.get("zones")
    assert [(line["event"], str(line["exc_info"])) for line in logged] == [("request_failed", "a secret of the house")]
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in answer.text
    assert api.get("incidents").status_code == 200
