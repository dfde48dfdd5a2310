"""The service away for two hours, and a thousand people who see the same smoke."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from firewatch.rulebook.read import default_folder
from tests.chaos.conftest import Build
from tests.chaos.scale import size, tell
from tests.fake_twilio import Fault
from tests.story.flood import AGENCIES, QUIET, finish, judge
from tests.story.service import TOKEN
from tests.story.test_report_to_phones import wait_for

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]
LOUD = (default_folder() / "messages.toml").read_text(encoding="utf-8")
"""The rules as they are delivered: reminders after five minutes."""


def test_it_was_down_for_two_hours(build: Build) -> None:
    world = build(size(10, 72), speed=1.0, rules=LOUD)
    due = len(world.messages())
    world.start(FIREWATCH_CLOCK_START=(world.now() + timedelta(hours=2)).isoformat())
    wait_for("a text to everybody", lambda: world.out("sms.report") + world.out("sms.reminder") >= due, seconds=120)
    time.sleep(10)
    by_code = {row.code: row.incident_id for row in world.messages() if row.incident_id}
    each = Counter((text.to, by_code[text.code]) for text in world.provider.accepted if text.code in by_code)
    doubled = sum(times > 1 for times in each.values())
    lost = due - len(each)
    tell(f"down for two hours, {due} due", lost, doubled, f"at most {max(each.values())} texts to a person of one fire")
    assert (lost, doubled) == (0, 0)


def test_a_thousand_reports_of_one_fire(build: Build) -> None:
    reports = size(200, 1000)
    world = build(0, speed=5.0, rules=QUIET)
    world.start()
    body = {"lat": 35.25, "lon": 103.35, "description": "smoke", "channel": "phone", "agency": None}
    with httpx.Client(base_url=world.service.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=120) as client:

        def report(number: int) -> int:
            answer = client.post("/api/v1/fire-reports", json={**body, "description": f"smoke {number}"})
            assert answer.status_code == 201, answer.text
            incident: int = answer.json()["incident"]["id"]
            return incident

        began = time.monotonic()
        with ThreadPoolExecutor(20) as people:
            incidents = set(people.map(report, range(reports)))
        seconds = time.monotonic() - began
        kept = len(client.get(f"/api/v1/incidents/{min(incidents)}").json()["reports"])
    finish(world.db, world.provider, seconds=60)
    lost, doubled = judge(world.db, world.provider)
    said = f"{len(incidents)} incident", f"{len(world.messages())} texts", f"{kept} reports kept", f"{seconds:.0f} s"
    tell(f"{reports} reports of one fire", reports - kept, doubled, *said)
    assert (len(incidents), len(world.messages()), kept) == (1, AGENCIES, reports)
    assert (lost, doubled) == (0, 0)


def test_the_clock_is_an_hour_behind_and_then_an_hour_ahead(build: Build) -> None:
    """The timers were written under another clock: none holds a text up, none comes early, none sends twice."""
    world = build(size(5, 30), speed=5.0, rules=LOUD)
    due, hour = len(world.messages()), timedelta(hours=1)
    world.provider.always = Fault.BUSY
    world.start()
    wait_for("a text that was put off", lambda: any(row.failures for row in world.messages()), seconds=20)
    world.service.stop()
    world.provider.always = None
    world.start(FIREWATCH_CLOCK_START=(world.now() - hour).isoformat())
    began = time.monotonic()
    wait_for("all of them", lambda: world.out("sms.report") == due, seconds=60)
    out = time.monotonic() - began
    time.sleep(5)
    early = world.out("sms.reminder")
    world.service.stop()
    world.start(FIREWATCH_CLOCK_START=(world.now() + hour).isoformat())
    wait_for("the reminders", lambda: world.out("sms.reminder") == due, seconds=60)
    lost = 2 * due - world.out("sms.report") - world.out("sms.reminder")
    _, doubled = judge(world.db, world.provider)
    said = f"all out {out:.0f} s after the start with the clock set back", f"{early} reminders before their time"
    tell(f"clock an hour behind, then an hour ahead, {due} due", lost, doubled, *said)
    assert (lost, doubled, early) == (0, 0, 0)
