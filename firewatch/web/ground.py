"""Hands out the pictures under the zones of a map: to who is signed in, of the region alone, from nowhere but ours."""

from fastapi import APIRouter, Response

from firewatch.errors import NotFound
from firewatch.maps.tiles import Tile
from firewatch.web.deps import CurrentVisitor, ServicesDep

router = APIRouter(include_in_schema=False)
GOOD = {"Cache-Control": "private, max-age=86400"}
FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
PREFIXES = ("/tiles/", "/relief/")


@router.get("/relief/{digest}.png")
def relief(digest: str, services: ServicesDep, _visitor: CurrentVisitor) -> Response:
    """Answer the hillshade; its address changes with the heights."""
    found = services.relief
    if found is None or digest != found.digest:
        raise NotFound("there is no such hillshade")
    return Response(found.png(), media_type="image/png", headers=FOR_EVER)


@router.get("/tiles/{layer}/{zoom}/{x}/{y}")
def tile(layer: int, zoom: int, x: int, y: int, services: ServicesDep, _visitor: CurrentVisitor) -> Response:
    """Answer a tile of the background map, if it shows anything of the region. 503: the source does not answer."""
    ground, asked = services.background, Tile(zoom, x, y)
    if ground is None or not ground.shows(layer, asked) or (found := ground.tiles.tile(layer, asked)) is None:
        raise NotFound("there is no such tile")
    return Response(found.data, media_type=found.kind, headers=GOOD)
