"""People who are out and say nothing: their order turns yellow, then red, until they are heard of."""

import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import contact, orders
from firewatch.dispatch.models import Order, OrderState
from firewatch.dispatch.take_in import Inbound, take_in
from firewatch.errors import Conflict, NotFound
from firewatch.messaging.models import Message, SubjectKind
from firewatch.resources import position
from firewatch.resources.models import ResourceKind
from firewatch.rulebook.read import Rulebook
from tests.build import OFFICER, rows, set_rows
from tests.service.console import Desk, open_desk, report_and_order


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    """A fire whose order is given and on its way."""
    desk = open_desk(db, clock, rulebook)
    report_and_order(desk, desk.person())
    for state in (OrderState.ACKNOWLEDGED, OrderState.EN_ROUTE):
        with db.write() as session:
            orders.advance(session, clock, first(db).id or 0, state, OFFICER)
    return desk


def first(db: Database) -> Order:
    order: Order = rows(db, Order)[0]
    return order


def marks(desk: Desk) -> tuple[int, int]:
    """How many orders are marked yellow, and how many red, for their silence."""
    page = desk.person().page("/incidents/1")
    return page.count('<span class="chip">no word'), page.count('<span class="chip bad">no word')


def test_an_order_turns_yellow_then_red_and_is_heard_of(desk: Desk) -> None:
    found = []
    for minutes in (29, 1, 29, 1):
        desk.clock.advance(minutes=minutes)
        found.append(marks(desk))
    assert found == [(0, 0), (1, 0), (1, 0), (0, 1)]
    assert "久无联系" in desk.person(lang="zh").page("/incidents/1")
    desk.person().press("/incidents/1", "Heard of them just now")
    assert marks(desk) == (0, 0)
    assert "order 1: its people were heard of" in desk.person().page("/incidents/1")


def test_a_place_that_is_told_is_a_word(desk: Desk) -> None:
    desk.clock.advance(minutes=70)
    now = desk.clock.now()
    with desk.db.write() as session:
        there = position.NewPosition(lat=35.4, lon=103.7, at=now)
        position.take_in(session, desk.clock, ResourceKind.VEHICLE, first(desk.db).vehicle_id, there, OFFICER)
    assert marks(desk) == (0, 0)


def test_so_is_a_text_that_answers_the_order(desk: Desk) -> None:
    order = first(desk.db)
    [text] = rows(desk.db, Message, Message.subject_kind == SubjectKind.ORDER, Message.subject_id == order.id)[:1]
    desk.clock.advance(minutes=70)
    with desk.db.write() as session:
        take_in(session, desk.clock, Inbound("SM-in-1", text.to, f"2 {text.code}"))
    assert marks(desk) == (0, 0)


def test_only_who_is_out_is_missed_and_heard_of(desk: Desk) -> None:
    order = first(desk.db)
    set_rows(desk.db, Order, [order.id or 0], state=OrderState.ACKNOWLEDGED)
    desk.clock.advance(minutes=300)
    assert marks(desk) == (0, 0), "who has not set out is chased for his answer"
    with desk.db.write() as session:
        with pytest.raises(NotFound):
            contact.hear(session, desk.clock, 99, OFFICER)
        with pytest.raises(Conflict, match="are not out"):
            contact.hear(session, desk.clock, order.id or 0, OFFICER)
