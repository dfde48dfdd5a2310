"""A file of an agency's roster goes through the console: taken out, sent in, looked at, taken over, taken back."""

import re
from datetime import UTC, datetime

import pytest
from httpx2 import Response
from icalendar import Calendar

from firewatch.access.users import change_agency
from firewatch.agencies.models import DatedShift, RosterChange
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.files.models import Upload
from firewatch.rulebook.read import Rulebook
from tests.build import rows
from tests.service.console import Desk, Person, forms, open_desk, said
from tests.service.test_roster_page import WEEK, add, no_standing_hours, shifts

FILES = "/roster/kangle/files"
HEAD = "contact,from,to\n"
TWO = f"{HEAD}kangle-deputy,2026-04-09 20:00,2026-04-10 08:00\nkangle-liaison,2026-04-10 08:00,2026-04-10 20:00\n"


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    clock.at = datetime(2026, 4, 8, 5, tzinfo=UTC)  # Wednesday, one in the afternoon in Linxia
    return open_desk(db, clock, rulebook)


def send(person: Person, data: str | bytes, name: str = "roster.csv", **typed: str) -> Response:
    """Choose a file and press the button of the form."""
    form = next(form for form in forms(person.page(FILES)) if form.action == FILES)
    values = {key: value for key, value in form.values.items() if key != "file"} | typed
    content = data.encode() if isinstance(data, str) else data
    answer: Response = person.client.post(FILES, data=values, files={"file": (name, content)})
    return answer


def sent(person: Person, data: str | bytes, name: str = "roster.csv", **typed: str) -> str:
    """Send a file that can be read; return the address of the look at it."""
    answer = send(person, data, name, **typed)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_what_was_seen_is_taken_over_as_one_change_and_taken_back(desk: Desk) -> None:
    officer = desk.person()
    add(officer, "kangle-deputy", "2026-04-08T08:00", "2026-04-08T20:00")
    add(officer, "kangle-deputy", "2026-04-09T20:00", "2026-04-10T06:00")
    add(officer, "kangle-deputy", "2026-04-10T20:00", "2026-04-11T08:00")
    before = shifts(desk)
    look = sent(officer, TWO)
    page = said(officer.page(look))
    assert "It covers the shifts that begin from 2026-04-09 to 2026-04-10." in page
    assert "Changes that would be made: 3 Added 1 Changed 1 Deleted 1" in page
    assert "− Deputy B 9 Apr 20:00 – 10 Apr 06:00 + Deputy B 9 Apr 20:00 – 10 Apr 08:00" in page
    assert "Once taken over there is no gap in the next seven days." in page
    assert shifts(desk) == before
    officer.press(look, "Take over exactly this")
    after = [
        ("kangle-deputy", "04-08T00:00", "04-08T12:00"),
        ("kangle-deputy", "04-09T12:00", "04-10T00:00"),
        ("kangle-liaison", "04-10T00:00", "04-10T12:00"),
    ]
    assert shifts(desk) == after
    assert "Taken over. Changes made: 3." in said(officer.page(look))
    assert "Take over exactly this" not in officer.page(look)
    assert "Imported: − Deputy B 9 Apr 20:00 – 10 Apr 06:00; − Deputy B 10 Apr 20:00" in said(officer.page(WEEK))
    officer.press(WEEK, "Undo the last change")
    assert shifts(desk) == before
    assert [row.what for row in rows(desk.db, RosterChange)][-2:] == ["imported", "undone"]


