"""GCJ-02, the shifted coordinates of some Chinese map services, from and to WGS 84. Pure.

The shift is a published polynomial with sines on the Krasovsky ellipsoid; here it is some 170 to 250 m. Nothing of ours
is ever stored shifted: only a picture that comes in GCJ-02 is put back to where it belongs.
"""

from math import cos, pi, radians, sin, sqrt

Place = tuple[float, float]
"""Latitude, longitude."""

SEMI_MAJOR_M = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
SOUTH, WEST, NORTH, EAST = 0.8293, 72.004, 55.8271, 137.8347
"""Outside of this window nothing is shifted."""
ROUNDS = 6
"""Of the way back; each makes the error some thousand times smaller."""


def from_wgs84(lat: float, lon: float) -> Place:
    """Return where a place is drawn by a service in GCJ-02."""
    if not (SOUTH <= lat <= NORTH and WEST <= lon <= EAST):
        return lat, lon
    north_m, east_m = _shift(lon - 105, lat - 35)
    phi = radians(lat)
    flat = 1 - ECCENTRICITY_SQUARED * sin(phi) ** 2
    meridian_m = SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED) / (flat * sqrt(flat))
    parallel_m = SEMI_MAJOR_M / sqrt(flat) * cos(phi)
    return lat + north_m / (meridian_m * pi) * 180, lon + east_m / (parallel_m * pi) * 180


def to_wgs84(lat: float, lon: float) -> Place:
    """Return where a place that a service draws in GCJ-02 lies, to less than a millimetre."""
    true_lat, true_lon = lat, lon
    for _ in range(ROUNDS):
        drawn_lat, drawn_lon = from_wgs84(true_lat, true_lon)
        true_lat, true_lon = true_lat + lat - drawn_lat, true_lon + lon - drawn_lon
    return true_lat, true_lon


def _shift(x: float, y: float) -> tuple[float, float]:
    """Return metres to the north and to the east, from degrees east of 105 and north of 35."""
    ripple = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + ripple
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + ripple
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    return north, east
