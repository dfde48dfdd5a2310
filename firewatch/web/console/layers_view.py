"""The layers of the situation map: danger, the first attack, the reserve; what each draws and says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil

from firewatch.dispatch.isochrones import Window
from firewatch.dispatch.move_ups import MoveUp
from firewatch.dispatch.problem import RoadsUse
from firewatch.dispatch.readiness import Ready
from firewatch.web import map_frame, map_layers, map_svg
from firewatch.web.console import cartography
from firewatch.web.console.minutes_view import minutes_note
from firewatch.web.console.page import Page
from firewatch.web.console.reserve_view import GapRow, gap_rows, told_move
from firewatch.web.console.speech import Names

CELL = 12.0
"""Units of the drawing from one point of the first attack to the next."""
MUCH = 0.01
"""The least share of the picture without a road that is worth a sentence."""


class Layer(StrEnum):
    """What the map shows."""

    DANGER = "danger"
    FIRST_ATTACK = "first-attack"
    RESERVE = "reserve"


@dataclass(frozen=True)
class LayerView:
    """The chosen layer, and what stands below the map."""

    layer: Layer
    draw: cartography.LayerOn | None
    sentences: Sequence[str]
    gaps: Sequence[GapRow]
    """Zones whose reserve is short, whatever the layer."""
    asked: bool
    """Whether any zone has to have a reserve today."""


def chosen(name: str) -> Layer:
    """Return a layer by its name in an address; what is not known is danger."""
    return Layer(name) if name in set(Layer) else Layer.DANGER


def view(page: Page, names: Names, ready: Ready, layer: Layer) -> LayerView:
    """Return a layer of the pool as it stands."""
    speech = page.speech
    note = minutes_note(speech, names, ready.problem)
    sentences: list[str] = []
    draw: cartography.LayerOn | None = None
    if layer is Layer.FIRST_ATTACK:
        draw = _FirstAttack(page, ready)
        people = page.services.book.dispatch.first_attack_people
        sentences = [speech.t("layers.attack_note", people=people), *note.sentences]
        if note.credit is not None:
            sentences.append(speech.t("layers.attack_walk"))
    elif layer is Layer.RESERVE:
        draw = _Reserve(page, names, ready)
        sentences = [speech.t("layers.reserve_note"), *note.sentences]
    return LayerView(
        layer=layer,
        draw=draw,
        sentences=sentences,
        gaps=gap_rows(speech, names, ready.problem, ready.gaps, ready.moves),
        asked=bool(ready.problem.reserves),
    )


@dataclass(frozen=True)
class _FirstAttack:
    """Draws the first attack."""

    page: Page
    ready: Ready

    def __call__(
        self, frame: map_frame.Frame, zones: list[map_svg.MapZone]
    ) -> tuple[list[map_svg.MapZone], map_svg.Layer]:
        speech = self.page.speech
        across, down = ceil(frame.width / CELL), ceil(frame.height / CELL)
        window = Window(frame.west, frame.south, frame.east, frame.north, across, down)
        picture = self.page.services.readiness.picture(self.ready, window)
        limits = self.page.services.book.dispatch.first_attack_minutes
        made = self.ready.problem.minutes_from
        by_road = made is not None and made.roads is RoadsUse.USED
        how = speech.t("layers.by_road") if by_road else speech.t("layers.estimated")
        if by_road and picture.estimated >= MUCH:
            how = speech.t("layers.partly", percent=f"{picture.estimated:.0%}")
        words = map_layers.AttackWords(
            within={limit: speech.t("layers.within", minutes=limit) for limit in limits},
            beyond=speech.t("layers.beyond", minutes=max(limits)),
            nobody=speech.t("layers.nobody"),
            made=how,
        )
        layer = map_layers.first_attack(frame, zones, picture.bands, words)
        return [replace(zone, numeral="", doubts=()) for zone in zones], layer


@dataclass(frozen=True)
class _Reserve:
    """Draws where the reserve is short."""

    page: Page
    names: Names
    ready: Ready

    def __call__(
        self, frame: map_frame.Frame, zones: list[map_svg.MapZone]
    ) -> tuple[list[map_svg.MapZone], map_svg.Layer]:
        speech, named = self.page.speech, self.names.zone
        short = {named(gap.reserve): gap.short for gap in self.ready.gaps}
        kept = {named(zone.id) for zone in self.ready.problem.reserves} - short.keys()
        said = {True: speech.t("layers.kept"), False: speech.t("layers.unasked")}
        titles = {
            zone.name: speech.t("layers.zone_short", zone=zone.name, people=short[zone.name])
            if zone.name in short
            else f"{zone.name} · {said[zone.name in kept]}"
            for zone in zones
        }
        words = map_layers.ReserveWords(
            kept=said[True],
            short=speech.t("layers.short"),
            none=said[False],
            move_up=speech.t("layers.move_up"),
            titles=titles,
        )
        moves = [(told_move(speech, self.names, move), self._way(move)) for move in self.ready.moves]
        layer = map_layers.reserve(frame, zones, short, kept, moves, words)
        numbers = {name: f"−{people}" for name, people in short.items()}
        return [replace(zone, numeral=numbers.get(zone.name, ""), doubts=()) for zone in zones], layer

    def _way(self, move: MoveUp) -> list[map_frame.Place]:
        """Return a move-up's places: the vehicle's, that of the crew it picks up, the middle of the zone."""
        problem, spots = self.ready.problem, self.ready.spots
        vehicle = next(each.place for each in problem.vehicles if each.id == move.vehicle)
        crew = [each.place for each in problem.crews if each.id == move.crew]
        zone = next(each.place for each in problem.reserves if each.id == move.reserve)
        way = [spots[place] for place in (vehicle, *crew, zone)]
        return [spot for at, spot in enumerate(way) if at == 0 or spot != way[at - 1]]
