"""The port: where tiles of a background map come from."""

from datetime import datetime
from typing import Protocol

from firewatch.errors import Unavailable
from firewatch.maps.pictures import Picture
from firewatch.maps.tiles import Tile


class TilesDown(Unavailable):
    """A source of tiles that did not answer, or not with a picture."""


class Tiles(Protocol):
    """A background map: pictures by tile, `layers` of them one over the other."""

    layers: int

    def tile(self, layer: int, tile: Tile) -> Picture | None:
        """Return a tile; None where the source has none. Raises TilesDown."""
        ...

    def close(self) -> None:
        """Let go of lines and files."""

    @property
    def down_since(self) -> datetime | None:
        """Since when the source has not answered; None while it does."""
        ...


class TilesAtHand(Tiles):
    """Tiles on our own disk, in one layer: they are never away, and nothing has to be let go of."""

    layers = 1

    def close(self) -> None:
        """Do nothing."""

    @property
    def down_since(self) -> None:
        """A disk is no source that is away for a while."""
