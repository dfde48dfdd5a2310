"""The estimate by hand, and what holds for every table of minutes."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.dispatch.problem import MinutesFrom, RoadsUse
from firewatch.dispatch.travel import Estimate, estimate, estimate_matrix, estimate_minutes
from firewatch.errors import BadInput
from firewatch.geo import great_circle_km
from firewatch.roads.calibration import NO_CORRECTION
from firewatch.roads.closed import Closure
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.roads import Roads

points = st.tuples(st.floats(34, 36), st.floats(102, 104))


def test_thirty_km_at_forty_with_a_detour_of_a_third_takes_an_hour() -> None:
    assert estimate_minutes(30, detour_factor=4 / 3, speed_kmh=40) == 60.0


def test_minutes_are_rounded_up_to_a_tenth() -> None:
    assert estimate_minutes(10, detour_factor=1.4, speed_kmh=45) == 18.7  # 18.666…
    assert estimate_minutes(10, detour_factor=1.5, speed_kmh=80) == 11.3  # 11.25
    assert estimate_minutes(10, detour_factor=1.0, speed_kmh=50) == 12.0


@given(st.dictionaries(st.sampled_from("ABCDEF"), points, min_size=3))
def test_no_detour_is_faster_than_the_direct_way(places: dict[str, tuple[float, float]]) -> None:
    matrix = estimate_matrix(places, detour_factor=1.4, speed_kmh=40)
    for a, via, b in permutations(places, 3):
        assert matrix[a][b] <= matrix[a][via] + matrix[via][b] + 1e-9


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(BadInput, match="speed_kmh"):
        estimate_minutes(1, detour_factor=1.3, speed_kmh=speed)


@pytest.mark.parametrize("factor", [0.99, float("nan")])
def test_a_detour_shorter_than_the_straight_line_is_refused(factor: float) -> None:
    with pytest.raises(BadInput, match="detour_factor"):
        estimate_minutes(1, detour_factor=factor, speed_kmh=40)


def test_a_lone_place_is_a_node_of_the_table() -> None:
    assert estimate_matrix({"A": (35, 103)}, detour_factor=1.3, speed_kmh=40) == {"A": {}}
    assert estimate_matrix({}, detour_factor=1.3, speed_kmh=40) == {}


@given(st.dictionaries(st.sampled_from("ABCDE"), points, min_size=2))
def test_the_table_is_whole_symmetric_and_what_the_estimate_says(
    places: dict[str, tuple[float, float]],
) -> None:
    matrix = estimate_matrix(places, detour_factor=1.4, speed_kmh=35)
    assert set(matrix) == set(places)
    for a, row in matrix.items():
        assert set(row) == set(places) - {a}
        for b, minutes in row.items():
            assert minutes == matrix[b][a]
            km = great_circle_km(*places[a], *places[b])
            assert -1e-6 <= minutes - 60 * km * 1.4 / 35 <= 0.1 + 1e-6


def test_the_table_does_not_depend_on_the_order_of_the_places() -> None:
    places = {"B": (35.1, 103.2), "A": (35.5, 103.9), "C": (34.9, 103.0)}
    one = estimate_matrix(places, detour_factor=1.4, speed_kmh=35)
    other = estimate_matrix(dict(sorted(places.items())), detour_factor=1.4, speed_kmh=35)
    assert one == other
    assert list(one) == list(other) == ["A", "B", "C"]


def test_the_estimate_is_a_table_that_says_what_it_is() -> None:
    places = {"A": (35.0, 103.0), "B": (35.1, 103.2)}
    guess = Estimate(detour_factor=1.4, speed_kmh=35, roads=RoadsUse.UNUSABLE)
    guess.learn(places)
    guess.correct(NO_CORRECTION)
    assert guess.drive(places["A"], places["B"]) is None
    table = guess.table(places, ["B"], [Closure(1, 35.0, 103.0, 500)])
    assert table.minutes == estimate_matrix(places, detour_factor=1.4, speed_kmh=35)
    assert table.made == MinutesFrom(RoadsUse.UNUSABLE)


def test_a_class_has_a_pace_against_a_crew_carrier(rulebook: Rulebook) -> None:
    rules = Roads.model_validate({"light": {"pace": 0.5}, "heavy": {"pace": 2.0}})
    guess = estimate(rulebook.dispatch, by_road=rules)
    places = {"a": (35.0, 103.0), "b": (35.3, 103.2)}
    ways = {name: guess.of_class(name).table(places, []).minutes["a"]["b"] for name in ("light", "standard", "heavy")}
    assert ways["light"] == pytest.approx(ways["standard"] / 2, abs=0.1)
    assert ways["heavy"] == pytest.approx(ways["standard"] * 2, abs=0.1)


def test_an_estimate_knows_no_roads(rulebook: Rulebook) -> None:
    straight = estimate(rulebook.dispatch)
    everywhere = (35.0, 103.0, 36.0, 104.0)
    assert straight.closing(Closure(1, 35.4, 103.4, 300.0)) == {}
    assert straight.roads_in(*everywhere) == {}
    assert straight.main_roads(*everywhere, 0.001) == {}
