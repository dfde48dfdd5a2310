"""Nobody answers the texts of a fire: whoever is on duty is telephoned, hears it, and presses a key."""

from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import httpx
import pytest

from firewatch.rulebook.read import default_folder
from tests.fake_exchange import Telephoned
from tests.fake_twilio import FakeTwilio
from tests.story.service import Service, config_with
from tests.story.test_report_to_phones import AGENCIES, REPORT, wait_for
from tests.story.test_two_way import PUBLIC, call

SPEED = 20
RULES = """
remind_after_minutes = 2
call_after_minutes = 4
alarm_after_minutes = 30
"""


def press(service: Service, heard: Telephoned, digits: str) -> httpx.Response:
    """What the provider does when somebody presses a key in a call."""
    gather = ET.fromstring(heard.twiml).find("Gather")  # noqa: S314 - our own
    assert gather is not None
    action = urlsplit(gather.attrib["action"])
    assert f"{action.scheme}://{action.netloc}" == PUBLIC
    return call(service, f"{action.path}?{action.query}", CallSid=heard.sid, Digits=digits, To=heard.to)


@pytest.mark.timeout(300)
def test_who_answers_no_text_is_telephoned_and_presses_a_key(tmp_path: Path) -> None:
    config = config_with(default_folder(), tmp_path / "config", messages_toml=RULES)
    environment = {
        "FIREWATCH_PUBLIC_URL": PUBLIC,
        "FIREWATCH_CONFIG_DIR": str(config),
        "FIREWATCH_CLOCK_SPEED": str(SPEED),
    }
    with FakeTwilio() as phones, Service(tmp_path, {**phones.settings(), **environment}) as service:
        assert service.run("db", "upgrade").returncode == 0
        service.start()
        service.wait_until_ready()
        taken = service.http.post("/api/v1/fire-reports", json=REPORT).json()
        incident = f"/api/v1/incidents/{taken['incident']['id']}"
        placed = phones.exchange.placed
        wait_for("a call to every agency", lambda: len(placed) == len(AGENCIES), seconds=40)
        heard = placed[0]
        assert "联防联控火情通知：太子山自然保护区，和政县城关镇南约20公里，" in heard.twiml
        again = press(service, heard, "2")
        assert again.status_code == 200
        assert "<Gather" in again.text
        assert silent(service, incident) == len(AGENCIES)
        assert "已记录收到" in press(service, heard, "1").text
        assert silent(service, incident) == len(AGENCIES) - 1
        receipt = urlsplit(heard.fields["StatusCallback"][0])
        told = call(service, f"{receipt.path}?{receipt.query}", CallSid=heard.sid, CallStatus="completed")
        assert told.status_code == 204
        page = service.http.get(incident).json()
        assert [step["kind"] for step in page["timeline"]].count("telephoned") == len(AGENCIES)
        assert "+44" not in service.said(), "no phone number in the log"


def silent(service: Service, incident: str) -> int:
    return sum(notice["acknowledged_at"] is None for notice in service.http.get(incident).json()["notices"])
