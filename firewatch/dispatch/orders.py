"""A plan is confirmed and becomes orders: resources are taken, depots emptied, agencies told, in one transaction."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final

from sqlmodel import Session, col, select

from firewatch.agencies.roster import recipients
from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.dispatch import order_chase, order_texts
from firewatch.dispatch.improve import overtaken_by
from firewatch.dispatch.models import Order, Plan, PlanState
from firewatch.dispatch.models import OrderState as S
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.incidents import lifecycle, progress
from firewatch.incidents.models import IncidentState
from firewatch.incidents.timeline import SYSTEM, record
from firewatch.incidents.withdrawal import withdraw
from firewatch.messaging.escalation import after
from firewatch.messaging.models import SubjectKind
from firewatch.resources.models import Crew, ResourceStatus, Vehicle
from firewatch.resources.status import DISPATCH, find, move, reserve_stock, return_stock
from firewatch.resources.work import rests_until
from firewatch.rulebook.read import Rulebook

NEXT: Final[Mapping[S, tuple[S, ...]]] = {
    S.ORDERED: (S.ACKNOWLEDGED, S.EN_ROUTE, S.DECLINED),
    S.ACKNOWLEDGED: (S.EN_ROUTE, S.DECLINED),
    S.EN_ROUTE: (S.ON_SCENE, S.RELEASED),
    S.ON_SCENE: (S.RELEASED,),
    S.DECLINED: (),
    S.RELEASED: (),
}
_RESOURCES: Final[Mapping[S, ResourceStatus]] = {
    S.EN_ROUTE: ResourceStatus.EN_ROUTE,
    S.ON_SCENE: ResourceStatus.ON_SCENE,
    S.RELEASED: ResourceStatus.RELEASED,
}
"""What an order's step does to its vehicle and crews."""


def orders(session: Session, incident_id: int) -> list[Order]:
    """Return an incident's orders, in the order they were given."""
    return list(session.exec(select(Order).where(Order.incident_id == incident_id).order_by(col(Order.id))))


def confirm(session: Session, clock: Clock, book: Rulebook, plan_id: int, by: str) -> list[Order]:
    """Confirm a proposed plan and give its orders.

    The quick plan may be confirmed though a better one has taken its place: what the officer saw is what he gets.
    Raises NotFound, and Conflict when the plan is no longer the proposal, the incident is over, or somebody in it has
    been taken in the meantime. Other proposals that count on the same people are replaced: new plans are due for them.
    """
    in_turn(session, DISPATCH)
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise NotFound(f"there is no plan {plan_id}")
    better = overtaken_by(session, plan)
    if plan.state != PlanState.PROPOSED and better is None:
        raise Conflict(f"plan {plan_id} is {plan.state}: look at the newest one")
    incident = progress.hold(session, plan.incident_id)
    if incident.state in lifecycle.ENDED:
        raise Conflict("the incident is over: nobody needs to go")
    now = clock.now()
    if better is not None:
        better.state, better.confirm_due_at = PlanState.REPLACED, None
    plan.state, plan.confirmed_at, plan.confirmed_by, plan.confirm_due_at = PlanState.CONFIRMED, now, by, None
    given = [_give(session, clock, book, plan, trip) for trip in plan.trips]
    if given and incident.state in (IncidentState.REPORTED, IncidentState.VERIFIED):
        progress.change_state(session, clock, plan.incident_id, IncidentState.RESPONDING, by)
    record(session, plan.incident_id, now, "plan_confirmed", by, plan=str(plan_id), orders=str(len(given)))
    session.flush()
    for order in given:
        _tell(session, clock, book, order)
    for overtaken in _counting_on(session, {name for order in given for name in (order.vehicle_id, *order.crews)}):
        give_up(session, clock, overtaken)
    return given


def confirm_due(session: Session, clock: Clock) -> list[int]:
    """Return the proposed plans that the configured rule confirms by now."""
    query = select(Plan.id).where(Plan.state == PlanState.PROPOSED, col(Plan.confirm_due_at) <= clock.now())
    return [number for number in session.exec(query.order_by(col(Plan.id))) if number is not None]


def give_up(session: Session, clock: Clock, plan_id: int) -> None:
    """Replace a proposal that cannot be confirmed, because somebody in it was taken; for a fire that burns one is due.

    A plan that was confirmed or replaced in the meantime is left alone.
    """
    in_turn(session, DISPATCH)
    plan = session.get_one(Plan, plan_id)
    if plan.state != PlanState.PROPOSED:
        return
    plan.state, plan.confirm_due_at = PlanState.REPLACED, None
    _plan_again(session, clock, plan.incident_id)
    record(session, plan.incident_id, clock.now(), "plan_overtaken", SYSTEM, plan=str(plan_id))
    session.flush()


def advance(session: Session, clock: Clock, order_id: int, new: S, by: str, reason: str | None = None) -> Order:
    """Take an order to its next state, and its vehicle and crews with it.

    A declined order frees them and makes a new plan due. Raises NotFound, Conflict, and BadInput without a reason.
    """
    in_turn(session, DISPATCH)
    order = get(session, order_id)
    if new not in NEXT[order.state]:
        allowed = ", ".join(NEXT[order.state]) or "nothing"
        raise Conflict(f"order {order_id} is {order.state}: it may become {allowed}")
    reason = (reason or "").strip() or None
    if new == S.DECLINED and reason is None:
        raise BadInput("reason: say why the order is declined")
    now = clock.now()
    order.state, order.state_at, order.reason = new, now, reason
    order_chase.stop(session, now, order, by)
    if new == S.DECLINED:
        _decline(session, clock, order)
    elif new in _RESOURCES:
        for resource in (find(session, name) for name in (order.vehicle_id, *order.crews)):
            move(session, clock, resource, _RESOURCES[new])
    if new == S.RELEASED:
        return_stock(session, order.load)
    if new in (S.DECLINED, S.RELEASED):
        withdraw(session, now, SubjectKind.ORDER, order_id)
    record(session, order.incident_id, now, "order_advanced", by, order=str(order_id), state=new, reason=reason or "")
    session.flush()
    return order


