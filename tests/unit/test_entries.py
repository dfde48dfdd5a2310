"""Shifts of a file: whom they mean, what does not hold of them, and what they would change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.agencies.entries import Change, Entry, check, difference, who
from firewatch.agencies.models import Contact, ContactRole
from firewatch.agencies.spans import Span
from firewatch.files.problems import Problem

ZONE = ZoneInfo("Asia/Shanghai")
DAY = datetime(2026, 4, 8, tzinfo=UTC)


def person(name: str, zh: str, en: str, role: ContactRole = ContactRole.LIAISON) -> Contact:
    return Contact(id=name, agency_id="kangle", name_zh=zh, name_en=en, role=role, phone="+447700900944")


PEOPLE = [
    person("one", "联络员甲", "Liaison A"),
    person("two", "副联络员甲", "Deputy A", ContactRole.DEPUTY),
    person("gone", "联络员甲", "Former A"),
    person("twin", "双生", "Twin"),
    person("twin-2", "双生", "Twin Too"),
]
MAY = ["one", "two", "twin", "twin-2"]


def span(start: float, end: float, who: str = "one") -> Span:
    return Span(DAY + timedelta(hours=start), DAY + timedelta(hours=end), who)


def entry(line: int = 2, contact: str = "", name: str = "", *, is_event: bool = False) -> Entry:
    return Entry("r.csv", line, contact, name, (DAY, DAY), is_event)


def overlapping(*spans: Span, is_event: bool = False) -> list[str]:
    found = [(entry(number, is_event=is_event), each) for number, each in enumerate(spans, start=2)]
    return [str(each) for each in check(found, [], [], MAY, ZONE)]


@pytest.mark.parametrize(
    ("contact", "name", "meant"),
    [
        ("one", "", "one"),
        ("one", "联络员甲", "one"),
        ("one", "  liaison  a ", "one"),
        ("gone", "", "gone"),
        ("", "Deputy A", "two"),
        ("", "two", "two"),
        ("", "联络员甲", "one"),  # the other of this name may have no shifts
        ("", "Former A", "gone"),
    ],
)
def test_a_person_is_known_by_id_or_by_name(contact: str, name: str, meant: str) -> None:
    found = who(entry(contact=contact, name=name), PEOPLE, MAY)
    assert isinstance(found, Contact)
    assert found.id == meant


@pytest.mark.parametrize(
    ("contact", "name", "column", "told"),
    [
        ("", "", "contact", "nothing stands there: the id or the name of a person"),
        ("three", "", "contact", "“three” is nobody of this agency; there are: one (联络员甲, Liaison A), two ("),
        ("", "Nobody", "name", "“Nobody” is nobody of this agency; there are: one ("),
        ("", "双生", "name", "several people are called (twin, twin-2): put the id into contact"),
        ("one", "Deputy A", "name", "“Deputy A” is not what one is called (联络员甲, Liaison A)"),
    ],
)
def test_a_person_who_is_not_known_is_told_by_line(contact: str, name: str, column: str, told: str) -> None:
    found = who(entry(7, contact, name), PEOPLE, MAY)
    assert isinstance(found, Problem)
    assert (found.line, found.column) == (7, column)
    assert told in str(found)
    assert "gone (" not in str(found)


@pytest.mark.parametrize(
    ("contact", "name", "column"), [("", "", "SUMMARY"), ("x", "", "X-FIREWATCH-CONTACT"), ("", "x", "SUMMARY")]
)
def test_of_a_calendar_it_is_told_by_event_and_property(contact: str, name: str, column: str) -> None:
    found = who(entry(3, contact, name, is_event=True), PEOPLE, MAY)
    assert str(found).startswith(f"r.csv event 3: {column}: ")


def test_what_does_not_hold_is_told_by_line() -> None:
    lines = [span(0, 8), span(8, 8), span(8, 8 * 24 + 9), span(9, 10, "gone"), span(7, 9), span(0, 8)]
    assert overlapping(*lines) == [
        "r.csv line 3: It has to end after it begins.",
        "r.csv line 4: A shift lasts at most eight days: check the dates.",
        "r.csv line 5: This is no liaison or deputy of the agency.",
        "r.csv line 6: overlaps the shift of the same person in line 2",
        "r.csv line 7: overlaps the shift of the same person in line 2",
    ]
    assert overlapping(span(0, 8), span(7, 9), is_event=True) == [
        "r.csv event 3: overlaps the shift of the same person in event 2"
    ]


def test_what_stays_in_the_roster_is_run_into() -> None:
    (found,) = check([(entry(), span(0, 8))], [], [span(-16, 1), span(-4, 1, "two")], MAY, ZONE)
    assert str(found) == (
        "r.csv line 2: It overlaps another shift of the same person: 2026-04-07 16:00 – 2026-04-08 09:00."
    )


def test_who_has_left_keeps_the_shifts_he_has() -> None:
    kept = span(0, 8, "gone")
    assert list(check([(entry(), kept)], [kept], [], MAY, ZONE)) == []


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ([], [span(0, 8)], [Change(None, span(0, 8))]),
        ([span(0, 8)], [], [Change(span(0, 8), None)]),
        ([span(0, 8)], [span(0, 8)], []),
        ([span(0, 8)], [span(0, 9)], [Change(span(0, 8), span(0, 9))]),
        ([span(0, 8)], [span(0, 8, "two")], [Change(span(0, 8), span(0, 8, "two"))]),
        ([span(0, 8)], [span(0, 9, "two")], [Change(span(0, 8), None), Change(None, span(0, 9, "two"))]),
        ([span(0, 8)], [span(8, 16)], [Change(span(0, 8), None), Change(None, span(8, 16))]),
        # His own shift is moved rather than handed to the other.
        (
            [span(0, 8)],
            [span(0, 8, "two"), span(1, 9)],
            [Change(None, span(0, 8, "two")), Change(span(0, 8), span(1, 9))],
        ),
    ],
)
def test_a_difference_is_told_as_people_would(before: list[Span], after: list[Span], changes: list[Change]) -> None:
    assert difference(before, after) == changes


SPANS = st.sets(st.builds(span, st.integers(0, 6), st.integers(7, 12), st.sampled_from(["one", "two"])))


@given(SPANS, SPANS)
def test_a_difference_that_is_made_leads_to_what_is_wanted(before: set[Span], after: set[Span]) -> None:
    changes = difference(before, after)
    gone = [change.before for change in changes if change.before]
    new = [change.after for change in changes if change.after]
    assert len(gone) == len(set(gone))
    assert (before - set(gone)) | set(new) == after
    assert set(gone).isdisjoint(new)
