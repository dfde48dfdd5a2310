"""What readers and the caches between may keep: the public's pages and files, and nothing of somebody who signed in."""

import gzip
import re
from datetime import date

import pytest

from firewatch.bulletins import draft, record, release
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.rulebook.read import Rulebook
from tests.service import outlook
from tests.service.console import Desk, Person, open_desk

TODAY = date(2026, 4, 1)
WEEK = "/bulletins/weeks/2026-W14"
PAGES = (
    "/bulletins",
    f"/bulletins/{TODAY}",
    "/bulletins/summaries",
    WEEK,
    "/bulletins/seasons/2025",
)
FILES = (f"{WEEK}.json", f"{WEEK}.pdf", "/bulletins.atom", "/warnings.ics")
LIGHT = 40_000
"""Bytes of a page with its styles as they come over the line to an old phone."""


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    made = open_desk(db, clock, rulebook)
    outlook.fetch(db, clock, rulebook)
    outlook.make(db, clock, rulebook)
    publish(made)
    return made


def publish(desk: Desk, note: str = "") -> None:
    with desk.db.write() as session:
        if note:
            row = release.correct(session, desk.clock, TODAY, "officer", {"zh": note, "en": note})
        else:
            row = draft.draw_up(session, desk.clock, desk.book, TODAY)
        release.sign(session, desk.clock, desk.book, record.number_of(row), "officer", "值班员甲")


@pytest.fixture
def reader(desk: Desk) -> Person:
    return desk.person(None)


def vary(headers: object) -> set[str]:
    return {each.strip().lower() for each in str(headers["vary"]).split(",")}  # type: ignore[index]  # headers


def test_everybodys_pages_and_files_are_kept_and_known_by_a_tag(desk: Desk, reader: Person) -> None:
    for address in (*PAGES, *FILES):
        first = reader.client.get(address)
        assert first.status_code == 200, address
        assert first.headers["cache-control"] == "public, max-age=300"
        assert {"accept-language", "cookie"} <= vary(first.headers)
        desk.clock.advance(seconds=90)
        tag = first.headers["etag"]
        for said in (tag, f'"else", {tag}', tag.removeprefix("W/")):
            again = reader.client.get(address, headers={"if-none-match": said})
            assert (again.status_code, again.content) == (304, b""), address
            assert again.headers["cache-control"] == "public, max-age=300"
        other = reader.client.get(address, headers={"if-none-match": tag, "accept-language": "zh"})
        assert other.status_code == (304 if address.endswith(".json") else 200), address


def test_a_correction_has_another_tag(desk: Desk, reader: Person) -> None:
    address = f"/bulletins/{TODAY}"
    tag = reader.client.get(address).headers["etag"]
    publish(desk, "wind corrected")
    again = reader.client.get(address, headers={"if-none-match": tag})
    assert again.status_code == 200
    assert "wind corrected" in again.text


def test_nothing_of_somebody_who_signed_in_is_kept(desk: Desk) -> None:
    officer = desk.person()
    for address in (*PAGES, f"/bulletins/{TODAY}/desk"):
        answer = officer.client.get(address)
        assert answer.headers["cache-control"] == "no-store", address
        assert "etag" not in answer.headers
        assert "Officer A" in answer.text


def test_a_language_that_is_chosen_is_remembered_for_its_reader_alone(reader: Person) -> None:
    chosen = reader.client.get(f"/bulletins/{TODAY}?lang=zh")
    assert chosen.headers["cache-control"] == "private, max-age=300"
    assert "firewatch_lang=zh" in chosen.headers["set-cookie"]
    after = reader.client.get(f"/bulletins/{TODAY}")
    assert 'lang="zh-CN"' in after.text
    assert after.headers["cache-control"].startswith("public")
    assert "set-cookie" not in after.headers


def test_what_is_not_there_is_not_kept(reader: Person) -> None:
    for address in ("/bulletins/2020-01-01", "/bulletins/weeks/2020-W01"):
        answer = reader.client.get(address)
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


def test_the_publics_pages_run_no_script_and_are_light(reader: Person) -> None:
    for address in PAGES:
        page = reader.client.get(address, headers={"accept-encoding": "identity"})
        assert not re.search(r"<script|\son\w+=|javascript:|<style|\sstyle=", page.text)
        packed = reader.client.get(address)
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.text == page.text
        assert packed.headers["etag"] == page.headers["etag"]
        sheets = re.findall(r'href="(/static/[^"]+)"', page.text)
        whole = len(gzip.compress(page.content)) + sum(len(reader.client.get(each).content) for each in sheets)
        assert whole < LIGHT, (address, whole)


def test_the_labels_stand_on_the_publics_pages_too(desk: Desk, reader: Person) -> None:
    for address in PAGES:
        assert "Demonstration" in reader.page(address)
        assert "Not real weather" in reader.page(address)
    assert "Sign out" in desk.person().page(PAGES[0])
