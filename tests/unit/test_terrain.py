from pathlib import Path

import numpy as np
import pytest

from firewatch.errors import BadInput
from firewatch.roads.terrain import Terrain, read_tile
from tests.roads import write_tile

EAST = np.tile(np.arange(0.0, 1100.0, 100.0), (11, 1))
"""Rises from 0 in the west to 1000 m in the east."""
SOUTH = EAST.T


def heights(folder: Path, *points: tuple[float, float]) -> list[float] | None:
    found = Terrain(folder).heights(np.array([lat for lat, _ in points]), np.array([lon for _, lon in points]))
    return None if found is None else found.round(6).tolist()


def test_heights_lie_where_the_name_says(tmp_path: Path) -> None:
    write_tile(tmp_path, "N35E103.hgt", EAST)
    write_tile(tmp_path, "N36E103.SRTMGL1.hgt", SOUTH, zipped=True)
    write_tile(tmp_path, "s02w001.hgt", EAST)
    (tmp_path / "notes.txt").write_text("no tile")
    assert len(Terrain(tmp_path)) == 3
    assert heights(tmp_path, (35.5, 103.25), (35.0, 103.0), (35.999, 103.99)) == [250, 0, 990]
    assert heights(tmp_path, (36.25, 103.5), (35.5, 103.1)) == [750, 100]
    assert heights(tmp_path, (-1.5, -0.75)) == [250]
    assert heights(tmp_path, (35.0, 103.5)) == [500]  # on the southern edge


def test_what_no_tile_tells_is_not_known(tmp_path: Path) -> None:
    assert heights(tmp_path / "none", (35.5, 103.5)) is None
    holed = EAST.copy()
    holed[5, 5] = -32768
    write_tile(tmp_path, "N35E103.hgt", holed)
    assert heights(tmp_path, (35.9, 103.9)) == [900]
    assert heights(tmp_path, (35.9, 103.9), (34.9, 103.9)) is None
    assert heights(tmp_path, (35.9, 103.9), (35.52, 103.52)) is None


@pytest.mark.parametrize("content", [b"", b"\0" * 2, b"\0" * 7, b"\0" * 12])
def test_a_broken_tile_is_named_and_not_used(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "N35E103.hgt").write_bytes(content)
    with pytest.raises(BadInput, match=r"N35E103\.hgt: is no tile of heights"):
        Terrain(tmp_path).check()
    assert heights(tmp_path, (35.5, 103.5)) is None
    with pytest.raises(ValueError, match="no square"):
        read_tile(content)


def test_a_broken_archive_is_named_and_not_used(tmp_path: Path) -> None:
    (tmp_path / "N35E103.hgt.zip").write_bytes(b"PK no")
    with pytest.raises(BadInput, match=r"N35E103\.hgt\.zip"):
        Terrain(tmp_path).check()
    write_tile(tmp_path, "N35E103.hgt", EAST, zipped=True)
    Terrain(tmp_path).check()
    write_tile(tmp_path, "readme.txt", EAST, zipped=True).rename(tmp_path / "N35E103.hgt.zip")
    with pytest.raises(BadInput, match="holds 0"):
        Terrain(tmp_path).check()
