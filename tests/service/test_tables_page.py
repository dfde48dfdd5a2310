"""A table is sent in through the console, looked at line by line, and taken over exactly as it was seen."""

import io

import pytest
from httpx2 import Response
from openpyxl import load_workbook

from firewatch.access.users import change_agency
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.files.models import Upload
from firewatch.resources.models import Crew, ResourceChange
from firewatch.rulebook.read import Rulebook, default_folder
from tests.build import rows, set_rows
from tests.service.console import Desk, Person, forms, open_desk, said

TABLES = "/resources/tables"
CREWS = (default_folder() / "crews.csv").read_text(encoding="utf-8")
HEAD, *LINES = CREWS.splitlines()
KANGLE = "\n".join([HEAD, *(line for line in LINES if ",kangle," in line)])


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


def send(person: Person, text: str | bytes, agency: str = "", name: str = "crews.csv") -> Response:
    """Choose a file and press the button of the form."""
    form = next(form for form in forms(person.page(TABLES)) if form.action == TABLES)
    data = text.encode() if isinstance(text, str) else text
    values = {key: value for key, value in form.values.items() if key != "file"} | {"agency": agency}
    answer: Response = person.client.post(TABLES, data=values, files={"file": (name, data)})
    return answer


def sent(person: Person, text: str | bytes, agency: str = "", name: str = "crews.csv") -> str:
    """Send a file that can be read; return the address of the look at it."""
    answer = send(person, text, agency, name)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def people(desk: Desk) -> dict[str, int]:
    return {row.id: row.people for row in rows(desk.db, Crew, Crew.active)}


def test_what_was_seen_is_taken_over_and_on_record(desk: Desk) -> None:
    officer, before = desk.person(), people(desk)
    line = next(line for line in LINES if line.startswith("kangle-pro"))
    changed = line.replace(f",{before['kangle-pro']},", ",31,")
    new = line.replace("kangle-pro", "kangle-new").replace("Kangle professional crew", "Kangle new crew")
    gone = next(line for line in LINES if line.startswith("kangle-lianlu"))
    look = sent(officer, KANGLE.replace(line, f"{changed}\n{new}").replace(gone + "\n", "").replace(gone, ""), "kangle")
    page = said(officer.page(look))
    assert "Changes that would be made: 3 added 1 changed 1 set inactive 1" in page
    assert f"People: {before['kangle-pro']} → 31" in page
    assert people(desk) == before
    officer.press(look, "Take over exactly this")
    after = people(desk)
    assert (after["kangle-pro"], after["kangle-new"], "kangle-lianlu" in after) == (31, before["kangle-pro"], False)
    assert {row.by for row in rows(desk.db, ResourceChange)} == {"officer"}
    assert "Taken over. Changes made: 3." in said(officer.page(look))
    assert "Take over exactly this" not in officer.page(look)


def test_every_problem_is_told_by_line_and_column_in_the_readers_language(desk: Desk) -> None:
    before = people(desk)
    wrong = KANGLE.replace("professional,", "army,", 1).replace(",true,", ",maybe,", 1)
    look = sent(desk.person(lang="zh"), wrong, "kangle")
    page = said(desk.person(lang="zh").page(look))
    assert "处问题：改正后重新导入，现在什么都没有改" in page
    assert "crews.csv 第 2 行 kind “army”不符合要求，可选：professional, part_time, mass, ranger" in page
    assert "crews.csv 第 2 行 may_attack “maybe”不符合要求：请选择是或否" in page
    english = said(desk.person().page(look))
    assert "crews.csv line 2 kind “army” does not hold: one of professional, part_time, mass, ranger" in english
    assert not [form for form in forms(desk.person().page(look)) if form.action.startswith(look)]
    assert people(desk) == before


