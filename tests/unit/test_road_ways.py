import pytest

from firewatch.roads.ways import CLASSES, LeftOut, Way, read_way
from firewatch.rulebook.roads import Speeds

TRACK, PRIMARY, MOTORWAY = CLASSES.index("track"), CLASSES.index("primary"), CLASSES.index("motorway")


def test_every_class_has_a_speed_in_the_config() -> None:
    assert tuple(Speeds.model_fields) == CLASSES


@pytest.mark.parametrize(
    ("tags", "way"),
    [
        ({"highway": "primary"}, Way(PRIMARY)),
        ({"highway": "primary_link", "maxspeed": "40"}, Way(PRIMARY, limit_kmh=40)),
        ({"highway": "primary", "maxspeed": "30 mph"}, Way(PRIMARY, limit_kmh=48)),
        ({"highway": "primary", "maxspeed": "70 km/h"}, Way(PRIMARY, limit_kmh=70)),
        ({"highway": "primary", "maxspeed": "999"}, Way(PRIMARY, limit_kmh=255)),
        ({"highway": "primary", "maxspeed": "CN:urban"}, Way(PRIMARY)),
        ({"highway": "primary", "maxspeed": "90;30"}, Way(PRIMARY)),
        ({"highway": "road"}, Way(CLASSES.index("unclassified"))),
        ({"highway": "primary", "oneway": "yes"}, Way(PRIMARY, backward=False)),
        ({"highway": "primary", "oneway": "1"}, Way(PRIMARY, backward=False)),
        ({"highway": "primary", "oneway": "-1"}, Way(PRIMARY, forward=False)),
        ({"highway": "primary", "oneway": "reversible"}, Way(PRIMARY)),
        ({"highway": "primary", "junction": "roundabout"}, Way(PRIMARY, backward=False)),
        ({"highway": "motorway"}, Way(MOTORWAY, backward=False)),
        ({"highway": "motorway", "oneway": "no"}, Way(MOTORWAY)),
        ({"highway": "track", "access": "private"}, Way(TRACK)),
        ({"highway": "track", "access": "no", "motor_vehicle": "yes"}, Way(TRACK)),
        ({"highway": "track", "motor_vehicle": "no", "emergency": "yes"}, Way(TRACK)),
    ],
)
def test_a_way_is_driven_on_as_its_tags_say(tags: dict[str, str], way: Way) -> None:
    assert read_way(tags) == way


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"highway": "footway"}, LeftOut.NOT_FOR_VEHICLES),
        ({"highway": "construction"}, LeftOut.NOT_FOR_VEHICLES),
        ({"highway": "service", "area": "yes"}, LeftOut.AREA),
        ({"highway": "track", "motor_vehicle": "no"}, LeftOut.FORBIDDEN),
        ({"highway": "track", "access": "no"}, LeftOut.FORBIDDEN),
    ],
)
def test_a_way_nobody_drives_on_is_left_out_for_a_reason(tags: dict[str, str], reason: LeftOut) -> None:
    assert read_way(tags) is reason
