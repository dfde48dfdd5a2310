"""A feed that is only a name: for what looks at the list of feeds and asks none."""

from collections.abc import Sequence
from datetime import datetime

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.jobs.desk import Desk
from firewatch.messaging.line import open_line
from firewatch.rulebook.read import Rulebook
from firewatch.weather.feeds import Point, Reading, WeatherFeed
from tests.service.messages import MemoryChannel


class Quiet(WeatherFeed):
    """Has nothing to say."""

    def __init__(self, name: str, kind: str = "quiet") -> None:
        self.id, self.kind, self.note = name, kind, ""

    def fetch(self, points: Sequence[Point], since: datetime | None, now: datetime) -> list[Reading]:
        del points, since, now
        return []


def desk_of(db: Database, clock: FixedClock, book: Rulebook, *feeds: WeatherFeed) -> Desk:
    """The desk of the jobs, with a provider in memory that nobody is told to use."""
    line = open_line(db, MemoryChannel(), clock, book.messages, owner="tests")
    line.sender.close()
    return Desk(db, clock, book, feeds, [line])
