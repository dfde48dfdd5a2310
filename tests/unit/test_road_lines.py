"""Roads to be looked at: each piece once, the greatest classes first, and no more than can be drawn."""

import numpy as np
import pytest

from firewatch.roads import lines
from firewatch.roads.ways import CLASSES
from tests.roads import graph_of, north, road

KM = north(1000)
NODES = {0: (0.5, 0.5), 1: (0.5 + KM, 0.5), 2: (0.5 + KM, 0.5 + KM)}
GRAPH = graph_of(NODES, [road(0, 1), road(1, 2)])
KIND = CLASSES[int(GRAPH.kind[0])]


def test_a_road_driven_both_ways_is_one_line() -> None:
    found = lines.within(GRAPH, 0, 0, 1, 1)
    assert list(found) == [KIND]
    assert len(found[KIND]) == len(GRAPH.start) / 2
    assert lines.within(GRAPH, 0.6, 0.6, 1, 1) == {}
    assert 0 < len(lines.within(GRAPH, 0.4, 0.4, 0.5 + KM / 2, 0.6)[KIND]) < len(found[KIND])


def test_what_would_be_too_much_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST", len(GRAPH.start) // 2 - 1)
    assert lines.within(GRAPH, 0, 0, 1, 1) == {}


def test_kilometres_by_class_count_a_road_once() -> None:
    assert lines.km_by_class(GRAPH, np.ones(len(GRAPH.start), dtype=np.bool_)) == {KIND: pytest.approx(2, rel=0.01)}
    assert lines.km_by_class(GRAPH, np.zeros(len(GRAPH.start), dtype=np.bool_)) == {}
