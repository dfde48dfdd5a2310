"""The public addresses of what bulletins and warnings are published as: no sign-in, cached, the same for everybody."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Path, Response
from sqlmodel import Session

from firewatch.bulletins import record
from firewatch.bulletins.models import Bulletin
from firewatch.errors import NotFound
from firewatch.warnings import record as warning_record
from firewatch.web.console.page import OpenPage, Page
from firewatch.web.published import cap, feeds, readers
from firewatch.web.published.forms import FORMS, Asked, Form, earlier

router = APIRouter(include_in_schema=False)  # like all that is no API: docs/operating.md lists the addresses

IN_FEED: Final = 30

WarningId = Annotated[int, Path(ge=1, le=2**31 - 1)]


def _add(suffix: str, form: Form) -> None:
    @router.get(f"/bulletins/{{on}}.{suffix}", name=f"bulletin.{suffix}", response_class=Response)
    def show(on: date, page: OpenPage) -> Response:
        with page.services.db.read() as session:
            row = _row(session, on)
            asked = _asked(session, page, row)
        name = (str(row.id), suffix, page.speech.lang if form.by_language else "")
        return _answer(page, form.media_type, name, lambda: form.make(asked))


# The longer endings first: `.card.png` also ends in `.png`.
for _suffix in sorted(FORMS, key=len, reverse=True):
    _add(_suffix, FORMS[_suffix])


@router.get("/bulletins.atom")
def atom(page: OpenPage) -> Response:
    """Return the newest bulletins as an Atom feed."""
    book, now, lang = page.services.book, page.services.clock.now(), page.speech.lang
    with page.services.db.read() as session:
        rows = record.archive(session, date.min, date.max, limit=IN_FEED)
        documents = [record.published(row) for row in rows]
    title = getattr(book.bulletins, f"title_{lang}")
    made = feeds.atom(documents, base(page), f"{title} · {page.speech.named(book.alliance)}", lang, now)
    return readers.kept(page, "application/atom+xml", made)


@router.get("/warnings.ics")
def calendar(page: OpenPage) -> Response:
    """Return the warnings in force as a calendar."""
    with page.services.db.read() as session:
        rows = list(warning_record.in_force(session).values())
    made = feeds.calendar(rows, page.services.book.zones, base(page), page.speech.lang)
    return readers.kept(page, "text/calendar; charset=utf-8", made)


@router.get("/warnings/{warning_id}.cap.xml")
def warning(warning_id: WarningId, page: OpenPage) -> Response:
    """Return an issued version of a warning as CAP 1.2."""
    with page.services.db.read() as session:
        row = warning_record.get(session, warning_id)
        previous = warning_record.get(session, row.replaces_id) if row.replaces_id else None
    if cap.told_at(row) is None:
        raise NotFound(f"there is no issued warning {warning_id}")
    made = cap.warning(row, sender(page), page.services.book.alliance.tz, previous)
    return readers.kept(page, "application/cap+xml", made)


def sender(page: Page) -> cap.Sender:
    """Return who speaks in alerts."""
    services = page.services
    book = services.book
    exercise = services.demo or bool(services.replay_note) or services.drill is not None
    return cap.Sender(book.bulletins.cap, base(page), exercise, book.zones)


def base(page: Page) -> str:
    """Return the public address without a slash at its end; without one the address that was asked."""
    return (page.services.public_url or str(page.request.base_url)).rstrip("/")


def _row(session: Session, on: date) -> Bulletin:
    row = record.issued(session, on)
    if row is None:
        raise NotFound(f"there is no bulletin of {on}")
    return row


def _asked(session: Session, page: Page, row: Bulletin) -> Asked:
    document = record.published(row)
    return Asked(document, sender(page), page.speech.lang, earlier(record.versions(session, row.on), document.revision))


def _answer(page: Page, media_type: str, name: tuple[str, ...], make: Callable[[], bytes]) -> Response:
    """Return a file, or that the reader's own is still the newest: a published version never changes."""
    tag = '"' + "-".join(name).strip("-") + '"'
    headers = {"Cache-Control": readers.CACHED, "ETag": tag, "Vary": readers.VARY}
    if readers.has(page, tag):
        return Response(status_code=304, headers=headers)
    # Without a public address, links lead where this reader asked: such a file is for those who ask there alone.
    made = page.services.shelf.get((base(page), *name), make)
    return Response(made, media_type=media_type, headers=headers)
