"""The page on which the person who got a text answers it: no account, no script, a few hundred bytes each way."""

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from firewatch.dispatch import answers
from firewatch.dispatch.answers import Answer
from firewatch.errors import FirewatchError, NotFound
from firewatch.messaging import texts
from firewatch.messaging.models import Message
from firewatch.web.console.fields import choice, digits
from firewatch.web.console.page import OpenPage, Page
from firewatch.web.deps import FormFields, refuse_foreign

router = APIRouter()
BRAKE = "/ack"
"""Under this name, which is no user's, wrong codes of an address are counted."""


@router.get("/ack")
def show(page: OpenPage) -> Response:
    """Ask for the code and for the last digits of the number."""
    return _ask(page, digits(page.request.query_params.get("code", "")))


@router.post("/ack")
def answer(request: Request, page: OpenPage, fields: FormFields) -> Response:
    """Show the text with what may be answered, or carry an answer out."""
    refuse_foreign(request)
    services, address = page.services, request.client.host if request.client else ""
    code, last = digits(fields.get("code", "")), digits(fields.get("last", ""))
    if services.throttle.blocked(services.clock, BRAKE, address):
        return _ask(page, code, "ack.wait", 429)
    try:
        with services.db.read() as session:
            number = answers.find(session, code, last).id
    except NotFound:
        services.throttle.failed(services.clock, BRAKE, address)
        return _ask(page, code, "ack.unknown", 404)
    problem, done = "", ""
    if fields.get("answer"):
        done = choice(Answer, fields["answer"])
        problem = carry_out(page, number or 0, done, fields.get("reason", "")[:200])
    with services.db.read() as session:
        return _show(page, session, number or 0, last, problem, "" if problem else done)


def carry_out(page: Page, number: int, given: Answer, reason: str) -> str:
    """Put an answer on record; return the catalogue key of what is wrong with it."""
    try:
        with page.services.db.write() as session:
            answers.give(session, page.services.clock, answers.get(session, number), given, reason)
    except FirewatchError as error:
        return "ack.reason" if error.status == 422 else "ack.late"
    page.services.wake()
    return ""


def whole_text(message: Message) -> str:
    """Return what a text says, with nothing cut; one from before a template was changed stays as it was sent."""
    lead = texts.drill_lead(message.template, message.lang) if texts.is_of_drill(message.body) else ""
    try:
        return lead + texts.whole(message.template, message.lang, message.params, message.code or "")
    except ValueError:
        return message.body


def _show(page: Page, session: Session, number: int, last: str, problem: str, done: str) -> Response:
    message = answers.get(session, number)
    return page.render(
        "ack.html",
        None,
        status=409 if problem else 200,
        message=message,
        text=whole_text(message),
        choices=answers.choices(session, message),
        photos=None,
        code=message.code,
        last=last,
        link="",
        problem=problem,
        done=done,
    )


def _ask(page: Page, code: str, problem: str = "", status: int = 200) -> Response:
    return page.render("ack.html", None, status=status, message=None, code=code, last="", link="", problem=problem)
