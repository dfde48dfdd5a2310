"""Anybody asks for bulletins and confirms it by a link or a code; nobody can be sent what he did not ask for."""

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest

from firewatch.agencies.models import Contact
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import take_in
from firewatch.dispatch.take_in import Inbound
from firewatch.messaging.models import Alarm, MessageState, Taken
from firewatch.rulebook.read import Rulebook
from firewatch.subscribers.models import Ending, SubscriptionState
from firewatch.subscribers.tidy import tidy
from tests.build import rows
from tests.mail_server import html, plain
from tests.service.console import open_desk, said
from tests.service.subscribers import ALICE, BOB, PHONE, Office, open_office

PENDING, ACTIVE, ENDED = SubscriptionState.PENDING, SubscriptionState.ACTIVE, SubscriptionState.ENDED


@pytest.fixture
def office(db: Database, clock: FixedClock, rulebook: Rulebook) -> Iterator[Office]:
    with open_office(db, clock, rulebook) as made:
        yield made


def test_it_is_off_by_default(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    stranger = open_desk(db, clock, rulebook).person(None)
    for address in ("/bulletins/subscribe", "/bulletins/subscribe/code"):
        assert "does not send bulletins" in said(stranger.page(address, 404))
    assert stranger.client.post("/bulletins/subscribe", data={"address": ALICE}).status_code == 404
    assert "/bulletins/subscribe" not in stranger.page("/bulletins")


def test_an_address_is_confirmed_by_the_link_in_its_letter(office: Office) -> None:
    assert "/bulletins/subscribe" in office.stranger.page("/bulletins")
    page = said(office.ask(lang="zh", grade="3"))
    assert "a code is on its way" in page
    link = office.link()
    [letter] = office.house.to(ALICE)
    assert "请确认订阅" in letter["Subject"]
    assert link in html(letter)
    assert "Not confirmed yet" in office.stranger.page(link), "looking confirms nothing"
    assert office.rows()[0].state is PENDING
    answer = office.stranger.client.post(link, data={"do": "confirm"})
    assert (answer.status_code, answer.headers["location"]) == (303, link)
    shown = said(office.stranger.page(link))
    assert "Your subscription is confirmed." in shown
    assert "All zones" in shown
    assert "grade 3 and above" in shown
    [row] = office.rows()
    assert (row.state, row.lang, row.zones, row.min_grade) == (ACTIVE, "zh", [], 3)
    assert office.stranger.client.post(link, data={"do": "confirm"}).status_code == 303, "twice is as good as once"


def test_a_number_is_confirmed_by_the_code_in_its_text(office: Office) -> None:
    page = office.ask(address="07700 900 555")
    assert f'value="{PHONE}"' in page
    code = office.code()
    assert code not in str([row.model_dump() for row in office.messages()]), "the code is kept nowhere"
    use = {"address": PHONE, "code": code}
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    assert office.stranger.client.post("/bulletins/subscribe/code", data=use | {"code": wrong}).status_code == 422
    answer = office.stranger.client.post("/bulletins/subscribe/code", data=use | {"code": f" {code[:4]} {code[4:]}"})
    assert answer.status_code == 303
    assert "Your subscription is confirmed." in office.stranger.page(answer.headers["location"])
    assert office.rows()[0].state is ACTIVE
    again = office.stranger.client.post("/bulletins/subscribe/code", data=use)
    assert again.status_code == 303, "a second tap does not end it"
    assert office.rows()[0].state is ACTIVE


def test_only_the_chosen_zones_are_kept(office: Office) -> None:
    office.stranger.client.post(
        "/bulletins/subscribe",
        data={"address": ALICE, "zone.kangle": "1", "zone.nowhere": "1", "all": "1", "grade": "9"},
    )
    [row] = office.rows()
    assert (row.zones, row.min_grade, row.lang) == (["kangle"], 1, "en")
    assert (
        "Choose at least one zone." in office.stranger.client.post("/bulletins/subscribe", data={"address": BOB}).text
    )


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Texts only go to numbers that begin with +44"),
        ("villager@", "Give a valid E-mail address or mobile number."),
        ("+8613800138000", "Texts only go to numbers that begin with +44"),
        ("a@b.example\r\nBcc: c@example.org", "Give a valid"),
    ],
)
def test_an_address_that_is_none_is_asked_for_again(office: Office, typed: str, told: str) -> None:
    page = office.ask(422, address=typed)
    assert told in said(page)
    assert 'value="en" selected' in page, "what was chosen stays"
    assert not office.rows()


