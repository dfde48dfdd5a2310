"""The pages of the days ahead: the outlook, and how good past ones were."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from firewatch.web.console import danger_view, zone_view
from firewatch.web.console.page import OwnPage

router = APIRouter()


@router.get("/danger")
def show(page: OwnPage) -> Response:
    """Show seven days ahead by zone, and what changed since the last issue."""
    with page.services.db.read() as session:
        return page.render("danger.html", session, view=danger_view.build(session, page))


@router.get("/danger/scores")
def show_scores(page: OwnPage, scheme: Annotated[Literal["lyt1172", "fwi"] | None, Query()] = None) -> Response:
    """Show how good the forecasts were, by zone and lead day."""
    book, now = page.services.book, page.speech.now
    chosen = scheme or book.danger.scheme
    with page.services.db.read() as session:
        return page.render(
            "danger_scores.html",
            session,
            scheme=chosen,
            other="fwi" if chosen == "lyt1172" else "lyt1172",
            days=book.outlook.score_days,
            leads=danger_view.by_lead(session, book, chosen, now),
            zones=danger_view.by_zone(session, book, chosen, now),
            names={zone.id: page.speech.named(zone) for zone in book.zones},
        )


@router.get("/danger/zones/{zone_id}")
def show_zone(page: OwnPage, zone_id: str) -> Response:
    """Show a zone's indices, past and ahead, and where they stand among the days on record."""
    with page.services.db.read() as session:
        return page.render("zone.html", session, view=zone_view.build(session, page, zone_id))
