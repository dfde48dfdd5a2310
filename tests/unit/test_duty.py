from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.agencies import duty
from firewatch.agencies.models import DatedShift, DutyShift

LINXIA = ZoneInfo("Asia/Shanghai")


def covers(weekdays: str, start: int, end: int, at: str) -> bool:
    shift = DutyShift(contact_id="x", weekdays=weekdays, from_minute=start * 60, to_minute=end * 60)
    return duty.covers(shift, datetime.fromisoformat(f"{at}+08:00"), LINXIA)


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


MIDNIGHT = datetime(2026, 4, 1, tzinfo=UTC)
ALL_DAY = DutyShift(contact_id="standing", weekdays="1234567", from_minute=0, to_minute=0)
SPANS = st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 96), st.integers(1, 30))


def dated(who: str, start: int, hours: int) -> DatedShift:
    at = MIDNIGHT + timedelta(hours=start)
    return DatedShift(contact_id=who, from_at=at, to_at=at + timedelta(hours=hours))


@given(st.lists(SPANS, max_size=6), st.integers(-60, 130 * 60))
def test_the_roster_decides_while_it_has_anybody_and_the_standing_hours_else(
    spans: list[tuple[str, int, int]], minute: int
) -> None:
    hour = minute / 60
    by_roster = {who for who, start, hours in spans if start <= hour < start + hours}
    found = duty.on_duty(
        MIDNIGHT + timedelta(minutes=minute), [dated(*span) for span in spans], [ALL_DAY], ZoneInfo("Asia/Shanghai")
    )
    assert found == (by_roster or {"standing"})


def test_a_shift_is_over_at_its_end_and_then_nobody_is_there_without_standing_hours() -> None:
    shift = dated("a", 8, 12)
    for at, expected in ((shift.from_at, {"a"}), (shift.to_at - timedelta(seconds=1), {"a"}), (shift.to_at, set())):
        assert duty.on_duty(at, [shift], [], LINXIA) == expected
