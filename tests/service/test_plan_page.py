"""A fire's plan on its page: what changed, who else is planned with it, where the reserve is short."""

import re

import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.incidents import progress
from firewatch.incidents.models import FireClass
from firewatch.rulebook.read import Rulebook
from tests.build import with_dispatch
from tests.service.console import Desk, open_desk, report, said


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


def test_what_a_new_proposal_changes_is_told(desk: Desk) -> None:
    officer = desk.person()
    report(officer)
    desk.plan(1)
    assert "Changed since the proposal" not in officer.page("/incidents/1")
    with desk.db.write() as session:
        progress.set_class(session, desk.clock, 1, FireClass.LARGE, "officer")
    desk.clock.advance(minutes=3)
    desk.plan(1)
    page = said(officer.page("/incidents/1"))
    assert "Changed since the proposal of" in page
    assert page.count("+ ") >= 1
    with desk.db.write() as session:
        progress.set_class(session, desk.clock, 1, FireClass.ORDINARY, "officer")
    desk.plan(1)
    assert "was to be there in" in said(officer.page("/incidents/1"))


def test_the_fires_planned_with_it_are_named_with_what_they_get(desk: Desk) -> None:
    officer = desk.person()
    report(officer)
    report(officer, lat="35.70", lon="102.90")
    desk.plan(1)
    assert "Planned together with fire 2 (" in said(officer.page("/incidents/1"))
    assert "Planned together with fire 1 (" in said(officer.page("/incidents/2"))


def test_what_sending_others_as_well_would_cost_is_told(desk: Desk) -> None:
    report(desk.person())
    desk.plan(1)
    page = said(desk.person().page("/incidents/1"))
    assert re.search(r"Sent as well: there in \d+ min, (fetched by [^,]+, )?the plan complete \d+ min later", page)
    assert re.search(r"如一并派出： \d+ 分钟到达", said(desk.person(lang="zh").page("/incidents/1")))


@pytest.mark.parametrize(("within", "tells"), [(1, "Could move up:"), (600, "Nobody can be spared")])
def test_a_reserve_that_is_short_is_told_with_who_could_move_up(
    db: Database, clock: FixedClock, rulebook: Rulebook, within: int, tells: str
) -> None:
    reserve = [{"grades": [0], "people": 5000, "within_minutes": within}]
    desk = open_desk(db, clock, with_dispatch(rulebook, reserve=reserve))
    officer = desk.person()
    report(officer)
    desk.plan(1)
    page = said(officer.page("/incidents/1"))
    assert "This plan leaves the reserve short:" in page
    assert f"of 5000 people missing within {within} min." in page
    assert tells in page
