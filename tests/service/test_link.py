"""The link in an order's text: looking changes nothing, one press answers, and it ends with the fire."""

import re

import pytest
from sqlmodel import col

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch.models import Order, OrderState
from firewatch.incidents.models import Incident, IncidentState
from firewatch.messaging.breaker import Breaker
from firewatch.messaging.channels import SMS, Capabilities
from firewatch.messaging.models import Message
from firewatch.messaging.sender import Sender
from firewatch.messaging.texts import carries, segments, whole
from firewatch.rulebook.read import Rulebook
from tests.build import ordered_fire, rows, set_rows, texts
from tests.service.console import Desk, forms, open_desk, said
from tests.service.messages import MemoryChannel

BASE = "https://firewatch.example"


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    desk = open_desk(db, clock, rulebook)
    ordered_fire(db, clock, rulebook)
    return desk


def sent(desk: Desk, *, links: bool = True, base: str | None = BASE) -> MemoryChannel:
    """What goes out of all that is due."""
    channel = MemoryChannel(name=SMS, can=Capabilities(two_way=True, links=links, free_text=True))
    sender = Sender(desk.db, channel, desk.clock, desk.book.messages, Breaker(), owner="me", link_base=base)
    while sender.send_due():
        pass
    sender.close()
    return channel


def state(desk: Desk, message: Message) -> OrderState:
    [order] = rows(desk.db, Order, col(Order.id) == message.subject_id)
    found: OrderState = order.state
    return found


def test_an_order_carries_a_link_of_its_own_and_its_code_at_the_end(desk: Desk) -> None:
    orders = [one for one in sent(desk).taken if one.template == "sms.order"]
    links = [re.findall(rf"{BASE}/a/([\w-]{{12}}) ", one.body) for one in orders]
    assert all(len(found) == 1 for found in links)
    assert len({found[0] for found in links}) == len(orders) > 0
    for one in orders:
        assert carries(one.body, one.code)
        assert segments(one.body) <= 2
    page = desk.person().page("/messages") + desk.person().page("/incidents/1")
    assert not [found for found in links if found[0] in page], "who only looks on may not answer"


def test_the_page_behind_the_link_tells_what_the_text_had_to_leave_out(desk: Desk) -> None:
    one = next(one for one in sent(desk).taken if one.template == "sms.order")
    load = one.params["load"]
    assert load not in one.body
    [found] = re.findall(rf"{BASE}/a/([\w-]{{12}}) ", one.body)
    assert load in said(desk.person(None).page(f"/a/{found}"))


@pytest.mark.parametrize(("links", "base"), [(False, BASE), (True, None)])
def test_no_link_where_the_channel_takes_none_or_nobody_could_open_it(
    desk: Desk, links: bool, base: str | None
) -> None:
    taken = sent(desk, links=links, base=base).taken
    assert taken
    assert not [one for one in taken if "/a/" in one.body]


def test_looking_changes_nothing_and_a_press_answers(desk: Desk) -> None:
    nobody, message = desk.person(None), texts(desk.db, 1, "sms.order")[0]
    address = f"/a/{message.link_token}"
    page = nobody.page(address)
    assert whole(message.template, message.lang, message.params, message.code or "") in said(page)
    assert state(desk, message) is OrderState.ORDERED
    for button, reached in (("Received", OrderState.ACKNOWLEDGED), ("On our way", OrderState.EN_ROUTE)):
        form = next(form for form in forms(page) if button in form.text)
        answer = nobody.client.post(form.action, data=form.values)
        assert answer.status_code == 200, answer.text
        assert "On record" in answer.text
        assert state(desk, message) is reached
        page = answer.text
    late = nobody.client.post(f"{address}/answer", data={"answer": "declined", "reason": "too late"})
    assert late.status_code == 409
    foreign = {"sec-fetch-site": "cross-site"}
    assert nobody.client.post(f"{address}/answer", data={"answer": "on_scene"}, headers=foreign).status_code == 403
    assert nobody.client.get(f"{address}/answer").status_code == 405


def test_a_wrong_link_and_one_of_a_fire_that_is_over_open_nothing(desk: Desk) -> None:
    nobody, message = desk.person(None), texts(desk.db, 1, "sms.order")[0]
    address = f"/a/{message.link_token}"
    assert "not valid" in nobody.page("/a/AAAAAAAAAAAA", 404)
    set_rows(desk.db, Incident, [1], state=IncidentState.CLOSED)
    assert message.body not in nobody.page(address, 404)
    assert nobody.client.post(f"{address}/answer", data={"answer": "received"}).status_code == 404
    assert state(desk, message) is OrderState.ORDERED
