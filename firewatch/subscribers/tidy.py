"""What is kept no longer than needed: wishes nobody confirmed, what was sent, addresses that do not exist."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists
from sqlmodel import Session, col, delete, select

from firewatch.db import in_turn
from firewatch.messaging import provider_errors, smtp_replies
from firewatch.messaging.models import Message, MessageCallback, MessageState
from firewatch.messaging.transitions import UNFINISHED, FailureKind
from firewatch.rulebook.bulletins import Subscribers
from firewatch.subscribers.consent import DAY, LIVE, TURN, end
from firewatch.subscribers.models import Ending, Subscription, SubscriptionState

REFUSALS: Final = 3
"""So many times in a row an address is refused for good before it is given up: a server may be set up wrongly."""
ENDED: Final = (MessageState.DEAD, MessageState.UNDELIVERABLE)


def tidy(session: Session, now: datetime, rules: Subscribers) -> int:
    """End what was not confirmed in time and what cannot be reached, forget what is old; return how many ended."""
    in_turn(session, TURN)
    ended = 0
    for row in session.exec(select(Subscription).where(col(Subscription.state).in_(LIVE))).all():
        why = _why_to_end(session, now, row)
        if why is not None:
            end(session, now, row, why)
            ended += 1
    _forget(session, now - timedelta(days=rules.keep_days))
    return ended


def _why_to_end(session: Session, now: datetime, row: Subscription) -> Ending | None:
    """Return why a subscription is over; None for one that is not.

    A wish that was not confirmed stays for a day more: by it the codes that an address was sent are counted.
    """
    if row.state is SubscriptionState.PENDING:
        late = row.expires_at is None or row.expires_at <= now - DAY
        return Ending.UNCONFIRMED if late else None
    return Ending.REFUSED if _is_refused(session, row) else None


def _is_refused(session: Session, row: Subscription) -> bool:
    """Return whether the provider tells that an address stopped us, or the last messages that it does not exist."""
    known = select(Message.state, Message.error).where(
        Message.subscription_id == row.id, col(Message.state).not_in([*UNFINISHED, MessageState.SUPERSEDED])
    )
    last = session.exec(known.order_by(col(Message.id).desc()).limit(REFUSALS)).all()
    kinds = [_kind(error) if state in ENDED else None for state, error in last]
    return FailureKind.OPTED_OUT in kinds or kinds == [FailureKind.NUMBER] * REFUSALS


def _kind(error: str | None) -> FailureKind | None:
    return smtp_replies.kind_of(error) or provider_errors.kind_of(error)


def _forget(session: Session, before: datetime) -> None:
    """Delete what was sent to subscribers, and the subscriptions that ended, before an instant."""
    old = select(Message.id).where(
        col(Message.subscription_id).is_not(None),
        col(Message.created_at) < before,
        col(Message.state).not_in(UNFINISHED),
    )
    session.exec(delete(MessageCallback).where(col(MessageCallback.message_id).in_(old)))
    session.exec(delete(Message).where(col(Message.id).in_(old)))
    about = exists().where(col(Message.subscription_id) == col(Subscription.id))
    over = col(Subscription.state) == SubscriptionState.ENDED
    session.exec(delete(Subscription).where(over, col(Subscription.ended_at) < before, ~about))
