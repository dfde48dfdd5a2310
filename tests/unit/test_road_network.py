"""A hand-made road graph: one-ways, parallel roads, limits, parts that are cut off."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.errors import BadInput
from firewatch.geo import great_circle_km
from firewatch.roads.component import largest_component
from firewatch.roads.graph import Graph, metres_between
from firewatch.roads.network import Network
from tests.roads import SPEEDS, Point, graph_of, network_of, north, road

NODES = {number: (north(1000.0 * number), 0.0) for number in range(6)}
"""On a meridian, a kilometre and, at 60 km/h, a minute apart."""


def at(network: Network, number: int) -> int:
    """The node that was made of a numbered one."""
    [node], [metres] = network.nearest(np.array([NODES[number][0]]), np.array([NODES[number][1]]))
    assert metres < 0.001
    return int(node)


def minutes(network: Network, start: int, end: int) -> float:
    """From one numbered node to another, and the same asked from the other end."""
    answer = float(network.minutes_to(at(network, end))[at(network, start)])
    assert network.minutes_from(at(network, start))[at(network, end)] == answer
    return answer


def test_minutes_are_kilometres_by_speed() -> None:
    network = network_of(NODES, [road(0, 1), road(1, 2, "track"), road(2, 3, limit=30), road(3, 4, limit=90)])
    assert minutes(network, 0, 1) == pytest.approx(1)
    assert minutes(network, 1, 2) == pytest.approx(4)
    assert minutes(network, 2, 3) == pytest.approx(2)
    assert minutes(network, 3, 4) == pytest.approx(1)
    assert minutes(network, 4, 0) == pytest.approx(8)
    assert minutes(network, 2, 2) == 0


def test_a_one_way_street_is_driven_one_way() -> None:
    network = network_of(NODES, [road(0, 1, oneway=True), road(1, 2, "track"), road(2, 0, "track")])
    assert minutes(network, 0, 1) == pytest.approx(1)
    assert minutes(network, 1, 0) == pytest.approx(4 + 8)


@pytest.mark.parametrize("turned", [False, True])
def test_of_parallel_roads_the_quickest_counts(turned: bool) -> None:
    roads = [road(0, 1, "track"), road(0, 1), road(1, 0, limit=30)]
    network = network_of(NODES, roads[::-1] if turned else roads)
    assert minutes(network, 0, 1) == minutes(network, 1, 0) == pytest.approx(1)


def test_a_long_straight_road_has_a_node_everywhere_near() -> None:
    network = network_of(NODES, [road(0, 5)])
    [node], [metres] = network.nearest(np.array([north(3120.0)]), np.array([north(30)]))
    assert metres < 130
    assert network.minutes_to(at(network, 0))[node] == pytest.approx(3.125, abs=0.126)
    assert minutes(network, 0, 5) == pytest.approx(5)
    assert network.graph.km == pytest.approx(5)
    assert len(network.within(*NODES[0], 501)) == 3


def test_two_nodes_at_one_spot_are_joined() -> None:
    nodes = {**NODES, 7: NODES[1]}
    network = network_of(nodes, [road(0, 1), road(1, 7), road(7, 2)])
    assert minutes(network, 0, 2) == pytest.approx(2, abs=1e-4)


def test_what_cannot_be_left_or_reached_is_no_part_of_the_network() -> None:
    graph = graph_of(NODES, [road(0, 1), road(1, 2), road(2, 3, oneway=True), road(4, 5)])
    largest, parts = largest_component(graph)
    assert parts == 1 + 4 + 1  # the node of the one-way and its three inner ones, the part beyond
    assert largest.km == pytest.approx(2)
    network = Network(largest, SPEEDS)
    [_], [metres] = network.nearest(np.array([NODES[3][0]]), np.array([0.0]))
    assert metres == pytest.approx(1000)
    assert minutes(network, 0, 2) == pytest.approx(2)


def test_of_two_equal_parts_it_is_the_first() -> None:
    graph = graph_of(NODES, [road(0, 1), road(2, 3)])
    largest, parts = largest_component(graph)
    assert (parts, len(largest.lat), largest.lat[0]) == (2, 5, 0.0)


def test_no_road_at_all_is_refused() -> None:
    with pytest.raises(BadInput, match="no road"):
        graph_of(NODES, [])


def test_the_walk_is_from_where_one_gets_off() -> None:
    network = network_of(NODES, [road(0, 1), road(1, 2), road(3, 4)])
    nodes = np.array([at(network, 0), at(network, 2)])
    whole, walk = network.minutes_on_foot_to(nodes, np.array([5.0, 1.5]))
    found = {number: (whole[at(network, number)], walk[at(network, number)]) for number in range(5)}
    assert found[0] == (pytest.approx(3.5), 1.5)
    assert found[1] == (pytest.approx(2.5), 1.5)
    assert found[2] == (1.5, 1.5)
    assert found[4][0] == np.inf
    whole, walk = network.minutes_on_foot_to(nodes, np.array([1.0, 2.5]))
    assert (whole[at(network, 1)], walk[at(network, 1)]) == (pytest.approx(2), 1)


points = st.tuples(st.floats(-80, 80), st.floats(-170, 170))


@given(points, points)
def test_distances_of_arrays_are_those_of_pairs(a: Point, b: Point) -> None:
    assert metres_between(*a, *b) == pytest.approx(1000 * great_circle_km(*a, *b))


def brute(graph: Graph, end: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Bellman and Ford, piece by piece."""
    best = np.full(len(graph.lat), np.inf)
    best[end] = 0
    for _ in range(len(graph.lat)):
        for start, to, metres, kind, limit in zip(
            graph.start, graph.end, graph.metres, graph.kind, graph.limit_kmh, strict=True
        ):
            speed = min(15.0 if kind == 9 else 60.0, limit or 999)
            best[start] = min(best[start], best[to] + float(metres) * 0.06 / speed)
    return best


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5), st.integers(0, 5), st.sampled_from(["primary", "track"]), st.booleans(),
            st.sampled_from([0, 30]),
        ).filter(lambda piece: piece[0] != piece[1]),
        min_size=1,
        max_size=8,
    )
)  # fmt: skip
def test_minutes_are_those_of_the_plain_rule(pieces: list[tuple[int, int, str, bool, int]]) -> None:
    near = {number: (north(90.0 * number), north(70.0 * (number % 3))) for number in range(6)}
    graph = graph_of(near, [road(a, b, kind, oneway=one, limit=limit) for a, b, kind, one, limit in pieces])
    network = Network(graph, SPEEDS)
    for end in range(len(graph.lat)):
        assert network.minutes_to(end) == pytest.approx(brute(graph, end))


