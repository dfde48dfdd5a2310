"""Where hot spots count, and what is hot by trade. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from math import ceil, cos, floor, hypot, radians

from firewatch.geo import EARTH_RADIUS_KM, great_circle_km
from firewatch.hotspots.feed import Box
from firewatch.incidents.matching import zones_at
from firewatch.rulebook.alliance import Ring, Zone
from firewatch.rulebook.hotspots import HeatSource

KM_PER_DEGREE = radians(1) * EARTH_RADIUS_KM


def box_of(zones: Sequence[Zone], buffer_km: float) -> Box:
    """Return the window that holds all zones and what lies around them, rounded outward to a hundredth of a degree."""
    spots = [spot for zone in zones for ring in _rings(zone) for spot in ring]
    lons, lats = [lon for lon, _ in spots], [lat for _, lat in spots]
    up = buffer_km / KM_PER_DEGREE
    across = up / cos(radians(min(max(abs(min(lats)), abs(max(lats))) + up, 85.0)))
    return Box(
        west=max(floor((min(lons) - across) * 100) / 100, -180.0),
        south=max(floor((min(lats) - up) * 100) / 100, -90.0),
        east=min(ceil((max(lons) + across) * 100) / 100, 180.0),
        north=min(ceil((max(lats) + up) * 100) / 100, 90.0),
    )


def in_region(lat: float, lon: float, zones: Sequence[Zone], buffer_km: float) -> bool:
    """Return whether a place lies in a zone or at most so far outside."""
    if zones_at(lat, lon, zones):
        return True
    return any(_edge_km(lat, lon, ring) <= buffer_km for zone in zones for ring in _rings(zone))


def masked(lat: float, lon: float, mask: Iterable[HeatSource]) -> HeatSource | None:
    """Return the place, hot by trade, that a detection belongs to."""
    return next((place for place in mask if great_circle_km(lat, lon, place.lat, place.lon) <= place.radius_km), None)


def _rings(zone: Zone) -> Iterator[Ring]:
    for polygon in zone.polygons:
        yield from polygon


def _edge_km(lat: float, lon: float, ring: Ring) -> float:
    """Return the distance to the nearest edge, on a plane that touches the earth at the place: true for short ways."""
    narrow = cos(radians(lat))
    flat = [((x - lon) * narrow * KM_PER_DEGREE, (y - lat) * KM_PER_DEGREE) for x, y in ring]
    return min(_segment_km(a, b) for a, b in zip(flat, [*flat[1:], flat[0]], strict=True))


def _segment_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the distance from the origin to a segment."""
    along_x, along_y = b[0] - a[0], b[1] - a[1]
    length2 = along_x**2 + along_y**2
    share = 0.0 if length2 == 0 else min(1.0, max(0.0, -(a[0] * along_x + a[1] * along_y) / length2))
    return hypot(a[0] + share * along_x, a[1] + share * along_y)
