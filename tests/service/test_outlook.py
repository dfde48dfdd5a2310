"""The outlook starts where the analysis ended, reaches as far as the weather, and leaves the analysis alone."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from sqlmodel import col, delete, update

from firewatch.clock import FixedClock
from firewatch.danger.models import PointDay
from firewatch.db import Database
from firewatch.outlook import issue, read
from firewatch.outlook.issue import NO_WEATHER
from firewatch.outlook.members import Members
from firewatch.outlook.models import ForecastIssue, PointForecast, ZoneForecast
from firewatch.rulebook.outlook import Outlook
from firewatch.rulebook.read import Rulebook
from firewatch.weather.models import Observation, ValueKind
from tests.build import rows
from tests.service import outlook
from tests.service.grading import facts, forget, run

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = date(2026, 4, 1)


def test_an_issue_reaches_seven_days_ahead_for_every_zone_and_scheme(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    outlook.fetch(db, clock, rulebook)
    made = outlook.make(db, clock, rulebook)
    assert (made.on, made.state_on, made.daily, made.flags) == (TODAY, TODAY - DAY, True, "")
    assert (made.source, made.model) == ("made-up", "made-up, seed 1")
    assert made.weather_issued_at == clock.at - 4 * HOUR
    for scheme in ("lyt1172", "fwi"):
        found = outlook.ahead(db, made, scheme)
        assert set(found) == {(zone.id, TODAY + n * DAY) for zone in rulebook.zones for n in range(8)}
        assert all(1 <= row.grade <= 5 and row.value is not None for row in found.values())
        assert all(row.lead_day == (on - TODAY).days for (_, on), row in found.items())
    assert len(rows(db, PointForecast)) == 8 * len(rulebook.points)
    # The day of issue is what the analysis says of it so far.
    today = {row.point_id: row.fwi for row in rows(db, PointDay, col(PointDay.on) == TODAY)}
    first = rows(db, PointForecast, col(PointForecast.lead_day) == 0)
    assert {row.point_id: row.values["fwi"] for row in first} == today


def test_a_forecast_never_touches_the_analysis(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    outlook.fetch(db, clock, rulebook)
    before = facts(db)
    outlook.make(db, clock, rulebook, members=outlook.members(clock, rulebook))
    assert facts(db) == before
    # Nor is it read: graded anew with none on record, every day comes out the same, bit by bit.
    clock.advance(days=1)
    outlook.fetch(db, clock, rulebook)
    with_issue = facts(db)
    with db.write() as session:
        for table in (PointForecast, ZoneForecast, ForecastIssue):
            session.exec(delete(table))
    forget(db)
    run(db, clock, rulebook, TODAY + DAY, outlook.SOURCES)
    assert facts(db) == with_issue


def test_days_the_weather_does_not_reach_are_no_data(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    outlook.fetch(db, clock, rulebook)
    end = clock.at + 3 * DAY
    with db.write() as session:
        session.exec(delete(Observation).where(col(Observation.valid_at) > end))
    found = outlook.ahead(db, outlook.make(db, clock, rulebook))
    assert {(row.lead_day, row.grade > 0) for row in found.values()} == {(n, n < 3) for n in range(8)}
    beyond = [row for row in found.values() if row.lead_day > 3]
    assert all(row.value is None and issue.BEYOND in row.flags.split(";") for row in beyond)
    assert {frozenset(row.values) for row in rows(db, PointForecast, col(PointForecast.lead_day) > 4)} == {frozenset()}


def test_without_any_forecast_the_issue_says_so_and_is_made_good(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    made = outlook.make(db, clock, rulebook)
    assert (made.flags, made.state_on, made.source) == ("no_analysis;no_weather", None, "")
    assert {row.grade for row in outlook.ahead(db, made).values()} == {0}
    with db.read() as session:
        assert not issue.due(session, clock, rulebook, outlook.SOURCES), "there is still no weather"
    outlook.fetch(db, clock, rulebook)
    with db.read() as session:
        assert issue.due(session, clock, rulebook, outlook.SOURCES)
    assert outlook.make(db, clock, rulebook, daily=False).flags == ""


def test_an_outage_longer_than_the_forecast_asks_for_no_issue_after_issue(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    outlook.fetch(db, clock, rulebook)
    clock.advance(days=12)  # what was foreseen is over, and nothing came since
    made = outlook.make(db, clock, rulebook)
    assert NO_WEATHER in made.flags.split(";")
    clock.advance(minutes=1)
    with db.read() as session:
        assert not issue.due(session, clock, rulebook, outlook.SOURCES), "there is nothing to make it good with"
    outlook.fetch(db, clock, rulebook)
    with db.read() as session:
        assert issue.due(session, clock, rulebook, outlook.SOURCES), "now there is"
    assert outlook.make(db, clock, rulebook, daily=False).flags == ""


def test_newer_weather_asks_for_an_issue_but_not_too_soon(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    def due() -> bool:
        with db.read() as session:
            return issue.due(session, clock, rulebook, outlook.SOURCES)

    assert not due()
    outlook.fetch(db, clock, rulebook)
    assert due(), "the first follows the first weather"
    outlook.make(db, clock, rulebook)
    clock.advance(hours=3)
    outlook.fetch(db, clock, rulebook)  # issued at 6 UTC
    assert not due(), "three hours are too soon"
    clock.advance(hours=2)
    assert not due()
    clock.advance(hours=1)
    assert due()
    outlook.make(db, clock, rulebook, daily=False)
    clock.advance(hours=7)
    assert not due(), "and without newer weather there is nothing new to say"


def test_an_analysis_that_came_late_makes_an_issue_good(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    outlook.fetch(db, clock, rulebook)
    outlook.make(db, clock, rulebook)
    clock.advance(days=3)
    behind = outlook.make(db, clock, rulebook)
    assert (behind.state_on, behind.flags) == (TODAY - DAY, "analysis_behind")
    grades = outlook.ahead(db, behind).values()
    assert all(row.grade for row in grades if row.lead_day < 6), "the days between rest on forecasts"
    assert all("forecast_in_place" in row.flags for row in grades if row.lead_day == 0)
    outlook.fetch(db, clock, rulebook)
    with db.read() as session:
        assert issue.due(session, clock, rulebook, outlook.SOURCES)
    assert outlook.make(db, clock, rulebook, daily=False).state_on == TODAY + 2 * DAY


def test_a_point_that_is_new_starts_cold_and_the_others_go_on(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    outlook.fetch(db, clock, rulebook)
    outlook.make(db, clock, rulebook)
    known = {(row.point_id, row.on): row.values for row in rows(db, PointForecast)}
    new = next(iter(rulebook.points))
    with db.write() as session:
        session.exec(delete(PointDay).where(col(PointDay.point_id) == new, col(PointDay.on) < TODAY))
    clock.advance(minutes=1)
    made = outlook.make(db, clock, rulebook, daily=False)
    assert (made.state_on, made.flags) == (TODAY - DAY, "")
    found = rows(db, PointForecast, col(PointForecast.issue_id) == made.id)
    assert all(row.values == known[row.point_id, row.on] for row in found if row.point_id != new)
    assert all("spin_up" in row.flags.split(";") for row in found if row.point_id == new)


def test_a_scheduled_issue_is_stored_once_and_a_day_has_one_of_its_own(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    outlook.fetch(db, clock, rulebook)
    first, again = outlook.make(db, clock, rulebook), outlook.make(db, clock, rulebook)
    assert first.id == again.id
    clock.advance(hours=1)
    assert not outlook.make(db, clock, rulebook).daily, "that day has its own already"
    with db.read() as session:
        found = issue.foresee(session, clock, rulebook, outlook.SOURCES)
    with db.write() as session:
        late = issue.store(session, rulebook, found, clock.at - DAY)
    assert not late.daily, "caught up on a later day it is not that day's"
    assert len(rows(db, ForecastIssue)) == 3


def test_the_change_is_told_where_both_issues_have_a_grade(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    outlook.fetch(db, clock, rulebook)
    first = outlook.make(db, clock, rulebook)
    clock.advance(days=1)
    with db.write() as session:
        colder = update(Observation).where(col(Observation.kind) == ValueKind.FORECAST)
        session.exec(colder.values(temp_c=col(Observation.temp_c) - 12, wind_kmh=col(Observation.wind_kmh) / 4))
    second = outlook.make(db, clock, rulebook)
    with db.read() as session:
        assert read.latest(session) == second
        assert read.before(session, second) == first
        assert read.before(session, first) is None
        assert read.latest(session, clock.at - HOUR) == first
        new, old = (read.zone_days(session, row, "lyt1172") for row in (second, first))
        changes = read.changes(new, old)
        assert changes == {key: new[key].grade - old[key].grade for key in new if key in old and new[key].grade}
        assert min(changes.values()) < 0
        ahead = read.grades_ahead(session, "lyt1172", clock.at)
    assert ahead["kangle"] == {on: row.grade for (zone_id, on), row in new.items() if zone_id == "kangle"}
    with db.read() as session:
        assert read.grades_ahead(session, "lyt1172", clock.at - 2 * DAY) == {}


def test_members_give_a_probability_and_too_few_give_none(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    outlook.fetch(db, clock, rulebook)
    told = outlook.members(clock, rulebook)
    made = outlook.make(db, clock, rulebook, members=told)
    assert (made.members, made.ensemble_model) == (20, "made-up, 20 members")
    found = {key: row for scheme in ("lyt1172", "fwi") for key, row in outlook.ahead(db, made, scheme).items()}
    assert all(row.probability is not None and row.members == 20 for row in found.values())
    assert any(0 < (row.probability or 0) < 1 for row in outlook.ahead(db, made, "fwi").values())
    strict = replace(rulebook, outlook=Outlook(min_members=21))
    clock.advance(hours=1)
    without = outlook.ahead(db, outlook.make(db, clock, strict, daily=False, members=told))
    assert {(row.probability, row.members) for row in without.values()} == {(None, 20)}


def test_a_member_with_a_hole_says_nothing_and_the_others_stand(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    outlook.fetch(db, clock, rulebook)
    told = outlook.members(clock, rulebook)
    fewer = Members(
        told.model, told.issued_at, told.start, {name: values[:, 5:] for name, values in told.values.items()}
    )
    for number, name in enumerate(("temp_c", "rh_pct", "wind_kmh", "rain_mm", "temp_c")):
        told.values[name][:, number] = np.nan
    holes = outlook.make(db, clock, rulebook, members=told)
    clock.advance(minutes=1)
    whole = outlook.make(db, clock, rulebook, daily=False, members=fewer)
    assert (holes.members, whole.members) == (20, 15)
    for scheme in ("lyt1172", "fwi"):
        found, expected = (outlook.ahead(db, row, scheme) for row in (holes, whole))
        for key, row in found.items():
            if row.lead_day > 0:  # of today some hours are known to all
                assert (row.probability, row.members) == (expected[key].probability, 15), (scheme, key)


def test_an_ensemble_of_one_mind_says_what_the_forecast_says(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    outlook.fetch(db, clock, rulebook)
    made = outlook.make(db, clock, rulebook, members=outlook.agreeing(db, clock, rulebook))
    found = [row for scheme in ("lyt1172", "fwi") for row in outlook.ahead(db, made, scheme).values()]
    assert {row.members for row in found} == {12}
    assert all(row.probability == float(row.grade >= 4) for row in found)
    assert {row.probability for row in found} == {0.0, 1.0}, "and there are days of both kinds"
