"""From a pixel that a satellite found hot to a fire that every agency knows of; and one that nobody went to see."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from firewatch.rulebook.read import default_folder
from tests.fake_firms import KEY, FakeFirms, viirs_row
from tests.fake_twilio import FakeTwilio
from tests.story.service import Service, config_with
from tests.story.test_report_to_phones import AGENCIES, wait_for

START = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)
DAY = "2026-04-01"
SOURCE = "VIIRS_NOAA20_NRT"
RULES = f"""
sources = ["{SOURCE}"]
poll_minutes = 5
deadline_minutes = 12
remind_before_minutes = 4
"""
WOOD = viirs_row(35.30, 103.65, DAY, 325, confidence="h", frp=41.5)
FIELD = viirs_row(35.70, 102.90, DAY, 325)


@pytest.mark.timeout(400)
def test_a_hot_spot_is_looked_at_and_becomes_a_fire(tmp_path: Path) -> None:
    config = config_with(default_folder(), tmp_path / "config", hotspots_toml=RULES)
    with FakeTwilio() as phones, FakeFirms() as satellites:
        satellites.rows[SOURCE] = [WOOD, FIELD]
        settings = {
            **phones.settings(),
            "FIREWATCH_CONFIG_DIR": str(config),
            "FIREWATCH_FIRMS_URL": satellites.url,
            "FIREWATCH_FIRMS_KEY": KEY,
            "FIREWATCH_CLOCK_START": START.isoformat(),
            "FIREWATCH_CLOCK_SPEED": "60",
        }
        with Service(tmp_path, settings) as service:
            assert service.run("db", "upgrade").returncode == 0
            service.start()
            service.wait_until_ready()

            wood, field = wait_for("two tickets", lambda: hotspots(service)["open"])
            assert (wood["asked"], field["asked"]) == (["kangle"], ["jishishan"])
            asked = wait_for("two texts", lambda: two(said(phones, "【热点核查】")))
            assert {text.split("（")[1].split("）")[0] for text in asked} == {"35.3000,103.6500", "35.7000,102.9000"}
            assert service.http.get("/api/v1/incidents").json() == [], "a hot spot is no fire by itself"

            confirmed = answer(service, wood, verdict="confirmed", note="护林员现场确认有明火")
            assert confirmed["state"] == "confirmed"
            incident = service.http.get(f"/api/v1/incidents/{confirmed['incident_id']}").json()
            assert incident["reports"][0]["channel"] == "satellite"
            assert incident["organiser_agency_id"] == "kangle"
            assert {notice["agency_id"] for notice in incident["notices"]} == AGENCIES
            begins = "【火情】康乐县，附城镇西南约10公里（35.3000,103.6500）"
            assert len(wait_for("every agency told", lambda: seven(said(phones, begins)))) == 7

            # The next polls tell all of it again, and more around both places.
            satellites.rows[SOURCE] += [viirs_row(35.304, 103.65, DAY, 325), viirs_row(35.704, 102.90, DAY, 325)]
            polled = len(satellites.requests)
            wait_for("two more polls", lambda: len(satellites.requests) >= polled + 2)
            wait_for("both grown", lambda: [whole(service, each)["detections"] for each in (wood, field)] == [2, 2])
            now = hotspots(service)
            assert [each["id"] for each in now["open"] + now["answered"]] == [field["id"], wood["id"]]
            assert len(service.http.get("/api/v1/incidents").json()) == 1
            assert len(said(phones, "【热点核查】")) == 2, "nobody is asked twice by a superset"
            assert answer(service, wood, verdict="confirmed")["incident_id"] == confirmed["incident_id"]

            nobody_went(service, phones)

            # The key is refused from now on: an outage, said plainly, the key in no place.
            satellites.key = "f" * 32
            down = wait_for("an outage", lambda: hotspots(service)["sources"][0]["error"], seconds=30)
            assert "check FIREWATCH_FIRMS_KEY" in down
            assert KEY not in service.log.read_text(encoding="utf-8", errors="replace")


def nobody_went(service: Service, phones: FakeTwilio) -> None:
    """Nobody goes to the field: the liaison is asked again, then the duty officer is alarmed."""
    wait_for("the deadline missed", lambda: said(phones, "【热点核查逾期】积石山县（35.70"), seconds=40)
    assert said(phones, "【热点核查催办】积石山县")
    (late,) = hotspots(service)["open"]
    assert (late["overdue"], late["state"]) == (True, "open"), "it waits, it is not dropped"
    assert "hotspot_unanswered" in service.log.read_text(encoding="utf-8", errors="replace")


def hotspots(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = service.http.get("/api/v1/hotspots").raise_for_status().json()
    assert found["on"]
    return found


def whole(service: Service, ticket: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = service.http.get(f"/api/v1/hotspots/{ticket['id']}").raise_for_status().json()
    return found


def answer(service: Service, ticket: dict[str, Any], **body: str) -> dict[str, Any]:
    path = f"/api/v1/hotspots/{ticket['id']}/decision"
    found: dict[str, Any] = service.http.post(path, json=body).raise_for_status().json()
    return found


def said(phones: FakeTwilio, beginning: str) -> list[str]:
    return [text.body for text in phones.accepted if text.body.startswith(beginning)]


def two(texts: list[str]) -> list[str] | None:
    return texts if len(texts) == 2 else None


def seven(texts: list[str]) -> list[str] | None:
    return texts if len(texts) == 7 else None
