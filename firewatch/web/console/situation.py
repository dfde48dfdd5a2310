"""The situation page, and the buttons on it."""

from fastapi import APIRouter, Response

from firewatch.jobs import runs
from firewatch.messaging import alarms
from firewatch.web.console import ground_view, situation_view
from firewatch.web.console.fields import RowId
from firewatch.web.console.layers_view import chosen
from firewatch.web.console.page import ActingPage, OwnPage

router = APIRouter()


@router.get("/")
def show(page: OwnPage, layer: str = "") -> Response:
    """Show what burns, who comes, who has not answered; `layer` is what the map shows."""
    services, shown, ground = page.services, chosen(layer), ground_view.view(page)

    def look() -> situation_view.Situation:
        with services.db.read() as session:
            return situation_view.build(session, page, shown)

    # Gaps in rosters are told in the order of the reader's agency; all else is the same for everybody.
    agency = page.visitor.agency_id if page.visitor else None
    view = services.together.get(("situation", page.speech.lang, shown, ground.under, ground.asked, agency), look)
    with services.db.read() as session:
        return page.render("situation.html", session, view=view)


@router.get("/duty")
def bar(page: OwnPage) -> Response:
    """Show the status bar alone: what pages that are not live ask for again."""
    with page.services.db.read() as session:
        return page.render("duty.html", session)


@router.post("/alarms/{alarm_id}/close")
def close_alarm(alarm_id: RowId, page: ActingPage) -> Response:
    """Close an alarm that somebody has seen."""
    with page.services.db.write() as session:
        alarms.close(session, page.services.clock.now(), alarm_id, page.by)
    return page.done("/#alarms")


@router.post("/job-runs/{run_id}/retry")
def retry_job(run_id: RowId, page: ActingPage) -> Response:
    """Let a failed run be tried again at once."""
    with page.services.db.write() as session:
        runs.retry(session, page.services.clock, run_id)
    return page.done("/#jobs")
