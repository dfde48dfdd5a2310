"""The background map of an installation: its tiles, and what is known of them."""

from dataclasses import dataclass

from firewatch.maps.source import Tiles
from firewatch.maps.tiles import Datum, Tile, Window, touches


@dataclass(frozen=True)
class Background:
    """A background map; nothing of it is shown, or asked for, outside of `window`."""

    tiles: Tiles
    window: Window
    attribution: str
    datum: Datum = Datum.WGS84
    min_zoom: int = 3
    max_zoom: int = 18

    def shows(self, layer: int, tile: Tile) -> bool:
        """Return whether there could be a tile: a zoom that is used, a place in the region."""
        known = 0 <= layer < self.tiles.layers and self.min_zoom <= tile.zoom <= self.max_zoom
        return known and touches(tile, self.window, self.datum)
