"""What several service tests ask for: a provider in memory, and the office that sends through it."""

from collections.abc import Iterator

import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from tests.service.messages import MemoryChannel, Post


@pytest.fixture
def channel() -> MemoryChannel:
    return MemoryChannel()


@pytest.fixture
def post(db: Database, clock: FixedClock, channel: MemoryChannel) -> Iterator[Post]:
    office = Post(db, clock, channel)
    yield office
    office.sender.close()
