"""What a plan assumes of those it can send: turnout by day or by night, at home or elsewhere."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch.problem import parse_problem
from firewatch.resources.models import Crew, Vehicle
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.resources import Resources
from tests.build import incident_of, joint_of, plan_fire, report_fire, rows, set_rows
from tests.service.console import Desk, open_desk, said

NIGHT = datetime(2026, 4, 1, 13, 0, tzinfo=UTC)  # 21:00 in Linxia
FIRE = "/incidents/1"


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


def turnouts(desk: Desk) -> dict[str, float]:
    fire = incident_of(report_fire(desk.db, desk.clock, desk.book))
    made = plan_fire(desk.db, desk.clock, desk.book, fire)
    problem = parse_problem(joint_of(desk.db, made).problem)
    return {each.id: each.turnout for each in problem.crews} | {each.id: each.turnout for each in problem.vehicles}


@pytest.mark.parametrize(
    ("at", "crew", "tender", "sentence"),
    [
        (NIGHT - timedelta(seconds=1), 10, 6, "Turnout was counted as by day."),
        (NIGHT, 15, 6, "Turnout was counted as by night. By night as by day: "),
        (NIGHT + timedelta(hours=9), 10, 6, "Turnout was counted as by day."),
    ],
)
def test_a_plan_counts_the_turnout_of_its_hour_and_says_so(
    desk: Desk, clock: FixedClock, at: datetime, crew: int, tender: int, sentence: str
) -> None:
    clock.at = at
    found = turnouts(desk)
    assert (found["kangle-pro"], found["kangle-tender-1"]) == (crew, tender)
    page = said(desk.person().page(FIRE))
    assert sentence in page
    assert ("Kangle water tender 1" in page.partition("By night as by day: ")[2].partition(".")[0]) is (at == NIGHT)


def test_the_hours_of_night_are_configured(desk: Desk) -> None:
    rules = Resources.model_validate({"night_from": "10:00", "night_until": "13:00"})
    book = replace(desk.book, resources=rules)
    assert turnouts(replace(desk, book=book))["kangle-pro"] == 15
    with pytest.raises(ValueError, match="night_until is the same as night_from"):
        Resources.model_validate({"night_from": "24:00", "night_until": "00:00"})


def test_where_everybody_has_a_turnout_by_night_nobody_is_named(desk: Desk, clock: FixedClock) -> None:
    for table in (Crew, Vehicle):
        set_rows(desk.db, table, [row.id for row in rows(desk.db, table)], turnout_night_minutes=30)
    clock.at = NIGHT
    assert set(turnouts(desk).values()) == {30}
    page = said(desk.person().page(FIRE))
    assert "Turnout was counted as by night." in page
    assert "By night as by day" not in page
