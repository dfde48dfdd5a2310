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
from firewatch.dispatch.orders import get
from firewatch.errors import Conflict
from firewatch.incidents.models import TimelineEntry
from firewatch.incidents.timeline import record
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
    fires = {order.incident_id for order in out}
    notes = select(TimelineEntry).where(col(TimelineEntry.incident_id).in_(fires), TimelineEntry.kind == "order_heard")
    return [(int(entry.data["order"]), entry.at) for entry in session.exec(notes)]


def _texted(session: Session, numbers: Iterable[int]) -> Iterable[tuple[int, datetime]]:
    answers = (
        select(Message.subject_id, InboundMessage.received_at)
        .join(Message, col(Message.id) == col(InboundMessage.message_id))
        .where(Message.subject_kind == SubjectKind.ORDER, col(Message.subject_id).in_(list(numbers)))
    )
    return session.exec(answers).all()


def _placed(session: Session, out: Sequence[Order]) -> Iterable[tuple[int, datetime]]:
    vehicles = {order.vehicle_id: order.id or 0 for order in out}
    crews = {name: order.id or 0 for order in out for name in order.crews}
    for table, sent in ((Vehicle, vehicles), (Crew, crews)):
        for name, at in session.exec(select(table.id, table.fix_at).where(col(table.id).in_(sent))):
            if at is not None:
                yield sent[name], at


def hear(session: Session, clock: Clock, order_id: int, by: str) -> Order:
    """Put on record that an order's people were heard of just now. Raises NotFound, Conflict when they are not out."""
    order = get(session, order_id)
    if order.state not in OUT:
        raise Conflict(f"order {order_id} is {order.state}: its people are not out")
    record(session, order.incident_id, clock.now(), "order_heard", by, order=str(order_id))
    session.flush()
    return order
