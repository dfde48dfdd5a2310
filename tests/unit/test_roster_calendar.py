"""Dated shifts as events: written for any calendar, read as other programs write them, every bad event told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from firewatch.agencies.entries import Told
from firewatch.agencies.models import Contact
from firewatch.agencies.repeats import Window
from firewatch.agencies.roster_calendar import read, written
from firewatch.agencies.spans import Span
from firewatch.files import sheets
from firewatch.files.sheets import Unreadable
from tests.unit.test_entries import PEOPLE
from tests.unit.test_roster_table import BACK, BERLIN, EVENING, SHANGHAI, SHIFTS

NOW = datetime(2026, 4, 1, tzinfo=UTC)
NIGHT = (Span(EVENING, EVENING + timedelta(hours=12), "one"), PEOPLE[0])


def calendar(*events: str, more: str = "") -> bytes:
    """A calendar of events, each given by its lines."""
    inside = "".join(f"BEGIN:VEVENT\nUID:{n}@x\n{event.strip()}\nEND:VEVENT\n" for n, event in enumerate(events))
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//x//EN\n{more}{inside}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def told(*events: str, more: str = "", zone: ZoneInfo = SHANGHAI, window: Window | None = None) -> Told:
    return read("r.ics", calendar(*events, more=more), zone, window)


def wrong(*events: str, window: Window | None = None) -> list[str]:
    return [str(each) for each in told(*events, window=window).problems]


def times(
    *events: str, more: str = "", zone: ZoneInfo = SHANGHAI, window: Window | None = None
) -> list[tuple[str, str]]:
    found = told(*events, more=more, zone=zone, window=window)
    assert found.problems == []
    return [
        (f"{each.times[0]:%m-%dT%H:%M}", f"{each.times[1]:%m-%dT%H:%M}") if each.times else ("", "")
        for each in found.entries
    ]


def test_a_night_shift_is_an_event_in_local_time_under_the_persons_name() -> None:
    text = written([NIGHT], SHANGHAI, "康乐县", "zh", NOW).decode()
    (zone,), (event,) = (Calendar.from_ical(text).walk(name) for name in ("VTIMEZONE", "VEVENT"))
    assert zone["TZID"] == "Asia/Shanghai"
    for line in (
        "DTSTART;TZID=Asia/Shanghai:20260408T200000",
        "DTEND;TZID=Asia/Shanghai:20260409T080000",
        "SUMMARY:联络员甲",
        "UID:one.20260408T120000Z@firewatch",
        "X-FIREWATCH-CONTACT:one",
        "DTSTAMP:20260401T000000Z",
        "X-WR-CALNAME:康乐县 值班表",
    ):
        assert line in text.splitlines(), line
    assert event["DESCRIPTION"] == "康乐县 · 联络员"
    assert PEOPLE[0].phone[-8:] not in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_the_same_roster_has_the_same_uids_and_an_empty_one_is_a_calendar() -> None:
    later = written([NIGHT], SHANGHAI, "Kangle", "en", NOW + timedelta(days=1))
    uids = [[str(event["UID"]) for event in Calendar.from_ical(each).walk("VEVENT")] for each in (later, later)]
    assert uids[0] == uids[1] == ["one.20260408T120000Z@firewatch"]
    assert read("r.ics", written([], SHANGHAI, "Kangle", "en", NOW), SHANGHAI) == Told("r.ics", [], [])


@pytest.mark.parametrize("at", [BACK - timedelta(minutes=30), BACK + timedelta(minutes=30), BACK - timedelta(hours=8)])
def test_a_shift_over_the_hour_that_occurs_twice_is_read_as_it_was(at: datetime) -> None:
    data = written([(Span(at, at + timedelta(hours=8), "one"), PEOPLE[0])], BERLIN, "K", "en", NOW)
    (event,) = (each for each in Calendar.from_ical(data).walk("VEVENT") if isinstance(each, Event))
    begin, end = (datetime.astimezone(each, UTC) for each in (event.start, event.end) if isinstance(each, datetime))
    assert (begin, end) == (at, at + timedelta(hours=8))


def test_times_as_other_programs_write_them() -> None:
    assert (
        times(
            "DTSTART:20260408T120000Z\nDTEND:20260409T000000Z",
            "DTSTART;TZID=China Standard Time:20260408T200000\nDTEND;TZID=China Standard Time:20260409T080000",
            "DTSTART;TZID=Europe/Berlin:20260408T140000\nDURATION:PT12H",
            "DTSTART:20260408T200000\nDTEND:20260409T080000",  # no zone: the offices' own
        )
        == [("04-08T12:00", "04-09T00:00")] * 4
    )


def test_a_day_without_hours_is_the_whole_day_here() -> None:
    assert times("DTSTART;VALUE=DATE:20260408", "DTSTART;VALUE=DATE:20260408\nDTEND;VALUE=DATE:20260410") == [
        ("04-07T16:00", "04-08T16:00"),
        ("04-07T16:00", "04-09T16:00"),
    ]


OWN_ZONE = """BEGIN:VTIMEZONE
TZID:Our office
BEGIN:STANDARD
DTSTART:19710101T000000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19710101T000000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def test_a_time_zone_that_the_file_describes() -> None:
    event = "DTSTART;TZID=Our office:20260408T140000\nDTEND;TZID=Our office:20260409T020000"
    assert times(event, more=OWN_ZONE) == [("04-08T12:00", "04-09T00:00")]


