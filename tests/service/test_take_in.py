"""Texts from liaisons: carried out by the rules of /ack, bound to the number, kept when nobody understands them."""

import re
from dataclasses import dataclass, field
from itertools import count

import pytest
from sqlmodel import col, select

from firewatch.agencies.models import Contact
from firewatch.agencies.roster import recipients
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import take_in
from firewatch.dispatch.models import Order, OrderState
from firewatch.dispatch.take_in import WORDS_BACK, Inbound
from firewatch.incidents.models import AgencyNotice
from firewatch.messaging.alarms import open_alarms
from firewatch.messaging.models import InboundMessage, Message, SubjectKind, Taken
from firewatch.messaging.replies import Answer
from firewatch.messaging.texts import render
from firewatch.rulebook.read import Rulebook
from tests.build import ordered_fire, prepare, report_fire, rows, texts
from tests.service.console import open_desk, said

STRANGER = "+447700900999"


@dataclass
class Phones:
    """Everybody's phones, and a fire with its orders."""

    db: Database
    clock: FixedClock
    book: Rulebook
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def send(self, sender: str, body: str, provider_id: str | None = None) -> InboundMessage:
        inbound = Inbound(provider_id or f"SM{next(self.numbers)}", sender, body)
        with self.db.write() as session:
            return take_in.take_in(session, self.clock, inbound)

    def back(self, sender: str) -> list[Message]:
        found: list[Message] = rows(self.db, Message, col(Message.subject_kind) == SubjectKind.REPLY)
        return [message for message in found if message.to == sender]

    def order(self, message: Message) -> Order:
        with self.db.read() as session:
            return session.get_one(Order, message.subject_id)

    def alarms(self) -> list[str]:
        with self.db.read() as session:
            return [alarm.kind for alarm in open_alarms(session)]


@pytest.fixture
def phones(db: Database, clock: FixedClock, rulebook: Rulebook) -> Phones:
    prepare(db, rulebook)
    ordered_fire(db, clock, rulebook)
    return Phones(db, clock, rulebook)


def order_text(phones: Phones) -> Message:
    return texts(phones.db, 1, "sms.order")[0]


def only_told(phones: Phones) -> Message:
    """The text of somebody who has to know and is asked for nothing else."""
    ordered = {message.to for message in texts(phones.db, 1, "sms.order")}
    return next(message for message in texts(phones.db, 1, "sms.report") if message.to not in ordered)


def test_an_order_is_driven_by_text(phones: Phones) -> None:
    message = order_text(phones)
    for body, state in (
        (f"１{message.code}", OrderState.ACKNOWLEDGED),
        ("2", OrderState.EN_ROUTE),
        (f"已到达 {message.code}", OrderState.ON_SCENE),
        (f"5 {message.code}", OrderState.RELEASED),
    ):
        taken = phones.send(message.to, body)
        assert (taken.taken_for, taken.message_id, taken.incident_id) == (Taken.ANSWER, message.id, 1)
        assert phones.order(message).state == state
    [notice] = rows(phones.db, AgencyNotice, col(AgencyNotice.agency_id) == message.agency_id)
    assert notice.acknowledged_by == f"contact:{message.contact_id}"
    assert phones.back(message.to) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_digits_an_order_prints_do_what_it_says(phones: Phones, lang: str) -> None:
    message = order_text(phones)
    code = message.code or ""
    body = render("sms.order", lang, message.params, code)
    assert body.endswith(code)
    printed = re.findall(r"([1-5]) ?(?=[^\W\d_])", re.split("回复|Reply", body)[1])
    states = [OrderState.ACKNOWLEDGED, OrderState.EN_ROUTE, OrderState.ON_SCENE, OrderState.RELEASED]
    assert printed == ["1", "2", "3", "4", "5"]
    for digit, state in zip([each for each in printed if each != "3"], states, strict=True):
        phones.send(message.to, f"{digit} {code}")
        assert phones.order(message).state == state
    assert phones.back(message.to) == []


def test_the_reply_a_notice_ends_with_acknowledges_it(phones: Phones) -> None:
    message = only_told(phones)
    found = re.search(r"(?:回复：|reply: )(1 \d{6})$", message.body)
    assert found
    assert phones.send(message.to, found[1]).taken_for is Taken.ANSWER
    [notice] = rows(phones.db, AgencyNotice, col(AgencyNotice.agency_id) == message.agency_id)
    assert notice.acknowledged_at is not None


def test_who_cannot_come_says_why(phones: Phones) -> None:
    message = order_text(phones)
    assert phones.send(message.to, f"3 {message.code}").taken_for is Taken.NO_REASON
    assert f"3 {message.code}" in phones.back(message.to)[0].body
    assert phones.send(message.to, f"3 {message.code} 车坏了").answer is Answer.DECLINED
    assert (phones.order(message).state, phones.order(message).reason) == (OrderState.DECLINED, "车坏了")


