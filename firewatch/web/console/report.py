"""Reporting a fire: fill in, see what it looks like, send."""

from dataclasses import dataclass

from fastapi import APIRouter, Response
from markupsafe import Markup
from sqlmodel import Session

from firewatch.agencies.roster import active_agencies
from firewatch.clock import local_day
from firewatch.danger.assess import grades_on
from firewatch.errors import BadInput
from firewatch.incidents import intake, progress
from firewatch.incidents.models import Incident, ReportChannel
from firewatch.web.console import cartography, report_form
from firewatch.web.console.page import ActingPage, OwnPage, Page
from firewatch.web.console.report_form import ReportForm
from firewatch.web.console.speech import load_names
from firewatch.web.deps import FormFields

router = APIRouter()


@dataclass(frozen=True)
class Lookalike:
    """A fire that is known already, near the place of the report."""

    incident: Incident
    zone: str
    km: float


@router.get("/report")
def show(page: OwnPage) -> Response:
    """Show an empty form."""
    with page.services.db.read() as session:
        return _form(session, page, report_form.blank(page.request.query_params))


@router.post("/report")
def send(page: ActingPage, fields: FormFields) -> Response:
    """Check the form; ask once when the fire may be known already; then take the report in."""
    form, step = report_form.filled(fields, page.speech), fields.get("step", "check")
    with page.services.db.read() as session:
        if form.report is None:
            return _form(session, page, form, status=422)
        alike = _lookalikes(session, page, form) if step == "check" else []
        if alike:
            return _form(session, page, form, alike)
    try:
        return page.done(f"/incidents/{_take_in(page, form, separate=step == 'separate')}")
    except BadInput as error:
        with page.services.db.read() as session:
            return _form(session, page, form.refused(error), status=422)


def _take_in(page: Page, form: ReportForm, *, separate: bool) -> int:
    """Take the report in and return its incident; one that joined a near fire is detached when it is another."""
    services = page.services
    if form.report is None:
        raise BadInput("description: the form is not complete")
    with services.db.write() as session:
        done = intake.report_fire(
            session, services.clock, services.book, form.report, page.by, key=form.idempotency_key
        )
        incident = done.incident
        if separate and not done.opened and not done.repeated and done.report.id is not None:
            incident = intake.detach(session, services.clock, services.book, done.report.id, page.by)
    return incident.id or 0


def _lookalikes(session: Session, page: Page, form: ReportForm) -> list[Lookalike]:
    if form.report is None:
        return []
    services = page.services
    names = load_names(session, services.book, page.speech)
    near = intake.lookalikes(session, services.clock, services.book, form.report.lat, form.report.lon)
    fires = [(progress.get(session, each.incident_id), each.km) for each in near]
    return [Lookalike(fire, names.zone_list(fire.zone_ids), km) for fire, km in fires]


def _form(
    session: Session, page: Page, form: ReportForm, alike: list[Lookalike] | None = None, status: int = 200
) -> Response:
    agencies = [(agency.id, page.speech.named(agency)) for agency in active_agencies(session)]
    return page.render(
        "report.html",
        session,
        status=status,
        form=form,
        alike=alike or [],
        agencies=agencies,
        channels=tuple(ReportChannel),
        map=_map(session, page),
    )


def _map(session: Session, page: Page) -> Markup:
    speech, book = page.speech, page.services.book
    today = local_day(speech.now, book.alliance.tz)
    grades = grades_on(session, today, book.danger.scheme)
    return cartography.draw_map(
        speech, book, grades, cartography.incident_marks(speech, progress.open_incidents(session))
    )
