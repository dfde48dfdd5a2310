"""The sheet for a night without the machine: what stands on it, how it is written, and who gets to see it."""

import os
import re
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest

from firewatch.__main__ import main
from firewatch.agencies.models import Contact, DutyShift
from firewatch.clock import FixedClock, ScaledClock
from firewatch.db import Database
from firewatch.dispatch import order_texts
from firewatch.dispatch.models import Order, OrderState
from firewatch.errors import Unavailable
from firewatch.jobs.desk import Desk as JobDesk
from firewatch.jobs.nightsheet import Writing
from firewatch.messaging.models import Alarm, SubjectKind
from firewatch.rulebook.read import Rulebook
from firewatch.web.night import forms
from firewatch.web.night.folder import KEPT, NightSheets
from firewatch.web.published.typeset import NotSet
from tests.build import KANGLE, ordered_fire, prepare, report_fire, rows, set_rows, texts
from tests.service.console import Desk, open_desk, said

A4 = (595, 842)


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


@pytest.fixture
def sheets(desk: Desk, tmp_path: Path) -> NightSheets:
    found = NightSheets(desk.db, desk.clock, desk.book, tmp_path / "night", "en")
    desk.app.state.firewatch = replace(desk.app.state.firewatch, night_sheets=found)
    return found


def page_of(sheets: NightSheets) -> str:
    """The page of HTML as it lies on the disk."""
    data = sheets.file("html")
    assert data is not None
    return data.decode()


def printed(sheets: NightSheets) -> str:
    """What the PDF says, its pages one after the other; every page is A4."""
    data = sheets.file("pdf")
    assert data is not None
    document = pypdfium2.PdfDocument(data)
    pages = [document[number] for number in range(len(document))]
    assert [tuple(round(side) for side in page.get_size()) for page in pages] == [A4] * len(pages)
    found = " ".join(page.get_textpage().get_text_bounded() for page in pages)
    document.close()
    return re.sub(r"\s+", " ", found)


# What stands on it


def test_every_number_stands_whole_on_it_with_who_is_on_duty_tonight(sheets: NightSheets) -> None:
    sheets.write()
    page, paper = said(page_of(sheets)), printed(sheets)
    people = rows(sheets.db, Contact)
    assert len(people) == 21
    for person in people:
        assert person.phone in page
        assert person.phone in paper
    liaison = next(person for person in people if person.id == "kangle-liaison")
    deputy = next(person for person in people if person.id == "kangle-deputy")
    assert f"● Liaison B · liaison {liaison.phone} 12:00 – 20:00, 2 Apr 08:00 – 2 Apr 12:00" in page
    assert f"Deputy B · deputy liaison {deputy.phone} 20:00 – 2 Apr 08:00" in page
    assert page.count("when the others do not answer") == 7
    assert "Nobody on duty" not in page


def test_a_gap_of_the_night_is_told(sheets: NightSheets) -> None:
    with sheets.db.write() as session:
        for shift in rows(sheets.db, DutyShift, DutyShift.contact_id == "kangle-deputy"):
            session.delete(shift)
    sheets.write()
    assert "Nobody on duty 20:00 – 2 Apr 08:00: call the liaison by name." in said(page_of(sheets))


def test_a_fire_stands_there_with_its_place_its_people_and_their_codes(sheets: NightSheets, desk: Desk) -> None:
    number, orders = ordered_fire(desk.db, desk.clock, desk.book)
    codes = {row.subject_id: row.code or "" for row in texts(desk.db, number, "sms.order")}
    sheets.write()
    page, paper = said(page_of(sheets)), printed(sheets)
    for found in (page, paper):
        assert f"{KANGLE[0]:.5f}, {KANGLE[1]:.5f}" in found
        assert "35°18'00\"N 103°39'00\"E" in found
        assert "smoke above the pass" in found
        assert "first attack organised by Kangle forest-chief office" in found
        assert "Not acknowledged yet: Hezheng forest-chief office," in found
        for order in orders:
            assert codes[order.id or 0] in found
    first = orders[0]
    assert f"ordered {sheets_time(first.eta_at)} {codes[first.id or 0]}" in page
    assert "Kangle forest-chief office assigned" in page
    set_rows(desk.db, Order, [first.id or 0], state=OrderState.ON_SCENE)
    sheets.write()
    assert f"on scene – {codes[first.id or 0]}" in said(page_of(sheets)), "who is there is not expected"


def test_of_an_order_every_person_s_newest_text_is_named_and_no_call(sheets: NightSheets, desk: Desk) -> None:
    number, (order, *_) = ordered_fire(desk.db, desk.clock, desk.book)
    with desk.db.write() as session:
        liaison, deputy = (session.get_one(Contact, f"kangle-{role}") for role in ("liaison", "deputy"))
        order_texts.tell(session, desk.clock.now(), desk.book, order, liaison, step=2)
        order_texts.tell(session, desk.clock.now(), desk.book, order, deputy, step=2)
        order_texts.call(session, desk.clock.now(), desk.book, order, liaison, step=3)
    told = [row.code or "" for row in texts(desk.db, number) if row.subject_kind is SubjectKind.ORDER]
    first, *newest, call = told
    assert len(newest) == 2
    sheets.write()
    page = said(page_of(sheets))
    assert " ".join(sorted(newest)) in page
    assert first not in page
    assert call not in page


