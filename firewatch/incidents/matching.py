"""Is this report about a fire we know already, and in whose zone does it burn? Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from firewatch.geo import great_circle_km, point_in_polygon
from firewatch.rulebook.alliance import Zone


@dataclass(frozen=True)
class Sighting:
    """A fire that burns: where and when it was first reported."""

    incident_id: int
    lat: float
    lon: float
    at: datetime


@dataclass(frozen=True)
class Near:
    """An incident that a new report may belong to, and how far its nearest report lies."""

    incident_id: int
    km: float


def near(
    lat: float, lon: float, at: datetime, sightings: Iterable[Sighting], within_km: float, within_minutes: int
) -> list[Near]:
    """Return the incidents with a report near in space and in time, the nearest first, ties by id."""
    limit = timedelta(minutes=within_minutes)
    nearest: dict[int, float] = {}
    for seen in sightings:
        km = great_circle_km(lat, lon, seen.lat, seen.lon)
        if km <= within_km and abs(at - seen.at) <= limit:
            nearest[seen.incident_id] = min(km, nearest.get(seen.incident_id, km))
    return sorted((Near(number, km) for number, km in nearest.items()), key=lambda n: (n.km, n.incident_id))


def zones_at(lat: float, lon: float, zones: Sequence[Zone]) -> list[Zone]:
    """Return the zones of a place: where a county and a reserve overlap, both, the reserve first."""
    inside = [
        zone for zone in zones if point_in_polygon({"type": "MultiPolygon", "coordinates": zone.polygons}, lat, lon)
    ]
    return sorted(inside, key=lambda zone: zone.kind != "reserve")


def zone_at(lat: float, lon: float, zones: Sequence[Zone]) -> Zone | None:
    """Return the first zone of a place."""
    return next(iter(zones_at(lat, lon, zones)), None)
