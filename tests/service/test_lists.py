"""Lists: filtered, sorted, paged by what stands in the address, and taken out as files of the same rows."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from openpyxl import load_workbook
from sqlmodel import col, select

from firewatch import i18n
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.incidents.models import FireClass, Incident, IncidentState
from firewatch.messaging.models import InboundMessage, Message, MessageState, Taken
from firewatch.rulebook.read import Rulebook
from firewatch.web.lists import files
from firewatch.web.lists.listing import PAGE_ROWS
from tests.build import report_fire
from tests.service.console import Desk, Person, forms, open_desk, said


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


@pytest.fixture
def fires(desk: Desk) -> Desk:
    """Four fires: in Kangle, in Jishishan, in Kangle a day later and over, outside of the region."""
    places = ((35.30, 103.65), (35.70, 102.90), (35.32, 103.60), (40.0, 110.0))
    finders = ("kangle", "jishishan", "kangle", "hezheng")
    for number, (place, agency) in enumerate(zip(places, finders, strict=True), start=1):
        said_of_it = f"smoke no. {number}, =1+1"
        report_fire(desk.db, desk.clock, desk.book, place=place, agency=agency, description=said_of_it)
        desk.clock.advance(days=1)
    with desk.db.write() as session:
        third = session.get_one(Incident, 3)
        third.state, third.fire_class, third.closed_at = IncidentState.CLOSED, FireClass.MAJOR, desk.clock.now()
    return desk


def add_fires(desk: Desk, count: int) -> None:
    with desk.db.write() as session:
        for number in range(count):
            opened = desk.clock.now() - timedelta(minutes=number)
            session.add(
                Incident(lat=35.3, lon=103.65, zone_id="kangle", organiser_agency_id="kangle", opened_at=opened)
            )


def numbers(page: str) -> list[int]:
    """The numbers in the first column, which lead to the fires."""
    return [int(number) for number in re.findall(r'<th scope="row"[^>]*><a href="/incidents/\d+">(\d+)</a>', page)]


def taken_out(person: Person, address: str) -> list[dict[str, str]]:
    answer = person.client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_fires_are_listed_the_newest_first(fires: Desk) -> None:
    officer = fires.person()
    page = officer.page("/lists/incidents")
    assert numbers(page) == [4, 3, 2, 1]
    assert "1–4 of 4" in said(page)
    assert '<th scope="col" aria-sort="descending"><a href="?sort=opened">Opened' in page
    assert page.count("aria-sort") == 1
    assert '<a href="/lists/incidents">' in officer.page("/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=kangle", [3, 1]),
        ("q=康乐", [3, 1]),
        ("q=%EF%BC%93", [3]),  # a full-width 3
        ("q=2", [2]),
        ("q=smoke+no.+4", [4]),
        ("q=kangle+closed", [3]),
        ("q=100%25", []),
        ("q=no_1", []),  # no wildcard of the database
        ("state=closed", [3]),
        ("state=nonsense", [4, 3, 2, 1]),
        ("since=2026-04-02&until=2026-04-03", [3, 2]),
        ("until=2026-04-01", [1]),
        ("sort=number", [1, 2, 3, 4]),
        ("sort=zone&q=smoke", [2, 3, 1, 4]),  # Jishishan, Kangle twice, what lies in no zone last
        ("sort=-zone", [3, 1, 2, 4]),
        ("sort=-class", [3, 4, 2, 1]),
        ("sort=closed", [3, 4, 2, 1]),
        ("sort=-lat", [4, 2, 3, 1]),
        ("sort=nonsense", [4, 3, 2, 1]),
    ],
)
def test_fires_are_found_and_put_in_order(fires: Desk, query: str, found: list[int]) -> None:
    officer = fires.person()
    page = officer.page(f"/lists/incidents?{query}")
    assert numbers(page) == found
    assert [int(row["Number"]) for row in taken_out(officer, f"/lists/incidents.csv?{query}")] == found
    assert ("Nothing fits what you asked for." in page) == (not found)


def test_a_fire_is_found_by_the_code_of_a_text(fires: Desk) -> None:
    with fires.db.read() as session:
        code = session.exec(select(Message.code).where(Message.incident_id == 2)).first()
    assert code is not None
    assert numbers(fires.person().page(f"/lists/incidents?q={code}")) == [2]


def test_a_day_that_is_none_is_refused(desk: Desk) -> None:
    for query, told in (("since=yesterday", "write the day as YYYY-MM-DD"), ("until=9999-12-31", "choose a day")):
        assert told in desk.person().page(f"/lists/incidents?{query}", status=422)


def test_pages_hold_every_row_once(desk: Desk) -> None:
    add_fires(desk, 2 * PAGE_ROWS + 7)
    officer, address, seen = desk.person(), "/lists/incidents?sort=zone", []
    for number in (1, 2, 3):
        page = officer.page(address)
        seen += numbers(page)
        assert f"page {number} of 3" in said(page)
        onward = re.search(r'<a rel="next" href="([^"]+)"', page)
        assert (onward is None) == (number == 3)
        address = f"/lists/incidents{onward[1].replace('&amp;', '&')}" if onward else ""
    assert sorted(seen) == list(range(1, 2 * PAGE_ROWS + 8))
    assert len(taken_out(officer, "/lists/incidents.csv")) == 2 * PAGE_ROWS + 7
    assert "page 3 of 3" in said(officer.page("/lists/incidents?page=99"))
    assert "page 1 of 3" in said(officer.page("/lists/incidents?page=-1x&sort=number")), "what is no page is the first"


def test_the_database_hands_over_one_page_only(desk: Desk) -> None:
    add_fires(desk, 3 * PAGE_ROWS)
    officer = desk.person()
    with desk.db.read() as session:
        assert session.exec(select(Incident)).all()
    loaded = _loads(desk, lambda: officer.page("/lists/incidents?page=2"))
    assert loaded == PAGE_ROWS


def _loads(desk: Desk, do: Callable[[], object]) -> int:
    """How many fires a page takes out of the database."""
    from sqlalchemy import event

    rows: list[object] = []

    def count(target: object, context: object) -> None:
        del context
        rows.append(target)

    event.listen(Incident, "load", count)
    try:
        with desk.db.write() as session:  # none of them is an open fire, which the page's bar counts
            for row in session.exec(select(Incident)):
                row.state = IncidentState.CLOSED
        rows.clear()
        do()
    finally:
        event.remove(Incident, "load", count)
    return len(rows)


def test_a_file_is_in_the_readers_language_and_the_zones_clock(fires: Desk) -> None:
    rows = taken_out(fires.person(lang="zh"), "/lists/incidents.csv?sort=number")
    assert rows[0]["编号"] == "1"
    assert rows[0]["区域"] == "康乐县"
    assert rows[0]["接报时间"] == "2026-04-01T12:00:00+08:00"
    assert rows[0]["结束时间"] == "", "nobody knows is not zero"
    assert rows[0]["等级"] == "", "no data is not zero"
    assert (rows[3]["纬度"], rows[3]["区域"]) == ("40.0", "联防区以外")
    answer = fires.person().client.get("/lists/incidents.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="incidents-2026-04-05.csv"'


def test_a_workbook_has_days_and_numbers(fires: Desk) -> None:
    book = load_workbook(io.BytesIO(fires.person().client.get("/lists/incidents.xlsx?sort=number").content))
    sheet = book["All fires"]
    head, first = ([cell.value for cell in row] for row in list(sheet)[:2])
    assert "Opened (UTC+08:00)" in head
    row = dict(zip(head, first, strict=True))
    assert row["Opened (UTC+08:00)"] == datetime(2026, 4, 1, 12, 0)  # noqa: DTZ001 - a workbook's times have no zone
    assert row["Number"] == 1
    assert row["Closed (UTC+08:00)"] is None


def test_geojson_is_as_rfc_7946_has_it(fires: Desk) -> None:
    answer = fires.person().client.get("/lists/incidents.geojson?q=kangle&sort=number")
    assert answer.headers["content-type"] == "application/geo+json"
    made = json.loads(answer.content)
    assert made["type"] == "FeatureCollection"
    first = made["features"][0]
    assert first["geometry"] == {"type": "Point", "coordinates": [103.65, 35.3]}
    assert first["properties"]["opened"] == "2026-04-01T12:00:00+08:00"
    assert first["properties"]["grade"] is None
    assert first["properties"]["label"] == "Incident 1 Kangle County"
    assert len(made["features"]) == 2


def test_a_list_without_places_is_no_map(desk: Desk) -> None:
    officer = desk.person()
    assert "has no places" in officer.page("/lists/messages.kml", status=404)
    assert "there are csv, xlsx, geojson, kml" in officer.page("/lists/incidents.pdf", status=404)
    assert "there is no list" in officer.page("/lists/nonsense", status=404)
    assert "there is no list" in officer.page("/lists/nonsense.csv", status=404)


def test_too_many_rows_for_a_file_are_told(fires: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {ending: replace(form, most=3) for ending, form in files.FORMS.items()}
    monkeypatch.setattr(files, "FORMS", few)
    officer = fires.person()
    assert "4 rows are too many" in officer.page("/lists/incidents.csv", status=422)
    assert len(taken_out(officer, "/lists/incidents.csv?since=2026-04-02")) == 3


def test_messages_are_found_and_taken_out_masked(fires: Desk) -> None:
    with fires.db.write() as session:
        messages = session.exec(select(Message).order_by(col(Message.id))).all()
        messages[0].state, messages[0].error, messages[0].body = MessageState.DEAD, "30003", "=HYPERLINK(1)"
        number, code = messages[0].to, messages[0].code
        count = len(messages)
    officer = fires.person()
    page = officer.page(f"/messages?q={code}")
    assert "=HYPERLINK(1)" in page
    assert "1–1 of 1" in said(page)
    rows = taken_out(officer, "/lists/messages.csv")
    assert len(rows) == count
    row = next(row for row in rows if row["Code"] == code)
    assert row["Text"] == "'=HYPERLINK(1)"
    assert row["State"] == "given up"
    assert row["Phone"].endswith(number[-3:])
    assert row["Finished"] == ""
    everything = officer.client.get("/lists/messages.csv").text + officer.client.get("/messages").text
    assert number not in everything
    assert number[4:10] not in everything
    assert officer.client.get("/lists/messages?q=x").headers["location"] == "/messages?q=x"
    assert "Nothing" in said(officer.page(f"/messages?q={number[1:]}")), "nobody finds a text by a number"


def test_messages_sort_by_the_readers_names(fires: Desk) -> None:
    for lang in i18n.LANGUAGES:
        names = [
            row[i18n.text(lang, "messages.to")]
            for row in taken_out(fires.person(lang=lang), "/lists/messages.csv?sort=to")
        ]
        keys = [name.casefold().encode("gb18030") for name in names]
        assert len(set(keys)) > 3
        assert all(a <= b for a, b in pairwise(keys))


def test_texts_that_came_in_are_listed(fires: Desk, clock: FixedClock) -> None:
    with fires.db.write() as session:
        for number, (body, contact) in enumerate((("1 123456", "kangle-liaison"), ("你好", None))):
            session.add(
                InboundMessage(
                    provider_id=f"p{number}",
                    sender="+447700900943",
                    body=body,
                    received_at=clock.now(),
                    taken_for=Taken.ANSWER if contact else Taken.STRANGER,
                    contact_id=contact,
                )
            )
    officer = fires.person()
    page = officer.page("/lists/inbound?q=你好")
    assert "1–1 of 1" in said(page)
    assert "+447700900943" not in page
    assert [row["Text"] for row in taken_out(officer, "/lists/inbound.csv?state=answer")] == ["1 123456"]
    assert "/lists/inbound" in officer.page("/messages")


def test_the_heads_keep_the_filter_and_the_filter_keeps_the_order(fires: Desk) -> None:
    page = fires.person().page("/lists/incidents?q=smoke&sort=number&since=2026-04-01")
    assert 'href="?q=smoke&amp;since=2026-04-01&amp;sort=-number"' in page
    assert '<option value="number" selected>' in page
    assert 'value="smoke"' in page
    assert 'href="/lists/incidents.kml?q=smoke&amp;since=2026-04-01&amp;sort=number"' in page


def test_what_was_asked_of_a_list_outlives_signing_in(desk: Desk) -> None:
    stranger = desk.person(None)
    answer = stranger.client.get("/lists/incidents?q=康乐&sort=-zone")
    page = stranger.page(answer.headers["location"])
    wanted = forms(page)[0].values["next"]
    back = stranger.sign_in("officer", next=wanted).headers["location"]
    page = stranger.page(back)
    assert 'value="康乐"' in page
    assert '<option value="-zone" selected>' in page


def test_nobody_sees_lists_without_signing_in(desk: Desk) -> None:
    stranger, viewer = desk.person(None), desk.person("viewer")
    for address in ("/lists", "/lists/incidents", "/lists/incidents.csv", "/lists/messages.xlsx"):
        assert stranger.client.get(address).status_code == 303, address
        assert viewer.client.get(address).status_code in (200, 303), address
