"""Minutes between places and to fires, over hand-made roads and land near the equator."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.roads import minutes as road_minutes
from firewatch.roads.minutes import ByRoad, RoadMinutes
from firewatch.roads.network import Network
from firewatch.roads.terrain import Terrain
from firewatch.rulebook.roads import Roads
from tests.roads import Point, network_of, north, road, write_tile

KM = north(1000)
NODES = {0: (0.5, 0.5), 1: (0.5, 0.5 + 5 * KM), 2: (0.5 + 3 * KM, 0.5 + 5 * KM), 3: (0.5 + 3 * KM, 0.5)}
"""A road to the east, one to the north, one back to the west: 5, 3 and 5 km."""
U_TURN = (road(0, 1), road(1, 2), road(2, 3))
FLAT_KMH = 0.6 * 5.0367


def asked(network: Network, places: list[Point], fires: list[Point], folder: Path = Path("none")) -> ByRoad:
    return RoadMinutes(network, Terrain(folder), Roads()).table(places, fires)


def test_between_places_it_is_the_road_and_the_track_to_it() -> None:
    network = network_of(NODES, U_TURN)
    place = (0.5 - KM / 2, 0.5)  # half a kilometre off
    table = asked(network, [NODES[0], NODES[2], place], [])
    assert table.minutes[0].tolist() == pytest.approx([0, 8, 2], abs=1e-3)
    assert table.minutes[2].tolist() == pytest.approx([2, 10, 0], abs=1e-3)
    assert not table.walk.any()
    assert not table.terrain
    off = table.access[2]
    assert off is not None
    assert off.minutes == pytest.approx(2)
    assert off.point == pytest.approx(NODES[0])


def test_nobody_drives_over_a_mountain_because_the_way_is_straight() -> None:
    """Three kilometres apart, which a track would do in 12 minutes: but there is none, the road takes 13."""
    network = network_of(NODES, U_TURN)
    assert asked(network, [NODES[0], NODES[3]], []).minutes[0, 1] == pytest.approx(13, abs=1e-3)
    village = (0.5 - 4 * KM, 0.5), (0.5 - 4 * KM, 0.5 + 0.9 * KM)  # two yards far from any mapped road
    assert asked(network, list(village), []).minutes[0, 1] == pytest.approx(0.9 * 4, abs=1e-3)


def test_a_fire_is_walked_to_from_where_that_is_quickest() -> None:
    network = network_of(NODES, U_TURN)
    fire = (0.5 + 0.9 * KM, 0.5 + KM)  # nearer to the southern road, 900 m; the northern is 2.1 km off
    table = asked(network, [NODES[0], NODES[3]], [fire])
    walk = 0.9 / FLAT_KMH * 60
    assert table.walk[0, 2] == pytest.approx(walk, rel=1e-3)
    assert table.minutes[0, 2] == pytest.approx(1 + walk, rel=1e-3)
    # From the north it is a quarter of an hour around by road; the fire is too far to walk to from there.
    assert table.minutes[1, 2] == pytest.approx(12 + walk, rel=1e-3)


def test_one_gets_off_where_driving_and_walking_together_are_quickest() -> None:
    """The nearest node is a minute's walk nearer, and ten minutes' drive farther."""
    network = network_of({**NODES, 3: (0.5 + KM, 0.5)}, [road(0, 1), road(1, 2), road(2, 3, "track")])
    fire = (0.5 + 0.51 * KM, 0.5)
    table = asked(network, [NODES[0]], [fire])
    assert table.minutes[0, 1] == pytest.approx(0.51 / FLAT_KMH * 60, rel=1e-3)
    assert table.walk[0, 1] == pytest.approx(table.minutes[0, 1])


def test_a_crew_beside_the_fire_walks_there_and_takes_no_road() -> None:
    network = network_of(NODES, U_TURN)
    fire, crew = (0.5 - 2 * KM, 0.5), (0.5 - 1.9 * KM, 0.5)
    table = asked(network, [crew, NODES[0]], [fire])
    assert table.minutes[0, 2] == table.walk[0, 2] == pytest.approx(0.1 / FLAT_KMH * 60, rel=1e-3)
    # Whoever comes by road may drive to where the crew stands: a track must lead there.
    assert table.minutes[1, 2] == pytest.approx(1.9 * 4 + table.walk[0, 2], rel=1e-3)
    assert table.walk[1, 2] == pytest.approx(table.walk[0, 2])


@pytest.mark.parametrize("km", [9.9, 10.1])
def test_too_far_from_every_road_nothing_is_said(km: float) -> None:
    network = network_of(NODES, U_TURN)
    far = (0.5 - km * KM, 0.5)
    table = asked(network, [NODES[1], far, NODES[0]], [far])
    near_enough = km < 10
    assert np.isfinite(table.minutes[0, 1]) == np.isfinite(table.minutes[1, 0]) == near_enough
    assert np.isfinite(table.minutes[0, 3]) == near_enough
    assert (table.access[1] is not None) == (table.access[3] is not None) == near_enough
    assert np.isfinite(table.minutes[0, 2])
    assert not table.terrain


def test_over_the_terrain_the_walk_follows_toblers_curve_up_and_down(tmp_path: Path) -> None:
    """The land rises to the north by a fifth: 2 km up from the road in the south, or down from the one in the north."""
    rows = 1201
    spacing = 1 / (rows - 1) / north(1)
    heights = np.repeat((0.02 * spacing * np.arange(rows - 1, -1, -1))[:, None], rows, axis=1) * 10
    write_tile(tmp_path, "N00E000.hgt", heights)
    up = asked(network_of(NODES, [road(0, 1)]), [NODES[0]], [(0.5 + 2 * KM, 0.5)], tmp_path)
    down = asked(network_of(NODES, [road(2, 3)]), [NODES[3]], [(0.5 + KM, 0.5)], tmp_path)
    assert up.terrain
    assert down.terrain
    assert up.walk[0, 1] == pytest.approx(2 * 60 / (0.6 * 6 * np.exp(-3.5 * 0.25)), rel=0.03)
    assert down.walk[0, 1] == pytest.approx(2 * 60 / (0.6 * 6 * np.exp(-3.5 * 0.15)), rel=0.03)


def test_a_fire_on_a_cliff_is_reached_from_above(tmp_path: Path) -> None:
    """The road below is 400 m off, and the one on the plateau 600: the first is of no use."""
    rows = 1201
    cliff_row = round((1 - (0.5 + 0.3 * KM)) * (rows - 1))
    heights = np.where(np.arange(rows)[:, None] <= cliff_row, 500.0, 0.0) * np.ones(rows)
    write_tile(tmp_path, "N00E000.hgt", heights)
    nodes = {**NODES, 2: (0.5 + KM, 0.5 + 5 * KM), 3: (0.5 + KM, 0.5)}
    fire = (0.5 + 0.4 * KM, 0.5)
    table = asked(network_of(nodes, U_TURN), [NODES[0]], [fire], tmp_path)
    flat = asked(network_of(nodes, U_TURN), [NODES[0]], [fire])
    assert flat.minutes[0, 1] == pytest.approx(0.4 / FLAT_KMH * 60, rel=1e-3)
    assert table.walk[0, 1] == pytest.approx(0.6 / FLAT_KMH * 60, rel=0.1)
    assert table.minutes[0, 1] == pytest.approx(11 + table.walk[0, 1], rel=1e-3)


def test_what_is_known_is_kept_and_new_places_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    roads = RoadMinutes(network_of(NODES, [*U_TURN, road(0, 3, oneway=True)]), Terrain(Path("none")), Roads())
    every = list(NODES.values())
    whole = RoadMinutes(network_of(NODES, [*U_TURN, road(0, 3, oneway=True)]), Terrain(Path("none")), Roads())
    expected = whole.table(every, []).minutes
    for number in range(1, len(every) + 1):
        assert roads.table(every[:number], []).minutes == pytest.approx(expected[:number, :number])
    monkeypatch.setattr(road_minutes, "MOST_KNOWN", 2)
    assert roads.table(every[::-1], []).minutes == pytest.approx(expected[::-1, ::-1])


def test_a_drive_is_the_roads_alone_and_there_is_none_without_them() -> None:
    roads = RoadMinutes(network_of(NODES, U_TURN), Terrain(Path("none")), Roads())
    drive = roads.drive((0.5 - KM / 2, 0.5), (NODES[2][0] + KM, NODES[2][1]))
    assert drive is not None
    assert drive.by_class == {"primary": pytest.approx(8, abs=1e-3)}
    assert drive.off_road == pytest.approx(2 + 1 / FLAT_KMH * 60, rel=1e-3)
    far = (0.5 - 11 * KM, 0.5)
    assert roads.drive(NODES[0], far) is None
    assert roads.drive(far, NODES[0]) is None


def test_without_places_there_is_nothing_to_tell() -> None:
    network = network_of(NODES, U_TURN)
    assert asked(network, [], []).minutes.shape == (0, 0)
    assert asked(network, [], [NODES[0]]).minutes.shape == (0, 1)


spots = st.tuples(st.floats(0.49, 0.54), st.floats(0.49, 0.56))


@given(st.lists(spots, min_size=3, max_size=6), st.lists(spots, min_size=1, max_size=2))
def test_no_detour_is_quicker_than_the_direct_way(places: list[Point], fires: list[Point]) -> None:
    table = asked(network_of(NODES, [*U_TURN, road(3, 0, oneway=True)]), places, fires)
    ends = range(len(places) + len(fires))
    for start, via in permutations(range(len(places)), 2):
        for end in ends:
            assert table.minutes[start, end] <= table.minutes[start, via] + table.minutes[via, end] + 1e-9
