"""Bulletins: the public pages, which anybody reads without signing in, and the desk where one is edited and signed."""

from datetime import date
from typing import Final

from fastapi import APIRouter, Response
from sqlmodel import Session

from firewatch.bulletins import draft, record, release
from firewatch.bulletins.content import EDITABLE, Document
from firewatch.bulletins.periods import week_of
from firewatch.errors import BadInput, NotFound
from firewatch.i18n import LANGUAGES
from firewatch.web.console import bulletins_view
from firewatch.web.console.fields import RowId, day
from firewatch.web.console.page import ActingPage, OpenPage, OwnPage, Page
from firewatch.web.deps import FormFields
from firewatch.web.published import readers
from firewatch.web.published.forms import FORMS

router = APIRouter(prefix="/bulletins")

GRADES: Final = ("2", "3", "4", "5")
"""Lowest grades that may be searched for."""


@router.get("")
def show(page: OpenPage, since: str = "", until: str = "", grade: str = "") -> Response:
    """Show the archive: of the days asked for, and of those whose highest grade is no lower than `grade`."""
    asked = bulletins_view.Search(day("since", since), day("until", until), grade if grade in GRADES else "")
    with page.services.db.read() as session:
        view = bulletins_view.archive(session, page, asked)
        return readers.shown(page, page.render("bulletins.html", page.barred(session), view=view, grades=GRADES))


@router.get("/{on}")
def show_one(on: date, page: OpenPage) -> Response:
    """Show what was published of a day."""
    with page.services.db.read() as session:
        view = bulletins_view.published(page, _published(session, on))
        answer = page.render("bulletin.html", page.barred(session), view=view, forms=list(FORMS), week=week_of(on))
    return readers.shown(page, answer)


@router.get("/{on}/desk")
def desk(on: date, page: OwnPage) -> Response:
    """Show the draft of a day to be edited and signed, and the versions there are."""
    return _desk(page, on)


@router.post("/{on}/draw")
def draw(on: date, page: ActingPage) -> Response:
    """Draft a day's bulletin from what is known now."""
    services = page.services
    with services.db.write() as session:
        draft.draw_up(session, services.clock, services.book, on, page.by)
    return page.done(f"/bulletins/{on}/desk")


@router.post("/{on}/correct")
def correct(on: date, page: ActingPage, fields: FormFields) -> Response:
    """Draft a correction of what was issued."""
    try:
        with page.services.db.write() as session:
            release.correct(session, page.services.clock, on, page.by, _note(fields))
    except BadInput:
        return _desk(page, on, error=page.speech.t("bulletins.note_wanted"))
    return page.done(f"/bulletins/{on}/desk")


@router.post("/{on}/withdraw")
def withdraw(on: date, page: ActingPage, fields: FormFields) -> Response:
    """Withdraw what was issued, at once."""
    services = page.services
    try:
        with services.db.write() as session:
            release.withdraw(session, services.clock, services.book, on, page.by, _name(page), _note(fields))
    except BadInput:
        return _desk(page, on, error=page.speech.t("bulletins.note_wanted"))
    return page.done(f"/bulletins/{on}/desk")


@router.post("/versions/{bulletin_id}")
def decide(bulletin_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Keep the edited texts of a draft; with them sign it, or put it aside, as the button says."""
    services, texts = page.services, _texts(fields)
    with services.db.read() as session:
        on = record.get(session, bulletin_id).on
    try:
        with services.db.write() as session:
            if fields.get("do") == "reject":
                release.reject(session, services.clock, bulletin_id, page.by, fields.get("reason", ""))
            else:
                release.edit(session, services.clock, bulletin_id, page.by, texts)
            if fields.get("do") == "sign":
                checked = fields.get("checked", "")
                release.sign(session, services.clock, services.book, bulletin_id, page.by, _name(page), checked=checked)
    except BadInput:
        return _desk(page, on, error=page.speech.t("bulletins.text_wanted"), typed=texts)
    return page.done(f"/bulletins/{on}/desk")


def _published(session: Session, on: date) -> Document:
    row = record.issued(session, on)
    if row is None:
        raise NotFound(f"there is no bulletin of {on}")
    return record.published(row)


def _desk(page: Page, on: date, *, error: str = "", typed: dict[str, dict[str, str]] | None = None) -> Response:
    with page.services.db.read() as session:
        view = bulletins_view.desk(session, page, on, error, typed)
        return page.render("bulletin_desk.html", session, status=422 if error else 200, view=view)


def _texts(fields: FormFields) -> dict[str, dict[str, str]]:
    names = {(lang, part): f"{lang}.{part}" for lang in LANGUAGES for part in EDITABLE}
    return {
        lang: {part: fields[names[lang, part]] for part in EDITABLE if names[lang, part] in fields}
        for lang in LANGUAGES
    }


def _note(fields: FormFields) -> dict[str, str]:
    return {lang: fields.get(f"note.{lang}", "") for lang in LANGUAGES}


def _name(page: Page) -> str:
    return page.visitor.name if page.visitor else ""
