"""What happened since one's last turn: told from the record, group by group, and nothing of before."""

import re
from datetime import date, timedelta

import pytest

from firewatch.agencies import shifts
from firewatch.agencies.models import RosterDeed
from firewatch.agencies.spans import Span
from firewatch.bulletins import draft
from firewatch.bulletins import record as bulletins
from firewatch.clock import FixedClock
from firewatch.danger.models import ZoneGrade
from firewatch.db import Database
from firewatch.handover import turns
from firewatch.handover.turns import Seen
from firewatch.incidents import progress
from firewatch.incidents.models import IncidentState
from firewatch.incidents.timeline import record
from firewatch.jobs import runs
from firewatch.messaging.alarms import close, raise_alarm
from firewatch.messaging.models import Message, MessageState
from firewatch.rulebook.read import Rulebook
from firewatch.warnings import record as warnings
from firewatch.warnings.models import Action, Signal
from tests.build import report_fire, rows, set_rows
from tests.service.console import Desk, Person, open_desk, said


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


def group(person: Person, title: str, address: str = "/handover") -> str:
    """What the page says under one heading of what happened."""
    page = person.page(address).split('id="since"')[1].split("</section>")[0]
    block = next(part for part in re.split(r"<h3>", page)[1:] if title in said(part))
    return said(block)


def relieve(desk: Desk) -> None:
    """The officer had a turn, which somebody else has taken over now."""
    with desk.db.write() as session:
        turns.take_over(session, desk.clock, "officer", Seen(0, 0))
        desk.clock.advance(hours=8)
        turns.take_over(session, desk.clock, "relief", Seen(1, 0))


def grade(desk: Desk, on: date, number: int) -> None:
    with desk.db.write() as session:
        session.add(
            ZoneGrade(
                zone_id="kangle",
                on=on,
                scheme=desk.book.danger.scheme,
                grade=number,
                provisional=False,
                assessed_at=desk.clock.now(),
            )
        )


def test_a_quiet_turn_says_so_in_every_group(desk: Desk) -> None:
    relieve(desk)
    desk.clock.advance(hours=12)
    page = said(desk.person().page("/handover"))
    assert "Since the end of your last turn" in page
    assert page.count("Nothing.") == 8


def test_new_fires_and_changes_of_old_ones_are_told_but_not_what_was_before(desk: Desk) -> None:
    report_fire(desk.db, desk.clock, desk.book)  # 1: closed before
    report_fire(desk.db, desk.clock, desk.book, place=(35.70, 102.90))  # 2: goes on
    with desk.db.write() as session:
        progress.change_state(session, desk.clock, 1, IncidentState.FALSE_ALARM, "officer")
    relieve(desk)
    desk.clock.advance(hours=1)
    with desk.db.write() as session:
        progress.change_state(session, desk.clock, 2, IncidentState.RESPONDING, "relief")
    report_fire(desk.db, desk.clock, desk.book, place=(35.40, 103.40))  # 3: new
    fires = group(desk.person(), "Fires: new ones")
    assert re.search(r"New: Fire 3, [^:]+: reported", fires)
    assert re.search(r"12:00 9 h ago Fire 2, [^:]+: responding 21:00 state changed from “reported” to", fires)
    assert "New: Fire 2" not in fires
    assert "Fire 1," not in fires


def test_lost_messages_and_escalations_are_told(desk: Desk) -> None:
    relieve(desk)
    report_fire(desk.db, desk.clock, desk.book)
    first, second = rows(desk.db, Message)[:2]
    desk.clock.advance(minutes=10)
    set_rows(
        desk.db, Message, [first.id], state=MessageState.DEAD, finished_at=desk.clock.now(), error="no such number"
    )
    old = desk.clock.now() - timedelta(days=2)
    set_rows(desk.db, Message, [second.id], state=MessageState.DEAD, finished_at=old, error="long ago")
    with desk.db.write() as session:
        record(session, 1, desk.clock.now(), "escalated", "firewatch", agency="kangle", contacts="kangle-deputy")
    told = group(desk.person(), "Messages that were lost")
    assert "no such number" in told
    assert "long ago" not in told
    assert "Deputy B" in told
    assert first.to not in desk.person().page("/handover"), "no number"