@pytest.mark.parametrize("name", ["roster.csv", "roster.ics"])
def test_what_is_taken_out_comes_back_unchanged(desk: Desk, name: str) -> None:
    officer = desk.person("officer", "zh")
    add(officer, "kangle-deputy", "2026-04-08T20:00", "2026-04-09T08:00", label="添加班次")
    add(officer, "kangle-liaison", "2026-04-20T08:00", "2026-04-20T20:00", label="添加班次")
    link = f'{FILES}?first=2026-04-06&amp;last=2026-04-12"'
    assert link in officer.page(WEEK)
    page = officer.page(link[:-1].replace("&amp;", "&"))
    days = dict(re.findall(r'name="(first|last)" value="([\d-]+)"', page))
    assert days == {"first": "2026-04-06", "last": "2026-04-12"}
    assert f'action="{FILES}/roster.csv"' in page
    assert f'formaction="{FILES}/roster.ics"' in page
    week = officer.client.get(f"{FILES}/{name}", params=days)
    everything = officer.client.get(f"{FILES}/{name}")
    assert week.headers["content-disposition"] == f'attachment; filename="roster-kangle{name[-4:]}"'
    assert [each.text.count("2026-04-20") + each.text.count(":20260420T") for each in (week, everything)] == [0, 2]
    for answer, covered in ((week, days), (everything, {})):
        assert "与现有值班表完全一致" in said(officer.page(sent(officer, answer.content, name, **covered)))
    assert b"+86" not in everything.content


def test_a_calendar_of_another_program_goes_in(desk: Desk) -> None:
    officer = desk.person()
    event = "BEGIN:VEVENT\r\nUID:{0}@x\r\nDTSTART{1}\r\nSUMMARY:{2}\r\nEND:VEVENT\r\n"
    nights = event.format(1, ":20260409T120000Z\r\nDTEND:20260410T000000Z", "Deputy B")
    days = event.format(2, ";VALUE=DATE:20260411", "Liaison\r\n  B")
    off = event.format(3, ":20260412T120000Z\r\nSTATUS:CANCELLED", "Deputy B")
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\n{nights}{days}{off}END:VCALENDAR\r\n"
    look = sent(officer, text, "shifts.ics")
    assert "Events in it that are cancelled are left out: 1." in said(officer.page(look))
    officer.press(look, "Take over exactly this")
    assert shifts(desk) == [
        ("kangle-deputy", "04-09T12:00", "04-10T00:00"),
        ("kangle-liaison", "04-10T16:00", "04-11T16:00"),
    ]
    page = officer.client.get(f"{FILES}/roster.ics").content
    assert len(Calendar.from_ical(page).walk("VEVENT")) == 2
    repeating = sent(officer, text.replace("SUMMARY", "RRULE:FREQ=DAILY\r\nSUMMARY", 1), "shifts.ics")
    assert "shifts.ics event 1 RRULE repeats itself: name the first and the last day" in said(officer.page(repeating))
    named = sent(
        officer,
        text.replace("SUMMARY", "RRULE:FREQ=DAILY\r\nSUMMARY", 1),
        "shifts.ics",
        first="2026-04-09",
        last="2026-04-12",
    )
    assert "Changes that would be made: 3 Added 3 2 more would stay as they are." in said(officer.page(named))
    officer.press(named, "Take over exactly this")
    assert len(shifts(desk)) == 5


def test_every_problem_is_told_by_line_in_the_readers_language(desk: Desk) -> None:
    wrong = f"{HEAD}kangle-deputy,soon,2026-04-10 08:00\nkangle-nobody,2026-04-09 20:00,2026-04-09 08:00\n"
    look = sent(desk.person(), wrong)
    page = said(desk.person(lang="zh").page(look))
    assert "2 处问题：改正后重新导入，现在什么都没有改" in page
    assert "roster.csv 第 2 行 from “soon”不符合要求：年份在前" in page
    assert "roster.csv 第 3 行 contact 本单位没有“kangle-nobody”，可用的有：kangle-liaison（" not in page
    assert (
        "roster.csv 第 3 行 contact 本单位没有“kangle-nobody”，可用的有：kangle-deputy (副联络员乙, Deputy B)" in page
    )
    english = said(desk.person().page(look))
    assert "roster.csv line 2 from “soon” does not hold: the year first" in english
    assert not [form for form in forms(desk.person().page(look)) if form.action.startswith(look)]
    assert shifts(desk) == []


