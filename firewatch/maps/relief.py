"""The hillshade of the region as one picture: made once for the heights that lie there, and kept in the data folder."""

import hashlib
from math import cos, radians
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
import structlog

from firewatch.files.whole import put
from firewatch.geo import EARTH_RADIUS_KM
from firewatch.maps.pictures import grey_png
from firewatch.maps.shading import hillshade
from firewatch.maps.tiles import Window
from firewatch.roads.graph import Floats
from firewatch.roads.terrain import Terrain

WIDTH_PX: Final = 640
MOST_PX: Final = 1280
"""From top to bottom, of a region that is narrow and long."""
FOLDER: Final = "relief"
MADE_AS: Final = "2"
"""A number of how it is made: another one makes it anew."""

log = structlog.get_logger(__name__)


class Relief:
    """The hillshade of a window, as wide as `WIDTH_PX`."""

    def __init__(self, data_dir: Path, window: Window) -> None:
        self.window = window
        self._terrain = Terrain(data_dir)
        self._folder = data_dir / FOLDER
        self._lock = Lock()
        self.digest = self._fingerprint()

    def png(self) -> bytes:
        """Return the picture; whoever comes first makes it, which takes a second or two."""
        file = self._folder / f"{self.digest}.png"
        with self._lock:
            if not file.exists():
                self._keep(file, made := self._make())
                return made
            return file.read_bytes()

    def _fingerprint(self) -> str:
        told = "|".join((MADE_AS, *map(str, self.window), *self._terrain.told()))
        return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()

    def _make(self) -> bytes:
        west, south, east, north = self.window
        middle = cos(radians((south + north) / 2))
        rows = min(MOST_PX, max(2, round(WIDTH_PX * (north - south) / ((east - west) * middle))))
        across, down = (east - west) / WIDTH_PX, (north - south) / rows
        lat: Floats = north - (np.arange(rows, dtype=np.float64) + 0.5) * down
        lon: Floats = west + (np.arange(WIDTH_PX, dtype=np.float64) + 0.5) * across
        heights = np.stack([self._terrain.known(np.full(WIDTH_PX, each), lon) for each in lat])
        metres = radians(1) * EARTH_RADIUS_KM * 1000
        return grey_png(hillshade(heights, across * metres * middle, down * metres))

    def _keep(self, file: Path, made: bytes) -> None:
        """Keep the picture in place of older ones; a full disk costs a second at every start and nothing else."""
        try:
            self._folder.mkdir(exist_ok=True)
            for older in self._folder.glob("*.png"):
                older.unlink(missing_ok=True)
            put(file, made)
        except OSError as error:
            log.warning("relief_not_kept", why=str(error))


def open_relief(data_dir: Path, window: Window) -> Relief | None:
    """Return the hillshade; None where no heights lie in the data folder."""
    return Relief(data_dir, window) if len(Terrain(data_dir)) else None
