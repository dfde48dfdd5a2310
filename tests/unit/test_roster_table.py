"""Dated shifts as lines of a table: every way of writing a time, every bad line, and back without a loss."""

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook

from firewatch.agencies.entries import Told
from firewatch.agencies.models import Contact
from firewatch.agencies.roster_table import read, time_of, time_text, written
from firewatch.agencies.spans import Span
from firewatch.clock import local_instants
from firewatch.files import sheets
from tests.unit.test_entries import PEOPLE

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
EVENING = datetime(2026, 4, 8, 12, tzinfo=UTC)
BACK = datetime(2026, 10, 25, 1, tzinfo=UTC)  # when Berlin's clocks are put back from 3 to 2
INSTANTS = st.datetimes(datetime(2001, 1, 1), datetime(2098, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - the zone is beside it
    lambda at: at.replace(microsecond=0)
)
SHIFTS = st.tuples(INSTANTS, st.integers(1, 8 * 24), st.sampled_from(PEOPLE))


def told(text: str, zone: ZoneInfo = SHANGHAI, name: str = "roster.csv") -> Told:
    return read(sheets.parse(name, text.encode())[0], zone)


def wrong(text: str, zone: ZoneInfo = SHANGHAI) -> list[str]:
    return [str(each) for each in told(text, zone).problems]


@pytest.mark.parametrize(
    "text",
    [
        "2026-04-08 20:00",
        "2026-04-08T20:00:00",
        "2026/4/8 20:00",
        "2026.4.8 20:00",
        "2026年4月8日20:00",
        "2026年4月8日 20:00",
        "２０２６－０４－０８　２０：００",
        "2026-04-08 20:00:00.000",
        "2026-04-08 12:00Z",
        "2026-04-08T14:00+02:00",
        "2026-04-08 20:00+0800",
    ],
)
def test_a_time_is_understood_as_offices_write_it(text: str) -> None:
    assert time_of(text, SHANGHAI) == EVENING


def test_the_end_of_a_day_may_be_written_as_24_hours() -> None:
    assert time_of("2026-12-31 24:00", SHANGHAI) == time_of("2027-01-01 00:00", SHANGHAI)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("8 April", "“8 April” does not hold: the year first, for example 2026-04-08 20:00"),
        ("4/8/2026 20:00", "does not hold"),
        ("2026-04-08", "does not hold"),
        ("20:00", "does not hold"),
        ("2026-02-30 20:00", "does not hold"),
        ("2026-04-08 25:00", "does not hold"),
        ("2026-04-08 24:01", "does not hold"),
        ("2026-04-08 20:00+99:99", "does not hold"),
        ("1926-04-08 20:00", "does not hold"),
        ("2100-01-01 00:00", "does not hold"),
        ("", "nothing stands there: the year first"),
        ("2026-03-29 02:30", "does not occur: the clocks are put forward over it"),
        ("2026-10-25 02:30", "occurs twice, since the clocks are put back: add the offset"),
    ],
)
def test_a_time_that_is_none_is_told_with_what_would_hold(cell: str, reason: str) -> None:
    (found,) = wrong(f"contact,from,to\none,2026-01-01 08:00,2026-01-01 20:00\none,{cell},2026-10-26 08:00\n", BERLIN)
    assert found.startswith("roster.csv line 3: from: ")
    assert reason in found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("contact,from\none,2026-04-08 20:00\n", "roster.csv: to: is missing among the columns of roster"),
        ("from,to\n2026-04-08 20:00,2026-04-09 08:00\n", "roster.csv: contact: is missing among the columns of roster"),
        ("contact,from,to,phone\n", "roster.csv: phone: is no column of roster: they are contact, name, from, to"),
        ("contact,from,from,to\n", "roster.csv: from: stands there twice"),
        ("contact,,from,to\n", "roster.csv: has a column without a name"),
        (
            "name,from,to\nA,2026-04-08 20:00,2026-04-09 08:00,x\n",
            "roster.csv line 2: has more cells than there are columns",
        ),
    ],
)
def test_a_table_that_does_not_fit_is_told(text: str, reason: str) -> None:
    assert reason in wrong(text)


