"""How a drill went, out of its record: for each fire, how many minutes after the report each thing was done.

None means that it was not done. A text that the drill held back counts from when it would have left: the agency was
played at the console.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from firewatch.dispatch import orders
from firewatch.dispatch.models import Order, OrderState, Plan
from firewatch.incidents import notices, timeline
from firewatch.incidents.models import AgencyNotice, Incident, TimelineEntry
from firewatch.messaging.models import Message, MessageState, SubjectKind

TAKEN_ON: Final = (OrderState.ACKNOWLEDGED, OrderState.EN_ROUTE, OrderState.ON_SCENE)
"""States of an order each of which says that its agency knows of it."""


@dataclass(frozen=True)
class AgencyScore:
    """How soon an agency was told of a fire and said so. Minutes after the report."""

    agency_id: str
    told: float | None
    played: bool
    """No text left: nobody there has agreed to get those of drills."""
    acknowledged: float | None
    by: str | None
    step: int
    """Of the escalation, that it came to."""


@dataclass(frozen=True)
class OrderScore:
    """How soon an order was taken on and carried out. Minutes after the report."""

    order_id: int
    vehicle_id: str
    agency_id: str
    ordered: float
    acknowledged: float | None
    en_route: float | None
    on_scene: float | None
    declined: float | None


@dataclass(frozen=True)
class FireScore:
    """One fire of a drill."""

    incident: Incident
    planned: float | None
    confirmed: float | None
    agencies: Sequence[AgencyScore]
    orders: Sequence[OrderScore]

    @property
    def silent(self) -> list[str]:
        """The agencies that did not answer."""
        return [each.agency_id for each in self.agencies if each.acknowledged is None]


def scores(session: Session) -> list[FireScore]:
    """Return the score of every fire, in the order in which they were reported."""
    return [_score(session, fire) for fire in session.exec(select(Incident).order_by(col(Incident.id)))]


def _score(session: Session, fire: Incident) -> FireScore:
    number, entries = fire.id or 0, timeline.entries(session, fire.id or 0)
    plans = session.exec(select(Plan).where(Plan.incident_id == number)).all()
    texts = session.exec(
        select(Message).where(Message.subject_kind == SubjectKind.INCIDENT, Message.subject_id == number)
    ).all()
    return FireScore(
        incident=fire,
        planned=_minutes(fire, [plan.made_at for plan in plans]),
        confirmed=_minutes(fire, [plan.confirmed_at for plan in plans]),
        agencies=[
            _agency(fire, notice, [text for text in texts if text.agency_id == notice.agency_id])
            for notice in notices.notices(session, number)
        ],
        orders=[_order(fire, order, entries) for order in orders.orders(session, number)],
    )


def _agency(fire: Incident, notice: AgencyNotice, texts: Sequence[Message]) -> AgencyScore:
    left = [text.finished_at if text.state is MessageState.HELD else text.handed_over_at for text in texts]
    return AgencyScore(
        agency_id=notice.agency_id,
        told=_minutes(fire, left),
        played=bool(texts) and all(text.state is MessageState.HELD for text in texts),
        acknowledged=_minutes(fire, [notice.acknowledged_at]),
        by=notice.acknowledged_by,
        step=notice.step,
    )


def _order(fire: Incident, order: Order, entries: Sequence[TimelineEntry]) -> OrderScore:
    steps = [
        (each.data["state"], each.at)
        for each in entries
        if each.kind == "order_advanced" and each.data["order"] == str(order.id)
    ]

    def first(*states: OrderState) -> float | None:
        return _minutes(fire, [at for state, at in steps if state in states])

    return OrderScore(
        order_id=order.id or 0,
        vehicle_id=order.vehicle_id,
        agency_id=order.agency_id,
        ordered=(order.ordered_at - fire.opened_at).total_seconds() / 60,
        acknowledged=first(*TAKEN_ON),
        en_route=first(OrderState.EN_ROUTE),
        on_scene=first(OrderState.ON_SCENE),
        declined=first(OrderState.DECLINED),
    )


def _minutes(fire: Incident, instants: Sequence[datetime | None]) -> float | None:
    """Return the minutes from the report to the first of some instants; None where there is none."""
    known = [at for at in instants if at is not None]
    return (min(known) - fire.opened_at).total_seconds() / 60 if known else None
