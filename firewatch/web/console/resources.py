"""The pages of the pool: what there is and in which state, and the form in which its agency changes it."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from firewatch.access.permissions import require_to_change
from firewatch.errors import BadInput
from firewatch.resources import edit, position, status
from firewatch.resources.edit import NotValid, Outdated
from firewatch.resources.models import ResourceKind, ResourceStatus
from firewatch.web.console import position_form, resource_form, resources_view
from firewatch.web.console.fields import choice
from firewatch.web.console.page import ActingPage, OwnPage, Page
from firewatch.web.console.position_form import PositionForm
from firewatch.web.console.resource_form import ResourceForm
from firewatch.web.deps import FormFields

router = APIRouter()

ResourceId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,60}$")]


@router.get("/resources")
def show(page: OwnPage) -> Response:
    """Show the pool by agency."""
    with page.services.db.read() as session:
        return page.render("resources.html", session, agencies=resources_view.build(session, page))


@router.get("/resources/{kind}/{resource_id}")
def show_one(kind: ResourceKind, resource_id: ResourceId, page: OwnPage) -> Response:
    """Show one resource with its form and its record."""
    return _one(page, kind, resource_id)


@router.post("/resources/{kind}/{resource_id}")
def change(kind: ResourceKind, resource_id: ResourceId, page: ActingPage, fields: FormFields) -> Response:
    """Change a resource; what does not hold, or was changed by somebody else meanwhile, comes back with the form."""
    services, form = page.services, resource_form.filled(kind, fields)
    try:
        with services.db.write() as session:
            _require_own(page, edit.find(session, kind, resource_id)[0].agency_id)
            edit.edit(session, services.clock, kind, resource_id, form.version, form.values, page.by)
    except NotValid as error:
        return _one(page, kind, resource_id, resource_form.refused(form, error.fields), status_code=422)
    except Outdated:
        with services.db.read() as session:
            newest = edit.find(session, kind, resource_id)[0].version
        return _one(page, kind, resource_id, ResourceForm(kind, newest, form.values, outdated=True), status_code=409)
    return page.done(f"/resources/{kind}/{resource_id}")


@router.post("/resources/{kind}/{resource_id}/status")
def set_status(kind: ResourceKind, resource_id: ResourceId, page: ActingPage, fields: FormFields) -> Response:
    """Set the state of a crew or a vehicle that no order holds."""
    services, new = page.services, choice(ResourceStatus, fields.get("status"))
    with services.db.write() as session:
        row = status.find(session, resource_id, kind)
        _require_own(page, row.agency_id)
        edit.set_status(session, services.clock, services.book.resources, resource_id, new, page.by, kind)
    return page.done(f"/resources#{row.agency_id}")


@router.post("/resources/{kind}/{resource_id}/position")
def set_position(kind: ResourceKind, resource_id: ResourceId, page: ActingPage, fields: FormFields) -> Response:
    """Say where a crew or a vehicle is; what does not hold comes back with the form."""
    services = page.services
    where = position_form.filled(fields, page.speech, services.clock.now())
    try:
        with services.db.write() as session:
            _require_own(page, position.find(session, kind, resource_id).agency_id)
            if where.new is not None:
                position.take_in(session, services.clock, kind, resource_id, where.new, page.by)
    except BadInput as error:
        where = where.refused(error)
    if where.errors:
        return _one(page, kind, resource_id, where=where, status_code=422)
    return page.done(f"/resources/{kind}/{resource_id}")


def _require_own(page: Page, owner: str) -> None:
    acts_for = page.visitor.agency_id if page.visitor else None
    require_to_change(acts_for, owner, page.services.book.alliance.duty_agency)


def _one(
    page: Page,
    kind: ResourceKind,
    resource_id: str,
    form: ResourceForm | None = None,
    where: PositionForm | None = None,
    status_code: int = 200,
) -> Response:
    with page.services.db.read() as session:
        view = resources_view.build_one(session, page, kind, resource_id, form, where)
        return page.render("resource.html", session, status=status_code, view=view)
