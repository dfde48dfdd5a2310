"""The duty officer and an agency that does not answer: send again, ask somebody else, telephone."""

from fastapi import APIRouter, Response

from firewatch.access.permissions import require_to_act
from firewatch.errors import Unauthenticated
from firewatch.incidents import progress, reach
from firewatch.web.console.fields import RowId, SlugPath
from firewatch.web.console.page import ActingPage, OwnPage
from firewatch.web.console.speech import load_names
from firewatch.web.deps import FormFields

router = APIRouter(prefix="/incidents/{incident_id}/notices/{agency_id}")


@router.post("/ask")
def ask(incident_id: RowId, agency_id: SlugPath, page: ActingPage, fields: FormFields) -> Response:
    """Send somebody of the agency one text more."""
    services, contact = page.services, fields.get("contact", "")
    with services.db.write() as session:
        reach.ask(session, services.clock, services.book, incident_id, agency_id, contact, page.by)
    return page.done(f"/incidents/{incident_id}#board")


@router.get("/call/{contact_id}")
def call(incident_id: RowId, agency_id: SlugPath, contact_id: SlugPath, page: OwnPage) -> Response:
    """Show whom to call and by which number: the one page where a number stands whole, for those who may act."""
    if page.visitor is None:
        raise Unauthenticated("sign in first")
    require_to_act(page.visitor.role)
    with page.services.db.read() as session:
        incident, person = progress.get(session, incident_id), reach.person(session, agency_id, contact_id)
        names = load_names(session, page.services.book, page.speech)
        return page.render(
            "call.html",
            session,
            incident=incident,
            person=person,
            name=names.contact(person.id),
            agency=names.agency(agency_id),
            here=f"/incidents/{incident_id}/notices/{agency_id}",
        )


@router.post("/call/{contact_id}")
def phoned(
    incident_id: RowId, agency_id: SlugPath, contact_id: SlugPath, page: ActingPage, fields: FormFields
) -> Response:
    """Put the call on record."""
    services, reached = page.services, fields.get("reached") == "yes"
    with services.db.write() as session:
        reach.phoned(session, services.clock, incident_id, agency_id, contact_id, page.by, reached=reached)
    return page.done(f"/incidents/{incident_id}#board")
