import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import SQLModel

from firewatch.agencies.models import DutyShift
from firewatch.clock import FixedClock
from firewatch.danger.models import ZoneGrade
from firewatch.db import Database
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.incidents import intake, progress, timeline
from firewatch.incidents.models import AgencyNotice, FireReport, Incident, IncidentState, ReportChannel, TimelineEntry
from firewatch.messaging.alarms import open_alarms
from firewatch.messaging.models import Message, MessageState
from firewatch.rulebook.read import Rulebook
from tests.build import JISHISHAN, KANGLE, incident, incident_of, prepare, report_fire, rows, set_rows, texts

AGENCIES = ["hezheng", "jishishan", "kangle", "lianhuashan", "linxia-county", "prefecture", "taizishan"]
WRITTEN: tuple[type[SQLModel], ...] = (FireReport, Incident, AgencyNotice, TimelineEntry, Message)


@pytest.fixture(autouse=True)
def alliance(db: Database, rulebook: Rulebook) -> None:
    prepare(db, rulebook)


def counts(db: Database) -> list[int]:
    return [len(rows(db, table)) for table in WRITTEN]


def kinds(db: Database, incident_id: int) -> list[str]:
    with db.read() as session:
        return [entry.kind for entry in timeline.entries(session, incident_id)]


def test_one_report_tells_every_agency_once(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    taken = report_fire(db, clock, rulebook)
    number = incident_of(taken)
    assert (taken.opened, taken.repeated) == (True, False)
    row = incident(db, number)
    assert (row.state, row.zone_id, row.organiser_agency_id) == (IncidentState.REPORTED, "kangle", "kangle")
    assert (row.opened_at, row.plan_due_at, row.warnings) == (clock.now(), clock.now(), ["no_danger_data"])
    sent = texts(db, number)
    assert sorted(message.agency_id or "" for message in sent) == AGENCIES
    assert {message.contact_id for message in sent} == {f"{agency}-liaison" for agency in AGENCIES}
    assert {(message.template, message.state, message.due_at) for message in sent} == {
        ("sms.report", MessageState.DUE, clock.now())
    }
    notices: list[AgencyNotice] = rows(db, AgencyNotice)
    assert sorted(notice.agency_id for notice in notices) == AGENCIES
    assert {notice.next_step_at for notice in notices} == {clock.now() + timedelta(minutes=5)}
    assert kinds(db, number) == ["opened", "organiser", "reported", "agencies_told"]
    with db.read() as session:
        assert open_alarms(session) == []


def test_the_text_names_place_time_and_organiser(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    number = incident_of(report_fire(db, clock, rulebook))
    for message in texts(db, number):
        for part in ("康乐", "35.3000", "103.6500", "12:00", "康乐县林长制办公室", message.code or "?"):
            assert part in message.body, part


def test_without_a_finder_the_duty_agency_organises(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    taken = report_fire(db, clock, rulebook, agency=None)
    assert (taken.incident.organiser_agency_id, taken.report.agency_id) == ("prefecture", None)


def test_the_grade_of_the_day_goes_with_the_incident(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    today = clock.now().date()
    with db.write() as session:
        for zone, scheme, grade in (("kangle", "lyt1172", 4), ("kangle", "fwi", 2), ("jishishan", "lyt1172", 0)):
            session.add(
                ZoneGrade(zone_id=zone, on=today, scheme=scheme, grade=grade, provisional=True, assessed_at=clock.now())
            )
    graded, no_data = report_fire(db, clock, rulebook).incident, report_fire(db, clock, rulebook, place=JISHISHAN)
    assert (graded.danger_grade, graded.warnings) == (4, [])
    assert (no_data.incident.danger_grade, no_data.incident.warnings) == (None, ["no_danger_data"])


def test_a_fire_outside_the_region_does_not_wait(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    taken = report_fire(db, clock, rulebook, place=(36.5, 101.0))
    assert (taken.incident.zone_id, taken.incident.warnings) == (None, ["outside_region"])
    assert len(texts(db, incident_of(taken))) == len(AGENCIES)


STEPS = ["_checked", "_joined", "_open", "tell_everyone", "record"]


@pytest.mark.parametrize("step", STEPS)
def test_whatever_fails_leaves_nothing(
    db: Database, clock: FixedClock, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    real = getattr(intake, step)

    def breaks_after(*given: object, **named: object) -> object:
        real(*given, **named)
        raise RuntimeError("the machine stumbles")

    before = counts(db)
    monkeypatch.setattr(intake, step, breaks_after)
    with pytest.raises(RuntimeError, match="stumbles"):
        report_fire(db, clock, rulebook, key="k")
    assert counts(db) == before == [0] * len(WRITTEN)
    monkeypatch.undo()
    assert report_fire(db, clock, rulebook, key="k").opened


def test_a_near_report_joins_and_tells_nobody_again(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    first = report_fire(db, clock, rulebook)
    clock.advance(minutes=20)
    second = report_fire(db, clock, rulebook, place=(35.31, 103.65), agency="hezheng")
    assert (second.opened, second.incident.id) == (False, first.incident.id)
    assert second.incident.organiser_agency_id == "kangle"
    assert len(texts(db, incident_of(first))) == len(AGENCIES)
    assert kinds(db, incident_of(first)).count("reported") == 2


@pytest.mark.parametrize(
    ("place", "minutes"), [((35.33, 103.65), 20), (KANGLE, 361)], ids=["three kilometres off", "six hours later"]
)
def test_a_far_or_late_report_opens_another(
    db: Database, clock: FixedClock, rulebook: Rulebook, place: tuple[float, float], minutes: int
) -> None:
    first = report_fire(db, clock, rulebook)
    clock.advance(minutes=minutes)
    second = report_fire(db, clock, rulebook, place=place)
    assert second.opened
    assert second.incident.id != first.incident.id
    assert len(rows(db, Message)) == 2 * len(AGENCIES)


def test_later_reports_do_not_widen_what_a_fire_draws_in(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    taken = []
    for step in range(6):  # each within two kilometres and six hours of the one before
        taken.append(report_fire(db, clock, rulebook, place=(35.30 + step * 0.015, 103.65)))
        clock.advance(minutes=100)
    assert [one.opened for one in taken] == [True, False, True, False, True, False]
    late = [report_fire(db, clock, rulebook, place=(35.375, 103.65)).opened for _ in range(2)]
    assert late == [False, False]
    clock.advance(minutes=300)
    assert report_fire(db, clock, rulebook, place=(35.375, 103.65)).opened


def test_a_report_entered_late_joins_what_was_seen_then_or_is_known_now(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    seen_at = "2026-04-01T02:00:00+08:00"  # ten hours ago
    first = report_fire(db, clock, rulebook, reported_at=seen_at)
    again = [report_fire(db, clock, rulebook, reported_at=seen_at), report_fire(db, clock, rulebook)]
    assert [(one.opened, one.incident.id) for one in again] == [(False, first.incident.id)] * 2


@pytest.mark.parametrize("state", list(IncidentState))
def test_a_new_fire_where_the_flames_are_out_is_another(
    db: Database, clock: FixedClock, rulebook: Rulebook, state: IncidentState
) -> None:
    first = report_fire(db, clock, rulebook)
    set_rows(db, Incident, [incident_of(first)], state=state)
    burning = {IncidentState.REPORTED, IncidentState.VERIFIED, IncidentState.RESPONDING}
    second = report_fire(db, clock, rulebook)
    assert second.opened == (state not in burning)
    assert len(texts(db, incident_of(second))) == len(AGENCIES)
    with db.read() as session:
        assert intake.by_the_rule(session, rulebook, *KANGLE, clock.now()) == second.incident.id


def test_what_is_over_is_not_joined(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    first = report_fire(db, clock, rulebook)
    with db.write() as session:
        progress.change_state(session, clock, incident_of(first), IncidentState.FALSE_ALARM, "officer")
    assert report_fire(db, clock, rulebook).opened


def test_a_report_can_be_detached_again(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    first = report_fire(db, clock, rulebook)
    second = report_fire(db, clock, rulebook, place=(35.31, 103.65), agency=None)
    with db.write() as session:
        other = intake.detach(session, clock, rulebook, second.report.id or 0, "officer")
    assert other.id != first.incident.id
    assert (other.lat, other.organiser_agency_id, other.plan_due_at) == (35.31, "prefecture", clock.now())
    assert len(texts(db, other.id or 0)) == len(AGENCIES)
    assert "report_detached" in kinds(db, incident_of(first))
    assert "opened_from" in kinds(db, other.id or 0)
    for report in (first.report, second.report):
        with db.write() as session, pytest.raises(Conflict, match="no other report"):
            intake.detach(session, clock, rulebook, report.id or 0, "officer")
    with db.write() as session, pytest.raises(NotFound):
        intake.detach(session, clock, rulebook, 999, "officer")


def test_what_is_left_burns_where_its_oldest_report_says(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    first = report_fire(db, clock, rulebook)
    second = report_fire(db, clock, rulebook, place=(35.31, 103.66), agency="hezheng")
    report_fire(db, clock, rulebook, place=(35.29, 103.64), agency=None)
    number = incident_of(first)
    set_rows(db, Incident, [number], plan_due_at=None)
    clock.advance(minutes=5)
    with db.write() as session:
        other = intake.detach(session, clock, rulebook, first.report.id or 0, "officer")
    left = incident(db, number)
    assert (left.lat, left.lon, left.organiser_agency_id) == (second.report.lat, second.report.lon, "hezheng")
    assert (left.plan_due_at, left.opened_at) == (clock.now(), clock.now() - timedelta(minutes=5))
    assert (other.lat, other.lon, other.organiser_agency_id) == (*KANGLE, "kangle")
    assert kinds(db, number)[-2:] == ["placed_again", "organiser"]
    with db.read() as session:
        assert [(alarm.kind, alarm.incident_id) for alarm in open_alarms(session)] == [("placed_again", number)]


def test_another_callers_key_is_another_key(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    mine = report_fire(db, clock, rulebook, key="1", by="one")
    theirs = report_fire(db, clock, rulebook, key="1", by="two", place=JISHISHAN, agency=None)
    assert (theirs.opened, theirs.repeated) == (True, False)
    for first, by in ((mine, "one"), (theirs, "two")):
        place = (first.report.lat, first.report.lon)
        again = report_fire(db, clock, rulebook, key="1", by=by, place=place, agency=first.report.agency_id)
        assert (again.repeated, again.report.id) == (True, first.report.id)


def test_the_same_key_is_the_same_report(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    first = report_fire(db, clock, rulebook, key="k")
    before = counts(db)
    clock.advance(minutes=3)
    again = report_fire(db, clock, rulebook, key="k")
    assert (again.repeated, again.opened) == (True, True)
    assert again.report.model_dump() == first.report.model_dump()
    assert again.incident.id == first.incident.id
    assert counts(db) == before
    joined = report_fire(db, clock, rulebook, key="k2")
    assert (joined.opened, report_fire(db, clock, rulebook, key="k2").opened) == (False, False)


def test_a_key_used_for_another_report_is_refused(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    report_fire(db, clock, rulebook, key="k")
    before = counts(db)
    with pytest.raises(Conflict, match="Idempotency-Key"):
        report_fire(db, clock, rulebook, key="k", description="another fire altogether")
    assert counts(db) == before


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"agency": "nobody"}, "agency: nobody"),
        ({"reported_at": "2026-04-01T12:06:00+08:00"}, "reported_at: lies in the future"),
        ({"reported_at": "9999-12-31T23:59:59Z"}, "reported_at: lies in the future"),
        ({"reported_at": "0001-01-01T00:00:00+14:00"}, "reported_at: lies too far back"),
        ({"reported_at": "2025-03-01T00:00:00Z"}, "reported_at: lies too far back"),
    ],
)
def test_what_cannot_be_is_refused(
    db: Database, clock: FixedClock, rulebook: Rulebook, given: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BadInput, match=reason):
        report_fire(db, clock, rulebook, **given)
    assert counts(db) == [0] * len(WRITTEN)


def test_a_clock_may_run_a_little_ahead_and_a_report_come_late(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    ahead = report_fire(db, clock, rulebook, reported_at="2026-04-01T12:04:00+08:00")
    late = report_fire(db, clock, rulebook, place=JISHISHAN, reported_at="2026-03-30T12:00:00+08:00")
    assert ahead.report.reported_at == clock.now() + timedelta(minutes=4)
    assert late.opened
    assert late.report.received_at == clock.now()


def test_a_roster_hole_is_an_alarm_and_the_liaison_is_told(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    with db.write() as session:
        for shift in rows(db, DutyShift, DutyShift.contact_id == "kangle-liaison"):
            session.delete(session.merge(shift))
    number = incident_of(report_fire(db, clock, rulebook))
    told = {message.agency_id: message.contact_id for message in texts(db, number)}
    assert told["kangle"] == "kangle-liaison"
    with db.read() as session:
        assert [(alarm.kind, alarm.agency_id) for alarm in open_alarms(session)] == [("roster_hole", "kangle")]
    report_fire(db, clock, rulebook, place=JISHISHAN)
    with db.read() as session:
        assert [alarm.times for alarm in open_alarms(session)] == [2]


def test_at_night_the_deputies_on_duty_are_told(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    clock.at = clock.at.replace(hour=18)  # 02:00 in Linxia: a shift that began yesterday evening
    number = incident_of(report_fire(db, clock, rulebook))
    assert {message.contact_id for message in texts(db, number)} == {f"{agency}-deputy" for agency in AGENCIES}


@pytest.mark.timeout(60)
def test_twenty_callers_at_once_make_one_incident(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    together, taken, errors = threading.Barrier(20), list[intake.Intake](), list[BaseException]()

    def call(number: int) -> None:
        try:
            together.wait(timeout=20)
            place = (KANGLE[0] + number * 0.0004, KANGLE[1])
            taken.append(report_fire(db, clock, rulebook, place=place, channel=ReportChannel.OTHER))
        except BaseException as error:  # noqa: BLE001 - carried to the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert errors == []
    assert len(taken) == 20
    assert len({one.incident.id for one in taken}) == 1
    assert [one.opened for one in taken].count(True) == 1
    assert [len(rows(db, table)) for table in (Incident, FireReport, AgencyNotice, Message)] == [1, 20, 7, 7]


@pytest.mark.timeout(60)
def test_one_form_sent_ten_times_at_once_is_one_report(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    together, numbers = threading.Barrier(10), list[int | None]()

    def call() -> None:
        together.wait(timeout=20)
        numbers.append(report_fire(db, clock, rulebook, key="the same").report.id)

    threads = [threading.Thread(target=call) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert (len(numbers), len(set(numbers))) == (10, 1)
    assert [len(rows(db, table)) for table in (Incident, FireReport, Message)] == [1, 1, 7]
