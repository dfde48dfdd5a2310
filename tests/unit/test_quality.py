"""Which readings are believed: what instruments do wrong is found, what weather does is left alone."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from firewatch.indices.checks import Flag, Floats
from firewatch.rulebook.quality import Quality
from firewatch.weather import quality

RULES = Quality()
HOURS = 72


def weather(points: int = 4, hours: int = HOURS) -> dict[str, Floats]:
    """Hours that differ, at points that differ."""
    hour = np.arange(hours)[:, np.newaxis] + np.zeros(points)
    place = np.arange(points)
    return {
        "temp_c": 10 + 6 * np.sin(hour / 4) + place,
        "rh_pct": 50 - 20 * np.sin(hour / 4) + place,
        "wind_kmh": 14 + 8 * np.sin(hour / 3) + place,
        "rain_mm": np.zeros((hours, points)),
        "snow_depth_cm": np.zeros((hours, points)),
    }


def with_(name: str, row: slice | int, value: npt.ArrayLike, point: int | slice = 1) -> dict[str, Floats]:
    given = weather()
    given[name][row, point] = np.asarray(value)
    return given


def dropped(
    given: Mapping[str, Floats], rules: Quality = RULES, *, one_station: bool = False
) -> dict[str, list[tuple[int, int]]]:
    """Which values were there and are not believed, by variable: (hour, point)."""
    good, why = quality.check(given, rules, one_station=one_station)
    found = {}
    for name in quality.SUSPECT:
        gone = np.isfinite(given[name]) & np.isnan(good[name])
        assert ((why[name] != 0) >= gone).all(), "nothing goes without a mark"
        if gone.any():
            found[name] = [(int(hour), int(point)) for hour, point in np.argwhere(gone)]
    return found


def marks(given: Mapping[str, Floats], name: str, hour: int, point: int = 1) -> int:
    return int(quality.check(given, RULES)[1][name][hour, point])


def test_good_weather_stays_as_it_is() -> None:
    given = weather()
    good, why = quality.check(given, RULES)
    for name in quality.SUSPECT:
        np.testing.assert_array_equal(good[name], given[name])
        assert not why[name].any()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temp_c", 60.1),
        ("temp_c", -273.15),
        ("rh_pct", 105.5),
        ("rh_pct", -1.0),
        ("wind_kmh", 1687.0),
        ("rain_mm", 250.5),
        ("rain_mm", -0.1),
        ("snow_depth_cm", 1e9),
        ("temp_c", np.inf),
        ("temp_c", -np.inf),
    ],
)
def test_a_value_beyond_its_range_goes_alone(name: str, value: float) -> None:
    given = with_(name, 30, value)
    good, _ = quality.check(given, RULES)
    assert np.argwhere(np.isnan(good[name])).tolist() == [[30, 1]]
    assert not any(np.isnan(good[other]).any() for other in quality.SUSPECT if other != name)
    assert marks(given, name, 30) == Flag.OUT_OF_RANGE | quality.SUSPECT[name]


def test_what_is_missing_is_no_error() -> None:
    assert marks(with_("temp_c", 30, np.nan), "temp_c", 30) == 0


@pytest.mark.parametrize(
    ("name", "by"), [("temp_c", 12.0), ("temp_c", -12.0), ("rh_pct", 62.0), ("wind_kmh", 65.0), ("snow_depth_cm", 60.0)]
)
def test_up_and_back_is_a_spike(name: str, by: float) -> None:
    given = weather()
    given["rh_pct"] -= 20  # room for it
    given[name][30, 1] = given[name][29:32:2, 1].max() + by if by > 0 else given[name][29:32:2, 1].min() + by
    assert dropped(given) == {name: [(30, 1)]}
    assert marks(given, name, 30) == Flag.SPIKE | quality.SUSPECT[name]


def test_two_or_three_hours_far_out_are_a_spike_too() -> None:
    for length in (2, 3):
        given = with_("temp_c", slice(30, 30 + length), [-25.0, -25.5, -25.0][:length])
        assert dropped(given) == {"temp_c": [(30 + n, 1) for n in range(length)]}


@pytest.mark.parametrize("missing", [[29], [31], [29, 31], [27, 28, 29, 31, 32, 33]])
def test_missing_hours_do_not_hide_a_gross_spike(missing: list[int]) -> None:
    given = with_("temp_c", 30, 55.0)
    given["temp_c"][missing, 1] = np.nan
    assert dropped(given) == {"temp_c": [(30, 1)]}
    assert marks(given, "temp_c", missing[0]) == 0, "what is missing is not suspect"
    given["temp_c"][26:36, 1] = np.nan
    given["temp_c"][30, 1] = 55.0
    assert dropped(given) == {}, "four missing hours on either side: who knows"


def test_missing_hours_beside_it_make_no_spike_of_a_warm_noon() -> None:
    given = weather()
    given["temp_c"][30, 1] = given["temp_c"][26:35, 1].max() + 15
    given["temp_c"][[29, 31], 1] = np.nan
    assert dropped(given) == {}


def test_a_gross_spike_with_a_hole_in_it() -> None:
    given = with_("temp_c", slice(30, 33), [-30.0, np.nan, -30.0])
    assert dropped(given) == {"temp_c": [(30, 1), (32, 1)]}


def test_a_front_is_no_spike() -> None:
    given = weather()
    given["temp_c"][30:, 1] -= 14
    given["wind_kmh"][30, 1] += 40
    given["rain_mm"][30, 1] = 80.0
    assert dropped(given) == {}


def test_after_a_step_that_no_weather_makes_the_next_hours_are_believed() -> None:
    given = weather()
    given["temp_c"][30:, 1] += 25
    assert dropped(given) == {"temp_c": [(30, 1)]}


def test_a_spike_at_the_very_end_waits_for_nobody() -> None:
    assert dropped(with_("temp_c", -1, 45.0)) == {"temp_c": [(HOURS - 1, 1)]}


@pytest.mark.parametrize("name", ["temp_c", "rh_pct", "wind_kmh"])
def test_a_sensor_that_shows_the_same_for_a_day_is_stuck(name: str) -> None:
    value = float(weather()[name][20, 1])
    assert dropped(with_(name, slice(20, 43), value)) == {}
    given = with_(name, slice(20, 44), value)
    assert dropped(given) == {name: [(hour, 1) for hour in range(20, 44)]}
    assert marks(given, name, 25) == Flag.STUCK | quality.SUSPECT[name]


def test_calm_is_legal_for_long_but_not_for_ever() -> None:
    assert dropped(with_("wind_kmh", slice(10, 57), 0.0)) == {}
    assert len(dropped(with_("wind_kmh", slice(10, 58), 0.0))["wind_kmh"]) == 48


def test_no_rain_no_snow_and_fog_may_last() -> None:
    given = weather()
    given["rh_pct"][:] = 100.0
    given["snow_depth_cm"][:, 1] = 20.0
    given["rain_mm"][:, 1] = 0.2
    assert dropped(given) == {}


def test_the_same_rain_for_half_a_day_is_stuck() -> None:
    assert dropped(with_("rain_mm", slice(10, 21), 4.0)) == {}
    assert len(dropped(with_("rain_mm", slice(10, 22), 4.0))["rain_mm"]) == 12


@pytest.mark.parametrize(("hole", "found"), [(1, True), (3, True), (4, False)])
def test_a_lost_hour_mends_no_stuck_sensor(hole: int, found: bool) -> None:
    given = with_("wind_kmh", slice(10, 50), 7.2)
    given["wind_kmh"][20 : 20 + hole, 1] = given["wind_kmh"][40 : 40 + hole, 1] = np.nan
    gone = dropped(given).get("wind_kmh", [])
    assert gone == ([(hour, 1) for hour in range(10, 50) if not np.isnan(given["wind_kmh"][hour, 1])] if found else [])
    assert marks(given, "wind_kmh", 20) == 0


def test_missing_hours_at_its_ends_lengthen_no_streak() -> None:
    given = with_("wind_kmh", slice(10, 33), 7.2)
    given["wind_kmh"][[7, 8, 9, 33, 34, 35], 1] = np.nan
    assert dropped(given) == {}, "23 hours"


def test_the_same_everywhere_for_hours_is_suspect() -> None:
    def field(hours: int) -> dict[str, Floats]:
        return with_("wind_kmh", slice(10, 10 + hours), np.linspace(8, 15, hours)[:, np.newaxis], slice(None))

    assert dropped(field(5)) == {}, "by chance, where values are whole"
    assert len(dropped(field(6))["wind_kmh"]) == 6 * 4
    assert marks(field(6), "wind_kmh", 11) == Flag.ALL_EQUAL | Flag.WIND_SUSPECT
    assert dropped(field(6), one_station=True) == {}
    assert dropped(field(6), Quality(equal_points=5)) == {}
    assert dropped(field(6), Quality(equal_points=0)) == {}


def test_a_field_of_zeros_is_suspect_at_once_but_rain_and_snow() -> None:
    given = weather()
    for name in given:
        given[name][30] = 0.0
    found = dropped(given, Quality(temp_spike_c=0, rh_spike_pct=0, wind_spike_kmh=0))
    assert {name: sorted({hour for hour, _ in cells}) for name, cells in found.items()} == {
        "temp_c": [30],
        "rh_pct": [30],
        "wind_kmh": [30],
    }


def test_no_humidity_at_all_anywhere_is_suspect_at_once() -> None:
    given = weather()
    given["rh_pct"] -= 20  # no step from there to zero
    given["rh_pct"][30] = 0.0
    assert sorted(hour for hour, _ in dropped(given, Quality(rh_spike_pct=0))["rh_pct"]) == [30] * 4
    given["rh_pct"][30, 2] = 11.0
    assert dropped(given, Quality(rh_spike_pct=0)) == {}


def test_a_calm_night_everywhere_is_weather_half_a_day_is_not() -> None:
    assert dropped(with_("wind_kmh", slice(10, 21), 0.0, slice(None))) == {}
    assert len(dropped(with_("wind_kmh", slice(10, 22), 0.0, slice(None)))["wind_kmh"]) == 12 * 4


def test_two_points_may_agree() -> None:
    given = {name: values[:, :2] for name, values in weather().items()}
    given["temp_c"][:, 1] = given["temp_c"][:, 0]
    assert dropped(given) == {}


def test_a_limit_of_zero_switches_a_check_off() -> None:
    given = with_("temp_c", 30, 45.0)
    given["rh_pct"][10:40, 1] = 40.0
    off = Quality(temp_spike_c=0, temp_step_c=0, stuck_hours=0)
    assert dropped(given, off) == {}


def test_no_hours_and_no_points_are_no_trouble() -> None:
    for shape in ((0, 3), (5, 0), (0, 0), (1, 1)):
        good, _ = quality.check({name: np.zeros(shape) for name in quality.SUSPECT}, RULES)
        assert good["temp_c"].shape == shape


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(ValueError, match="temp_c: the range 5 to 5 is empty"):
        Quality(temp_c=(5, 5))


ANY = st.one_of(
    st.sampled_from([0.0, 0.0, 12.0, 12.0, 100.0, np.nan, np.inf, -np.inf, 1e308, -1e308, 1048.0]),
    st.floats(-40, 60),
)
FIELDS = st.fixed_dictionaries({name: arrays(np.float64, (60, 4), elements=ANY, fill=ANY) for name in quality.SUSPECT})


@given(FIELDS)
def test_whatever_comes_only_believable_values_stay_as_they_were(given: dict[str, Floats]) -> None:
    good, why = quality.check(given, RULES)
    for name in quality.SUSPECT:
        low, high = getattr(RULES, name)
        kept = good[name][~np.isnan(good[name])]
        assert ((kept >= low) & (kept <= high)).all()
        np.testing.assert_array_equal(kept, given[name][~np.isnan(good[name])])
        np.testing.assert_array_equal(why[name] != 0, np.isnan(good[name]) & ~np.isnan(given[name]))


@given(FIELDS, st.permutations(range(4)))
def test_the_order_of_the_points_changes_nothing(given: dict[str, Floats], order: list[int]) -> None:
    good, why = quality.check(given, RULES)
    turned, turned_why = quality.check({name: values[:, order] for name, values in given.items()}, RULES)
    for name in quality.SUSPECT:
        np.testing.assert_array_equal(turned[name], good[name][:, order])
        np.testing.assert_array_equal(turned_why[name], why[name][:, order])


@given(FIELDS, st.integers(0, 30))
def test_only_hours_within_reach_have_a_say(given: dict[str, Floats], first: int) -> None:
    within_reach(given, first)


@given(st.integers(0, 2**32), st.integers(0, 30), st.sampled_from([0.1, 0.3, 0.6]))
def test_nor_do_others_where_hours_are_missing(seed: int, first: int, share: float) -> None:
    chance = np.random.default_rng(seed)
    few = {"temp_c": [5.0, 5.0, 55.0], "rh_pct": [9.0, 9.0, 99.0], "wind_kmh": [0.0, 7.0, 7.0, 200.0]}
    given = {name: chance.choice(few.get(name, [0.0, 3.0]), (60, 4)) for name in quality.SUSPECT}
    for name, values in given.items():
        given[name] = np.where(chance.random((60, 4)) < share, np.nan, values)
    within_reach(given, first)


def within_reach(given: dict[str, Floats], first: int) -> None:
    rules = Quality(stuck_hours=6, calm_hours=8, stuck_rain_hours=5, equal_calm_hours=8)
    reach = rules.reach()
    whole, _ = quality.check(given, rules)
    window = slice(max(0, first - reach), first + 10 + reach)
    part, _ = quality.check({name: values[window] for name, values in given.items()}, rules)
    for name in quality.SUSPECT:
        np.testing.assert_array_equal(part[name][first - window.start :][:10], whole[name][first : first + 10])
