"""Open-Meteo is away when the service starts, then talks nonsense, then answers: the screen says so all the while."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.fake_open_meteo import FakeOpenMeteo
from tests.story.service import Service
from tests.story.test_report_to_phones import every_zone_graded, wait_for

START = datetime(2026, 4, 8, 6, 5, tzinfo=UTC)  # after solar noon in Linxia


@pytest.mark.timeout(400)
def test_no_data_is_said_until_the_weather_comes_back(tmp_path: Path) -> None:
    with FakeOpenMeteo(START) as weather:
        # Every look of the adapter tries three times: a gateway's page thrice, then half an answer.
        weather.script = ["gateway", "gateway", "gateway", "half", "half", "half"]
        settings = {
            "FIREWATCH_REPLAY": "",
            "FIREWATCH_OPEN_METEO_URL": weather.url,
            "FIREWATCH_OPEN_METEO_ENSEMBLE_URL": weather.url,
            "FIREWATCH_CLOCK_START": START.isoformat(),
            "FIREWATCH_CLOCK_SPEED": "30",
        }
        with Service(tmp_path, settings) as service:
            assert service.run("db", "upgrade").returncode == 0
            service.start()
            service.wait_until_ready()
            wait_for("a failed run", lambda: metric(service, "firewatch_job_runs_failed") >= 1)
            today = service.http.get("/api/v1/danger").json()
            assert today["replay"] == ""
            assert all(zone["operational"]["data"] is False for zone in today["zones"]), "no data is not no danger"

            wait_for("a grade for every zone", lambda: every_zone_graded(service), seconds=60)
            wait_for("the run made good", lambda: metric(service, "firewatch_job_runs_failed") == 0)
            asked = weather.requests[-1]
            assert len(asked["latitude"].split(",")) == 7, "one request for all points"
            assert metric(service, 'firewatch_weather_age_seconds{source="open-meteo"}') < 7200
            assert "made up" not in service.http.get("/sign-in?lang=en").text.split("demonstration")[0].lower()


def metric(service: Service, name: str) -> float:
    """A figure of /metrics."""
    lines = service.http.get("/metrics").text.splitlines()
    found: list[Any] = [line.rsplit(" ", 1)[1] for line in lines if line.startswith(f"{name} ")]
    return float(found[0]) if found else float("nan")
