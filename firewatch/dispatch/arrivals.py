"""Arrivals that are reported correct the speeds by road: taken in once and kept; the last ones count.

Only a drive straight to the fire counts: with stops elsewhere nobody knows how long people waited or loaded. It is
the time from "en route" to "on scene" less the way to the road and the walk; beside it stands the same drive at the
configured speeds.
"""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from firewatch.dispatch import assumed
from firewatch.dispatch.models import Order, OrderState, RoadArrival
from firewatch.dispatch.standing import closures
from firewatch.dispatch.travel import Travel
from firewatch.incidents import timeline
from firewatch.incidents.models import Incident
from firewatch.resources.models import Crew, Depot, ResourceKind, Vehicle
from firewatch.resources.whereabouts import Place
from firewatch.roads.calibration import Arrival, Correction, correction

LAST: Final = 200
"""Arrivals that count, the newest: roads and vehicles change."""


def due(session: Session) -> list[int]:
    """Return the orders whose people are there and whose drive has not been looked at, by number."""
    looked_at = select(RoadArrival.order_id)
    there = select(Order.id).where(Order.state == OrderState.ON_SCENE, col(Order.id).not_in(looked_at))
    return [number for number in session.exec(there.order_by(col(Order.id))) if number is not None]


def take_in(session: Session, order_id: int, travel: Travel) -> RoadArrival | None:
    """Put an order's drive on record, even one that tells nothing; None when somebody else has just done so."""
    order = session.get_one(Order, order_id)
    if session.get(RoadArrival, order_id) is not None:
        return None
    row = RoadArrival(order_id=order_id, arrived_at=order.state_at)
    set_out, vehicle = _set_out_at(session, order), session.get_one(Vehicle, order.vehicle_id)
    incident = session.get_one(Incident, order.incident_id)
    start = _start(session, order, vehicle)
    fire = incident.lat, incident.lon
    own = travel.of_class(vehicle.speed_class)
    drive = own.drive(start, fire, closures(session)) if start is not None else None
    if drive is not None and set_out is not None:
        row.by_class, row.off_road = dict(drive.by_class), drive.off_road
        row.took = (order.state_at - set_out).total_seconds() / 60 - drive.off_road
    session.add(row)
    session.flush()
    return row


def known(session: Session) -> list[Arrival]:
    """Return the last arrivals that tell something, the newest first."""
    query = select(RoadArrival).where(col(RoadArrival.took).is_not(None))
    rows = session.exec(query.order_by(col(RoadArrival.arrived_at).desc(), col(RoadArrival.order_id)).limit(LAST))
    return [Arrival(row.by_class, row.took) for row in rows if row.took is not None]


def corrected(session: Session) -> Correction:
    """Return what the last arrivals say of the speeds."""
    return correction(known(session))


def _start(session: Session, order: Order, vehicle: Vehicle) -> Place | None:
    """Return where everybody and everything of an order was planned to set out from; None when not from one spot."""
    was = assumed.by_plan(session, [order.plan_id])[order.plan_id]
    start = was.get((ResourceKind.VEHICLE, vehicle.id), (vehicle.lat, vehicle.lon))
    for stop in order.stops:
        row = session.get(Crew, stop) or session.get_one(Depot, stop)
        if was.get((ResourceKind.CREW, row.id), (row.lat, row.lon)) != start:
            return None
    return start


def _set_out_at(session: Session, order: Order) -> datetime | None:
    steps = timeline.entries(session, order.incident_id)
    told = {"order": str(order.id), "state": str(OrderState.EN_ROUTE)}
    return next(
        (each.at for each in steps if each.kind == "order_advanced" and told.items() <= each.data.items()), None
    )
