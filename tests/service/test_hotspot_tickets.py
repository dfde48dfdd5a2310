"""Tickets of hot spots: answered, chased past their deadline, attached to fires that are known; nothing is dropped."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import col

from firewatch.agencies.models import Contact, DutyShift
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import ending
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.hotspots import chase
from firewatch.hotspots.models import HotspotDetection, LeftOut, TicketState
from firewatch.incidents.models import FireReport, Incident, IncidentState, TimelineEntry
from firewatch.messaging.models import Alarm, MessageState
from firewatch.rulebook.read import Rulebook
from tests.build import KANGLE, OFFICER, prepare, report_fire, rows, texts
from tests.fake_firms import FakeFirms
from tests.service.hotspots import Watch, at, row, with_hotspots
from tests.service.test_hotspots import north

BURN, FALSE, FIRE = TicketState.CONTROLLED_BURN, TicketState.FALSE_ALARM, TicketState.CONFIRMED


@pytest.fixture
def watch(db: Database, clock: FixedClock, rulebook: Rulebook) -> Iterator[Watch]:
    prepare(db, rulebook)
    with FakeFirms() as fake:
        watch = Watch(db, clock, rulebook, fake)
        watch.sees(row(north(0)), row(north(0.5)))
        yield watch


def timeline(watch: Watch) -> list[str]:
    return [entry.kind for entry in rows(watch.db, TimelineEntry)]


def test_a_confirmed_one_is_a_fire_and_every_agency_is_told(watch: Watch) -> None:
    ticket = watch.answer(FIRE, "flames in the wood")
    (incident,), (report,) = rows(watch.db, Incident), rows(watch.db, FireReport)
    assert (ticket.incident_id, ticket.report_id) == (incident.id, report.id)
    assert (report.channel, report.agency_id, report.received_by) == ("satellite", "kangle", OFFICER)
    assert report.description.startswith("flames in the wood (")
    assert "热点 1 号" in report.description
    assert incident.organiser_agency_id == "kangle", "who found it organises the first attack"
    assert len(texts(watch.db, incident.id, "sms.report")) == 7
    assert timeline(watch)[-1] == "hotspot_confirmed"
    assert watch.steps()[-1] == "confirmed"
    assert [text.state for text in watch.texts()] == [MessageState.SUPERSEDED]


def test_the_same_answer_again_changes_nothing_and_another_is_refused(watch: Watch) -> None:
    watch.answer(FIRE)
    watch.answer(FIRE)
    assert len(rows(watch.db, FireReport)) == 1
    for verdict, by in ((FALSE, OFFICER), (FIRE, "somebody else")):
        with pytest.raises(Conflict, match="what was answered stands"):
            watch.answer(verdict, by=by)
    assert len(rows(watch.db, FireReport)) == 1


def test_another_agency_may_have_found_it(watch: Watch) -> None:
    watch.answer(FIRE, "", agency="lianhuashan")
    (report,) = rows(watch.db, FireReport)
    assert report.agency_id == "lianhuashan"
    assert "satellite hot spot 1 (2 detections)" in report.description


def test_bad_answers_are_refused_and_leave_the_ticket_open(watch: Watch) -> None:
    for verdict, note, agency, said in (
        (FALSE, "  ", None, "say who looked"),
        (BURN, "", None, "say who looked"),
        (FALSE, "x" * 501, None, "at most 500"),
        (TicketState.MERGED, "x", None, "verdict"),
        (FIRE, "x", "nobody", "not a member"),
    ):
        with pytest.raises(BadInput, match=said):
            watch.answer(verdict, note, agency=agency)
    with pytest.raises(NotFound):
        watch.answer(FALSE, number=99)
    assert watch.ticket().state is TicketState.OPEN
    assert rows(watch.db, Incident) == []


def test_a_merged_one_names_where_to_answer(watch: Watch) -> None:
    watch.sees(row(north(0)), row(north(0.5)), row(north(2.2)))
    watch.sees(row(north(0)), row(north(0.5)), row(north(2.2)), row(north(1.4)))
    with pytest.raises(Conflict, match="one with hot spot 1: answer that one"):
        watch.answer(FALSE, number=2)


def test_a_controlled_burn_holds_for_its_hours_on_its_own_ground(watch: Watch) -> None:
    watch.answer(BURN, "the village burns stubble, seen by ranger A")
    ticket = watch.ticket()
    assert (ticket.state, ticket.decided_by, ticket.decided_at) == (BURN, OFFICER, at(4))
    assert ticket.note == "the village burns stubble, seen by ranger A"
    watch.clock.advance(hours=11)
    watch.sees(row(north(0.2), 1430))
    assert [each.left_out for each in rows(watch.db, HotspotDetection)][-1] is LeftOut.COVERED
    assert len(watch.tickets()) == 1
    watch.sees(row(north(1.7), 1430))
    assert [ticket.state for ticket in watch.tickets()] == [BURN, TicketState.OPEN], "it has left its ground"
    watch.clock.advance(hours=3)
    watch.sees(row(north(-0.4), 1730))
    assert len(watch.tickets(TicketState.OPEN)) == 2, "it was to be out by now"


def test_a_false_alarm_answers_what_was_seen_not_what_comes(watch: Watch) -> None:
    watch.answer(FALSE, "a tin roof")
    watch.sees(row(north(0.2), 330))
    assert len(watch.tickets()) == 1, "seen before the answer, told after it"
    watch.clock.advance(hours=1)
    watch.sees(row(north(0.2), 450))
    assert [ticket.state for ticket in watch.tickets()] == [FALSE, TicketState.OPEN]


def test_asked_again_before_the_deadline_and_alarmed_after_it(watch: Watch) -> None:
    watch.clock.advance(minutes=39)
    assert watch.due() == []
    assert watch.chase() is False
    watch.clock.advance(minutes=1)
    assert watch.due() == [1]
    assert watch.chase()
    (reminder,) = watch.texts("sms.hotspot_again")
    assert "4月1日13:00" in reminder.body
    assert watch.ticket().next_step_at == watch.ticket().deadline_at
    watch.clock.advance(minutes=20)
    assert watch.chase()
    (alarm,) = rows(watch.db, Alarm)
    assert (alarm.kind, alarm.params) == ("hotspot_unanswered", {"hotspot": "1", "agency": "kangle"})
    late = watch.texts("sms.hotspot_late")
    roles = {rows(watch.db, Contact, Contact.id == text.contact_id)[0].role for text in late}
    assert "deputy" in roles
    assert len(late) == len({text.contact_id for text in late})
    assert watch.due() == [], "once"
    watch.clock.advance(hours=30)
    assert watch.ticket().state is TicketState.OPEN, "it waits, however long"
    assert watch.steps()[-2:] == ["reminded", "overdue"]
    watch.answer(FALSE, "a tin roof")
    assert rows(watch.db, Alarm)[0].closed_by == OFFICER
    assert watch.chase() is False


def test_with_the_service_away_the_deadline_comes_first(watch: Watch) -> None:
    watch.clock.advance(hours=5)
    watch.chase()
    assert watch.texts("sms.hotspot_again") == []
    assert watch.texts("sms.hotspot_late")
    assert [alarm.kind for alarm in rows(watch.db, Alarm)] == ["hotspot_unanswered"]


def test_without_a_reminder_the_deadline_is_the_first_step(watch: Watch) -> None:
    watch.book = with_hotspots(watch.book, remind_before_minutes=0)
    watch.sees(row(north(5)))
    assert watch.ticket(2).next_step_at == watch.ticket(2).deadline_at


def test_a_step_that_failed_is_put_off_and_the_duty_officer_knows(watch: Watch) -> None:
    watch.clock.advance(minutes=60)
    with watch.db.write() as session:
        chase.put_off(session, watch.clock, 1)
    assert watch.due() == []
    assert [alarm.kind for alarm in rows(watch.db, Alarm)] == ["hotspot_step_failed"]
    watch.clock.advance(minutes=5)
    assert watch.chase()
    open_now = [alarm.kind for alarm in rows(watch.db, Alarm) if alarm.closed_at is None]
    assert open_now == ["hotspot_unanswered"]


def test_a_hole_in_the_roster_is_an_alarm(watch: Watch) -> None:
    with watch.db.write() as session:
        for shift in rows(watch.db, DutyShift, col(DutyShift.contact_id).startswith("jishishan")):
            session.delete(session.get_one(DutyShift, shift.id))
    watch.sees(row((35.70, 102.90)))
    assert ("roster_hole", "jishishan") in [(alarm.kind, alarm.agency_id) for alarm in rows(watch.db, Alarm)]
    assert watch.texts()[-1].agency_id == "jishishan", "and yet somebody is asked"


def test_one_near_a_known_fire_belongs_to_it_and_nobody_is_asked(watch: Watch) -> None:
    place = (35.70, 102.90)
    taken = report_fire(watch.db, watch.clock, watch.book, place=place)
    watch.sees(row((35.705, 102.90), 345))
    ticket = watch.ticket(2)
    assert (ticket.state, ticket.incident_id, ticket.asked) == (TicketState.ATTACHED, taken.incident.id, [])
    assert [text for text in watch.texts() if text.subject_id == 2] == []
    assert "hotspot_attached" in timeline(watch)
    watch.clock.advance(hours=9)
    watch.sees(row((35.705, 102.90), 345), row((35.710, 102.905), 1255))
    assert (watch.ticket(2).detections, len(watch.tickets())) == (2, 2), "the fire's own cluster grows with it"
    assert "hotspot_seen" in timeline(watch)


def test_an_open_one_is_attached_when_the_fire_is_reported_later(watch: Watch) -> None:
    assert watch.at_fires() == []
    taken = report_fire(watch.db, watch.clock, watch.book, place=north(1))
    assert watch.at_fires() == [(1, taken.incident.id)]
    assert watch.attach()
    ticket = watch.ticket()
    assert (ticket.state, ticket.next_step_at) == (TicketState.ATTACHED, None)
    assert watch.attach() is False
    assert watch.at_fires() == []


def test_what_is_linked_to_a_burning_fire_goes_with_it(watch: Watch) -> None:
    watch.sees(row(north(0)), row(north(0.5)), row(north(2.0)))
    assert watch.answer(FIRE, number=1).incident_id == 1
    watch.sees(row(north(0)), row(north(0.5)), row(north(1.2), 350), row(north(2.0)))
    assert [ticket.state for ticket in watch.tickets()] == [FIRE, TicketState.ATTACHED]
    assert watch.ticket(2).incident_id == 1


def test_a_fire_that_is_over_covers_nothing(watch: Watch) -> None:
    taken = report_fire(watch.db, watch.clock, watch.book, place=KANGLE)
    assert watch.attach()
    with watch.db.write() as session:
        number = taken.incident.id or 0
        ending.change_state(session, watch.clock, watch.book, number, IncidentState.FALSE_ALARM, OFFICER)
    watch.clock.advance(hours=1)
    watch.sees(row(north(0.2), 455))
    assert watch.ticket(2).state is TicketState.OPEN, "somebody has to look again"


def test_deadlines_are_kept_in_order(watch: Watch) -> None:
    watch.clock.advance(minutes=5)
    watch.sees(row(north(5)), row(north(9)))
    watch.clock.advance(minutes=90)
    assert watch.due() == [1, 2, 3]
    assert watch.ticket(2).deadline_at - watch.ticket(1).deadline_at == timedelta(minutes=5)
