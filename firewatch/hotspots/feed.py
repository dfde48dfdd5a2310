"""The port: what a source of hot spots answers, whatever it is asked over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from firewatch.hotspots.models import Confidence
from firewatch.weather.feeds import Payload


@dataclass(frozen=True)
class Box:
    """A window on the earth in degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Sighted:
    """A detection as the source tells it. (satellite, acquired_at, lat, lon) is what it is known by."""

    satellite: str
    instrument: str
    acquired_at: datetime
    lat: float
    lon: float
    confidence: Confidence
    frp_mw: float | None = None
    brightness_k: float | None = None


@dataclass(frozen=True)
class Answer:
    """What a source saw: no detection means that it saw none, never that it did not answer."""

    detections: Sequence[Sighted]
    refused: int = 0
    """Rows that could not be read."""


class HotspotFeed(Protocol):
    """A source of hot spots."""

    id: str

    def fetch(self, box: Box) -> Answer:
        """Return what was detected in the window over the last two days of UTC. Raises `weather.feeds.FeedDown`."""
        ...

    def payloads(self) -> list[Payload]:
        """Hand over what came over the wire since the last call."""
        ...
