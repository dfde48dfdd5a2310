"""The hillshade: light from the north-west, white where it is flat, nothing where nothing is known; and its PNG."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from firewatch.maps.pictures import Picture, grey_png, recognised
from firewatch.maps.relief import FOLDER, open_relief
from firewatch.maps.shading import SHADES, hillshade
from firewatch.maps.tiles import Window
from firewatch.roads.graph import Floats
from tests.roads import write_tile

WINDOW = Window(103.2, 35.2, 103.8, 35.8)
STEPS = np.arange(101.0)


def slope(east: float, south: float) -> Floats:
    return east * STEPS[None, :] + south * STEPS[:, None]


def shade(heights: Floats) -> float:
    return float(hillshade(heights, 100, 100)[50, 50])


def test_flat_land_is_nearly_white() -> None:
    assert SHADES - 2 <= shade(slope(0, 0)) < SHADES


def test_the_light_comes_from_the_north_west() -> None:
    facing_it, turned_away = shade(slope(30, 30)), shade(slope(-30, -30))
    assert facing_it > shade(slope(0, 0)) > turned_away
    assert shade(slope(60, 0)) > shade(slope(-60, 0)), "a slope that rises to the east faces west"
    assert shade(slope(0, 60)) > shade(slope(0, -60)), "a slope that rises to the south faces north"


def test_what_is_not_known_is_not_drawn() -> None:
    holed = slope(10, 10)
    holed[50, 50] = np.nan
    shades = hillshade(holed, 100, 100)
    assert shades[50, 50] == 0
    assert (shades[:40] >= 1).all()


@pytest.mark.parametrize("columns", [4, 5])
def test_a_png_says_what_was_put_in(columns: int) -> None:
    shades = np.arange(3 * columns).reshape(3, columns) % 16
    width, height, depth, _, lines = unpacked(grey_png(shades))
    assert (width, height, depth) == (columns, 3, 4)
    assert (lines[:, :columns] == shades).all()


def unpacked(png: bytes) -> tuple[int, int, int, bytes, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    """Width, height, depth, the transparent shade and the shades of a PNG, its checksums tried."""
    assert recognised(png) == Picture(png, "image/png")
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        name, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", png, at + 8 + length)[0] == zlib.crc32(name + data)
        chunks[name], at = data, at + 12 + length
    width, height, depth = struct.unpack_from(">IIB", chunks[b"IHDR"])
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), dtype=np.uint8).reshape(height, -1)
    assert (rows[:, 0] == 0).all()
    return (
        width,
        height,
        depth,
        chunks[b"tRNS"],
        np.stack([rows[:, 1:] >> 4, rows[:, 1:] & 15], axis=-1).reshape(height, -1),
    )


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"\xff\xd8\xff\xe0..", "image/jpeg"), (b"RIFF....WEBPVP8 ", "image/webp"), (b"<html>", None), (b"", None)],
)
def test_a_picture_is_known_by_how_it_begins(data: bytes, kind: str | None) -> None:
    found = recognised(data)
    assert (found.kind if found else None) == kind


def test_the_region_is_drawn_once_and_again_when_its_heights_change(tmp_path: Path) -> None:
    assert open_relief(tmp_path, WINDOW) is None
    ridge = np.tile(np.abs(np.arange(-60.0, 61.0)) * 400, (121, 1))
    write_tile(tmp_path, "N35E103.hgt", ridge)
    relief = open_relief(tmp_path, WINDOW)
    assert relief is not None
    width, height, _, transparent, shades = unpacked(relief.png())
    assert (width, transparent) == (640, b"\0\0")
    assert height == pytest.approx(640 / np.cos(np.radians(35.5)), abs=1)
    # The land falls from the west to a valley in the middle and rises beyond it, so the light falls on the east.
    assert shades[height // 2, 500] > shades[height // 2, 100] > 0
    kept = list((tmp_path / FOLDER).iterdir())
    assert [file.name for file in kept] == [f"{relief.digest}.png"]
    kept[0].write_bytes(b"as it was kept")
    again = open_relief(tmp_path, WINDOW)
    assert again is not None
    assert again.png() == b"as it was kept"
    write_tile(tmp_path, "N35E103.hgt", ridge[::-1, :] + 1)
    write_tile(tmp_path, "N36E103.hgt", ridge)
    other = open_relief(tmp_path, WINDOW)
    assert other is not None
    assert other.digest != relief.digest
    assert other.png() != b"as it was kept"
    assert [file.name for file in (tmp_path / FOLDER).iterdir()] == [f"{other.digest}.png"]


def test_land_that_no_tile_covers_is_transparent(tmp_path: Path) -> None:
    write_tile(tmp_path, "N35E103.hgt", np.zeros((121, 121)))
    relief = open_relief(tmp_path, Window(102.5, 35.2, 103.5, 35.8))
    assert relief is not None
    *_, shades = unpacked(relief.png())
    assert (shades[:, :315] == 0).all()
    assert (shades[:, 325:] > 0).all()
