"""What the provider says of its own accord: in any order, again and again, before its answer to us or not at all.

Every word is kept, once. A message goes by the highest of them, so that their order and their number change nothing;
one that is being sent is left alone until its sender is done with it, and settled then.
"""

from datetime import datetime, timedelta
from functools import reduce
from typing import Final

from sqlalchemy import ColumnElement, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from firewatch.db import in_turn
from firewatch.messaging import alarms, conclude
from firewatch.messaging.channels import Seen
from firewatch.messaging.models import CallbackRefusal, Message, MessageCallback, MessageState
from firewatch.messaging.transitions import later_status
from firewatch.rulebook.messages import Messages

NOT_YET = frozenset({MessageState.DUE, MessageState.SENDING, MessageState.SUPERSEDED})
"""States of a message that nothing is settled of."""

PILE: Final = 10
PILE_SPAN: Final = timedelta(hours=1)
"""So many refused requests in so long are no accident: our address or token is wrong, or somebody forges them."""


def take(session: Session, now: datetime, seen: Seen, message_id: int | None, rules: Messages) -> None:
    """Keep what the provider says; `message_id` is ours, None where the callback names none that there is."""
    named = session.get(Message, message_id) if message_id is not None else None
    row = MessageCallback(
        provider_id=seen.provider_id[: conclude.LONGEST_ID],
        status=seen.status[: conclude.LONGEST_STATUS],
        error=seen.error[: conclude.LONGEST_ERROR] if seen.error else None,
        message_id=named.id if named is not None else None,
        received_at=now,
    )
    if not _put(session, row):
        return
    known = named or session.exec(select(Message).where(Message.provider_id == row.provider_id)).first()
    if known is not None:
        settle(session, now, known.id or 0, rules)


def settle(session: Session, now: datetime, message_id: int, rules: Messages) -> bool:
    """Let a message go by what was said of it; return whether anything was that is news."""
    # Held until the end: of two callbacks in one moment the second sees what the first has said.
    # Rows that refer to it may still be written meanwhile, or two callbacks would wait for each other.
    message = session.get(Message, message_id, with_for_update={"key_share": True}, populate_existing=True)
    if message is None or message.state in NOT_YET:
        return False
    said = list(session.exec(select(MessageCallback).where(_of(message)).order_by(col(MessageCallback.id))))
    if not said:
        return False
    best = reduce(later_status, (row.status for row in said))
    told = next(row for row in said if row.status == best)
    is_news = later_status(message.provider_status, best) != message.provider_status
    if message.state is not MessageState.UNKNOWN and not is_news:
        return False
    seen = Seen(message.provider_id or told.provider_id, best, told.error)
    return conclude.adopt(session, now, message, seen, rules)


def refused(session: Session, now: datetime, hook: str) -> None:
    """Count a request that did not carry the provider's signature; when they pile up it is an alarm."""
    in_turn(session, "refused callbacks")
    row = session.get(CallbackRefusal, hook, populate_existing=True)
    if row is None:
        row = CallbackRefusal(hook=hook, last_at=now)
        session.add(row)
    row.times, row.last_at = row.times + 1, now
    if row.pile_at is None or now - row.pile_at >= PILE_SPAN:
        row.pile, row.pile_at = 0, now
    row.pile += 1
    if row.pile % PILE == 0:
        said = {"hook": hook, "times": str(row.pile)}
        alarms.raise_alarm(session, now, "callbacks_refused", f"callbacks_refused:{hook}", said)
    session.flush()


def refusals(session: Session) -> list[CallbackRefusal]:
    """Return what was refused, by webhook."""
    return list(session.exec(select(CallbackRefusal).order_by(CallbackRefusal.hook)))


def _of(message: Message) -> ColumnElement[bool]:
    mine = col(MessageCallback.message_id) == message.id
    return or_(mine, col(MessageCallback.provider_id) == message.provider_id) if message.provider_id else mine


def _put(session: Session, row: MessageCallback) -> bool:
    """Write a row; False when the provider has said so before."""
    there = select(MessageCallback.id).where(
        MessageCallback.provider_id == row.provider_id, MessageCallback.status == row.status
    )
    if session.exec(there).first() is not None:
        return False
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:  # twice in the same moment
        return False
    return True
