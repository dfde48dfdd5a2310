"""An agency that does not answer: what holds its texts up, and what the duty officer does about it himself."""

from datetime import timedelta

import pytest

from firewatch import i18n
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.incidents.models import AgencyNotice, TimelineEntry
from firewatch.messaging.models import Message, MessageState
from firewatch.rulebook.read import Rulebook
from tests.build import rows, set_rows
from tests.service.console import Desk, Person, open_desk, report, said

HERE = "/incidents/1/notices/kangle"
LIAISON, DEPUTY = "kangle-liaison", "kangle-deputy"


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    made = open_desk(db, clock, rulebook)
    report(made.person())
    return made


@pytest.fixture
def officer(desk: Desk) -> Person:
    return desk.person()


def texts(db: Database) -> list[Message]:
    return [message for message in rows(db, Message) if message.agency_id == "kangle"]


def ask(officer: Person, contact: str, status: int) -> None:
    answer = officer.client.post(f"{HERE}/ask", data={"contact": contact, "csrf": token(officer)})
    assert answer.status_code == status, answer.text


def token(officer: Person) -> str:
    page = officer.page("/incidents/1")
    return page.split('name="csrf" value="')[1].split('"')[0]


def move(db: Database, state: MessageState, **more: object) -> None:
    set_rows(db, Message, [message.id or 0 for message in texts(db)], state=state, **more)


def board(officer: Person) -> str:
    page = officer.page("/incidents/1")
    start = page.index('id="people-kangle"')
    return said(page[start : page.index("</details>", start)])


def test_what_holds_a_text_up_is_told(desk: Desk, officer: Person) -> None:
    now = desk.clock.now()
    for state, more, told in (
        (MessageState.DUE, {}, "in the queue"),
        (MessageState.DUE, {"due_at": now + timedelta(minutes=5), "failures": 2}, "failed 2 times, tried again at"),
        (MessageState.DUE, {"due_at": now + timedelta(minutes=5), "failures": 0}, "to be sent at"),
        (MessageState.UNKNOWN, {}, "the provider is being asked"),
        (MessageState.DEAD, {}, "telephone, or ask somebody else"),
        (MessageState.HANDED_OVER, {"handed_over_at": now}, "no receipt yet"),
    ):
        move(desk.db, state, **more)
        assert told in board(officer)
    move(desk.db, MessageState.DELIVERED, finished_at=now)
    assert "receipt" not in board(officer)
    assert "next step by itself at" in board(officer)


def test_the_five_facts_are_five(officer: Person) -> None:
    header = said(officer.page("/incidents/1").split('id="board"')[1].split("</thead>")[0])
    for word in ("Acknowledged", "Queued", "Sent", "Delivered", "Accepted"):
        assert word in header


def test_nothing_is_sent_again_while_the_first_is_not_through(desk: Desk, officer: Person) -> None:
    for state in (MessageState.DUE, MessageState.UNKNOWN):
        move(desk.db, state)
        ask(officer, LIAISON, 409)
    assert len(texts(desk.db)) == 1


def test_somebody_is_sent_another_text_and_the_escalation_goes_on(desk: Desk, officer: Person) -> None:
    move(desk.db, MessageState.DELIVERED, finished_at=desk.clock.now())
    before = [notice.next_step_at for notice in rows(desk.db, AgencyNotice)]
    ask(officer, LIAISON, 303)
    ask(officer, DEPUTY, 303)
    first, again, other = texts(desk.db)
    assert (first.contact_id, again.contact_id, other.contact_id) == (LIAISON, LIAISON, DEPUTY)
    assert len({first.code, again.code, other.code}) == 3
    assert (again.step, other.step) == (10, 10)
    assert [notice.next_step_at for notice in rows(desk.db, AgencyNotice)] == before
    move(desk.db, MessageState.DELIVERED)
    ask(officer, LIAISON, 303)
    assert texts(desk.db)[-1].step == 11
    assert "sent another text by the duty officer" in said(officer.page("/incidents/1"))


def test_nobody_of_another_agency_is_asked(desk: Desk, officer: Person) -> None:
    move(desk.db, MessageState.DELIVERED)
    ask(officer, "hezheng-liaison", 404)
    ask(officer, "nobody", 404)
    officer.page("/incidents/1/notices/kangle/call/hezheng-liaison", 404)
    officer.page("/incidents/9/notices/kangle/call/kangle-liaison", 404)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_number_stands_on_the_page_of_the_call_alone(desk: Desk, lang: str) -> None:
    (message,) = texts(desk.db)
    officer = desk.person(lang=lang)
    assert message.to not in officer.page("/incidents/1")
    assert f'href="tel:{message.to}"' in officer.page(f"{HERE}/call/{LIAISON}")
    assert i18n.text(lang, "call.reached") in officer.page(f"{HERE}/call/{LIAISON}")
    desk.person("viewer").page(f"{HERE}/call/{LIAISON}", 403)


def test_a_call_is_put_on_record_and_whoever_was_reached_knows(desk: Desk, officer: Person) -> None:
    def record() -> set[str]:
        return {entry.kind for entry in rows(desk.db, TimelineEntry)}

    officer.press(f"{HERE}/call/{LIAISON}", "Not reached", reached="no")
    assert "phoned_in_vain" in record()
    assert not [notice for notice in rows(desk.db, AgencyNotice) if notice.acknowledged_at]
    officer.press(f"{HERE}/call/{LIAISON}", "Reached: they know", reached="yes")
    assert {"phoned", "acknowledged"} <= record()
    (known,) = [notice for notice in rows(desk.db, AgencyNotice) if notice.acknowledged_at]
    assert (known.agency_id, known.next_step_at) == ("kangle", None)
