"""The page of hot spots: what waits for an answer, what was answered, how the satellites' data sets are doing."""

from fastapi import APIRouter, Response

from firewatch.hotspots import tickets
from firewatch.hotspots.models import TicketState
from firewatch.hotspots.tickets import Decision
from firewatch.web.console import hotspots_view
from firewatch.web.console.fields import RowId, choice
from firewatch.web.console.hotspots_view import Unfinished
from firewatch.web.console.page import ActingPage, OwnPage, Page
from firewatch.web.deps import FormFields

router = APIRouter()


@router.get("/hotspots")
def show(page: OwnPage) -> Response:
    """Show the hot spots, the open ones first."""
    return _page(page)


@router.post("/hotspots/{ticket_id}/decision")
def decide(ticket_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Answer a hot spot; one that burns is a fire from here on."""
    verdict, note = choice(TicketState, fields.get("verdict")), fields.get("note", "")
    agency = fields.get("agency") or None
    if verdict is not TicketState.CONFIRMED and not note.strip():
        return _page(page, Unfinished(ticket_id, agency or ""), status=422)
    with page.services.db.write() as session:
        decision = Decision(verdict, note, agency)
        row = tickets.decide(session, page.services.clock, page.services.book, ticket_id, decision, page.by)
    return page.done(f"/incidents/{row.incident_id}" if row.incident_id is not None else "/hotspots")


def _page(page: Page, unfinished: Unfinished | None = None, status: int = 200) -> Response:
    with page.services.db.read() as session:
        view = hotspots_view.build(session, page, unfinished)
        return page.render("hotspots.html", session, status=status, view=view)
