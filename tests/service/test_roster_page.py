"""The duty roster in the console: a week is read, shifts are added, changed, deleted, copied, and taken back."""

from datetime import UTC, datetime

import pytest
from httpx2 import Response
from sqlmodel import Session, delete

from firewatch.access.users import change_agency
from firewatch.agencies.models import DatedShift, DutyShift, RosterChange
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.rulebook.read import Rulebook
from tests.build import rows
from tests.service.console import Desk, Person, forms, open_desk, said

HERE = "/roster/kangle"
WEEK = f"{HERE}?week=2026-04-08"


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    clock.at = datetime(2026, 4, 8, 5, tzinfo=UTC)  # Wednesday, one in the afternoon in Linxia
    return open_desk(db, clock, rulebook)


def add(person: Person, who: str, start: str, end: str, week: str = WEEK, label: str = "Add a shift") -> Response:
    form = next(
        form for form in forms(person.page(week)) if form.action.startswith(f"{HERE}/shifts") and label in form.text
    )
    answer: Response = person.client.post(form.action, data=form.values | {"contact": who, "from": start, "to": end})
    return answer


def shifts(desk: Desk) -> list[tuple[str, str, str]]:
    found = sorted(rows(desk.db, DatedShift), key=lambda row: (row.from_at, row.contact_id))
    return [(row.contact_id, f"{row.from_at:%m-%dT%H:%M}", f"{row.to_at:%m-%dT%H:%M}") for row in found]


def no_standing_hours(desk: Desk) -> None:
    with desk.db.write() as session:
        session.exec(delete(DutyShift))


def test_without_dated_shifts_the_standing_hours_are_shown_and_nothing_is_missing(desk: Desk) -> None:
    officer = desk.person()
    overview = said(officer.page("/roster"))
    assert "Liaison B (standing hours)" in overview
    assert overview.count("No gap in the next seven days") == 7
    page = said(officer.page(WEEK))
    assert "Mon 6 Apr to Sun 12 Apr" in page
    assert page.count("08:00–20:00 Liaison B (standing hours)") == 7
    assert "No dated shift in this week" in page
    assert "Undo the last change" not in page
    assert 'id="roster-gaps"' not in officer.page("/")


def test_a_shift_is_added_changed_deleted_and_each_can_be_taken_back(desk: Desk) -> None:
    officer = desk.person()
    assert add(officer, "kangle-deputy", "2026-04-08T08:00", "2026-04-09T08:00").headers["location"] == (
        f"{HERE}?week=2026-04-06"
    )
    assert shifts(desk) == [("kangle-deputy", "04-08T00:00", "04-09T00:00")]  # kept in UTC
    page = said(officer.page(WEEK))
    assert "Wed 8 Apr today 00:00–08:00 Deputy B (standing hours) 08:00–24:00 Deputy B Thu" in page
    assert "8 Apr 08:00 – 9 Apr 08:00 running Deputy B deputy" in page

    number = rows(desk.db, DatedShift)[0].id
    edit = f"{WEEK}&shift={number}"
    assert 'value="2026-04-08T08:00"' in officer.page(edit)
    assert add(officer, "kangle-liaison", "2026-04-08T09:00", "2026-04-09T08:00", edit, "Save").status_code == 303
    assert shifts(desk) == [("kangle-liaison", "04-08T01:00", "04-09T00:00")]
    assert "− Deputy B 8 Apr 08:00 – 9 Apr 08:00; + Liaison B 8 Apr 09:00 – 9 Apr 08:00" in said(officer.page(WEEK))

    officer.press(WEEK, "Delete")
    assert shifts(desk) == []
    officer.press(WEEK, "Undo the last change")
    assert shifts(desk) == [("kangle-liaison", "04-08T01:00", "04-09T00:00")]
    officer.press(WEEK, "Undo the last change")  # undoing the undoing does it once more
    assert shifts(desk) == []
    assert [(row.what, row.by) for row in rows(desk.db, RosterChange)] == [
        (what, "officer") for what in ("added", "changed", "removed", "undone", "undone")
    ]


@pytest.mark.parametrize(
    ("who", "start", "end", "reason"),
    [
        ("kangle-liaison", "2026-04-09T08:00", "2026-04-09T08:00", "It has to end after it begins."),
        ("kangle-liaison", "2026-04-09T08:00", "2027-04-09T08:00", "A shift lasts at most eight days"),
        ("kangle-liaison", "2026-04-08T19:59", "2026-04-09T08:00", "overlaps another shift of the same person"),
        ("kangle-head", "2026-04-09T08:00", "2026-04-09T20:00", "no liaison or deputy of the agency"),
        ("hezheng-deputy", "2026-04-09T08:00", "2026-04-09T20:00", "no liaison or deputy of the agency"),
        ("kangle-liaison", "tomorrow", "2026-04-09T20:00", "Give a date and a time"),
        ("kangle-liaison", "0001-01-01T00:00", "2026-04-09T20:00", "Give a date and a time"),
        ("kangle-liaison", "", "", "Give a date and a time"),
    ],
)
def test_what_cannot_be_is_explained_and_what_was_typed_is_kept(
    desk: Desk, who: str, start: str, end: str, reason: str
) -> None:
    officer = desk.person()
    add(officer, "kangle-liaison", "2026-04-08T08:00", "2026-04-08T20:00")
    before = shifts(desk)
    answer = add(officer, who, start, end)
    assert answer.status_code == 422
    assert reason in said(answer.text)
    form = next(form for form in forms(answer.text) if form.action == f"{HERE}/shifts")
    assert (form.values["from"], form.values["to"]) == (start, end)
    assert shifts(desk) == before


