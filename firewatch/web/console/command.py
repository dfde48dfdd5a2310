"""Handing a command over: offered by one person, accepted by another."""

from fastapi import APIRouter, Response

from firewatch.incidents import command
from firewatch.incidents.command import Post
from firewatch.web.console.fields import RowId
from firewatch.web.console.page import ActingPage
from firewatch.web.deps import FormFields

router = APIRouter()


@router.post("/incidents/{incident_id}/command/{post}/offer")
def offer(incident_id: RowId, post: Post, page: ActingPage, fields: FormFields) -> Response:
    """Offer a post to a person."""
    services, to = page.services, fields.get("to", "")
    with services.db.write() as session:
        command.offer(session, services.clock, services.book, incident_id, post, to, page.by)
    return page.done(f"/incidents/{incident_id}#command")


@router.post("/incidents/{incident_id}/command/{post}/accept")
def accept(incident_id: RowId, post: Post, page: ActingPage) -> Response:
    """Take over what is offered."""
    with page.services.db.write() as session:
        command.accept(session, page.services.clock, incident_id, post, page.by)
    return page.done(f"/incidents/{incident_id}#command")


@router.post("/incidents/{incident_id}/command/{post}/decline")
def decline(incident_id: RowId, post: Post, page: ActingPage) -> Response:
    """Refuse what is offered."""
    with page.services.db.write() as session:
        command.decline(session, page.services.clock, incident_id, post, page.by)
    return page.done(f"/incidents/{incident_id}#command")


@router.post("/incidents/{incident_id}/command/{post}/withdraw")
def withdraw(incident_id: RowId, post: Post, page: ActingPage) -> Response:
    """Take an offer back."""
    with page.services.db.write() as session:
        command.withdraw(session, page.services.clock, incident_id, post, page.by)
    return page.done(f"/incidents/{incident_id}#command")
