"""Closures: what is left out, who goes around, who is cut off, and from where people walk."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from firewatch.roads.closed import Closure, closed_pieces
from firewatch.roads.minutes import ByRoad, RoadMinutes
from firewatch.roads.network import Network
from firewatch.roads.terrain import Terrain
from firewatch.rulebook.roads import Roads
from tests.roads import SPEEDS, Point, graph_of, north, road

KM = north(1000)
A, B, C = (0.5, 0.5), (0.5 + 4 * KM, 0.5), (0.5 + 8 * KM, 0.5)
VALLEY = {0: A, 1: B, 2: C}
"""One road of 8 km to the north."""
ON_THE_ROAD = Closure(1, 0.5 + 4.6 * KM, 0.5, 100)


def asked(
    closures: tuple[Closure, ...],
    places: list[Point],
    fires: list[Point],
    nodes: Mapping[int, Point] = VALLEY,
    *more: tuple[int, ...],
) -> ByRoad:
    network = Network(graph_of(nodes, [road(0, 1), road(1, 2), *more]), SPEEDS, closures)
    return RoadMinutes(network, Terrain(Path("none")), Roads()).table(places, fires)


@pytest.mark.parametrize(
    ("spot", "radius", "number"),
    [
        ((0.5 + 4.6 * KM, 0.5), 90.0, 2),  # in the midst of a piece of 250 m: both its directions
        ((0.5 + 4.6 * KM, 0.5), 110.0, 4),
        ((0.5 + 4.6 * KM, 0.5 + 0.2 * KM), 199.0, 0),
        ((0.5 + 4.6 * KM, 0.5 + 0.2 * KM), 201.0, 2),
        ((0.5 - KM, 0.5), 999.0, 0),
        (A, 0.5, 2),
    ],
)
def test_a_piece_that_comes_near_is_closed(spot: Point, radius: float, number: int) -> None:
    graph = graph_of(VALLEY, [road(0, 1), road(1, 2)])
    assert closed_pieces(graph, [Closure(7, *spot, radius)]).sum() == number
    assert not closed_pieces(graph, []).any()


@pytest.mark.parametrize(
    ("line", "radius", "number"),
    [
        ([(4.6, 0.0), (4.6, 0.0)], 90.0, 2),  # two clicks on one spot
        ([(4.6, -0.5), (4.6, 0.5)], 20.0, 2),  # across the road, between its nodes
        ([(4.6, 0.0), (5.1, 0.0)], 20.0, 6),  # along it: the pieces of both ends and the one between
        ([(4.6, 0.2), (5.6, 0.2)], 199.0, 0),  # beside it
        ([(4.6, 0.2), (5.6, 0.2)], 201.0, 10),
        ([(9.0, 0.3), (9.0, 0.1), (8.0, 0.1)], 110.0, 2),  # its last stretch comes near the end
    ],
)
def test_what_a_line_closes(line: list[Point], radius: float, number: int) -> None:
    graph = graph_of(VALLEY, [road(0, 1), road(1, 2)])
    (lat, lon), *more = [(0.5 + north_km * KM, 0.5 + east_km * KM) for north_km, east_km in line]
    assert closed_pieces(graph, [Closure(7, lat, lon, radius, tuple(more))]).sum() == number


def test_one_drives_around_where_there_is_a_way_around() -> None:
    nodes = {**VALLEY, 3: (0.5 + 4 * KM, 0.5 + 3 * KM)}
    around = road(0, 3), road(3, 2)
    free = asked((), [A, C], [], nodes, *around)
    closed = asked((ON_THE_ROAD,), [A, C], [], nodes, *around)
    assert free.minutes[0, 1] == pytest.approx(8, abs=0.01)
    assert closed.minutes[0, 1] == pytest.approx(10, abs=0.01)


def test_behind_a_closure_nobody_is_reached_but_who_is_there_goes_on() -> None:
    table = asked((ON_THE_ROAD,), [A, B, C, (C[0] - KM, C[1])], [])
    assert table.minutes[0, 1] == pytest.approx(4, abs=0.01)
    assert table.minutes[0, 2] == table.minutes[2, 0] == np.inf
    assert table.minutes[2, 3] == pytest.approx(1, abs=0.01)
    assert None not in table.access


def test_a_fire_behind_a_closure_is_walked_to_from_there_and_driven_to_by_those_behind() -> None:
    table = asked((ON_THE_ROAD,), [A, C], [(0.5 + 6 * KM, 0.5)])
    assert table.minutes[0, 2] == pytest.approx(4.5 + table.walk[0, 2], abs=0.01)
    assert table.walk[0, 2] == pytest.approx(1.5 / 3.022 * 60, rel=1e-3)
    assert (table.minutes[1, 2], table.walk[1, 2]) == (pytest.approx(2, abs=0.01), pytest.approx(0, abs=0.01))


def test_a_fire_too_far_behind_a_closure_is_out_of_reach_and_not_estimated() -> None:
    nodes = {**VALLEY, 2: (0.5 + 20 * KM, 0.5)}
    table = asked((ON_THE_ROAD,), [A, nodes[2]], [nodes[2]], nodes)
    assert table.minutes[0, 2] == np.inf
    assert table.minutes[1, 2] < 0.1
    assert table.access[2] is not None


def test_with_everything_closed_nobody_gets_anywhere() -> None:
    table = asked((Closure(1, *B, 5000),), [A, C], [B])
    assert table.minutes[0, 1] == table.minutes[0, 2] == np.inf


def test_a_place_within_a_closure_starts_where_a_road_is_open() -> None:
    table = asked((Closure(1, *A, 300),), [A, B], [])
    assert table.minutes[0, 1] == pytest.approx(0.47 * 4 + 3.53, abs=0.01)
