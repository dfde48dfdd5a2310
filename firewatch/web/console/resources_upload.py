"""Tables of the pool: taken out as files; sent in, looked at line by line, and taken over as they were seen."""

from typing import Final

from fastapi import APIRouter, Response

from firewatch.access.permissions import require_to_change
from firewatch.files import sheets
from firewatch.files.models import Subject
from firewatch.files.sheets import Sheet, Unreadable, as_csv, as_workbook
from firewatch.files.uploads import Changed, find, keep
from firewatch.resources import exchange, uploads
from firewatch.resources.models import ResourceKind
from firewatch.web.console import resources_upload_view
from firewatch.web.console.fields import UploadId, choice
from firewatch.web.console.page import ActingPage, OwnPage, Page, file_answer
from firewatch.web.deps import FormFields, SentFile

router = APIRouter(prefix="/resources")

WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/tables")
def show(page: OwnPage) -> Response:
    """Show what can be taken out and sent in."""
    return _form(page)


@router.get("/tables/{name}.csv")
def take_out(name: str, page: OwnPage, agency: str = "") -> Response:
    """Return one kind as CSV, of one agency or of all."""
    kind = choice(ResourceKind, next((kind for kind, sheet in exchange.SHEET.items() if sheet == name), None))
    with page.services.db.read() as session:
        (sheet,) = exchange.take_out(session, [kind], agency or None)
    return file_answer(as_csv(sheet), f"{name}.csv", "text/csv; charset=utf-8")


@router.get("/tables/{name}.xlsx")
def take_out_workbook(name: str, page: OwnPage, agency: str = "") -> Response:
    """Return a workbook with a sheet for each kind: what there is, or (`empty`) only the columns."""
    with page.services.db.read() as session:
        found = exchange.take_out(session, list(ResourceKind), agency or None)
    if name == "empty":
        found = [Sheet(sheet.name, sheet.columns, []) for sheet in found]
    return file_answer(as_workbook(found), f"{name}.xlsx", WORKBOOK)


@router.post("/tables")
def send_in(page: ActingPage, fields: FormFields, sent: SentFile) -> Response:
    """Put a table aside and lead on to the look at it; a file that is none comes back with the form."""
    services, agency = page.services, fields.get("agency") or None
    _require_to_change(page, agency)
    if sent is None:
        return _form(page, page.speech.t("tables.no_file"))
    try:
        sheets.parse(sent.name, sent.data)
        with services.db.write() as session:
            upload = keep(session, services.clock, Subject.RESOURCES, sent.name, sent.data, page.by, agency)
    except Unreadable as error:
        return _form(page, error.said(page.speech.lang))
    return page.done(f"/resources/tables/{upload.id}")


@router.get("/tables/{upload_id}")
def look(upload_id: UploadId, page: OwnPage) -> Response:
    """Show what a table would change, and everything that is wrong with it."""
    return _look(page, upload_id)


@router.post("/tables/{upload_id}")
def take_over(upload_id: UploadId, page: ActingPage, fields: FormFields) -> Response:
    """Take a table over as it was seen; when the register has changed meanwhile it is to be looked at again."""
    services = page.services
    try:
        with services.db.write() as session:
            upload = find(session, Subject.RESOURCES, upload_id, page.by)
            _require_to_change(page, upload.agency_id)
            uploads.take_over(session, services.clock, upload, fields.get("seen", ""))
    except Changed:
        return _look(page, upload_id, changed=True)
    return page.done(f"/resources/tables/{upload_id}")


def _require_to_change(page: Page, agency: str | None) -> None:
    """Raise Refused for what is not the reader's; the whole alliance (None) is his who may change all of it."""
    office = page.services.book.alliance.duty_agency
    require_to_change(page.visitor.agency_id if page.visitor else None, agency or office, office)


def _form(page: Page, error: str = "") -> Response:
    with page.services.db.read() as session:
        view = resources_upload_view.form(session, page, error)
        return page.render("resources_tables.html", session, status=422 if error else 200, view=view)


def _look(page: Page, upload_id: str, *, changed: bool = False) -> Response:
    with page.services.db.read() as session:
        upload = find(session, Subject.RESOURCES, upload_id, page.by)
        view = resources_upload_view.look(session, page, upload, changed=changed)
        return page.render("resources_look.html", session, status=409 if changed else 200, view=view)