def test_a_roster_that_moved_on_is_looked_at_again(desk: Desk) -> None:
    officer = desk.person()
    look = sent(officer, TWO)
    form = next(form for form in forms(officer.page(look)) if form.action == look)
    add(officer, "kangle-deputy", "2026-04-10T20:00", "2026-04-11T08:00")
    answer = officer.client.post(look, data=form.values)
    assert answer.status_code == 409
    assert "The roster has changed since you looked." in said(answer.text)
    assert "Deleted 1" in said(answer.text)
    assert len(shifts(desk)) == 1
    fresh = next(form for form in forms(answer.text) if form.action == look)
    assert officer.client.post(look, data=fresh.values).status_code == 303
    assert officer.client.post(look, data=fresh.values).status_code == 303  # pressed twice: done once
    assert len(shifts(desk)) == 2
    assert [row.what for row in rows(desk.db, RosterChange)] == ["added", "imported"]


def test_gaps_that_would_be_and_who_would_leave_his_duty_are_shown_first(desk: Desk) -> None:
    no_standing_hours(desk)
    officer = desk.person()
    add(officer, "kangle-deputy", "2026-04-08T08:00", "2026-04-16T08:00")
    look = officer.page(sent(officer, HEAD, first="2026-04-08", last="2026-04-08"))
    assert "Deleted running" in said(look)
    assert "Gaps in the next seven days, once taken over: 8 Apr 13:00 – 15 Apr 13:00" in said(look)


@pytest.mark.parametrize(
    ("name", "data", "typed", "told"),
    [
        ("roster.pdf", b"%PDF", {}, "needs to be one of these: .csv, .xlsx, .ics"),
        ("roster.ics", b"BEGIN:VCALENDAR", {}, "not a calendar that can be read"),
        ("roster.xlsx", b"\x00", {}, "not a workbook"),
        ("roster.csv", b"", {}, "there is nothing in it"),
        ("roster.csv", HEAD.encode(), {"first": "soon"}, "write the day as YYYY-MM-DD"),
    ],
)
def test_a_file_that_is_none_comes_back_with_the_form(
    desk: Desk, name: str, data: bytes, typed: dict[str, str], told: str
) -> None:
    answer = send(desk.person(), data, name, **typed)
    assert answer.status_code == 422
    assert told in said(answer.text)
    assert rows(desk.db, Upload) == []
    assert "choose a file" in said(desk.person().press(FILES, "Check it", 422).text)


def test_an_agency_sends_in_its_own_only_and_the_office_everybodys(desk: Desk) -> None:
    for agency, status in (("kangle", 303), ("hezheng", 403), ("prefecture", 303), (None, 303)):
        with desk.db.write() as session:
            change_agency(session, "officer", agency)
        officer = desk.person()
        assert (f'action="{FILES}"' in officer.page(FILES)) is (status == 303)
        token = forms(officer.page("/roster"))[0].values["csrf"]
        answer = officer.client.post(FILES, data={"csrf": token}, files={"file": ("r.csv", TWO.encode())})
        assert answer.status_code == status
    assert officer.client.post(FILES, files={"file": ("r.csv", TWO.encode())}).status_code == 403  # not our form
    look = sent(officer, TWO)
    form = next(form for form in forms(officer.page(look)) if form.action == look)
    with desk.db.write() as session:
        change_agency(session, "officer", "hezheng")  # between the look and the deed
    answer = officer.client.post(look, data=form.values)
    assert (answer.status_code, "this belongs to kangle" in answer.text) == (403, True)
    viewer = desk.person("viewer")
    assert viewer.client.get(look).status_code == 404
    assert viewer.client.get(look.replace("kangle", "hezheng")).status_code == 404
    assert f'action="{FILES}"' not in viewer.page(FILES)
    assert viewer.client.get(f"{FILES}/roster.csv").status_code == 200
    assert rows(desk.db, DatedShift) == []


def test_of_another_agency_or_of_resources_it_is_not_the_file(desk: Desk) -> None:
    officer = desk.person()
    look = sent(officer, TWO)
    number = look.rpartition("/")[2]
    officer.page(f"/roster/hezheng/files/{number}", 404)
    officer.page(f"/resources/tables/{number}", 404)
    for address in ("files", "files/roster.csv", "files/roster.ics"):
        officer.page(f"/roster/nowhere/{address}", 404)
    officer.page(f"{FILES}/roster.csv?first=soon", 422)
