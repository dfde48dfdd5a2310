"""Reporting a fire: fill in, see what it looks like, send."""

from fastapi import APIRouter, Response
from markupsafe import Markup
from sqlmodel import Session

from firewatch.agencies.roster import active_agencies
from firewatch.clock import local_day
from firewatch.danger.assess import grades_on
from firewatch.errors import BadInput, Conflict
from firewatch.incidents import intake, progress
from firewatch.incidents.intake import NewReport
from firewatch.incidents.lookalikes import Lookalikes, lookalikes
from firewatch.incidents.models import ReportChannel
from firewatch.web.console import cartography, ground_view, place_form, report_form, sights_form
from firewatch.web.console.page import ActingPage, OwnPage, Page
from firewatch.web.console.place_form import PlaceForm
from firewatch.web.console.report_form import ReportForm
from firewatch.web.console.speech import load_names
from firewatch.web.deps import FormFields

router = APIRouter()


@router.get("/report")
def show(page: OwnPage) -> Response:
    """Show an empty form."""
    with page.services.db.read() as session:
        return _form(session, page, report_form.blank(page.request.query_params))


@router.get("/report/places")
def find_place(page: OwnPage, q: str = "") -> Response:
    """Return the places that a name may mean, to be put under the field."""
    found = place_form.find(page.services.book, page.speech, q[:60])
    return page.render("_places.html", None, place=PlaceForm(q, None, found))


@router.post("/report")
def send(page: ActingPage, fields: FormFields) -> Response:
    """Check the form; when fires lie near, ask which it is; then take the report in."""
    form = report_form.filled(fields, page.speech, page.services.book)
    with page.services.db.read() as session:
        if form.report is None:
            return _form(session, page, form, status=422 if form.errors else 200)
        before = intake.taken(session, page.by, form.idempotency_key)
        if before is not None:
            return page.done(f"/incidents/{before.incident_id}")
        near = _near(session, page, form, form.report)
        if form.to_ask(near):
            return _form(session, page, form, near)
    try:
        return page.done(f"/incidents/{_take_in(page, form, form.report, near)}")
    except BadInput as error:
        with page.services.db.read() as session:
            return _form(session, page, form.refused(error), status=422)
    except Conflict:  # the fire chosen has ended in this moment
        with page.services.db.read() as session:
            return _form(session, page, form, _near(session, page, form, form.report), status=409)


def _take_in(page: Page, form: ReportForm, report: NewReport, near: Lookalikes) -> int:
    services = page.services
    with services.db.write() as session:
        done = intake.report_fire(
            session, services.clock, services.book, report, page.by, form.idempotency_key, form.chosen(near)
        )
    return done.report.incident_id


def _near(session: Session, page: Page, form: ReportForm, report: NewReport) -> Lookalikes:
    now = page.services.clock.now()
    unsure_km = form.sights.fix.major_km if form.sights.fix else 0.0
    return lookalikes(session, page.services.book, report.lat, report.lon, report.reported_at or now, now, unsure_km)


def _form(
    session: Session, page: Page, form: ReportForm, near: Lookalikes | None = None, status: int = 200
) -> Response:
    agencies = [(agency.id, page.speech.named(agency)) for agency in active_agencies(session)]
    return page.render(
        "report.html",
        session,
        status=status,
        form=form,
        near=near,
        new=report_form.NEW,
        rows=sights_form.ROWS,
        magnetic=sights_form.MAGNETIC,
        names=load_names(session, page.services.book, page.speech),
        agencies=agencies,
        channels=tuple(ReportChannel),
        map=_map(session, page),
        ground=ground_view.view(page),
    )


def _map(session: Session, page: Page) -> Markup:
    speech, book = page.speech, page.services.book
    today = local_day(speech.now, book.alliance.tz)
    grades = grades_on(session, today, book.danger.scheme)
    marks = cartography.incident_marks(speech, progress.open_incidents(session))
    return cartography.draw_map(speech, book, grades, marks, ground=ground_view.view(page))
