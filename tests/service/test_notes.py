"""Notes on an incident's record: typed on its page or sent by a program, never changed, struck out with a reason."""

import pytest
from starlette.testclient import TestClient

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.incidents.models import TimelineEntry
from firewatch.rulebook.read import Rulebook
from tests.build import rows
from tests.service.console import Desk, Person, forms, open_desk, report, said
from tests.service.server import TOKEN, application

HERE = "/incidents/1"


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    desk = open_desk(db, clock, rulebook)
    report(desk.person())
    return desk


def notes(desk: Desk) -> list[TimelineEntry]:
    return [entry for entry in rows(desk.db, TimelineEntry) if entry.kind.startswith("note")]


def put(person: Person, text: str, status: int = 303) -> None:
    person.press(HERE, "Put on record", status, text=text)


def test_a_note_stands_on_the_record_with_who_and_when(desk: Desk) -> None:
    officer = desk.person()
    put(officer, "风向转西北\r\n撤到二道梁 <b>")
    page = officer.page(HERE)
    assert "风向转西北\n撤到二道梁 &lt;b&gt;" in page
    assert "撤到二道梁 <b> Officer A · officer" in said(page)
    desk.clock.advance(minutes=7)
    put(officer, "{text} and {0}")
    assert [entry.data["text"] for entry in notes(desk)] == ["风向转西北\n撤到二道梁 <b>", "{text} and {0}"]
    assert "{text} and {0}" in said(officer.page(HERE))


def test_a_button_pressed_twice_makes_one_note(desk: Desk) -> None:
    officer = desk.person()
    put(officer, "flames on the ridge")
    put(officer, " flames on the ridge ")
    assert len(notes(desk)) == 1
    desk.clock.advance(minutes=2)
    put(officer, "flames on the ridge")
    assert len(notes(desk)) == 2, "said again later it is another observation"


def test_a_note_struck_out_stays_to_be_read_with_the_reason(desk: Desk) -> None:
    officer, viewer = desk.person(), desk.person("viewer")
    put(officer, "two injured")
    desk.clock.advance(minutes=3)
    answer = officer.press(HERE, "Strike out", why="wrong fire")
    assert answer.headers["location"] == f"{HERE}#record"
    page = viewer.page(HERE)
    assert '<del class="body">two injured</del>' in page
    assert "struck out by Officer A · officer, 12:03: wrong fire" in said(page)
    assert "Strike out" not in officer.page(HERE), "nothing is struck out twice"
    [note, struck] = notes(desk)
    assert (note.data, struck.data) == ({"text": "two injured"}, {"note": str(note.id), "why": "wrong fire"})
    csrf = forms(officer.page("/"))[0].values["csrf"]
    again = {"csrf": csrf, "why": "once more"}
    assert officer.client.post(f"{HERE}/notes/{note.id}/strike", data=again).status_code == 409
    for wrong in (struck.id, 1, 99):
        assert officer.client.post(f"{HERE}/notes/{wrong}/strike", data=again).status_code == 404, "no such note"
    assert officer.client.post(f"{HERE}/notes/{note.id}/strike", data={"csrf": csrf, "why": " "}).status_code == 422


def test_what_is_no_note_is_refused(desk: Desk) -> None:
    officer = desk.person()
    put(officer, " \n ", 422)
    put(officer, "x" * 2001, 422)
    viewer = desk.person("viewer")
    csrf = forms(viewer.page("/"))[0].values["csrf"]
    assert viewer.client.post(f"{HERE}/notes", data={"csrf": csrf, "text": "hello"}).status_code == 403
    assert "Put on record" not in viewer.page(HERE)
    assert not notes(desk)


def test_a_fire_that_is_over_still_takes_notes(desk: Desk) -> None:
    officer = desk.person()
    officer.press(HERE, "Yes: false alarm")
    put(officer, "it was dust")
    assert len(notes(desk)) == 1


def test_a_program_writes_notes_too(desk: Desk) -> None:
    client = TestClient(application(desk.db, desk.clock, desk.book), headers={"Authorization": f"Bearer {TOKEN}"})
    made = client.post("/api/v1/incidents/1/notes", json={"text": "drone sees smoke"})
    assert made.status_code == 201
    assert made.json()["data"] == {"text": "drone sees smoke"}
    struck = client.post(f"/api/v1/incidents/1/notes/{made.json()['id']}/strike", json={"reason": "it was fog"})
    assert struck.json()["data"]["why"] == "it was fog"
    told = client.get("/api/v1/incidents/1").json()["timeline"]
    assert [entry["kind"] for entry in told[-2:]] == ["note", "note_struck"]
    assert client.post("/api/v1/incidents/9/notes", json={"text": "x"}).status_code == 404
    assert client.post("/api/v1/incidents/1/notes", json={"text": " "}).status_code == 422


def test_the_officer_who_comes_reads_notes_but_none_that_was_struck_out(desk: Desk) -> None:
    officer = desk.person()
    put(officer, "the bridge is out")
    put(officer, "the bridge is burning")
    officer.press(HERE, "Strike out", why="meant the other bridge")
    page = said(officer.page("/handover"))
    assert "the bridge is burning" in page
    assert "the bridge is out" not in page
