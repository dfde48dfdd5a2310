"""Which days the weather reaches, and what the members of an ensemble come to."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.danger import days
from firewatch.danger.days import LIMITS, Hours
from firewatch.outlook.ahead import EXTREMES, beyond, member_hours, share_reaching, within
from firewatch.outlook.members import Members

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 4, 1)
START = datetime(2026, 3, 30, 0, tzinfo=UTC)
NOW = datetime(2026, 4, 1, 4, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def hours(until: datetime, points: int = 1, length: int = 6 * 24) -> Hours:
    """Six days of the same weather, known up to an instant."""
    there = np.arange(1, length + 1)[:, np.newaxis] <= (until - START) / HOUR
    values = {name: np.where(there, 10.0, np.nan) * np.ones(points) for name in LIMITS}
    values["rain_mm"] = np.where(there, 0.0, np.nan) * np.ones(points)
    issued = {name: np.full((length, points), np.nan) for name in LIMITS}
    return Hours(START, **values, issued=issued, flags=np.full((length, points), 7, dtype=np.uint32))


@pytest.mark.parametrize(
    ("missing", "unreached"), [(0, [False] * 3), (6, [False] * 3), (7, [False, False, True]), (40, [False, True, True])]
)
def test_a_day_of_which_too_many_hours_are_lacking_is_beyond(missing: int, unreached: list[bool]) -> None:
    listed = [TODAY + n * DAY for n in range(3)]
    end = datetime(2026, 4, 3, 16, tzinfo=UTC)  # midnight after the third
    found = beyond(hours(end - missing * HOUR), listed, ZONE, NOW, 6)
    assert found[:, 0].tolist() == unreached


def test_a_day_that_is_over_is_never_beyond() -> None:
    listed = [TODAY - DAY, TODAY]
    nothing = hours(START)
    assert beyond(nothing, listed, ZONE, NOW, 6)[:, 0].tolist() == [False, True]


def test_half_a_day_has_no_extremes() -> None:
    listed = [TODAY, TODAY + DAY]
    known = hours(datetime(2026, 4, 2, 8, tzinfo=UTC))
    daily = days.daily(known, listed, [103.0], ZONE, NOW, 6)
    cut = within(daily, beyond(known, listed, ZONE, NOW, 6))
    assert not np.isnan(cut.tmax_c[0, 0])
    assert not np.isnan(daily.tmax_c[1, 0]), "most of the afternoon is there"
    assert all(np.isnan(getattr(cut, name)[1, 0]) for name in EXTREMES)
    assert cut.temp_c[1, 0] == daily.temp_c[1, 0], "its noon is known all the same"


def members(start: datetime, length: int, *, snow: bool = True) -> Members:
    table = np.arange(3.0)[np.newaxis, :, np.newaxis] * np.ones((length, 1, 2))
    values = {name: table.copy() for name in LIMITS}
    if not snow:
        values["snow_depth_cm"][:] = np.nan
    return Members("model", NOW - HOUR, start, values)


def test_what_is_known_is_the_same_for_all_members_and_what_comes_is_their_own() -> None:
    known = hours(NOW, points=2)
    told = member_hours(known, members(START, 6 * 24), NOW)
    row = known.row(NOW)
    assert told.temp_c.shape == (6 * 24, 6)
    assert told.temp_c[row].tolist() == [10.0] * 6
    assert told.temp_c[row + 1].tolist() == [0.0, 0.0, 1.0, 1.0, 2.0, 2.0]
    assert np.isnan(told.issued["temp_c"][row]).all()
    assert set(told.issued["temp_c"][row + 1]) == {(NOW - HOUR - START) / HOUR}
    assert told.flags is not None
    assert (told.flags[row].tolist(), told.flags[row + 1].tolist()) == ([7] * 6, [0] * 6)
    assert member_hours(replace(known, flags=None), members(START, 6 * 24), NOW).flags is None


@pytest.mark.parametrize(("begins", "length"), [(-48, 24), (0, 24), (60, 10), (60, 500), (400, 10)])
def test_hours_that_no_member_tells_stay_missing(begins: int, length: int) -> None:
    known = hours(START + 200 * HOUR, points=2)
    start = START + begins * HOUR
    told = member_hours(known, members(start, length), NOW)
    for row in range(known.row(NOW) + 1, 6 * 24):
        theirs = 0 <= row - begins < length
        assert np.isnan(told.temp_c[row]).all() != theirs, row
    assert not np.isnan(told.temp_c[: known.row(NOW) + 1]).any()


def test_snow_that_no_member_tells_is_that_of_the_shared_forecast() -> None:
    told = member_hours(hours(START + 200 * HOUR, points=2), members(START, 6 * 24, snow=False), NOW)
    assert (told.snow_depth_cm == 10.0).all()
    assert not np.isnan(told.issued["temp_c"][-1]).any()


def test_a_zone_takes_the_worst_of_its_points_in_every_member() -> None:
    grades = np.array([[1, 4], [3, 3], [0, 5], [0, 2], [0, 0]])
    assert share_reaching(grades, 2) == (0.5, 4)
    assert share_reaching(grades, 5) == (None, 4), "too few members are no probability"


def test_no_data_is_no_probability() -> None:
    assert share_reaching(np.zeros((10, 2), dtype=np.int64), 2) == (None, 0)
    assert share_reaching(np.zeros((0, 2), dtype=np.int64), 2) == (None, 0)
    assert share_reaching(np.ones((10, 2), dtype=np.int64), 2) == (0.0, 10), "but a low grade is"


@given(st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=2), min_size=1, max_size=20), st.randoms())
def test_the_order_of_members_and_points_changes_nothing(grades: list[list[int]], chance: object) -> None:
    mixed = [list(reversed(row)) for row in grades]
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis hands over a Random
    assert share_reaching(np.array(grades), 2) == share_reaching(np.array(mixed), 2)
