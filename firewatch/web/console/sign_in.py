"""Signing in and out."""

from fastapi import APIRouter, Request, Response

from firewatch.access import sessions
from firewatch.errors import Unauthenticated
from firewatch.web.console.page import OpenPage, go_to
from firewatch.web.deps import FormFields, MaybeVisitor, refuse_foreign, session_cookie

router = APIRouter()


@router.get("/sign-in")
def show(page: OpenPage, visitor: MaybeVisitor) -> Response:
    """Show the form, or go on when there is nothing to sign in for."""
    wanted = within_site(page.request.query_params.get("next", "/"))
    if visitor is not None:
        return go_to(wanted)
    problem = "sign_in.unsent" if "unsent" in page.request.query_params else ""
    return page.render("sign_in.html", None, problem=problem, username="", wanted=wanted)


@router.post("/sign-in")
def sign_in(request: Request, page: OpenPage, fields: FormFields) -> Response:
    """Sign in. Passwords are compared before the write lock is asked for."""
    refuse_foreign(request)
    services, username = page.services, fields.get("username", "").strip().lower()
    password, wanted = fields.get("password", ""), within_site(fields.get("next", "/"))
    address = request.client.host if request.client else ""
    if services.throttle.blocked(services.clock, username, address):
        return page.render("sign_in.html", None, status=429, problem="sign_in.wait", username=username, wanted=wanted)
    try:
        with services.db.read() as session:
            user = sessions.authenticate(session, username, password)
    except Unauthenticated:
        services.throttle.failed(services.clock, username, address)
        return page.render("sign_in.html", None, status=401, problem="sign_in.wrong", username=username, wanted=wanted)
    services.throttle.succeeded(username, address)
    with services.db.write() as session:
        _, cookie = sessions.open_session(session, services.clock, user, password)
    response = go_to(wanted)
    response.set_cookie(
        session_cookie(services),
        cookie,
        max_age=int(sessions.LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=services.secure_cookies,
    )
    return response


@router.post("/sign-out")
def sign_out(request: Request, page: OpenPage, visitor: MaybeVisitor, fields: FormFields) -> Response:
    """End the session; whoever only looks may do that too, so it checks the form's token by itself."""
    name = session_cookie(page.services)
    cookie = request.cookies.get(name)
    if visitor is not None and cookie is not None:
        visitor.check_form(fields)
        with page.services.db.write() as session:
            sessions.sign_out(session, cookie)
    response = go_to("/sign-in")
    response.delete_cookie(name, httponly=True, samesite="lax", secure=page.services.secure_cookies)
    return response


def within_site(address: str) -> str:
    """Return a path of this site to go on to; anything that could lead elsewhere becomes the start page."""
    safe = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    return address if safe else "/"
