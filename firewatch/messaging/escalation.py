"""When the next step with somebody who does not answer comes. The rule for fires and for orders alike.

It comes after its time; at once when nothing of the last step gets through; and never before people have had the time
they are due: a text that left late, after an outage, gives its reader the whole wait. A timer is an instant on the
service's clock: where that was set back, what seems to lie ahead too far waits its wait from now on, and no longer.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlmodel import Session, col, func, select

from firewatch.messaging.models import Message, MessageState
from firewatch.rulebook.messages import Messages

PUT_OFF: Final = timedelta(minutes=5)
"""After which a step that failed is tried again."""
LATE: Final = timedelta(minutes=1)
"""How much later than its step a text may leave without anybody being given more time."""
LOOK_AGAIN: Final = timedelta(seconds=5)
FAILED: Final = (MessageState.DEAD, MessageState.UNDELIVERABLE)


def after(now: datetime, wait: timedelta | None) -> datetime | None:
    """Return the instant of the next step; None where there is none."""
    return None if wait is None else now + wait


def is_due(now: datetime, rules: Messages, next_step_at: Any, *mine: ColumnElement[bool]) -> ColumnElement[bool]:  # noqa: ANN401 - a column
    """Return the condition that a step is to be looked at; `mine` tells the messages of the step before it."""
    failed = col(Message.state).in_(FAILED)
    in_vain = and_(exists().where(*mine, failed), ~exists().where(*mine, ~failed))
    return and_(
        col(next_step_at).is_not(None),
        or_(col(next_step_at) <= now, col(next_step_at) > _farthest(now, rules), in_vain),
    )


def later(
    session: Session, now: datetime, rules: Messages, step: int, due_at: datetime, *mine: ColumnElement[bool]
) -> datetime | None:
    """Return until when the step after `step`, which is to be looked at, waits all the same; None: not at all."""
    wait = rules.wait_after(step)
    if wait is None:
        return None
    if due_at > _farthest(now, rules):
        return now + wait
    under_way = select(Message.id).where(*mine, Message.state == MessageState.SENDING)
    if session.exec(under_way).first() is not None:
        return now + LOOK_AGAIN
    left = select(func.max(col(Message.handed_over_at))).where(*mine, col(Message.state).not_in(FAILED))
    left_at: datetime | None = session.exec(left).one()
    if left_at is None or left_at <= due_at - wait + LATE or left_at + wait <= now:
        return None
    return left_at + wait


def _farthest(now: datetime, rules: Messages) -> datetime:
    """Return the instant beyond which no timer is set."""
    return now + max(rules.longest_wait, PUT_OFF) + LATE
