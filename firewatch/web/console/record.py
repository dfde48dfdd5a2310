"""What people put on an incident's record from its page."""

from fastapi import APIRouter, Response

from firewatch.incidents import notes
from firewatch.web.console.fields import RowId
from firewatch.web.console.page import ActingPage
from firewatch.web.deps import FormFields

router = APIRouter(prefix="/incidents/{incident_id}")


@router.post("/notes")
def note(incident_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Put a note on the record."""
    with page.services.db.write() as session:
        notes.add(session, page.services.clock, incident_id, fields.get("text", ""), page.by)
    return page.done(f"/incidents/{incident_id}#record")


@router.post("/notes/{note_id}/strike")
def strike(incident_id: RowId, note_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Strike a note out."""
    with page.services.db.write() as session:
        notes.strike(session, page.services.clock, incident_id, note_id, fields.get("why", ""), page.by)
    return page.done(f"/incidents/{incident_id}#record")
