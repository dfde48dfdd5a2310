"""The page of warnings: what is in force, what waits, and the release steps."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field, TypeAdapter, ValidationError

from firewatch.errors import BadInput
from firewatch.warnings import release
from firewatch.web.console import warnings_view
from firewatch.web.console.fields import RowId
from firewatch.web.console.page import ActingPage, OwnPage, Page
from firewatch.web.deps import FormFields

router = APIRouter()
NUMBERS = TypeAdapter(list[Annotated[int, Field(ge=1, le=2**31 - 1)]])


@router.get("/warnings")
def show(page: OwnPage) -> Response:
    """Show the warnings of all zones."""
    with page.services.db.read() as session:
        return page.render("warnings.html", session, view=warnings_view.build(session, page))


@router.post("/warnings/release")
def release_some(page: ActingPage, fields: FormFields) -> Response:
    """Approve drafts under the name of whoever is signed in, issue what is approved, or both in one go."""
    ids, clock, book = _numbers(fields.get("ids", "")), page.services.clock, page.services.book
    with page.services.db.write() as session:
        match fields.get("do"):
            case "approve":
                release.approve(session, clock, ids, page.by, _name(page))
            case "issue":
                release.issue(session, clock, book, ids, page.by)
            case "both":
                release.approve_and_issue(session, clock, book, ids, page.by, _name(page))
            case other:
                raise BadInput(f"do: {other!r} is not one of approve, issue, both")
    return page.done("/warnings")


@router.post("/warnings/{warning_id}/reject")
def reject(warning_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Refuse a draft, or withdraw what was approved."""
    with page.services.db.write() as session:
        release.reject(session, page.services.clock, warning_id, page.by, fields.get("reason", ""))
    return page.done("/warnings")


@router.post("/warnings/{warning_id}/remark")
def remark(warning_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Change the free remark of a draft."""
    with page.services.db.write() as session:
        release.remark(session, page.services.clock, warning_id, page.by, fields.get("remark", ""))
    return page.done("/warnings")


@router.post("/warnings/{warning_id}/lift")
def lift(warning_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Lift what is in force."""
    services, reason = page.services, fields.get("reason", "")
    with services.db.write() as session:
        release.lift(session, services.clock, services.book, warning_id, page.by, _name(page), reason)
    return page.done("/warnings")


def _name(page: Page) -> str:
    """Return the name under which the person approves."""
    return page.visitor.name if page.visitor else ""


def _numbers(text: str) -> list[int]:
    try:
        return NUMBERS.validate_python(text.split(","))
    except ValidationError:
        raise BadInput("ids: numbers of warnings, with commas between them") from None