def test_a_drive_is_told_by_class_of_road() -> None:
    network = network_of(
        NODES, [road(0, 1), road(1, 2, "track"), road(1, 2, "secondary"), road(2, 3, "track"), road(4, 5)]
    )
    nodes = np.array([at(network, 3), at(network, 0)])
    by_class, walk = network.drive(at(network, 1), nodes, np.array([2.0, 30.0]))
    assert by_class == {"secondary": pytest.approx(1), "track": pytest.approx(4)}
    assert walk == 2.0
    assert network.drive(at(network, 3), nodes, np.array([2.0, 30.0])) == ({}, 2.0)
    assert network.drive(at(network, 4), nodes, np.array([2.0, 30.0])) == ({}, np.inf)


def test_the_soonest_of_several_who_set_out() -> None:
    network = network_of(NODES, [road(0, 1), road(1, 2), road(3, 4)])
    nodes = np.array([at(network, 0), at(network, 2), at(network, 0)])
    found = network.minutes_from_any(nodes, np.array([5.0, 5.5, 0.0]))
    assert [found[at(network, number)] for number in (0, 1, 2)] == pytest.approx([0, 1, 2], abs=1e-6)
    assert np.isinf(found[at(network, 3)])
    assert np.isinf(network.minutes_from_any(nodes[:0], np.array([]))).all()


def test_the_nodes_near_a_point_come_nearest_first() -> None:
    network = network_of(NODES, [road(0, 1)])
    lat, lon, every = np.array([0.0, NODES[1][0]]), np.array([0.0, 0.0]), np.arange(5)
    nodes, metres = network.near(every, lat, lon, 3)
    assert nodes[:, 0].tolist() == [at(network, 0), at(network, 1)]
    assert metres[0].tolist() == pytest.approx([0, 250, 500], abs=0.01)
    assert network.near(every, lat, lon, 50)[0].shape == (2, 5)
    assert network.near(every[:0], lat, lon, 3)[0].shape == (2, 0)
