"""The pages of the duty roster: who is on duty, an agency's week, and the forms in which its shifts are changed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime

from fastapi import APIRouter, Response
from sqlmodel import Session

from firewatch.agencies import shifts
from firewatch.agencies.models import RosterDeed
from firewatch.agencies.shifts import NotValid, Outdated
from firewatch.agencies.spans import YEARS, Span
from firewatch.clock import local_day
from firewatch.errors import BadInput
from firewatch.web.console import roster_view
from firewatch.web.console.fields import RowId, SlugPath, local_instant
from firewatch.web.console.page import ActingPage, OwnPage, Page
from firewatch.web.console.roster_view import ShiftForm
from firewatch.web.deps import FormFields

router = APIRouter(prefix="/roster")


@router.get("")
def show_all(page: OwnPage) -> Response:
    """Show who is on duty at every agency."""
    with page.services.db.read() as session:
        return page.render("roster.html", session, agencies=roster_view.overview(session, page))


@router.get("/{agency_id}")
def show(agency_id: SlugPath, page: OwnPage, week: str = "", shift: int | None = None) -> Response:
    """Show an agency's week; with `shift` the form holds that one to be changed."""
    monday, form = _monday(page, week), None
    with page.services.db.read() as session:
        if shift is not None:
            try:
                form = _form_of(page, session, agency_id, shift)
            except Outdated:
                return _week(page, agency_id, monday, session, problem=page.speech.t("roster.outdated"), status=404)
        return _week(page, agency_id, monday, session, form=form)


@router.post("/{agency_id}/shifts")
def add(agency_id: SlugPath, page: ActingPage, fields: FormFields) -> Response:
    """Add a shift."""

    def deed(session: Session, span: Span) -> None:
        shifts.change(session, page.services.clock, agency_id, RosterDeed.ADDED, page.by, added=[span])

    return _filled_in(page, agency_id, fields, None, deed)


@router.post("/{agency_id}/shifts/{shift_id}")
def change(agency_id: SlugPath, shift_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Change a shift."""

    def deed(session: Session, span: Span) -> None:
        old = shifts.span_of(shifts.find(session, agency_id, shift_id))
        if old != span:
            clock, what = page.services.clock, RosterDeed.CHANGED
            shifts.change(session, clock, agency_id, what, page.by, removed=[old], added=[span])

    return _filled_in(page, agency_id, fields, shift_id, deed)


@router.post("/{agency_id}/shifts/{shift_id}/delete")
def remove(agency_id: SlugPath, shift_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Delete a shift."""

    def deed(session: Session) -> None:
        old = shifts.span_of(shifts.find(session, agency_id, shift_id))
        shifts.change(session, page.services.clock, agency_id, RosterDeed.REMOVED, page.by, removed=[old])

    return _done(page, agency_id, fields, deed)


@router.post("/{agency_id}/copy")
def copy(agency_id: SlugPath, page: ActingPage, fields: FormFields) -> Response:
    """Copy the week before into the week that is shown."""
    start = roster_view.midnight(_monday(page, fields.get("week", "")), page.speech)

    def deed(session: Session) -> None:
        shifts.copy_week(session, page.services.clock, agency_id, start, page.speech.zone, page.by)

    return _done(page, agency_id, fields, deed)


@router.post("/{agency_id}/undo/{change_id}")
def undo(agency_id: SlugPath, change_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Undo the last change."""

    def deed(session: Session) -> None:
        shifts.undo(session, page.services.clock, agency_id, change_id, page.by)

    return _done(page, agency_id, fields, deed)


def _filled_in(
    page: Page,
    agency_id: str,
    fields: Mapping[str, str],
    shift_id: int | None,
    deed: Callable[[Session, Span], None],
) -> Response:
    """Do what a form of a shift asks for; what does not hold comes back with the form."""
    values = {name: fields.get(name, "").strip() for name in ("contact", "from", "to")}
    instants = {name: _instant(page, values[name]) for name in ("from", "to")}
    begin, end = instants["from"], instants["to"]
    form = ShiftForm(shift_id, values)
    if begin is None or end is None:
        errors = {name: "roster.error.instant" for name, at in instants.items() if at is None}
        return _back(page, agency_id, fields, form=replace(form, errors=errors))
    span = Span(begin, end, values["contact"])
    return _done(page, agency_id, fields, lambda session: deed(session, span), form)


def _done(
    page: Page,
    agency_id: str,
    fields: Mapping[str, str],
    deed: Callable[[Session], None],
    form: ShiftForm | None = None,
) -> Response:
    """Change an agency's roster for somebody who may, and lead back to the week; or show it with what is wrong."""
    roster_view.require_to_edit(page, agency_id)
    try:
        with page.services.db.write() as session:
            deed(session)
    except NotValid as error:
        return _back(page, agency_id, fields, form=replace(form or ShiftForm(), wrong=error.wrong))
    except Outdated:
        return _back(page, agency_id, fields, form=form, problem=page.speech.t("roster.outdated"), status=409)
    return page.done(f"/roster/{agency_id}?week={_monday(page, fields.get('week', ''))}")


def _back(
    page: Page,
    agency_id: str,
    fields: Mapping[str, str],
    *,
    form: ShiftForm | None = None,
    problem: str = "",
    status: int = 422,
) -> Response:
    with page.services.db.read() as session:
        monday = _monday(page, fields.get("week", ""))
        return _week(page, agency_id, monday, session, form=form, problem=problem, status=status)


def _week(
    page: Page,
    agency_id: str,
    monday: date,
    session: Session,
    *,
    form: ShiftForm | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    view = roster_view.week(session, page, agency_id, monday, form, problem)
    return page.render("roster_week.html", session, status=status, view=view)


def _form_of(page: Page, session: Session, agency_id: str, shift_id: int) -> ShiftForm:
    span = shifts.span_of(shifts.find(session, agency_id, shift_id))
    local = {name: at.astimezone(page.speech.zone) for name, at in (("from", span.from_at), ("to", span.to_at))}
    return ShiftForm(
        shift_id, {"contact": span.contact_id} | {name: f"{at:%Y-%m-%dT%H:%M}" for name, at in local.items()}
    )


def _instant(page: Page, text: str) -> datetime | None:
    try:
        return local_instant(text, page.speech.zone)
    except (ValueError, OverflowError):
        return None


def _monday(page: Page, text: str) -> date:
    """Return the Monday of the week of a day; of today without one. Raises BadInput."""
    if not text:
        return roster_view.monday_of(local_day(page.services.clock.now(), page.speech.zone))
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"week: {text[:20]!r} is no day") from None
    if not YEARS[0] <= day.year < YEARS[1]:
        raise BadInput(f"week: {day} is too far away")
    return roster_view.monday_of(day)
