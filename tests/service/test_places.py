"""A place by its name on the report form, without a script; what goes on the record of it; by program."""

from dataclasses import replace

import pytest
from httpx2 import Response
from sqlmodel import select
from starlette.testclient import TestClient

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.incidents.models import FireReport
from firewatch.rulebook.read import Rulebook
from tests.build import ordered_fire, texts
from tests.service.console import Desk, Form, Person, forms, open_desk, said
from tests.service.server import TOKEN, application


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


def form_of(page: str) -> Form:
    return next(form for form in forms(page) if form.action == "/report")


def press(person: Person, form: Form, status: int = 200, **typed: str) -> Response:
    answer: Response = person.client.post("/report", data=form.values | typed)
    assert answer.status_code == status, answer.text
    return answer


def reports(desk: Desk) -> list[FireReport]:
    with desk.db.read() as session:
        return list(session.exec(select(FireReport)))


def test_a_name_is_looked_for_taken_and_said_on_the_record(desk: Desk) -> None:
    officer = desk.person()
    typed = {"place": "fcz", "description": "smoke", "step": "find"}
    found = press(officer, form_of(officer.page("/report")), 200, **typed)
    assert "Fucheng Kangle County · Kangle County · 35.3725, 103.7056" in said(found.text)
    assert "Please correct" not in found.text
    taken = press(officer, form_of(found.text), pick="fucheng")
    form = form_of(taken.text)
    assert (form.values["lat"], form.values["lon"], form.values["place"]) == ("35.3725", "103.7056", "fcz")
    assert "the middle of the place, not the fire" in said(taken.text)
    assert not reports(desk), "looking reports nothing"
    press(officer, form, 303, description="smoke", step="check")
    [row] = reports(desk)
    assert (row.lat, row.lon) == (35.3725, 103.7056)
    assert (
        row.description == "smoke\n(Place by name: Kangle County Fucheng; the coordinates are its middle, not the fire)"
    )


def test_coordinates_that_are_known_better_are_no_middle_of_a_place(desk: Desk) -> None:
    officer = desk.person()
    taken = press(officer, form_of(officer.page("/report")), pick="fucheng")
    press(officer, form_of(taken.text), 303, lat="35.3801", description="smoke", step="check")
    assert reports(desk)[0].description == "smoke"


def test_a_name_and_nothing_else_is_looked_for_by_the_button_that_sends(desk: Desk) -> None:
    officer = desk.person(lang="zh")
    typed = {"place": "城关", "description": "冒烟", "step": "check"}
    answer = press(officer, form_of(officer.page("/report")), 422, **typed)
    for text in ("和政县 · 和政县", "临潭县 · 区域外" if "区域外" in answer.text else "临潭县", "广河县"):
        assert text in said(answer.text)
    assert not reports(desk)


def test_a_name_nobody_knows_is_said(desk: Desk) -> None:
    officer = desk.person()
    answer = press(officer, form_of(officer.page("/report")), place="Atlantis <b>", step="find")
    assert "No place of this name is known" in said(answer.text)
    assert form_of(answer.text).values["place"] == "Atlantis <b>"


def test_enter_in_another_field_sends_as_before(desk: Desk) -> None:
    officer = desk.person()
    typed = {"lat": "35.43", "lon": "103.30", "description": "smoke", "step": "find"}
    press(officer, form_of(officer.page("/report")), 303, **typed)
    assert len(reports(desk)) == 1


def test_the_candidates_alone_for_a_script(desk: Desk) -> None:
    officer = desk.person()
    part = officer.page("/report/places?q=maji")
    assert 'value="maji"' in part
    assert "<html" not in part
    assert desk.person(None).client.get("/report/places?q=maji").status_code == 303


def test_without_places_there_is_no_field(desk: Desk) -> None:
    desk.app.state.firewatch = replace(desk.app.state.firewatch, book=replace(desk.book, places=()))
    assert 'name="place"' not in desk.person().page("/report")


def test_the_nearest_place_stands_on_the_page_and_at_the_end_of_the_place_in_messages(desk: Desk) -> None:
    officer = desk.person(lang="zh")
    typed = {"lat": "35.4085", "lon": "103.7056", "description": "冒烟", "step": "check"}
    press(officer, form_of(officer.page("/report")), 303, **typed)
    assert "附城镇北约4公里" in officer.page("/incidents/1")
    by_lang = {row.lang: row.params["place"] for row in texts(desk.db, 1, "sms.report")}
    assert by_lang["zh"] == "康乐县，附城镇北约4公里"
    assert "康乐县，附城镇北约4公里（35.4085,103.7056）" in texts(desk.db, 1, "sms.report")[0].body


def test_an_order_that_grows_too_long_loses_the_nearest_place_whole_and_nothing_of_its_zone(desk: Desk) -> None:
    ordered_fire(desk.db, desk.clock, desk.book)
    [body, *_] = [row.body for row in texts(desk.db, 1, "sms.order") if "34" in row.body]
    assert "即赴康乐县（35.3000,103.6500）" in body


def test_a_program_finds_places_too(desk: Desk) -> None:
    client = TestClient(application(desk.db, desk.clock, desk.book), headers={"Authorization": f"Bearer {TOKEN}"})
    [found] = client.get("/api/v1/places", params={"q": "莲麓"}).json()
    assert found["id"] == "lianlu"
    assert "kangle" in found["zone_ids"] or found["zone_ids"] == ["lianhuashan"]
    assert client.get("/api/v1/places", params={"q": "nowhere"}).json() == []
    assert client.get("/api/v1/places").status_code == 422
