"""What lies under the zones of a page's map: as its address asks, or the best there is; and whom to thank for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup

from firewatch.dispatch.problem import RoadsUse
from firewatch.web import attribution, map_ground, map_marks
from firewatch.web.console.page import Page
from firewatch.web.console.speech import Speech
from firewatch.web.map_frame import Frame
from firewatch.web.services import Services

ROAD_OFF = 0.6
"""Units of the drawing by which a road may be off, to have fewer corners."""


class Under(StrEnum):
    """What may lie under the zones, the best first."""

    TILES = "tiles"
    RELIEF = "relief"
    PLAIN = "plain"


@dataclass(frozen=True)
class GroundView:
    """What lies under the zones of one page's map."""

    under: Under
    offered: Sequence[Under]
    asked: bool
    """Whether the address asks for it, so that links to the same map go on asking."""
    services: Services
    speech: Speech

    @property
    def credits(self) -> list[attribution.Thanks]:
        """Whom to thank for what is drawn, and where each line leads, if anywhere."""
        by_road = [attribution.ROADS] if self.services.roads is RoadsUse.USED else []
        background, book = self.services.background, self.services.book
        if self.under is Under.TILES and background is not None:
            return [attribution.Thanks(background.attribution, ""), *by_road]
        if self.under is Under.RELIEF:
            return [attribution.Thanks(self.speech.t("ground.heights", who=book.map.relief_credit), ""), *by_road]
        return by_road

    @property
    def trouble(self) -> str:
        """Since when the background map does not come; empty while it does."""
        background = self.services.background
        since = background.tiles.down_since if background is not None and self.under is Under.TILES else None
        return self.speech.t("ground.down", time=self.speech.clock(since)) if since else ""

    def pictures(self, frame: Frame) -> Markup:
        """Return what is drawn under the zones."""
        relief, background = self.services.relief, self.services.background
        if self.under is Under.RELIEF and relief is not None:
            return map_ground.relief_image(frame, relief.window, f"/relief/{relief.digest}.png")
        if self.under is Under.TILES and background is not None:
            return map_ground.tile_images(
                frame,
                background.window,
                map_ground.zoom_of(frame, background.min_zoom, background.max_zoom),
                background.datum,
                background.tiles.layers,
                lambda layer, tile: f"/tiles/{layer}/{tile.zoom}/{tile.x}/{tile.y}",
            )
        return Markup("")

    def roads(self, frame: Frame) -> list[map_marks.MapRoads]:
        """Return the main roads, where any are known."""
        travel, off = self.services.travel, ROAD_OFF / frame.scale_y
        if travel is None:
            return []
        found = travel.main_roads(frame.south, frame.west, frame.north, frame.east, off)
        return [map_marks.MapRoads(kind, lines) for kind, lines in found.items()]


def view(page: Page) -> GroundView:
    """Return what lies under a page's map: what its address asks for, if there is such a thing, or the best."""
    services = page.services
    there = {Under.TILES: services.background is not None, Under.RELIEF: services.relief is not None}
    offered = [each for each in Under if there.get(each, True)]
    asked = page.request.query_params.get("ground", "")
    known = asked in set(offered)
    return GroundView(Under(asked) if known else offered[0], offered, known, services, page.speech)
