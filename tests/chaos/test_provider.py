"""A provider that cuts lines, answers 500, hangs, or does not know us: it delays messages and loses none."""

import time

import pytest

from firewatch.messaging.models import MessageState
from tests.chaos.conftest import Build, World
from tests.chaos.scale import FULL, size, tell
from tests.fake_twilio import Fault
from tests.story.flood import AGENCIES, QUIET, finish, judge
from tests.story.test_report_to_phones import wait_for

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]


def test_it_answers_500_for_ten_minutes(build: Build) -> None:
    speed = size(20.0, 2.0)
    world = build(0, speed=speed)
    world.provider.down = True
    world.start()
    world.flood(size(70, 500))
    began = time.monotonic()
    wait_for("an alarm", lambda: world.alarms("channel_down"), seconds=40)
    opened = (time.monotonic() - began) * speed
    time.sleep(max(0.0, 600 / speed - (time.monotonic() - began)))
    tries, world.provider.down = world.provider.calls["create"], False
    back = time.monotonic()
    due = len(world.messages())
    wait_for("all of them", lambda: len(world.provider.accepted) >= due, seconds=120)
    drained = (time.monotonic() - back) * speed
    finish(world.db, world.provider, seconds=120)
    lost, doubled = judge(world.db, world.provider)
    figures = f"breaker open after {opened:.0f} s", f"{tries} tries meanwhile", f"drained in {drained:.0f} s"
    tell(f"500 for ten minutes, {due} due", lost, doubled, *figures)
    assert (lost, doubled) == (0, 0)
    assert tries <= 100
    if FULL:
        assert opened <= 10
        assert drained <= 60


def test_it_takes_a_message_and_drops_the_connection(build: Build) -> None:
    world = build(size(6, 30), speed=size(20.0, 5.0))
    world.provider.faults = {Fault.DROP_AFTER: 0.5}
    world.start()
    finish(world.db, world.provider, seconds=size(120, 240))
    lost, doubled = judge(world.db, world.provider)
    # What nobody was sure of keeps since when: the service's clock alone, whatever it is beside the provider's.
    waits = [row.handed_over_at - row.lease_until for row in world.messages() if row.lease_until and row.handed_over_at]
    slowest = max(waits).total_seconds()
    row = f"takes it, then cuts the line ({len(waits)} times)"
    tell(row, lost, doubled, f"the last reconciled after {slowest:.0f} s")
    assert (lost, doubled) == (0, 0)
    assert len(waits) >= size(10, 100)
    if FULL:
        assert slowest <= 90


def test_it_hangs_for_one_number(build: Build) -> None:
    limit = size(5, 15)
    world = build(1, speed=1.0, rules=QUIET.replace("send_timeout_seconds = 15", f"send_timeout_seconds = {limit}"))
    [silent, *_] = world.messages()
    world.provider.hanging = {silent.to}
    world.start()
    began = time.monotonic()
    wait_for("the others", lambda: len(world.provider.accepted) == AGENCIES - 1, seconds=10)
    others = time.monotonic() - began
    wait_for("the cut", lambda: state_of(world, silent.id) is MessageState.UNKNOWN, seconds=30)
    cut = time.monotonic() - began
    world.provider.hanging = set()
    world.service.stop()
    tell("hangs", 0, 0, f"cut after {cut:.0f} s", f"the others out after {others:.1f} s")
    assert cut < limit + 10
    assert others < cut


def state_of(world: World, message_id: int | None) -> MessageState:
    return next(row.state for row in world.messages() if row.id == message_id)


def test_it_does_not_know_our_account(build: Build) -> None:
    speed = 5.0
    world = build(0, speed=speed)
    world.provider.always = Fault.UNAUTHORISED
    world.start()
    world.flood(size(35, 500))
    began = time.monotonic()
    wait_for("an alarm", lambda: world.alarms("channel_held"), seconds=40)
    alarmed = (time.monotonic() - began) * speed
    time.sleep(60 / speed)
    burnt = sum(row.failures for row in world.messages())
    tries, world.provider.always = world.provider.calls["create"], None
    finish(world.db, world.provider, seconds=120)
    lost, doubled = judge(world.db, world.provider)
    said = f"alarm after {alarmed:.0f} s", f"{burnt} attempts burnt in a minute", f"{tries} calls"
    tell(f"bad credentials, {len(world.messages())} due", lost, doubled, *said)
    assert (lost, doubled, burnt) == (0, 0, 0)
    if FULL:
        assert alarmed <= 30