def test_folded_lines_escapes_alarms_and_what_is_no_event() -> None:
    found = told(
        "DTSTART:20260408T120000Z\nDTEND:20260409T000000Z\nSUMMARY:Liai\n son \n A\\, the first\nSUMMARY:again\n"
        "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT1H\nDESCRIPTION:x\nEND:VALARM\nX-FIREWATCH-CONTACT:one",
        more="BEGIN:VTODO\nUID:t\nSUMMARY:do\nEND:VTODO\n",
    )
    assert [(each.name, each.contact) for each in found.entries] == [("Liaison A, the first", "one")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_calendar_in_another_encoding(encoding: str) -> None:
    data = calendar("DTSTART:20260408T120000Z\nSUMMARY:联络员甲").decode().encode(encoding)
    assert [each.name for each in read("r.ics", data, SHANGHAI).entries] == ["联络员甲"]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("DTSTART:20260408T120000Z\nRRULE:FREQ=WEEKLY", "RRULE: repeats itself: name the first and the last day"),
        ("DTSTART:20260408T120000Z\nRDATE:20260409T120000Z", "RDATE: repeats itself"),
        ("SUMMARY:x", "DTSTART: cannot be read: "),
        ("DTSTART:2026-04-08", "DTSTART: cannot be read: "),
        ("DTSTART:20260408T120000Z\nDTEND:20260408T990000Z", "DTEND: cannot be read: "),
        ("DTSTART:20260408T120000Z\nDURATION:half a day", "DURATION: cannot be read: "),
        ("DTSTART:20260408T120000Z\nDURATION:20260408T120000Z", "DTSTART: cannot be read: "),
        ("DTSTART:20260408T120000Z\nDTEND 20260409T000000Z", "cannot be read: "),
        ("DTSTART:20260408T120000Z\nDTSTART:20260409T120000Z", "DTSTART: cannot be read: "),
        ("DTSTART:20260408T120000Z\nDTEND;VALUE=DATE:20260409", "DTSTART: cannot be read: "),
        ("DTSTART:20260408T120000Z\nDTEND:20260409T000000Z\nDURATION:PT1H", "DTSTART: cannot be read: "),
        ("DTSTART:19260408T120000Z", "DTSTART: cannot be read: 1926-04-08 12:00:00+00:00: a year from 2000 to 2099"),
        ("DTSTART;TZID=Moon:20260408T200000\nDTEND:20260409T000000Z", "DTSTART: the time zone Moon is described now"),
        ("DTSTART:20260408T120000Z\nDTEND;TZID=Moon:20260409T200000", "DTEND: the time zone Moon is described now"),
        ("UID:1@x\nRECURRENCE-ID:20260408T120000Z\nRRULE:FREQ=DAILY\nDTSTART:20260408T120000Z", "RRULE: repeats"),
    ],
)
def test_a_bad_event_is_told_by_its_number(event: str, reason: str) -> None:
    found = wrong("DTSTART:20260408T120000Z\nDTEND:20260409T000000Z\nX-OTHER;VALUE=DATE:none", event)
    assert len(found) == 1
    assert found[0].startswith("r.ics event 2: ")
    assert reason in found[0]


def test_an_event_that_stands_there_twice_and_those_that_are_off() -> None:
    event = "BEGIN:VEVENT\nUID:same\nDTSTART:20260408T120000Z\nEND:VEVENT\n"
    off = event.replace("UID", "STATUS:CANCELLED\nUID")
    instance = event.replace("UID", "RECURRENCE-ID:20260408T120000Z\nUID")
    found = told(more=off + event + event + instance)
    assert [str(each) for each in found.problems] == [
        "r.ics event 3: UID: is event 2 once more: two events have the same UID"
    ]
    assert (len(found.entries), found.cancelled) == (2, 1)


