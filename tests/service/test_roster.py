from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from firewatch.agencies import roster
from firewatch.agencies.models import Agency, Contact, ContactRole, DatedShift
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.errors import NotFound
from firewatch.rulebook.read import Rulebook
from tests.build import prepare, rows, set_rows

LINXIA = ZoneInfo("Asia/Shanghai")


def test_by_day_the_liaisons_by_night_the_deputies(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    with db.read() as session:
        for hour, role in ((0, "liaison"), (11, "liaison"), (12, "deputy"), (23, "deputy")):  # UTC
            told = roster.recipients(session, clock.at.replace(hour=hour), LINXIA)
            assert set(told) == {row.id for row in rulebook.agencies}
            assert {one.contact.id.rsplit("-", 1)[1] for one in told.values()} == {role}
            assert all(one.on_duty for one in told.values())


def test_an_agency_that_nobody_can_answer_for_is_named(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    people = [row.id for row in rows(db, Contact) if row.agency_id == "kangle"]
    set_rows(db, Contact, people, active=False)
    with db.read() as session, pytest.raises(NotFound, match=r"kangle.*contacts\.csv"):
        roster.recipients(session, clock.now(), LINXIA)
    set_rows(db, Agency, ["kangle"], active=False)
    with db.read() as session:
        assert "kangle" not in roster.recipients(session, clock.now(), LINXIA)
        assert [agency.id for agency, _ in roster.everybody(session, clock.now(), LINXIA)] == [
            row.id for row in roster.active_agencies(session)
        ]
        assert [row.id for row in roster.with_role(session, "hezheng", [ContactRole.HEAD])] == ["hezheng-head"]


def test_the_roster_of_an_agency_overrules_its_standing_hours_and_nobody_elses(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    prepare(db, rulebook)
    noon = clock.at.replace(hour=4)
    with db.write() as session:
        session.add(DatedShift(contact_id="kangle-deputy", from_at=noon, to_at=noon + timedelta(hours=3)))
    for hours, expected in ((-1, "kangle-liaison"), (0, "kangle-deputy"), (2, "kangle-deputy"), (3, "kangle-liaison")):
        with db.read() as session:
            told = roster.recipients(session, noon + timedelta(hours=hours), LINXIA)
        assert told["kangle"].contact.id == expected
        assert told["hezheng"].contact.id == "hezheng-liaison"
    set_rows(db, Contact, ["kangle-deputy"], active=False)
    with db.read() as session:  # who has left is on no roster, and hides nobody who is
        assert roster.recipients(session, noon, LINXIA)["kangle"].contact.id == "kangle-liaison"
