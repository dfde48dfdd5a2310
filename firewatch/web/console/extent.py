"""How large a fire is: put on record, and reported upward, from its page."""

from fastapi import APIRouter, Response

from firewatch.errors import BadInput, Conflict
from firewatch.incidents import extents
from firewatch.web.console import extent_form, incident_view
from firewatch.web.console.extent_form import ExtentForm
from firewatch.web.console.fields import RowId, SlugPath
from firewatch.web.console.page import ActingPage, Page
from firewatch.web.deps import FormFields

router = APIRouter(prefix="/incidents/{incident_id}")


@router.post("/extent")
def put(incident_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Put an estimate on record; what cannot be taken comes back with the reason."""
    form = extent_form.filled(fields, page.speech)
    if form.new is None:
        return _again(page, incident_id, form, 422)
    try:
        with page.services.db.write() as session:
            extents.add(session, page.services.clock, incident_id, form.new, page.by, form.seen)
    except BadInput as error:
        return _again(page, incident_id, form.refused(error), 422)
    except Conflict:
        return _again(page, incident_id, form.wrong("newer"), 409)
    return page.done(f"/incidents/{incident_id}#extent")


@router.post("/upward/{rule_id}")
def report_upward(incident_id: RowId, rule_id: SlugPath, page: ActingPage) -> Response:
    """Put on record that the fire was reported upward."""
    services = page.services
    with services.db.write() as session:
        extents.report_upward(session, services.clock, services.book, incident_id, rule_id, page.by)
    return page.done(f"/incidents/{incident_id}#extent")


def _again(page: Page, incident_id: int, form: ExtentForm, status: int) -> Response:
    with page.services.db.read() as session:
        view = incident_view.build(session, page, incident_id)
        if status == 409 and view.extent.newest:  # he sees the newer figures now: what he sends next is meant
            form = form.knowing(view.extent.newest.id or 0)
        return page.render("incident.html", session, status=status, view=view, extent_form=form)
