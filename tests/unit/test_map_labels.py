"""Where names stand on the map: clear of marks and of each other, in their own zone, on the paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.rulebook.read import Rulebook
from firewatch.web import map_labels, map_svg
from firewatch.web.map_labels import Box, Label


def anywhere(_: map_labels.Point) -> bool:
    return True


def test_a_label_stays_where_it_belongs_when_nothing_is_there() -> None:
    assert map_labels.places([Label("和政县", (300, 300), anywhere)], []) == [(300, 300)]


@pytest.mark.parametrize("name", ["和政县", "Hezheng County"])
@pytest.mark.parametrize("at", [(300, 290), (300, 315), (320, 300)])
def test_a_label_makes_way_for_a_fire(name: str, at: map_labels.Point) -> None:
    fire = Box(at[0] - 15, at[1] - 38, at[0] + 15, at[1] + 15)
    [stands] = map_labels.places([Label(name, (300, 300), anywhere)], [fire])
    assert stands != (300, 300)
    assert sum(box.covers(fire) for box in map_labels.boxes(stands, name)) < 100, "hardly a touch"


def test_names_make_way_for_each_other() -> None:
    labels = [Label("Taizishan Nature Reserve", (300, 300), anywhere), Label("Kangle County", (420, 305), anywhere)]
    first, second = map_labels.places(labels, [])
    of_first, of_second = (
        map_labels.boxes(at, label.name, map_labels.NARROW_NAME)
        for at, label in zip((first, second), labels, strict=True)
    )
    assert not any(one.covers(other) for one in of_first for other in of_second)


def test_a_label_does_not_flee_into_another_zone() -> None:
    def west(at: map_labels.Point) -> bool:
        return at[0] < 320

    fire = Box(280, 270, 310, 330)
    [stands] = map_labels.places([Label("Here", (300, 300), west)], [fire])
    assert west(stands)


@given(x=st.floats(0, 720), name=st.sampled_from(["莲花山自然保护区", "Lianhuashan Nature Reserve", "Here"]))
def test_names_stay_on_the_paper_at_both_sizes(x: float, name: str) -> None:
    anchor, at = map_labels.anchored(x, name, 720)
    for size in (map_labels.NAME, map_labels.NARROW_NAME):
        width = map_labels.text_width(name, size)
        left = at - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        assert left >= -1e-6
        assert left + width <= 720 + 1e-6


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_name_of_the_demonstration_is_under_a_station(rulebook: Rulebook, lang: str) -> None:
    zones = [
        map_svg.MapZone(getattr(each, f"name_{lang}"), each.polygons, each.label, 3, "three") for each in rulebook.zones
    ]
    frame = map_svg.frame_of(map_svg.Scene(zones))
    places = [*((row.lat, row.lon) for row in rulebook.crews), *((row.lat, row.lon) for row in rulebook.depots)]
    spots = [frame.xy(*place) for place in places]
    marks = [Box(x - 6, y - 6, x + 6, y + 6) for x, y in spots]
    labels = [Label(zone.name, frame.xy(zone.label[1], zone.label[0]), anywhere) for zone in zones]
    for label, at in zip(labels, map_labels.places(labels, marks), strict=True):
        assert sum(box.covers(mark) for box in map_labels.boxes(at, label.name) for mark in marks) < 100
