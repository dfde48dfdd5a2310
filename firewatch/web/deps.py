"""What routes depend on: who asks, in which language, and whether the form was really ours.

Routes open their transaction themselves, `with services.db.write() as session:`. A dependency that did it would
hold SQLite's write lock while it waits for a thread, and forty writers at once would wait for each other for ever.
The block also ends, and commits, before the answer is made: a failed commit is never answered with success.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, cast

from babel.core import UnknownLocaleError, negotiate_locale
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import UploadFile

from firewatch.access import sessions, tokens
from firewatch.access.models import Role
from firewatch.access.permissions import require_to_act
from firewatch.errors import Refused, Unauthenticated
from firewatch.i18n import LANGUAGES
from firewatch.web.services import Services

SESSION_COOKIE: Final = "firewatch_session"
DRILL_COOKIE: Final = "firewatch_drill_session"
"""Of a drill on the same machine: a browser keeps one jar for all ports of a host."""
LANG_COOKIE: Final = "firewatch_lang"
SCHEME_COOKIE: Final = "firewatch_scheme"
SCHEMES: Final = ("light", "dark")
"""Colours that a reader may ask for; without a wish the system's preference counts."""


def get_services(request: Request) -> Services:
    """Return what `app` put together."""
    return cast("Services", request.app.state.firewatch)


def session_cookie(services: Services) -> str:
    """Return the name of the cookie that keeps somebody signed in."""
    return SESSION_COOKIE if services.drill is None else DRILL_COOKIE


ServicesDep = Annotated[Services, Depends(get_services)]


@dataclass(frozen=True)
class Caller:
    """A program that came with a bearer token."""

    name: str
    role: Role
    station: str | None = None
    """Of a station's token: the station it sends for."""
    agency_id: str | None = None
    """For which it acts; None: for the whole alliance."""

    @property
    def by(self) -> str:
        """The name under which the program's deeds are recorded; the colon tells it from a person's."""
        return f"token:{self.name}"[:80]  # as long as the columns are; a new token's name is shorter


_bearer = HTTPBearer(auto_error=False, description="Token of a program (FIREWATCH_BOOTSTRAP_TOKEN is the first)")


def any_caller(
    services: ServicesDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Caller:
    """Return the program behind the bearer token, a station too. Raises Unauthenticated."""
    if credentials is None:
        raise Unauthenticated("send an Authorization header: Bearer <token>")
    with services.db.read() as session:
        token = tokens.check(session, services.clock, credentials.credentials)
    if token is None or token.id is None:
        raise Unauthenticated("this token is unknown or was revoked")
    number = token.id
    if tokens.use_is_due(services.clock, token):
        services.db.write_if_free(lambda session: tokens.note_use(session, services.clock, number))
    return Caller(token.name, token.role, token.station, token.agency_id)


AnyCaller = Annotated[Caller, Depends(any_caller)]


def api_caller(caller: AnyCaller) -> Caller:
    """Return the program behind the bearer token. Raises Unauthenticated, also for a station's token."""
    if caller.role is Role.STATION:
        raise Unauthenticated(f"this is the token of station {caller.station}: it opens nothing but its observations")
    return caller


ApiReader = Annotated[Caller, Depends(api_caller)]


def api_writer(caller: ApiReader) -> Caller:
    """Return the program if it may change things. Raises Refused."""
    require_to_act(caller.role)
    return caller


ApiWriter = Annotated[Caller, Depends(api_writer)]


@dataclass(frozen=True)
class Visitor:
    """A person in front of a page."""

    name: str
    username: str
    role: Role
    csrf_token: str
    lang: str | None
    agency_id: str | None = None
    """For which he acts; None: for the whole alliance."""

    def check_form(self, fields: Mapping[str, str]) -> None:
        """Raise Refused unless the posted form came from a page of this session."""
        if not secrets.compare_digest(fields.get("csrf", "").encode(), self.csrf_token.encode()):
            raise Refused("this form is out of date or from elsewhere: load the page again and send it once more")


def visitor_or_none(request: Request, services: ServicesDep) -> Visitor | None:
    """Return the person behind the session cookie, or None."""
    cookie = request.cookies.get(session_cookie(services))
    if not cookie:
        return None
    with services.db.read() as session:
        found = sessions.check(session, services.clock, cookie)
    if found is None:
        return None
    user, csrf_token = found.user, found.web_session.csrf_token
    return Visitor(user.display_name, user.username, user.role, csrf_token, user.lang, user.agency_id)


MaybeVisitor = Annotated[Visitor | None, Depends(visitor_or_none)]


def current_visitor(visitor: MaybeVisitor) -> Visitor:
    """Return the person behind the session cookie. Raises Unauthenticated: the page asks him to sign in."""
    if visitor is None:
        raise Unauthenticated("sign in first")
    return visitor


CurrentVisitor = Annotated[Visitor, Depends(current_visitor)]


@dataclass(frozen=True)
class FileSent:
    """A file that was posted with a form: how its sender calls it, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Posted:
    """A posted form: its text fields, and its file if one was chosen."""

    fields: dict[str, str]
    file: FileSent | None


async def posted_form(request: Request) -> Posted:
    """Read a posted form; NUL characters, which no database takes, are left out."""
    async with request.form(max_files=1, max_fields=100) as form:
        fields = {name: value.replace("\0", "") for name, value in form.items() if isinstance(value, str)}
        files = [value for value in form.values() if isinstance(value, UploadFile) and value.filename]
        read = [FileSent((each.filename or "").replace("\0", ""), await each.read()) for each in files]
    return Posted(fields, read[0] if read else None)


PostedForm = Annotated[Posted, Depends(posted_form)]


def form_fields(posted: PostedForm) -> dict[str, str]:
    """Return a posted form's text fields."""
    return posted.fields


FormFields = Annotated[dict[str, str], Depends(form_fields)]


def sent_file(posted: PostedForm) -> FileSent | None:
    """Return the file of a posted form; None when none was chosen."""
    return posted.file


SentFile = Annotated[FileSent | None, Depends(sent_file)]


def refuse_foreign(request: Request) -> None:
    """Raise Refused for a form that another site has sent: where nobody is signed in no session's token can tell."""
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise Refused("this form came from another site")


def acting_visitor(visitor: CurrentVisitor, fields: FormFields) -> Visitor:
    """Return the person who posted a form of ours and may act. Raises Refused for a foreign form or a viewer."""
    visitor.check_form(fields)
    require_to_act(visitor.role)
    return visitor


ActingVisitor = Annotated[Visitor, Depends(acting_visitor)]


def language(request: Request, services: Services, visitor: Visitor | None) -> str:
    """Return the language of a page: `?lang=`, then cookie, person, browser, and the site's own."""
    chosen = (
        request.query_params.get("lang"),
        request.cookies.get(LANG_COOKIE),
        visitor.lang if visitor else None,
        accepted_language(request.headers.get("accept-language", "")),
    )
    return next((lang for lang in chosen if lang in LANGUAGES), services.language)


def accepted_language(header: str) -> str | None:
    """Return which of our languages an Accept-Language header prefers; regions do not matter here.

    They are stripped first: asked with zh-CN and en, the usual negotiation would prefer an exact `en`.
    """
    wanted: list[tuple[float, str]] = []
    for part in header.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), tag.partition("-")[0].lower()))
        except ValueError:
            continue
    ordered = [tag for rank, tag in sorted(wanted, key=lambda pair: pair[0]) if rank < 0]
    try:
        return negotiate_locale(ordered, LANGUAGES)
    except (UnknownLocaleError, ValueError):
        return None
