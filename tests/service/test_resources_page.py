"""The pages of the pool, and who may change what there."""

import pytest

from firewatch.access.users import change_agency
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.resources.models import Crew, Depot, ResourceChange, ResourceKind, ResourceStatus, Stock, WorkSpell
from firewatch.rulebook.read import Rulebook
from tests.build import rows, set_rows
from tests.service.console import Desk, Person, forms, open_desk, said

CREW = "/resources/crew/kangle-pro"


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


def acting_for(desk: Desk, agency: str | None) -> Person:
    with desk.db.write() as session:
        change_agency(session, "officer", agency)
    return desk.person()


def crew(desk: Desk) -> Crew:
    found: Crew = rows(desk.db, Crew, Crew.id == "kangle-pro")[0]
    return found


def test_the_pool_is_shown_by_agency_with_state_and_hours(desk: Desk, clock: FixedClock) -> None:
    set_rows(desk.db, Crew, ["kangle-pro"], status=ResourceStatus.RELEASED, status_at=clock.now())
    with desk.db.write() as session:
        began = clock.now().replace(hour=1)
        session.add(WorkSpell(kind=ResourceKind.CREW, resource_id="kangle-pro", began_at=began))
    page = desk.person().page("/resources")
    text = said(page)
    assert "Kangle professional crew professional crew released" in text
    assert "goes on by itself at 13:30" in text
    assert "3 h" in text
    assert "blower" in text
    assert page.index('id="hezheng"') < page.index('id="kangle"')
    assert "康乐专业扑火队" in said(desk.person(lang="zh").page("/resources"))


def test_who_acts_for_an_agency_sees_it_first_and_changes_its_own(desk: Desk, clock: FixedClock) -> None:
    officer = acting_for(desk, "kangle")
    page = officer.page("/resources")
    assert page.index('id="kangle"') < page.index('id="hezheng"')
    assert {form.action for form in forms(page) if form.action.startswith("/resources/crew/")} == {
        f"/resources/crew/{row.id}/status" for row in rows(desk.db, Crew, Crew.agency_id == "kangle")
    }
    officer.press(CREW, "Save", people="35", provides="squad=5，radio=2", may_attack="false")
    assert (crew(desk).people, crew(desk).provides, crew(desk).may_attack) == (35, {"squad": 5, "radio": 2}, False)
    assert crew(desk).version == 2
    record = said(officer.page(CREW))
    assert "changed Officer A · officer People: 32 → 35 May fight the fire itself: yes → no" in record
    assert "Brings: squads 4 → radios 2 squads 5" in record
    assert [(row.by, row.at) for row in rows(desk.db, ResourceChange)] == [("officer", clock.now())]


def test_a_turnout_by_night_is_set_and_taken_back(desk: Desk) -> None:
    officer = desk.person()
    officer.press(CREW, "Save", turnout_night_minutes="25")
    assert crew(desk).turnout_night_minutes == 25
    assert "10 min by night 25 min" in said(officer.page("/resources"))
    officer.press(CREW, "Save", turnout_night_minutes="")
    assert crew(desk).turnout_night_minutes is None
    assert "Turnout by night (minutes; empty: as by day): 25 → –" in said(officer.page(CREW))
    assert 'id="turnout_night_minutes-error"' in officer.press(CREW, "Save", 422, turnout_night_minutes="-1").text


@pytest.mark.parametrize("agency", ["hezheng", "taizishan"])
def test_what_another_agency_has_is_not_changed(desk: Desk, agency: str) -> None:
    officer = acting_for(desk, agency)
    page = officer.page(CREW)
    assert "Only Kangle forest-chief office and the coordinating office may change this." in said(page)
    assert "Save" not in page
    form = next(form for form in forms(page) if form.action == CREW)
    for action, more in ((CREW, {"people": "1"}), (f"{CREW}/status", {"status": "out_of_service"})):
        assert officer.client.post(action, data=form.values | more).status_code == 403
    assert (crew(desk).people, crew(desk).status, rows(desk.db, ResourceChange)) == (32, "available", [])


@pytest.mark.parametrize("agency", ["prefecture", None])
def test_the_coordinating_office_changes_everybodys(desk: Desk, agency: str | None) -> None:
    acting_for(desk, agency).press(CREW, "Save", people="33")
    assert crew(desk).people == 33


def test_a_viewer_changes_nothing(desk: Desk) -> None:
    viewer = desk.person("viewer")
    assert not [form for form in forms(viewer.page("/resources")) if form.action.startswith("/resources")]
    form = next(form for form in forms(viewer.page(CREW)) if form.action == CREW)
    assert viewer.client.post(CREW, data=form.values | {"people": "1"}).status_code == 403


def test_what_does_not_hold_is_told_beside_its_field_and_kept(desk: Desk) -> None:
    officer = desk.person()
    wrong = {"people": "many", "provides": "pump", "name_en": "", "turnout_minutes": "-1"}
    page = str(officer.press(CREW, "Save", 422, **wrong).text)
    for field in wrong:
        assert f'id="{field}-error"' in page
    assert page.count('class="error" id=') == len(wrong)
    assert 'value="many"' in page
    assert (crew(desk).people, rows(desk.db, ResourceChange)) == (32, [])
    vehicle = "/resources/vehicle/kangle-carrier-1"
    assert 'id="crew_aboard-error"' in officer.press(vehicle, "Save", 422, crew_aboard="90").text


def test_two_who_change_the_same_are_told(desk: Desk) -> None:
    first, second = desk.person(), desk.person()
    old = next(form for form in forms(second.page(CREW)) if form.action == CREW)
    first.press(CREW, "Save", people="33")
    answer = second.client.post(CREW, data=old.values | {"people": "40"})
    assert answer.status_code == 409
    assert "Somebody else changed this while you were typing" in answer.text
    assert "People: 32 → 33" in said(answer.text)
    assert crew(desk).people == 33
    again = next(form for form in forms(answer.text) if form.action == CREW)
    assert again.values["people"] == "40"
    assert second.client.post(CREW, data=again.values).status_code == 303
    assert crew(desk).people == 40


def test_a_state_is_set_by_hand_and_stands_on_record(desk: Desk) -> None:
    officer = acting_for(desk, "kangle")
    form = {"csrf": forms(officer.page("/resources"))[0].values["csrf"], "status": "out_of_service"}
    answer = officer.client.post(f"{CREW}/status", data=form)
    assert answer.headers["location"] == "/resources#kangle"
    assert crew(desk).status is ResourceStatus.OUT_OF_SERVICE
    assert "state set by hand Officer A · officer State: available → out of service" in said(officer.page(CREW))
    assert officer.client.post("/resources/depot/kangle-depot/status", data=form).status_code == 404


def test_a_depots_stock_is_changed_and_a_tool_of_ones_own_has_its_own_name(desk: Desk) -> None:
    officer = desk.person()
    officer.press("/resources/depot/kangle-depot", "Save", stock="blower=7 drone=2")
    stock = {row.capability: row.units for row in rows(desk.db, Stock, Stock.depot_id == "kangle-depot") if row.units}
    assert stock == {"blower": 7, "drone": 2}
    assert rows(desk.db, Depot, Depot.id == "kangle-depot")[0].version == 2
    assert "drone 2" in said(officer.page("/resources"))


@pytest.mark.parametrize("address", ["/resources/crew/nobody", "/resources/depot/kangle-pro"])
def test_what_does_not_exist_is_not_found(desk: Desk, address: str) -> None:
    desk.person().page(address, 404)
