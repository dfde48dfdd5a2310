"""The frame on somebody else's site: what it shows in every state, what may frame it, the line that puts it there."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest

from firewatch.bulletins import draft, record, release
from firewatch.bulletins.content import Document
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.rulebook.read import Rulebook
from tests.service import outlook
from tests.service.console import Desk, Person, open_desk, said

TODAY = date(2026, 4, 1)
BEFORE, IN_FORCE, AFTER = (datetime(2026, 4, day, hour, tzinfo=UTC) for day, hour in ((1, 4), (2, 4), (2, 12)))
"""Valid from 20:00 to 20:00 local time, which is 12:00 UTC."""


@pytest.fixture
def empty(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


@pytest.fixture
def desk(empty: Desk) -> Desk:
    outlook.fetch(empty.db, empty.clock, empty.book)
    outlook.make(empty.db, empty.clock, empty.book)
    publish(empty, TODAY)
    empty.clock.at = IN_FORCE
    return empty


def publish(desk: Desk, on: date) -> None:
    with desk.db.write() as session:
        row = draft.draw_up(session, desk.clock, desk.book, on)
        release.sign(session, desk.clock, desk.book, record.number_of(row), "officer", "值班员甲")


@pytest.fixture
def reader(desk: Desk) -> Person:
    return desk.person(None)


def bulletin(reader: Person) -> Document:
    return Document.model_validate_json(reader.client.get(f"/bulletins/{TODAY}.json").content)


def shown(page: str) -> list[tuple[str, int]]:
    """The zones with their grades."""
    found = re.findall(r'<li><span>([^<]+)</span> <strong class="grade g(\d)">', page)
    return [(unescape(name), int(grade)) for name, grade in found]


def test_one_zone_or_all_with_the_grades_of_the_bulletin_in_force(reader: Person) -> None:
    zones = bulletin(reader).content.zones
    assert shown(reader.page("/widget?lang=en")) == [(zone.name_en, zone.grade) for zone in zones]
    assert shown(reader.page("/widget?zone=kangle&lang=zh")) == [("康乐县", zones[0].grade)]
    page = reader.page("/widget?zone=kangle&lang=en")
    assert "Valid until 2 April 20:00" in said(page)
    assert f'href="/bulletins/{TODAY}?lang=en" target="_blank" rel="noopener"' in page
    assert "Demonstration, not real" in page
    assert "No data" not in page


def test_the_language_is_the_addresss_alone(desk: Desk) -> None:
    for person in (desk.person(None, "en"), desk.person("officer", "en")):
        person.client.cookies.set("firewatch_lang", "en")
        assert "康乐县" in person.page("/widget?zone=kangle"), "the site's own"
        assert "Kangle County" in person.page("/widget?zone=kangle&lang=en")
        assert "康乐县" in person.page("/widget?zone=kangle&lang=xx")


def test_before_it_begins_the_one_in_force_is_shown_or_that_it_will_begin(desk: Desk, reader: Person) -> None:
    desk.clock.at = BEFORE
    page = reader.page("/widget?lang=en")
    assert "Valid from 1 April 20:00" in said(page)
    assert len(shown(page)) == 6
    desk.clock.at = IN_FORCE
    outlook.fetch(desk.db, desk.clock, desk.book)
    outlook.make(desk.db, desk.clock, desk.book)
    publish(desk, date(2026, 4, 2))
    assert f"/bulletins/{TODAY}?" in reader.page("/widget"), "tomorrow's is out, today's is in force"
    desk.clock.at = AFTER
    assert "/bulletins/2026-04-02?" in reader.page("/widget")


def test_what_is_over_shows_no_grade(desk: Desk, reader: Person) -> None:
    desk.clock.at = AFTER
    page = reader.page("/widget?zone=kangle&lang=en")
    assert "No bulletin is in force: the last one ended on 2 April 20:00." in said(page)
    assert not shown(page)
    assert 'class="grade' not in page
    assert f"/bulletins/{TODAY}?lang=en" in page
    desk.clock.at = datetime(2026, 7, 1, tzinfo=UTC)
    assert "It is not fire season: no bulletins are made." in said(reader.page("/widget?lang=en"))


def test_without_any_bulletin_that_is_said(empty: Desk) -> None:
    page = empty.person(None).page("/widget?lang=en")
    assert "No bulletin has been published yet." in said(page)
    assert 'href="/bulletins?lang=en"' in page


def test_no_data_is_told_as_such(empty: Desk) -> None:
    publish(empty, TODAY)
    page = empty.person(None).page("/widget?zone=kangle&lang=en")
    assert shown(page) == [("Kangle County", 0)]
    assert "No data is not no danger." in page


def test_a_withdrawn_bulletin_shows_no_grade(desk: Desk, reader: Person) -> None:
    note = {"zh": "资料有误", "en": "figures <were> wrong"}
    with desk.db.write() as session:
        release.withdraw(session, desk.clock, desk.book, TODAY, "officer", "值班员甲", note)
    page = reader.page("/widget?lang=en")
    assert "The bulletin has been withdrawn: figures &lt;were&gt; wrong" in page
    assert not shown(page)


def test_a_zone_that_is_none_is_told_in_the_frame(reader: Person) -> None:
    answer = reader.client.get("/widget?zone=<b>&lang=en")
    assert answer.status_code == 404
    assert "There is no zone “&lt;b&gt;”." in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers


def test_this_address_alone_may_be_framed(reader: Person) -> None:
    headers = reader.client.get("/widget").headers
    assert "x-frame-options" not in headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors *" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for address in ("/bulletins", "/bulletins/widget", f"/bulletins/{TODAY}", "/sign-in", "/widgets", "/widget/"):
        others = reader.client.get(address).headers
        assert others["x-frame-options"] == "DENY", address
        assert "frame-ancestors 'none'" in others["content-security-policy"], address


def test_it_is_kept_no_longer_than_it_is_true_and_is_the_same_for_everybody(desk: Desk, reader: Person) -> None:
    first = reader.client.get("/widget?lang=zh")
    assert first.headers["cache-control"] == "public, max-age=300"
    assert first.headers["vary"] == "Accept-Encoding"
    assert "set-cookie" not in first.headers
    assert desk.person("officer").client.get("/widget?lang=zh").content == first.content
    again = reader.client.get("/widget?lang=zh", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    desk.clock.at = datetime(2026, 4, 2, 11, 59, 20, tzinfo=UTC)
    assert reader.client.get("/widget?lang=zh").headers["cache-control"] == "public, max-age=40"


def test_it_is_light_and_runs_nothing(reader: Person) -> None:
    page = reader.client.get("/widget?zone=kangle")
    assert not re.search(r"<script|\son\w+=|javascript:|<style|\sstyle=|<form", page.text)
    sheets = re.findall(r'href="(/static/[^"]+)"', page.text)
    assert len(page.content) + sum(len(reader.client.get(each).content) for each in sheets) < 8000


def test_the_line_is_one_and_leads_to_the_frame_it_previews(reader: Person) -> None:
    assert "/bulletins/widget" in reader.page("/bulletins")
    page = reader.page("/bulletins/widget?zone=hezheng&of=zh")
    (line,) = re.findall(r"<textarea[^>]*>([^<]*)</textarea>", page)
    pasted = unescape(line)
    assert "\n" not in pasted
    (source,) = re.findall(r'<iframe src="([^"]+)"', pasted)
    address = unescape(source)
    assert address == "http://testserver/widget?zone=hezheng&lang=zh"
    assert shown(reader.page(address.removeprefix("http://testserver")))[0][0] == "和政县"
    (preview,) = re.findall(r'<iframe src="([^"]+)"', page)
    assert address.endswith(unescape(preview))
    assert "lang=en" in reader.page("/bulletins/widget?zone=nowhere")
    assert "<option selected" not in reader.page("/bulletins/widget?zone=nowhere")
