"""The layers of the situation map: chosen by the address, remembered in links, and what they say of a short reserve."""

from collections.abc import Sequence

import pytest
from sqlmodel import select

from firewatch import i18n
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.resources.models import Crew, ResourceStatus, Vehicle
from firewatch.rulebook.read import Rulebook
from tests.service.console import Desk, open_desk, said


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


def text(key: str, **places: object) -> str:
    return i18n.text("en", key, **places)


def out_of_service(desk: Desk, but: Sequence[str]) -> None:
    with desk.db.write() as session:
        for row in (*session.exec(select(Crew)), *session.exec(select(Vehicle))):
            row.status = ResourceStatus.AVAILABLE if row.id in but else ResourceStatus.OUT_OF_SERVICE


def test_danger_stays_what_is_shown_first(desk: Desk) -> None:
    person = desk.person()
    for address in ("/", "/?layer=danger", "/?layer=nonsense"):
        page = person.page(address)
        assert 'class="b0"' not in page
        assert f'<a href="/?layer=danger#map" aria-current="true">{text("layer.danger")}' in page


def test_the_first_attack_tells_its_minutes_and_how_they_were_made(desk: Desk) -> None:
    page = desk.person().page("/?layer=first-attack")
    for minutes in desk.book.dispatch.first_attack_minutes:
        assert text("layers.within", minutes=minutes) in said(page)
    assert text("layers.beyond", minutes=60) in said(page)
    assert text("layers.estimated") in said(page)
    assert text("plan.estimated") in said(page)
    assert 'href="?layer=first-attack&amp;lang=zh"' in page, "the other language keeps the layer"


def test_a_reserve_that_is_short_stands_on_the_map_and_in_the_table(desk: Desk) -> None:
    person = desk.person()
    assert text("layers.no_gaps") in person.page("/")
    # Kangle's crew and its carrier are all there is: 34 people, an hour and more from Jishishan.
    out_of_service(desk, ("kangle-pro", "kangle-carrier-1"))
    page = person.page("/?layer=reserve")
    assert text("layers.zone_short", zone="Jishishan County", people=10) in said(page)
    assert "−10" in said(page)
    assert "Jishishan County 10 60 10" in said(page)
    assert '<b class="count">' in person.page("/")
    out_of_service(desk, ())
    assert text("plan.no_move_up") in person.page("/")


def test_who_could_move_up_is_drawn_and_told(desk: Desk) -> None:
    # Both in the south: its own zone has more than it needs, the north-west has nobody.
    out_of_service(desk, ("lianhuashan-pro", "lianhuashan-carrier-1", "kangle-lianlu", "kangle-carrier-2"))
    page = desk.person().page("/?layer=reserve")
    assert 'class="move-up"' in page
    assert "marker-end" in page
    assert "there in" in said(page)


def test_with_nobody_free_the_map_says_that_nobody_comes(desk: Desk) -> None:
    out_of_service(desk, ())
    page = desk.person().page("/?layer=first-attack")
    assert text("layers.nobody") in said(page)
    assert '<path class="b0" fill-rule="evenodd" d=""/>' in page
