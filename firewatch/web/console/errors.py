"""Errors as pages: what happened, in the reader's language, and what to do next."""

from urllib.parse import quote

import structlog
from fastapi import Request, Response
from sqlalchemy.exc import SQLAlchemyError

from firewatch.web.console.page import go_to, page_for
from firewatch.web.deps import get_services, visitor_or_none
from firewatch.web.security import HEADERS

log = structlog.get_logger(__name__)

STATUSES = (403, 404, 405, 409, 413, 422, 500, 503)


def error_page(request: Request, status: int, detail: str = "") -> Response:
    """Return the page of an error; `detail` is the service's own sentence, in English, below ours.

    Who is not signed in (401) is sent to do so.
    """
    if status == 401:
        return to_sign_in(request)
    services = get_services(request)
    try:
        visitor = visitor_or_none(request, services)
    except SQLAlchemyError as error:  # the database may be what failed: the page must come out all the same
        log.warning("error_page_without_visitor", error=type(error).__name__)
        visitor = None
    page = page_for(request, services, visitor)
    known = status if status in STATUSES else 500
    answer = page.render("error.html", None, status=status, code=status, known=known, detail=detail)
    # A crash is answered outside of all middleware: this page brings its own headers.
    answer.headers.update({**HEADERS, "Cache-Control": "no-store"})
    return answer


def to_sign_in(request: Request) -> Response:
    """Send the reader to sign in, and back to where he was; a form that was not taken is said not to have been."""
    path = request.url.path
    if request.method == "GET":
        wanted = f"{path}?{request.url.query}" if request.url.query else path  # what was asked of a list, too
        return go_to("/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted)}")
    page = "/".join(path.split("/")[:3]) if path.startswith("/incidents/") else path
    page = next((own for own in ("/warnings", "/hotspots") if path.startswith(f"{own}/")), page)
    wanted = page if page.startswith(("/incidents/", "/report", "/warnings", "/hotspots")) else "/"
    return go_to(f"/sign-in?unsent=1&next={quote(wanted)}")
