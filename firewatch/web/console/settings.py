"""The page of the settings: what the installation runs with, a check of it, and what a reader sets for himself."""

from threading import Lock
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response

from firewatch.access import users
from firewatch.errors import BadInput, Conflict, Refused
from firewatch.i18n import LANGUAGES
from firewatch.web.console import settings_view
from firewatch.web.console.page import ActingPage, OwnPage, Page, go_to
from firewatch.web.deps import LANG_COOKIE, SCHEME_COOKIE, SCHEMES, FormFields, Visitor

router = APIRouter(prefix="/settings")
_one_check: Final = Lock()


@router.get("")
def show(page: OwnPage) -> Response:
    """Show the settings; those of the installation only to the coordinating office."""
    return _answer(page, None)


@router.post("/check")
def check(page: ActingPage) -> Response:
    """Look at the installation as `firewatch check` does. That asks servers, so one look at a time is enough."""
    installed = page.services.installed
    if installed is None or not settings_view.is_of_the_office(page):
        raise Refused("only the coordinating office looks at the installation")
    if not _one_check.acquire(blocking=False):
        raise Conflict("somebody has it checked right now: look again in a minute")
    try:
        found = installed.look()
    finally:
        _one_check.release()
    return _answer(page, found)


def own_form(page: OwnPage, fields: FormFields) -> Page:
    """Return the page of a posted form that concerns its sender alone: whoever only looks may send it too."""
    _visitor(page).check_form(fields)
    return page


@router.post("/own")
def own(page: Annotated[Page, Depends(own_form)], fields: FormFields) -> Response:
    """Keep the reader's language, with his account, and his colours, in his browser."""
    lang, scheme = fields.get("lang"), fields.get("scheme", "")
    if lang not in LANGUAGES or scheme not in ("", *SCHEMES):
        raise BadInput("choose one of the languages and one of the colours that are offered")
    with page.services.db.write() as session:
        users.change_language(session, _visitor(page).username, lang)
    answer = go_to("/settings")
    page.keep(answer, LANG_COOKIE, lang)
    page.keep(answer, SCHEME_COOKIE, scheme)
    return answer


def _visitor(page: Page) -> Visitor:
    if page.visitor is None:
        raise Refused("sign in first")
    return page.visitor


def _answer(page: Page, found: settings_view.Findings | None) -> Response:
    with page.services.db.read() as session:
        view = settings_view.build(session, page)
        return page.render("settings.html", session, view=view, found=found, languages=LANGUAGES, schemes=SCHEMES)
