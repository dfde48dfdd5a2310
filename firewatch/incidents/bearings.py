"""Where bearings from lookouts meet, and how sure that is: least squares on the sphere. Pure.

Every bearing pulls the point sideways onto its line, every guessed distance along it, each weighed by its own standard
error at the point (Gauss-Newton); the inverse of the normal matrix is the error of the fix, as in any network of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from math import asin, atan2, cos, degrees, hypot, radians, sin, sqrt
from typing import Final

from firewatch.geo import EARTH_RADIUS_KM, great_circle_km, initial_bearing_deg

DISTANCE_SHARE: Final = 0.25
"""Standard error of a distance guessed by eye, as a share of it."""
REACH_KM: Final = 150.0
"""Nobody sees smoke farther than this: bearings that meet beyond run side by side."""
FLAT_DEG: Final = 20.0
"""Bearings that cross at less than this tell the distance badly."""
NINETY_FIVE: Final = sqrt(5.991)
"""Standard errors in the ellipse that holds the point 95 times of 100 (chi-square, two degrees of freedom)."""
ROUNDS: Final = 20
LEAST_KM: Final = 0.01
Pull = tuple[float, float, float, float]
"""East and north parts of a direction, how far the point has to go that way, and the standard error of that; km."""


class Trouble(StrEnum):
    """Why bearings make no place."""

    TOO_FEW = "too_few"  # one bearing without a distance
    PARALLEL = "parallel"  # they do not cross, or too far away
    BEHIND = "behind"  # they cross behind a lookout: a bearing is wrong, perhaps by 180 degrees
    DISAGREE = "disagree"  # no place fits what is given


class NoFix(ValueError):
    """Bearings make no place; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


@dataclass(frozen=True)
class Sight:
    """What a lookout sees: where it stands, the bearing from true north, and the distance where somebody guesses it."""

    lat: float
    lon: float
    bearing_deg: float
    km: float | None = None


@dataclass(frozen=True)
class Fix:
    """Where the fire is: in an ellipse that holds it 95 times of 100."""

    lat: float
    lon: float
    major_km: float
    """Half the longer axis; the whole error, said as a radius."""
    minor_km: float
    major_bearing_deg: float
    """Where the longer axis points, under 180."""
    crossing_deg: float | None
    """The best angle at which two of the bearings cross; None: one bearing only."""
    off_deg: float
    """By how much the worst bearing misses the point."""

    @property
    def flat(self) -> bool:
        """Whether the bearings cross so flat that the distance is badly known."""
        return self.crossing_deg is not None and self.crossing_deg < FLAT_DEG


def true_bearing_deg(magnetic_deg: float, declination_deg: float) -> float:
    """Return the bearing from true north; east declination counts plus."""
    return (magnetic_deg + declination_deg) % 360.0


def fix(sights: Sequence[Sight], error_deg: float) -> Fix:
    """Return where sights meet; `error_deg` is the standard error of a bearing. Raises NoFix."""
    lat, lon = _start(sights)
    _worst(sights, lat, lon)
    for _ in range(ROUNDS):
        east, north = _step(_pulls(sights, lat, lon, error_deg))
        lat, lon = _moved(lat, lon, degrees(atan2(east, north)), min(hypot(east, north), REACH_KM / 10))
        if hypot(east, north) < LEAST_KM / 100:
            break
    else:
        raise NoFix(Trouble.DISAGREE)
    off = _worst(sights, lat, lon)
    if max(great_circle_km(each.lat, each.lon, lat, lon) for each in sights) > REACH_KM:
        raise NoFix(Trouble.PARALLEL)
    major, minor, direction = _ellipse(_pulls(sights, lat, lon, error_deg))
    return Fix(lat, lon, major, minor, direction, _crossing(sights), off)


