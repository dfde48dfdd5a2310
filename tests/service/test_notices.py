import pytest
from sqlmodel import col, select

from firewatch.agencies.models import Agency, DutyShift
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.errors import NotFound
from firewatch.incidents import notices, progress, timeline
from firewatch.incidents.models import AgencyNotice, IncidentState
from firewatch.messaging.alarms import open_alarms
from firewatch.messaging.models import Alarm
from firewatch.rulebook.read import Rulebook
from tests.build import incident_of, prepare, report_fire, rows, set_rows, texts
from tests.service.messages import RULES

AGENCIES = 7


@pytest.fixture
def fire(db: Database, clock: FixedClock, rulebook: Rulebook) -> int:
    """A fire of which every agency was told just now."""
    prepare(db, rulebook)
    return incident_of(report_fire(db, clock, rulebook))


def due(db: Database, clock: FixedClock, limit: int = 100) -> list[int]:
    with db.read() as session:
        return notices.due(session, clock.now(), RULES, limit)


def chase(db: Database, clock: FixedClock, book: Rulebook, limit: int = 100) -> int:
    taken = 0
    for number in due(db, clock, limit):
        with db.write() as session:
            taken += notices.chase(session, clock, book, number)
    return taken


def acknowledge(db: Database, clock: FixedClock, fire: int, agency: str) -> AgencyNotice:
    with db.write() as session:
        return notices.acknowledge(session, clock, fire, agency, "officer")


def sent(db: Database, fire: int, template: str) -> set[str]:
    """To whom a text went."""
    return {message.contact_id or "" for message in texts(db, fire, template)}


def alarms(db: Database) -> list[Alarm]:
    with db.read() as session:
        return open_alarms(session)


def kinds(db: Database, fire: int) -> list[str]:
    with db.read() as session:
        return [entry.kind for entry in timeline.entries(session, fire)]


def test_nothing_is_due_before_its_time(db: Database, clock: FixedClock, rulebook: Rulebook, fire: int) -> None:
    clock.advance(minutes=4, seconds=59)
    assert due(db, clock) == []
    assert chase(db, clock, rulebook) == 0
    assert len(texts(db, fire)) == AGENCIES


