"""The danger of a zone, or of all, in a frame on somebody else's site; and the page that offers the line to put there.

It is the same for everybody: no sign-in, no cookie, the language out of the address. It shows a grade only while a
bulletin is in force or about to be: what is over, withdrawn or never was is told in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from firewatch.bulletins import record
from firewatch.bulletins.content import NO_DATA, Document, Kind
from firewatch.bulletins.draft import asked_for
from firewatch.bulletins.wording import day_name, grade_name, when
from firewatch.clock import local_day
from firewatch.i18n import LANGUAGES
from firewatch.rulebook.alliance import Zone
from firewatch.web.console.page import OpenPage, Page
from firewatch.web.console.speech import Speech
from firewatch.web.deps import ServicesDep
from firewatch.web.published import readers
from firewatch.web.published.routes import base

router = APIRouter(include_in_schema=False)

HEAD_PIXELS, ROW_PIXELS = 190, 34
"""Height of the frame: what stands around the zones, and each of them."""
HTML: Final = "text/html; charset=utf-8"
LOOKED_BACK: Final = 4
"""Bulletins among which the one in force is; it is the newest or the one before."""


@dataclass(frozen=True)
class WidgetView:
    """What the frame shows: zones with their grades and until when, or what is to be said in their place."""

    heading: str
    zones: Sequence[tuple[str, int, str]] = ()
    """Name, grade, grade in words."""
    valid: str = ""
    message: str = ""
    on: date | None = None
    """The day of issue of the bulletin it leads to; None: to the archive."""
    seconds: int = readers.SECONDS
    """For so long it is true."""

    @property
    def gap(self) -> bool:
        """Whether a zone has no grade."""
        return any(grade == NO_DATA for _, grade, _ in self.zones)


@router.get("/widget")
def framed(request: Request, services: ServicesDep, zone: str = "", lang: str = "") -> Response:
    """Show the grade of a zone, of all without one."""
    speech = Speech(lang if lang in LANGUAGES else services.language, services.book.alliance.tz, services.clock.now())
    page = Page(request, services, None, speech)
    zones = [each for each in services.book.zones if zone in ("", each.id)]
    with services.db.read() as session:
        view = _view(session, page, zones) if zones else _unknown(speech, zone)
    # Of the page only its body: what renders it would remember the language in a cookie.
    made = bytes(page.render("widget.html", None, view=view).body)
    if not zones:
        return Response(made, 404, media_type=HTML)
    return readers.kept(page, HTML, made, vary="", seconds=view.seconds)


@router.get("/bulletins/widget")
def offered(page: OpenPage, zone: str = "", of: str = "") -> Response:
    """Offer the line that puts the frame onto a page; `of` is the language it is to speak."""
    book, speech = page.services.book, page.speech
    chosen = zone if zone in {each.id for each in book.zones} else ""
    lang = of if of in LANGUAGES else speech.lang
    address = "/widget?" + urlencode({"zone": chosen, "lang": lang} if chosen else {"lang": lang})
    with page.services.db.read() as session:
        answer = page.render(
            "widget_line.html",
            page.barred(session),
            zones=[(each.id, speech.named(each)) for each in book.zones],
            chosen=chosen,
            lang=lang,
            languages=LANGUAGES,
            address=address,
            base=base(page),
            height=HEAD_PIXELS + ROW_PIXELS * (1 if chosen else len(book.zones)),
        )
    return readers.shown(page, answer)


def _unknown(speech: Speech, zone: str) -> WidgetView:
    return WidgetView(speech.t("widget.title"), message=speech.t("widget.no_zone", zone=zone[:40]))


def _view(session: Session, page: Page, zones: Sequence[Zone]) -> WidgetView:
    book, speech = page.services.book, page.speech
    now, tz, heading = speech.now, speech.zone, speech.t("widget.title")
    documents = [record.published(row) for row in record.archive(session, date.min, date.max, limit=LOOKED_BACK)]
    document = _in_force_or_next(documents, speech)
    if document is None:
        last = documents[0] if documents else None
        said = [speech.t("widget.over", until=when(last.content.valid_to, speech.lang, tz))] if last else []
        said += [] if last else [speech.t("widget.none")]
        said += [] if asked_for(session, book, local_day(now, tz)) else [speech.t("widget.off_season")]
        return WidgetView(heading, message=" ".join(said), on=last.content.on if last else None)
    content = document.content
    begun = content.valid_from <= now
    changes = (content.valid_to if begun else content.valid_from) - now
    seconds = max(1, min(readers.SECONDS, int(changes / timedelta(seconds=1))))
    if document.kind is Kind.WITHDRAWAL:
        message = speech.t("widget.withdrawn", note=document.note.get(speech.lang, ""))
        return WidgetView(heading, message=message, on=content.on, seconds=seconds)
    parts = {part.id: part for part in content.zones}
    grades = [(speech.named(zone), parts[zone.id].grade if zone.id in parts else NO_DATA) for zone in zones]
    valid = speech.t("widget.now", until=when(content.valid_to, speech.lang, tz))
    if not begun:
        valid = speech.t("widget.coming", since=when(content.valid_from, speech.lang, tz))
    return WidgetView(
        heading=f"{heading} · {day_name(content.days[0], speech.lang)}",
        zones=[(name, grade, grade_name(speech.lang, content.scheme, grade)) for name, grade in grades],
        valid=valid,
        on=content.on,
        seconds=seconds,
    )


def _in_force_or_next(documents: Sequence[Document], speech: Speech) -> Document | None:
    """Return the bulletin in force, else the one that begins next; the newest stand first."""
    there = [each for each in documents if each.content.valid_to > speech.now]
    return next((each for each in there if each.content.valid_from <= speech.now), there[-1] if there else None)
