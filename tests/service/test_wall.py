"""The wall view: what stands on it, that nothing on it can be pressed, and that what is left out is counted."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch.models import Order, OrderState
from firewatch.messaging.alarms import raise_alarm
from firewatch.rulebook.read import Rulebook
from firewatch.web.console.wall_view import MOST_ALARMS, MOST_FIRES
from firewatch.web.night.folder import NightSheets
from tests.build import ordered_fire, report_fire, set_rows
from tests.service.console import NOTE, Desk, open_desk, said

PLACES = ((35.30, 103.65), (35.70, 102.90), (35.43, 103.30), (35.55, 103.20), (35.25, 103.40))


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


def test_a_quiet_night_says_so_and_how_old_everything_is(desk: Desk) -> None:
    page = said(desk.person("viewer").page("/wall"))
    assert "No open incident." in page
    assert "Nobody has taken over duty" in page
    assert "grades assessed none" in page, "a grade that was never assessed is not a fresh one"
    assert "satellites none" in page
    assert NOTE in page
    assert "Demonstration" in page
    assert "Not official boundaries" in page


def test_fires_stand_in_the_order_of_what_they_wait_for(desk: Desk) -> None:
    ordered_fire(desk.db, desk.clock, desk.book)
    report_fire(desk.db, desk.clock, desk.book, place=PLACES[1])
    page = desk.person().page("/wall")
    cards = [said(card) for card in re.findall(r"<article.*?</article>", page, re.DOTALL)]
    assert len(cards) == 2
    assert "7 of 7 agencies have not acknowledged" in cards[0]
    assert "people in" in cards[0]
    assert re.search(r"next due \d\d:\d\d \(in ", cards[0])
    assert "nobody" in cards[1].lower()
    eta = re.search(r"next due (\d\d:\d\d)", cards[0])
    assert eta
    drawn = page[page.index("<svg") : page.index("</svg>")]
    assert f">{eta[1]}</text>" in drawn
    set_rows(desk.db, Order, [1], state=OrderState.ON_SCENE)
    there = desk.person().page("/wall")
    assert f">{eta[1]}</text>" not in there, "who is there is not expected"
    assert 'class="trip"' in page, "who is under way stands on the map"
    assert page.count('class="mark incident"') == 2
    assert 'class="mark crew"' not in page, "who is at home does not"


def test_what_does_not_fit_is_counted(desk: Desk) -> None:
    for place in PLACES:
        report_fire(desk.db, desk.clock, desk.book, place=place)
    with desk.db.write() as session:
        for number in range(MOST_ALARMS + 3):
            raise_alarm(session, desk.clock.now(), "roster_gap", f"gap:{number}", {"agency": "kangle"})
    page = desk.person().page("/wall")
    assert page.count("<article") == MOST_FIRES
    assert page.count('class="wall-alarm') == MOST_ALARMS
    shown = said(page)
    assert f"Not shown here: fires {len(PLACES) - MOST_FIRES}, alarms 3." in shown
    assert f"{len(PLACES)} fires" in shown
    assert f"{7 * len(PLACES)} not acknowledged" in shown


def test_nothing_on_it_can_be_pressed_and_nobody_sees_it_without_signing_in(desk: Desk) -> None:
    report_fire(desk.db, desk.clock, desk.book)
    officer = desk.person()
    page = officer.page("/wall")
    assert not re.search(r"<(?:form|button|input|a|select|details)[\s>]", page)
    assert re.findall(r"<script[^>]*>", page) == [
        f'<script src="/static/{name}.js" defer>' for name in ("live", "wall")
    ]
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert officer.client.get("/static/wall.css").status_code == 200
    assert officer.client.get("/static/wall.js").status_code == 200
    assert desk.person(None).client.get("/wall").headers["location"] == "/sign-in?next=/wall"


def test_old_things_are_marked_as_old(desk: Desk, tmp_path: Path) -> None:
    sheets = NightSheets(desk.db, desk.clock, desk.book, tmp_path, "en")
    desk.app.state.firewatch = replace(desk.app.state.firewatch, night_sheets=sheets)
    sheets.write()
    assert "<span>night sheet just now</span>" in desk.person().page("/wall")
    desk.clock.advance(minutes=16)
    assert '<span class="bad">night sheet 16 min ago</span>' in desk.person().page("/wall")


def test_without_script_it_loads_itself_again_and_it_speaks_chinese(desk: Desk) -> None:
    page = desk.person("viewer", "zh").page("/wall")
    assert '<noscript><meta http-equiv="refresh" content="20"></noscript>' in page
    assert "未确认" in page
    assert "2026年4月1日 星期三" in page
    assert ">12:00:00</time>" in page, "the alliance's local time"
