"""The map as a drawing: where things stand, what it says, and that no text breaks out of it."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from math import cos, hypot, radians

import pytest

from firewatch.geo import great_circle_km
from firewatch.rulebook.read import Rulebook
from firewatch.web import map_frame, map_svg
from firewatch.web.map_marks import MapMark, MapRoads, MapTrip
from firewatch.web.map_svg import MapWords, MapZone, Scene

SVG = "{http://www.w3.org/2000/svg}"
SQUARE = [[[(103.0, 35.0), (104.0, 35.0), (104.0, 36.0), (103.0, 36.0), (103.0, 35.0)]]]
WORDS = MapWords(
    title="map",
    legend="legend",
    grades={0: "no data", 1: "one", 2: "two", 3: "three", 4: "four", 5: "five"},
    kinds={"incident": "fire", "crew": "crew", "vehicle": "vehicle", "depot": "depot"},
    note="not official boundaries",
    beyond="outside",
    doubt="doubtful",
)


def zone(grade: int = 3, name: str = "Here", word: str = "three") -> MapZone:
    return MapZone(name=name, polygons=SQUARE, label=(103.5, 35.5), grade=grade, word=word)


def drawn(scene: Scene) -> ET.Element:
    return ET.fromstring(str(map_svg.draw(scene)))  # noqa: S314 - our own drawing


def texts(root: ET.Element) -> list[str]:
    return ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]


def test_places_are_where_they_should_be() -> None:
    frame = map_svg.frame_of(Scene([zone()]))
    x, y = frame.xy(35.5, 103.5)
    assert (x, y) == pytest.approx((frame.width / 2, frame.height / 2))
    north, south = frame.xy(35.9, 103.5), frame.xy(35.1, 103.5)
    assert north[1] < south[1], "north is up"


def test_distances_hold_in_every_direction() -> None:
    frame = map_svg.frame_of(Scene([zone()]))
    start = (35.5, 103.5)
    for end in ((35.7, 103.5), (35.5, 103.75), (35.3, 103.3)):
        (x1, y1), (x2, y2) = frame.xy(*start), frame.xy(*end)
        km = hypot(x2 - x1, y2 - y1) / frame.units_per_km()
        assert km == pytest.approx(great_circle_km(*start, *end), rel=0.01)


def test_longitudes_are_narrowed_by_the_latitude() -> None:
    frame = map_svg.frame_of(Scene([zone()]))
    assert frame.scale_x / frame.scale_y == pytest.approx(cos(radians(35.5)))


def test_a_click_finds_the_place_again() -> None:
    frame = map_svg.frame_of(Scene([zone()]))
    root = drawn(Scene([zone()], words=WORDS))
    west, north, lon_per_unit, lat_per_unit, height = map(float, root.attrib["data-map"].split())
    x, y = frame.xy(35.25, 103.75)
    assert (north - y * lat_per_unit, west + x * lon_per_unit) == pytest.approx((35.25, 103.75), abs=1e-4)
    assert height == pytest.approx(frame.height, abs=0.1)


@pytest.mark.parametrize("grade", [1, 2, 3, 4])
def test_a_grade_has_its_colour_numeral_and_word(grade: int) -> None:
    root = drawn(Scene([zone(grade, word="the word")], words=WORDS))
    path = root.find(f"{SVG}g[@class='zone']/{SVG}path")
    assert path is not None
    assert path.attrib["class"] == f"g{grade}"
    assert "fill" not in path.attrib
    title = root.findtext(f"{SVG}g[@class='zone']/{SVG}title")
    assert title == f"Here: {grade} the word"
    assert str(grade) in texts(root)


@pytest.mark.parametrize(("grade", "pattern"), [(5, "map-extreme"), (0, "map-nodata")])
def test_extreme_and_no_data_are_hatched(grade: int, pattern: str) -> None:
    root = drawn(Scene([zone(grade)], words=WORDS))
    path = root.find(f"{SVG}g[@class='zone']/{SVG}path")
    assert path is not None
    assert path.attrib["fill"] == f"url(#{pattern})"
    assert {node.attrib["id"] for node in root.iter(f"{SVG}pattern")} >= {pattern}


def test_no_data_shows_no_numeral() -> None:
    root = drawn(Scene([zone(0, word="no data")], words=WORDS))
    assert "0" not in texts(root)
    assert root.findtext(f"{SVG}g[@class='zone']/{SVG}title") == "Here: – no data"


def test_the_legend_names_every_grade_and_the_note_stands_there() -> None:
    said = texts(drawn(Scene([zone()], words=WORDS)))
    for word in (*WORDS.grades.values(), *WORDS.kinds.values(), WORDS.note):
        assert word in said


def test_of_very_many_zones_each_name_stands_at_its_own_point() -> None:
    """To look for a better place for each of 500 names takes seconds: beyond some sixty each stays where it is."""
    zones = [zone(name=f"Zone {n}") for n in range(map_svg.MOST_PLACED + 1)]
    root = drawn(Scene(zones, words=WORDS))
    said = texts(root)
    assert all(each.name in said for each in zones)
    at = {
        (node.attrib["x"], node.attrib["y"]) for node in root.iter(f"{SVG}text") if (node.text or "").startswith("Zone")
    }
    assert len(at) == 1, "they were all given one place"


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    scene = Scene([zone()], words=WORDS)
    frame = map_svg.frame_of(scene)
    km = map_frame.scale_km(frame)
    assert f"{km:g} km" in texts(drawn(scene))
    assert str(km).rstrip("0.")[0] in "125"
    assert 0.08 * frame.width <= km * frame.units_per_km() <= 0.25 * frame.width + 1e-6


def test_fires_are_drawn_last_and_lead_to_their_pages() -> None:
    fire = MapMark("incident", 35.4, 103.4, "Incident 7", label="7", href="/incidents/7")
    depot = MapMark("depot", 35.4, 103.4, "Depot")
    root = drawn(Scene([zone()], [fire, depot], words=WORDS))
    link = root.find(f"{SVG}a")
    assert link is not None
    assert link.attrib["href"] == "/incidents/7"
    order = [node.attrib.get("class") for node in root if node.tag in {f"{SVG}g", f"{SVG}a"}]
    assert order.index(None) > order.index("mark depot")


def test_labels_of_fires_close_together_stand_side_by_side() -> None:
    marks = [MapMark("incident", 35.4, 103.4 + n / 1000, f"Fire {n}", label=str(n)) for n in range(3)]
    root = drawn(Scene([zone()], marks, words=WORDS))
    labels = [float(node.attrib["x"]) for node in root.findall(f"{SVG}g[@class='mark incident']/{SVG}text")]
    assert labels[1] - labels[0] > 20
    assert labels[2] - labels[1] > 20


def test_a_fire_outside_the_picture_stands_on_its_edge_and_says_so() -> None:
    root = drawn(Scene([zone()], [MapMark("incident", 12.0, 150.0, "Far fire")], words=WORDS))
    mark = root.find(f"{SVG}g[@class='mark incident beyond']")
    assert mark is not None
    assert mark.findtext(f"{SVG}title") == "Far fire (outside)"
    frame = map_svg.frame_of(Scene([zone()]))
    path = mark.find(f"{SVG}path")
    assert path is not None
    numbers = [float(number) for number in re.findall(r"-?\d+\.\d", path.attrib["d"])]
    assert max(numbers[::2]) <= frame.width
    assert max(numbers[1::2]) <= frame.height


def test_a_trip_goes_by_its_stops() -> None:
    scene = Scene([zone()], trips=[MapTrip([(35.2, 103.2), (35.3, 103.4), (35.5, 103.5)], "Carrier")], words=WORDS)
    line = drawn(scene).find(f"{SVG}g[@class='trip']/{SVG}polyline")
    assert line is not None
    assert len(line.attrib["points"].split()) == 3
    assert drawn(scene).find(f"{SVG}g[@class='trip']/{SVG}text") is None


def test_a_trip_shows_its_stops_and_its_time() -> None:
    way = MapTrip([(35.2, 103.2), (35.3, 103.4), (35.5, 103.5)], "Carrier", "37 min")
    trip = drawn(Scene([zone()], trips=[way], words=WORDS)).find(f"{SVG}g[@class='trip']")
    assert trip is not None
    assert len(trip.findall(f"{SVG}circle")) == 1, "where it stops on the way"
    assert [trip.findtext(f"{SVG}{part}") for part in ("title", "text")] == ["Carrier 37 min", "37 min"]


def test_text_cannot_break_out() -> None:
    evil = '"><script>alert(1)</script>&'
    words = MapWords(evil, evil, dict.fromkeys(range(6), evil), dict.fromkeys(WORDS.kinds, evil), evil, evil)
    marks = [MapMark("incident", 35.4, 103.4, evil, label=evil, href=evil), MapMark("crew", 0, 0, evil)]
    scene = Scene([zone(name=evil, word=evil)], marks, [MapTrip([(35, 103), (36, 104)], evil)], words=words)
    assert not list(drawn(scene).iter(f"{SVG}script"))
    assert "<script" not in str(map_svg.draw(scene))


def test_nothing_is_styled_in_place() -> None:
    drawing = str(map_svg.draw(Scene([zone(5), zone(0)], [MapMark("crew", 35.1, 103.1, "c")], words=WORDS)))
    assert "style=" not in drawing
    assert "<style" not in drawing


def test_a_warning_is_a_flag_beside_the_grade_and_no_numeral() -> None:
    warned = MapZone("Here", SQUARE, (103.5, 35.5), 4, "four", signal="orange", signal_word="ORANGE (second class)")
    calm, flagged = drawn(Scene([zone(4)], words=WORDS)), drawn(Scene([warned], words=WORDS))
    flags = flagged.findall(f".//{SVG}g[@class='flag s-orange']")
    assert len(flags) == 1
    assert texts(flagged) == texts(calm), "the flag adds no figure that could be read as a grade"
    assert next(node.text for node in flagged.iter(f"{SVG}title")) == "Here: 4 four · ORANGE (second class)"
    assert not [node for node in calm.iter(f"{SVG}g") if "flag" in node.attrib.get("class", "")]


def test_holes_are_left_out() -> None:
    hole = [(103.4, 35.4), (103.6, 35.4), (103.6, 35.6), (103.4, 35.4)]
    holed = MapZone("Here", [[SQUARE[0][0], hole]], (103.2, 35.2), 2, "two")
    path = drawn(Scene([holed], words=WORDS)).find(f"{SVG}g[@class='zone']/{SVG}path")
    assert path is not None
    assert path.attrib["d"].count("M") == 2
    assert path.attrib["fill-rule"] == "evenodd"


@pytest.mark.parametrize("marks", [[], [MapMark("incident", 89.9, 10.0, "Polar")]])
def test_without_zones_there_is_still_a_map(marks: list[MapMark]) -> None:
    assert drawn(Scene([], marks, words=WORDS)).tag == f"{SVG}svg"


def test_the_demonstration_alliance_fits(rulebook: Rulebook) -> None:
    zones = [MapZone(each.name_zh, each.polygons, each.label, 3, "three") for each in rulebook.zones]
    frame = map_svg.frame_of(Scene(zones))
    for each in rulebook.zones:
        assert frame.holds(each.label[1], each.label[0])
    assert 0.3 < frame.height / frame.width < 3


def test_a_doubtful_zone_is_dotted_marked_and_explained() -> None:
    doubtful = MapZone(name="Here", polygons=SQUARE, label=(103.5, 35.5), grade=3, word="three", doubts=("stuck <b>",))
    root = drawn(Scene([doubtful], words=WORDS))
    zones = [group for group in root.iter(f"{SVG}g") if group.get("class") == "zone"]
    assert [path.get("class") for path in zones[0].iter(f"{SVG}path")] == ["g3", "doubt"]
    title = next(zones[0].iter(f"{SVG}title"))
    assert title.text == "Here: 3 three · stuck <b>"
    labels = [text.text for text in root.iter(f"{SVG}text") if text.get("class") == "query"]
    assert labels == ["?", "?"], "in the zone and in the legend"
    plain = drawn(Scene([zone()], words=WORDS))
    assert [text.text for text in plain.iter(f"{SVG}text") if text.get("class") == "query"] == ["?"]
    assert not [path for path in plain.iter(f"{SVG}path") if path.get("class") == "doubt"]


def test_a_closed_line_is_barred_and_roads_lie_beneath_it() -> None:
    line = [(35.2, 103.2), (35.4, 103.4)]
    closure = MapMark("closure", *line[0], "closed <here>", line=line)
    roads = [MapRoads("primary", [line]), MapRoads("track", [line])]
    words = replace(WORDS, kinds={**WORDS.kinds, "closure": "closed"})
    root = drawn(Scene([zone()], [closure], roads=roads, words=words))
    kinds = [path.get("class") for path in root.iter(f"{SVG}path")]
    assert [kind for kind in kinds if kind in ("road r-track", "road r-primary", "bed", "bars")] == [
        "road r-track",
        "road r-primary",
        "bed",
        "bars",
    ]
    (barred,) = [group for group in root.iter(f"{SVG}g") if group.get("class") == "closed-way"]
    assert barred.findtext(f"{SVG}title") == "closed <here>"


def test_without_its_legend_the_map_is_as_tall_as_the_land() -> None:
    scene = Scene([zone()], words=WORDS)
    height = float(drawn(replace(scene, legend=False)).attrib["viewBox"].split()[3])
    assert height == pytest.approx(map_svg.frame_of(scene).height, abs=0.5)
    assert drawn(replace(scene, legend=False)).find(f"{SVG}g[@class='legend']") is None
    assert drawn(scene).find(f"{SVG}g[@class='legend']") is not None