APRIL = (datetime(2026, 4, 1, tzinfo=SHANGHAI), datetime(2026, 5, 1, tzinfo=SHANGHAI))


@pytest.mark.parametrize(
    ("event", "days"),
    [
        ("DTSTART:20260408T120000Z\nRRULE:FREQ=WEEKLY", [8, 15, 22, 29]),
        ("DTSTART:20200101T120000Z\nRRULE:FREQ=WEEKLY;INTERVAL=2", [1, 15, 29]),
        ("DTSTART:20260408T120000Z\nRRULE:FREQ=WEEKLY;COUNT=2", [8, 15]),
        ("DTSTART:20260408T120000Z\nRRULE:FREQ=WEEKLY;UNTIL=20260422T120000Z", [8, 15, 22]),
        ("DTSTART:20260408T120000Z\nRRULE:FREQ=WEEKLY;BYDAY=WE,FR;UNTIL=20260417T000000Z", [8, 10, 15]),
        ("DTSTART:20260408T120000Z\nRRULE:FREQ=WEEKLY\nEXDATE:20260415T120000Z,20260429T120000Z", [8, 22]),
        ("DTSTART:20260408T120000Z\nRDATE:20260409T120000Z,20260510T120000Z", [8, 9]),
        ("DTSTART;TZID=Asia/Shanghai:20260408T200000\nRRULE:FREQ=WEEKLY;COUNT=2", [8, 15]),
        ("DTSTART:20260408T200000\nRRULE:FREQ=WEEKLY;UNTIL=20260415T200000", [8, 15]),
        ("DTSTART:20260301T120000Z\nRRULE:FREQ=WEEKLY;COUNT=2", []),
        ("DTSTART:20260408T120000Z\nRRULE:FREQ=WEEKLY;COUNT=1\nRDATE:20260408T120000Z", [8]),
    ],
)
def test_what_repeats_itself_is_told_as_often_as_it_begins_in_the_window(event: str, days: list[int]) -> None:
    event += "\nDURATION:PT12H"
    assert times(event, window=APRIL) == [(f"04-{day:02}T12:00", f"04-{day + 1:02}T00:00") for day in days]


def test_whole_days_and_nights_that_repeat_themselves_keep_to_the_clock() -> None:
    assert times("DTSTART;VALUE=DATE:20260429\nRRULE:FREQ=DAILY", window=APRIL) == [
        ("04-28T16:00", "04-29T16:00"),
        ("04-29T16:00", "04-30T16:00"),
    ]
    night = "DTSTART;TZID=Europe/Berlin:20260327T200000\nDTEND;TZID=Europe/Berlin:20260328T080000\nRRULE:FREQ=DAILY"
    window = (datetime(2026, 3, 27, tzinfo=BERLIN), datetime(2026, 3, 30, tzinfo=BERLIN))
    assert times(night, zone=BERLIN, window=window) == [
        ("03-27T19:00", "03-28T07:00"),
        ("03-28T19:00", "03-29T06:00"),  # the clocks are put forward
        ("03-29T18:00", "03-30T06:00"),
    ]


def test_one_time_that_was_moved_and_one_that_is_off() -> None:
    master = "BEGIN:VEVENT\nUID:m\nDTSTART:20260408T120000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4\nEND:VEVENT\n"
    moved = "BEGIN:VEVENT\nUID:m\nRECURRENCE-ID:20260415T120000Z\nDTSTART:20260416T120000Z\nEND:VEVENT\n"
    off = moved.replace("0415", "0422").replace("UID", "STATUS:CANCELLED\nUID")
    found = told(more=moved + master + off, window=APRIL)
    begun = [each.times[0].day for each in found.entries if each.times]
    assert (found.problems, begun, found.cancelled) == ([], [16, 8, 29], 1)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("DTSTART:20260408T120000Z\nRRULE:FREQ=SOMETIMES", "RRULE: cannot be read: "),
        ("DTSTART:20260408T120000Z\nRRULE:FREQ=DAILY;UNTIL=20260409T120000", "DTSTART: cannot be read: "),
        (
            "DTSTART:20260408T120000Z\nRDATE;VALUE=PERIOD:20260409T120000Z/PT1H",
            "DTSTART: cannot be read: a date with a",
        ),
        ("DTSTART:20260408T120000Z\nRDATE:20260409T120000", "DTSTART: cannot be read: "),
        (
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260408T120000Z\nDTSTART:20260408T130000Z",
            "RECURRENCE-ID: changes an event and all that follow",
        ),
    ],
)
def test_a_rule_that_is_none_is_told(event: str, reason: str) -> None:
    (found,) = wrong(event, window=APRIL)
    assert found.startswith(f"r.ics event 1: {reason}")


