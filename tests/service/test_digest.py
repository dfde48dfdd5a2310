"""An issued bulletin reaches every subscriber it concerns, once; its correction and its withdrawal too."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from firewatch import i18n
from firewatch.agencies.models import Contact
from firewatch.bulletins import digest, draft, record, release, wording
from firewatch.bulletins.content import Content, Document
from firewatch.bulletins.models import Bulletin, Digest
from firewatch.bulletins.wording import grade_name
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.messaging import outbox
from firewatch.messaging.channels import SMS
from firewatch.messaging.models import Alarm, Message, MessageState, SubjectKind
from firewatch.messaging.texts import TEMPLATES, segments
from firewatch.rulebook.read import Rulebook
from firewatch.subscribers.models import Ending, Subscription, SubscriptionState, Via
from firewatch.subscribers.tidy import tidy
from tests.build import rows
from tests.mail_server import html, plain
from tests.service.subscribers import ALICE, BASE, BOB, Office, open_office, to_subscribers

TODAY = date(2026, 4, 1)
WAYS = {Via.EMAIL: False, Via.SMS: True}
NOTE = {"zh": "风力有误", "en": "wrong wind"}
ZONES = ("prefecture", "kangle")


@pytest.fixture
def office(db: Database, clock: FixedClock, rulebook: Rulebook) -> Iterator[Office]:
    with open_office(db, clock, rulebook) as made:
        yield made


def subscribe(office: Office, address: str, via: Via = Via.EMAIL, **given: object) -> int:
    """A subscription that was confirmed a minute ago."""
    then = office.desk.clock.now() - timedelta(minutes=1)
    values: dict[str, object] = {"lang": "en", "zones": [], "min_grade": 1, **given}
    always = {"via": via, "address": address, "key": "k" * 43, "created_at": then, "confirmed_at": then}
    row = Subscription.model_validate({**always, **values, "state": SubscriptionState.ACTIVE})
    with office.desk.db.write() as session:
        session.add(row)
        session.flush()
        return row.id or 0


def with_grades(office: Office, row: Bulletin, grades: Sequence[int]) -> None:
    """Give the zones of a draft other grades, one after the other."""
    facts = Content.model_validate(row.content)
    zones = []
    for number, part in enumerate(facts.zones):
        days = (part.days[0].model_copy(update={"grade": grades[number % len(grades)]}), *part.days[1:])
        zones.append(part.model_copy(update={"days": days}))
    facts = facts.model_copy(update={"zones": tuple(zones)})
    row.content = facts.model_dump(mode="json")
    tz = office.desk.book.alliance.tz
    row.texts = {lang: wording.texts(facts, lang, tz).model_dump(mode="json") for lang in i18n.LANGUAGES}


def issue(office: Office, *grades: int, on: date = TODAY) -> Document:
    clock, book = office.desk.clock, office.desk.book
    with office.desk.db.write() as session:
        row = draft.draw_up(session, clock, book, on, "officer")
        with_grades(office, row, grades)
        return record.published(release.sign(session, clock, book, record.number_of(row), "officer", "值班员甲"))


def correct(office: Office, *grades: int) -> Document:
    clock, book = office.desk.clock, office.desk.book
    with office.desk.db.write() as session:
        row = release.correct(session, clock, TODAY, "officer", NOTE)
        with_grades(office, row, grades)
        return record.published(release.sign(session, clock, book, record.number_of(row), "officer", "值班员甲"))


def withdraw(office: Office) -> None:
    with office.desk.db.write() as session:
        release.withdraw(session, office.desk.clock, office.desk.book, TODAY, "officer", "值班员甲", NOTE)


def tell(office: Office, *, rounds: int = 10) -> None:
    """What the sweep does, again and again."""
    for _ in range(rounds):
        with office.desk.db.read() as session:
            due = digest.due(session, office.desk.clock.now())
        for number in due:
            with office.desk.db.write() as session:
                digest.tell(session, office.desk.clock, number, WAYS)


def told(office: Office) -> None:
    tell(office)
    office.send()


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
def test_the_letter_says_what_the_document_says(office: Office, lang: str) -> None:
    subscribe(office, ALICE, lang=lang)
    document = issue(office, 2, 4, 0, 5)
    told(office)
    [letter] = office.house.to(ALICE)
    body, content = plain(letter), document.content
    read = dict(re.findall(r"^([^:：\n]+)[：:] ?(.+)$", body.replace("\r", ""), re.MULTILINE))
    for zone in content.zones:
        assert read[getattr(zone, f"name_{lang}")] == grade_name(lang, content.scheme, zone.grade)
    assert document.texts[lang].advice in body
    assert grade_name(lang, content.scheme, content.highest) in letter["Subject"]
    assert f"{BASE}/bulletins/{TODAY}?lang={lang}" in body
    assert "值班员甲" in body
    link = letter["List-Unsubscribe"].strip().strip("<>")
    assert link in body
    assert link.replace("&", "&amp;") in html(letter)
    one_click = office.stranger.client.post(link.removeprefix(BASE), data={"List-Unsubscribe": "One-Click"})
    assert one_click.status_code == 200
    office.desk.clock.advance(days=1)
    issue(office, 5, on=TODAY + timedelta(days=1))
    told(office)
    assert len(office.house.to(ALICE)) == 1


def test_the_text_says_what_the_document_says(office: Office) -> None:
    zones = [zone.id for zone in office.desk.book.zones[:2]]
    subscribe(office, "+447700900555", Via.SMS, lang="zh", zones=zones)
    document = issue(office, 2, 4)
    told(office)
    [text] = office.phone.taken
    assert segments(text.body) <= 2
    for zone in document.content.zones:
        assert (zone.name_zh in text.body) is (zone.id in zones)
    for zone in document.content.zones[:2]:
        assert f"{grade_name('zh', document.content.scheme, zone.grade)}：{zone.name_zh}" in text.body
    assert "回TD退订" in text.body


def test_who_is_told_depends_on_his_zones_and_his_lowest_grade(office: Office) -> None:
    first, second, third = (zone.id for zone in office.desk.book.zones[:3])
    wishes = {"all-3": ([], 3), "first-3": ([first], 3), "second-4": ([second], 4), "second-5": ([second], 5)}
    wishes |= {"third-5": ([third], 5), "first-1": ([first], 1)}
    for name, (zones, grade) in wishes.items():
        subscribe(office, f"{name}@example.org", zones=zones, min_grade=grade)
    issue(office, 2, 4, 0, 1)
    told(office)
    got = {letter["To"].partition("@")[0] for letter in office.house.letters}
    assert got == {"all-3", "second-4", "third-5", "first-1"}, "a zone without data is never below"
    with office.desk.db.read() as session:
        row = session.exec(select(Digest)).one()
    assert (row.told, row.spared, row.done_at is not None) == (4, 2, True)


def test_nobody_is_told_twice_however_often_it_is_looked_at(office: Office) -> None:
    for number in range(digest.BATCH * 2 + 3):
        subscribe(office, f"villager.{number}@example.org")
    issue(office, 3)
    tell(office, rounds=1)
    assert len(office.messages()) == digest.BATCH, "a batch is one transaction"
    told(office)
    tell(office)
    office.send()
    assert len(office.house.letters) == digest.BATCH * 2 + 3
    assert len({letter["To"] for letter in office.house.letters}) == len(office.house.letters)
    with office.desk.db.write() as session:  # as if the row of the sweep had been lost
        for row in session.exec(select(Digest)).all():
            session.delete(row)
    told(office)
    assert len(office.house.letters) == digest.BATCH * 2 + 3


def test_only_who_had_confirmed_when_it_was_issued_is_told(office: Office) -> None:
    issue(office, 3)
    office.desk.clock.advance(minutes=10)
    subscribe(office, ALICE)
    told(office)
    assert not office.house.letters


def test_a_correction_reaches_who_was_told_and_whom_it_concerns_now(office: Office) -> None:
    first, second = (zone.id for zone in office.desk.book.zones[:2])
    for name, zones in (("falls", [first]), ("rises", [second]), ("never", [first])):
        subscribe(office, f"{name}@example.org", zones=zones, min_grade=5 if name == "never" else 4)
    issue(office, 4, 2)
    told(office)
    assert [letter["To"] for letter in office.house.letters] == ["falls@example.org"]
    office.desk.clock.advance(minutes=10)
    correct(office, 2, 4)
    told(office)
    corrected = office.house.letters[1:]
    assert {letter["To"] for letter in corrected} == {"falls@example.org", "rises@example.org"}
    for letter in corrected:
        assert letter["Subject"].startswith("CORRECTED")
        assert "wrong wind" in plain(letter)


def test_a_withdrawal_reaches_who_was_told_and_nobody_else(office: Office) -> None:
    subscribe(office, ALICE, min_grade=4)
    subscribe(office, BOB, min_grade=5)
    issue(office, 4)
    told(office)
    withdraw(office)
    told(office)
    first, second = office.house.letters
    assert first["To"] == second["To"] == ALICE
    assert "WITHDRAWN" in second["Subject"]
    assert "grade" not in plain(second)


def test_what_was_corrected_before_it_left_is_told_once_and_right(office: Office) -> None:
    subscribe(office, ALICE)
    issue(office, 5)
    tell(office)
    correct(office, 2)
    told(office)
    [letter] = office.house.letters
    assert letter["Subject"].startswith("CORRECTED")
    assert [row.state for row in office.messages()] == [MessageState.SUPERSEDED, MessageState.HANDED_OVER]


def test_a_digest_that_comes_back_after_its_correction_is_not_sent(office: Office) -> None:
    subscribe(office, ALICE)
    issue(office, 5)
    tell(office)
    office.house.rcpt = "451 later"
    office.letters.send_due()
    with office.desk.db.write() as session:  # signed, and not told yet
        row = release.correct(session, office.desk.clock, TODAY, "officer", NOTE)
        release.sign(session, office.desk.clock, office.desk.book, record.number_of(row), "officer", "值班员甲")
    office.house.rcpt = ""
    office.desk.clock.advance(minutes=2)
    office.send()
    assert not office.house.letters
    [message] = office.messages()
    assert (message.state, message.error) == (MessageState.DEAD, "a newer version took its place")
    assert not rows(office.desk.db, Alarm)


def test_what_is_no_longer_valid_is_not_told(office: Office) -> None:
    subscribe(office, ALICE)
    document = issue(office, 5)
    office.desk.clock.at = document.content.valid_to
    told(office)
    assert not office.messages()
    with office.desk.db.read() as session:
        assert not digest.due(session, office.desk.clock.now())


def test_a_channel_that_is_off_is_not_told_on(office: Office) -> None:
    subscribe(office, ALICE)
    subscribe(office, "+447700900555", Via.SMS)
    issue(office, 3)
    with office.desk.db.read() as session:
        [number] = digest.due(session, office.desk.clock.now())
    with office.desk.db.write() as session:
        assert digest.tell(session, office.desk.clock, number, {Via.SMS: False}) == 1
        assert digest.tell(session, office.desk.clock, number, {Via.SMS: False}) == 0
    assert [row.channel for row in office.messages()] == [SMS]
    assert "回TD" not in office.messages()[0].body


def test_who_leaves_before_it_is_sent_gets_nothing(office: Office) -> None:
    link = office.subscribe()
    office.desk.clock.advance(minutes=1)
    issue(office, 3)
    tell(office)
    office.stranger.client.post(link, data={"do": "leave"})
    office.send()
    assert len(office.house.to(ALICE)) == 1, "the one that asked to confirm"
    assert [row.state for row in office.messages()][-1] is MessageState.SUPERSEDED


def alert(office: Office) -> int:
    with office.desk.db.write() as session:
        person = session.exec(select(Contact)).first()
        assert person is not None
        given = dict.fromkeys(TEMPLATES["sms.report"].params, "7")
        new = outbox.NewMessage(SubjectKind.ALARM, 1, person, SMS, "sms.report", given)
        return outbox.put(session, office.desk.clock.now(), new).id or 0


def test_alerts_go_first_and_texts_to_subscribers_leave_the_line_free(office: Office) -> None:
    for number in range(5):
        subscribe(office, f"+44770090060{number}", Via.SMS)
    issue(office, 3)
    tell(office)
    number = alert(office)
    texts = office.texts
    texts.gap = timedelta(seconds=2)
    texts.send_due()
    assert office.phone.taken[0].message_id == number
    assert len(office.phone.taken) == 2, "the alert, and one text to a subscriber"
    texts.send_due()
    assert len(office.phone.taken) == 2, "the next waits until the line has passed it on"
    for _ in range(4):
        office.desk.clock.advance(seconds=2)
        texts.send_due()
    assert len(office.phone.taken) == 6


def test_addresses_that_do_not_exist_are_given_up_without_calling_anybody(office: Office) -> None:
    subscribe(office, ALICE)
    subscribe(office, "+447700900555", Via.SMS)
    office.house.rcpt = "550 5.1.1 no such user"
    rules = office.desk.book.bulletins.subscribers
    for day in range(3):
        issue(office, 3, on=TODAY + timedelta(days=day))
        told(office)
        with office.desk.db.write() as session:
            assert tidy(session, office.desk.clock.now(), rules) == (day == 2)
        office.desk.clock.advance(days=1)
    letter, text = office.rows()
    assert (letter.state, letter.ending, letter.address) == (SubscriptionState.ENDED, Ending.REFUSED, "")
    assert text.state is SubscriptionState.ACTIVE
    assert not rows(office.desk.db, Alarm)


def test_what_was_sent_is_forgotten_after_a_while(office: Office) -> None:
    subscribe(office, ALICE)
    issue(office, 3)
    told(office)
    rules = replace(office.desk.book).bulletins.subscribers
    for days, left in ((29, 1), (31, 0)):
        with office.desk.db.write() as session:
            tidy(session, office.desk.clock.now() + timedelta(days=days), rules)
            assert len(to_subscribers(session)) == left
    assert office.rows()[0].address == ALICE, "who subscribed stays subscribed"
    assert not rows(office.desk.db, Message)
