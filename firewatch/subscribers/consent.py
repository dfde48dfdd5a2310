"""Nobody is sent anything he has not asked for twice: a wish waits for the code or the link that its address was sent.

Nothing here tells whoever asks whether an address is known: the answer is the same, and what is said goes to the
address. When a subscription ends its address and its key are erased at once, from what was sent to it too.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import structlog
from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, func, select

from firewatch import i18n
from firewatch.db import in_turn
from firewatch.errors import NotFound, Unavailable
from firewatch.messaging import outbox
from firewatch.messaging.channels import SMS
from firewatch.messaging.models import Message, SubjectKind
from firewatch.rulebook.read import Rulebook
from firewatch.subscribers import tokens
from firewatch.subscribers.models import Ending, Subscription, SubscriptionState, Via

log = structlog.get_logger(__name__)
PRIORITY: Final = 8
"""Behind all that goes to the alliance; before the digests, for somebody waits at the page."""
TURN: Final = "subscriptions"
DAY: Final = timedelta(days=1)
TRIES: Final = 5
"""Wrong codes, until another has to be sent."""
HIDDEN: Final = "*" * tokens.DIGITS
"""Stands for the code in what is kept of a text."""
TIME: Final = {"zh": "M月d日HH:mm", "en": "d MMM HH:mm"}
LIVE: Final = (SubscriptionState.PENDING, SubscriptionState.ACTIVE)


class Done(StrEnum):
    """What a right code did."""

    CONFIRMED = "confirmed"
    LEFT = "left"


@dataclass(frozen=True)
class Wish:
    """What somebody asks for. The address stays out of `repr`, hence out of logs."""

    via: Via
    address: str = field(repr=False)
    lang: str
    zones: Sequence[str]
    """Ids; none: all."""
    min_grade: int


def ask(session: Session, now: datetime, book: Rulebook, wish: Wish) -> None:
    """Write down a wish, in place of one that waits, and send what confirms it.

    Raises Unavailable when too many texts with codes went out lately, whoever asked for them.
    """
    in_turn(session, TURN)
    row = _of(session, wish.via, wish.address, SubscriptionState.PENDING)
    if row is None:
        key = secrets.token_urlsafe(32)
        row = Subscription(via=wish.via, address=wish.address, lang=wish.lang, key=key, created_at=now)
    row.lang, row.zones, row.min_grade = wish.lang, list(wish.zones), wish.min_grade
    session.add(row)
    session.flush()
    _send_code(session, now, book, row, "subscribe")


def ask_to_leave(session: Session, now: datetime, book: Rulebook, via: Via, address: str) -> None:
    """Send the address, if it is subscribed, what ends that. Raises Unavailable as `ask`."""
    in_turn(session, TURN)
    row = _of(session, via, address, SubscriptionState.ACTIVE)
    if row is not None:
        row.leaving = True
        _send_code(session, now, book, row, "unsubscribe")


def by_token(session: Session, now: datetime, given: str) -> Subscription:
    """Return the subscription of a link. Raises NotFound when it has ended, or was not confirmed in time."""
    number = tokens.number_in(given)
    row = session.get(Subscription, number, populate_existing=True) if number and number < 2**31 else None
    if row is not None and row.state in LIVE and tokens.is_token(given, number_of(row), row.key):
        in_time = row.expires_at is not None and row.expires_at > now
        if row.state is SubscriptionState.ACTIVE or in_time:
            return row
    raise NotFound("this link is of no subscription, or of one that has ended")


def confirm(session: Session, now: datetime, given: str) -> Subscription:
    """Confirm the subscription of a link; again changes nothing. Raises NotFound."""
    in_turn(session, TURN)
    row = by_token(session, now, given)
    _activate(session, now, row)
    return row


def leave(session: Session, now: datetime, given: str) -> None:
    """End the subscription of a link. Raises NotFound."""
    in_turn(session, TURN)
    end(session, now, by_token(session, now, given), Ending.LEFT)


def use_code(session: Session, now: datetime, via: Via, address: str, given: str) -> tuple[Done, Subscription] | None:
    """Do what the code that an address was sent is for; None when it is wrong, too old or was guessed at too often."""
    in_turn(session, TURN)
    rows = [row for state in LIVE if (row := _of(session, via, address, state)) is not None]
    good = [row for row in rows if row.tries < TRIES and row.expires_at is not None and row.expires_at > now]
    for row in good:
        if tokens.is_code(given, number_of(row), row.key, row.codes):
            if row.leaving:
                end(session, now, row, Ending.LEFT)
                return Done.LEFT, row
            _activate(session, now, row)
            return Done.CONFIRMED, row
    for row in good:
        row.tries += 1
        session.add(row)
    session.flush()
    return None


def stop_number(session: Session, now: datetime, number: str) -> bool:
    """End what a telephone number subscribed to; return whether it did."""
    in_turn(session, TURN)
    found = [row for state in LIVE if (row := _of(session, Via.SMS, number, state)) is not None]
    for row in found:
        end(session, now, row, Ending.LEFT)
    return bool(found)


def remove(session: Session, now: datetime, subscription_id: int, by: str) -> None:
    """End a subscription as an officer. Raises NotFound when there is none, or it has ended."""
    in_turn(session, TURN)
    row = session.get(Subscription, subscription_id, populate_existing=True)
    if row is None or row.state not in LIVE:
        raise NotFound(f"there is no subscription {subscription_id}")
    row.ended_by = by
    end(session, now, row, Ending.REMOVED)


def end(session: Session, now: datetime, row: Subscription, why: Ending) -> None:
    """End a subscription: what is due to it is taken back, who it was is erased."""
    mine = col(Message.subscription_id) == row.id
    outbox.take_back(session, now, mine)
    session.execute(update(Message).where(mine).values(to=""))
    row.state, row.ending, row.ended_at = SubscriptionState.ENDED, why, now
    row.address, row.key, row.expires_at = "", "", None
    session.add(row)
    session.flush()
    log.info("subscription_ended", subscription=row.id, why=why)


def number_of(row: Subscription) -> int:
    """Return the number of a subscription that is in the database."""
    if row.id is None:
        raise ValueError("the subscription was never flushed")
    return row.id


def _of(session: Session, via: Via, address: str, state: SubscriptionState) -> Subscription | None:
    query = select(Subscription).where(
        Subscription.via == via, Subscription.address == address, Subscription.state == state
    )
    return session.exec(query.execution_options(populate_existing=True)).first()


def _activate(session: Session, now: datetime, row: Subscription) -> None:
    if row.state is SubscriptionState.ACTIVE:
        return
    older = _of(session, row.via, row.address, SubscriptionState.ACTIVE)
    if older is not None:
        end(session, now, older, Ending.REPLACED)
    row.state, row.confirmed_at = SubscriptionState.ACTIVE, now
    session.add(row)
    session.flush()
    log.info("subscription_confirmed", subscription=row.id, via=row.via)


def _send_code(session: Session, now: datetime, book: Rulebook, row: Subscription, what: str) -> None:
    """Send an address its next code, unless it was sent enough of them. Raises Unavailable."""
    rules = book.bulletins.subscribers
    if _codes(session, now - DAY, col(Message.to) == row.address) >= rules.codes_a_day:
        log.info("code_withheld", subscription=row.id)
        return
    hour = now - timedelta(hours=1)
    if row.via is Via.SMS and _codes(session, hour, col(Message.channel) == SMS) >= rules.texts_an_hour:
        log.warning("codes_withheld", limit=rules.texts_an_hour)
        raise Unavailable("too many codes were asked for: try again in an hour")
    row.codes, row.tries, row.expires_at = row.codes + 1, 0, now + timedelta(minutes=rules.confirm_minutes)
    session.add(row)
    number = number_of(row)
    kind = SubjectKind.SUBSCRIPTION
    outbox.supersede(session, now, subject_kind=kind, subject_id=number, before_revision=row.codes)
    params = {
        "place": book.alliance.name_zh if row.lang == "zh" else book.alliance.name_en,
        "pin": HIDDEN,
        "until": i18n.local_time(row.expires_at, row.lang, book.alliance.tz, TIME[row.lang]),
    }
    to = outbox.Subscriber(number, row.address, row.lang)
    new = outbox.NewMessage(kind, number, to, row.via, f"sms.{what}", params, revision=row.codes, priority=PRIORITY)
    outbox.put(session, now, new)


def _codes(session: Session, since: datetime, whose: ColumnElement[bool]) -> int:
    """Count the messages with a code since an instant."""
    query = select(func.count()).where(
        Message.subject_kind == SubjectKind.SUBSCRIPTION, col(Message.created_at) > since, whose
    )
    return session.exec(query).one()
