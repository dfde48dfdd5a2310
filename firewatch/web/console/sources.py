"""The page of the weather's sources, and their raw answers."""

from fastapi import APIRouter, Response

from firewatch.weather import raw
from firewatch.web.console import sources_view
from firewatch.web.console.fields import RowId
from firewatch.web.console.page import OwnPage

router = APIRouter()


@router.get("/sources")
def show(page: OwnPage) -> Response:
    """Show how every source is doing."""
    with page.services.db.read() as session:
        return page.render("sources.html", session, view=sources_view.build(session, page))


@router.get("/sources/raw/{payload_id}")
def raw_answer(payload_id: RowId, page: OwnPage) -> Response:
    """Hand out what a source said, word for word. As a plain file: nothing of it is run or shown as ours."""
    with page.services.db.read() as session:
        body = raw.body_of(session, payload_id)
    headers = {"Content-Disposition": f'attachment; filename="answer-{payload_id}.txt"'}
    return Response(body, media_type="application/octet-stream", headers=headers)
