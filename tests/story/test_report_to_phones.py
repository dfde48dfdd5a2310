"""From a fire report to every liaison's phone, an order and an acknowledgement: as the people in it live it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fake_twilio import FakeTwilio
from tests.story.service import Service

AGENCIES = {"prefecture", "kangle", "hezheng", "linxia-county", "jishishan", "taizishan", "lianhuashan"}
# On the Taizishan reserve's southern slope; the reserve's own people see it.
REPORT = {
    "lat": 35.25,
    "lon": 103.35,
    "description": "山脊冒烟，风大",
    "channel": "lookout",
    "agency": "taizishan",
}

PATIENCE = 3
"""How many times longer than on an idle machine is waited: others may be at work on it."""


def wait_for(what: str, look: Callable[[], Any], seconds: float = 20) -> Any:  # noqa: ANN401 - whatever `look` finds
    """What `look` finds, as soon as it is something; `seconds` are those of an idle machine."""
    deadline = time.monotonic() + PATIENCE * seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen in {PATIENCE * seconds} s")


@pytest.mark.timeout(400)
def test_a_fire_is_reported_and_everybody_knows_and_comes(tmp_path: Path) -> None:
    with FakeTwilio() as phones, Service(tmp_path, phones.settings(), measured=True) as service:
        assert service.run("db", "upgrade").returncode == 0
        service.start()
        service.wait_until_ready()
        wait_for("a grade for every zone", lambda: every_zone_graded(service))

        taken = service.http.post("/api/v1/fire-reports", json=REPORT).json()
        assert taken["opened"]
        assert taken["incident"]["organiser_agency_id"] == "taizishan", "who finds the fire organises the first attack"
        assert taken["incident"]["zone_id"] == "taizishan"
        incident = f"/api/v1/incidents/{taken['incident']['id']}"

        texts = wait_for("seven texts", lambda: phones.accepted if len(phones.accepted) == 7 else None)
        assert len({text.to for text in texts}) == 7
        for text in texts:
            assert text.body.startswith("【火情】太子山自然保护区，和政县城关镇南约20公里（35.2500,103.3500）")
            assert "太子山保护区管护中心组织先期扑救" in text.body
            assert text.fields["ValidityPeriod"] == "600"

        plan = wait_for("a plan", lambda: service.http.get(incident).json()["plan"])
        assert plan["state"] == "proposed"
        assert plan["solution"]["trips"]
        assert plan["solution"]["shortages"] == []
        orders = service.http.post(f"/api/v1/plans/{plan['id']}/confirm").json()
        assert {order["state"] for order in orders} == {"ordered"}
        involved = agencies_of(service, orders)
        told = wait_for("the orders' texts", lambda: order_texts(phones, len(involved)))
        assert all(text.body.startswith("【调度令】") for text in told)

        for state in ("acknowledged", "en_route", "on_scene"):
            for order in orders:
                service.http.post(f"/api/v1/orders/{order['id']}/state", json={"state": state}).raise_for_status()
        for agency in AGENCIES:
            service.http.post(f"{incident}/notices/{agency}/acknowledge").raise_for_status()
        for state in ("flames_out", "mop_up", "guarding", "accepted"):
            service.http.post(f"{incident}/state", json={"state": state}).raise_for_status()
        forgotten = service.http.post(f"{incident}/state", json={"state": "closed"})
        assert forgotten.status_code == 409, "nobody is left on the mountain by a button"
        for order in orders:
            service.http.post(f"/api/v1/orders/{order['id']}/state", json={"state": "released"}).raise_for_status()
        service.http.post(f"{incident}/state", json={"state": "closed"}).raise_for_status()

        whole = service.http.get(incident).json()
        assert whole["state"] == "closed"
        assert all(notice["acknowledged_at"] for notice in whole["notices"])
        kinds = [entry["kind"] for entry in whole["timeline"]]
        assert kinds[:5] == ["reported", "opened", "organiser", "agencies_told", "planned"]
        assert kinds.count("acknowledged") == 7
        assert "+44" not in service.said(), "no phone number in the log"


def every_zone_graded(service: Service) -> bool:
    zones = service.http.get("/api/v1/zones").json()["features"]
    return all(zone["properties"]["danger"]["data"] for zone in zones)


def agencies_of(service: Service, orders: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Every (order, agency) that is due a text: who sends a vehicle, a crew or tools."""
    pool = service.http.get("/api/v1/resources").json()
    owner = {row["id"]: row["agency_id"] for kind in ("crews", "depots") for row in pool[kind]}
    due = {(order["id"], agency) for order in orders for agency in [order["agency_id"]]}
    due |= {(order["id"], owner[stop]) for order in orders for stop in order["stops"]}
    return sorted(due)


def order_texts(phones: FakeTwilio, number: int) -> list[Any] | None:
    texts = phones.accepted[7:]
    return texts if len(texts) == number else None
