"""Kill -9 at any moment loses no message.

The real service, on SQLite, sends to a fake Twilio over real HTTP that takes its time, while it is killed again and
again: during its start, between a claim and a call, between a call and its end, within the transaction of a report.
Its clock runs fast, so that leases and looks into the provider's list pass in seconds.
"""

import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlmodel import func, select

from firewatch.messaging.models import Message
from firewatch.rulebook.read import default_folder, read_rulebook
from tests.chaos.scale import tell
from tests.fake_twilio import FakeTwilio
from tests.story.flood import AGENCIES, QUIET, fast_clock, finish, flood_on_disk, judge
from tests.story.service import Service, config_with

KILLS = int(os.environ.get("FIREWATCH_TEST_KILLS", "15"))
SPEED = 20.0
FIRES = 15  # of which each is told to seven agencies: 105 messages due before the first start


@dataclass
class Caller:
    """Somebody who reports fires and tries each again, under its key, until he has an answer."""

    service: Service
    number: int = 0
    answered: list[int] = field(default_factory=list)

    def report(self, timeout: float = 30) -> None:
        body = {
            "lat": 36.5 + 0.1 * self.number,
            "lon": 101.0,
            "description": f"smoke {self.number}",
            "channel": "phone",
            "agency": None,
        }
        headers = {"Idempotency-Key": f"kill-{self.number}"}
        answer = self.service.http.post("/api/v1/fire-reports", json=body, headers=headers, timeout=timeout)
        assert answer.status_code == 201, answer.text
        self.answered.append(answer.json()["incident"]["id"])
        self.number += 1


@pytest.mark.kill
@pytest.mark.timeout(300 + 10 * KILLS)
def test_kill_9_at_any_moment_loses_no_message(tmp_path: Path) -> None:
    seed = int(os.environ.get("FIREWATCH_TEST_SEED", random.SystemRandom().randrange(10**6)))
    print(f"seed {seed}")  # noqa: T201 - with it the run can be had again
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    config = config_with(default_folder(), tmp_path / "config", messages_toml=QUIET)
    db = flood_on_disk(tmp_path, read_rulebook(config), FIRES)
    now = fast_clock(SPEED)
    with (
        FakeTwilio(seed=seed, delay=(0.1, 1.5), now=now) as twilio,
        Service(
            tmp_path,
            {**twilio.settings(), "FIREWATCH_CONFIG_DIR": str(config), "FIREWATCH_CLOCK_SPEED": str(SPEED)},
            forked=True,
        ) as service,
    ):
        caller = Caller(service)
        sending = 0
        for _ in range(KILLS):
            before = len(twilio.accepted)
            service.start(FIREWATCH_CLOCK_START=now().isoformat())
            if chance.random() < 0.25:
                time.sleep(chance.uniform(0.1, 1.5))  # somewhere in its start
            else:
                service.wait_until_ready()
                live(caller, seconds=chance.uniform(0.0, 1.2))
            service.kill()
            sending += len(twilio.accepted) > before
        service.start(FIREWATCH_CLOCK_START=now().isoformat())
        service.wait_until_ready()
        caller.report()
        finish(db, twilio, seconds=120 + 5 * KILLS)  # a killed service asks for no receipts: all are asked for now
        assert service.stop() in {0, -signal.SIGTERM}, service.said()
    due = (FIRES + caller.number) * AGENCIES
    lost, doubled = judge(db, twilio)
    told = f"{KILLS} kills, {sending} of them while sending; {due} messages due, {lost} lost, {doubled} doubled"
    print(told)  # noqa: T201 - the figure to report
    tell(f"kill -9, {KILLS} times, {due} due", lost, doubled, f"{sending} of the kills while sending")
    assert sending > KILLS // 10, "the kills came too early or too late to prove anything"
    assert len(set(caller.answered)) == caller.number, "one report, one incident"
    with db.read() as session:
        assert session.exec(select(func.count()).select_from(Message)).one() == due
    assert (lost, doubled) == (0, 0)
    db.dispose()


def live(caller: Caller, seconds: float) -> None:
    """Let the service live for so long, with a fire reported to it meanwhile."""
    deadline = time.monotonic() + seconds
    with suppress(httpx.TransportError):  # too slow for this life: the same report comes again under its key
        caller.report(timeout=max(0.01, seconds))
    time.sleep(max(0.0, deadline - time.monotonic()))
