from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.agencies import roster
from firewatch.agencies.models import Agency, Contact, ContactRole, DutyShift
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.errors import NotFound
from firewatch.rulebook.read import Rulebook
from tests.build import prepare, rows, set_rows

LINXIA = ZoneInfo("Asia/Shanghai")


def covers(weekdays: str, start: int, end: int, at: str) -> bool:
    shift = DutyShift(contact_id="x", weekdays=weekdays, from_minute=start * 60, to_minute=end * 60)
    return roster.covers(shift, datetime.fromisoformat(f"{at}+08:00"), LINXIA)


@pytest.mark.parametrize(
    ("weekdays", "start", "end", "at", "expected"),
    [
        ("3", 8, 20, "2026-04-01T08:00", True),
        ("3", 8, 20, "2026-04-01T07:59", False),
        ("3", 8, 20, "2026-04-01T19:59", True),
        ("3", 8, 20, "2026-04-01T20:00", False),
        ("245", 8, 20, "2026-04-01T12:00", False),
        ("3", 20, 8, "2026-04-01T20:00", True),
        ("3", 20, 8, "2026-04-01T23:59", True),
        ("3", 20, 8, "2026-04-02T00:00", True),  # Thursday morning is Wednesday's night
        ("3", 20, 8, "2026-04-02T07:59", True),
        ("3", 20, 8, "2026-04-02T08:00", False),
        ("3", 20, 8, "2026-04-01T07:00", False),  # and Wednesday morning was Tuesday's
        ("7", 20, 8, "2026-04-06T03:00", True),  # from Sunday into Monday
        ("3", 0, 24, "2026-04-01T00:00", True),
        ("3", 0, 24, "2026-04-01T23:59", True),
        ("3", 0, 24, "2026-04-02T00:00", False),
        ("3", 8, 8, "2026-04-02T07:59", True),  # round the clock
        ("3", 8, 8, "2026-04-02T08:00", False),
    ],
)
def test_a_shift_covers_its_hours(weekdays: str, start: int, end: int, at: str, expected: bool) -> None:
    assert covers(weekdays, start, end, at) is expected


@given(st.integers(0, 23), st.integers(0, 23), st.integers(0, 7 * 24 * 60 - 1))
def test_two_shifts_that_meet_leave_no_hole_and_no_overlap(start: int, end: int, minute: int) -> None:
    if start == end:
        return
    at = f"2026-04-{1 + minute // 1440:02d}T{minute // 60 % 24:02d}:{minute % 60:02d}"
    assert covers("1234567", start, end, at) != covers("1234567", end, start, at)


def person(name: str, role: ContactRole) -> Contact:
    return Contact(id=name, agency_id="a", name_zh=name, name_en=name, role=role, phone="+447700900101")


PEOPLE = [
    person("l2", ContactRole.LIAISON),
    person("l1", ContactRole.LIAISON),
    person("d1", ContactRole.DEPUTY),
    person("h1", ContactRole.HEAD),
]


@pytest.mark.parametrize(
    ("on_duty", "expected"),
    [
        ({"l1", "d1"}, ("l1", True)),
        ({"l2", "d1"}, ("l2", True)),
        ({"d1", "h1"}, ("d1", True)),
        ({"h1"}, ("l1", False)),
        (set(), ("l1", False)),
        ({"stranger"}, ("l1", False)),
    ],
)
def test_the_liaison_on_duty_else_the_deputy_on_duty_else_the_liaison(
    on_duty: set[str], expected: tuple[str, bool]
) -> None:
    chosen = roster.choose(PEOPLE, on_duty)
    assert chosen is not None
    assert (chosen.contact.id, chosen.on_duty) == expected


def test_an_agency_without_a_liaison_has_nobody_to_tell() -> None:
    assert roster.choose([person("d1", ContactRole.DEPUTY)], set()) is None


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
