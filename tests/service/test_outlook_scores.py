"""Forecasts meet the analysis: scored once the day is settled, again when it was analysed anew, and kept for good."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import col, update

from firewatch.clock import FixedClock
from firewatch.danger.models import ZoneGrade
from firewatch.db import Database
from firewatch.outlook import scores, settle
from firewatch.outlook.models import ForecastIssue, ForecastScore, PointForecast, ZoneForecast
from firewatch.rulebook.outlook import Outlook
from firewatch.rulebook.read import Rulebook
from tests.build import rows
from tests.service import outlook

DAY = timedelta(days=1)
TODAY = date(2026, 4, 1)
SCHEMES = 2


def due(db: Database, clock: FixedClock, book: Rulebook) -> list[date]:
    with db.read() as session:
        return settle.due(session, clock, book)


def settle_all(db: Database, clock: FixedClock, book: Rulebook) -> int:
    number = 0
    for on in due(db, clock, book):
        with db.write() as session:
            number += settle.settle(session, clock, on)
    return number


def without_ids(db: Database) -> list[dict[str, object]]:
    found = [row.model_dump(exclude={"id", "scored_at"}) for row in rows(db, ForecastScore)]
    return sorted(
        found, key=lambda row: (str(row["on"]), str(row["zone_id"]), str(row["scheme"]), str(row["lead_day"]))
    )


@pytest.fixture
def later(db: Database, clock: FixedClock, rulebook: Rulebook) -> datetime:
    """Two days' issues, each with an update that counts for nothing, and the analysis of both days."""
    for _ in range(2):
        outlook.fetch(db, clock, rulebook)
        outlook.make(db, clock, rulebook, members=outlook.members(clock, rulebook))
        clock.advance(hours=7)
        outlook.make(db, clock, rulebook, daily=False)
        clock.advance(hours=17)
    outlook.fetch(db, clock, rulebook)
    return clock.now()


@pytest.mark.usefixtures("later")
def test_settled_days_are_scored_once_by_lead_zone_and_scheme(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    assert due(db, clock, rulebook) == [TODAY, TODAY + DAY]
    zones = len(rulebook.zones)
    assert settle_all(db, clock, rulebook) == (1 + 2) * zones * SCHEMES
    assert due(db, clock, rulebook) == []
    first = without_ids(db)
    with db.write() as session:
        settle.settle(session, clock, TODAY)
    assert without_ids(db) == first, "asked twice, the same stands there"
    leads = {(row.on, row.lead_day) for row in rows(db, ForecastScore)}
    assert leads == {(TODAY, 0), (TODAY + DAY, 0), (TODAY + DAY, 1)}
    truth = {(row.zone_id, row.scheme, row.on): row for row in rows(db, ZoneGrade)}
    for row in rows(db, ForecastScore):
        analysed = truth[row.zone_id, row.scheme, row.on]
        assert (row.analysed_grade, row.analysed_value) == (analysed.grade, analysed.value)
        assert row.probability is not None, "the day's own issue is scored, not the one without an ensemble"
    with db.read() as session:
        found = settle.pairs(session, "lyt1172", TODAY, TODAY + DAY)
    assert set(found) == {(lead, zone.id) for lead in (0, 1) for zone in rulebook.zones}
    total = scores.score([pair for pairs in found.values() for pair in pairs])
    assert total.scored == 3 * zones


@pytest.mark.usefixtures("later")
def test_a_day_analysed_anew_is_scored_anew(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    settle_all(db, clock, rulebook)
    clock.advance(minutes=10)
    with db.write() as session:
        on_first = update(ZoneGrade).where(col(ZoneGrade.on) == TODAY)
        session.exec(on_first.values(grade=1, assessed_at=clock.at))
    assert due(db, clock, rulebook) == [TODAY]
    settle_all(db, clock, rulebook)
    assert {row.analysed_grade for row in rows(db, ForecastScore, col(ForecastScore.on) == TODAY)} == {1}


@pytest.mark.usefixtures("later")
def test_no_data_is_counted_and_not_scored(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    with db.write() as session:
        session.exec(update(ZoneGrade).where(col(ZoneGrade.on) == TODAY).values(grade=0, value=None))
    settle_all(db, clock, rulebook)
    with db.read() as session:
        pairs = settle.pairs(session, "fwi", TODAY, TODAY)
    total = scores.score([pair for listed in pairs.values() for pair in listed])
    assert (total.scored, total.no_analysis, total.hit_rate) == (0, len(rulebook.zones), None)


def test_a_day_that_is_not_settled_waits(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    outlook.fetch(db, clock, rulebook)
    outlook.make(db, clock, rulebook)
    assert due(db, clock, rulebook) == [], "today is not over"
    clock.advance(days=1)
    assert due(db, clock, rulebook) == [], "it is over, but only known as provisional"
    outlook.fetch(db, clock, rulebook)
    assert due(db, clock, rulebook) == [TODAY]


@pytest.mark.usefixtures("later")
def test_issues_are_forgotten_and_scores_kept(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    settle_all(db, clock, rulebook)
    kept = without_ids(db)
    short = replace(rulebook, outlook=Outlook(keep_issues_days=2))
    clock.advance(days=1)
    with db.write() as session:
        assert settle.forget(session, clock, short) == 2
    clock.advance(days=400)
    with db.write() as session:
        assert settle.forget(session, clock, short) == 1
        assert settle.forget(session, clock, short) == 0, "the newest stays, however old"
    (newest,) = rows(db, ForecastIssue)
    assert {row.issue_id for row in (*rows(db, ZoneForecast), *rows(db, PointForecast))} == {newest.id}
    assert without_ids(db) == kept


@pytest.mark.usefixtures("later")
def test_a_day_analysed_anew_long_after_is_scored_anew_without_its_issues(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    settle_all(db, clock, rulebook)
    before = without_ids(db)
    clock.advance(days=40)
    with db.write() as session:
        while settle.forget(session, clock, rulebook):
            pass
    assert due(db, clock, rulebook) == [], "what was not analysed anew stands"
    with db.write() as session:
        again = update(ZoneGrade).where(col(ZoneGrade.on) == TODAY)
        session.exec(again.values(grade=5, value=99.0, assessed_at=clock.at))
    assert due(db, clock, rulebook) == [TODAY]
    assert settle_all(db, clock, rulebook) == len(rulebook.zones) * SCHEMES
    assert due(db, clock, rulebook) == []
    expected = [row | {"analysed_grade": 5, "analysed_value": 99.0} if row["on"] == TODAY else row for row in before]
    assert without_ids(db) == expected, "what was foreseen is as it was"
