"""The outlook over some days: an issue, the next day's with what changed, and scores once the days have passed."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.story.service import Service
from tests.story.test_report_to_phones import wait_for

START = datetime(2026, 4, 8, 0, 30, tzinfo=UTC)  # 8:30 in the morning in Linxia
SPEED = 4000  # a day in 22 seconds
DAY = timedelta(days=1)


@pytest.mark.timeout(400)
def test_an_issue_the_next_one_and_what_became_of_them(tmp_path: Path) -> None:
    settings = {"FIREWATCH_CLOCK_START": START.isoformat(), "FIREWATCH_CLOCK_SPEED": str(SPEED)}
    with Service(tmp_path, settings) as service:
        assert service.run("db", "upgrade").returncode == 0
        service.start()
        service.wait_until_ready()
        first = wait_for("an issue", lambda: issue_of(service, lambda issue: bool(issue["source"])), seconds=90)
        assert first["replay"] == "made-up season"
        on = date.fromisoformat(first["on"])
        days = first["zones"][0]["days"]
        assert [day["on"] for day in days] == [(on + n * DAY).isoformat() for n in range(8)]
        assert all(day["data"] for day in days)

        second = wait_for(
            "the next day's issue", lambda: issue_of(service, lambda issue: issue["on"] > first["on"]), seconds=150
        )
        assert second["compared_with"] is not None
        before = service.http.get("/api/v1/outlook", params={"issued": second["compared_with"]}).json()
        then = {
            (zone["zone_id"], zone["scheme"], day["on"]): day["grade"]
            for zone in before["zones"]
            for day in zone["days"]
        }
        for zone in second["zones"]:
            for day in zone["days"]:
                was = then.get((zone["zone_id"], zone["scheme"], day["on"]), 0)
                assert day["change"] == (day["grade"] - was if was and day["grade"] else None)

        scored = wait_for("a day that is scored", lambda: leads(service), seconds=150)
        assert sum(lead["scored"] + lead["no_forecast"] + lead["no_analysis"] for lead in scored) % 6 == 0
        assert all(lead["hit_rate"] is None or 0 <= lead["hit_rate"] <= 1 for lead in scored)


def issue_of(service: Service, wanted: Any) -> dict[str, Any] | None:  # noqa: ANN401 - a test of an issue
    answer = service.http.get("/api/v1/outlook")
    issue: dict[str, Any] = answer.json()
    return issue if answer.status_code == 200 and wanted(issue) else None


def leads(service: Service) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service.http.get("/api/v1/outlook/scores", params={"scheme": "fwi"}).json()["leads"]
    return found
