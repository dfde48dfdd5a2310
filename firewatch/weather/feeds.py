"""The port: what every source of weather answers, whatever it is asked over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from firewatch.weather.models import ValueKind


@dataclass(frozen=True)
class Point:
    """A place the danger is computed for. `elevation_m` is that of the forest belt, not of the town."""

    id: str
    lat: float
    lon: float
    elevation_m: float


@dataclass(frozen=True)
class Reading:
    """One hour at one point, in our units; None is missing. `valid_at` ends the hour of the rain amount."""

    point_id: str
    kind: ValueKind
    valid_at: datetime
    issued_at: datetime
    model: str
    temp_c: float | None = None
    rh_pct: float | None = None
    wind_kmh: float | None = None
    gust_kmh: float | None = None
    wind_dir_deg: float | None = None
    rain_mm: float | None = None
    snow_depth_cm: float | None = None


@dataclass(frozen=True)
class Payload:
    """One answer as it came over the wire. `request` names what was asked, with every key in it redacted."""

    request: str
    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Heard:
    """What a feed knows of one of its own stations: its newest hour, and why rows of it were refused, if any were."""

    station: str
    point_id: str
    newest_at: datetime | None
    refused: str | None = None


class FeedDown(Exception):
    """The source did not answer, or not with weather. The message is fit for a screen; keys are redacted."""


class WeatherFeed(Protocol):
    """A source of weather."""

    id: str
    kind: str
    note: str
    """For people, for example the file that is replayed; empty when there is nothing to say."""
    passive: bool = False
    """Nobody asks it: it sends by itself."""

    def fetch(self, points: Sequence[Point], since: datetime | None, now: datetime) -> list[Reading]:
        """Return what is known about the points.

        `since`: the newest hour already stored that is not a forecast, or None for all a feed can give.
        A feed may answer more than was asked for (repeats change nothing), never hours it cannot know at `now`
        except as forecasts. Raises FeedDown.
        """
        ...

    def stored(self) -> None:
        """Hear that what the last fetch gave is on record: a feed that gives an hour only once may let go of it."""
        return

    def heard(self) -> Sequence[Heard]:
        """Tell of the own stations that the last fetch heard of; a feed that is no station has none."""
        return ()

    def remind(self, memory: Mapping[str, Any]) -> None:
        """Hear before a fetch what `memory` gave after the last one that was stored: it outlives the process."""
        del memory

    def memory(self) -> dict[str, Any]:
        """Give what the feed wants to be reminded of: JSON, stored with what the fetch gave, or not at all."""
        return {}

    def payloads(self) -> list[Payload]:
        """Hand over what came over the wire since this was last asked, also of a fetch that failed."""
        return []
