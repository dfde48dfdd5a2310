"""Speeds corrected by arrivals, simulated: the truth is known, and what is told afterwards is held against it."""

import random

import pytest

from firewatch.roads.calibration import NO_CORRECTION, Arrival, Correction, bias, correction
from firewatch.roads.ways import CLASSES

MIXED = ("primary", "tertiary", "unclassified", "track")


def drives(number: int, slowness: dict[str, float], seed: int = 1, noise: float = 0.15) -> list[Arrival]:
    """Made-up drives over mixed roads, each a little luckier or unluckier than the truth."""
    draw = random.Random(seed)  # noqa: S311 - made-up data
    made = []
    for _ in range(number):
        by_class = {name: draw.uniform(0, 20) for name in MIXED}
        true = sum(minutes * slowness.get(name, 1.0) for name, minutes in by_class.items())
        made.append(Arrival(by_class, true * draw.uniform(1 - noise, 1 + noise)))
    return made


def test_after_thirty_arrivals_that_are_a_fifth_slow_the_bias_is_under_five_percent() -> None:
    slow = dict.fromkeys(MIXED, 1.2)
    learned = correction(drives(30, slow))
    later = drives(300, slow, seed=2)
    before, after = bias(later), bias(later, learned)
    assert before == pytest.approx(0.2, abs=0.02)
    assert after is not None
    assert abs(after) < 0.05
    assert learned.arrivals == 30


def test_one_class_may_be_slow_and_the_others_not() -> None:
    learned = correction(drives(100, {"track": 2.0}, noise=0.05))
    assert learned.slowness["track"] > 1.6
    assert learned.slowness["primary"] == pytest.approx(1, abs=0.15)
    assert learned.slowness["motorway"] == pytest.approx(1.25, abs=0.1)  # never driven: as all of them are on the whole


def test_one_odd_arrival_changes_little_and_an_impossible_one_nothing() -> None:
    odd = Arrival({"primary": 10.0}, 20.0)
    assert correction([odd]).slowness["primary"] < 1.8
    for took in (0.0, 3.0, 31.0, 1000.0):
        assert correction([Arrival({"primary": 10.0}, took)]) == NO_CORRECTION
    assert correction([Arrival({}, 5.0)]) == NO_CORRECTION


def test_without_arrivals_nothing_is_corrected() -> None:
    assert correction([]) == Correction(dict.fromkeys(CLASSES, 1.0), 0)
    assert bias([]) is None
    assert NO_CORRECTION.minutes({"track": 3.0, "primary": 4.0}) == 7.0


@pytest.mark.parametrize("factor", [0.8, 1.0, 1.5])
def test_more_arrivals_come_nearer_to_the_truth(factor: float) -> None:
    truth = dict.fromkeys(MIXED, factor)
    off = [
        abs(bias(drives(400, truth, seed=9), correction(drives(number, truth, noise=0.02))) or 0)
        for number in (1, 10, 100)
    ]
    assert off[0] >= off[1] - 0.01
    assert off[2] < 0.02