@pytest.mark.parametrize("heading", ["name,from,to", "值班人员,开始时间,结束时间", "Person,From,To"])
def test_columns_may_be_headed_as_the_console_calls_them(heading: str) -> None:
    found = told(f"{heading}\n联络员甲,2026-04-08 20:00,2026-04-09 08:00\n")
    assert [(each.name, each.times) for each in found.entries] == [
        ("联络员甲", (EVENING, EVENING + timedelta(hours=12)))
    ]
    assert wrong("值班人员,开始时间,Person\n") == [
        "roster.csv: name: stands there twice",
        "roster.csv: to: is missing among the columns of roster",
    ]


def test_a_workbook_with_times_for_cells() -> None:
    book = Workbook()
    for row in (
        ["name", "from", "to"],
        ["A", datetime(2026, 4, 8, 20), datetime(2026, 4, 9, 8)],  # noqa: DTZ001 - Excel's times have no zone
        ["A", datetime(2026, 4, 9), "2026/4/9 8:30"],  # noqa: DTZ001 - the same
        ["A", 46120, None],
    ):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    found = read(sheets.parse("r.xlsx", data.getvalue())[0], SHANGHAI)
    midnight = EVENING + timedelta(hours=4)
    assert [each.times for each in found.entries] == [
        (EVENING, EVENING + timedelta(hours=12)),
        (midnight, midnight + timedelta(hours=8, minutes=30)),
        None,
    ]
    assert [(each.line, each.column, each.what) for each in found.problems] == [(4, "from", "cell"), (4, "to", "empty")]


def test_every_problem_of_every_line_is_told_at_once() -> None:
    found = wrong("contact,from,to\none,soon,later\n\none,2026-04-08 20:00,never,x\n")
    assert [each.partition(" does")[0] for each in found] == [
        "roster.csv line 2: from: “soon”",
        "roster.csv line 2: to: “later”",
        "roster.csv line 4: has more cells than there are columns",
        "roster.csv line 4: to: “never”",
    ]


def test_a_shift_across_midnight_stands_there_in_local_time() -> None:
    table = written([(Span(EVENING, EVENING + timedelta(hours=12), "one"), PEOPLE[0])], SHANGHAI, "zh")
    assert sheets.as_csv(table).decode("utf-8-sig").splitlines() == [
        "contact,name,from,to",
        "one,联络员甲,2026-04-08 20:00,2026-04-09 08:00",
    ]


def test_an_hour_that_occurs_twice_is_told_with_its_offset() -> None:
    half = timedelta(minutes=30)
    assert [time_text(at, BERLIN) for at in (BACK - half, BACK + half)] == [
        "2026-10-25 02:30+02:00",
        "2026-10-25 02:30+01:00",
    ]
    assert local_instants(datetime(2026, 10, 25, 2, 30), BERLIN) == [BACK - half, BACK + half]  # noqa: DTZ001 - a local time


@given(INSTANTS, st.sampled_from([SHANGHAI, BERLIN]))
@example(BACK - timedelta(minutes=30), BERLIN)
@example(BACK + timedelta(minutes=30), BERLIN)
@example(datetime(2026, 3, 29, 1, tzinfo=UTC), BERLIN)
@example(datetime(2026, 4, 8, 12, 0, 7, tzinfo=UTC), SHANGHAI)
def test_a_time_that_is_written_is_read_as_it_was(at: datetime, zone: ZoneInfo) -> None:
    assert time_of(time_text(at, zone), zone) == at


@given(
    st.lists(SHIFTS),
    st.sampled_from([SHANGHAI, BERLIN]),
    st.sampled_from(["zh", "en"]),
    st.sampled_from(["csv", "xlsx"]),
)
def test_what_goes_out_comes_in_again(
    shifts: list[tuple[datetime, int, Contact]], zone: ZoneInfo, lang: str, form: str
) -> None:
    wanted = [(Span(at, at + timedelta(hours=hours), each.id), each) for at, hours, each in shifts]
    table = written(wanted, zone, lang)
    data = sheets.as_csv(table) if form == "csv" else sheets.as_workbook([table])
    found = read(sheets.parse(f"r.{form}", data)[0], zone)
    assert found.problems == []
    assert [(each.contact, each.times) for each in found.entries] == [
        (each.contact_id, (each.from_at, each.to_at)) for each, _ in wanted
    ]
