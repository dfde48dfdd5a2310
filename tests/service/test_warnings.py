"""From grades to drafts: what is proposed, when it is superseded, what a day without data may not do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.messaging.alarms import open_alarms
from firewatch.outlook.models import ForecastIssue, ZoneForecast
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.season import Season
from firewatch.warnings.models import Action, Signal, WarningState, Why, ZoneWarning
from tests.build import prepare, rows
from tests.service.warnings import Watch, at_once, with_warnings

ZONES = 6
OF_GANSU = {"first": "11-01", "last": "05-31"}
AGENCIES = 7


@pytest.fixture
def watch(db: Database, clock: FixedClock, rulebook: Rulebook) -> Watch:
    prepare(db, rulebook)
    made = Watch(db, clock, rulebook)
    made.grade(1, back=2)
    made.grade(1, back=1)
    return made


def test_a_grade_is_drafted_and_nothing_is_in_force_unasked(watch: Watch) -> None:
    watch.grade({"kangle": 4, "hezheng": 1, "taizishan": 2})
    assert watch.draw_up() == 2
    drafts = watch.waiting()
    assert {zone: (row.signal, row.action) for zone, row in drafts.items()} == {
        "kangle": (Signal.ORANGE, Action.ISSUE),
        "taizishan": (Signal.BLUE, Action.ISSUE),
    }
    row = drafts["kangle"]
    assert (row.grade, row.scheme, row.version, row.was, row.why) == (4, "lyt1172", 1, None, Why.GRADES)
    assert [day["grade"] for day in row.evidence] == [1, 4]
    assert [day["provisional"] for day in row.evidence] == [False, True]
    assert row.evidence[-1]["flags"] == "history"
    assert watch.in_force() == {}
    assert watch.texts() == []


def test_drawing_up_again_changes_nothing(watch: Watch) -> None:
    watch.grade(3)
    assert watch.due()
    watch.draw_up()
    before = [row.model_dump() for row in rows(watch.db, ZoneWarning)]
    assert not watch.due()
    assert watch.draw_up() == 0
    assert [row.model_dump() for row in rows(watch.db, ZoneWarning)] == before


def test_a_newer_assessment_supersedes_a_draft_and_the_clock_runs_on(watch: Watch) -> None:
    watch.grade({"kangle": 3})
    watch.draw_up()
    first = watch.waiting()["kangle"]
    watch.clock.advance(minutes=20)
    watch.grade({"kangle": 3}, back=1)
    watch.draw_up()
    second = watch.waiting()["kangle"]
    assert second.id != first.id
    assert second.alarm_at == first.alarm_at, "the same again: whoever releases it was asked long ago"
    watch.clock.advance(minutes=5)
    watch.grade({"kangle": 5})
    watch.draw_up()
    third = watch.waiting()["kangle"]
    assert third.signal == Signal.RED
    assert third.alarm_at > first.alarm_at
    watch.grade({"kangle": 1})
    watch.draw_up()
    assert watch.waiting() == {}
    assert [row.state for row in watch.versions("kangle")] == [WarningState.SUPERSEDED] * 3


def test_no_data_lowers_nothing_and_is_said(watch: Watch) -> None:
    watch.grade({"kangle": 5})
    watch.draw_up()
    watch.release()
    for _ in range(4):
        watch.day_with({"kangle": 0})
        row = watch.waiting()["kangle"]
        assert (row.action, row.signal, row.no_data, row.grade) == (Action.PROLONG, Signal.RED, True, 0)
        watch.release()
    assert watch.in_force()["kangle"].why is Why.NO_DATA


def test_a_day_without_data_takes_no_draft_back(watch: Watch) -> None:
    watch.grade({"kangle": 3})
    watch.draw_up()
    watch.release()
    watch.day_with({"kangle": 5})
    draft = watch.waiting()["kangle"]
    watch.day_with({"kangle": 0})
    assert watch.waiting()["kangle"].id == draft.id
    watch.grade({"kangle": 1})
    watch.draw_up()
    assert watch.waiting()["kangle"].action is Action.PROLONG


def test_a_draft_nobody_releases_is_an_alarm_once(watch: Watch) -> None:
    watch.grade({"kangle": 5})
    watch.draw_up()
    watch.clock.advance(minutes=29)
    assert not watch.due()
    watch.clock.advance(minutes=1)
    assert watch.due()
    assert watch.draw_up() == 1
    assert watch.draw_up() == 0
    assert alarms(watch) == [("warning_waits", "kangle", 1)]
    watch.approve()
    assert alarms(watch), "approved is not issued"
    watch.issue()
    assert alarms(watch) == []


def alarms(watch: Watch) -> list[tuple[str, str, int]]:
    with watch.db.read() as session:
        return [(alarm.kind, alarm.params["zone"], alarm.times) for alarm in open_alarms(session)]


def in_july(watch: Watch, **given: object) -> None:
    """Summer, under the calendar of the law."""
    season = Season.model_validate({"rule": "calendar", "window": [{"vegetation": "forest", **OF_GANSU}]})
    book = with_warnings(watch.book, **given)
    watch.book = replace(book, danger=book.danger.model_copy(update={"season": season}))
    watch.clock.at = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
    watch.grade(5, back=1)
    watch.grade(5)
    watch.draw_up()


def test_out_of_season_nothing_is_drafted_and_what_stands_is_to_be_lifted(watch: Watch) -> None:
    watch.grade({"kangle": 4})
    watch.draw_up()
    watch.release()
    in_july(watch)
    assert {zone: (row.action, row.why) for zone, row in watch.waiting().items()} == {
        "kangle": (Action.LIFT, Why.OUT_OF_SEASON)
    }
    assert watch.in_force()["kangle"].signal == Signal.ORANGE, "it stands until somebody lifts it"
    watch.release()
    assert not watch.due()


def test_out_of_season_warnings_are_drafted_where_the_rules_say_so(watch: Watch) -> None:
    in_july(watch, out_of_season="draft")
    assert {row.signal for row in watch.waiting().values()} == {Signal.RED}
    assert len(watch.waiting()) == ZONES


def test_the_standing_rule_releases_its_colours_and_no_others(watch: Watch) -> None:
    watch.book = with_warnings(watch.book, approve="standing", standing_colours=["blue", "yellow"])
    watch.grade({"kangle": 3, "hezheng": 2, "taizishan": 5})
    watch.draw_up()
    assert {zone: row.signal for zone, row in watch.in_force().items()} == {"kangle": "yellow", "hezheng": "blue"}
    row = watch.in_force()["kangle"]
    assert row.by_rule
    assert row.approved_name == "预警发布常规授权 / Standing approval rule"
    assert list(watch.waiting()) == ["taizishan"]
    assert len(watch.texts()) == AGENCIES
    watch.day_with({"kangle": 5, "hezheng": 2, "taizishan": 5})
    assert watch.in_force()["kangle"].signal == Signal.YELLOW, "red is not for the rule"
    assert watch.in_force()["hezheng"].action is Action.PROLONG


def foresee(watch: Watch, *grades: int, weather_hours: float = 1) -> None:
    """An outlook issued now on weather forecast some hours ago: the grades of Kangle from tomorrow on."""
    now = watch.clock.now()
    with watch.db.write() as session:
        issue = ForecastIssue(
            issued_at=now, on=watch.today, daily=True, weather_issued_at=now - timedelta(hours=weather_hours)
        )
        session.add(issue)
        session.flush()
        for lead, grade in enumerate(grades, start=1):
            on = watch.today + timedelta(days=lead)
            values = {"issue_id": issue.id, "zone_id": "kangle", "scheme": "lyt1172", "on": on, "lead_day": lead}
            session.add(ZoneForecast.model_validate({**values, "grade": grade}))


def test_days_ahead_count_where_the_rules_say_so(watch: Watch) -> None:
    watch.grade({"kangle": 3})
    foresee(watch, 3, 5, 5)
    watch.draw_up()
    assert watch.waiting()["kangle"].signal == Signal.YELLOW, "by default they do not"
    watch.book = with_warnings(watch.book, use_forecast_days=2)
    watch.draw_up()
    row = watch.waiting()["kangle"]
    assert row.signal == Signal.RED
    assert [(day["grade"], day["ahead"]) for day in row.evidence] == [(1, False), (3, False), (3, True), (5, True)]


def test_an_outlook_that_is_too_old_raises_and_lowers_nothing(watch: Watch) -> None:
    watch.book = with_warnings(watch.book, use_forecast_days=1)
    foresee(watch, 5, 5, 1, 1, 1)
    watch.grade({"kangle": 3})
    watch.draw_up()
    watch.release()
    watch.clock.advance(days=3)
    for back in range(3):
        watch.grade({"kangle": 1}, back=back)
    watch.draw_up()
    row = watch.waiting()["kangle"]
    assert (row.action, row.signal, row.why) == (Action.PROLONG, Signal.RED, Why.NO_DATA)


def test_a_fresh_outlook_on_an_old_forecast_of_the_weather_counts_no_days_ahead(watch: Watch) -> None:
    watch.book = with_warnings(watch.book, use_forecast_days=2)
    watch.grade({"kangle": 3})
    foresee(watch, 3, 5, weather_hours=80)
    watch.draw_up()
    assert watch.waiting()["kangle"].signal == Signal.YELLOW
    foresee(watch, 3, 5, weather_hours=30)
    watch.draw_up()
    assert watch.waiting()["kangle"].signal == Signal.RED


def test_another_operational_scheme_asks_anew_and_keeps_the_record(watch: Watch) -> None:
    watch.grade({"kangle": 4, "hezheng": 4})
    watch.draw_up()
    watch.approve([watch.waiting()["kangle"].id or 0])
    watch.issue([watch.waiting()["kangle"].id or 0])
    watch.book = replace(watch.book, danger=watch.book.danger.model_copy(update={"scheme": "fwi"}))
    watch.draw_up()
    assert watch.waiting()["hezheng"].state is WarningState.DRAFT, "no data by the new scheme takes no draft back"
    watch.grade({"kangle": 4, "hezheng": 4})
    watch.grade({"hezheng": 1}, back=1)
    watch.draw_up()
    assert {row.scheme for row in watch.waiting().values()} == {"fwi"}
    assert watch.in_force()["kangle"].scheme == "lyt1172", "what was issued stays as it was issued"
    watch.day_with({"kangle": 5, "hezheng": 4})
    row = watch.waiting()["kangle"]
    assert (row.action, row.was, row.signal, row.scheme) == (Action.RAISE, Signal.ORANGE, Signal.RED, "fwi")


def test_a_permutation_of_zones_changes_nothing(watch: Watch) -> None:
    grades = {zone.id: number for number, zone in enumerate(watch.book.zones)}
    watch.grade(grades)
    watch.book = replace(watch.book, zones=tuple(reversed(watch.book.zones)))
    watch.draw_up()
    drafted = {zone: (row.signal, row.evidence) for zone, row in watch.waiting().items()}
    watch.book = replace(watch.book, zones=tuple(reversed(watch.book.zones)))
    assert not watch.due()
    assert {zone: signal for zone, (signal, _) in drafted.items()} == {
        zone: [None, None, *Signal][grade] for zone, grade in grades.items() if grade > 1
    }


def test_two_sweeps_at_once_draft_once(watch: Watch) -> None:
    watch.grade(4)
    assert at_once(watch.draw_up, watch.draw_up) == ["done", "done"]
    assert len(rows(watch.db, ZoneWarning)) == ZONES