def test_a_register_that_moved_on_is_looked_at_again(desk: Desk) -> None:
    officer = desk.person()
    line = next(line for line in LINES if line.startswith("kangle-pro"))
    look = sent(officer, KANGLE.replace(line, line.replace(f",{people(desk)['kangle-pro']},", ",31,")), "kangle")
    form = next(form for form in forms(officer.page(look)) if form.action == look)
    set_rows(desk.db, Crew, ["kangle-pro"], people=30)
    answer = officer.client.post(look, data=form.values)
    assert answer.status_code == 409
    assert "The register has changed since you looked." in said(answer.text)
    assert "People: 30 → 31" in said(answer.text)
    assert people(desk)["kangle-pro"] == 30
    fresh = next(form for form in forms(answer.text) if form.action == look)
    assert officer.client.post(look, data=fresh.values).status_code == 303
    assert people(desk)["kangle-pro"] == 31
    assert officer.client.post(look, data=fresh.values).status_code == 303  # pressed twice: done once
    assert len(rows(desk.db, ResourceChange)) == 1


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("crews.pdf", b"%PDF", "needs to be one of these: .csv, .xlsx"),
        ("crews.xlsx", b"\x00\x01", "not a workbook that can be read"),
        ("crews.csv", b"", "there is nothing in it"),
        ("crews.csv", b"\xff\xff\xff", "neither UTF-8 nor GBK"),
    ],
)
def test_a_file_that_is_no_table_comes_back_with_the_form(desk: Desk, name: str, data: bytes, told: str) -> None:
    answer = send(desk.person(), data, name=name)
    assert answer.status_code == 422
    assert told in said(answer.text)
    assert rows(desk.db, Upload) == []


def test_no_file_and_a_file_beyond_the_limit(desk: Desk) -> None:
    officer = desk.person()
    form = next(form for form in forms(officer.page(TABLES)) if form.action == TABLES)
    answer = officer.client.post(TABLES, data=form.values | {"agency": ""})
    assert (answer.status_code, "choose a file" in answer.text) == (422, True)
    assert send(officer, "x" * 300_000).status_code == 413


def test_a_table_from_a_chinese_excel(desk: Desk) -> None:
    look = sent(desk.person(), KANGLE.replace(",", ";").encode("gb18030"), "kangle")
    assert "exactly this already" in said(desk.person().page(look))


def test_an_agency_sends_in_its_own_only_and_nobody_sees_anothers_file(desk: Desk) -> None:
    with desk.db.write() as session:
        change_agency(session, "officer", "kangle")
    officer = desk.person()
    page = officer.page(TABLES)
    assert '<option value="kangle">' in page
    assert '<option value="hezheng">' not in page
    assert '<option value="">' not in page
    for agency in ("", "hezheng"):
        assert send(officer, KANGLE, agency).status_code == 403
    look = sent(officer, KANGLE, "kangle")
    changing = sent(officer, KANGLE.replace(",32,", ",31,"), "kangle")
    form = next(form for form in forms(officer.page(changing)) if form.action == changing)
    with desk.db.write() as session:
        change_agency(session, "officer", "hezheng")  # between the look and the deed
    answer = officer.client.post(changing, data=form.values)
    assert (answer.status_code, "this belongs to kangle" in answer.text) == (403, True)
    assert desk.person("viewer").client.get(look).status_code == 404
    assert not [form for form in forms(desk.person("viewer").page(TABLES)) if form.action == TABLES]
    assert desk.person("viewer").client.post(TABLES, data={}).status_code == 403


def test_files_that_wait_are_forgotten_after_a_day(desk: Desk, clock: FixedClock) -> None:
    old = sent(desk.person(), KANGLE, "kangle")
    clock.advance(days=1, minutes=1)
    sent(desk.person(), KANGLE, "kangle")
    assert len(rows(desk.db, Upload)) == 1
    assert "send it in once more" in desk.person().page(old, status=404)


def test_what_is_taken_out_comes_back_unchanged(desk: Desk) -> None:
    officer = desk.person()
    csv = officer.client.get(f"{TABLES}/crews.csv")
    assert csv.content.startswith(b"\xef\xbb\xbfid,agency,")
    assert csv.headers["content-disposition"] == 'attachment; filename="crews.csv"'
    assert "exactly this already" in said(officer.page(sent(officer, csv.content)))
    book = officer.client.get(f"{TABLES}/resources.xlsx").content
    assert "exactly this already" in said(officer.page(sent(officer, book, name="resources.xlsx")))
    own = load_workbook(io.BytesIO(officer.client.get(f"{TABLES}/kangle.xlsx?agency=kangle").content))
    assert {row[1].value for row in list(own["crews"])[1:]} == {"kangle"}
    empty = load_workbook(io.BytesIO(officer.client.get(f"{TABLES}/empty.xlsx").content))
    assert [sheet.max_row for sheet in empty.worksheets] == [1, 1, 1]
    assert officer.client.get(f"{TABLES}/people.csv").status_code == 422