def test_a_rule_that_fills_every_hour_of_years_is_refused() -> None:
    for_ever = "DTSTART:20000101T000000Z\nRRULE:FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24)))
    window = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    with pytest.raises(Unreadable, match="more than 5000"):
        told(for_ever, window=window)
    with pytest.raises(Unreadable, match="not a calendar"):
        told(f"{for_ever};BYMINUTE=0,1,2", window=window)


WHOLE = calendar("DTSTART:20260408T120000Z", "DTSTART:20260409T120000Z")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"BEGIN:VCALENDAR\r\nfoo\r\nEND:VCALENDAR\r\n",
        WHOLE[: WHOLE.rindex(b"END:VEVENT")],
        WHOLE + WHOLE[: WHOLE.rindex(b"END:VEVENT")],
        calendar(more="BEGIN:VTIMEZONE\nTZID:x\nRRULE:FREQ=SECON\n DLY\nEND:VTIMEZONE\n"),
        b"\xff\xff",
    ],
)
def test_a_file_that_is_no_calendar_or_was_cut_off_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable, match=r"^r.ics: (not a calendar that can be read|neither UTF-8)"):
        read("r.ics", data, SHANGHAI)


def test_a_calendar_nobody_could_look_at_is_refused() -> None:
    event = "DTSTART:20260408T120000Z"
    with pytest.raises(Unreadable, match="more than 5000"):
        read("r.ics", calendar(*[event] * (sheets.MOST_LINES + 1)), SHANGHAI)


LINES = st.sampled_from(
    [
        "DTSTART:20260408T120000Z",
        "DTSTART;VALUE=DATE:20260408",
        "DTSTART;TZID=Moon:20260408T120000",
        "DTSTART;VALUE=TIME:120000",
        "DTEND:99991231T235959Z",
        "DTEND;VALUE=PERIOD:20260408T120000Z/PT1H",
        "DTEND:20260408T1200",
        "DURATION:-P99999999999D",
        "DURATION:20260408T120000Z",
        "RRULE:FREQ=WEEKLY",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=YEARLY;BYWEEKNO=99",
        "RRULE:COUNT=2",
        "RRULE:",
        "RDATE:20260409",
        "EXDATE:x",
        "RECURRENCE-ID:20260408",
        "RECURRENCE-ID;RANGE=X:x",
        "UID:one",
        "STATUS:",
        "SUMMARY;X",
        "SUMMARY",
        "BEGIN:VALARM",
        "END:VALARM",
        "BEGIN:VEVENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
)


@given(st.lists(st.lists(LINES, max_size=6).map("\n".join), max_size=3), st.sampled_from([None, APRIL]))
def test_whatever_stands_in_a_calendar_it_is_read_or_told(events: list[str], window: Window | None) -> None:
    try:
        found = told(*events, window=window)
    except Unreadable:
        return
    assert all(str(each).startswith("r.ics event ") for each in found.problems)
    assert all(each.times or found.problems for each in found.entries)


@given(
    st.lists(SHIFTS, max_size=5, unique_by=lambda each: each[0]),
    st.sampled_from([SHANGHAI, BERLIN]),
    st.sampled_from(["zh", "en"]),
)
@example([(BACK + timedelta(minutes=30), 8, PEOPLE[0])], BERLIN, "en")
@example([(BACK - timedelta(minutes=30), 1, PEOPLE[0])], BERLIN, "en")
def test_what_goes_out_comes_in_again(shifts: list[tuple[datetime, int, Contact]], zone: ZoneInfo, lang: str) -> None:
    wanted = [(Span(at, at + timedelta(hours=hours), each.id), each) for at, hours, each in shifts]
    found = read("r.ics", written(wanted, zone, "K", lang, NOW), zone)
    assert found.problems == []
    assert [(each.contact, each.name, each.times) for each in found.entries] == [
        (each.contact_id, getattr(person, f"name_{lang}"), (each.from_at, each.to_at)) for each, person in wanted
    ]
