"""Heights out of SRTM tiles (`N35E103.hgt`, zipped or not): a square degree each, its south-west corner in the name."""

import re
import zipfile
from functools import lru_cache
from math import isqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firewatch.errors import BadInput
from firewatch.roads.graph import Floats
from firewatch.roads.raster import bilinear

_NAME = re.compile(r"([NS])(\d{2})([EW])(\d{3})\b.*\.hgt(\.zip)?", re.IGNORECASE)
_VOID = -32768

Heights = NDArray[np.int16]


class Terrain:
    """The tiles of a folder; each is read when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        """List the tiles; files of other names are passed over."""
        files = sorted(folder.iterdir()) if folder.is_dir() else []
        self._files = {corner: file for file in files if (corner := _corner(file.name)) is not None}
        self._tile = lru_cache(maxsize=4)(self._read)  # a large one takes 26 MB

    def __len__(self) -> int:
        return len(self._files)

    def check(self) -> None:
        """Read every tile once. Raises BadInput that names the file."""
        for corner in self._files:
            self._read(*corner)

    def told(self) -> list[str]:
        """Return what tells these tiles from others: their names, how large they are and when they were written."""
        return [f"{file.name} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in self._files.values()]

    def heights(self, lat: Floats, lon: Floats) -> Floats | None:
        """Return the heights of points in metres; None when one lies in no tile, in a void, or in a broken tile."""
        heights = self.known(lat, lon)
        return None if np.isnan(heights).any() else heights

    def known(self, lat: Floats, lon: Floats) -> Floats:
        """Return the heights of points in metres; NaN for one that lies in no tile, in a void, or in a broken tile."""
        south, west = np.floor(lat).astype(np.int64), np.floor(lon).astype(np.int64)
        heights = np.full(lat.shape, np.nan)
        for corner in sorted(set(zip(south.ravel().tolist(), west.ravel().tolist(), strict=True))):
            if corner not in self._files:
                continue
            try:
                tile = self._tile(*corner)
            except BadInput:
                continue
            here = (south == corner[0]) & (west == corner[1])
            steps = len(tile) - 1
            heights[here] = _between(tile, (corner[0] + 1 - lat[here]) * steps, (lon[here] - corner[1]) * steps)
        return heights

    def _read(self, south: int, west: int) -> Heights:
        file = self._files[south, west]
        try:
            return read_tile(_unpacked(file))
        except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise BadInput(f"{file.name}: is no tile of heights: {error}") from None


def _corner(name: str) -> tuple[int, int] | None:
    """Return the south-west corner that a file's name tells; None for another file."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    north, lat, east, lon = found[1].upper(), int(found[2]), found[3].upper(), int(found[4])
    return (lat if north == "N" else -lat), (lon if east == "E" else -lon)


def _unpacked(file: Path) -> bytes:
    if file.suffix.lower() != ".zip":
        return file.read_bytes()
    with zipfile.ZipFile(file) as packed:
        inside = [name for name in packed.namelist() if name.lower().endswith(".hgt")]
        if len(inside) != 1:
            raise ValueError(f"needs to hold one .hgt, holds {len(inside)}")
        return packed.read(inside[0])


def _between(tile: Heights, row: Floats, col: Floats) -> Floats:
    """Return the heights at broken rows and columns, out of the window that holds them all; a void is NaN."""
    top, left = min(int(row.min()), len(tile) - 2), min(int(col.min()), len(tile) - 2)
    window = tile[top : int(row.max()) + 2, left : int(col.max()) + 2].astype(np.float64)
    window[window == _VOID] = np.nan
    return bilinear(window, row - top, col - left)


def read_tile(content: bytes) -> Heights:
    """Return the heights of a tile, its first row in the north. Raises ValueError for another size."""
    side = isqrt(len(content) // 2)
    if side < 2 or 2 * side * side != len(content):
        raise ValueError(f"{len(content)} bytes are no square of heights")
    return np.frombuffer(content, dtype=">i2").reshape(side, side)
