"""PostgreSQL taken away in the flow, and many processes at one queue."""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from firewatch import migrations
from firewatch.db import Database
from firewatch.rulebook.read import default_folder, read_rulebook
from tests.chaos.scale import size, tell
from tests.fake_twilio import FakeTwilio
from tests.postgres import Restartable, restartable_server
from tests.story.flood import QUIET, fast_clock, finish, flood_of_texts, judge
from tests.story.service import Service, config_with

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]


@pytest.fixture
def server() -> Iterator[Restartable]:
    with restartable_server() as made:
        yield made


@contextmanager
def flooded(server: Restartable, folder: Path, due: int, speed: float) -> Iterator[tuple[Database, dict[str, str]]]:
    """A migrated database with texts that are due, and the environment of a service over it."""
    config = config_with(default_folder(), folder / "config", messages_toml=QUIET)
    db = Database(server.url)
    migrations.upgrade(db)
    flood_of_texts(db, read_rulebook(config), due)
    try:
        yield (
            db,
            {
                "FIREWATCH_DATABASE_URL": server.url,
                "FIREWATCH_CONFIG_DIR": str(config),
                "FIREWATCH_CLOCK_SPEED": str(speed),
            },
        )
    finally:
        db.dispose()


@pytest.mark.timeout(2400)
@pytest.mark.parametrize("replicas", size([2], [8, 2]))
def test_many_processes_share_a_queue(server: Restartable, tmp_path: Path, replicas: int) -> None:
    due, now = size(280, 10_000), fast_clock(5.0)
    with (
        flooded(server, tmp_path, due, 5.0) as (db, environment),
        FakeTwilio(now=now) as provider,
        ExitStack() as stack,
    ):
        services = []
        for number in range(replicas):
            (folder := tmp_path / str(number)).mkdir()
            services.append(stack.enter_context(Service(folder, {**environment, **provider.settings()}, forked=True)))
        began = time.monotonic()
        for service in services:
            service.start(FIREWATCH_CLOCK_START=now().isoformat())
        for service in services:
            service.wait_until_ready()
        started = time.monotonic() - began
        finish(db, provider, seconds=size(180, 1800))  # eight processes have two cores, and every receipt is asked for
        lost, doubled = judge(db, provider)
        seconds = time.monotonic() - began
        for service in services:
            assert service.process is not None
            os.kill(service.process.pid, signal.SIGTERM)
    tell(
        f"{replicas} processes, {due} due",
        lost,
        doubled,
        f"{seconds:.0f} s, of which {started:.0f} s until all had started",
    )
    assert (lost, doubled) == (0, 0)


def test_the_database_is_restarted_in_the_flow(server: Restartable, tmp_path: Path) -> None:
    restarts, now = size(4, 20), fast_clock(20.0)
    chance = random.Random(7)  # noqa: S311 - moments, not secrets
    with (
        flooded(server, tmp_path, size(84, 600), 20.0) as (db, environment),
        FakeTwilio(delay=(0.05, 0.4), now=now) as provider,
        Service(tmp_path, {**environment, **provider.settings()}) as service,
    ):
        service.start(FIREWATCH_CLOCK_START=now().isoformat())
        service.wait_until_ready()
        slowest = 0.0
        for _ in range(restarts):
            time.sleep(chance.uniform(0.2, 1.5))
            server.restart()
            began = time.monotonic()
            while httpx.get(f"{service.url}/readyz", timeout=30).status_code != 200:
                assert time.monotonic() - began < 60
                time.sleep(0.1)
            slowest = max(slowest, time.monotonic() - began)
        ended(db, provider)
        lost, doubled = judge(db, provider)
        due = sum(provider.counts().values()) + lost
    tell(f"database restarted {restarts} times, {due} due", lost, doubled, f"ready again after {slowest:.1f} s at most")
    assert (lost, doubled) == (0, 0)
    assert slowest <= size(30, 10)


def ended(db: Database, provider: FakeTwilio) -> None:
    """Wait until every message has come to its end; connections of the old server may still lie in the pool."""
    try:
        finish(db, provider, seconds=180)
    except OperationalError:
        finish(db, provider, seconds=180)
