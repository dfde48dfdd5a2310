"""Trips taken apart and put together: hand-made parts of two vehicles that are alike."""

import numpy as np
import pytest

from firewatch.dispatch.parts import Apart, Parts, made_of
from firewatch.dispatch.tours import NONE

FIRST, SECOND = 0, 1  # two ways to ride, and two ways to load


def parts(*riders: list[int]) -> Parts:
    """Two rides; the tours without a depot come first, then those of each way with each of its riders."""
    pairs = [(FIRST, NONE), (SECOND, NONE), *((ride, way) for way, rides in enumerate(riders) for ride in rides)]
    return Parts(
        vehicle=np.array([0, 0]),
        picked=np.zeros((2, 0), dtype=np.int64),
        arrives=np.array([10.0, 12.0]),
        single=np.array([NONE, NONE]),
        way_vehicle=np.zeros(len(riders), dtype=np.int64),
        depots=np.arange(len(riders))[:, np.newaxis],
        detour=np.zeros(len(riders)),
        riders=tuple(np.array(rides) for rides in riders),
        ride=np.array([ride for ride, _ in pairs]),
        way=np.array([way for _, way in pairs]),
    )


def made(which: Parts, rides: list[int], ways: list[int]) -> list[tuple[int, int]]:
    times = made_of(which, np.array(rides), np.array(ways)).tolist()
    return [pair for pair, number in which.tour.items() for _ in range(times[number])]


def test_who_loads_nowhere_makes_the_bare_tour() -> None:
    assert made(parts([FIRST]), [1, 1], [1]) == [(SECOND, NONE), (FIRST, FIRST)]


def test_a_choice_that_leaves_the_other_without_its_ride_is_taken_back() -> None:
    assert made(parts([FIRST, SECOND], [FIRST]), [1, 1], [1, 1]) == [(SECOND, FIRST), (FIRST, SECOND)]


def test_parts_that_do_not_go_together_are_said_to_be_apart() -> None:
    with pytest.raises(Apart):
        made(parts([FIRST], [FIRST]), [1, 1], [1, 1])


def test_a_ride_that_only_goes_with_a_depot_goes_by_it_and_loads_nothing() -> None:
    which = parts([FIRST])
    del which.tour[FIRST, NONE]
    assert made(which, [1, 0], [0]) == [(FIRST, FIRST)]
