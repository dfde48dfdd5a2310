"""No input, however bad, hides a day or spoils a later one: hours are checked, made into days and chained."""

import json
import math
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from firewatch.clock import day_bounds
from firewatch.danger import days, rows
from firewatch.danger.days import Hours
from firewatch.danger.models import PointDay
from firewatch.indices.checks import Floats
from firewatch.rulebook.quality import Quality
from firewatch.rulebook.read import Rulebook, default_folder, read_rulebook
from firewatch.weather import quality

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 3, 1)
BAD_DAYS, ALL_DAYS = 6, 14
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LISTED = [FIRST + n * DAY for n in range(ALL_DAYS)]
START, END = days.span(LISTED[0], LISTED[-1], ZONE)
ROWS = (END - START) // HOUR
BAD_ROWS = ROWS - (ALL_DAYS - BAD_DAYS) * 24
BOOK = read_rulebook(default_folder())
POINTS = len(BOOK.points)
WHEN = {"id", "assessed_at"}

BAD = [0.0, -0.0, -5.0, 1e308, -1e308, 1048.0, 105.0, np.nan, np.inf, -np.inf, 12.0]


def bad_fields(seed: int, stuck_hours: int, chosen: list[float]) -> dict[str, Floats]:
    """Bad hours of every variable, in streaks of some length."""
    chance = np.random.default_rng(seed)
    streaks = -(-BAD_ROWS // stuck_hours)
    return {
        name: np.repeat(chance.choice(chosen, (streaks, POINTS)), stuck_hours, axis=0)[:BAD_ROWS]
        for name in quality.SUSPECT
    }


FIELDS = st.builds(
    bad_fields, st.integers(0, 2**32), st.integers(1, 60), st.lists(st.sampled_from(BAD), min_size=1, max_size=11)
)


def good() -> dict[str, Floats]:
    hour = np.arange(ROWS)[:, np.newaxis] + np.zeros(POINTS)
    place = np.arange(POINTS)
    return {
        "temp_c": 12 + 7 * np.sin(hour / 24 * 2 * math.pi) + place,
        "rh_pct": 40 - 15 * np.sin(hour / 24 * 2 * math.pi) + place,
        "wind_kmh": 12 + 6 * np.sin(hour / 5) + place,
        "rain_mm": np.where(hour % 97 == 0, 2.0 + place, 0.0),
        "snow_depth_cm": np.zeros((ROWS, POINTS)),
    }


def begun_with(bad: dict[str, Floats]) -> dict[str, Floats]:
    given = good()
    for name, values in bad.items():
        given[name][:BAD_ROWS] = values
    return given


def chained(
    given: dict[str, Floats], listed: list[date] = LISTED, states: list[rows.State | None] | None = None
) -> list[list[PointDay]]:
    """The rows of the days, as they would be stored."""
    values, why = quality.check(given, Quality())
    flags = np.bitwise_or.reduce(list(why.values()))
    never = {name: np.full((ROWS, POINTS), np.nan) for name in quality.SUSPECT}
    now: datetime = day_bounds(LISTED[-1], ZONE)[1] + DAY
    hours = Hours(START, **values, issued=never, flags=flags)
    table = days.daily(hours, listed, [point.lon for point in BOOK.points.values()], ZONE, now, 6)
    chain = rows.Chain(BOOK, *rows.states(states or [None] * POINTS))
    return [chain.next_day(day, table, number, now) for number, day in enumerate(listed)]


def facts(chain: list[list[PointDay]]) -> list[list[dict[str, object]]]:
    return [[row.model_dump(exclude=WHEN) for row in day] for day in chain]


@settings(max_examples=12, deadline=None)
@given(FIELDS)
def test_after_the_worst_of_weeks_every_day_is_there_and_has_values(bad: dict[str, Floats]) -> None:
    chain = chained(begun_with(bad))
    assert [{row.on for row in day} for day in chain] == [{day} for day in LISTED]
    assert all(len(day) == POINTS for day in chain)
    for day in chain:
        for row in day:
            numbers = [value for value in row.model_dump().values() if isinstance(value, float)]
            assert all(math.isfinite(number) for number in numbers)
            json.dumps(row.state, allow_nan=False)
            assert 0 <= row.fwi_grade <= 5
            assert 0 <= row.lyt_grade <= 5
    # Rain of the last bad hours reaches into the next noon, an equal field a little further.
    for day in chain[BAD_DAYS + 3 :]:
        assert all(row.fwi is not None and row.fwi_grade and row.lyt_grade for row in day)


@settings(max_examples=10, deadline=None)
@given(FIELDS, st.permutations(range(POINTS)))
def test_a_bad_point_does_not_spoil_the_others_whatever_their_order(bad: dict[str, Floats], order: list[int]) -> None:
    """The weather handed to the points in another order gives each the same as before, but for its place on earth."""
    one_zone = begun_with(bad)
    values, why = quality.check(one_zone, Quality())
    turned, turned_why = quality.check({name: field[:, order] for name, field in one_zone.items()}, Quality())
    never = {name: np.full((ROWS, POINTS), np.nan) for name in quality.SUSPECT}
    now = day_bounds(LISTED[-1], ZONE)[1] + DAY
    tables = [
        days.daily(
            Hours(START, **fields, issued=never, flags=np.bitwise_or.reduce(list(marks.values()))),
            LISTED,
            [103.2] * POINTS,
            ZONE,
            now,
            6,
        )
        for fields, marks in ((values, why), (turned, turned_why))
    ]
    for name in (
        "temp_c",
        "rh_pct",
        "wind_kmh",
        "rain_mm",
        "tmax_c",
        "rhmin_pct",
        "windmax_ms",
        "rain_day_mm",
        "flags",
    ):
        np.testing.assert_array_equal(getattr(tables[1], name), getattr(tables[0], name)[:, order])


@settings(max_examples=8, deadline=None)
@given(FIELDS, st.integers(1, ALL_DAYS - 1))
def test_a_chain_taken_up_from_any_stored_day_gives_the_same_bits(bad: dict[str, Floats], cut: int) -> None:
    given = begun_with(bad)
    whole = chained(given)
    stored = [json.loads(json.dumps(row.state, allow_nan=False)) for row in whole[cut - 1]]
    assert facts(chained(given, LISTED[cut:], stored)) == facts(whole[cut:])


def test_the_rulebook_here_has_several_points() -> None:
    assert isinstance(BOOK, Rulebook)
    assert POINTS >= 3
