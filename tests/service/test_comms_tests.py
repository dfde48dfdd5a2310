"""The test of the ways to people: by hand and weekly, answered by text, link or page, and the silent named."""

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

import pytest
from sqlmodel import col

from firewatch import i18n
from firewatch.agencies.models import Contact, ContactRole
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import take_in
from firewatch.dispatch.take_in import Inbound
from firewatch.jobs import comms
from firewatch.jobs.desk import Desk as JobDesk
from firewatch.messaging import alarms, comms_tests, outbox
from firewatch.messaging.alarms import open_alarms
from firewatch.messaging.channels import SMS
from firewatch.messaging.comms_models import CommsTest, CommsTestPerson
from firewatch.messaging.line import open_line
from firewatch.messaging.models import Alarm, InboundMessage, Message, SubjectKind, Taken
from firewatch.rulebook.messages import Carrier, Messages
from firewatch.rulebook.read import Rulebook
from tests.build import report_fire, rows, set_rows, texts
from tests.service.console import Desk, open_desk, said
from tests.service.messages import MemoryChannel

WEEKLY = Messages(comms_test_day="wednesday", comms_test_at=720)
BASE = "https://firewatch.example"


@dataclass
class Round:
    """An alliance, its telephones, and what the service does by itself."""

    desk: Desk
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    channel: MemoryChannel = field(default_factory=lambda: MemoryChannel(name=SMS, status_word="delivered"))

    def __post_init__(self) -> None:
        db, clock, rules = self.desk.db, self.desk.clock, self.desk.book.messages
        self.line = open_line(db, self.channel, clock, rules, owner="me", workers=1, link_base=BASE)
        self.jobs = JobDesk(db, clock, self.desk.book, [], [self.line])

    def start(self) -> int:
        with self.desk.db.write() as session:
            return comms_tests.number_of(comms_tests.start(session, self.desk.clock, self.desk.book, "officer"))

    def send(self) -> None:
        while self.line.sender.send_due():
            pass

    def text(self, message: Message, body: str) -> InboundMessage:
        with self.desk.db.write() as session:
            return take_in.take_in(session, self.desk.clock, Inbound(f"SM{next(self.numbers)}", message.to, body))

    def asked(self) -> list[Message]:
        found: list[Message] = rows(self.desk.db, Message, col(Message.subject_kind) == SubjectKind.COMMS_TEST)
        return found

    def answered(self) -> set[str]:
        return {row.contact_id for row in rows(self.desk.db, CommsTestPerson) if row.acknowledged_at is not None}

    def alarm(self) -> Alarm | None:
        with self.desk.db.read() as session:
            return next((one for one in open_alarms(session) if one.kind == "comms_test_silent"), None)


@pytest.fixture
def run(db: Database, clock: FixedClock, rulebook: Rulebook) -> Round:
    return Round(open_desk(db, clock, replace(rulebook, messages=WEEKLY)))


def test_every_liaison_is_asked_once(run: Round) -> None:
    run.start()
    liaisons = {row.id for row in rows(run.desk.db, Contact) if row.role == ContactRole.LIAISON}
    assert {message.contact_id for message in run.asked()} == liaisons
    assert all(message.body.startswith("【测试】") for message in run.asked())


def test_it_is_answered_by_text_by_link_and_on_the_page(run: Round) -> None:
    run.start()
    run.send()
    by_text, bare, by_link, on_page, *_ = run.asked()
    assert run.text(by_text, f"1 {by_text.code}").taken_for is Taken.ANSWER
    assert run.text(bare, "收到").taken_for is Taken.ANSWER, "it is asked about nothing else"
    nobody = run.desk.person(None)
    body = next(one.body for one in run.channel.taken if one.message_id == by_link.id)
    [address] = re.findall(rf"{BASE}(/a/[\w-]+)", body)
    assert nobody.client.post(f"{address}/answer", data={"answer": "received"}).status_code == 200
    fields = {"code": on_page.code, "last": on_page.to[-4:], "answer": "received"}
    assert nobody.client.post("/ack", data=fields).status_code == 200
    expected = {one.contact_id for one in (by_text, bare, by_link, on_page)}
    assert run.answered() == expected
    page = said(run.desk.person().page("/comms-tests/1"))
    assert page.count("by text") == 2
    assert page.count("on the page") == 2


