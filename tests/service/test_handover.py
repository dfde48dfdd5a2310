"""Duty is handed over: a note is written, read and taken over with, by one person at a time, and all is on record."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlmodel import col, select

from firewatch.access.models import Role, User
from firewatch.agencies.models import DutyShift
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.errors import BadInput, Conflict, Refused
from firewatch.handover import turns
from firewatch.handover.models import DutyTurn, HandoverNote
from firewatch.handover.turns import Overtaken, Seen
from firewatch.rulebook.read import Rulebook
from tests.build import rows
from tests.service.console import Desk, Person, forms, open_desk, report, said

NOTHING = Seen(0, 0)


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    desk = open_desk(db, clock, rulebook)
    with db.write() as session:
        officer = session.exec(select(User).where(User.username == "officer")).one()
        another = User(
            username="relief",
            display_name="Officer C",
            role=Role.DUTY_OFFICER,
            created_at=clock.now(),
            password_hash=officer.password_hash,
        )
        session.add(another)
    return desk


def take(desk: Desk, who: str, seen: Seen) -> DutyTurn:
    with desk.db.write() as session:
        return turns.take_over(session, desk.clock, who, seen)


def write(desk: Desk, who: str, text: str) -> HandoverNote:
    with desk.db.write() as session:
        return turns.write_note(session, desk.clock, who, text)


def bar(person: Person) -> str:
    return said(person.page("/duty"))


# The rules


def test_the_first_takes_over_from_nobody_and_every_other_from_the_one_before(desk: Desk) -> None:
    take(desk, "officer", NOTHING)
    desk.clock.advance(hours=12)
    take(desk, "relief", Seen(1, 0))
    found = [(row.number, row.officer, row.taken_from) for row in rows(desk.db, DutyTurn)]
    assert found == [(1, "officer", None), (2, "relief", "officer")]


def test_of_two_who_take_over_at_once_one_gets_it(desk: Desk) -> None:
    take(desk, "officer", NOTHING)
    together = Barrier(2)

    def try_it(who: str) -> str:
        together.wait()
        try:
            take(desk, who, Seen(1, 0))
        except Overtaken:
            return "told"
        return who

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(try_it, ("relief", "third")))
    assert outcomes in (["relief", "told"], ["third", "told"])
    assert [row.officer for row in rows(desk.db, DutyTurn)] == ["officer", outcomes[0]]


def test_whoever_has_not_read_the_newest_note_does_not_take_over(desk: Desk) -> None:
    take(desk, "officer", NOTHING)
    first = write(desk, "officer", "crew 3 comes back at six")
    newest = write(desk, "officer", "crew 3 comes back at SEVEN")
    with pytest.raises(Overtaken):
        take(desk, "relief", Seen(1, first.id or 0))
    take(desk, "relief", Seen(1, newest.id or 0))
    assert [row.text for row in rows(desk.db, HandoverNote)] == ["crew 3 comes back at six", newest.text]


def test_only_the_officer_on_duty_writes_the_note(desk: Desk) -> None:
    with pytest.raises(Refused):
        write(desk, "officer", "nobody is on duty")
    take(desk, "officer", NOTHING)
    with pytest.raises(Refused):
        write(desk, "relief", "not mine to write")
    for text in ("", " \n ", "x" * (turns.LONGEST_NOTE + 1)):
        with pytest.raises(BadInput):
            write(desk, "officer", text)
    assert not rows(desk.db, HandoverNote)


def test_nobody_takes_over_from_himself(desk: Desk) -> None:
    take(desk, "officer", NOTHING)
    with pytest.raises(Conflict, match="already"):
        take(desk, "officer", Seen(1, 0))


def test_what_happened_is_told_from_the_end_of_ones_last_turn(desk: Desk) -> None:
    begin = desk.clock.now()
    take(desk, "officer", NOTHING)

    def last_end(who: str) -> object:
        with desk.db.read() as session:
            return turns.last_end(session, who)

    assert last_end("officer") == begin, "while it lasts: since he took over"
    assert last_end("relief") is None
    desk.clock.advance(hours=12)
    take(desk, "relief", Seen(1, 0))
    desk.clock.advance(hours=12)
    assert last_end("officer") == begin + timedelta(hours=12)


# The pages


def test_the_bar_names_exactly_one_officer_on_duty(desk: Desk) -> None:
    officer, relief = desk.person(), desk.person("relief")
    assert "Nobody has taken over duty" in bar(officer)
    officer.press("/handover", "Take over duty")
    assert "On duty: Officer A since 12:00" in bar(relief)
    desk.clock.advance(hours=8)
    relief.press("/handover", "Take over without a note")
    assert "On duty: Officer C since 20:00" in bar(officer)
    assert "Officer A since" not in bar(officer)
    record = said(relief.page("/handover"))
    assert "Officer C took over from Officer A without a note" in record
    assert "值班员：Officer C，20:00 接班" in said(desk.person("viewer", "zh").page("/"))


def test_a_note_begins_with_what_is_open_is_changed_and_is_read_by_the_one_who_comes(desk: Desk) -> None:
    officer, relief = desk.person(), desk.person("relief")
    with desk.db.write() as session:
        for shift in session.exec(select(DutyShift).where(col(DutyShift.contact_id).like("kangle-%"))):
            session.delete(shift)
    officer.press("/handover", "Take over duty")
    report(officer)
    page = officer.page("/handover/note")
    drafted = page.split('<textarea name="text"')[1].split(">", 1)[1].split("</textarea>")[0]
    assert "- Fire 1, " in drafted
    assert drafted.count(": fire 1 (12:00)") == 7, "no agency has acknowledged yet"
    assert "Gaps in rosters within seven days\n- Kangle" in drafted
    assert "ago" not in drafted, "an age would grow old in a note"
    officer.press("/handover/note", "Keep the note", text=drafted + "\nKangle called: they are on their way <soon>")
    assert "their way <soon>" in said(officer.page("/handover")).replace("&lt;", "<")
    assert "their way &lt;soon&gt;" in officer.page("/handover/note"), "it can be changed"

    page = said(relief.page("/handover"))
    assert "Note by Officer A, written 12:00" in page
    assert "they are on their way" in page
    relief.press("/handover", "Take over duty")
    assert "Officer C took over from Officer A with a note" in said(officer.page("/handover"))
    assert "Take over first" in said(officer.page("/handover/note")), "his turn is over"


def test_a_note_that_is_too_long_comes_back_with_all_of_it(desk: Desk) -> None:
    officer = desk.person()
    officer.press("/handover", "Take over duty")
    answer = officer.press("/handover/note", "Keep the note", 422, text="long " * 2000)
    assert "8000 characters at most" in answer.text
    assert "long " * 1999 in answer.text
    assert not rows(desk.db, HandoverNote)


def test_whoever_comes_second_is_shown_who_has_it_and_nothing_is_changed(desk: Desk) -> None:
    officer, relief = desk.person(), desk.person("relief")
    stale = next(form for form in forms(relief.page("/handover")) if form.action == "/handover/take")
    officer.press("/handover", "Take over duty")
    answer = relief.client.post(stale.action, data=stale.values)
    assert answer.status_code == 409
    assert "somebody has taken over" in said(answer.text)
    assert "On duty: Officer A, since 12:00" in said(answer.text)
    assert len(rows(desk.db, DutyTurn)) == 1


def test_a_viewer_reads_it_and_takes_nothing_over(desk: Desk) -> None:
    viewer = desk.person("viewer")
    assert {form.action for form in forms(viewer.page("/handover"))} == {"/sign-out"}
    csrf = forms(viewer.page("/"))[0].values["csrf"]
    for address in ("/handover/take", "/handover/note"):
        assert viewer.client.post(address, data={"csrf": csrf, "text": "x"}).status_code == 403
    assert not rows(desk.db, DutyTurn)
    assert desk.person(None).client.get("/handover").headers["location"] == "/sign-in?next=/handover"
