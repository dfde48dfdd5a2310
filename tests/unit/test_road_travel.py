"""The port `Travel` over a road network: the table of a problem, and how it says it was made."""

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.dispatch.problem import MinutesFrom, RoadsUse
from firewatch.dispatch.road_travel import RoadTravel, open_roads
from firewatch.dispatch.travel import Estimate, Start
from firewatch.errors import BadInput
from firewatch.geo import great_circle_km
from firewatch.roads import store
from firewatch.roads.calibration import Correction
from firewatch.roads.closed import Closure
from firewatch.roads.minutes import RoadMinutes
from firewatch.roads.network import Network
from firewatch.roads.store import About
from firewatch.roads.terrain import Terrain
from firewatch.roads.ways import CLASSES
from firewatch.rulebook.roads import Roads
from tests.roads import SPEEDS, Point, graph_of, north, road

KM = north(1000)
NODES = {0: (0.5, 0.5), 1: (0.5, 0.5 + 5 * KM), 2: (0.5 + 3 * KM, 0.5 + 5 * KM)}
ROADS = [road(0, 1), road(1, 2)]
GUESS = Estimate(detour_factor=1.4, speed_kmh=42.0)  # two minutes a kilometre
FAR = (0.5 - 20 * KM, 0.5)
KIND = CLASSES[int(graph_of(NODES, ROADS).kind[0])]


def travel(roads_on: str = "2026-11-01") -> RoadTravel:
    def open_with(closures: tuple[Closure, ...], correction: Correction) -> RoadMinutes:
        return RoadMinutes(
            Network(graph_of(NODES, ROADS), SPEEDS, closures, correction.slowness), Terrain(Path("none")), Roads()
        )

    return RoadTravel(graph_of(NODES, ROADS), open_with, roads_on, GUESS)


def test_the_table_is_by_road_rounded_up_and_says_so() -> None:
    fire = (0.5 + 3 * KM, 0.5 + 5.1 * KM)
    table = travel().table({"b": NODES[1], "a": NODES[0], "same": NODES[0], "fire-1": fire}, ["fire-1"])
    assert list(table.minutes) == ["a", "b", "fire-1", "same"]
    assert table.minutes["a"] == {"b": 5.0, "fire-1": 10.0, "same": 0.0}  # 8 and, at 3.02 km/h, 1.985
    assert table.minutes["b"] == {"a": 5.0, "fire-1": 5.0, "same": 5.0}
    assert table.minutes["fire-1"] == {}  # nobody sets out from a fire
    walk = {name: {"fire-1": 2.0} for name in ("a", "b", "same")}
    assert table.made == MinutesFrom(RoadsUse.USED, "2026-11-01", terrain=False, estimated=(), walk=walk)
    assert travel("").table({"a": NODES[0]}, []).made.roads_on is None


def test_a_place_no_road_leads_to_is_estimated_and_named() -> None:
    table = travel().table({"far": FAR, "a": NODES[0], "fire-1": NODES[2]}, ["fire-1"])
    assert table.made.estimated == ("far",)
    assert table.minutes["a"]["fire-1"] == pytest.approx(8.0)
    assert table.minutes["far"]["a"] == table.minutes["a"]["far"] == pytest.approx(40.0, abs=0.11)
    straight = great_circle_km(*FAR, *NODES[2])
    assert table.minutes["far"]["fire-1"] == pytest.approx(2 * straight, abs=0.11)


def test_an_estimate_does_not_make_light_of_a_walk() -> None:
    fire = (0.5 + 3 * KM, 0.5 + 8 * KM)  # an hour on foot from the end of the road
    table = travel().table({"far": FAR, "a": NODES[0], "fire-1": fire}, ["fire-1"])
    walk = 3 / (0.6 * 5.0367) * 60
    to_the_end = 2 * great_circle_km(*FAR, *NODES[2])
    assert table.minutes["far"]["fire-1"] == pytest.approx(to_the_end + walk, abs=0.2)
    for start in ("far", "a"):
        assert table.made.walk[start]["fire-1"] == pytest.approx(walk, abs=0.3)


def test_a_fire_beyond_the_extract_is_estimated_for_everybody() -> None:
    table = travel().table({"a": NODES[0], "b": NODES[1], "fire-1": FAR}, ["fire-1"])
    assert table.made.estimated == ("fire-1",)
    assert table.minutes["a"]["fire-1"] == pytest.approx(40.0, abs=0.11)
    assert table.minutes["a"]["b"] == 5.0
    assert not table.made.walk


spots = st.tuples(st.floats(0.49, 0.54), st.floats(0.49, 0.56))


