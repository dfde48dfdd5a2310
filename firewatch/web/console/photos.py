"""Photos on an incident's page: sent from there, shown, taken back."""

from typing import Literal

from fastapi import APIRouter, Response

from firewatch.errors import BadInput
from firewatch.incidents import photos
from firewatch.web.console import incident_view, photos_view
from firewatch.web.console.fields import RowId
from firewatch.web.console.page import ActingPage, OwnPage, Page
from firewatch.web.deps import FormFields, SentFile

router = APIRouter(prefix="/incidents/{incident_id}")

JPEG = "image/jpeg"
KEPT_BY_BROWSER = {"Cache-Control": "private, max-age=3600"}
"""A picture never changes; one that is taken back is gone from every page at once."""


@router.post("/photos")
def send(incident_id: RowId, page: ActingPage, fields: FormFields, sent: SentFile) -> Response:
    """Put a photo on the record; what cannot be taken comes back with the reason."""
    services = page.services
    try:
        kept = photos_view.kept(services, sent, fields)
        with services.db.write() as session:
            photos.add(session, services.clock, services.book, incident_id, kept, fields.get("caption", ""), page.by)
    except BadInput as error:
        return _again(page, incident_id, photos_view.problem(page.speech, error))
    return page.done(f"/incidents/{incident_id}#photos")


@router.post("/photos/{photo_id}/withdraw")
def withdraw(incident_id: RowId, photo_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Take a photo back."""
    with page.services.db.write() as session:
        photos.withdraw(session, page.services.clock, incident_id, photo_id, fields.get("why", ""), page.by)
    return page.done(f"/incidents/{incident_id}#photos")


@router.get("/photos/{photo_id}/{size}.jpg")
def show(incident_id: RowId, photo_id: RowId, size: Literal["full", "small"], page: OwnPage) -> Response:
    """Return a photo."""
    with page.services.db.read() as session:
        data = photos.picture(session, page.services.picture_store, incident_id, photo_id, small=size == "small")
    return Response(data, media_type=JPEG, headers=KEPT_BY_BROWSER)


def _again(page: Page, incident_id: int, problem: str) -> Response:
    with page.services.db.read() as session:
        view = incident_view.build(session, page, incident_id)
        return page.render("incident.html", session, status=422, view=view, photo_problem=problem)
