"""The main roads of a map: few lines, few corners, nothing far off, nothing twice."""

import itertools

import numpy as np
import pytest

from firewatch.roads import simple
from firewatch.roads.graph import Floats
from tests.roads import graph_of, north, road

KM = north(1000)
WINDOW = (0.0, 0.0, 1.0, 1.0)
OFF = KM / 5


def zigzag(pieces: int) -> dict[int, tuple[float, float]]:
    """Nodes of a road to the east that swings by 50 m."""
    return {at: (0.5 + (at % 2) * KM / 20, 0.3 + at * KM) for at in range(pieces + 1)}


def test_a_road_is_one_line_with_the_corners_that_matter() -> None:
    nodes = zigzag(10) | {11: (0.5 + 5 * KM, 0.3 + 10 * KM)}
    graph = graph_of(nodes, [road(at, at + 1, "primary") for at in range(11)])
    found = simple.main_roads(graph, WINDOW, OFF)
    assert list(found) == ["primary"]
    [line] = found["primary"]
    assert len(line) == 3
    assert {tuple(np.round(spot, 6)) for spot in line} == {tuple(np.round(nodes[node], 6)) for node in (0, 10, 11)}


def test_small_roads_and_what_lies_elsewhere_are_left_out() -> None:
    far = {20: (5.0, 5.0), 21: (5.0, 5.1)}
    graph = graph_of(zigzag(4) | far, [*(road(at, at + 1, "track") for at in range(4)), road(20, 21)])
    assert simple.main_roads(graph, WINDOW, OFF) == {}


def test_a_crossing_parts_lines_and_a_ring_is_drawn_round() -> None:
    cross = {0: (0.5, 0.5), 1: (0.5, 0.6), 2: (0.5, 0.4), 3: (0.6, 0.5)}
    graph = graph_of(cross, [road(0, 1), road(0, 2), road(0, 3, oneway=True)])
    assert length(simple.main_roads(graph, WINDOW, OFF)["primary"]) == pytest.approx(0.3, abs=1e-3)
    ring = {at: (0.5 + 0.1 * np.sin(turn), 0.5 + 0.1 * np.cos(turn)) for at, turn in enumerate(np.linspace(0, 6, 25))}
    graph = graph_of(ring, [road(at, (at + 1) % 25, "trunk") for at in range(25)])
    [line] = simple.main_roads(graph, WINDOW, OFF)["trunk"]
    assert line[0] == line[-1]
    assert length([line]) == pytest.approx(0.2 * np.pi, rel=0.02)


def length(lines: list[simple.Polyline]) -> float:
    return float(sum(np.hypot(*np.diff(np.array(line), axis=0).T).sum() for line in lines))


def test_a_stub_that_nobody_would_see_is_left_out() -> None:
    graph = graph_of({0: (0.5, 0.5), 1: (0.5, 0.5 + OFF)}, [road(0, 1)])
    assert simple.main_roads(graph, WINDOW, OFF) == {}


def test_the_smaller_classes_go_when_it_would_be_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = zigzag(4)
    both = graph_of(nodes | {9: (0.7, 0.7)}, [*(road(at, at + 1, "tertiary") for at in range(4)), road(0, 9, "trunk")])
    assert list(simple.main_roads(both, WINDOW, OFF)) == ["trunk", "tertiary"]
    monkeypatch.setattr(simple, "MOST", 3)
    assert list(simple.main_roads(both, WINDOW, OFF)) == ["trunk"]


def test_no_road_is_drawn_farther_off_than_is_borne() -> None:
    rng = np.random.default_rng(3)
    way = np.cumsum(rng.normal(0, KM / 5, (400, 2)), axis=0) + 0.5
    line = simple._corners(way, OFF)
    assert len(line) < 300
    for spot in way:
        assert min(gap(spot, a, b) for a, b in itertools.pairwise(line)) <= OFF + 1e-12


def gap(spot: Floats, a: Floats, b: Floats) -> float:
    along = b - a
    share = np.clip((spot - a) @ along / max(float(along @ along), 1e-30), 0, 1)
    return float(np.hypot(*(spot - a - share * along)))