def test_it_asks_for_nothing_but_a_word_that_it_has_come(run: Round) -> None:
    run.start()
    message = run.asked()[0]
    assert run.text(message, f"2 {message.code}").taken_for is Taken.LATE
    assert run.answered() == set()
    assert run.text(message, f"1 {message.code}").taken_for is Taken.ANSWER
    assert run.text(message, f"1 {message.code}").taken_for is Taken.ANSWER, "again changes nothing"
    assert len(run.answered()) == 1


def test_a_fire_goes_first_in_the_queue_and_in_what_a_bare_digit_means(run: Round) -> None:
    run.start()
    report_fire(run.desk.db, run.desk.clock, run.desk.book)
    with run.desk.db.write() as session:
        claimed = outbox.claim(session, run.desk.clock.now(), channel=SMS, owner="x", limit=50, lease_seconds=60)
    kinds = [message.subject_kind for message in claimed]
    fires = kinds.count(SubjectKind.INCIDENT)
    assert fires == 7
    assert kinds == [SubjectKind.INCIDENT] * fires + [SubjectKind.COMMS_TEST] * (len(kinds) - fires)
    assert outbox.NewMessage.priority < comms_tests.PRIORITY
    notice = texts(run.desk.db, 1, "sms.report")[0]
    assert run.text(notice, "1").message_id == notice.id
    assert run.answered() == set()


def test_who_is_silent_is_named_when_its_time_is_over_and_late_answers_count(run: Round) -> None:
    run.start()
    first, second, *others = run.asked()
    run.text(first, f"1 {first.code}")
    run.desk.clock.advance(minutes=119)
    assert comms.end(run.jobs) == 0
    run.desk.clock.advance(minutes=1)
    assert comms.end(run.jobs) == 1
    assert comms.end(run.jobs) == 0
    alarm = run.alarm()
    assert alarm is not None
    assert alarm.params["count"] == str(len(others) + 1)
    board = said(run.desk.person().page("/"))
    with run.desk.db.read() as session:
        name = session.get_one(Contact, second.contact_id).name_en
    assert name in board
    assert run.text(second, f"1 {second.code}").taken_for is Taken.ANSWER
    alarm = run.alarm()
    assert alarm is not None
    assert (second.contact_id or "") not in alarm.params["contacts"]
    for message in others:
        run.text(message, f"1 {message.code}")
    assert run.alarm() is None, "nobody is silent any more"


def test_an_alarm_that_was_closed_stays_closed(run: Round) -> None:
    run.start()
    run.desk.clock.advance(minutes=120)
    comms.end(run.jobs)
    with run.desk.db.write() as session:
        for alarm in open_alarms(session):
            alarms.close(session, run.desk.clock.now(), alarm.id or 0, "officer")
    message = run.asked()[0]
    run.text(message, f"1 {message.code}")
    assert run.alarm() is None


def test_the_link_ends_with_the_test(run: Round) -> None:
    run.start()
    run.send()
    [address] = re.findall(rf"{BASE}(/a/[\w-]+)", run.channel.taken[0].body)
    run.desk.person(None).page(address)
    run.desk.clock.advance(minutes=120)
    comms.end(run.jobs)
    run.desk.person(None).page(address, status=404)


def test_who_has_stopped_our_texts_is_sent_none_and_is_silent(run: Round) -> None:
    person = next(row for row in rows(run.desk.db, Contact) if row.role == ContactRole.LIAISON)
    set_rows(run.desk.db, Contact, [person.id], stopped_phone=person.phone)
    assert person.name_en in said(run.desk.person().page("/comms-tests/new"))
    run.start()
    assert person.id not in {message.contact_id for message in run.asked()}
    for message in run.asked():
        run.text(message, f"1 {message.code}")
    run.desk.clock.advance(minutes=120)
    comms.end(run.jobs)
    alarm = run.alarm()
    assert alarm is not None
    assert alarm.params["contacts"] == person.id
    assert "has stopped our texts" in said(run.desk.person().page("/comms-tests/1"))


