"""Weeks and seasons: what an address names, which days it has, and what names nothing."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.bulletins import periods
from firewatch.bulletins.periods import Period, PeriodKind
from firewatch.indices.season import Window, calendar_covers

GANSU: list[Window] = [((11, 1), (5, 31)), ((10, 1), (5, 31))]
SUMMER: list[Window] = [((3, 15), (11, 15))]
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
MONTH_DAYS = st.dates(date(2023, 1, 1), date(2023, 12, 31)).map(lambda on: (on.month, on.day))


def test_a_week_is_known_by_its_iso_name() -> None:
    found = periods.week("2026-W14")
    assert found == Period(PeriodKind.WEEK, "2026-W14", date(2026, 3, 30), date(2026, 4, 5))
    assert found.address == "/bulletins/weeks/2026-W14"
    assert [on.isoweekday() for on in found.days] == [1, 2, 3, 4, 5, 6, 7]
    assert periods.week_of(date(2027, 1, 1)).name == "2026-W53"


@pytest.mark.parametrize("name", ["2025-W53", "2026-W00", "2026-W1", "2026W14", "0000-W01", "2026-W١٤", ""])
def test_what_names_no_week(name: str) -> None:
    assert periods.week(name) is None


@given(DAYS)
def test_every_day_lies_in_its_week(on: date) -> None:
    found = periods.week_of(on)
    assert found == periods.week(found.name)
    assert on in found.days


@pytest.mark.parametrize(
    ("windows", "first", "last"),
    [
        (GANSU, date(2025, 10, 1), date(2026, 5, 31)),
        (GANSU[:1], date(2025, 11, 1), date(2026, 5, 31)),
        (SUMMER, date(2025, 3, 15), date(2025, 11, 15)),
        ([((3, 15), (6, 15)), ((9, 15), (11, 15))], date(2025, 3, 15), date(2025, 11, 15)),
        ([((12, 1), (2, 29))], date(2025, 12, 1), date(2026, 2, 28)),
        ([((2, 29), (6, 1))], date(2025, 2, 28), date(2025, 6, 1)),
        ([((1, 1), (12, 31))], date(2025, 1, 1), date(2025, 12, 31)),
        ([], date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_a_season_begins_after_the_longest_gap(windows: list[Window], first: date, last: date) -> None:
    assert periods.season("2025", windows) == Period(PeriodKind.SEASON, "2025", first, last)


@pytest.mark.parametrize("name", ["0000", "9999", "25", "2025-2026", "x", "٢٠٢٥"])
def test_what_names_no_season(name: str) -> None:
    assert periods.season(name, GANSU) is None


def test_a_day_between_two_seasons_has_none() -> None:
    assert periods.season_of(date(2026, 7, 1), GANSU) is None
    for on in (date(2026, 5, 31), date(2025, 10, 1), date(2026, 1, 1)):
        found = periods.season_of(on, GANSU)
        assert found is not None
        assert found.name == "2025"


@given(st.lists(st.tuples(MONTH_DAYS, MONTH_DAYS), min_size=1, max_size=3), DAYS)
def test_every_day_of_the_calendar_lies_in_a_season(windows: list[Window], on: date) -> None:
    found = periods.season_of(on, windows)
    assert found is not None or not calendar_covers(windows, on)
    if found:
        assert found.last - found.first < timedelta(days=366)
