"""The score of a drill: minutes after the report, as they stand in its record, and who did not answer."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from firewatch import drill
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import orders
from firewatch.dispatch.models import Order, OrderState
from firewatch.incidents import notices
from firewatch.messaging.models import Message, MessageState
from firewatch.rulebook.read import Rulebook
from firewatch.training.folder import Drills
from firewatch.training.score import scores
from firewatch.web.console.drill_view import RecordKeeper
from firewatch.web.services import Drilling
from tests.build import (
    JISHISHAN,
    KANGLE,
    OFFICER,
    confirm,
    incident_of,
    ordered_fire,
    plan_fire,
    report_fire,
    rows,
    set_rows,
)
from tests.service.console import Desk, open_desk, said

SILENT = {"jishishan", "lianhuashan", "linxia-county", "prefecture", "taizishan"}


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    """A drill with one fire: reported, planned after 2 minutes, confirmed after 5; two agencies answered."""
    desk = open_desk(db, clock, rulebook)
    with db.write() as session:
        session.add(drill.Drill(name="spring", began_at=clock.now()))
    desk.app.state.firewatch = replace(desk.app.state.firewatch, drill=Drilling("spring", "https://firewatch.example"))
    number = incident_of(report_fire(db, clock, rulebook, place=KANGLE))
    told = rows(db, Message)
    clock.advance(minutes=1)
    left = [row.id for row in told if row.agency_id == "kangle"]
    held = [row.id for row in told if row.agency_id != "kangle"]
    set_rows(db, Message, left, state=MessageState.HANDED_OVER, handed_over_at=clock.now())
    set_rows(db, Message, held, state=MessageState.HELD, finished_at=clock.now(), error="drill.not_agreed")
    clock.advance(minutes=1)
    plan = plan_fire(db, clock, rulebook, number)
    for agency, minutes in (("kangle", 1), ("hezheng", 2)):
        clock.advance(minutes=minutes)
        with db.write() as session:
            notices.acknowledge(session, clock, number, agency, f"contact:{agency}-liaison")
    given = confirm(db, clock, rulebook, plan)
    for minutes, state in ((1, OrderState.ACKNOWLEDGED), (2, OrderState.EN_ROUTE), (4, OrderState.ON_SCENE)):
        advance(desk, given[0], minutes, state)
    return desk


def advance(desk: Desk, order: Order, minutes: int, state: OrderState) -> None:
    """Take an order on, some minutes later."""
    desk.clock.advance(minutes=minutes)
    with desk.db.write() as session:
        orders.advance(session, desk.clock, order.id or 0, state, OFFICER)


def test_every_figure_is_minutes_after_the_report(desk: Desk) -> None:
    with desk.db.read() as session:
        (fire,) = scores(session)
    assert (fire.planned, fire.confirmed) == (2, 5)
    assert set(fire.silent) == SILENT
    agencies = {row.agency_id: row for row in fire.agencies}
    assert {row.told for row in fire.agencies} == {1}
    assert (agencies["kangle"].played, agencies["kangle"].acknowledged) == (False, 3)
    assert (agencies["hezheng"].played, agencies["hezheng"].acknowledged) == (True, 5)
    assert agencies["hezheng"].by == "contact:hezheng-liaison"
    first = fire.orders[0]
    assert (first.ordered, first.acknowledged, first.en_route, first.on_scene) == (5, 6, 8, 12)
    assert {row.acknowledged for row in fire.orders[1:]} <= {None}


def test_who_sets_out_has_taken_the_order_on(desk: Desk) -> None:
    _, given = ordered_fire(desk.db, desk.clock, desk.book, JISHISHAN)
    advance(desk, given[0], 3, OrderState.EN_ROUTE)
    with desk.db.read() as session:
        order = scores(session)[1].orders[0]
    assert (order.ordered, order.acknowledged, order.en_route, order.on_scene, order.declined) == (0, 3, 3, None, None)


def test_what_was_not_done_is_no_zero(desk: Desk) -> None:
    report_fire(desk.db, desk.clock, desk.book, place=JISHISHAN)
    with desk.db.read() as session:
        fire = scores(session)[1]
    assert (fire.planned, fire.confirmed, list(fire.orders)) == (None, None, [])
    assert {row.told for row in fire.agencies} == {None}
    page = said(desk.person().page("/drill"))
    assert "No orders were given." in page
    assert "–" in page


def test_the_page_of_a_drill_shows_its_score(desk: Desk) -> None:
    officer = desk.person()
    page = said(officer.page("/drill"))
    assert "Score of the drill “spring”" in page
    assert page.count("did not answer") == len(SILENT)
    assert "text held back 1.0 5.0" in page
    assert "5.0 6.0 8.0 12.0" in page
    assert desk.person(None).client.get("/drill").status_code == 303


def test_the_record_is_a_table_with_a_line_for_each(desk: Desk, tmp_path: Path) -> None:
    drills = Drills(tmp_path / "drills")
    RecordKeeper(desk.db, desk.clock, desk.book, "en", drills).write()
    kept = drills.record("spring")
    assert kept is not None
    handed = desk.person().client.get("/drill/this/record.csv")
    assert handed.content == kept
    assert handed.headers["content-disposition"] == 'attachment; filename="drill-spring.csv"'
    lines = list(csv.DictReader(io.StringIO(kept.decode("utf-8-sig"))))
    assert {line["Drill"] for line in lines} == {"spring"}
    of_plan = [line for line in lines if line["What"] == "plan"]
    assert [(line["Plan proposed (min)"], line["Plan confirmed (min)"]) for line in of_plan] == [("2.0", "5.0")]
    kangle = next(line for line in lines if line["What"] == "agency" and line["Agency"].startswith("Kangle"))
    assert (kangle["Told (min)"], kangle["Acknowledged (min)"], kangle["Remark"]) == ("1.0", "3.0", "")
    silent = [line for line in lines if "did not answer" in line["Remark"]]
    assert len(silent) == len(SILENT)
    assert {line["Acknowledged (min)"] for line in silent} == {""}
    assert sum(line["What"] == "Order" for line in lines) == len(lines) - 1 - 7


def test_only_a_drill_keeps_a_record(db: Database, clock: FixedClock, rulebook: Rulebook, tmp_path: Path) -> None:
    open_desk(db, clock, rulebook)
    RecordKeeper(db, clock, rulebook, "en", Drills(tmp_path / "drills")).write()
    assert Drills(tmp_path / "drills").records() == []
