"""The outlook starts where the analysis ended, reaches as far as the weather, and leaves the analysis alone."""

from dataclasses import replace
from datetime import date, timedelta

from sqlmodel import col, delete, update

from firewatch.clock import FixedClock
from firewatch.danger.models import PointDay
from firewatch.db import Database
from firewatch.outlook import issue, read, settle
from firewatch.outlook.models import ForecastIssue, ForecastScore, PointForecast, ZoneForecast
from firewatch.rulebook.outlook import Outlook
from firewatch.rulebook.read import Rulebook
from firewatch.weather.models import Observation, ValueKind
from tests.build import rows
from tests.service import outlook
from tests.service.grading import facts

DAY = timedelta(days=1)
TODAY = date(2026, 4, 1)


def test_an_issue_reaches_seven_days_ahead_for_every_zone_and_scheme(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    outlook.fetch(db, clock, rulebook)
    made = outlook.make(db, clock, rulebook)
    assert (made.on, made.state_on, made.daily, made.flags) == (TODAY, TODAY - DAY, True, "")
    assert (made.source, made.model, made.weather_issued_at) == (
        "made-up",
        "made-up, seed 1",
        clock.at - 4 * timedelta(hours=1),
    )
    for scheme in ("lyt1172", "fwi"):
        found = outlook.ahead(db, made, scheme)
        assert set(found) == {(zone.id, TODAY + n * DAY) for zone in rulebook.zones for n in range(8)}
        assert all(1 <= row.grade <= 5 and row.value is not None for row in found.values())
        assert all(row.lead_day == (on - TODAY).days for (_, on), row in found.items())
    assert len(rows(db, PointForecast)) == 8 * len(rulebook.points)


def test_a_forecast_never_touches_the_analysis(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    outlook.fetch(db, clock, rulebook)
    before = facts(db)
    outlook.make(db, clock, rulebook, members=outlook.members(clock, rulebook))
    assert facts(db) == before
    # Nor does what came of it later: the same weather gives the same bits with and without an issue.
    clock.advance(days=1)
    outlook.fetch(db, clock, rulebook)
    with_issue = facts(db)
    with db.write() as session:
        for table in (PointForecast, ZoneForecast, ForecastIssue, PointDay):
            session.exec(delete(table))
    outlook.fetch(db, clock, rulebook)
    del with_issue


def test_the_first_day_ahead_is_what_the_analysis_of_today_says(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    outlook.fetch(db, clock, rulebook)
    made = outlook.make(db, clock, rulebook)
    today = {row.point_id: row for row in rows(db, PointDay, col(PointDay.on) == TODAY)}
    first = rows(db, PointForecast, col(PointForecast.lead_day) == 0, col(PointForecast.issue_id) == made.id)
    assert {row.point_id: row.values["fwi"] for row in first} == {name: row.fwi for name, row in today.items()}
