"""Where tiles may come from: a folder, an archive, a server; what cannot be used is refused and says why."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from pydantic import TypeAdapter, ValidationError

from firewatch.adapters.tile_sources import open_tiles
from firewatch.clock import FixedClock
from firewatch.errors import BadInput
from firewatch.maps.keeper import Keeper
from firewatch.maps.pictures import Picture, grey_png
from firewatch.maps.source import Tiles
from firewatch.maps.tiles import Tile
from firewatch.rulebook.maps import Map, TileRules
from tests.conftest import NOON

HERE = Tile(9, 402, 200)
PNG = grey_png(np.full((256, 256), 7))


def opened(data_dir: Path, key: str = "", **tiles: object) -> Tiles:
    rules: TileRules = TypeAdapter(TileRules).validate_python({"attribution": "somebody", **tiles})
    return open_tiles(rules, data_dir, key, "https://tianditu.example", FixedClock(NOON))


def archive(file: Path, kind: TileType) -> Path:
    """An archive of one tile."""
    with file.open("wb") as out:
        writer = Writer(out)
        writer.write_tile(zxy_to_tileid(*HERE), PNG)
        writer.finalize(
            {
                "tile_type": kind,
                "tile_compression": Compression.NONE,
                "min_lon_e7": 0,
                "min_lat_e7": 0,
                "max_lon_e7": 0,
                "max_lat_e7": 0,
                "center_zoom": 9,
                "center_lon_e7": 0,
                "center_lat_e7": 0,
            },
            {},
        )
    return file


def test_a_folder_of_tiles(tmp_path: Path) -> None:
    (tmp_path / "own" / "9" / "402").mkdir(parents=True)
    (tmp_path / "own" / "9" / "402" / "200.jpg").write_bytes(PNG)
    (tmp_path / "own" / "9" / "402" / "201.png").write_bytes(b"<html>")
    tiles = opened(tmp_path, kind="folder", folder="own")
    assert tiles.tile(0, HERE) == Picture(PNG, "image/png"), "by what it is, not by its name"
    assert tiles.tile(0, Tile(9, 402, 201)) is None
    assert tiles.tile(0, Tile(9, 402, 202)) is None
    assert (tiles.layers, tiles.down_since) == (1, None)
    with pytest.raises(BadInput, match="there is no folder"):
        opened(tmp_path, kind="folder", folder="other")


def test_an_archive_of_tiles(tmp_path: Path) -> None:
    archive(tmp_path / "own.pmtiles", TileType.PNG)
    tiles = opened(tmp_path, kind="pmtiles", file="own.pmtiles")
    assert tiles.tile(0, HERE) == Picture(PNG, "image/png")
    assert tiles.tile(0, Tile(9, 402, 201)) is None
    assert (tiles.layers, tiles.down_since) == (1, None)


def test_an_archive_that_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    archive(tmp_path / "vector.pmtiles", TileType.MVT)
    archive(tmp_path / "odd.pmtiles", TileType.AVIF)
    (tmp_path / "page.pmtiles").write_text("<html>" * 100)
    (tmp_path / "empty.pmtiles").touch()
    for name, said in (
        ("vector", "vector tiles, which are not drawn"),
        ("odd", "AVIF"),
        ("page", "is no PMTiles archive"),
        ("empty", "is no PMTiles archive"),
        ("none", "cannot be read"),
    ):
        with pytest.raises(BadInput, match=said):
            opened(tmp_path, kind="pmtiles", file=f"{name}.pmtiles")


def test_a_key_that_is_wanted_has_to_be_there(tmp_path: Path) -> None:
    wants = "https://a.example/{z}/{x}/{y}?k={key}"
    for tiles in ({"kind": "tianditu"}, {"kind": "xyz", "url": wants}):
        with pytest.raises(BadInput, match="FIREWATCH_TILES_KEY"):
            opened(tmp_path, **tiles)
        with closing(opened(tmp_path, key="abc", **tiles)) as server:
            assert isinstance(server, Keeper)
    assert server.layers == 1
    with closing(opened(tmp_path, kind="xyz", url="https://a.example/{z}/{x}/{y}")) as server:
        assert isinstance(server, Keeper)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://a.example/{z}/{x}.png", "{z}, {x} and {y}"),
        ("ftp://a.example/{z}/{x}/{y}", "http address"),
        ("https://{s}.a.example/{z}/{x}/{y}", "not {s}"),
        ("https://a.example/{z.__class__}/{z}/{x}/{y}", "not {z.__class__}"),
        ("https://a.example/{z}/{x}/{y}/{", "cannot be filled in"),
    ],
)
def test_an_address_that_cannot_be_filled_in_is_refused(url: str, said: str) -> None:
    with pytest.raises(ValidationError) as error:
        Map.model_validate({"tiles": {"kind": "xyz", "url": url, "attribution": "somebody"}})
    assert said in str(error.value)
