"""An agency's roster comes in from files and goes out as such: what they cover, what they change, all or nothing."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from firewatch.agencies import exchange, roster_calendar, shifts
from firewatch.agencies.entries import Change
from firewatch.agencies.exchange import ALL_DAYS, Days, Import
from firewatch.agencies.models import Contact, DatedShift, RosterChange, RosterDeed
from firewatch.agencies.shifts import NotValid
from firewatch.agencies.spans import Span
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.errors import BadInput
from firewatch.files.sheets import Unreadable
from firewatch.rulebook.read import Rulebook
from tests.build import prepare, rows, set_rows

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 4, 6, tzinfo=ZONE).astimezone(UTC)
HEAD = "contact,from,to\n"
WEEK = (date(2026, 4, 6), date(2026, 4, 12))


def span(day: int, start: int, end: int, who: str = "deputy") -> Span:
    """From an hour until another of a day of the week, in local time."""
    at = MONDAY + timedelta(days=day)
    return Span(at + timedelta(hours=start), at + timedelta(hours=end), f"kangle-{who}")


NIGHTS = [span(day, 20, 32) for day in range(7)]
DAYS = [span(day, 8, 20, "liaison") for day in range(7)]


@pytest.fixture(autouse=True)
def alliance(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    put(db, clock, *NIGHTS, *DAYS)


def put(db: Database, clock: FixedClock, *spans: Span, agency: str = "kangle") -> None:
    with db.write() as session:
        shifts.change(session, clock, agency, RosterDeed.ADDED, "officer", added=spans)


def there(db: Database) -> list[Span]:
    return sorted(shifts.span_of(row) for row in rows(db, DatedShift))


def bring_in(
    db: Database, clock: FixedClock, data: str | bytes, days: Days = ALL_DAYS, name: str = "roster.csv"
) -> Import:
    """Look at a file, then import it; the look has told what is done."""
    told = exchange.parse(name, data.encode() if isinstance(data, str) else data, ZONE)
    with db.read() as session:
        dry = exchange.look(session, told, "kangle", ZONE, days)
    with db.write() as session:
        done = exchange.bring_in(session, clock, told, "kangle", ZONE, "officer", days)
    assert dry == done
    return done


def take_out(db: Database, form: str, days: Days = ALL_DAYS) -> bytes:
    with db.read() as session:
        found = exchange.take_out(session, "kangle", ZONE, days)
    if form == "ics":
        return roster_calendar.written(found, ZONE, "Kangle", "en", MONDAY)
    return exchange.as_csv(found, ZONE, "zh")


@pytest.mark.parametrize("form", ["csv", "ics"])
@pytest.mark.parametrize("days", [ALL_DAYS, (date(2026, 4, 8), date(2026, 4, 9)), (None, date(2026, 4, 8))])
def test_what_goes_out_comes_in_again_and_changes_nothing(
    db: Database, clock: FixedClock, form: str, days: Days
) -> None:
    before, records = there(db), rows(db, RosterChange)
    found = bring_in(db, clock, take_out(db, form, days), days, f"roster.{form}")
    assert (found.problems, found.changes, found.left_out) == ([], [], 0)
    assert found.same == {ALL_DAYS: 14, (None, date(2026, 4, 8)): 6}.get(days, 4)
    assert (there(db), rows(db, RosterChange)) == (before, records)


def test_a_file_changes_the_days_it_covers_as_one_change_that_can_be_undone(db: Database, clock: FixedClock) -> None:
    before = there(db)
    text = f"{HEAD}kangle-liaison,2026-04-07 08:00,2026-04-07 18:00\nkangle-deputy,2026-04-08 00:00,2026-04-08 06:00\n"
    found = bring_in(db, clock, text)
    assert found.days == (date(2026, 4, 7), date(2026, 4, 8))
    assert found.changes == [
        Change(span(1, 8, 20, "liaison"), span(1, 8, 18, "liaison")),
        Change(span(1, 20, 32), span(2, 0, 6)),
        Change(span(2, 8, 20, "liaison"), None),
        Change(span(2, 20, 32), None),
    ]
    kept = [each for each in before if each.from_at < span(1, 0, 0).from_at or each.from_at >= span(3, 0, 0).from_at]
    assert there(db) == sorted([*kept, span(1, 8, 18, "liaison"), span(2, 0, 6)])
    record = rows(db, RosterChange)[-1]
    assert (record.what, record.by, len(record.removed), len(record.added)) == ("imported", "officer", 4, 2)
    with db.write() as session:
        shifts.undo(session, clock, "kangle", record.id, "officer")
    assert there(db) == before


def test_days_that_are_named_are_covered_whatever_is_in_the_file(db: Database, clock: FixedClock) -> None:
    text = f"{HEAD}kangle-liaison,2026-04-07 08:00,2026-04-07 20:00\nkangle-liaison,2027-01-01 08:00,2027-01-01 20:00\n"
    found = bring_in(db, clock, text, WEEK)
    assert (found.same, found.left_out, len(found.changes)) == (1, 1, 13)
    assert there(db) == [span(1, 8, 20, "liaison")]
    bring_in(db, clock, HEAD, WEEK)
    assert there(db) == []


def test_other_agencies_and_other_days_are_left_alone(db: Database, clock: FixedClock) -> None:
    other = Span(span(0, 8, 20).from_at, span(0, 8, 20).to_at, "hezheng-deputy")
    put(db, clock, other, agency="hezheng")
    put(db, clock, span(7, 8, 20))
    bring_in(db, clock, HEAD, WEEK)
    assert there(db) == sorted([other, span(7, 8, 20)])


def test_everything_wrong_is_told_at_once_and_nothing_is_changed(db: Database, clock: FixedClock) -> None:
    before = there(db)
    found = bring_in(
        db,
        clock,
        f"{HEAD}kangle-liaison,2026-04-13 08:00,soon\n"
        "hezheng-liaison,2026-04-13 08:00,2026-04-13 20:00\n"
        "kangle-head,2026-04-13 08:00,2026-04-13 20:00\n"
        "kangle-deputy,2026-04-13 20:00,2026-04-13 08:00\n"
        "kangle-deputy,2026-04-13 07:00,2026-04-13 09:00\n",
    )
    assert [f"{each.line} {each.what.rpartition('.')[2]}" for each in found.problems] == [
        "2 cell",
        "3 who_unknown",
        "4 nobody",
        "5 backwards",
        "6 overlap",  # with the night before, which stays
    ]
    assert "2026-04-12 20:00 – 2026-04-13 08:00" in str(found.problems[-1])
    assert there(db) == before


def test_whoever_has_left_keeps_his_shifts_but_gets_no_new_ones(db: Database, clock: FixedClock) -> None:
    data = take_out(db, "csv").decode("utf-8-sig")
    set_rows(db, Contact, ["kangle-deputy"], active=False)
    assert bring_in(db, clock, data).problems == []
    found = bring_in(db, clock, data.replace("2026-04-06 20:00", "2026-04-06 21:00"))
    assert [each.what for each in found.problems] == ["roster.problem.nobody"]


@pytest.mark.parametrize(
    ("text", "days", "reason"),
    [
        (HEAD, ALL_DAYS, "roster.csv: there is no shift in it: if all shifts of some days are to go, name the days"),
        (HEAD, (date(2026, 4, 9), date(2026, 4, 8)), "the days end on 2026-04-08, before they begin on 2026-04-09"),
        (HEAD, (date(9999, 12, 31), date(9999, 12, 31)), "the days from 9999-12-31 to 9999-12-31 are too far away"),
        (
            f"{HEAD}kangle-deputy,2026-04-13 08:00,2026-04-13 20:00\nkangle-deputy,2062-04-14 08:00,2062-04-14 20:00\n",
            ALL_DAYS,
            "covers the days from 2026-04-13 to 2062-04-14, more than 400: is a year wrong?",
        ),
    ],
)
def test_days_that_cannot_be_are_told(db: Database, clock: FixedClock, text: str, days: Days, reason: str) -> None:
    found = bring_in(db, clock, text, days)
    assert [str(each).endswith(reason) for each in found.problems] == [True]
    assert len(there(db)) == 14


def test_days_far_away_are_not_taken_out(db: Database) -> None:
    with pytest.raises(BadInput, match="too far away"):
        take_out(db, "csv", (date(9999, 12, 31), None))


def test_only_tables_and_calendars_are_read() -> None:
    with pytest.raises(Unreadable, match=r"one of these: \.csv, \.xlsx, \.ics"):
        exchange.parse("roster.pdf", b"%PDF", ZONE)


def test_shifts_that_run_into_each_other_are_not_added_together(db: Database, clock: FixedClock) -> None:
    before = there(db)
    with pytest.raises(NotValid, match="overlap"):
        put(db, clock, span(8, 8, 20), span(8, 19, 22))
    assert there(db) == before


def test_two_who_import_at_once_do_so_one_after_the_other(db: Database, clock: FixedClock) -> None:
    """The second waits for the first, and then finds what that one left."""
    from concurrent.futures import ThreadPoolExecutor

    def one(end: str) -> Import:
        told = exchange.parse("r.csv", f"{HEAD}kangle-deputy,2026-04-20 08:00,2026-04-20 {end}\n".encode(), ZONE)

        def work(session: Session) -> Import:
            return exchange.bring_in(session, clock, told, "kangle", ZONE, "officer")

        with db.write() as session:
            return work(session)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(one, ["12:00", "13:00", "14:00", "15:00"]))
    assert [each.problems for each in done] == [[]] * 4
    assert len([each for each in there(db) if each.from_at > span(8, 0, 0).from_at]) == 1
