"""The page behind the link in an order's text: one tap opens it, one more answers. No account, no script.

Looking changes nothing: telephones fetch a link to show what is behind it. The token is 72 random bits and belongs to
one text, so it stands for one order and one person; it opens nothing once the fire is over.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from firewatch.dispatch import answers
from firewatch.dispatch.answers import Answer
from firewatch.errors import NotFound, Refused
from firewatch.web.console.ack import carry_out, whole_text
from firewatch.web.console.fields import choice
from firewatch.web.console.page import OpenPage, Page
from firewatch.web.deps import FormFields

router = APIRouter()
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,20}$")]


@router.get("/a/{token}")
def show(token: Token, page: OpenPage) -> Response:
    """Show the text and what may be answered."""
    return _show(page, token)


@router.post("/a/{token}/answer")
def answer(token: Token, request: Request, page: OpenPage, fields: FormFields) -> Response:
    """Carry an answer out."""
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise Refused("this form came from another site")
    given = choice(Answer, fields.get("answer"))
    try:
        with page.services.db.read() as session:
            number = answers.by_link(session, token).id or 0
    except NotFound:
        return _gone(page)
    problem = carry_out(page, number, given, fields.get("reason", "")[:200])
    return _show(page, token, problem, "" if problem else given)


def _show(page: Page, token: str, problem: str = "", done: str = "") -> Response:
    with page.services.db.read() as session:
        try:
            message = answers.by_link(session, token)
        except NotFound:
            return _gone(page)
        return page.render(
            "ack.html",
            None,
            status=409 if problem else 200,
            message=message,
            text=whole_text(message),
            choices=answers.choices(session, message),
            link=token,
            problem=problem,
            done=done,
        )


def _gone(page: Page) -> Response:
    return page.render("ack.html", None, status=404, message=None, code="", last="", link="", problem="ack.gone")
