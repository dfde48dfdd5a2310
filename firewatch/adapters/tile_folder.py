"""Map tiles that lie on the disk, as {z}/{x}/{y} with the ending of a picture."""

from pathlib import Path
from typing import Final

from firewatch.maps.pictures import Picture, recognised
from firewatch.maps.source import TilesAtHand
from firewatch.maps.tiles import Tile

ENDINGS: Final = ("png", "jpg", "jpeg", "webp")


class TileFolder(TilesAtHand):
    """A folder of tiles."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def tile(self, layer: int, tile: Tile) -> Picture | None:
        """Return a tile; None where there is none, or no picture in it."""
        del layer
        zoom, x, y = tile
        for ending in ENDINGS:
            try:
                return recognised((self._folder / str(zoom) / str(x) / f"{y}.{ending}").read_bytes())
            except OSError:
                continue
        return None
