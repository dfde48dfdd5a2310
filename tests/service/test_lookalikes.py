"""Before a report is written, whoever reports sees the fires nearby and says which it is."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.errors import Conflict, NotFound
from firewatch.incidents import intake, progress
from firewatch.incidents.intake import Answer, Intake, NewReport
from firewatch.incidents.lookalikes import Lookalikes, lookalikes
from firewatch.incidents.models import FireReport, IncidentState
from firewatch.messaging.models import Message
from firewatch.rulebook.read import Rulebook
from firewatch.web.console import report as report_page
from firewatch.web.console.page import Page
from firewatch.web.console.report_form import ReportForm
from tests.build import OFFICER, incident_of, new_report, prepare, report_fire, rows, texts
from tests.service.console import Desk, Form, Person, forms, open_desk, report, said

FIRST = (35.30, 103.65)
HALF_A_KM_NORTH = (35.305, 103.65)
FOUR_KM_WEST = (35.30, 103.606)
THIRTY_KM_NORTH = (35.57, 103.65)


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


@pytest.fixture
def officer(desk: Desk) -> Person:
    return desk.person()


def near(db: Database, clock: FixedClock, book: Rulebook, place: tuple[float, float]) -> Lookalikes:
    with db.read() as session:
        return lookalikes(session, book, *place, clock.now(), clock.now())


def answered(db: Database, clock: FixedClock, book: Rulebook, place: tuple[float, float], answer: Answer) -> Intake:
    with db.write() as session:
        return intake.report_fire(session, clock, book, new_report(place), OFFICER, None, answer)


def end(desk_db: Database, clock: FixedClock, number: int) -> None:
    with desk_db.write() as session:
        progress.change_state(session, clock, number, IncidentState.FALSE_ALARM, OFFICER)


def form_of(page: str) -> Form:
    return next(form for form in forms(page) if form.action == "/report")


def reports_of(desk: Desk) -> list[int]:
    with desk.db.read() as session:
        return list(session.exec(select(FireReport.incident_id).order_by(col(FireReport.id))))


def at(place: tuple[float, float]) -> dict[str, str]:
    return {"lat": str(place[0]), "lon": str(place[1])}


def test_what_is_near_is_told_with_its_way_and_what_the_rule_makes_of_it(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    prepare(db, rulebook)
    first = report_fire(db, clock, rulebook, place=FIRST)
    found = near(db, clock, rulebook, HALF_A_KM_NORTH)
    assert (found.numbers, found.rule) == ([first.incident.id], first.incident.id)
    assert found.fires[0].km == pytest.approx(0.556, abs=0.01)
    assert found.fires[0].bearing_deg == pytest.approx(180)
    farther = near(db, clock, rulebook, FOUR_KM_WEST)
    assert (farther.numbers, farther.rule) == ([first.incident.id], None)
    assert farther.fires[0].bearing_deg == pytest.approx(90, abs=0.1)
    assert near(db, clock, rulebook, THIRTY_KM_NORTH) == Lookalikes([], None)


def test_the_rule_goes_by_when_the_fire_was_seen(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    report_fire(db, clock, rulebook, place=FIRST)
    with db.read() as session:
        now = clock.now()
        assert lookalikes(session, rulebook, *FIRST, now, now).rule is not None
        assert lookalikes(session, rulebook, *FIRST, now - timedelta(hours=7), now).rule is None


def test_a_fire_that_is_over_is_shown_for_some_hours(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    number = incident_of(report_fire(db, clock, rulebook, place=FIRST))
    end(db, clock, number)
    found = near(db, clock, rulebook, FIRST)
    assert (found.numbers, found.open, found.rule) == ([number], [], None)
    clock.advance(minutes=60 * rulebook.dispatch.nearby_ended_hours)
    assert near(db, clock, rulebook, FIRST).fires == []


def test_an_answer_goes_before_the_rule(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    first = report_fire(db, clock, rulebook, place=FIRST)
    told = len(rows(db, Message))
    joined = answered(db, clock, rulebook, FOUR_KM_WEST, Answer(first.incident.id))
    assert (joined.opened, joined.incident.id, len(rows(db, Message))) == (False, first.incident.id, told)
    alone = answered(db, clock, rulebook, HALF_A_KM_NORTH, Answer(None))
    assert alone.opened
    assert len(texts(db, incident_of(alone))) == 7


def test_an_answer_that_cannot_be_changes_nothing(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    number = incident_of(report_fire(db, clock, rulebook, place=FIRST))
    end(db, clock, number)
    with pytest.raises(Conflict, match="is over"):
        answered(db, clock, rulebook, FIRST, Answer(number))
    with pytest.raises(NotFound):
        answered(db, clock, rulebook, FIRST, Answer(99))
    assert len(rows(db, FireReport)) == 1


def test_a_double_click_is_one_report(desk: Desk, officer: Person) -> None:
    form = next(form for form in forms(officer.page("/report")) if form.action == "/report")
    sent = form.values | {"lat": "35.43", "lon": "103.30", "description": "smoke", "channel": "phone", "step": "check"}
    first, second = (officer.client.post("/report", data=sent) for _ in range(2))
    assert first.headers["location"] == second.headers["location"] == "/incidents/1"
    # Going back and correcting the text is another report, not a clash with the first.
    more = {"description": "smoke and flames", "answer": "1", "shown": "1"}
    third = officer.client.post("/report", data=sent | more)
    assert third.status_code == 303
    with desk.db.read() as session:
        assert len(session.exec(select(FireReport)).all()) == 2
        assert len(session.exec(select(Message)).all()) == 7


def test_the_page_asks_shows_and_does_as_it_is_told(desk: Desk, officer: Person) -> None:
    report(officer)
    desk.clock.advance(minutes=12)
    asked = report(officer, lat="35.435", lon="103.302", description="smoke <again>")
    assert asked.status_code == 200
    page = said(asked.text)
    assert "Fires nearby are known already" in page
    assert "0.6 km to the south of the place reported · first heard of 12 min ago" in page
    assert "the rule would add the report to fire 1" in page
    assert "smoke &lt;again&gt;</textarea>" in asked.text
    assert reports_of(desk) == [1]
    sent = form_of(asked.text).values | {"description": "smoke <again>"}
    assert sent["answer"] == "1"
    assert officer.client.post("/report", data=sent).headers["location"] == "/incidents/1"
    # Gone back, and another answer given: that is another report, not the first once more.
    alone = officer.client.post("/report", data=sent | {"answer": "new"})
    assert alone.headers["location"] == "/incidents/2"
    assert reports_of(desk) == [1, 1, 2]


def test_in_chinese_a_new_fire_is_preselected_beyond_the_reach_of_the_rule(desk: Desk) -> None:
    officer = desk.person(lang="zh")
    report(officer, **at(FIRST))
    asked = report(officer, **at(FOUR_KM_WEST))
    assert "在报告地点的东面，4.0 公里" in said(asked.text)
    assert "按规则另立火情" in said(asked.text)
    assert form_of(asked.text).values["answer"] == "new"


def test_a_fire_far_away_asks_nothing(officer: Person) -> None:
    report(officer, **at(FIRST))
    assert report(officer, **at(THIRTY_KM_NORTH)).headers["location"] == "/incidents/2"


def test_a_fire_that_is_over_is_told_but_takes_no_report(desk: Desk, officer: Person) -> None:
    report(officer, **at(FIRST))
    end(desk.db, desk.clock, 1)
    asked = report(officer, **at(FIRST))
    assert "takes no more reports" in said(asked.text)
    assert 'value="1" checked' not in asked.text
    form = form_of(asked.text)
    assert form.values["answer"] == "new"
    again = officer.client.post("/report", data=form.values | {"description": "smoke", "answer": "1"})
    assert again.status_code == 200, "what cannot be chosen is asked for once more"
    new = officer.client.post("/report", data=form.values | {"description": "smoke"})
    assert new.headers["location"] == "/incidents/2"


def test_what_became_known_meanwhile_is_asked_about_again(desk: Desk, officer: Person) -> None:
    report(officer, **at(FIRST))
    form = form_of(report(officer, **at(FOUR_KM_WEST)).text)
    other = desk.person()
    report(other, **at(FOUR_KM_WEST), answer="new", shown="1")  # another line rang for the same smoke
    assert reports_of(desk) == [1, 2]
    asked = officer.client.post("/report", data=form.values | {"description": "smoke"})
    assert asked.status_code == 200
    assert "has changed since you answered" in said(asked.text)
    assert reports_of(desk) == [1, 2]
    sent = form_of(asked.text).values | {"description": "smoke", "answer": "2"}
    assert officer.client.post("/report", data=sent).headers["location"] == "/incidents/2"


def test_an_answer_is_no_answer_for_another_place(officer: Person) -> None:
    report(officer, **at(FIRST))
    form = form_of(report(officer, **at(HALF_A_KM_NORTH)).text)
    moved = officer.client.post("/report", data=form.values | {"description": "smoke"} | at(THIRTY_KM_NORTH))
    assert moved.headers["location"] == "/incidents/2", "by the rule, since nothing is near there"


def test_a_fire_that_ends_between_the_check_and_the_writing(
    desk: Desk, officer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(officer, **at(FIRST))
    form = form_of(report(officer, **at(FIRST)).text)
    take_in = report_page._take_in

    def late(page: Page, sent: ReportForm, told: NewReport, found: Lookalikes) -> int:
        end(desk.db, desk.clock, 1)
        return take_in(page, sent, told, found)

    monkeypatch.setattr(report_page, "_take_in", late)
    asked = officer.client.post("/report", data=form.values | {"description": "smoke"})
    assert asked.status_code == 409
    assert "has changed since you answered" in said(asked.text)
    assert "smoke</textarea>" in asked.text
    assert reports_of(desk) == [1]
