"""Geometry on the earth: distance, bearing, point in polygon, degrees-minutes-seconds.

Coordinates are WGS 84 decimal degrees. In arguments latitude comes first; inside GeoJSON it is `[lon, lat]`,
as RFC 7946 has it. Nothing here crosses the antimeridian.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import asin, atan2, cos, degrees, radians, sin, sqrt
from typing import Any

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the WGS 84 ellipsoid (IUGG R1); a sphere is within 0.6 % of the geodesic."""


WINDS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")


def great_circle_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Answer the distance in km by the haversine formula, which stays exact for near points."""
    phi1, phi2 = radians(lat1), radians(lat2)
    half_chord = sin((phi2 - phi1) / 2) ** 2 + cos(phi1) * cos(phi2) * sin(radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, half_chord)))


def initial_bearing_deg(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Answer the direction in which the great circle leaves the first point: 0 is north, 90 east, under 360.

    Two equal points answer 0.
    """
    phi1, phi2, east = radians(lat1), radians(lat2), radians(lon2 - lon1)
    x = cos(phi1) * sin(phi2) - sin(phi1) * cos(phi2) * cos(east)
    # The second remainder turns the 360.0 that a tiny negative angle rounds to into 0.
    return degrees(atan2(sin(east) * cos(phi2), x)) % 360.0 % 360.0


def compass_point(bearing_deg: float) -> str:
    """Answer the nearest of the eight winds, `n` `ne` `e` `se` `s` `sw` `w` `nw`; half-way is the next clockwise."""
    return WINDS[int((bearing_deg % 360.0 + 22.5) // 45.0) % 8]


def point_in_polygon(geometry: Mapping[str, Any], lat: float, lon: float) -> bool:
    """Tell whether the point lies in a GeoJSON Polygon or MultiPolygon, holes left out.

    Even-odd rule: a ray eastward crosses the rings an odd number of times. An edge holds its southern end and
    not its northern one, so a point on a border shared by two polygons is in one of them, never in both.
    Raises ValueError for any other geometry.
    """
    return any(_crosses_odd(rings, lat, lon) for rings in _polygons(geometry))


def _polygons(geometry: Mapping[str, Any]) -> Sequence[Any]:
    kind = geometry.get("type")
    if kind == "Polygon":
        return [geometry["coordinates"]]
    if kind == "MultiPolygon":
        return list(geometry["coordinates"])
    raise ValueError(f"expected a Polygon or a MultiPolygon, not {kind!r}")


def _crosses_odd(rings: Sequence[Any], lat: float, lon: float) -> bool:
    return sum(_crossings(rings, lat, lon)) % 2 == 1


def _crossings(rings: Sequence[Any], lat: float, lon: float) -> Iterator[bool]:
    """Answer, edge by edge, whether the ray eastward from the point crosses it."""
    for ring in rings:
        # Every edge is walked from south to north, whichever polygon it belongs to: rounding then falls the
        # same way on both sides of a shared border.
        for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
            (x1, y1), (x2, y2) = sorted((a[:2], b[:2]), key=lambda point: point[1])
            if y1 <= lat < y2:
                yield lon < x1 + (lat - y1) * (x2 - x1) / (y2 - y1)


def to_dms(lat: float, lon: float) -> str:
    """Write a point in degrees, minutes and whole seconds (about 30 m): `35°35'33"N 103°11'34"E`."""
    return f"{_dms(lat)}{'S' if lat < 0 else 'N'} {_dms(lon)}{'W' if lon < 0 else 'E'}"


def _dms(value: float) -> str:
    # Rounded once, in seconds: 59.9999" carries into the minute instead of being printed as 60".
    minutes, seconds = divmod(round(abs(value) * 3600), 60)
    return f"{minutes // 60}°{minutes % 60:02d}'{seconds:02d}\""
