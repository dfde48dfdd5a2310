"""How long the queue of texts to the alliance is, and when its last one is out at the rate of the sender.

Texts to subscribers stand behind all of them, and are counted apart.

A sender sends so many segments a second, and the provider holds what comes faster: a text it has taken but not passed
on still waits.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from firewatch.messaging.channels import SMS
from firewatch.messaging.models import Alarm, Message, MessageState
from firewatch.messaging.outbox import to_the_alliance
from firewatch.messaging.texts import segments
from firewatch.messaging.transitions import RANK
from firewatch.rulebook.messages import Messages

WITH_US: Final = (MessageState.DUE, MessageState.SENDING, MessageState.UNKNOWN)
WITH_THEM: Final = sorted(status for status, rank in RANK.items() if rank < RANK["sent"])
"""What the provider says of a text that it has taken and not passed on."""
AT_MOST: Final = timedelta(hours=10)
"""The longest a provider keeps a text for: after that it waits no more, whatever was said of it last."""
STANDS_STILL: Final = ("channel_held", "channel_down")


@dataclass(frozen=True)
class Queue:
    """The texts that wait, with us and at the provider."""

    waiting: int
    segments: int
    ends_at: datetime | None
    """About when the last one is out; None when none waits, and while nothing goes out."""
    stands_still: bool
    """Whether the provider takes nothing just now: there is an alarm for that."""


def standing(session: Session, now: datetime, rules: Messages) -> Queue:
    """Count what waits, and reckon when the last of it is out."""
    with_them = and_(
        col(Message.state) == MessageState.HANDED_OVER,
        col(Message.provider_status).in_(WITH_THEM),
        col(Message.handed_over_at) > now - AT_MOST,
    )
    waits = and_(col(Message.channel) == SMS, or_(col(Message.state).in_(WITH_US), with_them))
    ours = to_the_alliance()
    parts = [segments(body) for body in session.exec(select(Message.body).where(waits, ours))]
    due = (Message.channel == SMS, Message.state == MessageState.DUE, ours)
    last_due = session.exec(select(func.max(col(Message.due_at))).where(*due)).one()
    still = session.exec(select(Alarm.id).where(col(Alarm.kind).in_(STANDS_STILL), col(Alarm.closed_at).is_(None)))
    stands_still = still.first() is not None
    ends_at = now + timedelta(seconds=sum(parts) / rules.sender_per_second)
    if last_due is not None:
        ends_at = max(ends_at, last_due)
    return Queue(len(parts), sum(parts), ends_at if parts and not stands_still else None, stands_still)
