"""The page of one fire, and everything the duty officer does there."""

from fastapi import APIRouter, Response

from firewatch.dispatch import contact, ending, needs, orders, planning
from firewatch.dispatch.by_hand import Sent
from firewatch.dispatch.models import OrderState
from firewatch.dispatch.override import override
from firewatch.errors import BadInput
from firewatch.incidents import intake, notices, progress
from firewatch.incidents.models import FireClass, IncidentState
from firewatch.web.console import incident_view
from firewatch.web.console.fields import RowId, SlugPath, choice, whole_number
from firewatch.web.console.page import ActingPage, OwnPage
from firewatch.web.deps import FormFields

router = APIRouter()


@router.get("/incidents/{incident_id}")
def show(incident_id: RowId, page: OwnPage) -> Response:
    """Show one fire."""
    with page.services.db.read() as session:
        return page.render("incident.html", session, view=incident_view.build(session, page, incident_id))


@router.post("/incidents/{incident_id}/state")
def change_state(incident_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Take the incident to its next state."""
    new = choice(IncidentState, fields.get("state"))
    with page.services.db.write() as session:
        ending.change_state(session, page.services.clock, page.services.book, incident_id, new, page.by)
    return page.done(f"/incidents/{incident_id}")


@router.post("/incidents/{incident_id}/class")
def set_class(incident_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Set the fire class; a new plan falls due."""
    fire_class = choice(FireClass, fields.get("fire_class"))
    with page.services.db.write() as session:
        progress.set_class(session, page.services.clock, incident_id, fire_class, page.by)
    return page.done(f"/incidents/{incident_id}")


@router.post("/incidents/{incident_id}/needs")
def adjust_needs(incident_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Set what the fire is to get, or go back to its card; a new plan falls due."""
    services, card = page.services, "by_card" in fields
    given = {name.removeprefix("need-"): text for name, text in fields.items() if name.startswith("need-")}
    new = None if card else {name: whole_number(f"needs.{name}", text) for name, text in given.items()}
    with services.db.write() as session:
        needs.adjust(session, services.clock, services.book, incident_id, new, page.by)
    return page.done(f"/incidents/{incident_id}#plan")


@router.post("/incidents/{incident_id}/stake")
def set_stake(incident_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Set what is at stake; a new plan falls due."""
    services, stake = page.services, fields.get("stake") or None
    with services.db.write() as session:
        needs.set_stake(session, services.clock, services.book, incident_id, stake, page.by)
    return page.done(f"/incidents/{incident_id}#plan")


@router.post("/incidents/{incident_id}/notices/{agency_id}/acknowledge")
def acknowledge(incident_id: RowId, agency_id: SlugPath, page: ActingPage) -> Response:
    """Put on record that an agency answered by phone."""
    with page.services.db.write() as session:
        notices.acknowledge(session, page.services.clock, incident_id, agency_id, page.by)
    return page.done(f"/incidents/{incident_id}#board")


@router.post("/incidents/{incident_id}/plan")
def plan_again(incident_id: RowId, page: ActingPage) -> Response:
    """Ask for a new plan; a job makes it within a second or two."""
    with page.services.db.write() as session:
        planning.request_plan(session, page.services.clock, incident_id, page.by)
    return page.done(f"/incidents/{incident_id}#plan")


@router.post("/incidents/{incident_id}/plans/{plan_id}/confirm")
def confirm(incident_id: RowId, plan_id: RowId, page: ActingPage) -> Response:
    """Confirm a plan: its orders go out."""
    with page.services.db.write() as session:
        orders.confirm(session, page.services.clock, page.services.book, plan_id, page.by)
    return page.done(f"/incidents/{incident_id}#orders")


@router.post("/incidents/{incident_id}/plans/{plan_id}/override")
def change_by_hand(incident_id: RowId, plan_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Propose a plan without some of its vehicles and with another, for a reason."""
    leave_out = {name.removeprefix("leave-") for name in fields if name.startswith("leave-")}
    vehicle, crew = fields.get("vehicle", ""), fields.get("crew") or None
    if crew and not vehicle:
        raise BadInput("vehicle: choose the vehicle that picks the crew up")
    send = [Sent(vehicle, crew)] if vehicle else []
    reason = fields.get("reason", "")[:200]
    with page.services.db.write() as session:
        override(session, page.services.clock, plan_id, leave_out, send, reason, page.by)
    return page.done(f"/incidents/{incident_id}#plan")


@router.post("/incidents/{incident_id}/orders/{order_id}/state")
def advance(incident_id: RowId, order_id: RowId, page: ActingPage, fields: FormFields) -> Response:
    """Take an order to its next state."""
    new = choice(OrderState, fields.get("state"))
    reason = fields.get("reason", "").strip()[:200] or None
    if new is OrderState.DECLINED and reason is None:
        raise BadInput("reason: say why the order was declined")
    with page.services.db.write() as session:
        orders.advance(session, page.services.clock, order_id, new, page.by, reason)
    return page.done(f"/incidents/{incident_id}#orders")


@router.post("/incidents/{incident_id}/orders/{order_id}/heard")
def hear(incident_id: RowId, order_id: RowId, page: ActingPage) -> Response:
    """Put on record that an order's people were heard of."""
    with page.services.db.write() as session:
        contact.hear(session, page.services.clock, order_id, page.by)
    return page.done(f"/incidents/{incident_id}#orders")


@router.post("/incidents/{incident_id}/orders/{order_id}/return")
def return_to_pool(incident_id: RowId, order_id: RowId, page: ActingPage) -> Response:
    """Make the vehicle and crews of a released order available again."""
    with page.services.db.write() as session:
        orders.return_to_pool(session, page.services.clock, page.services.book, order_id, page.by)
    return page.done(f"/incidents/{incident_id}#orders")


@router.post("/incidents/{incident_id}/reports/{report_id}/detach")
def detach(incident_id: RowId, report_id: RowId, page: ActingPage) -> Response:
    """Take a report out: it is another fire."""
    del incident_id
    with page.services.db.write() as session:
        opened = intake.detach(session, page.services.clock, page.services.book, report_id, page.by)
    return page.done(f"/incidents/{opened.id}")
