"""A service whose provider and clock are ours, on SQLite, with messages due."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import select

from firewatch.db import Database
from firewatch.messaging.models import Alarm, Message
from firewatch.rulebook.read import Rulebook, default_folder, read_rulebook
from tests.fake_twilio import FakeTwilio
from tests.story.flood import QUIET, fast_clock, flood_of_texts, flood_on_disk
from tests.story.service import Service, config_with


@dataclass
class World:
    """What a test of chaos works with."""

    db: Database
    provider: FakeTwilio
    service: Service
    book: Rulebook
    now: Callable[[], datetime]

    def start(self, **more: str) -> None:
        """Start the service at the instant it is."""
        self.service.start(**{"FIREWATCH_CLOCK_START": self.now().isoformat(), **more})
        self.service.wait_until_ready()

    def flood(self, texts: int) -> None:
        """Let so many texts be due at once, beside the service."""
        flood_of_texts(self.db, self.book, texts)

    def messages(self) -> list[Message]:
        with self.db.read() as session:
            return list(session.exec(select(Message).order_by(Message.id)))  # type: ignore[arg-type]  # a column

    def out(self, template: str) -> int:
        """How many texts of a kind the provider has taken."""
        codes = {row.code for row in self.messages() if row.template == template}
        return sum(text.code in codes for text in list(self.provider.accepted))

    def alarms(self, kind: str) -> list[Alarm]:
        with self.db.read() as session:
            return list(session.exec(select(Alarm).where(Alarm.kind == kind)))


Build = Callable[..., World]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """Makes a world with so many fires, of which each is told to seven agencies, at a speed of the clock."""
    with ExitStack() as stack:

        def made(fires: int, speed: float = 20.0, rules: str = QUIET) -> World:
            config = config_with(default_folder(), tmp_path / "config", messages_toml=rules)
            book = read_rulebook(config)
            db = flood_on_disk(tmp_path, book, fires)
            stack.callback(db.dispose)
            now = fast_clock(speed)
            provider = stack.enter_context(FakeTwilio(now=now))
            environment = {
                **provider.settings(),
                "FIREWATCH_CONFIG_DIR": str(config),
                "FIREWATCH_CLOCK_SPEED": str(speed),
            }
            return World(db, provider, stack.enter_context(Service(tmp_path, environment)), book, now)

        yield made