def test_whether_an_address_is_known_is_not_told(office: Office) -> None:
    first = office.ask(address=BOB)
    office.subscribe(ALICE)
    again = office.ask(address=ALICE)
    leaving = office.ask(do="leave", address=ALICE)
    unknown = office.ask(do="leave", address="villager.c@example.org")
    texts = {said(page.split("<main", 1)[1]) for page in (first, again, leaving, unknown)}
    assert len(texts) == 1
    office.send()
    assert not office.house.to("villager.c@example.org"), "nothing goes to who never subscribed"


def test_a_new_wish_takes_the_place_of_the_old_one_when_it_is_confirmed(office: Office) -> None:
    old = office.subscribe(ALICE, grade="1")
    office.ask(address=ALICE, grade="4")
    assert [row.state for row in office.rows()] == [ACTIVE, PENDING]
    office.stranger.client.post(office.link(ALICE), data={"do": "confirm"})
    first, second = office.rows()
    assert (first.state, first.ending, first.address, first.key) == (ENDED, Ending.REPLACED, "", "")
    assert (second.state, second.min_grade) == (ACTIVE, 4)
    office.stranger.page(old, 404)


def test_an_address_cannot_be_bombed(office: Office) -> None:
    for _ in range(4):
        assert "a code is on its way" in office.ask()
        office.send()
    assert len(office.house.to(ALICE)) == 3
    assert len([row for row in office.messages() if row.state is MessageState.HANDED_OVER]) == 3
    office.ask(address=BOB)
    assert "Too many attempts" in office.ask(429, address="villager.c@example.org"), "nor many by one caller"
    office.desk.clock.advance(minutes=6)
    office.ask()
    assert len(office.messages()) == 4
    office.desk.clock.advance(days=1)
    office.ask()
    assert len(office.messages()) == 5


