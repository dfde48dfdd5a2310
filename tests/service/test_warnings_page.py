"""The page of warnings and its API: what people see, what they may press, who is named."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from firewatch import i18n
from firewatch.access.models import Role
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.rulebook.read import Rulebook
from firewatch.warnings.models import WarningStep
from tests.build import prepare
from tests.service.console import Desk, open_desk, said
from tests.service.server import serving, token_for
from tests.service.warnings import Watch


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


@pytest.fixture
def watch(desk: Desk) -> Watch:
    made = Watch(desk.db, desk.clock, desk.book)
    made.grade(1, back=1)
    return made


def test_empty_states_say_what_they_mean(desk: Desk) -> None:
    page = said(desk.person().page("/warnings"))
    assert "Nothing waits for approval." in page
    assert "no warning" in page
    assert "no data is not no danger" in page
    assert "Nothing is on record yet." in page


def test_out_of_season_the_page_says_so(desk: Desk) -> None:
    desk.clock.at = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
    page = said(desk.person().page("/warnings"))
    assert desk.book.danger.season.rule == "calendar"
    assert "Out of season: no new warning is drafted" in page
    assert page.count("out of season") >= len(desk.book.zones)


def test_a_draft_says_what_changes_and_why(desk: Desk, watch: Watch) -> None:
    watch.grade({"kangle": 5, "hezheng": 3})
    watch.draw_up()
    page = desk.person().page("/warnings")
    text = said(page)
    assert "Waiting for approval or issue (2)" in text
    assert "issue : RED (first class, highest)" in text.replace(" :", " :")
    assert "by the danger grades of these days" in text
    assert "1 Apr 5 extreme" in text
    assert "FIRE-DANGER WARNING issued 1 Apr 12:00, valid until 2 Apr 12:00: RED (first class, highest): Kangle" in text
    assert text.index("Kangle County waits for") < text.index("Hezheng County waits for"), "the highest first"
    assert '<b class="count"' in page
    assert "预警信号与火险等级是两种尺度" in desk.person(lang="zh").page("/warnings")


def test_an_officer_approves_and_issues_all_under_his_own_name(desk: Desk, watch: Watch) -> None:
    watch.grade({"kangle": 5, "hezheng": 3})
    watch.draw_up()
    officer = desk.person()
    officer.press("/warnings", "Approve and issue all 2")
    assert {row.approved_name for row in watch.in_force().values()} == {"Officer A"}
    page = said(officer.page("/warnings"))
    assert "approved by Officer A" in page
    assert "Emergency management department, Forestry and grassland department" in page
    situation = officer.page("/")
    assert said(situation).count("RED (first class, highest)") == 2, "in the table and on the map"
    assert '<g class="flag s-red">' in situation
    assert "they are not on the scale of the grades" in said(situation)


def test_two_steps_a_remark_a_refusal_and_a_lifting(desk: Desk, watch: Watch) -> None:
    watch.grade({"kangle": 4})
    watch.draw_up()
    officer = desk.person()
    officer.press("/warnings", "Save remark", remark="大风")
    officer.press("/warnings", "Only approve")
    assert "approved, not issued" in said(officer.page("/warnings"))
    assert watch.texts() == []
    officer.press("/warnings", "Issue")
    assert ["大风" in message.body for message in watch.texts()] == [True] * 7
    watch.day_with({"kangle": 5})
    officer = desk.person()  # his session ended with his shift
    assert "a change waits" in said(officer.page("/warnings"))
    officer.press("/warnings", "Reject", reason="rain is near")
    officer.press("/warnings", "Lift this warning", reason="steady rain")
    page = said(officer.page("/warnings"))
    assert "Reason : rain is near" in page.replace("Reason:", "Reason :")
    assert "steady rain" in page
    assert watch.in_force() == {}


def test_a_reason_is_asked_for_and_a_bad_form_refused(desk: Desk, watch: Watch) -> None:
    watch.grade({"kangle": 4})
    watch.draw_up()
    officer = desk.person()
    officer.press("/warnings", "Reject", status=422)
    officer.press("/warnings", "Only approve", status=422, ids="one")
    officer.press("/warnings", "Only approve", status=422, do="destroy")
    officer.press("/warnings", "Only approve", status=404, ids="99")
    for odd in ("9" * 20, "-1", "0"):
        officer.press("/warnings", "Only approve", status=422, ids=odd)
    assert len(watch.waiting()) == 1


def test_whoever_comes_second_is_told(desk: Desk, watch: Watch) -> None:
    watch.grade({"kangle": 4})
    watch.draw_up()
    ids = str(watch.ids()[0])
    first, second = desk.person(), desk.person()
    first.press("/warnings", "Approve and issue")
    watch.grade({"hezheng": 4})
    watch.draw_up()
    answer = second.press("/warnings", "Only approve", status=409, ids=ids)
    assert i18n.text("en", "error.title.409") in answer.text


def test_a_viewer_looks_only(desk: Desk, watch: Watch) -> None:
    watch.grade({"kangle": 4})
    watch.draw_up()
    viewer = desk.person("viewer")
    page = viewer.page("/warnings")
    assert "ORANGE (second class)" in said(page)
    assert "/warnings/release" not in page
    form = next(iter(viewer.page("/warnings").split('name="csrf" value="')[1:]))
    sent = {"csrf": form.split('"')[0], "ids": str(watch.ids()[0]), "do": "both"}
    assert viewer.client.post("/warnings/release", data=sent).status_code == 403
    assert watch.in_force() == {}


def test_a_lost_session_leads_back_to_the_page(desk: Desk) -> None:
    stranger = desk.person(None)
    for path in ("/warnings/release", "/warnings/7/lift"):
        assert stranger.client.post(path).headers["location"] == "/sign-in?unsent=1&next=/warnings"


def test_a_warning_on_no_data_and_past_its_time_says_so(desk: Desk, watch: Watch) -> None:
    watch.grade({"kangle": 5})
    watch.draw_up()
    watch.release()
    watch.day_with({"kangle": 0})
    watch.clock.advance(hours=1)
    officer = desk.person()
    page = said(officer.page("/warnings"))
    assert "the warning stands, but nothing of today supports it" in page
    assert "past its validity: prolong or lift it" in page
    assert "There is no danger data of today" in page
    assert "there is no data to lower it on" not in page, "the grade of yesterday still holds it"
    situation = said(officer.page("/"))
    assert situation.count("past its validity: prolong or lift it") == 2, "in the table and on the map"
    with serving(watch.db, watch.clock, watch.book) as api:
        zones = {zone["zone_id"]: zone["past_validity"] for zone in api.get("warnings").json()["zones"]}
    assert [zone for zone, past in zones.items() if past] == ["kangle"]


def test_the_api_names_the_officer(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    watch = Watch(db, clock, rulebook)
    watch.grade({"kangle": 5, "hezheng": 4})
    watch.draw_up()
    ids = watch.ids()
    with serving(db, clock, rulebook) as api:
        zones = {zone["zone_id"]: zone for zone in api.get("warnings").json()["zones"]}
        assert zones["kangle"]["waiting"]["signal"] == "red"
        assert zones["kangle"]["waiting"]["signal_class"] == 1
        assert zones["kangle"]["in_force"] is None
        assert zones["jishishan"]["grade"] == 0
        assert api.post("warnings/approve", {"ids": ids}).status_code == 422, "who approves?"
        assert api.post("warnings/issue", {"ids": ids}).status_code == 409, "not approved"
        assert api.post("warnings/approve", {"ids": ids, "approver": "Officer C"}).status_code == 200
        assert api.post("warnings/approve", {"ids": ids, "approver": "Officer D"}).status_code == 409
        issued = api.post("warnings/issue", {"ids": ids}).json()
        assert [row["state"] for row in issued] == ["issued", "issued"]
        whole = api.get(f"warnings/{ids[0]}").json()
        assert [step["kind"] for step in whole["steps"]] == ["drafted", "approved", "issued"]
        assert whole["steps"][1]["name"] == "Officer C"
        assert whole["steps"][1]["actor"] == "token:bootstrap"
        lifted = api.post(f"warnings/{ids[0]}/lift", {"approver": "Officer C", "reason": "rain"})
        assert lifted.json()["state"] == "lifted"
        viewer = api.signed(token_for(db, clock, Role.VIEWER))
        refused = viewer.post(f"warnings/{ids[1]}/lift", {"approver": "Officer C", "reason": "rain"})
        assert refused.status_code == 403
    assert set(watch.in_force()) == {"kangle", "hezheng"} - {whole["zone_id"]}


def test_the_api_refuses_a_draft_and_changes_its_remark(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    watch = Watch(db, clock, rulebook)
    watch.grade({"kangle": 5})
    watch.draw_up()
    number = watch.ids()[0]
    with serving(db, clock, rulebook) as api:
        assert api.post(f"warnings/{number}/remark", {"remark": "dry wind"}).json()["remark"] == "dry wind"
        assert api.post(f"warnings/{number}/remark", {"remark": ""}).json()["remark"] == ""
        assert api.post(f"warnings/{number}/reject", {"reason": ""}).status_code == 422
        assert api.post(f"warnings/{number}/reject", {"reason": "rain"}).json()["state"] == "rejected"
        assert api.get("warnings/999").status_code == 404
    with db.read() as session:
        notes = [step.note for step in session.exec(select(WarningStep).order_by(WarningStep.id))]  # type: ignore[arg-type]  # a column
    assert notes == ["", "dry wind", "", "rain"]
