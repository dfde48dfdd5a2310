"""A new installation gets its past: the command is killed twice on the way, and nobody can tell from what comes out."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from firewatch.danger.models import PointDay, ZoneGrade
from firewatch.db import Database
from firewatch.weather.models import Observation, WeatherChange
from tests.fake_open_meteo import FakeOpenMeteo
from tests.story.service import Service
from tests.story.test_report_to_phones import wait_for

NOW = datetime(2026, 4, 8, 6, 5, tzinfo=UTC)
TODAY = date(2026, 4, 8)
DAYS = 160
PIECES = 6
"""Of 30 days at most: so often the archive is asked."""
WHEN = {"id", "assessed_at"}


@pytest.mark.timeout(400)
def test_backfill(tmp_path: Path) -> None:
    with FakeOpenMeteo(NOW) as weather:
        # The service's bad days are in it as well: it is away for a moment, and says that it was asked too much.
        weather.script = ["gateway", "ok", "limited"]
        settings = {
            "FIREWATCH_REPLAY": "",
            "FIREWATCH_OPEN_METEO_URL": weather.url,
            "FIREWATCH_OPEN_METEO_ENSEMBLE_URL": weather.url,
            "FIREWATCH_OPEN_METEO_ARCHIVE_URL": weather.url,
            "FIREWATCH_CLOCK_START": NOW.isoformat(),
        }
        (tmp_path / "killed").mkdir()
        (tmp_path / "whole").mkdir()
        with (
            Service(tmp_path / "killed", settings) as killed,
            Service(tmp_path / "whole", settings, measured=True) as whole,
        ):
            for service in (killed, whole):
                assert service.run("db", "upgrade").returncode == 0
            db = database(killed)

            # Killed while the weather comes in, before anything is graded.
            kill_when(killed, lambda: hours(db) > 0)
            assert 0 < hours(db) < 7 * DAYS * 24
            asked = len(weather.requests)

            # Killed again while the days are graded: what is left to do is on record.
            kill_when(killed, lambda: days(db) > 0)
            with db.read() as session:
                assert session.exec(select(WeatherChange)).one().source == "whole:chain"
            again = [query["start_date"] for query in weather.requests[asked:]]
            assert 0 < len(set(again)) < PIECES, "only what was lacking is asked for"

            done = killed.run("backfill", "--days", str(DAYS))
            assert (done.returncode, weather.requests[asked + len(again) :]) == (0, []), done.stderr
            assert "grades: 100%" in done.stderr
            assert whole.run("backfill", "--days", str(DAYS)).returncode == 0

            found, wanted = on_record(db), on_record(other := database(whole))
            assert found == wanted
            assert hours(db) == hours(other) == 7 * DAYS * 24, "nothing is there twice"
            check_days(db)
            db.dispose()
            other.dispose()
            the_service_goes_on(killed)


def the_service_goes_on(service: Service) -> None:
    service.start()
    service.wait_until_ready()
    wait_for("today's grades", lambda: graded_today(service), seconds=60)
    zones = service.http.get("/api/v1/danger").json()["zones"]
    assert {point["spin_up_left"] for zone in zones for point in zone["points"]} == {0}
    assert not [zone for zone in zones if "spin_up" in zone["beside"]["flags"]], "the spin-up is over"


def graded_today(service: Service) -> bool:
    zones = service.http.get("/api/v1/danger").json()["zones"]
    return all(zone["operational"]["data"] for zone in zones)


def database(service: Service) -> Database:
    return Database(f"sqlite:///{service.folder / 'data' / 'firewatch.db'}")


def kill_when(service: Service, reached: Callable[[], bool]) -> None:
    """Run the command in a process of its own until something is so, and kill it."""
    command = [sys.executable, "-m", "firewatch", "backfill", "--days", str(DAYS)]
    with service.log.open("ab") as log, subprocess.Popen(command, env=service.env(), stdout=log, stderr=log) as process:
        deadline = time.monotonic() + 90
        while not reached():
            assert process.poll() is None, service.said()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.kill()


def hours(db: Database) -> int:
    with db.read() as session:
        return session.exec(select(func.count(col(Observation.id)))).one()


def days(db: Database) -> int:
    with db.read() as session:
        return session.exec(select(func.count(col(PointDay.id)))).one()


def on_record(db: Database) -> dict[tuple[str, ...], dict[str, object]]:
    found: dict[tuple[str, ...], dict[str, object]] = {}
    with db.read() as session:
        for row in session.exec(select(PointDay)):
            found["point", row.point_id, str(row.on)] = row.model_dump(exclude=WHEN)
        for grade in session.exec(select(ZoneGrade)):
            found["zone", grade.zone_id, grade.scheme, str(grade.on)] = grade.model_dump(exclude=WHEN)
    return found


def check_days(db: Database) -> None:
    with db.read() as session:
        by_day = Counter(row.on for row in session.exec(select(PointDay)))
        first = session.exec(select(PointDay).where(PointDay.on == min(by_day))).all()
        settled = session.exec(select(PointDay).where(PointDay.on == TODAY - timedelta(days=5))).all()
    # The first day of the archive has no noon with a day of rain before it.
    assert sorted(by_day) == [TODAY - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    assert set(by_day.values()) == {7}
    assert all("spin_up" in row.flags for row in first)
    assert all(row.state["spin_up_left"] == 0 and "spin_up" not in row.flags for row in settled)
    assert all(row.fwi is not None and row.fwi_grade for row in settled)
