"""A feed that is only a name: for what looks at the list of feeds and asks none."""

from collections.abc import Sequence
from datetime import datetime

from firewatch.weather.feeds import Point, Reading, WeatherFeed


class Quiet(WeatherFeed):
    """Has nothing to say."""

    def __init__(self, name: str, kind: str = "quiet") -> None:
        self.id, self.kind, self.note = name, kind, ""

    def fetch(self, points: Sequence[Point], since: datetime | None, now: datetime) -> list[Reading]:
        del points, since, now
        return []
