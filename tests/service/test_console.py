"""The console end to end: what the pages show and what their forms do, in both languages."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import select

from firewatch.clock import FixedClock, local_day
from firewatch.danger.models import ZoneGrade
from firewatch.db import Database
from firewatch.dispatch.models import Order, OrderState
from firewatch.incidents.models import FireReport, Incident, TimelineEntry
from firewatch.jobs.models import JobRun, RunState
from firewatch.messaging.alarms import raise_alarm
from firewatch.messaging.models import Alarm, Message, MessageState
from firewatch.resources.models import ResourceStatus, Vehicle
from firewatch.rulebook.read import Rulebook
from firewatch.weather.models import FeedStatus
from tests.service.console import Desk, Person, forms, open_desk, report, report_and_order, said


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


@pytest.fixture
def officer(desk: Desk) -> Person:
    return desk.person("officer")


def grade(desk: Desk, zone_id: str, scheme: str, number: int, **more: object) -> None:
    with desk.db.write() as session:
        session.add(
            ZoneGrade(
                zone_id=zone_id,
                on=local_day(desk.clock.now(), desk.book.alliance.tz),
                scheme=scheme,
                grade=number,
                assessed_at=desk.clock.now() - timedelta(minutes=90),
                **{"provisional": False} | more,  # type: ignore[arg-type]  # plain values of the row
            )
        )


def test_a_quiet_night_says_so(officer: Person) -> None:
    page = said(officer.page("/"))
    for text in ("No open incident", "No open alarm", "No weather has come in yet", "not assessed today"):
        assert text in page
    assert "no data" in page


def test_grades_are_told_with_numeral_word_scheme_and_age(desk: Desk, officer: Person) -> None:
    grade(desk, "kangle", "lyt1172", 5, value=95.0, mean=93.5, provisional=True, flags="history;rain_gap")
    grade(desk, "kangle", "fwi", 2, value=7.25)
    page = officer.page("/")
    assert '<span class="grade g5"><b>5</b> extreme</span>' in page
    row = said(page[page.index('<th scope="row">Kangle') : page.index('<th scope="row">Hezheng')])
    for text in ("95.0", "93.5", "7.2 · 2 low", "provisional", "no wet day on record", "1 h 30 min ago"):
        assert text in row
    assert "LY/T 1172-1995" in page


def test_a_zone_without_data_is_not_a_zone_without_danger(desk: Desk, officer: Person) -> None:
    grade(desk, "kangle", "lyt1172", 0)
    page = officer.page("/")
    row = said(page[page.index('<th scope="row">Kangle') :])
    assert row.startswith(" Kangle County no data – –")
    assert "url(#map-nodata)" in page


def test_old_weather_is_called_old(desk: Desk, officer: Person) -> None:
    now = desk.clock.now()
    with desk.db.write() as session:
        session.add(FeedStatus(source="stations", kind="stations", newest_valid_at=now - timedelta(hours=1)))
    assert "out of date" not in said(officer.page("/"))
    desk.clock.advance(hours=4)
    page = said(officer.page("/"))
    assert "out of date" in page
    assert "newest weather: 5 h ago" in page


def test_open_meteo_is_named_with_a_link_where_its_weather_is_used(desk: Desk, officer: Person) -> None:
    with desk.db.write() as session:
        session.add(FeedStatus(source="stations", kind="stations"))
    assert "Open-Meteo" not in officer.page("/")
    with desk.db.write() as session:
        session.add(FeedStatus(source="open-meteo", kind="open_meteo"))
    page = officer.page("/")
    assert "Weather data by Open-Meteo.com ( CC BY 4.0 )" in said(page)
    assert '<a href="https://open-meteo.com/" rel="noreferrer">Open-Meteo.com</a>' in page


def statements(desk: Desk, officer: Person, address: str) -> int:
    """How many times a page asks the database."""
    asked: list[object] = []

    def heard(*said: object) -> None:
        asked.append(said[2])

    event.listen(desk.db.engine, "before_cursor_execute", heard)
    try:
        officer.page(address)
    finally:
        event.remove(desk.db.engine, "before_cursor_execute", heard)
    return len(asked)


def test_many_fires_are_no_more_questions_than_one(desk: Desk, officer: Person) -> None:
    for lat, lon in (("35.30", "103.65"), ("35.70", "102.90"), ("35.43", "103.30")):
        report(officer, lat=lat, lon=lon)
    desk.plan(1)
    officer.press("/incidents/1", "Confirm: give")
    one_answered = statements(desk, officer, "/")
    for number in (2, 3):
        desk.plan(number)
        officer.press(f"/incidents/{number}", "Confirm: give")
    assert statements(desk, officer, "/") == one_answered
    page = officer.page("/")
    with desk.db.read() as session:
        assert page.count('<g class="trip">') == len(session.exec(select(Order)).all()) == 3


def test_a_failed_job_is_shown_and_tried_again(desk: Desk, officer: Person) -> None:
    now = desk.clock.now()
    with desk.db.write() as session:
        run = JobRun(
            job="danger",
            scheduled_for=now,
            state=RunState.GIVEN_UP,
            owner="me",
            started_at=now,
            lease_until=now,
            error="no weather at all",
        )
        session.add(run)
    assert "no weather at all" in officer.page("/")
    officer.press("/", "Try again now")
    with desk.db.read() as session:
        assert session.exec(select(JobRun.state)).one() == RunState.FAILED


def test_an_alarm_is_closed_by_name(desk: Desk, officer: Person) -> None:
    with desk.db.write() as session:
        raise_alarm(session, desk.clock.now(), "roster_hole", "roster:kangle", {"agency": "kangle"})
    assert "Kangle forest-chief office has nobody on duty" in said(officer.page("/"))
    officer.press("/", "Dealt with")
    assert "No open alarm" in said(officer.page("/"))
    with desk.db.read() as session:
        assert session.exec(select(Alarm.closed_by)).one() == "officer"


def test_a_report_opens_an_incident_and_shows_who_does_not_know_yet(officer: Person) -> None:
    answer = report(officer, agency="hezheng")
    assert (answer.status_code, answer.headers["location"]) == (303, "/incidents/1")
    page = said(officer.page("/incidents/1"))
    for text in ("Hezheng County", "reported", "35.43000, 103.30000", "35°25'48\"N 103°18'00\"E", "smoke on the ridge"):
        assert text in page
    assert "Who knows (0/7)" in page
    assert "no danger grade for today" in page
    queue = said(officer.page("/"))
    assert "7 of 7 agencies" in queue
    assert "unanswered 7" in queue


def test_nothing_typed_is_lost_when_something_is_wrong(desk: Desk, officer: Person) -> None:
    answer = report(officer, lat="95", lon="east", description="two <fires>", agency="kangle", channel="patrol")
    assert answer.status_code == 422
    page = answer.text
    assert "A latitude from −90 to 90" in page
    assert "A longitude from −180 to 180" in page
    values = next(form for form in forms(page) if form.action == "/report").values
    assert values["lat"] == "95"
    assert (values["agency"], values["channel"]) == ("kangle", "patrol")
    assert "two &lt;fires&gt;</textarea>" in page
    with desk.db.read() as session:
        assert not session.exec(select(FireReport)).all()


def test_what_is_wrong_is_said_beside_its_field(officer: Person) -> None:
    for field, value, message in (
        ("lat", "", "A latitude"),
        ("lat", "nan", "A latitude"),
        ("lon", "inf", "A longitude"),
        ("description", "   ", "Say in a few words"),
        ("description", "x" * 2001, "Say in a few words"),
        ("channel", "pigeon", "Choose how the report came"),
        ("agency", "atlantis", "Choose a member"),
        ("reported_at", "yesterday", "Not a time"),
        ("reported_at", "2099-01-01T00:00", "Not a time"),
        ("reported_at", "0001-01-01T00:00", "Not a time"),
    ):
        answer = report(officer, **{field: value})
        assert answer.status_code == 422, (field, value)
        assert f'id="{field}-error">{message}' in answer.text


def test_a_place_may_be_pasted_as_a_pair_and_typed_in_full_width(desk: Desk, officer: Person) -> None:
    assert report(officer, lat="３５.４３，103.30", lon="").status_code == 303
    with desk.db.read() as session:
        incident = session.exec(select(Incident)).one()
    assert (incident.lat, incident.lon) == (35.43, 103.30)


def test_the_time_of_a_report_is_local(desk: Desk, officer: Person) -> None:
    assert report(officer, reported_at="2026-04-01T11:30").status_code == 303
    with desk.db.read() as session:
        assert session.exec(select(FireReport.reported_at)).one() == desk.clock.now() - timedelta(minutes=30)


def test_a_plan_is_shown_confirmed_and_driven(desk: Desk, officer: Person) -> None:
    report(officer)
    assert "A plan is being made" in officer.page("/incidents/1")
    desk.plan(1)
    page = said(officer.page("/incidents/1"))
    assert "to be confirmed" in page
    assert "no road network" in page
    assert "Passed over (" in page
    assert "proposed:" in said(officer.page("/"))
    officer.press("/incidents/1", "Confirm: give")
    with desk.db.read() as session:
        orders = session.exec(select(Order).order_by("id")).all()
    assert orders
    page = said(officer.page("/incidents/1"))
    assert f"Orders ({len(orders)})" in page
    assert "responding" in page
    officer.press("/incidents/1", "en route")
    officer.press("/incidents/1", "on scene")
    assert "1 of them there" in said(officer.page("/"))


def test_a_released_crew_is_returned_to_the_pool(desk: Desk, officer: Person) -> None:
    report_and_order(desk, officer)
    for step in ("en route", "on scene"):
        officer.press("/incidents/1", step)
    assert "Return to the pool" not in officer.page("/incidents/1")
    officer.press("/incidents/1", "released")
    with desk.db.read() as session:
        order = session.exec(select(Order).where(Order.state == OrderState.RELEASED)).one()
        waiting = [order.vehicle_id, *order.crews]
    assert f"Return to the pool ({len(waiting)})" in officer.page("/incidents/1")
    officer.press("/incidents/1", "Return to the pool")
    assert "Return to the pool" not in officer.page("/incidents/1")
    with desk.db.read() as session:
        assert session.get_one(Vehicle, order.vehicle_id).status == ResourceStatus.AVAILABLE
        by = session.exec(select(TimelineEntry.actor).where(TimelineEntry.kind == "order_returned")).all()
    assert by == ["officer"]


def test_a_fire_with_people_at_it_is_not_offered_to_be_closed(desk: Desk, officer: Person) -> None:
    report_and_order(desk, officer)
    csrf = {"csrf": forms(officer.page("/"))[0].values["csrf"]}
    for state in ("flames_out", "mop_up", "guarding", "accepted"):
        assert officer.client.post("/incidents/1/state", data=csrf | {"state": state}).status_code == 303
    page = officer.page("/incidents/1")
    assert "1 order(s) under way: release them" in page
    assert "Yes: closed" not in page
    for step in ("en route", "released"):
        officer.press("/incidents/1", step)
    officer.press("/incidents/1", "Yes: closed")


def test_an_overdue_order_is_marked(desk: Desk, officer: Person) -> None:
    report_and_order(desk, officer)
    assert "overdue" not in officer.page("/incidents/1")
    desk.clock.advance(hours=6)
    assert "overdue" in officer.page("/incidents/1")


def test_declining_needs_a_reason_and_asks_for_a_new_plan(desk: Desk, officer: Person) -> None:
    report_and_order(desk, officer)
    officer.press("/incidents/1", "Declined", status=422, reason="  ")
    officer.press("/incidents/1", "Declined", reason="engine broken")
    page = said(officer.page("/incidents/1"))
    assert "reason: engine broken" in page
    assert "A plan is being made" in page


def test_what_somebody_else_was_quicker_with_is_explained(desk: Desk, officer: Person) -> None:
    report(officer)
    desk.plan(1)
    form = next(form for form in forms(officer.page("/incidents/1")) if "Confirm: give" in form.text)
    assert officer.client.post(form.action, data=form.values).status_code == 303
    again = officer.client.post(form.action, data=form.values)
    assert again.status_code == 409
    assert "Somebody may have been quicker" in again.text


def test_an_agency_that_answered_by_phone_is_put_on_record(desk: Desk, officer: Person) -> None:
    report(officer)
    officer.press("/incidents/1", "Acknowledged by phone")
    page = said(officer.page("/incidents/1"))
    assert "Who knows (1/7)" in page
    assert "unanswered 6" in page
    with desk.db.read() as session:
        kinds = session.exec(select(TimelineEntry.actor).where(TimelineEntry.kind == "acknowledged")).all()
    assert kinds == ["officer"]
    assert "Officer A · officer" in page


def test_only_allowed_next_states_have_buttons(officer: Person) -> None:
    report(officer)
    head = {form.values.get("state") for form in forms(officer.page("/incidents/1")) if form.action.endswith("/state")}
    assert head == {"verified", "responding", "false_alarm"}
    officer.press("/incidents/1", "Yes: false alarm")
    page = officer.page("/incidents/1")
    assert not [form for form in forms(page) if form.action.endswith("/state")]
    assert "No open incident" in said(officer.page("/"))


def test_the_class_is_set_and_recorded(officer: Person) -> None:
    report(officer)
    officer.press("/incidents/1", "Class", fire_class="major")
    page = said(officer.page("/incidents/1"))
    assert "class changed from “ordinary fire” to “major fire”" in page


def test_a_report_is_detached_into_a_fire_of_its_own(officer: Person) -> None:
    report(officer)
    report(officer, lat="35.431", description="second smoke", answer="1", shown="1")
    answer = officer.press("/incidents/1", "Open another incident and tell every agency")
    assert answer.headers["location"] == "/incidents/2"
    assert "opened from report 1 of incident 1" in said(officer.page("/incidents/2"))


def test_messages_are_listed_masked_and_by_state(desk: Desk, officer: Person) -> None:
    report(officer)
    with desk.db.write() as session:
        message = session.exec(select(Message).order_by("id")).first()
        assert message is not None
        message.state, message.possible_double, message.error = MessageState.DEAD, True, "30003"
        number = message.to
    page = officer.page("/messages")
    assert number not in page
    assert number[-3:] in page
    assert "possibly doubled" in page
    assert said(page).count("to be sent") == 7, "six messages and the filter"
    assert said(officer.page("/messages?state=dead")).count("given up") == 2
    assert "No messages." in said(officer.page("/messages?state=delivered"))
    assert said(officer.page("/messages?state=nonsense")).count("to be sent") == 7


def test_what_people_type_is_only_text(officer: Person) -> None:
    evil = "<script>alert(1)</script>"
    report(officer, description=evil)
    for address in ("/", "/incidents/1", "/messages", "/report"):
        assert evil not in officer.page(address)
    assert "&lt;script&gt;" in officer.page("/incidents/1")


def test_a_fire_outside_the_region_is_taken_with_a_warning(officer: Person) -> None:
    report(officer, lat="40.0", lon="110.0")
    page = said(officer.page("/incidents/1"))
    assert "outside the region" in page