def test_a_bare_digit_answers_the_one_open_question(phones: Phones) -> None:
    message = only_told(phones)
    assert phones.send(message.to, "收到").taken_for is Taken.ANSWER
    again = phones.send(message.to, "1")
    assert again.taken_for is Taken.WHICH, "nothing is open any more"
    report_fire(phones.db, phones.clock, phones.book, place=(35.70, 102.90))
    assert phones.send(message.to, "1").taken_for is Taken.ANSWER
    for place in ((35.55, 103.20), (35.20, 103.50)):
        report_fire(phones.db, phones.clock, phones.book, place=place)
    assert phones.send(message.to, "1").taken_for is Taken.WHICH
    assert [back.template for back in phones.back(message.to)] == ["sms.reply_which"] * 2


def test_a_code_counts_only_from_the_number_its_text_went_to(phones: Phones) -> None:
    message, other = order_text(phones), only_told(phones)
    taken = phones.send(other.to, f"2 {message.code}")
    assert (taken.taken_for, taken.message_id) == (Taken.FOREIGN, None)
    assert phones.order(message).state is OrderState.ORDERED
    [back] = phones.back(other.to)
    assert (message.code or "") in back.body
    assert phones.send(other.to, "2 000000").taken_for is Taken.FOREIGN


def test_what_is_too_late_says_what_stands_and_what_may_be_said(phones: Phones) -> None:
    message = order_text(phones)
    phones.send(message.to, f"2 {message.code}")
    assert phones.send(message.to, f"3 {message.code} too late").taken_for is Taken.LATE
    [back] = phones.back(message.to)
    assert "4 " in back.body
    assert "2 " not in back.body
    assert phones.order(message).state is OrderState.EN_ROUTE
    told = only_told(phones)
    assert phones.send(told.to, f"4 {told.code}").taken_for is Taken.LATE
    assert "1 " in phones.back(told.to)[0].body


def test_the_same_text_twice_is_one(phones: Phones) -> None:
    message = order_text(phones)
    first = phones.send(message.to, f"3 {message.code}", "SMsame")
    assert phones.send(message.to, f"3 {message.code}", "SMsame").id == first.id
    assert len(phones.back(message.to)) == 1


def test_a_stranger_is_kept_and_gets_no_answer(phones: Phones) -> None:
    before = len(rows(phones.db, Message))
    taken = phones.send(STRANGER, f"1 {order_text(phones).code}\0")
    assert (taken.taken_for, taken.contact_id) == (Taken.STRANGER, None)
    assert len(rows(phones.db, Message)) == before
    assert phones.alarms() == []


def test_what_is_not_understood_is_put_before_a_person(phones: Phones) -> None:
    desk = open_desk(phones.db, phones.clock, phones.book)
    message = order_text(phones)
    taken = phones.send(message.to, "3 people injured")
    assert (taken.taken_for, taken.incident_id) == (Taken.UNCLEAR, 1)
    assert phones.alarms() == ["reply_unclear"]
    officer = desk.person()
    for address in ("/", "/incidents/1", "/messages"):
        page = said(officer.page(address))
        assert "3 people injured" in page, address
        assert message.to not in page


def test_stop_makes_a_person_unreachable_and_tells_his_agency(phones: Phones) -> None:
    message = order_text(phones)
    assert phones.send(message.to, "STOP").taken_for is Taken.STOP
    assert phones.alarms() == ["opted_out"]
    told = rows(phones.db, Message, col(Message.template) == "sms.opted_out")
    assert told
    assert {text.agency_id for text in told} == {message.agency_id}
    assert message.to not in {text.to for text in told}
    with phones.db.write() as session:
        now = recipients(session, phones.clock.now(), phones.book.alliance.tz)[message.agency_id or ""]
        assert now.contact.id != message.contact_id, "somebody else is told"
    prepare(phones.db, phones.book)  # a restart forgets nothing
    with phones.db.read() as session:
        assert not session.get_one(Contact, message.contact_id).reachable
    assert phones.send(message.to, "start").taken_for is Taken.START
    assert phones.alarms() == []


def test_two_machines_that_answer_each_other_come_to_an_end(phones: Phones) -> None:
    message = order_text(phones)
    for _ in range(WORDS_BACK + 3):
        phones.send(message.to, "1 000000")
    assert len(phones.back(message.to)) == WORDS_BACK


def test_a_text_that_breaks_the_service_is_kept_and_shown(phones: Phones) -> None:
    message = order_text(phones)
    with phones.db.write() as session:
        row = take_in.keep(session, phones.clock, Inbound("SMbad", message.to, "1"))
        assert take_in.keep(session, phones.clock, Inbound("SMbad", message.to, "1")).id == row.id
    assert phones.alarms() == ["reply_failed"]
    with phones.db.read() as session:
        assert len(list(session.exec(select(InboundMessage)))) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_word_back_fits_two_segments_in_the_persons_language(phones: Phones, lang: str) -> None:
    message = order_text(phones)
    with phones.db.write() as session:
        session.get_one(Contact, message.contact_id).lang = lang
    for body in (f"4 {message.code}", f"3 {message.code}", "1 000000"):
        phones.send(message.to, body)
    from firewatch.messaging.texts import segments

    backs = phones.back(message.to)
    assert [back.lang for back in backs] == [lang] * 3
    assert max(segments(back.body) for back in backs) <= 2
