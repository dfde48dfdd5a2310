"""One search over everything, in both languages: grouped, linked, with the way to the rest; numbers stay masked."""

import re

import pytest
from sqlmodel import select

from firewatch.agencies.models import Contact
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.incidents.models import Incident, IncidentState
from firewatch.messaging.models import Message
from firewatch.rulebook.read import Rulebook
from firewatch.web.lists.search import MOST, SHOWN
from tests.service import lists
from tests.service.console import Desk, open_desk, said


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    office = open_desk(db, clock, rulebook)
    lists.fill(office)
    return office


def groups(page: str) -> dict[str, list[str]]:
    """The links of each group that was found."""
    found = re.findall(r'<section class="panel" id="found-(\w+)"(.*?)</section>', page, re.DOTALL)
    return {name: re.findall(r'<li><a href="([^"]+)"', body) for name, body in found}


def test_a_place_is_found_in_whatever_language_it_is_typed(desk: Desk) -> None:
    people = [desk.person(lang=lang) for lang in ("zh", "en")]
    for words in ("康乐", "kangle", "KANGLE"):
        for person in people:
            check_kangle(groups(person.page(f"/search?q={words}")))


def check_kangle(found: dict[str, list[str]]) -> None:
    assert list(found) == ["incidents", "resources", "agencies", "contacts", "zones", "warnings"]
    assert found["incidents"] == ["/incidents/1"]
    assert found["agencies"] == ["/roster/kangle"]
    assert found["contacts"][0] == "/roster/kangle"
    assert found["zones"] == ["/lists/grades?q=kangle"]
    assert all(link.startswith(("/resources/crew/kangle", "/resources/vehicle/kangle")) for link in found["resources"])


def test_every_link_leads_somewhere(desk: Desk) -> None:
    officer = desk.person()
    for words in ("kangle", "2026-04-01"):
        page = officer.page(f"/search?q={words}")
        for links in groups(page).values():
            for link in links:
                assert officer.client.get(link.replace("&amp;", "&")).status_code == 200, link


def test_a_fire_is_found_first_by_its_number(desk: Desk) -> None:
    with desk.db.write() as session:
        for _ in range(2 * MOST):
            fire = Incident(lat=35.3, lon=103.65, organiser_agency_id="kangle", opened_at=desk.clock.now())
            fire.state = IncidentState.CLOSED
            session.add(fire)
    officer = desk.person()
    for words in ("2", "%232", "%EF%BC%92", "2号", "火情2", "2%20号火情", "Incident%202", "No.%202"):
        assert groups(officer.page(f"/search?q={words}"))["incidents"][0] == "/incidents/2", words


def test_a_text_is_found_by_its_code_only(desk: Desk) -> None:
    officer = desk.person()
    with desk.db.read() as session:
        code = session.exec(select(Message.code).where(Message.incident_id == 2)).first()
    found = groups(officer.page(f"/search?q={code}"))
    assert found == {"incidents": ["/incidents/2"], "messages": [f"/messages?q={code}"]}
    assert "messages" not in groups(officer.page("/search?q=kangle")), "every text to Kangle were too much"


def test_bulletins_are_found_by_day(desk: Desk) -> None:
    officer = desk.person()
    for words, days in (
        ("2026-04-01", ["2026-04-01"]),
        ("2026年4月1日", ["2026-04-01"]),
        ("４月１日", ["2026-04-01"]),
        ("3月31日", ["2026-03-31"]),
        ("2026年", ["2026-04-01", "2026-03-31"]),
        ("2026-03", ["2026-03-31"]),
        ("2026-02-30", []),
    ):
        found = groups(officer.page(f"/search?q={words}"))
        assert found.get("bulletins", []) == [f"/bulletins/{on}" for on in days], words


def test_a_person_is_found_by_the_last_four_digits_and_shown_masked(desk: Desk) -> None:
    officer = desk.person()
    with desk.db.read() as session:
        phone = session.get_one(Contact, "kangle-liaison").phone
    page = officer.page(f"/search?q={phone[-4:]}")
    assert "/roster/kangle" in groups(page)["contacts"]
    assert "•" in page
    assert phone not in page
    for more in (phone, phone[1:], phone[-5:], phone[-3:]):
        assert "contacts" not in groups(officer.page(f"/search?q={more.replace('+', '%2B')}")), more


def test_more_than_a_few_are_counted_and_the_list_has_them(desk: Desk) -> None:
    officer = desk.person()
    page = officer.page("/search?q=crew")
    found = groups(page)["resources"]
    assert len(found) == MOST
    more = re.search(r'<a href="(/lists/resources\?q=crew)">All (\d+)</a>', page)
    assert more is not None
    assert int(more[2]) > MOST
    assert f"of {more[2]}" in said(officer.page(more[1]))


def test_nothing_asked_and_nothing_found_tell_what_may_be_searched(desk: Desk) -> None:
    for person, nothing in ((desk.person(), "Nothing was found for"), (desk.person(lang="zh"), "没有找到")):
        for address in ("/search", "/search?q=", "/search?q=%20"):
            page = person.page(address)
            assert nothing not in page
            assert page.count("<dt>") >= len(SHOWN)
        page = person.page("/search?q=<b>xyzzy%25")
        assert nothing in page
        assert "<b>xyzzy" not in page
        assert page.count("<dt>") >= len(SHOWN)
    page = desk.person("viewer").page("/search?q=smoke")
    assert list(groups(page)) == ["incidents"]


def test_the_box_is_on_every_page_of_somebody_signed_in(desk: Desk) -> None:
    box = '<form class="find" method="get" action="/search" role="search" aria-label="Search everything (key /)">'
    for address in ("/", "/messages", "/lists", "/search"):
        assert box in desk.person().page(address)
    assert box not in desk.person(None).page("/bulletins")
    assert desk.person(None).client.get("/search?q=kangle").status_code == 303


def test_what_is_too_long_is_cut(desk: Desk) -> None:
    page = desk.person().page("/search?q=%E2%80%8B%00" + "x" * 500)
    assert len(said(page).split("Nothing was found for")[1].split("”")[0]) < 110
