"""A clock that once ran ahead, by minutes or by years, poisons no grade."""

from dataclasses import replace

import pytest

from firewatch.clock import FixedClock
from firewatch.danger.models import PointDay
from firewatch.db import Database
from firewatch.rulebook.read import Rulebook
from firewatch.weather.feeds import Reading
from firewatch.weather.models import ValueKind
from tests.build import rows
from tests.service.grading import DAY, TODAY, at, facts, forget, grades, run, season, store


@pytest.fixture
def evening(clock: FixedClock) -> FixedClock:
    """Six in the evening: what decides the day has been measured."""
    clock.at = at(TODAY, 18)
    return clock


@pytest.fixture
def weather(db: Database, evening: FixedClock, rulebook: Rulebook) -> list[Reading]:
    """Ten days of weather at every point, stored."""
    readings = season(rulebook, TODAY - 10 * DAY, evening.now())
    store(db, evening, readings)
    return readings


@pytest.mark.parametrize("ahead_days", [2, 500])
def test_a_clock_that_ran_ahead_for_a_while_leaves_nothing_behind(
    db: Database, evening: FixedClock, rulebook: Rulebook, weather: list[Reading], ahead_days: int
) -> None:
    assert weather
    run(db, evening, rulebook)
    before = facts(db)
    evening.advance(days=ahead_days)
    run(db, evening, rulebook, TODAY + ahead_days * DAY)
    assert max(row.on for row in rows(db, PointDay)) == TODAY + ahead_days * DAY
    evening.advance(days=-ahead_days)
    run(db, evening, rulebook)
    assert facts(db) == before


def test_days_graded_ahead_of_the_clock_are_graded_again_when_they_come(
    db: Database, evening: FixedClock, rulebook: Rulebook, weather: list[Reading]
) -> None:
    """Nothing ran between the clock's return and the day after tomorrow."""
    assert weather
    run(db, evening, rulebook)
    evening.advance(days=5)
    run(db, evening, rulebook, TODAY + 5 * DAY)
    evening.advance(days=-3)
    store(db, evening, season(rulebook, TODAY - 10 * DAY, evening.now()))
    run(db, evening, rulebook, TODAY + 2 * DAY)
    found = facts(db)
    assert max(row.on for row in rows(db, PointDay)) == TODAY + 2 * DAY
    assert all(row.grade for number in range(3) for row in grades(db, on=TODAY + number * DAY).values())
    forget(db)
    run(db, evening, rulebook, TODAY + 2 * DAY)
    assert facts(db) == found


def test_a_service_that_first_ran_ahead_of_time_begins_anew(
    db: Database, evening: FixedClock, rulebook: Rulebook, weather: list[Reading]
) -> None:
    assert weather
    run(db, evening, rulebook)
    right = facts(db)
    forget(db)
    evening.advance(days=300)
    run(db, evening, rulebook, TODAY + 300 * DAY)
    evening.advance(days=-300)
    run(db, evening, rulebook)
    assert facts(db) == right


def test_a_day_that_has_not_begun_is_not_graded(
    db: Database, evening: FixedClock, rulebook: Rulebook, weather: list[Reading]
) -> None:
    assert weather
    run(db, evening, rulebook, TODAY + 3 * DAY)
    assert max(row.on for row in rows(db, PointDay)) == TODAY
    assert all(row.grade for row in grades(db).values())


def test_what_was_said_ahead_of_the_clock_does_not_count_yet(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    """A clock that ran ahead took the feed's forecast of this evening for an analysis."""
    clock.at = at(TODAY, 6)
    past = season(rulebook, TODAY - 10 * DAY, clock.now())
    ahead = [one for one in season(rulebook, TODAY - 10 * DAY, at(TODAY + DAY)) if one.valid_at > clock.now()]
    store(db, clock, past + [replace(one, temp_c=45.0, kind=ValueKind.ANALYSED) for one in ahead])
    store(db, clock, [replace(one, kind=ValueKind.FORECAST, issued_at=clock.now()) for one in ahead])
    run(db, clock, rulebook)
    assert all(row.tmax_c is not None and row.tmax_c < 30 for row in rows(db, PointDay, PointDay.on == TODAY))
