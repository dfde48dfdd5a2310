"""The page behind the link in an order's text: one tap opens it, one more answers. No account, no script.

Looking changes nothing: telephones fetch a link to show what is behind it. The token is 72 random bits and belongs to
one text, so it stands for one order and one person; it opens nothing once the fire is over. A photo
from the mountain is sent here too.
"""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from sqlmodel import Session

from firewatch.dispatch import answers
from firewatch.dispatch.answers import Answer
from firewatch.errors import BadInput, NotFound, Refused
from firewatch.incidents import photos
from firewatch.incidents.models import Incident
from firewatch.messaging.models import Message
from firewatch.web.console import photos_view
from firewatch.web.console.ack import carry_out, whole_text
from firewatch.web.console.fields import RowId, choice
from firewatch.web.console.page import OpenPage, Page, go_to
from firewatch.web.console.photos_view import PhotoCard
from firewatch.web.deps import FileSent, FormFields, SentFile, refuse_foreign

router = APIRouter()
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,20}$")]


@router.get("/a/{token}")
def show(token: Token, page: OpenPage) -> Response:
    """Show the text and what may be answered."""
    return _show(page, token)


@router.post("/a/{token}/answer")
def answer(token: Token, request: Request, page: OpenPage, fields: FormFields) -> Response:
    """Carry an answer out."""
    refuse_foreign(request)
    given = choice(Answer, fields.get("answer"))
    try:
        with page.services.db.read() as session:
            number = answers.by_link(session, token).id or 0
    except NotFound:
        return _gone(page)
    problem = carry_out(page, number, given, fields.get("reason", "")[:200])
    return _show(page, token, problem, "" if problem else given)


@router.post("/a/{token}/photos")
def photograph(token: Token, request: Request, page: OpenPage, fields: FormFields, sent: SentFile) -> Response:
    """Put a photo from where the reader stands on the fire's record."""
    refuse_foreign(request)
    services = page.services
    try:
        with services.db.read() as session:
            message = answers.by_link(session, token)
        _photographed(page, message, fields, sent)
    except NotFound:
        return _gone(page)
    except BadInput as error:
        return _show(page, token, photo_problem=photos_view.problem(page.speech, error))
    services.wake()
    return go_to(f"/a/{token}#photos")


@router.post("/a/{token}/photos/{photo_id}/withdraw")
def take_back(token: Token, photo_id: RowId, request: Request, page: OpenPage, fields: FormFields) -> Response:
    """Take back a photo that the reader has sent himself."""
    refuse_foreign(request)
    services = page.services
    try:
        with services.db.write() as session:
            message = answers.by_link(session, token)
            number, by = message.incident_id or 0, answers.CONTACT + (message.contact_id or "")
            if photos.get(session, number, photo_id).added_by != by:
                raise Refused("somebody else has sent this photo: ask the duty office")
            photos.withdraw(session, services.clock, number, photo_id, fields.get("why", ""), by)
    except NotFound:
        return _gone(page)
    return go_to(f"/a/{token}#photos")


def _photographed(page: Page, message: Message, fields: Mapping[str, str], sent: FileSent | None) -> None:
    """Put a photo on record. Raises NotFound for a text about no fire, BadInput for no photo or one too many."""
    services, by = page.services, answers.CONTACT + (message.contact_id or "")
    if message.incident_id is None:
        raise NotFound("this text is about no fire")
    kept = photos_view.kept(services, sent, fields)
    with services.db.write() as session:
        photos.add(
            session,
            services.clock,
            services.book,
            message.incident_id,
            kept,
            fields.get("caption", ""),
            by,
            most=services.book.photos.per_link,
        )


def _show(page: Page, token: str, problem: str = "", done: str = "", photo_problem: str = "") -> Response:
    services = page.services
    with services.db.read() as session:
        try:
            message = answers.by_link(session, token)
        except NotFound:
            return _gone(page)
        takes_photos = (
            message.incident_id is not None and services.pictures is not None and services.book.photos.per_link
        )
        return page.render(
            "ack.html",
            None,
            status=409 if problem else 422 if photo_problem else 200,
            message=message,
            photos=_sent(session, page, message) if takes_photos else None,
            photo_problem=photo_problem,
            text=whole_text(message),
            choices=answers.choices(session, message),
            link=token,
            problem=problem,
            done=done,
        )


def _sent(session: Session, page: Page, message: Message) -> list[PhotoCard]:
    """Return the photos that this person has sent of the fire."""
    incident, by = session.get_one(Incident, message.incident_id), answers.CONTACT + (message.contact_id or "")
    return [card for card in photos_view.build(session, page.speech, incident) if card.row.added_by == by]


def _gone(page: Page) -> Response:
    return page.render("ack.html", None, status=404, message=None, code="", last="", link="", problem="ack.gone")