def _start(sights: Sequence[Sight]) -> tuple[float, float]:
    """Return a first guess: along a sight of known distance, or where the two bearings that cross best meet."""
    for each in sights:
        if each.km is not None:
            return _moved(each.lat, each.lon, each.bearing_deg, each.km)
    if len(sights) < 2:
        raise NoFix(Trouble.TOO_FEW)
    a, b = max(combinations(sights, 2), key=lambda pair: _angle(*pair))
    km, towards = great_circle_km(a.lat, a.lon, b.lat, b.lon), initial_bearing_deg(a.lat, a.lon, b.lat, b.lon)
    back = initial_bearing_deg(b.lat, b.lon, a.lat, a.lon)
    at_a, at_b = radians(_turn(a.bearing_deg - towards)), radians(_turn(b.bearing_deg - back))
    if km < LEAST_KM or _angle(a, b) < 0.5:
        raise NoFix(Trouble.PARALLEL)
    # The law of sines in the triangle of the two lookouts and the fire; the fire lies on one side of their line.
    third = sin(at_a - at_b)
    along_a, along_b = -km * sin(at_b) / third, km * sin(at_a) / third
    if min(along_a, along_b) < 0:
        raise NoFix(Trouble.BEHIND)
    if max(along_a, along_b) > REACH_KM:
        raise NoFix(Trouble.PARALLEL)
    return _moved(a.lat, a.lon, a.bearing_deg, along_a)


def _worst(sights: Sequence[Sight], lat: float, lon: float) -> float:
    """Return by how many degrees the worst bearing misses a point, which is to lie before every lookout."""
    off = max(abs(_turn(each.bearing_deg - initial_bearing_deg(each.lat, each.lon, lat, lon))) for each in sights)
    if off > 90:
        raise NoFix(Trouble.BEHIND)
    return off


def _pulls(sights: Sequence[Sight], lat: float, lon: float, error_deg: float) -> list[Pull]:
    found: list[Pull] = []
    for each in sights:
        km = max(great_circle_km(each.lat, each.lon, lat, lon), LEAST_KM)
        seen = initial_bearing_deg(each.lat, each.lon, lat, lon)
        onward = radians(initial_bearing_deg(lat, lon, each.lat, each.lon) + 180)
        aside = EARTH_RADIUS_KM * sin(km / EARTH_RADIUS_KM)
        turn = radians(_turn(each.bearing_deg - seen))
        found.append((cos(onward), -sin(onward), turn * aside, radians(error_deg) * aside))
        if each.km is not None:
            found.append((sin(onward), cos(onward), each.km - km, max(each.km * DISTANCE_SHARE, LEAST_KM)))
    return found


def _normal(pulls: Sequence[Pull]) -> tuple[float, float, float, float]:
    """Return the normal matrix, as east-east, east-north, north-north, and its determinant."""
    ee = sum(e * e / s**2 for e, _, _, s in pulls)
    en = sum(e * n / s**2 for e, n, _, s in pulls)
    nn = sum(n * n / s**2 for _, n, _, s in pulls)
    return ee, en, nn, ee * nn - en * en


def _step(pulls: Sequence[Pull]) -> tuple[float, float]:
    ee, en, nn, det = _normal(pulls)
    east = sum(e * r / s**2 for e, _, r, s in pulls)
    north = sum(n * r / s**2 for _, n, r, s in pulls)
    return (nn * east - en * north) / det, (ee * north - en * east) / det


def _ellipse(pulls: Sequence[Pull]) -> tuple[float, float, float]:
    """Return the half axes in km and the bearing of the longer one."""
    ee, en, nn, det = _normal(pulls)
    middle, spread = (ee + nn) / 2, hypot((ee - nn) / 2, en)
    most = middle + spread
    # The longer axis is that of the smaller weight; that weight is det / most, which does not cancel out.
    direction = degrees(atan2(2 * en, nn - ee)) / 2 + 90
    return NINETY_FIVE * sqrt(most / det), NINETY_FIVE / sqrt(most), direction % 180.0


def _crossing(sights: Sequence[Sight]) -> float | None:
    return max((_angle(*pair) for pair in combinations(sights, 2)), default=None)


def _angle(a: Sight, b: Sight) -> float:
    """Return the angle at which two lines cross, 0 to 90."""
    turn = abs(_turn(a.bearing_deg - b.bearing_deg))
    return min(turn, 180 - turn)


def _turn(angle: float) -> float:
    """Return an angle as a turn, -180 to 180."""
    return (angle + 180.0) % 360.0 - 180.0


def _moved(lat: float, lon: float, bearing_deg: float, km: float) -> tuple[float, float]:
    """Return the point so far along the great circle that leaves in a direction."""
    phi, way, arc = radians(lat), radians(bearing_deg), km / EARTH_RADIUS_KM
    there = asin(sin(phi) * cos(arc) + cos(phi) * sin(arc) * cos(way))
    east = atan2(sin(way) * sin(arc) * cos(phi), cos(arc) - sin(phi) * sin(there))
    return degrees(there), lon + degrees(east)