def sheets_time(at: datetime) -> str:
    return (at + timedelta(hours=8)).strftime("%H:%M")


def test_it_says_when_it_was_made_and_from_when_on_it_is_not_to_be_trusted(sheets: NightSheets) -> None:
    sheets.write()
    page = said(page_of(sheets))
    assert "Made Wed 1 Apr 2026 12:00:00." in page
    assert "Older than 12:30: do not trust" in page
    assert "Nobody has taken over duty" in page
    assert page.count("support only") == 2, "the one mass team, and what that means"


def test_a_demonstration_and_made_up_weather_say_so(sheets: NightSheets) -> None:
    replace(sheets, notices=("banner.demo", "night.replay")).write()
    page = said(page_of(sheets))
    assert "grades on this sheet are none to act on" in page
    assert "Demonstration" in page


def test_what_people_wrote_is_text_and_nothing_else(sheets: NightSheets, desk: Desk) -> None:
    report_fire(desk.db, desk.clock, desk.book, description='<script>x</script> #panic("no") *bold* $x$')
    sheets.write()
    assert "<script" not in page_of(sheets)
    assert '<script>x</script> #panic("no") *bold* $x$' in printed(sheets)
    assert not re.search(r"(?:src|href)=|url\(|@import", page_of(sheets)), "nothing beside it is needed"


def test_it_is_written_in_the_language_of_the_site(sheets: NightSheets) -> None:
    replace(sheets, lang="zh").write()
    assert "断网断电应急单" in printed(sheets)
    assert "副联络员乙 · 副联络员" in said(page_of(sheets))


# How it is written


def test_nobody_but_the_service_reads_the_files(sheets: NightSheets) -> None:
    sheets.write()
    assert stat.S_IMODE(sheets.folder.stat().st_mode) == 0o700
    files = sorted(sheets.folder.iterdir())
    assert [file.name for file in files] == [
        "nightsheet-20260401T040000Z.html",
        "nightsheet-20260401T040000Z.pdf",
        "nightsheet.html",
        "nightsheet.pdf",
    ]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_the_last_few_are_kept_and_those_of_a_clock_that_ran_ahead_are_not(
    sheets: NightSheets, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "pdf", forms.html)  # typesetting twenty sheets would only take time
    ahead = replace(sheets, clock=FixedClock(datetime(2027, 1, 1, tzinfo=UTC)))
    ahead.write()
    for _ in range(KEPT + 5):
        clock.advance(minutes=5)
        sheets.write()
    dated = sorted(file.name for file in sheets.folder.glob("nightsheet-*.html"))
    assert len(dated) == KEPT + 1
    assert dated[-1] == f"nightsheet-{clock.now():%Y%m%dT%H%M%SZ}.html"
    assert sheets.made_at() == clock.now()


