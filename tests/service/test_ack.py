"""The liaison answers a text on the page made for it: code and last digits, no account, no script."""

import pytest
from sqlmodel import col, select

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import answers
from firewatch.dispatch.answers import Answer
from firewatch.dispatch.models import Order, OrderState
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.incidents import progress
from firewatch.incidents.models import AgencyNotice, IncidentState
from firewatch.messaging.models import Message, SubjectKind
from firewatch.rulebook.read import Rulebook
from tests.build import rows, texts
from tests.service.console import Desk, Person, forms, open_desk, report_and_order, said


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    """A fire has been reported, and its plan confirmed."""
    desk = open_desk(db, clock, rulebook)
    report_and_order(desk, desk.person())
    return desk


def text_of(desk: Desk, template: str) -> Message:
    return texts(desk.db, 1, template)[0]


def open_text(person: Person, message: Message, **other: str) -> str:
    answer = person.client.post("/ack", data={"code": message.code, "last": message.to[-4:]} | other)
    assert answer.status_code == 200, answer.text
    page: str = answer.text
    return page


def press(person: Person, page: str, button: str, status: int = 200, **typed: str) -> str:
    form = next(form for form in forms(page) if button in form.text)
    answer = person.client.post(form.action, data=form.values | typed)
    assert answer.status_code == status, answer.text
    said_page: str = answer.text
    return said_page


def notice(desk: Desk, agency: str) -> AgencyNotice:
    [found] = rows(desk.db, AgencyNotice, col(AgencyNotice.agency_id) == agency)
    assert isinstance(found, AgencyNotice)
    return found


def test_a_liaison_acknowledges_a_fire_without_an_account(desk: Desk) -> None:
    nobody, message = desk.person(None), text_of(desk, "sms.report")
    assert "Last four digits" in nobody.page("/ack")
    page = open_text(nobody, message)
    assert message.body in said(page)
    assert notice(desk, message.agency_id or "").acknowledged_at is None, "looking is not answering"
    page = said(press(nobody, page, "Received"))
    assert "On record: Received" in page
    assert "nothing more to answer" in page
    assert notice(desk, message.agency_id or "").acknowledged_by == f"contact:{message.contact_id}"
    assert "Liaison" in said(desk.person().page("/incidents/1")), "the board names who answered"


def test_an_order_is_driven_from_the_page(desk: Desk) -> None:
    nobody, message = desk.person(None), text_of(desk, "sms.order")
    page = open_text(nobody, message)
    for button, state in (
        ("Received", OrderState.ACKNOWLEDGED),
        ("On our way", OrderState.EN_ROUTE),
        ("On scene", OrderState.ON_SCENE),
        ("Released", OrderState.RELEASED),
    ):
        page = press(nobody, page, button)
        with desk.db.read() as session:
            assert session.get_one(Order, message.subject_id).state == state
    assert "nothing more to answer" in page
    assert notice(desk, message.agency_id or "").acknowledged_at is not None, "who drives there knows of the fire"


def test_who_cannot_come_says_why_and_a_new_plan_is_due(desk: Desk) -> None:
    nobody, message = desk.person(None), text_of(desk, "sms.order")
    page = open_text(nobody, message)
    page = press(nobody, page, "Cannot come", 409, reason=" ")
    assert "Say why" in page
    press(nobody, page, "Cannot come", reason="engine broken")
    officer = said(desk.person().page("/incidents/1"))
    assert "reason: engine broken" in officer
    assert "A plan is being made" in officer


def test_full_width_digits_and_blanks_are_understood(desk: Desk) -> None:
    message = text_of(desk, "sms.report")
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    code = (message.code or "").translate(wide)
    page = open_text(desk.person(None), message, code=f" {code[:3]} {code[3:]} ", last=message.to[-4:].translate(wide))
    assert message.body in said(page)


def test_a_link_may_bring_the_code(desk: Desk) -> None:
    assert 'value="123456"' in desk.person(None).page("/ack?code=123456")


def test_a_wrong_code_or_number_opens_nothing_and_guessing_is_braked(desk: Desk) -> None:
    nobody, message = desk.person(None), text_of(desk, "sms.report")
    wrong = {"code": message.code, "last": f"{(int(message.to[-4:]) + 1) % 10_000:04}"}
    for _ in range(5):
        answer = nobody.client.post("/ack", data=wrong)
        assert (answer.status_code, message.body in answer.text) == (404, False)
    answer = nobody.client.post("/ack", data={"code": message.code, "last": message.to[-4:]})
    assert answer.status_code == 429
    assert "Wait five minutes" in answer.text
    desk.clock.advance(minutes=6)
    open_text(nobody, message)


def test_what_is_too_late_says_what_stands_now(desk: Desk) -> None:
    nobody, message = desk.person(None), text_of(desk, "sms.order")
    page = open_text(nobody, message)
    press(nobody, page, "On our way")
    page = press(nobody, page, "Cannot come", 409, reason="too late")
    assert "answered otherwise" in page
    assert "On scene" in page
    again = open_text(nobody, message, answer="coming")
    assert "On record" in again, "the same answer twice is no fault"
    foreign = nobody.client.post("/ack", data={"code": "1"}, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403


def test_a_fire_that_is_over_asks_for_no_answer(desk: Desk) -> None:
    message = text_of(desk, "sms.report")
    with desk.db.write() as session:
        for order in session.exec(select(Order)):
            order.state = OrderState.RELEASED
        progress.get(session, 1).state = IncidentState.CLOSED
    with desk.db.read() as session:
        assert answers.choices(session, message) == []


def test_a_text_that_only_tells_has_no_other_answer(desk: Desk) -> None:
    message = text_of(desk, "sms.report")
    with desk.db.write() as session, pytest.raises(Conflict, match="only be answered with received"):
        answers.give(session, desk.clock, message, Answer.COMING)
    order = text_of(desk, "sms.order")
    with desk.db.write() as session, pytest.raises(BadInput, match="say why"):
        answers.give(session, desk.clock, order, Answer.DECLINED)
    warning = message.model_copy(update={"subject_kind": SubjectKind.WARNING, "incident_id": None})
    with desk.db.write() as session:
        assert answers.choices(session, warning) == []
        answers.give(session, desk.clock, warning, Answer.RECEIVED)
        with pytest.raises(NotFound):
            answers.find(session, message.code or "", "12")
        with pytest.raises(NotFound):
            answers.find(session, "", message.to[-4:])