def test_texts_with_codes_are_bounded_whoever_asks(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    with open_office(db, clock, rulebook, texts_an_hour=2) as office:
        for number in (PHONE, "+447700900556"):
            office.ask(address=number)
        assert "try again in an hour" in office.ask(503, address="+447700900557")
        assert len(office.rows()) == 2
        assert "a code is on its way" in office.ask(address=ALICE), "letters cost nothing"


def test_a_code_cannot_be_guessed(office: Office) -> None:
    office.ask(address=PHONE)
    code = office.code()
    use = {"address": PHONE, "code": "00000000"}
    for _ in range(5):
        assert office.stranger.client.post("/bulletins/subscribe/code", data=use).status_code == 422
    right = use | {"code": code}
    assert office.stranger.client.post("/bulletins/subscribe/code", data=right).status_code == 429, "this caller waits"
    office.desk.clock.advance(minutes=6)
    answer = office.stranger.client.post("/bulletins/subscribe/code", data=right)
    assert answer.status_code == 422, "and so does the code, whoever types it"
    assert office.rows()[0].state is PENDING


def test_what_is_not_confirmed_in_time_is_over_and_forgotten(office: Office) -> None:
    office.ask()
    link = office.link()
    office.desk.clock.advance(days=1)
    office.stranger.page(link, 404)
    assert office.stranger.client.post(link, data={"do": "confirm"}).status_code == 404
    office.desk.clock.advance(days=1)
    rules = office.desk.book.bulletins.subscribers
    with office.desk.db.write() as session:
        assert tidy(session, office.desk.clock.now(), rules) == 1
    [row] = office.rows()
    assert (row.state, row.ending, row.address) == (ENDED, Ending.UNCONFIRMED, "")
    assert {message.to for message in office.messages()} == {""}
    with office.desk.db.write() as session:
        tidy(session, office.desk.clock.now() + timedelta(days=31), rules)
    assert (office.rows(), office.messages()) == ([], [])


def test_leaving_by_the_link_by_one_click_and_by_a_code(office: Office) -> None:
    for address, fields in ((ALICE, {"do": "leave"}), (BOB, {"List-Unsubscribe": "One-Click"})):
        link = office.subscribe(address)
        assert office.stranger.client.post(link, data=fields).status_code == 200
        office.stranger.page(link, 404)
        office.desk.clock.advance(minutes=6)
    assert office.stranger.client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200, "again"
    office.ask(address=PHONE)
    use = {"address": PHONE, "code": office.code()}
    office.stranger.client.post("/bulletins/subscribe/code", data=use)
    office.ask(do="leave", address=PHONE)
    answer = office.stranger.client.post("/bulletins/subscribe/code", data=use | {"code": office.code()})
    assert "your address is erased" in answer.text
    assert {(row.state, row.ending, row.address) for row in office.rows()} == {(ENDED, Ending.LEFT, "")}


def test_a_forged_link_opens_nothing(office: Office) -> None:
    link = office.subscribe()
    number, signature = link.rpartition("/")[2].split("-", 1)
    for forged in (f"{number}-{signature[:-1]}", f"{number}-{'A' * 22}", f"9{number}-{signature}", "7", "9" * 30):
        address = f"/bulletins/subscription/{forged}"
        office.stranger.page(address, 404)
        assert office.stranger.client.post(address, data={"do": "leave"}).status_code == 404
    assert office.rows()[0].state is ACTIVE


def test_a_form_of_another_site_is_refused(office: Office) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    for address in ("/bulletins/subscribe", "/bulletins/subscribe/code"):
        assert office.stranger.client.post(address, data={"address": ALICE}, headers=elsewhere).status_code == 403


def test_no_address_is_ever_logged(
    office: Office, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        office.house.rcpt = "550 5.1.1 no such user <villager.b@example.org>"
        office.ask(address=BOB)
        office.send()
        office.house.rcpt = ""
        office.subscribe()
        office.ask(address=PHONE)
        office.code()
    out, err = capfd.readouterr()
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]  # the test server's own
    logged = out + err + "\n".join(ours)
    assert "message_attempt" in logged
    assert not [who for who in ("villager", PHONE[1:]) if who in logged]


def test_a_letter_that_cannot_be_delivered_calls_nobody(office: Office) -> None:
    office.house.rcpt = "550 5.1.1 no such user"
    for _ in range(3):
        office.ask()
        office.send()
        office.desk.clock.advance(minutes=2)
    assert [row.state for row in office.messages()] == [MessageState.DEAD] * 3
    assert not rows(office.desk.db, Alarm)


def test_a_server_that_is_away_is_waited_for(office: Office) -> None:
    office.house.rcpt = "451 4.7.1 try again"
    office.ask()
    office.letters.send_due()
    assert [row.state for row in office.messages()] == [MessageState.DUE]
    office.house.rcpt = ""
    office.desk.clock.advance(minutes=1)
    office.send()
    assert len(office.house.to(ALICE)) == 1


def test_a_letter_in_doubt_is_sent_once_more_under_the_same_name(office: Office) -> None:
    office.house.cut_before_answer = True
    office.ask()
    for _ in range(40):
        office.letters.send_due()
        office.chaser.reconcile()
        office.desk.clock.advance(seconds=10)
    assert len(office.house.to(ALICE)) == 2, "better twice than never; but not for ever"
    assert len({letter["Message-ID"] for letter in office.house.to(ALICE)}) == 1
    assert [row.state for row in office.messages()] == [MessageState.DEAD]
    assert not rows(office.desk.db, Alarm)


def reply(office: Office, sender: str, body: str, number: int = 1) -> Taken:
    with office.desk.db.write() as session:
        return take_in.take_in(session, office.desk.clock, Inbound(f"SM{number}", sender, body)).taken_for


def subscribe_by_text(office: Office, number: str) -> None:
    office.ask(address=number)
    use = {"address": number, "code": office.code()}
    assert office.stranger.client.post("/bulletins/subscribe/code", data=use).status_code == 303


@pytest.mark.parametrize("word", ["STOP", "退订", "td"])
def test_a_word_by_text_ends_it(office: Office, word: str) -> None:
    subscribe_by_text(office, PHONE)
    assert reply(office, PHONE, "thank you") is Taken.STRANGER
    assert reply(office, "+447700900556", word, 2) is Taken.STRANGER
    assert office.rows()[0].state is ACTIVE
    assert reply(office, PHONE, word, 3) is Taken.STOP
    assert office.rows()[0].state is ENDED


def test_a_liaison_who_wants_no_bulletins_still_hears_of_fires(office: Office) -> None:
    liaison = office.desk.book.contacts[0]
    subscribe_by_text(office, liaison.phone)
    assert reply(office, liaison.phone, "STOP") is Taken.STOP
    assert office.rows()[0].state is ENDED
    assert all(person.reachable for person in rows(office.desk.db, Contact))
    assert reply(office, liaison.phone, "STOP", 2) is Taken.STOP
    assert not next(person for person in rows(office.desk.db, Contact) if person.id == liaison.id).reachable


def test_the_page_in_chinese_and_the_letter_in_both_languages(office: Office) -> None:
    page = said(office.desk.person(None, lang="zh").page("/bulletins/subscribe"))
    assert "订阅火险公报" in page
    for lang, address, words in (("zh", ALICE, "确认"), ("en", BOB, "Confirm on this page")):
        office.ask(address=address, lang=lang)
        office.send()
        assert words in plain(office.house.to(address)[-1])