def test_a_sheet_that_cannot_be_replaced_leaves_the_one_before_whole(
    sheets: NightSheets, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets.write()
    before = page_of(sheets)
    clock.advance(minutes=5)
    monkeypatch.setattr(os, "fsync", _disk_full)
    with pytest.raises(Unavailable, match="No space left"):
        sheets.write()
    assert page_of(sheets) == before
    assert not list(sheets.folder.glob(".*")), "nothing half-written is left"


def _disk_full(_handle: int) -> None:
    raise OSError(28, "No space left on device")


def test_without_the_font_the_page_is_written_all_the_same(
    sheets: NightSheets, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_font(_facts: object) -> bytes:
        raise NotSet("unknown font family")

    monkeypatch.setattr(forms, "pdf", no_font)
    with pytest.raises(Unavailable, match="unknown font family"):
        sheets.write()
    assert sheets.made_at() == clock.now()
    assert sheets.file("pdf") is None


# When, and what if not


def test_a_failure_is_an_alarm_until_a_sheet_is_written_again(
    sheets: NightSheets, desk: Desk, rulebook: Rulebook, capfd: pytest.CaptureFixture[str]
) -> None:
    seconds = 0.0
    jobs = JobDesk(desk.db, desk.clock, rulebook, [], [], night_sheet=sheets.write, night_sheet_seconds=300)
    writing = Writing(jobs, sheets.write, stopwatch=lambda: seconds)

    def alarms() -> list[str]:
        return [row.kind for row in rows(desk.db, Alarm) if row.closed_at is None]

    assert (writing.run(), writing.run()) == (1, 0), "the first at once, then none before it is time"
    seconds = 299
    assert writing.run() == 0
    seconds = 300
    sheets.folder.rename(sheets.folder.with_name("away"))
    sheets.folder.write_text("a file lies where the folder should be")
    assert writing.run() == 0
    assert alarms() == ["nightsheet_failed"]
    told = said(desk.person().page("/"))
    assert "cannot be written" in told
    assert "File exists" in told
    sheets.folder.unlink()
    seconds = 329
    assert writing.run() == 0
    seconds = 330
    assert writing.run() == 1, "sooner than after a sheet that went well"
    assert alarms() == []
    heard = capfd.readouterr()
    assert not [row.phone for row in rows(desk.db, Contact) if row.phone in heard.out + heard.err]


def test_monitors_outside_see_how_old_the_sheet_is(sheets: NightSheets, desk: Desk) -> None:
    def age() -> list[str]:
        lines = desk.person(None).client.get("/metrics").text.splitlines()
        return [line for line in lines if line.startswith("firewatch_night_sheet_age_seconds")]

    assert age() == [], "none is not a fresh one"
    sheets.write()
    desk.clock.advance(minutes=7)
    assert age() == ["firewatch_night_sheet_age_seconds 420.0"]


def test_the_bar_tells_of_a_sheet_that_is_old_or_lacking(sheets: NightSheets, desk: Desk) -> None:
    officer = desk.person()
    assert "Night sheet is old" in said(officer.page("/duty")), "there is none yet"
    assert "there is none" in said(officer.page("/nightsheet"))
    sheets.write()
    desk.clock.advance(minutes=15)
    assert "Night sheet is old" not in said(officer.page("/duty"))
    desk.clock.advance(minutes=1)
    assert "Night sheet is old" in said(officer.page("/duty"))
    page = said(officer.page("/nightsheet"))
    assert "12:00 16 min ago No new sheet has come" in page
    (sheets.folder / "nightsheet.html").write_text("somebody has written over it")
    assert sheets.is_old()


def test_under_a_clock_that_runs_fast_a_sheet_is_old_by_the_wall(sheets: NightSheets) -> None:
    fast = replace(sheets, clock=ScaledClock(datetime(2026, 4, 1, 4, tzinfo=UTC), speed=600))
    fast.write()
    later = replace(fast, clock=ScaledClock(datetime(2026, 4, 1, 14, tzinfo=UTC), speed=600))
    assert not later.is_old(), "ten hours are a minute of the wall"
    told = said(page_of(fast))
    assert re.search(r"Older than 14 Apr 0\d:", told), "half an hour of the wall are 300 of its hours"


# Who gets to see it


def test_only_officers_who_are_signed_in_get_the_files(sheets: NightSheets, desk: Desk) -> None:
    sheets.write()
    officer, viewer, stranger = desk.person(), desk.person("viewer"), desk.person(None)
    page = officer.page("/nightsheet")
    assert 'href="/nightsheet/pdf"' in page
    assert str(sheets.folder) in page
    for suffix, kind, how in (("pdf", "application/pdf", "inline"), ("html", "text/html; charset=utf-8", "attachment")):
        answer = officer.client.get(f"/nightsheet/{suffix}")
        assert answer.content == sheets.file(suffix)
        assert answer.headers["content-type"] == kind
        assert answer.headers["content-disposition"].startswith(how)
        assert answer.headers["cache-control"] == "no-store"
        assert viewer.client.get(f"/nightsheet/{suffix}").status_code == 403
        assert stranger.client.get(f"/nightsheet/{suffix}").status_code == 303
    assert "only duty officers open it" in said(viewer.page("/nightsheet"))
    for other in ("nightsheet-20260401T040000Z.html", "..%2fnightsheet.pdf", "txt"):
        assert officer.client.get(f"/nightsheet/{other}").status_code == 404
    phones = [row.phone for row in rows(desk.db, Contact)]
    assert not [phone for phone in phones if phone in page]


def test_a_service_without_sheets_says_so(desk: Desk) -> None:
    officer = desk.person()
    assert "writes no night sheets" in said(officer.page("/nightsheet"))
    assert "Night sheet is old" not in said(officer.page("/duty"))
    assert officer.client.get("/nightsheet/pdf").status_code == 404


def test_the_technician_writes_one_from_the_command_line(
    db: Database,
    clock: FixedClock,
    rulebook: Rulebook,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    prepare(db, rulebook)
    monkeypatch.setenv("FIREWATCH_DATABASE_URL", db.url.render_as_string(hide_password=False))
    monkeypatch.setenv("FIREWATCH_CLOCK_START", clock.now().isoformat())
    out = tmp_path / "usb stick"
    assert main(["nightsheet", "--out", str(out), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert told.splitlines() == [str(out / "nightsheet.html"), str(out / "nightsheet.pdf")]
    assert "For a night without the machine" in (out / "nightsheet.html").read_text(encoding="utf-8")
    (tmp_path / "file").write_text("")
    assert main(["nightsheet", "--out", str(tmp_path / "file")]) == 2
    assert "File exists" in capsys.readouterr().err
