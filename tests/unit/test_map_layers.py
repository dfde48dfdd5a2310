"""Layers of the map as drawings: what is told apart by more than colour, and that no text breaks out."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from firewatch.dispatch.isochrones import Band, Window, bands
from firewatch.web import map_frame, map_layers, map_svg
from firewatch.web.map_frame import Frame
from firewatch.web.map_layers import AttackWords, ReserveWords
from firewatch.web.map_svg import MapWords, MapZone, Scene

SVG = "{http://www.w3.org/2000/svg}"
SQUARE = [[[(103.0, 35.0), (104.0, 35.0), (104.0, 36.0), (103.0, 36.0), (103.0, 35.0)]]]
HERE = MapZone("Here", SQUARE, (103.5, 35.5), 3, "three", numeral="−8")
THERE = MapZone("<There>", SQUARE, (103.2, 35.2), 0, "", numeral="")
FAR = MapZone("Far", SQUARE, (103.8, 35.8), 0, "", numeral="")
ATTACK = AttackWords(within={15: "in 15", 30: "in 30"}, beyond="later", nobody="nobody <comes>", made="estimated")
RESERVE = ReserveWords(
    "kept", "short", "none", "moves up", {"Here": "Here: 8", "<There>": "<There>: kept", "Far": "Far"}
)


def drawn(scene: Scene) -> ET.Element:
    return ET.fromstring(str(map_svg.draw(scene)))  # noqa: S314 - our own drawing


def frame() -> Frame:
    return map_svg.frame_of(Scene([HERE]))


def attack_bands(corner: float = np.inf) -> list[Band]:
    at = frame()
    window = Window(at.west, at.south, at.east, at.north, 20, 20)
    lat, lon = window.points()
    minutes = 100 * np.hypot(lat - 35.5, lon - 103.5)
    minutes[0] = corner
    return bands(window, minutes, [15, 30])


def scene(layer: map_svg.Layer, zones: list[MapZone]) -> Scene:
    return Scene(zones, layer=layer, words=MapWords("map", "legend", {}, {"crew": "crew"}, "note", "outside"))


def classes(root: ET.Element) -> list[str]:
    return [
        path.attrib["class"]
        for group in root.iter(f"{SVG}g")
        if group.get("class") == "zone area"
        for path in group.iter(f"{SVG}path")
    ]


def test_the_first_attack_is_painted_from_nobody_to_the_nearest_with_the_zones_on_top() -> None:
    layer = map_layers.first_attack(frame(), [HERE], attack_bands(), ATTACK)
    root = drawn(scene(layer, [HERE]))
    assert classes(root) == ["hatched", "hatched", "b1", "b0"]
    titles = [group.findtext(f"{SVG}title") for group in root.iter(f"{SVG}g") if group.get("class") == "zone area"]
    assert titles == ["nobody <comes>", "later", "in 30", "in 15"]
    assert len([path for path in root.iter(f"{SVG}path") if path.get("class") == "outline"]) == 1
    patterns = {pattern.attrib["id"] for pattern in root.iter(f"{SVG}pattern")}
    assert {"map-beyond", "map-nobody"} <= patterns


def test_each_line_carries_its_minutes_and_the_legend_says_how_they_were_made() -> None:
    layer = map_layers.first_attack(frame(), [HERE], attack_bands(), ATTACK)
    root = drawn(scene(layer, [HERE]))
    numbers = [text.text for group in root.iter(f"{SVG}g") if group.get("class") == "limit" for text in group]
    assert numbers == ["30", "15"]
    legend = next(group for group in root.iter(f"{SVG}g") if group.get("class") == "legend")
    said = ["".join(text.itertext()) for text in legend.iter(f"{SVG}text")]
    assert said == ["in 15", "in 30", "later", "nobody <comes>", "estimated", "crew", "note"]


def test_a_short_line_and_one_on_the_edge_carry_no_number() -> None:
    small = Band(15, [[(103.5, 35.5), (103.51, 35.5), (103.51, 35.51)]])
    at = frame()
    edge = Band(30, [[(103.0 + step / 100, at.north) for step in range(20)]])
    layer = map_layers.first_attack(at, [], [edge, small], ATTACK)
    assert "<text" not in layer.drawing


def test_a_zone_that_is_short_is_hatched_and_carries_its_number() -> None:
    moves = [("Truck <1>", [(35.1, 103.1), (35.2, 103.2), (35.5, 103.5)])]
    layer = map_layers.reserve(frame(), [HERE, THERE, FAR], {"Here"}, {"<There>"}, moves, RESERVE)
    root = drawn(scene(layer, [HERE, THERE, FAR]))
    assert classes(root) == ["hatched", "kept", "unasked"]
    assert "−8" in ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    [arrow] = root.iter(f"{SVG}polyline")
    assert arrow.attrib["marker-end"] == "url(#map-arrow)"
    assert len(arrow.attrib["points"].split()) == 3
    assert "map-arrow" in {marker.attrib["id"] for marker in root.iter(f"{SVG}marker")}


def test_a_window_shows_the_country_around_a_place() -> None:
    window = map_frame.window_around(35.5, 103.5, 20)
    assert window.units_per_km() * 20 == pytest.approx(window.width, rel=1e-3)
    assert window.height == pytest.approx(0.75 * window.width, rel=1e-3)
    root = drawn(
        Scene(
            [HERE, FAR], window=window, words=MapWords("m", "l", dict.fromkeys(range(6), ""), {"crew": "c"}, "n", "b")
        )
    )
    names = [text.text for text in root.iter(f"{SVG}text") if (text.get("class") or "").startswith("zone-name")]
    assert names == ["Here"], "a name that lies beyond is not written"
    assert root.find(f"{SVG}svg[@class='cut']") is not None
