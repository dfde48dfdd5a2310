"""When those who are out were last heard of: a crew that says nothing for long may need help.

A word of them is a step of their order, a text that answers it, a place they or somebody for them told, or the
officer's own note that they were heard on the radio or by phone.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from firewatch.clock import Clock
from firewatch.dispatch.models import Order, OrderState
from firewatch.errors import Conflict, NotFound
from firewatch.incidents.timeline import entries, record
from firewatch.messaging.models import InboundMessage, Message, SubjectKind
from firewatch.resources.models import Crew, Vehicle

OUT: Final = frozenset({OrderState.EN_ROUTE, OrderState.ON_SCENE})
"""States in which people are on the road or at the fire."""


def last_heard(session: Session, orders: Sequence[Order]) -> dict[int, datetime]:
    """Return, of some orders of one incident whose people are out, when they were last heard of."""
    out = [order for order in orders if order.state in OUT]
    last = {order.id or 0: order.state_at for order in out}
    for number, at in [*_noted(session, out), *_texted(session, last), *_placed(session, out)]:
        if number in last:
            last[number] = max(last[number], at)
    return last


def _noted(session: Session, out: Sequence[Order]) -> Iterable[tuple[int, datetime]]:
    for incident_id in {order.incident_id for order in out}:
        for entry in entries(session, incident_id):
            if entry.kind == "order_heard":
                yield int(entry.data["order"]), entry.at


def _texted(session: Session, numbers: Iterable[int]) -> Iterable[tuple[int, datetime]]:
    answers = (
        select(Message.subject_id, InboundMessage.received_at)
        .join(Message, col(Message.id) == col(InboundMessage.message_id))
        .where(Message.subject_kind == SubjectKind.ORDER, col(Message.subject_id).in_(list(numbers)))
    )
    return session.exec(answers).all()


def _placed(session: Session, out: Sequence[Order]) -> Iterable[tuple[int, datetime]]:
    for order in out:
        for row in (session.get(Vehicle, order.vehicle_id), *(session.get(Crew, name) for name in order.crews)):
            if row is not None and row.fix_at is not None:
                yield order.id or 0, row.fix_at


def hear(session: Session, clock: Clock, order_id: int, by: str) -> Order:
    """Put on record that an order's people were heard of just now. Raises NotFound, Conflict when they are not out."""
    order = session.get(Order, order_id)
    if order is None:
        raise NotFound(f"there is no order {order_id}")
    if order.state not in OUT:
        raise Conflict(f"order {order_id} is {order.state}: its people are not out")
    record(session, order.incident_id, clock.now(), "order_heard", by, order=str(order_id))
    session.flush()
    return order
