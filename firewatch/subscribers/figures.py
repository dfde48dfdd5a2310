"""How many have subscribed to what, and how sending to them goes; of anybody only as much as screens may show."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, func, select

from firewatch.messaging.models import Message, MessageState
from firewatch.messaging.outbox import to_the_alliance
from firewatch.messaging.transitions import UNFINISHED
from firewatch.subscribers.consent import LIVE
from firewatch.subscribers.models import Subscription, SubscriptionState, Via

WEEK: Final = timedelta(days=7)
GIVEN_UP: Final = (MessageState.DEAD, MessageState.UNDELIVERABLE)
ALL: Final = ""
"""Stands for all zones."""


@dataclass(frozen=True)
class Sending:
    """How what is sent to subscribers goes."""

    waiting: int
    given_up: int
    """Within a week; nobody is alarmed of any one of them."""
    why: Sequence[tuple[str, int]]
    """The reasons, the most frequent first."""


@dataclass(frozen=True)
class Figures:
    """Subscriptions by how they stand and by zone."""

    active: Mapping[Via, int]
    pending: int
    by_zone: Mapping[str, Mapping[Via, int]]
    """By zone id those who named it, by channel; under `ALL` those who want all zones."""


def sending(session: Session, now: datetime) -> Sending:
    """Count what waits, and what was given up within a week."""
    to_subscribers = ~to_the_alliance()
    waits = select(func.count()).where(to_subscribers, col(Message.state).in_(UNFINISHED))
    lately = col(Message.created_at) > now - WEEK
    lost = select(Message.error).where(to_subscribers, lately, col(Message.state).in_(GIVEN_UP))
    reasons = Counter(error or "" for error in session.exec(lost))
    return Sending(session.exec(waits).one(), reasons.total(), reasons.most_common(5))


def count(session: Session) -> Figures:
    """Count the subscriptions."""
    live = select(Subscription.state, Subscription.via, Subscription.zones).where(col(Subscription.state).in_(LIVE))
    active: Counter[Via] = Counter()
    by_zone: dict[str, Counter[Via]] = {}
    pending = 0
    for state, via, zones in session.exec(live):
        if state is SubscriptionState.PENDING:
            pending += 1
            continue
        way = Via(via)
        active[way] += 1
        for zone in zones or [ALL]:
            by_zone.setdefault(zone, Counter())[way] += 1
    return Figures(active, pending, by_zone)


def newest(session: Session, limit: int) -> list[Subscription]:
    """Return the subscriptions that have not ended, the newest first."""
    query = select(Subscription).where(col(Subscription.state).in_(LIVE))
    return list(session.exec(query.order_by(col(Subscription.id).desc()).limit(limit)))


def of_address(session: Session, via: Via, address: str) -> Subscription | None:
    """Return the subscription of an address, one that is active before one that waits."""
    query = select(Subscription).where(
        Subscription.via == via, Subscription.address == address, col(Subscription.state).in_(LIVE)
    )
    return session.exec(query.order_by(col(Subscription.state)).limit(1)).first()
