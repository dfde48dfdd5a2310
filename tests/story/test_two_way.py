"""A liaison answers by text and by link, as the service and its provider live it: real processes, signed webhooks."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from twilio.request_validator import RequestValidator

from tests.fake_twilio import TOKEN, FakeTwilio, Taken
from tests.story.service import Service
from tests.story.test_report_to_phones import AGENCIES, REPORT, every_zone_graded, wait_for

PUBLIC = "https://firewatch.example"


def call(service: Service, target: str, **fields: str) -> httpx.Response:
    """What the provider does when it has something to tell."""
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + target, fields)
    return httpx.post(service.url + target, data=fields, headers={"X-Twilio-Signature": signature}, timeout=20)


@pytest.mark.timeout(300)
def test_an_order_is_answered_by_text_and_by_link(tmp_path: Path) -> None:
    # The provider has no receipts to be asked for before the webhook brings them.
    with (
        FakeTwilio(progress_seconds=3600) as phones,
        Service(tmp_path, {**phones.settings(), "FIREWATCH_PUBLIC_URL": PUBLIC}, measured=True) as service,
    ):
        assert service.run("db", "upgrade").returncode == 0
        service.start()
        service.wait_until_ready()
        wait_for("a grade for every zone", lambda: every_zone_graded(service))
        incident = (
            f"/api/v1/incidents/{service.http.post('/api/v1/fire-reports', json=REPORT).json()['incident']['id']}"
        )
        wait_for("the texts", lambda: len(phones.accepted) == len(AGENCIES))
        plan = wait_for("a plan", lambda: service.http.get(incident).json()["plan"])
        service.http.post(f"/api/v1/plans/{plan['id']}/confirm").raise_for_status()
        order: Taken = wait_for("an order's text", lambda: phones.accepted[len(AGENCIES) :])[0]

        receipt = urlsplit(order.fields["StatusCallback"])
        assert f"{receipt.scheme}://{receipt.netloc}{receipt.path}" == f"{PUBLIC}/webhooks/twilio/status"
        target = f"{receipt.path}?{receipt.query}"
        assert call(service, target, MessageSid=order.sid, MessageStatus="delivered").status_code == 204
        [number] = parse_qs(receipt.query)["message"]
        told = 'firewatch_messages{state="delivered"} 1.0'
        wait_for("the receipt", lambda: told in service.http.get("/metrics").text)
        assert number.isdecimal()

        reply = {"MessageSid": "SMreply", "From": order.to, "Body": f"２{order.code}", "FromCity": ""}
        assert call(service, "/webhooks/twilio/inbound", **reply).status_code == 204
        assert "en_route" in states(service, incident)

        link = re.search(rf"{PUBLIC}(/a/[\w-]+)", order.body)
        assert link is not None
        page = httpx.get(service.url + link[1], timeout=20)
        assert page.status_code == 200
        assert "on_scene" not in states(service, incident), "looking is not answering"
        pressed = httpx.post(f"{service.url}{link[1]}/answer", data={"answer": "on_scene"}, timeout=20)
        assert pressed.status_code == 200
        assert "on_scene" in states(service, incident)

        forged = httpx.post(f"{service.url}/webhooks/twilio/inbound", data=reply, timeout=20)
        assert forged.status_code == 403
        assert "+44" not in service.said(), "no phone number in the log"
        assert link[1].removeprefix("/a/") not in service.said(), "nor what answers in somebody's name"


def states(service: Service, incident: str) -> set[str]:
    return {order["state"] for order in service.http.get(incident).json()["orders"]}
