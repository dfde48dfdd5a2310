"""Which detections are one hot spot. Pure.

Detections are linked when they lie within some km and some hours of each other; whatever is linked, directly or by
others, is one cluster. So the result is a property of the set: no order of rows or of polls changes it, and a
detection that comes later can only make a cluster grow or join two.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum

from firewatch.geo import EARTH_RADIUS_KM, great_circle_km
from firewatch.hotspots.models import Confidence

KM_PER_DEGREE = EARTH_RADIUS_KM * 0.017453292519943295
RANK = {Confidence.LOW: 0, Confidence.NOMINAL: 1, Confidence.HIGH: 2}


@dataclass(frozen=True)
class Spot:
    """A detection as far as clustering goes; `ident` is unique."""

    ident: int
    lat: float
    lon: float
    at: datetime
    confidence: Confidence = Confidence.NOMINAL
    frp_mw: float | None = None


@dataclass(frozen=True)
class Summary:
    """What a cluster amounts to."""

    lat: float
    lon: float
    first_at: datetime
    last_at: datetime
    count: int
    confidence: Confidence
    max_frp_mw: float | None


def linked(one: Spot, other: Spot, km: float, hours: float) -> bool:
    """Return whether two detections lie so near each other in space and time that they are of one fire."""
    return abs(one.at - other.at) <= timedelta(hours=hours) and near(one, other, km)


def near(one: Spot, other: Spot, km: float) -> bool:
    """Return whether two detections lie within some km."""
    return great_circle_km(one.lat, one.lon, other.lat, other.lon) <= km


def clusters(spots: Iterable[Spot], km: float, hours: float) -> list[tuple[Spot, ...]]:
    """Return the clusters, each in the order of its detections' ids, the one with the smallest id first."""
    by_lat = sorted(set(spots), key=lambda spot: (spot.lat, spot.ident))
    lats = [spot.lat for spot in by_lat]
    parent = list(range(len(by_lat)))
    reach = km / KM_PER_DEGREE * 1.001  # a hair more: the exact distance decides
    for first, spot in enumerate(by_lat):
        for second in range(first + 1, bisect_right(lats, spot.lat + reach)):
            if linked(spot, by_lat[second], km, hours):
                parent[_root(parent, second)] = _root(parent, first)
    found: dict[int, list[Spot]] = {}
    for place, spot in enumerate(by_lat):
        found.setdefault(_root(parent, place), []).append(spot)
    return sorted((tuple(sorted(group, key=lambda s: s.ident)) for group in found.values()), key=lambda g: g[0].ident)


def _root(parent: list[int], place: int) -> int:
    while parent[place] != place:
        parent[place] = parent[parent[place]]
        place = parent[place]
    return place


def summary(spots: Sequence[Spot]) -> Summary:
    """Return what a cluster of at least one detection amounts to; the order of the detections does not matter."""
    powers = [spot.frp_mw for spot in spots if spot.frp_mw is not None]
    return Summary(
        lat=round(fsum(spot.lat for spot in spots) / len(spots), 5),
        lon=round(fsum(spot.lon for spot in spots) / len(spots), 5),
        first_at=min(spot.at for spot in spots),
        last_at=max(spot.at for spot in spots),
        count=len(spots),
        confidence=max((spot.confidence for spot in spots), key=RANK.__getitem__),
        max_frp_mw=max(powers, default=None),
    )


def strong_enough(confidence: Confidence, least: str) -> bool:
    """Return whether a confidence is at least another."""
    return RANK[confidence] >= RANK[Confidence(least)]


def covered(spot: Spot, looked_at: Iterable[Spot], until: datetime, km: float) -> bool:
    """Return whether a detection is on ground that somebody has looked at, and not later than the answer holds.

    Only what the ticket had when it was answered counts: ground near it that burns afterwards is asked about anew.
    """
    return spot.at <= until and any(near(spot, known, km) for known in looked_at)
