"""The tiles of web maps: which part of the earth each shows (Web Mercator, rows counted from the north). Pure.

Of a tile in GCJ-02 the numbers count in shifted coordinates; `corner` puts it back to where it belongs.
"""

from collections.abc import Iterator
from enum import StrEnum
from math import asinh, atan, degrees, radians, sinh, tan
from math import pi as half_turn
from typing import Final, NamedTuple

from firewatch.maps import gcj02

SIDE_PX: Final = 256
MOST_LAT: Final = 85.0
"""Beyond it there are no tiles."""


class Datum(StrEnum):
    """In which coordinates a source's pictures are."""

    WGS84 = "wgs84"  # CGCS2000 is the same within a decimetre
    GCJ02 = "gcj02"


class Tile(NamedTuple):
    """A tile by its zoom, column and row."""

    zoom: int
    x: int
    y: int


class Window(NamedTuple):
    """A part of the earth in degrees."""

    west: float
    south: float
    east: float
    north: float


def position(lat: float, lon: float, zoom: int, datum: Datum) -> tuple[float, float]:
    """Return the column and row, with fractions, in which a place lies."""
    if datum is Datum.GCJ02:
        lat, lon = gcj02.from_wgs84(lat, lon)
    side = 2**zoom
    lat = max(-MOST_LAT, min(MOST_LAT, lat))
    return (lon + 180) / 360 * side, (1 - asinh(tan(radians(lat))) / half_turn) / 2 * side


def corner(x: float, y: float, zoom: int, datum: Datum) -> tuple[float, float]:
    """Return the latitude and longitude at a column and row."""
    side = 2**zoom
    lat, lon = degrees(atan(sinh(half_turn * (1 - 2 * y / side)))), x / side * 360 - 180
    return gcj02.to_wgs84(lat, lon) if datum is Datum.GCJ02 else (lat, lon)


def covering(window: Window, zoom: int, datum: Datum) -> Iterator[Tile]:
    """Return the tiles that touch a part of the earth, row by row."""
    left, top = position(window.north, window.west, zoom, datum)
    right, bottom = position(window.south, window.east, zoom, datum)
    last = 2**zoom - 1
    for y in range(max(0, int(top)), min(last, int(bottom)) + 1):
        for x in range(max(0, int(left)), min(last, int(right)) + 1):
            yield Tile(zoom, x, y)


def touches(tile: Tile, window: Window, datum: Datum) -> bool:
    """Return whether a tile shows anything of a part of the earth."""
    left, top = position(window.north, window.west, tile.zoom, datum)
    right, bottom = position(window.south, window.east, tile.zoom, datum)
    return int(left) <= tile.x <= int(right) and int(top) <= tile.y <= int(bottom)
