"""Have the bulletin sent: the page on which anybody asks for it, confirms it by a code or a link, and ends it.

What is answered never tells whether an address is known. Addresses stand in the bodies of forms alone: what stands in
an address of a page ends in logs. Looking at a link changes nothing, for machines look at what is behind links too.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import PlainTextResponse

from firewatch.errors import NotFound, Unavailable
from firewatch.i18n import LANGUAGES
from firewatch.subscribers import addresses, consent, tokens
from firewatch.subscribers.consent import Done, Wish
from firewatch.subscribers.models import Via
from firewatch.web.console.fields import digits
from firewatch.web.console.page import OpenPage, Page, go_to
from firewatch.web.deps import FormFields, refuse_foreign

router = APIRouter(prefix="/bulletins")
ASKING, GUESSING = "/bulletins/subscribe", "/bulletins/subscribe/code"
"""Under these names, which are no users', what a caller asks for and his wrong codes are counted."""
GRADES: Final = (1, 2, 3, 4, 5)
ONE_CLICK: Final = "List-Unsubscribe"
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,40}$")]


@router.get("/subscribe")
def show(page: OpenPage) -> Response:
    """Show the form."""
    return _form(page, {}) if page.services.subscribed_by else _off(page)


@router.post("/subscribe")
def ask(request: Request, page: OpenPage, fields: FormFields) -> Response:
    """Send a code to the address, to subscribe or to end it; ask for what is missing."""
    if not page.services.subscribed_by:
        return _off(page)
    if _too_often(request, page, ASKING):
        return _form(page, fields, "subscribe.error.wait", 429)
    problem, wish = _wish(page, fields)
    if wish is None:
        return _form(page, fields, problem, 422)
    page.services.throttle.failed(page.services.clock, ASKING, _caller(request))
    now, book = page.services.clock.now(), page.services.book
    try:
        with page.services.db.write() as session:
            if fields.get("do") == "leave":
                consent.ask_to_leave(session, now, book, wish.via, wish.address)
            else:
                consent.ask(session, now, book, wish)
    except Unavailable:
        return _form(page, fields, "subscribe.error.busy", 503)
    page.services.wake()
    return _ask_code(page, wish.address)


@router.get("/subscribe/code")
def show_code(page: OpenPage) -> Response:
    """Ask for the address and its code."""
    return _ask_code(page, "") if page.services.subscribed_by else _off(page)


@router.post("/subscribe/code")
def use_code(request: Request, page: OpenPage, fields: FormFields) -> Response:
    """Do what a code is for."""
    if _too_often(request, page, GUESSING):
        return _ask_code(page, "", "subscribe.error.wait", 429)
    via, address = _address(page, fields.get("address", ""))
    with page.services.db.write() as session:
        now, given = page.services.clock.now(), digits(fields.get("code", ""))
        done = consent.use_code(session, now, via, address, given) if address else None
        link = tokens.token(consent.number_of(done[1]), done[1].key) if done else ""
    if done is None:
        page.services.throttle.failed(page.services.clock, GUESSING, _caller(request))
        return _ask_code(page, fields.get("address", ""), "subscribe.error.code", 422)
    return _left(page) if done[0] is Done.LEFT else go_to(f"/bulletins/subscription/{link}")


@router.get("/subscription/{token}")
def show_one(token: Token, page: OpenPage) -> Response:
    """Show what a link's subscription is for, and what may be done with it."""
    with page.services.db.read() as session:
        try:
            row = consent.by_token(session, page.services.clock.now(), token)
        except NotFound:
            return page.render("subscription.html", None, 404, row=None, problem="subscribe.gone")
        zones = [page.speech.named(zone) for zone in page.services.book.zones if zone.id in row.zones]
        return page.render("subscription.html", None, row=row, zones=zones, token=token, problem="")


@router.post("/subscription/{token}")
def decide(token: Token, page: OpenPage, fields: FormFields) -> Response:
    """Confirm a link's subscription or end it; a mail program ends it at one click (RFC 8058).

    The link is what entitles to it: no other site knows it.
    """
    now = page.services.clock.now()
    try:
        with page.services.db.write() as session:
            if fields.get("do") == "confirm":
                consent.confirm(session, now, token)
                return go_to(f"/bulletins/subscription/{token}")
            consent.leave(session, now, token)
    except NotFound:
        if ONE_CLICK not in fields:
            return page.render("subscription.html", None, 404, row=None, problem="subscribe.gone")
    if ONE_CLICK in fields:  # again is as good as once
        return PlainTextResponse("")
    return _left(page)


def _wish(page: Page, fields: dict[str, str]) -> tuple[str, Wish | None]:
    """Return what a form asks for, else the key of what is wrong with it."""
    via, address = _address(page, fields.get("address", ""))
    if not address:
        return ("subscribe.error.number" if via is Via.SMS else "subscribe.error.address"), None
    zones = [zone.id for zone in page.services.book.zones if f"zone.{zone.id}" in fields]
    if not zones and "all" not in fields and fields.get("do") != "leave":
        return "subscribe.error.zones", None
    lang = fields.get("lang", "")
    grade = digits(fields.get("grade", ""))
    return "", Wish(
        via=via,
        address=address,
        lang=lang if lang in LANGUAGES else page.speech.lang,
        zones=zones,  # whoever ticked some has only forgotten to take the tick off "all"
        min_grade=int(grade) if grade in {str(each) for each in GRADES} else GRADES[0],
    )


def _address(page: Page, typed: str) -> tuple[Via, str]:
    """Return the channel that is meant and the address on it, empty where it is none of ours."""
    offered = page.services.subscribed_by
    if Via.EMAIL in offered and (addresses.is_email(typed) or Via.SMS not in offered):
        return Via.EMAIL, addresses.email(typed) or ""
    if Via.SMS not in offered:
        return Via.EMAIL, ""
    return Via.SMS, addresses.phone(typed, page.services.book.bulletins.subscribers.texts_to) or ""


def _too_often(request: Request, page: Page, what: str) -> bool:
    """Return whether the caller has to wait. Raises Refused for a form of another site."""
    refuse_foreign(request)
    return page.services.throttle.blocked(page.services.clock, what, _caller(request))


def _caller(request: Request) -> str:
    return request.client.host if request.client else ""


def _kind(page: Page) -> str:
    """Return what kind of address is asked for."""
    offered = page.services.subscribed_by
    return "both" if len(offered) > 1 else str(offered[0])


def _form(page: Page, fields: dict[str, str], problem: str = "", status: int = 200) -> Response:
    rules = page.services.book.bulletins.subscribers
    said = {"kind": page.speech.word("subscribe.address", _kind(page)), "prefixes": "、".join(rules.texts_to)}
    return page.render(
        "subscribe.html",
        None,
        status,
        kind=_kind(page),
        given=fields,
        grades=GRADES,
        languages=LANGUAGES,
        problem=page.speech.t(problem, **said) if problem else "",
    )


def _ask_code(page: Page, address: str, problem: str = "", status: int = 200) -> Response:
    rules = page.services.book.bulletins.subscribers
    return page.render(
        "subscribe_code.html",
        None,
        status,
        kind=_kind(page) if page.services.subscribed_by else "both",
        address=address,
        problem=problem,
        most=rules.codes_a_day,
    )


def _left(page: Page) -> Response:
    return page.render("subscription.html", None, row=None, problem="")


def _off(page: Page) -> Response:
    return page.render("subscription.html", None, 404, row=None, problem="subscribe.off")