def test_the_week_has_its_test_unless_a_fire_burns_or_its_time_is_past(run: Round) -> None:
    [job] = comms.jobs(run.jobs)
    now = run.desk.clock.now()  # Wednesday noon in Linxia
    assert job.schedule.latest(now) == now
    assert comms.weekly_test(run.jobs, now - timedelta(hours=2)) == {"said": "comms_test_missed"}
    assert comms.weekly_test(run.jobs, now) == {"said": "comms_test", "number": "1"}
    assert comms.weekly_test(run.jobs, now) == {"said": "comms_test_running"}
    report_fire(run.desk.db, run.desk.clock, run.desk.book)
    assert comms.weekly_test(run.jobs, now) == {"said": "comms_test_fire"}
    assert len(rows(run.desk.db, CommsTest)) == 1


def test_no_weekly_test_without_a_day(run: Round, rulebook: Rulebook) -> None:
    never = replace(run.jobs, book=replace(rulebook, messages=Messages()))
    assert comms.jobs(never) == []
    assert "No weekly test" not in said(run.desk.person().page("/comms-tests"))


def test_an_officer_begins_it_by_hand_and_confirms_it(run: Round) -> None:
    officer = run.desk.person()
    assert "No test has been made yet" in said(officer.page("/comms-tests"))
    assert "7 people" in said(officer.page("/comms-tests/new"))
    answer = officer.press("/comms-tests/new", "Confirm: send the test to 7 people")
    assert answer.headers["location"] == "/comms-tests/1"
    assert "7 asked: 0 handed over, 0 delivered, 0 answered" in said(officer.page("/comms-tests/1"))
    assert "is under way" in said(officer.page("/comms-tests/new"))
    assert "Confirm" not in officer.page("/comms-tests/new")
    assert len(rows(run.desk.db, CommsTest)) == 1


def test_nothing_is_sent_without_a_confirmation_or_by_who_only_looks_on(run: Round) -> None:
    officer, viewer = run.desk.person(), run.desk.person("viewer")
    token = re.findall(r'name="csrf" value="([^"]+)"', officer.page("/comms-tests/new"))[0]
    assert officer.client.post("/comms-tests", data={"csrf": token}).status_code == 422
    assert "Confirm" not in viewer.page("/comms-tests/new")
    token = re.findall(r'name="csrf" value="([^"]+)"', viewer.page("/comms-tests/new"))[0]
    assert viewer.client.post("/comms-tests", data={"csrf": token, "confirmed": "yes"}).status_code == 403
    assert rows(run.desk.db, CommsTest) == []


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
def test_the_results_by_agency_carrier_and_channel(run: Round, lang: str) -> None:
    mine = Carrier(name_zh="甲通信", name_en="Carrier A", prefixes=["+447700900104"])
    run.desk.app.state.firewatch = replace(
        run.desk.app.state.firewatch, book=replace(run.desk.book, messages=Messages(carrier=[mine]))
    )
    run.start()
    run.desk.clock.advance(seconds=30)
    run.send()
    message = next(one for one in run.asked() if one.to == "+447700900104")
    run.desk.clock.advance(minutes=5)
    run.text(message, f"1 {message.code}")
    page = said(run.desk.person(lang=lang).page("/comms-tests/1"))
    wanted = {
        "zh": ["甲通信 1 1 1 1 30 秒 6 分", "不详 6 6 6 0 30 秒 –", "短信 7 7 7 1", "康乐县林长制办公室 1 1 1 1 30 秒"],
        "en": ["Carrier A 1 1 1 1 30 s 6 min", "unknown 6 6 6 0 30 s –", "text message 7 7 7 1", "Silent: "],
    }
    for each in wanted[lang]:
        assert each in page, page
