"""Who could be first at a point, and when: from a pool that is reckoned by hand."""

from dataclasses import replace

import numpy as np
import pytest

from firewatch.dispatch import first_attack
from firewatch.dispatch.problem import Problem
from firewatch.dispatch.travel import Estimate, Start
from firewatch.geo import great_circle_km
from tests.unit.dispatch_cases import squad, truck

E, T, K = (35.0, 103.0), (35.1, 103.0), (35.2, 103.1)
SPOTS = {"E": E, "T": T, "K": K}
TRAVEL = Estimate(detour_factor=1.4, speed_kmh=42.0)  # two minutes a kilometre

POOL = Problem(
    incidents=[],
    vehicles=[truck("E1", "E", seats=6, crew=4, turnout=3), truck("T1", "T", seats=14, crew=2, turnout=4)],
    minutes={"T": {"K": 20}, "E": {}, "K": {}},
    crews=[squad("K1", "K", people=8, turnout=10)],
)


def test_an_engine_with_its_crew_sets_out_after_its_turnout_and_a_crew_once_it_is_fetched() -> None:
    assert first_attack.starts(POOL, SPOTS, 3) == [Start(E, 3), Start(K, 24)]
    slow = replace(POOL, crews=[replace(POOL.crews[0], turnout=30)])
    assert first_attack.starts(slow, SPOTS, 3) == [Start(E, 3), Start(K, 30)]


def test_two_in_the_cab_are_no_first_attack_but_with_two_in_the_rules() -> None:
    assert Start(T, 4) not in first_attack.starts(POOL, SPOTS, 3)
    assert Start(T, 4) in first_attack.starts(POOL, SPOTS, 2)
    assert first_attack.starts(POOL, SPOTS, 10) == [Start(K, 24)], "two in the cab and eight whom they fetch"
    assert first_attack.starts(POOL, SPOTS, 11) == []


def test_who_may_not_attack_does_not_fit_or_cannot_be_reached_starts_nothing() -> None:
    [crew] = POOL.crews
    for other in (replace(crew, may_attack=False), replace(crew, people=13), replace(crew, place="E")):
        assert first_attack.starts(replace(POOL, crews=[other]), SPOTS, 3) == [Start(E, 3)]


def test_of_two_at_one_spot_the_first_is_named() -> None:
    beside = replace(POOL, vehicles=[*POOL.vehicles, truck("E2", "E", seats=6, crew=5, turnout=1)])
    assert first_attack.starts(beside, SPOTS, 3) == [Start(E, 1), Start(K, 24)]


def test_each_point_has_the_minutes_of_whoever_is_first_there() -> None:
    lat, lon = np.array([35.0, 35.3, 35.2]), np.array([103.0, 103.1, 103.1])
    found = first_attack.minutes([Start(K, 24), Start(E, 3)], TRAVEL, lat, lon, ())
    far = 24 + 2 * great_circle_km(*K, 35.3, 103.1)
    assert found.minutes.tolist() == pytest.approx([3, far, 24])
    assert found.estimated == 1


def test_nobody_is_nowhere_and_not_at_once() -> None:
    assert np.isinf(first_attack.minutes([], TRAVEL, np.array([35.0]), np.array([103.0]), ()).minutes).all()