def test_silence_is_answered_with_a_reminder_and_nobody_off_duty_is_paged(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    clock.advance(minutes=5)
    assert len(due(db, clock)) == AGENCIES
    assert chase(db, clock, rulebook) == AGENCIES
    assert sent(db, fire, "sms.reminder") == {f"{agency.id}-liaison" for agency in rulebook.agencies}
    assert sent(db, fire, "sms.deputy") == set(), "by day they are off duty"
    assert alarms(db) == []
    assert chase(db, clock, rulebook) == 0


def test_more_silence_reaches_the_head_and_the_screen(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    for _ in range(2):
        clock.advance(minutes=5)
        chase(db, clock, rulebook)
    assert len(sent(db, fire, "sms.head")) == AGENCIES
    assert len(sent(db, fire, "sms.deputy")) == AGENCIES, "the last step pages those off duty too"
    assert {alarm.kind for alarm in alarms(db)} == {"unacknowledged"}
    assert len(alarms(db)) == AGENCIES
    assert [alarm.incident_id for alarm in alarms(db)] == [fire] * AGENCIES
    assert kinds(db, fire).count("escalated") == AGENCIES
    clock.advance(minutes=60)
    assert chase(db, clock, rulebook) == 0
    assert len(texts(db, fire)) == 4 * AGENCIES


def test_an_acknowledgement_silences_its_agency_alone(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    clock.advance(minutes=2)
    notice = acknowledge(db, clock, fire, "hezheng")
    assert (notice.acknowledged_at, notice.acknowledged_by, notice.next_step_at) == (clock.now(), "officer", None)
    clock.advance(minutes=3)
    assert chase(db, clock, rulebook) == AGENCIES - 1
    reminded = sent(db, fire, "sms.reminder")
    assert len(reminded) == AGENCIES - 1
    assert not {name for name in reminded if name.startswith("hezheng")}


def test_acknowledged_again_changes_nothing(db: Database, clock: FixedClock, fire: int) -> None:
    first = acknowledge(db, clock, fire, "hezheng").acknowledged_at
    clock.advance(minutes=1)
    assert acknowledge(db, clock, fire, "hezheng").acknowledged_at == first
    assert kinds(db, fire).count("acknowledged") == 1


def test_a_late_answer_closes_the_alarm(db: Database, clock: FixedClock, rulebook: Rulebook, fire: int) -> None:
    for _ in range(2):
        clock.advance(minutes=5)
        chase(db, clock, rulebook)
    acknowledge(db, clock, fire, "kangle")
    assert len(alarms(db)) == AGENCIES - 1
    assert "kangle" not in {alarm.agency_id for alarm in alarms(db)}


@pytest.mark.parametrize("ended", [(IncidentState.FALSE_ALARM,), (IncidentState.VERIFIED, IncidentState.FALSE_ALARM)])
def test_nobody_is_asked_after_a_fire_that_is_over(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int, ended: tuple[IncidentState, ...]
) -> None:
    with db.write() as session:
        for state in ended:
            progress.change_state(session, clock, fire, state, "officer")
    clock.advance(minutes=5)
    chase(db, clock, rulebook)
    assert len(texts(db, fire)) == AGENCIES
    clock.advance(days=1)
    assert due(db, clock) == []


def test_an_agency_that_left_the_alliance_stops_nobody_elses_reminder(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    set_rows(db, Agency, ["hezheng"], active=False)
    clock.advance(minutes=5)
    assert chase(db, clock, rulebook) == AGENCIES
    assert len(sent(db, fire, "sms.reminder")) == AGENCIES - 1


def test_at_night_the_deputy_is_reminded_and_nobody_off_duty_is_paged(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    prepare(db, rulebook)
    clock.at = clock.at.replace(hour=18)
    fire = incident_of(report_fire(db, clock, rulebook))
    clock.advance(minutes=5)
    chase(db, clock, rulebook)
    assert "kangle-deputy" in sent(db, fire, "sms.reminder")
    assert sent(db, fire, "sms.deputy") == set()


def test_a_deputy_on_duty_beside_the_liaison_is_reminded_too(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    with db.write() as session:
        session.add(DutyShift(contact_id="kangle-deputy", weekdays="1234567", from_minute=0, to_minute=0))
    clock.advance(minutes=5)
    chase(db, clock, rulebook)
    assert sent(db, fire, "sms.deputy") == {"kangle-deputy"}
    clock.advance(minutes=5)
    chase(db, clock, rulebook)
    assert len(sent(db, fire, "sms.deputy")) == AGENCIES


def test_many_fires_are_chased_in_pieces(db: Database, clock: FixedClock, rulebook: Rulebook, fire: int) -> None:
    clock.advance(minutes=5)
    assert chase(db, clock, rulebook, limit=3) == 3
    assert chase(db, clock, rulebook) == AGENCIES - 3
    assert len(sent(db, fire, "sms.reminder")) == AGENCIES


def test_a_step_is_taken_once_and_only_when_it_is_due(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    clock.advance(minutes=5)
    number, other = due(db, clock)[:2]
    acknowledged = next(row.agency_id for row in rows(db, AgencyNotice) if row.id == other)
    acknowledge(db, clock, fire, acknowledged)
    for left, wanted in ((number, True), (number, False), (other, False), (999, False)):
        with db.write() as session:
            assert notices.chase(session, clock, rulebook, left) is wanted
    assert len(sent(db, fire, "sms.reminder")) == 1


def test_a_step_that_failed_is_put_off_with_an_alarm_until_it_succeeds(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    del fire
    clock.advance(minutes=5)
    number = due(db, clock)[0]
    with db.write() as session:
        notices.put_off(session, clock, number)
    assert number not in due(db, clock)
    assert [alarm.kind for alarm in alarms(db)] == ["notice_chase_failed"]
    clock.advance(minutes=5)
    assert number in due(db, clock)
    chase(db, clock, rulebook)
    assert alarms(db) == []


def test_who_was_never_told_cannot_acknowledge(db: Database, clock: FixedClock, fire: int) -> None:
    for number, agency in ((fire, "nobody"), (fire + 1, "kangle")):
        with pytest.raises(NotFound):
            acknowledge(db, clock, number, agency)
    with db.read() as session:
        told = session.exec(select(AgencyNotice).where(col(AgencyNotice.acknowledged_at).is_not(None))).all()
    assert not told


def test_notices_are_listed_by_agency(db: Database, fire: int) -> None:
    with db.read() as session:
        listed = [notice.agency_id for notice in notices.notices(session, fire)]
    assert listed == sorted(listed)
    assert len(listed) == AGENCIES