def test_alarms_say_whether_they_are_over(desk: Desk) -> None:
    relieve(desk)
    with desk.db.write() as session:
        raise_alarm(session, desk.clock.now(), "channel_down", "channel", {"channel": "sms"})
        shut = raise_alarm(session, desk.clock.now(), "roster_gap", "gap", {"agency": "kangle"}, agency_id="kangle")
        close(session, desk.clock.now(), shut.id or 0, "officer")
    told = group(desk.person(), "Alarms")
    assert "closed by Officer A" in told
    assert told.count("closed by") == 1


def test_grades_are_compared_with_the_day_before_or_that_of_the_last_turn(desk: Desk) -> None:
    grade(desk, date(2026, 3, 31), 2)
    grade(desk, date(2026, 4, 1), 4)
    relieve(desk)
    assert "2026-03-31 compared with 2026-04-01" in group(desk.person(), "Danger grades")
    told = group(desk.person(), "Danger grades")
    assert re.search(r"Kangle[^:]*: 2 \S.* → 4 \S", told)
    assert told.count("→") == 1, "zones that never had a grade have not changed"


def test_failed_jobs_say_how_often_why_and_whether_they_work_again(desk: Desk) -> None:
    relieve(desk)
    now = desk.clock.now()
    with desk.db.write() as session:
        for minute in range(3):
            runs.note_sweep(session, now, "plan", now + timedelta(minutes=minute), "me", "the database was away")
        begun = runs.begin(session, now, "danger", now, "me")
        assert begun is not None
        runs.failed(session, now, begun, "no weather")
        runs.note_sweep(session, now, "plan", now + timedelta(minutes=5), "me", None)
    told = group(desk.person(), "Jobs that failed")
    assert re.search(r"failed or tried again 1 times, the last reason: no weather (?!\(works)", told)
    assert "failed or tried again 3 times, the last reason: the database was away (works again since)" in told


def test_warnings_and_bulletins_are_told_by_what_became_of_them(desk: Desk) -> None:
    relieve(desk)
    now, long_ago = desk.clock.now(), desk.clock.now() - timedelta(days=2)
    with desk.db.write() as session:
        warning = warnings.new_version(desk.book, now, "kangle", None, Action.ISSUE, "firewatch")
        warning.signal = Signal.ORANGE
        bulletin = draft.draw_up(session, desk.clock, desk.book, date(2026, 4, 1), "officer")
        session.add(warning)
        session.flush()
        warnings.step(session, long_ago, warning, "drafted", "firewatch")
        warnings.step(session, now, warning, "issued", "officer", name="Officer A")
        warnings.step(session, now, warning, "remarked", "officer")
        bulletins.enter(session, now, bulletin, "alarmed", "firewatch")
    told = group(desk.person(), "Warnings")
    assert re.search(r"Kangle[^:]*: ORANGE[^·]* · issued · Officer A", told)
    assert "drafted" not in told, "that was before"
    assert "remark" not in told, "nobody was told of it"
    told = group(desk.person(), "Bulletins")
    assert "2026-04-01 bulletin: drafted · Officer A" in told
    assert "overdue: alarm" in told


def test_changes_of_rosters_are_told_with_who_made_them(desk: Desk) -> None:
    relieve(desk)
    start = desk.clock.now()
    with desk.db.write() as session:
        span = Span(start, start + timedelta(hours=12), "kangle-deputy")
        shifts.change(session, desk.clock, "kangle", RosterDeed.ADDED, "officer", added=[span])
    told = group(desk.person(), "Changes of duty rosters")
    assert re.search(r"Kangle[^:]*: \S.*Deputy B 1 Apr 20:00 – 2 Apr 08:00 · Officer A", told)


def test_somebody_new_sees_a_day_and_anybody_may_look_further_back(desk: Desk) -> None:
    report_fire(desk.db, desk.clock, desk.book)
    desk.clock.advance(hours=30)
    officer = desk.person()
    page = said(officer.page("/handover"))
    assert "You have not been on duty before: the last 24 hours" in page
    assert "New: Fire 1" not in page
    assert "New: Fire 1" in said(officer.page("/handover?hours=72"))
    assert "last 24 hours" in said(officer.page("/handover?hours=5")), "only the spans that are offered"


def test_a_turn_of_long_ago_is_not_told_from(desk: Desk) -> None:
    relieve(desk)
    report_fire(desk.db, desk.clock, desk.book)
    desk.clock.advance(days=20)
    page = said(desk.person().page("/handover"))
    assert "more than 14 days ago" in page
    assert "New: Fire 1" not in page
