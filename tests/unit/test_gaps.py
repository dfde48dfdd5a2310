import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from firewatch.agencies.duty import Roster
from firewatch.agencies.gaps import gaps, stretches
from firewatch.agencies.models import Contact, ContactRole, DatedShift, DutyShift
from firewatch.agencies.paging import choose
from firewatch.agencies.spans import Span

LINXIA = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 4, 5, 17, 30, tzinfo=UTC)  # half past one on a Monday night in Linxia
DAYS = 7
PEOPLE = [
    Contact(id=name, agency_id="a", name_zh=name, name_en=name, role=role, phone="+447700900101")
    for name, role in (("d", ContactRole.DEPUTY), ("h", ContactRole.HEAD), ("l", ContactRole.LIAISON))
]
HALF_HOURS = st.integers(-48, DAYS * 48 + 48)
DATED = st.lists(st.tuples(st.sampled_from("dhl"), HALF_HOURS, st.integers(1, 96)), max_size=5)
STANDING = st.lists(
    st.tuples(
        st.sampled_from("dhl"), st.sets(st.sampled_from("1234567"), min_size=1), st.integers(0, 47), st.integers(0, 48)
    ),
    max_size=3,
)


def roster(dated: list[tuple[str, int, int]], standing: list[tuple[str, set[str], int, int]]) -> Roster:
    half = timedelta(minutes=30)
    return Roster(
        PEOPLE,
        [DatedShift(contact_id=who, from_at=START + half * at, to_at=START + half * (at + n)) for who, at, n in dated],
        [
            DutyShift(contact_id=who, weekdays="".join(sorted(days)), from_minute=30 * start, to_minute=30 * end)
            for who, days, start, end in standing
        ],
    )


@given(DATED, STANDING)
def test_gaps_are_exactly_the_half_hours_in_which_nobody_could_be_told(
    dated: list[tuple[str, int, int]], standing: list[tuple[str, set[str], int, int]]
) -> None:
    one, end = roster(dated, standing), START + timedelta(days=DAYS)
    found = gaps(one, START, end, LINXIA)
    for number in range(DAYS * 48):
        at = START + timedelta(minutes=30 * number + 7)
        told = choose(PEOPLE, one.on_duty(at, LINXIA))
        assert any(begin <= at < stop for begin, stop in found) == (told is None or not told.on_duty), at
    assert all(before[1] < after[0] for before, after in itertools.pairwise(found))


@given(DATED, STANDING)
def test_stretches_follow_each_other_and_say_who_is_there(
    dated: list[tuple[str, int, int]], standing: list[tuple[str, set[str], int, int]]
) -> None:
    one, end = roster(dated, standing), START + timedelta(days=DAYS)
    found = stretches(one, START, end, LINXIA)
    assert (found[0].from_at, found[-1].to_at) == (START, end)
    for before, after in itertools.pairwise(found):
        assert before.to_at == after.from_at
        assert (before.on_duty, before.by_roster) != (after.on_duty, after.by_roster)
    for each in found:
        middle = each.from_at + (each.to_at - each.from_at) / 2
        assert each.on_duty == one.on_duty(middle, LINXIA)


def test_who_gets_no_texts_fills_no_gap() -> None:
    stopped = Contact(**{**PEOPLE[2].model_dump(), "stopped_phone": PEOPLE[2].phone})
    full = DutyShift(contact_id="l", weekdays="1234567", from_minute=0, to_minute=0)
    end = START + timedelta(days=1)
    assert gaps(Roster([PEOPLE[2]], [], [full]), START, end, LINXIA) == []
    assert gaps(Roster([PEOPLE[0], stopped], [], [full]), START, end, LINXIA) == [(START, end)]
    assert gaps(Roster([], [], []), START, end, LINXIA) == [(START, end)]


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_a_span_comes_back_from_the_record_as_it_was(start: datetime, end: datetime) -> None:
    span = Span(start, end, "kangle-liaison")
    assert Span.of_json(span.as_json()) == span
