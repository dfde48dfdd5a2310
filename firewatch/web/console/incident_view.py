"""One fire on one page: its board of agencies, plan, orders, reports, messages, record and map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlmodel import Session

from firewatch import geo
from firewatch.agencies.roster import by_agency
from firewatch.clock import local_day
from firewatch.danger.assess import grades_on
from firewatch.dispatch import contact, proposals, take_in
from firewatch.dispatch import orders as dispatch_orders
from firewatch.dispatch.models import UNDER_WAY, Order, OrderState, Plan
from firewatch.dispatch.standing import in_force
from firewatch.hotspots import tickets
from firewatch.hotspots.models import HotspotTicket
from firewatch.incidents import intake, lifecycle, notices, places, progress
from firewatch.incidents.models import FireReport, Incident, IncidentState
from firewatch.rulebook.read import Rulebook
from firewatch.web.console import (
    cartography,
    command_view,
    extent_view,
    ground_view,
    needs_view,
    photos_view,
    plan_view,
    record_view,
)
from firewatch.web.console.board_view import BoardRow, board
from firewatch.web.console.fires import load_fires
from firewatch.web.console.message_view import InboundRow, MessageRow, inbound_rows, message_rows, messages_of
from firewatch.web.console.page import Page
from firewatch.web.console.situation_view import FireCard, fire_card
from firewatch.web.console.speech import Names, Speech, load_names


@dataclass(frozen=True)
class OrderRow:
    """An order and the states it may go to."""

    order: Order
    vehicle: str
    agency: str
    stops: Sequence[str]
    load: Mapping[str, int]
    next_states: Sequence[OrderState]
    late: bool
    waiting: int
    """How many of a released order wait to be returned to the pool: the vehicle and its crews."""
    heard_at: datetime | None
    """When its people, if they are out, were last heard of."""
    silence: str


@dataclass(frozen=True)
class IncidentView:
    """Everything on the page."""

    incident: Incident
    card: FireCard
    dms: str
    near: str
    """Where it is from the nearest place that people call by name; empty: none is near."""
    next_states: Sequence[IncidentState]
    over: bool
    board: Sequence[BoardRow]
    plan: plan_view.PlanView | None
    needs: needs_view.NeedsView
    command: Sequence[command_view.PostRow]
    orders: Sequence[OrderRow]
    reports: Sequence[FireReport]
    hotspots: Sequence[HotspotTicket]
    messages: Sequence[MessageRow]
    inbound: Sequence[InboundRow]
    record: Sequence[record_view.Line]
    photos: Sequence[photos_view.PhotoCard]
    extent: extent_view.ExtentView
    map: Markup
    ground: ground_view.GroundView
    names: Names


def build(session: Session, page: Page, incident_id: int) -> IncidentView:
    """Read one incident. Raises NotFound."""
    speech, book = page.speech, page.services.book
    incident = progress.get(session, incident_id)
    names = load_names(session, book, speech)
    messages = messages_of(session, incident_id=incident_id)
    plan = proposals.in_force(session, incident_id)
    orders = dispatch_orders.orders(session, incident_id)
    return IncidentView(
        incident=incident,
        card=fire_card(load_fires(session, [incident]), names, incident),
        dms=geo.to_dms(incident.lat, incident.lon),
        near=_near(book, incident, speech),
        next_states=lifecycle.NEXT[incident.state],
        over=incident.state in lifecycle.ENDED,
        board=board(
            speech,
            names,
            notices.notices(session, incident_id),
            messages,
            orders,
            by_agency(session),
        ),
        plan=plan_view.build(session, page, names, plan) if plan else None,
        needs=needs_view.build(session, page, incident),
        command=command_view.build(session, page, names, incident_id),
        orders=_orders(session, page, names, orders),
        reports=intake.reports(session, incident_id),
        hotspots=tickets.of_incident(session, incident_id),
        messages=message_rows(speech, names, messages),
        inbound=inbound_rows(speech, names, take_in.of_incident(session, incident_id)),
        record=record_view.build(session, speech, names, incident_id),
        photos=photos_view.build(session, speech, incident),
        extent=extent_view.build(session, page, incident),
        map=_map(session, page, names, incident, orders, plan),
        ground=ground_view.view(page),
        names=names,
    )


def _near(book: Rulebook, incident: Incident, speech: Speech) -> str:
    near = places.nearest(book.places, incident.lat, incident.lon)
    return places.in_words(near, speech.lang) if near else ""


def _orders(session: Session, page: Page, names: Names, orders: Sequence[Order]) -> list[OrderRow]:
    heard = contact.last_heard(session, orders)
    return [_order(session, page, names, order, heard.get(order.id or 0)) for order in orders]


def _order(session: Session, page: Page, names: Names, order: Order, heard_at: datetime | None) -> OrderRow:
    under_way = order.state in UNDER_WAY and order.state != OrderState.ON_SCENE
    return OrderRow(
        order=order,
        vehicle=names.resource(order.vehicle_id),
        agency=names.agency(order.agency_id),
        stops=[names.resource(stop) for stop in order.stops],
        load=plan_view.added_up(order.load),
        next_states=dispatch_orders.NEXT[order.state],
        late=under_way and order.eta_at < page.speech.now,
        waiting=len(dispatch_orders.waiting(session, order)),
        heard_at=heard_at,
        silence=_silence(page, heard_at),
    )


def _silence(page: Page, heard_at: datetime | None) -> str:
    """Return how a silence is marked: not at all, "warn", or "bad"."""
    if heard_at is None:
        return ""
    minutes = (page.speech.now - heard_at).total_seconds() / 60
    warn, bad = page.services.book.dispatch.silent_minutes
    return "bad" if minutes >= bad else "warn" if minutes >= warn else ""


def _map(
    session: Session, page: Page, names: Names, incident: Incident, orders: Sequence[Order], plan: Plan | None
) -> Markup:
    """Return the map with the ways of the orders, or of the proposal as long as there are none."""
    speech, book = page.speech, page.services.book
    today = local_day(speech.now, book.alliance.tz)
    grades = grades_on(session, today, book.danger.scheme)
    going = [row for row in orders if row.state in UNDER_WAY]
    starts = cartography.starts(session, [row.plan_id for row in going] + ([plan.id or 0] if plan else []))
    lines = cartography.order_lines(starts, speech, names, incident, going)
    if not lines and plan is not None:
        at = starts.of(plan.id or 0)
        lines = [
            cartography.trip_line(at, names, incident, trip["vehicle"], trip["stops"], speech.span(trip["arrives"]))
            for trip in plan.trips
        ]
    marks = [
        *cartography.resource_marks(session, speech, book.resources),
        *cartography.incident_marks(speech, [incident]),
        *cartography.closure_marks(speech, in_force(session)),
    ]
    return cartography.draw_map(speech, book, grades, marks, lines, ground=ground_view.view(page))
