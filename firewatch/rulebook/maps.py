"""What lies under the zones on maps, and whose their outlines are (map.toml, optional)."""

from pathlib import Path
from string import Formatter
from typing import Annotated, Literal

from pydantic import Field, field_validator

from firewatch.rulebook.alliance import Rules

Zoom = Annotated[int, Field(ge=0, le=20)]
Thanks = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f]+$")]
"""What stands below the map for a source that wants to be named."""
Datum = Literal["wgs84", "gcj02"]
PAIRS = {"vec": ("vec", "cva"), "img": ("img", "cia"), "ter": ("ter", "cta")}


class XyzTiles(Rules):
    """A server that has a tile at an address of its own."""

    kind: Literal["xyz"]
    url: str
    attribution: Thanks
    datum: Datum = "wgs84"
    min_zoom: Zoom = 3
    max_zoom: Zoom = 18
    keep_days: float = Field(30, gt=0, le=3650)
    keep_mb: int = Field(200, ge=1, le=100_000)
    timeout_seconds: float = Field(4, gt=0, le=30)

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        try:
            places = {name for _, name, _, _ in Formatter().parse(url) if name is not None}
        except ValueError as error:
            raise ValueError(f"cannot be filled in: {error}") from None
        if not url.startswith(("http://", "https://")) or not {"z", "x", "y"} <= places:
            raise ValueError("needs to be an http address with {z}, {x} and {y} in it")
        if unknown := places - {"z", "x", "y", "key"}:
            raise ValueError(f"knows {{z}}, {{x}}, {{y}} and {{key}}, not {{{min(unknown)}}}")
        return url

    @property
    def needs_key(self) -> bool:
        """Whether the address has a place for a key."""
        return "{key}" in self.url


class TiandituTiles(Rules):
    """Tianditu, the national map service, by its WMTS; a key is needed (FIREWATCH_TILES_KEY)."""

    kind: Literal["tianditu"]
    layer: Literal["vec", "img", "ter"] = "vec"
    attribution: Thanks = "天地图 tianditu.gov.cn"
    datum: Literal["wgs84"] = "wgs84"
    min_zoom: Zoom = 3
    max_zoom: Zoom = 18
    keep_days: float = Field(30, gt=0, le=3650)
    keep_mb: int = Field(200, ge=1, le=100_000)
    timeout_seconds: float = Field(4, gt=0, le=30)

    @property
    def pair(self) -> tuple[str, str]:
        """The layer of pictures and the one of what is written on them."""
        return PAIRS[self.layer]


class FolderTiles(Rules):
    """A folder of tiles, {z}/{x}/{y} with the ending of a picture."""

    kind: Literal["folder"]
    folder: Path
    attribution: Thanks
    datum: Datum = "wgs84"
    min_zoom: Zoom = 3
    max_zoom: Zoom = 18


class PmtilesTiles(Rules):
    """A PMTiles archive of pictures."""

    kind: Literal["pmtiles"]
    file: Path
    attribution: Thanks
    datum: Datum = "wgs84"
    min_zoom: Zoom = 3
    max_zoom: Zoom = 18


TileRules = XyzTiles | TiandituTiles | FolderTiles | PmtilesTiles


class Map(Rules):
    """What lies under the zones on maps, and whose their outlines are (map.toml)."""

    boundaries: str = Field("", max_length=120, pattern=r"^[^\x00-\x1f]*$")
    """Stands below maps in place of "not official boundaries": whose outlines they are, their approval number."""
    relief_credit: Thanks = "SRTM (NASA, USGS)"
    """Whom to thank for the heights of the hillshade."""
    tiles: Annotated[TileRules, Field(discriminator="kind")] | None = None
    """The background map; None: there is none."""
