"""The page for a screen on the wall."""

from fastapi import APIRouter, Response

from firewatch.web.console import wall_view
from firewatch.web.console.page import OwnPage

router = APIRouter()


@router.get("/wall")
def show(page: OwnPage) -> Response:
    """Show the situation full screen."""
    with page.services.db.read() as session:
        return page.render("wall.html", session, view=wall_view.build(session, page))
