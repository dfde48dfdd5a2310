"""The source of tiles that map.toml names; one that is far away comes with a keeper."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from firewatch.adapters.tile_folder import TileFolder
from firewatch.adapters.tile_server import TileServer, tianditu
from firewatch.clock import Clock
from firewatch.errors import BadInput
from firewatch.maps.background import Background
from firewatch.maps.keeper import Keeper, Limits, name_of
from firewatch.maps.source import Tiles
from firewatch.maps.tiles import Datum, Window
from firewatch.rulebook.maps import FolderTiles, PmtilesTiles, TiandituTiles, TileRules, XyzTiles
from firewatch.rulebook.read import Rulebook

log = structlog.get_logger(__name__)

FOLDER: Final = "tiles"
"""In the data folder: tiles that are kept."""


def open_background(
    book: Rulebook, data_dir: Path, key: str, tianditu_url: str, clock: Clock, window: Window
) -> Background | None:
    """Return the background map of a window; None where none is configured, or it cannot be had.

    Maps are whole without one: the log says why, and `firewatch check`.
    """
    rules = book.map.tiles
    if rules is None:
        return None
    try:
        tiles = open_tiles(rules, data_dir, key, tianditu_url, clock)
    except BadInput as error:
        log.warning("background_unusable", why=str(error), then="maps have no background; see `firewatch check`")
        return None
    return Background(
        tiles=tiles,
        window=window,
        attribution=rules.attribution,
        datum=Datum(rules.datum),
        min_zoom=rules.min_zoom,
        max_zoom=rules.max_zoom,
    )


def open_tiles(rules: TileRules, data_dir: Path, key: str, tianditu_url: str, clock: Clock) -> Tiles:
    """Return the tiles; folders and files are named from the data folder. Raises BadInput when they cannot be had."""
    if isinstance(rules, FolderTiles):
        folder = data_dir / rules.folder
        if not folder.is_dir():
            raise BadInput(f"map.toml: tiles.folder: there is no folder {folder}")
        return TileFolder(folder)
    if isinstance(rules, PmtilesTiles):
        from firewatch.adapters.tile_archive import TileArchive  # noqa: PLC0415 - only who has one needs its reader

        return TileArchive(data_dir / rules.file)
    server = tile_server(rules, key, tianditu_url)
    limits = Limits(timedelta(days=rules.keep_days), rules.keep_mb * 1024 * 1024)
    return Keeper(server, data_dir / FOLDER, name_of(repr(server)), limits, clock)


def tile_server(rules: XyzTiles | TiandituTiles, key: str, tianditu_url: str) -> TileServer:
    """Return the server itself, without a keeper. Raises BadInput where a key is missing."""
    if isinstance(rules, TiandituTiles):
        addresses, needs_key = tianditu(tianditu_url, rules), True
    else:
        addresses, needs_key = [rules.url], rules.needs_key
    if needs_key and not key:
        raise BadInput("map.toml: tiles: the source wants a key: set FIREWATCH_TILES_KEY")
    return TileServer(addresses, key, rules.timeout_seconds)
