"""Files of an agency's roster: taken out; sent in, looked at line by line, and taken over as they were seen."""

from fastapi import APIRouter, Response

from firewatch.agencies import exchange, roster_calendar, uploads
from firewatch.agencies.exchange import Days
from firewatch.agencies.roster import active_agencies
from firewatch.errors import BadInput
from firewatch.files.models import Subject
from firewatch.files.sheets import Unreadable
from firewatch.files.uploads import Changed, find, keep
from firewatch.web.console import roster_files_view, roster_view
from firewatch.web.console.fields import SlugPath, UploadId, day
from firewatch.web.console.page import ActingPage, OwnPage, Page, file_answer
from firewatch.web.deps import FormFields, SentFile

router = APIRouter(prefix="/roster/{agency_id}/files")


@router.get("")
def show(agency_id: SlugPath, page: OwnPage, first: str = "", last: str = "") -> Response:
    """Show what can be taken out and sent in."""
    return _form(page, agency_id, taken_out=(day("first", first), day("last", last)))


@router.get("/roster.csv")
def take_out(agency_id: SlugPath, page: OwnPage, first: str = "", last: str = "") -> Response:
    """Return the shifts that begin on some days, or all, as CSV."""
    speech, days = page.speech, (day("first", first), day("last", last))
    with page.services.db.read() as session:
        roster_view.find_agency(active_agencies(session), agency_id)
        found = exchange.take_out(session, agency_id, speech.zone, days)
    name = f"roster-{agency_id}.csv"
    return file_answer(exchange.as_csv(found, speech.zone, speech.lang), name, "text/csv; charset=utf-8")


@router.get("/roster.ics")
def take_out_calendar(agency_id: SlugPath, page: OwnPage, first: str = "", last: str = "") -> Response:
    """Return the shifts that begin on some days, or all, as a calendar."""
    speech, days = page.speech, (day("first", first), day("last", last))
    with page.services.db.read() as session:
        agency = roster_view.find_agency(active_agencies(session), agency_id)
        found = exchange.take_out(session, agency_id, speech.zone, days)
    data = roster_calendar.written(found, speech.zone, speech.named(agency), speech.lang, speech.now)
    return file_answer(data, f"roster-{agency_id}.ics", "text/calendar; charset=utf-8")


@router.post("")
def send_in(agency_id: SlugPath, page: ActingPage, fields: FormFields, sent: SentFile) -> Response:
    """Put a file aside and lead on to the look at it; a file that is none comes back with the form."""
    roster_view.require_to_edit(page, agency_id)
    services, days = page.services, exchange.ALL_DAYS
    try:
        days = day("first", fields.get("first", "")), day("last", fields.get("last", ""))
    except BadInput as error:
        return _form(page, agency_id, days, str(error))
    if sent is None:
        return _form(page, agency_id, days, page.speech.t("tables.no_file"))
    try:
        exchange.parse(sent.name, sent.data, page.speech.zone, days)
    except Unreadable as error:
        return _form(page, agency_id, days, error.said(page.speech.lang))
    with services.db.write() as session:
        roster_view.find_agency(active_agencies(session), agency_id)
        upload = keep(session, services.clock, Subject.ROSTER, sent.name, sent.data, page.by, agency_id, days)
    return page.done(f"/roster/{agency_id}/files/{upload.id}")


@router.get("/{upload_id}")
def look(agency_id: SlugPath, upload_id: UploadId, page: OwnPage) -> Response:
    """Show what a file would change, and everything that is wrong with it."""
    return _look(page, agency_id, upload_id)


@router.post("/{upload_id}")
def take_over(agency_id: SlugPath, upload_id: UploadId, page: ActingPage, fields: FormFields) -> Response:
    """Take a file over as it was seen; when the roster has changed meanwhile it is to be looked at again."""
    roster_view.require_to_edit(page, agency_id)
    services, zone = page.services, page.speech.zone
    with services.db.read() as session:
        upload = find(session, Subject.ROSTER, upload_id, page.by, agency_id)
        told = uploads.told(upload, zone)
    try:
        with services.db.write() as session:
            upload = find(session, Subject.ROSTER, upload_id, page.by, agency_id)
            uploads.take_over(session, services.clock, upload, told, agency_id, zone, fields.get("seen", ""))
    except Changed:
        return _look(page, agency_id, upload_id, changed=True)
    return page.done(f"/roster/{agency_id}/files/{upload_id}")


def _form(
    page: Page, agency_id: str, sent_in: Days = exchange.ALL_DAYS, error: str = "", taken_out: Days = exchange.ALL_DAYS
) -> Response:
    with page.services.db.read() as session:
        view = roster_files_view.form(session, page, agency_id, taken_out, sent_in, error)
        return page.render("roster_files.html", session, status=422 if error else 200, view=view)


def _look(page: Page, agency_id: str, upload_id: str, *, changed: bool = False) -> Response:
    with page.services.db.read() as session:
        upload = find(session, Subject.ROSTER, upload_id, page.by, agency_id)
        view = roster_files_view.look(session, page, agency_id, upload, changed=changed)
        return page.render("roster_look.html", session, status=409 if changed else 200, view=view)
