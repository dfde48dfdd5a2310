"""What every page shares: its reader, its language, the bar at the top, and how a template becomes an answer."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlmodel import Session, col, func, select

from firewatch.access.permissions import may_act
from firewatch.access.users import by_name
from firewatch.handover import turns
from firewatch.hotspots.tickets import count_waiting
from firewatch.i18n import LANGUAGES
from firewatch.incidents.lifecycle import OPEN
from firewatch.incidents.models import AgencyNotice, Incident
from firewatch.jobs.drill import REAL_FIRE, REAL_UNSEEN
from firewatch.messaging.alarms import open_alarms
from firewatch.messaging.models import Alarm
from firewatch.training.folder import Running
from firewatch.warnings.record import waiting as waiting_warnings
from firewatch.weather.models import FeedStatus
from firewatch.web.console.speech import HTML_LANG, Speech
from firewatch.web.deps import (
    LANG_COOKIE,
    SCHEME_COOKIE,
    SCHEMES,
    ActingVisitor,
    CurrentVisitor,
    MaybeVisitor,
    ServicesDep,
    Visitor,
    language,
)
from firewatch.web.services import Services

WEB: Final = Path(__file__).parents[1]
STATIC_DIR: Final = WEB / "static"
COOKIE_SECONDS: Final = 365 * 24 * 3600

TEMPLATES: Final = Environment(
    loader=FileSystemLoader(WEB / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Bar:
    """What the status bar tells on every page."""

    unanswered: int
    """Notices of open incidents that no agency has acknowledged yet."""
    alarms: int
    warnings: int
    """Drafts of warnings that wait to be approved or issued."""
    hotspots: int
    """Hot spots nobody has answered."""
    newest_data_at: datetime | None
    data_is_old: bool
    calls: str
    """Numbers of the newest fire and the newest alarm: where one has grown, whoever is on duty is called by sound."""
    on_duty: str
    """Name of the officer on duty; empty while nobody ever took over."""
    on_duty_since: datetime | None
    real: str
    """Of a drill: the alarm about the real service that is open, `real_fire` or `real_unseen`; empty: none is."""
    drill: Running | None
    """The drill that is held beside this service."""
    night_sheet_is_old: bool
    """The newest sheet for a night without the machine is missing or too old."""


def load_bar(session: Session, services: Services) -> Bar:
    """Count what waits for somebody, and find how old the weather is."""
    waiting = (
        select(func.count())
        .select_from(AgencyNotice)
        .join(Incident, col(Incident.id) == col(AgencyNotice.incident_id))
        .where(col(Incident.state).in_(sorted(OPEN)), col(AgencyNotice.acknowledged_at).is_(None))
    )
    newest = session.exec(select(func.max(col(FeedStatus.newest_valid_at)))).one()
    turn = turns.current(session)
    officer = by_name(session, turn.officer) if turn else None
    alarms = [alarm.key for alarm in open_alarms(session)]
    return Bar(
        unanswered=session.exec(waiting).one(),
        alarms=len(alarms),
        warnings=len(waiting_warnings(session)),
        hotspots=count_waiting(session),
        newest_data_at=newest,
        data_is_old=newest is None or is_old(services, newest),
        calls=f"{_newest(session, Incident)} {_newest(session, Alarm)}",
        on_duty=officer.display_name if officer else turn.officer if turn else "",
        on_duty_since=turn.taken_at if turn else None,
        real=next((key for key in (REAL_FIRE, REAL_UNSEEN) if key in alarms), ""),
        drill=services.drills.running() if services.drills else None,
        night_sheet_is_old=services.night_sheets is not None and services.night_sheets.is_old(),
    )


def _newest(session: Session, table: type[Incident | Alarm]) -> int:
    return session.exec(select(func.max(table.id))).one() or 0


def is_old(services: Services, at: datetime) -> bool:
    """Return whether weather of an instant is older than the rulebook bears."""
    return (services.clock.now() - at).total_seconds() > services.book.weather.stale_after_minutes * 60


@dataclass(frozen=True)
class Page:
    """One request for a page: who asks, in which language, and what it may use."""

    request: Request
    services: Services
    visitor: Visitor | None
    speech: Speech

    @property
    def by(self) -> str:
        """The name under which the person's deeds are recorded: what he is called may change, or be another's too."""
        return self.visitor.username if self.visitor else "–"

    def render(self, template: str, session: Session | None, /, status: int = 200, **values: object) -> HTMLResponse:
        """Return the page; without a session (on errors) the status bar stays empty."""
        speech, services = self.speech, self.services
        html = TEMPLATES.get_template(template).render(
            t=speech.t,
            word=speech.word,
            say=speech,
            html_lang=HTML_LANG[speech.lang],
            visitor=self.visitor,
            may_act=self.visitor is not None and may_act(self.visitor.role),
            services=services,
            alliance=speech.named(services.book.alliance),
            bar=load_bar(session, services) if session is not None else None,
            path=self.request.url.path,
            dressed=self.dressed,
            posted=self.request.method == "POST",
            other_languages=[(lang, self._in(lang)) for lang in LANGUAGES if lang != speech.lang],
            **values,
        )
        response = HTMLResponse(html, status)
        if self.request.query_params.get("lang") == speech.lang:
            self.keep(response, LANG_COOKIE, speech.lang)
        return response

    def keep(self, response: Response, cookie: str, wish: str) -> None:
        """Have the browser keep a wish of the reader, or forget one that is empty."""
        secure = self.services.secure_cookies
        if wish:
            response.set_cookie(cookie, wish, max_age=COOKIE_SECONDS, httponly=True, samesite="lax", secure=secure)
        else:
            response.delete_cookie(cookie, httponly=True, samesite="lax", secure=secure)

    @property
    def dressed(self) -> str:
        """The colours the reader asked for; empty: those of his system."""
        asked = self.request.cookies.get(SCHEME_COOKIE, "")
        return asked if asked in SCHEMES else ""

    def barred(self, session: Session) -> Session | None:
        """Return what the status bar of a public page is read with: nothing, where the reader is not signed in."""
        return session if self.visitor else None

    def done(self, address: str) -> RedirectResponse:
        """Return the answer to a form that was carried out: what fell due is looked for at once, the reader goes on."""
        self.services.wake()
        return go_to(address)

    def _in(self, lang: str) -> str:
        """Return the address of this very page in another language; the answer to a form has none but its path."""
        query = [(name, value) for name, value in self.request.query_params.multi_items() if name != "lang"]
        return "?" + urlencode([*query, ("lang", lang)])


def page_for(request: Request, services: Services, visitor: Visitor | None) -> Page:
    """Put a page's context together."""
    lang = language(request, services, visitor)
    return Page(request, services, visitor, Speech(lang, services.book.alliance.tz, services.clock.now()))


def open_page(request: Request, services: ServicesDep, visitor: MaybeVisitor) -> Page:
    """Return the context of a page that anybody may see."""
    return page_for(request, services, visitor)


def own_page(request: Request, services: ServicesDep, visitor: CurrentVisitor) -> Page:
    """Return the context of a page for people who are signed in. Raises Unauthenticated."""
    return page_for(request, services, visitor)


def acting_page(request: Request, services: ServicesDep, visitor: ActingVisitor) -> Page:
    """Return the context of a posted form that changes something. Raises Unauthenticated and Refused."""
    return page_for(request, services, visitor)


OpenPage = Annotated[Page, Depends(open_page)]
OwnPage = Annotated[Page, Depends(own_page)]
ActingPage = Annotated[Page, Depends(acting_page)]


def file_answer(data: bytes, name: str, kind: str) -> Response:
    """Return the answer that hands a file over, to be kept under a (plain) name."""
    return Response(data, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def go_to(address: str) -> RedirectResponse:
    """Return the answer that leads on to another page, whatever was posted to this one."""
    return RedirectResponse(address, 303)
