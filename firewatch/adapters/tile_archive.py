"""Map tiles of one file, a PMTiles archive of pictures."""

from pathlib import Path
from typing import Final

from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import TileType

from firewatch.errors import BadInput
from firewatch.maps.pictures import Picture, recognised
from firewatch.maps.source import TilesAtHand
from firewatch.maps.tiles import Tile

PICTURES: Final = (TileType.PNG, TileType.JPEG, TileType.WEBP)


class TileArchive(TilesAtHand):
    """A PMTiles archive, mapped into memory and read where it is asked."""

    def __init__(self, file: Path) -> None:
        """Open an archive. Raises BadInput for a file that is none, or that holds no pictures."""
        try:
            with file.open("rb") as opened:
                self._reader = Reader(MmapSource(opened))
            kind = self._reader.header()["tile_type"]
        except OSError as error:
            raise BadInput(f"{file}: cannot be read ({error.strerror})") from None
        except Exception as error:  # noqa: BLE001 - the reader says "not PMTiles" by whatever it stumbles over
            raise BadInput(f"{file}: is no PMTiles archive ({type(error).__name__})") from None
        if kind is TileType.MVT:
            raise BadInput(f"{file}: holds vector tiles, which are not drawn here: an archive of pictures is needed")
        if kind not in PICTURES:
            raise BadInput(f"{file}: holds tiles of type {kind.name}: PNG, JPEG or WebP is needed")

    def tile(self, layer: int, tile: Tile) -> Picture | None:
        """Return a tile; None where there is none."""
        del layer
        data = self._reader.get(*tile)
        return recognised(data) if data else None
