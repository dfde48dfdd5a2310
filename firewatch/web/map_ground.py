"""Pictures under the zones of a map: tiles of a background map, the hillshade of the region. Pure.

The drawing is equirectangular, a tile Mercator: within a tile the latitudes bend. A tile that would be off by more than
a pixel is laid in strips, each straightened by itself.
"""

from collections.abc import Callable
from math import ceil, log2, pi, radians, sqrt, tan
from typing import Final

from markupsafe import Markup

from firewatch.maps.tiles import SIDE_PX, Datum, Tile, Window, corner, covering, touches
from firewatch.web.map_frame import Frame

MOST_OFF: Final = 0.5
"""Units of the drawing, each a pixel or less of any screen."""
OVERLAP: Final = 0.3
"""Units by which pictures reach over each other: else the ground shows between them as fine lines."""


def window_of(frame: Frame) -> Window:
    """Return the part of the earth that a map shows."""
    return Window(frame.west, frame.south, frame.east, frame.north)


def zoom_of(frame: Frame, least: int, most: int) -> int:
    """Return the zoom at which a tile is drawn at its own size or, for sharp screens, down to half of it."""
    return max(least, min(most, ceil(log2(frame.scale_x * 360 / SIDE_PX))))


def strips_of(frame: Frame, tile: Tile, datum: Datum) -> int:
    """Return into how many strips a tile is cut, so that none is off by more than MOST_OFF.

    A chord across the latitudes h is off by h²/8 · tan φ (radians) in its middle.
    """
    (north, _), (south, _) = corner(tile.x, tile.y, tile.zoom, datum), corner(tile.x, tile.y + 1, tile.zoom, datum)
    off = radians(north - south) ** 2 / 8 * abs(tan(radians((north + south) / 2))) * 180 / pi * frame.scale_y
    return max(1, ceil(sqrt(off / MOST_OFF)))


def tile_images(
    frame: Frame, known: Window, zoom: int, datum: Datum, layers: int, address: Callable[[int, Tile], str]
) -> Markup:
    """Return the tiles that a map shows of the part of the earth for which there are any."""
    shown = [each for each in covering(window_of(frame), zoom, datum) if touches(each, known, datum)]
    drawn = [_tile(frame, each, datum, address(layer, each)) for layer in range(layers) for each in shown]
    return Markup('<g class="tiles" aria-hidden="true">{}</g>').format(Markup("").join(drawn))


def relief_image(frame: Frame, window: Window, address: str) -> Markup:
    """Return the hillshade of a part of the earth, which may be more than the map shows."""
    left, top = frame.xy(window.north, window.west)
    right, bottom = frame.xy(window.south, window.east)
    return Markup('<g class="relief" aria-hidden="true">{}</g>').format(_image(left, top, right, bottom, address))


def _tile(frame: Frame, tile: Tile, datum: Datum, address: str) -> Markup:
    strips = strips_of(frame, tile, datum)
    drawn = []
    for strip in range(strips):
        above, below = tile.y + strip / strips, tile.y + (strip + 1) / strips
        left, top = frame.xy(*corner(tile.x, above, tile.zoom, datum))
        right, bottom = frame.xy(*corner(tile.x + 1, below, tile.zoom, datum))
        if strips == 1:
            return _image(left, top, right + OVERLAP, bottom + OVERLAP, address)
        drawn.append(
            Markup(
                '<svg x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" viewBox="0 {:.2f} {} {:.2f}"'
                ' preserveAspectRatio="none"><image href="{}" width="{}" height="{}"/></svg>'
            ).format(
                *(left, top, right - left + OVERLAP, bottom - top + OVERLAP),
                *(strip * SIDE_PX / strips, SIDE_PX, SIDE_PX / strips, address, SIDE_PX, SIDE_PX),
            )
        )
    return Markup("").join(drawn)


def _image(left: float, top: float, right: float, bottom: float, address: str) -> Markup:
    return Markup(
        '<image x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" preserveAspectRatio="none" href="{}"/>'
    ).format(left, top, right - left, bottom - top, address)
