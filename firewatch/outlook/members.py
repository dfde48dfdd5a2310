"""The port of an ensemble: the same days foreseen many times over, each a little differently."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from firewatch.indices.checks import Floats
from firewatch.weather.feeds import Payload, Point


@dataclass(frozen=True)
class Members:
    """Hourly weather of every member at some points.

    `values` holds an array of shape (hours, members, points) for each of temp_c, rh_pct, wind_kmh, rain_mm and
    snow_depth_cm; NaN is missing. Row i is the hour that ends at `start` + (i + 1) h, a full hour.
    """

    model: str
    issued_at: datetime
    start: datetime
    values: Mapping[str, Floats]

    @property
    def count(self) -> int:
        """Return how many members there are, the control run included."""
        return int(self.values["temp_c"].shape[1])


class Ensemble(Protocol):
    """A source of ensembles."""

    id: str
    note: str
    """For people, such as that it is made up; empty when there is nothing to say."""

    def fetch(self, points: Sequence[Point], now: datetime) -> Members:
        """Return the members' hours from today on, the points in their order. Raises `weather.feeds.FeedDown`."""
        ...

    def payloads(self) -> list[Payload]:
        """Hand over what came over the wire since this was last asked, also of a fetch that failed."""
        return []
