"""The pages of the handover: what the one who comes reads, the note of the one who goes, and the button between."""

from fastapi import APIRouter, Response

from firewatch.errors import BadInput
from firewatch.handover import turns
from firewatch.handover.turns import Overtaken, Seen
from firewatch.web.console import handover_view
from firewatch.web.console.fields import whole_number
from firewatch.web.console.page import ActingPage, OwnPage, Page
from firewatch.web.deps import FormFields

router = APIRouter(prefix="/handover")


@router.get("")
def show(page: OwnPage, hours: int = 0) -> Response:
    """Show who is on duty, his note, what is open and what happened since."""
    return _show(page, hours=hours if hours in handover_view.HOURS else 0)


@router.get("/note")
def note(page: OwnPage, anew: str = "") -> Response:
    """Show the note to be written: as it stands, or with `anew` out of the present state."""
    with page.services.db.read() as session:
        turn = turns.current(session)
        kept = None if anew else turns.note_of(session, turn)
        text = kept.text if kept else handover_view.drafted(session, page)
    return _note(page, text)


@router.post("/note")
def write(page: ActingPage, fields: FormFields) -> Response:
    """Keep the note."""
    text = fields.get("text", "")
    try:
        with page.services.db.write() as session:
            turns.write_note(session, page.services.clock, page.by, text)
    except BadInput:
        return _note(page, text, error=page.speech.t("handover.note_wanted", most=turns.LONGEST_NOTE))
    return page.done("/handover")


@router.post("/take")
def take(page: ActingPage, fields: FormFields) -> Response:
    """Take over duty."""
    had_seen = Seen(whole_number("turn", fields.get("turn", "")), whole_number("note", fields.get("note", "")))
    try:
        with page.services.db.write() as session:
            turns.take_over(session, page.services.clock, page.by, had_seen)
    except Overtaken:
        return _show(page, problem=page.speech.t("handover.overtaken"), status=409)
    return page.done("/handover")


def _show(page: Page, *, hours: int = 0, problem: str = "", status: int = 200) -> Response:
    with page.services.db.read() as session:
        view = handover_view.build(session, page, hours, problem)
        return page.render("handover.html", session, status=status, view=view, spans=handover_view.HOURS)


def _note(page: Page, text: str, *, error: str = "") -> Response:
    with page.services.db.read() as session:
        turn = turns.current(session)
        mine = turn is not None and turn.officer == page.by
        status = 422 if error else 200
        return page.render("handover_note.html", session, status=status, text=text, error=error, mine=mine, turn=turn)
