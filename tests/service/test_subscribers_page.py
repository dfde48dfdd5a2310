"""The officer's page of subscribers: how many and how sending goes, nobody's address, and the end of one."""

from collections.abc import Iterator

import pytest
from httpx2 import Response

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.rulebook.read import Rulebook
from firewatch.subscribers.models import Ending, SubscriptionState, Via
from tests.service.console import Person, forms, said
from tests.service.subscribers import ALICE, BOB, Office, open_office
from tests.service.test_digest import issue, subscribe, tell, told

PHONE = "+447700900555"


@pytest.fixture
def office(db: Database, clock: FixedClock, rulebook: Rulebook) -> Iterator[Office]:
    with open_office(db, clock, rulebook) as made:
        yield made


def test_who_is_not_signed_in_sees_nothing(office: Office) -> None:
    number = subscribe(office, ALICE)
    for address in ("/subscribers", f"/subscribers/{number}"):
        assert office.stranger.client.get(address).status_code == 303
    assert "/subscribers" not in office.stranger.page("/bulletins")


def test_figures_by_zone_and_channel(office: Office) -> None:
    zone = office.desk.book.zones[0]
    subscribe(office, ALICE, zones=[zone.id])
    subscribe(office, BOB)
    subscribe(office, PHONE, Via.SMS, zones=[zone.id])
    office.ask(address="villager.c@example.org")
    page = office.desk.person().page("/subscribers")
    text = said(page)
    assert "All together 2 1" in text
    assert "All zones, also those to come 1 0" in text
    assert f"{zone.name_en} 1 1" in text
    assert "1 more wait to be confirmed." in text
    assert "v•••@example.org" in text
    assert not [address for address in (ALICE, BOB, PHONE) if address in page]


def test_what_was_given_up_is_counted_and_said_in_words(office: Office) -> None:
    subscribe(office, ALICE)
    subscribe(office, PHONE, Via.SMS)
    issue(office, 3)
    office.house.rcpt = "550 5.1.1 no such user"
    told(office)
    officer = office.desk.person()
    assert "smtp rcpt 550 5.1.1: no such mailbox: 1" in said(officer.page("/subscribers")).replace("said ", "")
    assert "0 waiting, 1 given up within seven days" in said(officer.page("/messages"))
    assert "no such mailbox" not in officer.page("/messages"), "the list is of texts to the alliance"
    office.desk.clock.advance(days=8)
    assert "0 waiting, 0 given up" in said(office.desk.person().page("/messages"))


def test_one_is_removed_after_a_second_look(office: Office) -> None:
    number = subscribe(office, ALICE)
    issue(office, 3)
    tell(office)
    officer, viewer = office.desk.person(), office.desk.person("viewer")
    assert "1 waiting" in said(officer.page("/subscribers"))
    assert "Remove this subscription" not in viewer.page(f"/subscribers/{number}")
    page = officer.page(f"/subscribers/{number}")
    assert "This cannot be undone." in said(page)
    assert ALICE not in page
    officer.press(f"/subscribers/{number}", "Remove this subscription")
    [row] = office.rows()
    assert (row.state, row.ending, row.ended_by, row.address) == (
        SubscriptionState.ENDED,
        Ending.REMOVED,
        "officer",
        "",
    )
    assert "0 waiting" in said(officer.page("/subscribers"))
    officer.page(f"/subscribers/{number}", 404)
    office.send()
    assert not office.house.letters


def find(person: Person, typed: str) -> Response:
    form = next(form for form in forms(person.page("/subscribers")) if form.action == "/subscribers/find")
    answer: Response = person.client.post(form.action, data=form.values | {"address": typed})
    return answer


def test_somebody_who_telephones_is_found_by_his_address(office: Office) -> None:
    first, second = subscribe(office, ALICE), subscribe(office, PHONE, Via.SMS)
    officer = office.desk.person()
    for typed, number in ((f" {ALICE.upper().replace('VILLAGER.A', 'villager.a')}", first), ("07700 900555", second)):
        answer = find(officer, typed)
        assert answer.headers["location"] == f"/subscribers/{number}"
    assert "There is no subscription of this address." in find(officer, BOB).text
    assert "There is no subscription" in find(officer, "nobody").text
