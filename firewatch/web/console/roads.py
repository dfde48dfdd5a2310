"""The page of closed roads: what is closed, a form that closes more, and the map of both."""

from dataclasses import replace

from fastapi import APIRouter, Response

from firewatch.dispatch import closures
from firewatch.web.console import closure_form, roads_view
from firewatch.web.console.closure_form import ClosureForm
from firewatch.web.console.fields import RowId
from firewatch.web.console.page import ActingPage, OwnPage, Page
from firewatch.web.console.roads_view import Look
from firewatch.web.deps import FormFields

router = APIRouter()


@router.get("/roads")
def show(page: OwnPage) -> Response:
    """Show which roads are closed."""
    return _page(page, ClosureForm(), Look())


@router.post("/roads/closures")
def close(page: ActingPage, fields: FormFields) -> Response:
    """Look closer, or check what would be closed, or close it: the button that was pressed says which."""
    form, step = closure_form.filled(fields), fields.get("step", "")
    look = roads_view.look_of(fields.get("km", ""), form.places)
    if step == "look":
        return _page(page, replace(form, wrong=frozenset()), look)
    if form.new is None:
        return _page(page, form, look, status=422)
    if step != "close" or fields.get("checked") != form.drawn:  # nobody closes what he was not shown
        return _page(page, form, look, check=True)
    with page.services.db.write() as session:
        closures.close(session, page.services.clock, form.new, page.by)
    return page.done("/roads")


@router.post("/roads/closures/{closure_id}/open")
def reopen(closure_id: RowId, page: ActingPage) -> Response:
    """Open the roads around a spot again."""
    with page.services.db.write() as session:
        closures.reopen(session, page.services.clock, closure_id, page.by)
    return page.done("/roads")


def _page(page: Page, form: ClosureForm, look: Look, *, check: bool = False, status: int = 200) -> Response:
    with page.services.db.read() as session:
        view = roads_view.build(session, page, form, look, check=check)
        return page.render("roads.html", session, status=status, view=view)