def take_back(session: Session, clock: Clock, book: Rulebook, order: Order, by: str) -> None:
    """Release an order that is under way, whoever has seen it or set out, and tell everybody who was told of it."""
    now = clock.now()
    _release(session, clock, order, set_out=order.state in (S.EN_ROUTE, S.ON_SCENE))
    order.state, order.state_at = S.RELEASED, now
    order_chase.stop(session, now, order, by)
    order_texts.stand_down(session, now, book, order)
    record(session, order.incident_id, now, "order_advanced", by, order=str(order.id), state=S.RELEASED, reason="")
    session.flush()


def waiting(session: Session, order: Order) -> list[Crew | Vehicle]:
    """Return the vehicle and crews of an order that are released or rest: who may be returned to the pool."""
    if order.state != S.RELEASED:
        return []
    sent = (find(session, name) for name in (order.vehicle_id, *order.crews))
    return [row for row in sent if row.status in (ResourceStatus.RELEASED, ResourceStatus.RESTING)]


def return_to_pool(session: Session, clock: Clock, book: Rulebook, order_id: int, by: str) -> Order:
    """Make the vehicle and crews of a released order available again.

    Who is out of service, has gone elsewhere or must rest is left alone. Raises NotFound, and Conflict when the order
    is not released or nobody of it waits and may return.
    """
    in_turn(session, DISPATCH)
    order = get(session, order_id)
    if order.state != S.RELEASED:
        raise Conflict(f"order {order_id} is {order.state}: only a released one's people return to the pool")
    back = waiting(session, order)
    if not back:
        raise Conflict(f"nobody of order {order_id} is waiting to return to the pool")
    rested = [row for row in back if rests_until(session, clock.now(), book.resources, row) is None]
    if not rested:
        raise Conflict(f"everybody of order {order_id} has worked his hours and must rest first")
    for resource in rested:
        move(session, clock, resource, ResourceStatus.AVAILABLE)
    record(session, order.incident_id, clock.now(), "order_returned", by, order=str(order_id), count=str(len(rested)))
    session.flush()
    return order


def get(session: Session, order_id: int) -> Order:
    """Return an order. Raises NotFound."""
    order = session.get(Order, order_id)
    if order is None:
        raise NotFound(f"there is no order {order_id}")
    return order


def _give(session: Session, clock: Clock, book: Rulebook, plan: Plan, trip: Mapping[str, Any]) -> Order:
    now = clock.now()
    vehicle = session.get_one(Vehicle, trip["vehicle"])
    taken: list[Vehicle | Crew] = [vehicle, *(session.get_one(Crew, crew) for crew in trip["crews"])]
    for resource in taken:
        if resource.status != ResourceStatus.AVAILABLE or not resource.active:
            raise Conflict(f"{resource.id} is {resource.status}: ask for a new plan")
        if rests_until(session, now, book.resources, resource) is not None:
            raise Conflict(f"{resource.id} has worked its hours and must rest: ask for a new plan")
        move(session, clock, resource, ResourceStatus.ASSIGNED)
    reserve_stock(session, trip["load"])
    order = Order(
        plan_id=plan.id or 0,
        incident_id=plan.incident_id,
        agency_id=vehicle.agency_id,
        vehicle_id=vehicle.id,
        stops=list(trip["stops"]),
        crews=list(trip["crews"]),
        load=dict(trip["load"]),
        people=trip["people"],
        minutes=trip["arrives"],
        ordered_at=now,
        eta_at=now + timedelta(minutes=trip["arrives"]),
        state_at=now,
        next_step_at=after(now, book.messages.wait_after(1)),
    )
    session.add(order)
    return order


def _decline(session: Session, clock: Clock, order: Order) -> None:
    _release(session, clock, order, set_out=False)
    _plan_again(session, clock, order.incident_id)


def _release(session: Session, clock: Clock, order: Order, *, set_out: bool) -> None:
    """Free an order's people and tools; who has set out is on the way back first, the others are free at once."""
    for resource in (find(session, name) for name in (order.vehicle_id, *order.crews)):
        move(session, clock, resource, ResourceStatus.RELEASED)
        if not set_out:
            move(session, clock, resource, ResourceStatus.AVAILABLE)
    return_stock(session, order.load)


def _plan_again(session: Session, clock: Clock, incident_id: int) -> None:
    incident = progress.hold(session, incident_id)
    if incident.state not in lifecycle.ENDED:
        incident.plan_due_at = clock.now()


def _counting_on(session: Session, taken: Collection[str]) -> list[int]:
    """Return the proposed plans in which one of these vehicles or crews has a place."""
    proposed = session.exec(select(Plan).where(Plan.state == PlanState.PROPOSED).order_by(col(Plan.id)))
    return [
        plan.id or 0
        for plan in proposed
        if any(name in taken for trip in plan.trips for name in (trip["vehicle"], *trip["crews"]))
    ]


def _tell(session: Session, clock: Clock, book: Rulebook, order: Order) -> None:
    """Write one message to every agency that sends somebody or something with this order."""
    told = recipients(session, clock.now(), book.alliance.tz)
    for agency_id in order_texts.agencies(session, order):
        order_texts.tell(session, clock.now(), book, order, told[agency_id].contact)