def test_two_people_may_be_on_duty_together_and_one_may_follow_himself(desk: Desk) -> None:
    officer = desk.person()
    for who, start, end in (
        ("kangle-liaison", "08:00", "12:00"),
        ("kangle-liaison", "12:00", "20:00"),
        ("kangle-deputy", "08:00", "20:00"),
    ):
        assert add(officer, who, f"2026-04-08T{start}", f"2026-04-08T{end}").status_code == 303
    assert "08:00–20:00 Deputy B, Liaison B" in said(officer.page(WEEK))


def test_shifts_of_several_people_stand_in_the_order_of_time(desk: Desk) -> None:
    officer = desk.person()
    for day, who in ((8, "liaison"), (9, "deputy"), (10, "liaison"), (7, "deputy")):
        add(officer, f"kangle-{who}", f"2026-04-{day:02}T08:00", f"2026-04-{day:02}T20:00")
    page = said(officer.page(WEEK))
    places = [page.index(f"{day} Apr 08:00 – 20:00") for day in (7, 8, 9, 10)]
    assert places == sorted(places)


def test_the_week_before_is_copied_at_the_same_local_times_once(desk: Desk) -> None:
    officer = desk.person()
    for day in (1, 2):  # of the week before
        add(officer, "kangle-deputy", f"2026-04-0{day}T20:00", f"2026-04-0{day + 1}T08:00")
    officer.press(WEEK, "Copy the week before")
    copied = [("kangle-deputy", "04-08T12:00", "04-09T00:00"), ("kangle-deputy", "04-09T12:00", "04-10T00:00")]
    assert shifts(desk)[2:] == copied
    officer.press(WEEK, "Copy the week before")
    assert shifts(desk)[2:] == copied
    officer.press(WEEK, "Undo the last change")
    assert len(shifts(desk)) == 2
    add(officer, "kangle-deputy", "2026-04-09T19:00", "2026-04-09T21:00")
    answer = officer.press(WEEK, "Copy the week before", status=422)
    assert "It overlaps another shift of the same person: Deputy B 9 Apr 19:00 – 21:00." in said(answer.text)
    assert len(shifts(desk)) == 3


def test_what_somebody_else_has_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    one, other = desk.person(), desk.person()
    add(one, "kangle-deputy", "2026-04-08T08:00", "2026-04-09T08:00")
    number = rows(desk.db, DatedShift)[0].id
    looked_at = forms(one.page(f"{WEEK}&shift={number}"))
    other.press(WEEK, "Delete")
    for form in looked_at:
        if form.action.startswith(HERE) and "Copy" not in form.text:
            answer = one.client.post(form.action, data=form.values)
            assert answer.status_code == 409, form.action
            assert "Somebody has changed the roster since you looked" in said(answer.text)
    assert shifts(desk) == []
    assert "Somebody has changed the roster" in said(one.page(f"{WEEK}&shift={number}", status=404))


def test_a_roster_is_changed_by_its_agency_and_by_the_office_alone(desk: Desk) -> None:
    def acts_for(agency: str | None) -> None:
        def write(session: Session) -> None:
            change_agency(session, "officer", agency)

        with desk.db.write() as session:
            write(session)

    for agency, status in (("kangle", 303), ("hezheng", 403), ("prefecture", 303), (None, 303)):
        acts_for(agency)
        officer = desk.person()
        token = forms(officer.page("/roster"))[0].values["csrf"]
        typed = {"csrf": token, "contact": "kangle-deputy", "from": "2026-04-08T08:00", "to": "2026-04-08T20:00"}
        assert officer.client.post(f"{HERE}/shifts", data=typed).status_code == status
        page = officer.page(WEEK)
        assert (f'action="{HERE}' in page) is (status == 303)
        if status == 303:
            officer.press(WEEK, "Undo the last change")
    viewer = desk.person("viewer")
    assert f'action="{HERE}' not in viewer.page(WEEK)
    typed["csrf"] = forms(viewer.page("/roster"))[0].values["csrf"]
    assert viewer.client.post(f"{HERE}/shifts", data=typed).status_code == 403


def test_a_gap_is_shown_on_the_roster_and_on_the_front(desk: Desk) -> None:
    no_standing_hours(desk)
    officer = desk.person()
    for start, end in (("08T08:00", "10T08:00"), ("10T12:00", "16T08:00")):
        add(officer, "kangle-deputy", f"2026-04-{start}", f"2026-04-{end}")
    assert "Gaps in the next seven days: 10 Apr 08:00 – 12:00" in said(officer.page(WEEK))
    assert "08:00–12:00 nobody on duty" in said(officer.page(WEEK))
    assert "10 Apr 08:00 – 12:00" in said(officer.page("/roster"))
    front = officer.page("/")
    assert front.count('href="/roster/kangle">') == 1
    assert "10 Apr 08:00 – 12:00" in said(front)


@pytest.mark.parametrize(
    ("week", "status"), [("2026-13-01", 422), ("soon", 422), ("0001-01-01", 422), ("9999-12-31", 422)]
)
def test_a_week_that_is_none_is_refused(desk: Desk, week: str, status: int) -> None:
    desk.person().page(f"{HERE}?week={week}", status=status)
    desk.person().page("/roster/nowhere", status=404)
