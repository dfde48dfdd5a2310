"""The window of a map on the earth, and how it comes onto the paper. Pure.

Equirectangular, the longitude scaled by the cosine of the middle latitude: true to a percent over a prefecture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, floor, log10, radians

from firewatch.geo import EARTH_RADIUS_KM

WIDTH = 720.0
KM_PER_DEGREE = radians(1) * EARTH_RADIUS_KM

Place = tuple[float, float]
"""Latitude, longitude."""


@dataclass(frozen=True)
class Frame:
    """The window on the earth, and how it comes onto the paper (units of the viewBox, y downward)."""

    west: float
    south: float
    east: float
    north: float
    width: float = WIDTH

    @property
    def scale_x(self) -> float:
        """Units per degree of longitude."""
        return self.width / (self.east - self.west)

    @property
    def scale_y(self) -> float:
        """Units per degree of latitude."""
        return self.scale_x / cos(radians((self.south + self.north) / 2))

    @property
    def height(self) -> float:
        """Units from top to bottom."""
        return (self.north - self.south) * self.scale_y

    def xy(self, lat: float, lon: float) -> tuple[float, float]:
        """Return where a place is drawn."""
        return (lon - self.west) * self.scale_x, (self.north - lat) * self.scale_y

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return the latitude and longitude of a spot on the paper."""
        return self.north - y / self.scale_y, self.west + x / self.scale_x

    def holds(self, lat: float, lon: float) -> bool:
        """Return whether a place lies within the window."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east

    def path(self, places: Sequence[Place]) -> str:
        """Return the path along some places."""
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in (self.xy(*place) for place in places))

    def units_per_km(self) -> float:
        """Return the scale of the map."""
        return self.scale_y / KM_PER_DEGREE


def window_around(lat: float, lon: float, km: float) -> Frame:
    """Return a window so many km wide with a place in its middle, three quarters as high."""
    down, across = km * 0.375 / KM_PER_DEGREE, km * 0.5 / KM_PER_DEGREE / cos(radians(lat))
    return Frame(lon - across, lat - down, lon + across, lat + down)


def scale_km(frame: Frame) -> float:
    """Return the length of the scale bar: 1, 2 or 5 times a power of ten, at most a quarter of the width."""
    most = frame.width / 4 / frame.units_per_km()
    power = 10.0 ** floor(log10(most))
    return max(step * power for step in (1, 2, 5) if step * power <= most)