@given(st.lists(spots, min_size=3, max_size=5), spots)
def test_no_detour_comes_out_faster_by_rounding(places: list[Point], fire: Point) -> None:
    roads = travel()
    named = {str(number): place for number, place in enumerate(places)}
    roads.learn(named)
    minutes = roads.table({**named, "fire": fire}, ["fire"]).minutes
    for start, via in permutations(named, 2):
        for end in {*named, "fire"} - {start, via}:
            assert minutes[start][end] <= minutes[start][via] + minutes[via][end] + 1e-9


def test_a_network_is_opened_from_the_data_folder(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"roads\.npz: cannot be read .*`firewatch roads build` again"):
        open_roads(tmp_path, Roads(), GUESS)
    store.save(tmp_path / store.FILE, graph_of(NODES, ROADS), About("valley.osm.pbf", "2026-11-01"))
    places = {"a": NODES[0], "b": NODES[2]}
    slow = Roads.model_validate({"speed_kmh": {"primary": 20}})
    assert open_roads(tmp_path, slow, GUESS).table(places, []).minutes["a"]["b"] == 24.0


def test_what_a_closure_cuts_off_is_out_of_reach_and_not_estimated() -> None:
    spot = Closure(4, 0.5, 0.5 + 2 * KM, 100)
    places = {"a": NODES[0], "b": NODES[1], "c": NODES[2]}
    closed = travel().table(places, [], [spot])
    assert closed.minutes == {"a": {}, "b": {"c": 3.0}, "c": {"b": 3.0}}
    assert closed.made.closures == (4,)
    assert travel().table(places, []).minutes["a"] == {"b": 5.0, "c": 8.0}


def test_the_soonest_agrees_with_the_table_of_a_fire() -> None:
    fire = (0.5 + 3 * KM, 0.5 + 5.1 * KM)
    starts = [Start(NODES[0], 3.0), Start(NODES[1], 20.0)]
    found = travel().soonest(starts, np.array([fire[0]]), np.array([fire[1]]))
    table = travel().table({"a": NODES[0], "fire-1": fire}, ["fire-1"])
    assert found.minutes[0] == pytest.approx(3 + table.minutes["a"]["fire-1"], abs=0.15)
    assert found.estimated == 0


def test_the_soonest_is_estimated_where_either_end_has_no_road() -> None:
    lat, lon = np.array([FAR[0], NODES[2][0]]), np.array([FAR[1], NODES[2][1]])
    found = travel().soonest([Start(NODES[0], 1.0)], lat, lon)
    assert found.minutes.tolist() == pytest.approx([41, 9], abs=0.1)
    assert found.estimated == 0.5
    straight = 2 * great_circle_km(*FAR, *NODES[2])
    assert travel().soonest([Start(FAR, 1.0)], lat[1:], lon[1:]).minutes[0] == pytest.approx(1 + straight)
    assert np.isinf(travel().soonest([], lat, lon).minutes).all()


def test_behind_a_closure_it_is_walked_and_the_edition_tells_of_other_speeds() -> None:
    roads = travel()
    lat, lon = np.array([NODES[2][0]]), np.array([NODES[2][1]])
    closed = Closure(1, *NODES[1], 100)
    [walked] = roads.soonest([Start(NODES[0], 0.0)], lat, lon, [closed]).minutes
    assert not walked < 60
    before = roads.edition
    roads.correct(Correction(dict.fromkeys(SPEEDS, 2.0), 5))
    assert roads.edition > before
    assert roads.soonest([Start(NODES[0], 0.0)], lat, lon).minutes[0] == pytest.approx(16, abs=0.01)


def test_a_class_of_vehicles_has_minutes_of_its_own(tmp_path: Path) -> None:
    graph = graph_of(NODES, ROADS)
    store.save(tmp_path / store.FILE, graph, About("x", "2026-11-01"))
    rules = Roads.model_validate({"light": {"pace": 0.5}, "heavy": {"pace": 2.0, "slower_on": {KIND: 1.5}}})
    roads = open_roads(tmp_path, rules, replace(GUESS, paces={"light": 0.5, "heavy": 2.0}))
    places = {"a": NODES[0], "b": NODES[1], "far": FAR}

    def minutes(speed_class: str, end: str) -> float:
        return roads.of_class(speed_class).table(places, []).minutes["a"][end]

    assert minutes("unheard-of", "b") == minutes("standard", "b")
    assert minutes("light", "b") == pytest.approx(minutes("standard", "b") / 2, abs=0.1)
    assert minutes("heavy", "b") == pytest.approx(minutes("standard", "b") * 3, abs=0.1)
    # Off the roads the estimate of the class is taken.
    assert minutes("heavy", "far") == pytest.approx(minutes("standard", "far") * 2, rel=0.1)
    before = minutes("heavy", "b")
    roads.learn(places)
    roads.correct(Correction(dict.fromkeys(CLASSES, 2.0), 9))
    assert minutes("heavy", "b") == pytest.approx(2 * before, abs=0.1)
