"""Bearings that are exact give the point back; the error is that of many sights taken by chance."""

import random
from dataclasses import replace
from math import hypot, radians, sin, sqrt

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from firewatch.geo import great_circle_km, initial_bearing_deg
from firewatch.incidents.bearings import (
    DISTANCE_SHARE,
    NINETY_FIVE,
    Fix,
    NoFix,
    Sight,
    Trouble,
    fix,
    true_bearing_deg,
)

FIRE = (35.40, 103.40)
WEST, EAST, SOUTH = (35.30, 103.20), (35.32, 103.60), (35.20, 103.42)
lats, lons = st.floats(35.0, 35.6), st.floats(103.0, 103.8)
places = st.tuples(lats, lons)


def sees(tower: tuple[float, float], fire: tuple[float, float] = FIRE, off: float = 0.0) -> Sight:
    return Sight(*tower, initial_bearing_deg(*tower, *fire) + off)


def metres(found: Fix, fire: tuple[float, float] = FIRE) -> float:
    return 1000 * great_circle_km(found.lat, found.lon, *fire)


def crosses(sights: list[Sight], least: float) -> bool:
    turn = abs((sights[0].bearing_deg - sights[1].bearing_deg + 180) % 360 - 180)
    return least < turn < 180 - least


@given(places, st.lists(places, min_size=2, max_size=5))
def test_exact_bearings_give_the_point_back(fire: tuple[float, float], towers: list[tuple[float, float]]) -> None:
    sights = [sees(tower, fire) for tower in towers]
    assume(crosses(sights, 5) and all(great_circle_km(*tower, *fire) > 1 for tower in towers))
    found = fix(sights, 1)
    assert metres(found, fire) < 5
    assert found.off_deg < 0.1
    assert found.major_km >= found.minor_km > 0


@given(st.floats(0, 360), st.floats(25, 90))
def test_the_error_does_not_depend_on_where_north_is(turn: float, apart: float) -> None:
    here = fix(_pair(0, apart), 1)
    there = fix(_pair(turn, apart), 1)
    assert there.major_km == pytest.approx(here.major_km, rel=0.02)
    assert there.minor_km == pytest.approx(here.minor_km, rel=0.02)


@given(st.floats(3, 85), st.floats(1, 5))
def test_the_error_grows_as_bearings_become_parallel(apart: float, closer: float) -> None:
    assert fix(_pair(70, apart), 1).major_km > fix(_pair(70, apart + closer), 1).major_km


def _pair(turn: float, apart: float) -> list[Sight]:
    """Two lookouts ten kilometres from a fire on the equator, seen from there at an angle."""
    towers = [(_north(way), _east(way)) for way in (turn, turn + apart)]
    return [sees(tower, (0.0, 0.0)) for tower in towers]


def _north(way: float) -> float:
    return 0.09 * sin(radians(90 - way))


def _east(way: float) -> float:
    return 0.09 * sin(radians(way))


def test_a_right_angle_at_ten_kilometres_is_a_circle_by_hand() -> None:
    found = fix(_pair(0, 90), 1)
    km = great_circle_km(0, 0, 0.09, 0)
    assert found.major_km == pytest.approx(NINETY_FIVE * km * radians(1), rel=0.001)
    assert found.minor_km == pytest.approx(found.major_km, rel=0.001)
    assert found.crossing_deg == pytest.approx(90, abs=0.01)
    assert not found.flat


def test_a_flat_crossing_is_long_along_the_line_of_sight() -> None:
    found = fix([sees((35.30, 103.40)), sees((35.30, 103.42))], 1)
    assert found.flat
    assert found.major_km > 4 * found.minor_km
    assert min(abs(found.major_bearing_deg - way) for way in (0, 175, 180)) < 10


def test_the_ellipse_holds_the_fire_as_often_as_it_says() -> None:
    """Twelve hundred pairs of sights with errors drawn by chance: the squared distance in the ellipse's own measure."""
    chance, inside = random.Random(7), 0  # noqa: S311 - errors of sights, no secret
    for _ in range(1200):
        found = fix([sees(WEST, off=chance.gauss(0, 1)), sees(EAST, off=chance.gauss(0, 1))], 1)
        km = great_circle_km(found.lat, found.lon, *FIRE)
        turn = radians(initial_bearing_deg(found.lat, found.lon, *FIRE) - found.major_bearing_deg)
        along, across = km * sin(turn + radians(90)) / found.major_km, km * sin(turn) / found.minor_km
        inside += hypot(along, across) <= 1
    assert inside / 1200 == pytest.approx(0.95, abs=0.02)


def test_a_third_bearing_makes_it_surer_and_shows_a_wrong_one() -> None:
    two, three = [sees(WEST), sees(EAST)], [sees(WEST), sees(EAST), sees(SOUTH)]
    assert fix(three, 1).major_km < fix(two, 1).major_km
    assert fix([*two, sees(SOUTH, off=20)], 1).off_deg > 5


def test_one_bearing_with_a_distance() -> None:
    found = fix([replace(sees(WEST), km=great_circle_km(*WEST, *FIRE))], 1)
    assert metres(found) < 1
    assert found.crossing_deg is None
    assert not found.flat
    assert found.major_km == pytest.approx(NINETY_FIVE * DISTANCE_SHARE * great_circle_km(*WEST, *FIRE), rel=0.001)
    assert found.major_bearing_deg == pytest.approx(initial_bearing_deg(*WEST, *FIRE) % 180, abs=1)


def test_a_distance_beside_two_bearings_weighs_by_its_error() -> None:
    sights = [replace(sees(WEST), km=great_circle_km(*WEST, *FIRE) * 1.5), sees(EAST)]
    assert metres(fix(sights, 1)) < 500


@pytest.mark.parametrize(
    ("sights", "trouble"),
    [
        ([sees(WEST)], Trouble.TOO_FEW),
        ([], Trouble.TOO_FEW),
        ([Sight(*WEST, 10), Sight(*EAST, 10)], Trouble.PARALLEL),
        ([Sight(*WEST, 10), Sight(*EAST, 9)], Trouble.PARALLEL),
        ([Sight(*WEST, 10), Sight(*WEST, 80)], Trouble.PARALLEL),
        ([sees(WEST, off=180), sees(EAST)], Trouble.BEHIND),
        ([sees(WEST), sees(EAST), sees(SOUTH, off=180)], Trouble.BEHIND),
        ([Sight(*WEST, 10, km=200)], Trouble.PARALLEL),
        ([Sight(35.2, 103.5, 255, km=55), Sight(35.2, 103.7, 245, km=16)], Trouble.DISAGREE),
    ],
)
def test_what_makes_no_place_says_why(sights: list[Sight], trouble: Trouble) -> None:
    with pytest.raises(NoFix) as refused:
        fix(sights, 1)
    assert refused.value.trouble == trouble


@settings(max_examples=300)
@given(st.lists(st.builds(Sight, lats, lons, st.floats(0, 360), st.none() | st.floats(0, 60)), max_size=4))
def test_any_bearings_make_a_place_or_say_why(sights: list[Sight]) -> None:
    try:
        found = fix(sights, 1)
    except NoFix:
        return
    assert sqrt(found.major_km) > 0
    assert -90 <= found.lat <= 90


def test_a_compass_is_brought_to_true_north() -> None:
    assert true_bearing_deg(359, 2.5) == pytest.approx(1.5)
    assert true_bearing_deg(1, -2.5) == pytest.approx(358.5)
