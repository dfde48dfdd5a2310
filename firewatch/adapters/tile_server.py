"""A server of map tiles: any XYZ address, or Tianditu by its WMTS. The key stands in the address alone."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

import httpx

from firewatch.maps.pictures import Picture, recognised
from firewatch.maps.source import Tiles, TilesDown
from firewatch.maps.tiles import Tile
from firewatch.rulebook.maps import TiandituTiles

MOST_BYTES: Final = 1024 * 1024
NOT_THERE: Final = (httpx.codes.NO_CONTENT, httpx.codes.NOT_FOUND)
_WMTS: Final = (
    "/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default&TILEMATRIXSET=w"
    "&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={{key}}"
)


class TileServer(Tiles):
    """Asks for one tile at a time, within so many seconds in all; nothing but a picture of bearable size is taken."""

    def __init__(self, addresses: Sequence[str], key: str, seconds: float) -> None:
        """Take an address for each layer, with places for {z}, {x}, {y} and {key}."""
        self.layers = len(addresses)
        self._addresses, self._key, self._seconds = addresses, quote(key, safe=""), seconds
        self._client = httpx.Client(
            timeout=httpx.Timeout(seconds), headers={"User-Agent": "firewatch"}, follow_redirects=False
        )

    def __repr__(self) -> str:
        """Name the addresses, never the key."""
        return f"TileServer({self._addresses!r})"

    @property
    def down_since(self) -> datetime | None:
        """Nothing is known of before: whoever keeps its tiles knows."""
        return None

    def close(self) -> None:
        """Let go of the lines."""
        self._client.close()

    def tile(self, layer: int, tile: Tile) -> Picture | None:
        """Return a tile; None where the server has none. Raises TilesDown."""
        zoom, x, y = tile
        address = self._addresses[layer].format(z=zoom, x=x, y=y, key=self._key)
        ends = time.monotonic() + self._seconds
        try:
            with self._client.stream("GET", address) as response:
                if response.status_code in NOT_THERE:
                    return None
                if response.status_code != httpx.codes.OK:
                    raise TilesDown(f"the server of tiles answered HTTP {response.status_code}")
                data = _body(response, ends)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise TilesDown(f"the server of tiles does not answer ({type(error).__name__})") from None
        found = recognised(data)
        if found is None:
            raise TilesDown("the server of tiles answered something that is no picture")
        return found


def tianditu(base_url: str, rules: TiandituTiles) -> list[str]:
    """Return the addresses of the pair of layers: the picture, and what is written on it."""
    return [base_url.rstrip("/") + _WMTS.format(layer=layer) for layer in rules.pair]


def _body(response: httpx.Response, ends: float) -> bytes:
    data = bytearray()
    for part in response.iter_bytes():
        data += part
        if len(data) > MOST_BYTES:
            raise TilesDown(f"answered more than {MOST_BYTES // 1024} KiB")
        if time.monotonic() > ends:
            raise TilesDown("took too long")
    return bytes(data)
