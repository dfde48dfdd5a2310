"""Finds out what became of messages nobody is sure of, and of those the provider took and never spoke of again.

A message whose outcome is unknown is looked for in the provider's own list. Found, it is adopted. Not found in two
looks, the second at least `look_seconds` after the first, it is sent again and marked as a possible double. Every
timer is the row's `due_at`; a provider that cannot be reached costs time, never a look. What stays unknown for long is
put before a person.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select

from firewatch.clock import Clock
from firewatch.db import Database
from firewatch.messaging import callbacks, conclude, outbox
from firewatch.messaging.breaker import PROBE_EVERY, Breaker
from firewatch.messaging.channels import Channel, ChannelError, OutcomeUnknown, Seen
from firewatch.messaging.models import Message, MessageState
from firewatch.messaging.sender import pace, whereabouts, within
from firewatch.messaging.transitions import FailureKind
from firewatch.rulebook.messages import Messages

log = structlog.get_logger(__name__)
LOOKS_NEEDED = 2
BATCH = 200
"""Messages a sweep asks after at most."""
ASK_SELDOM = timedelta(seconds=30)
"""Between two questions to a provider that neither answers questions nor takes messages."""
OTHERS_SPAN = timedelta(days=1)
"""How much older than a message others can be that are mistaken for it."""
UNKNOWN_TOO_LONG = timedelta(minutes=5)


@dataclass(frozen=True)
class Chaser:
    """Chases the messages of one channel. `reconcile` and `receipts` are sweeps of their own, each within its budget.

    Its questions tell the sender's breaker nothing and do not wait for it: they have one of their own.
    """

    db: Database
    channel: Channel
    clock: Clock
    rules: Messages
    breaker: Breaker
    """The sender's."""
    asking: Breaker = field(default_factory=Breaker)
    budget_seconds: float = 15.0
    """Of the wall: after so long a sweep begins no further call, and leaves the rest to the next."""
    stopwatch: Callable[[], float] = time.monotonic
    """What the budget is measured by."""

    def reconcile(self) -> int:
        """Expire leases, give up what is too old, look for what is unknown. Returns how many were looked for."""
        with self.db.write() as session:
            outbox.expire_leases(session, self.clock.now())
            outbox.bring_nearer(session, self.clock.now())
        self._give_up_old()
        return self._each(MessageState.UNKNOWN, self._look)

    def receipts(self) -> int:
        """Ask after messages that were handed over and have no final receipt. Returns how many were asked after."""
        if not self.channel.can.lists:
            return 0
        return self._each(MessageState.HANDED_OVER, self._receipt)

    def _each(self, state: MessageState, chase: Callable[[Message], None]) -> int:
        asked, started, turns = 0, self.stopwatch(), list[Message]()
        while asked < BATCH and self.stopwatch() - started < self.budget_seconds:
            if not self.asking.passes(self.clock.now(), ASK_SELDOM if self.breaker.open else PROBE_EVERY):
                break
            if not turns and not (turns := self._turns(state)):
                self.asking.unused()
                break
            self._alone(turns.pop(0), chase)
            asked += 1
        if turns:
            with self.db.write() as session:
                outbox.give_turns_back(session, turns, self.clock.now())
        return asked

    def _alone(self, message: Message, chase: Callable[[Message], None]) -> None:
        """Chase one message; when that raises, its turn comes later. Raises only when not even that can be written."""
        try:
            chase(message)
        except Exception as error:  # noqa: BLE001 - one odd row must not keep the others from being looked for
            log.warning("chase_failed", channel=self.channel.name, message=message.id, error=whereabouts(error))
            with self.db.write() as session:
                outbox.found_out(session, message, message.state, due_at=self._soon())

    def _turns(self, state: MessageState) -> list[Message]:
        """Take messages to ask after: other processes at the same queue take others."""
        now = self.clock.now()
        which = outbox.askable(self.channel.name, state, now)
        if state is MessageState.HANDED_OVER:  # one that never gets a receipt is not asked after for ever
            oldest = now - timedelta(minutes=self.rules.max_age_minutes)
            which = which.where(col(Message.handed_over_at) > oldest)
        with self.db.read() as session:
            if session.exec(which.limit(1)).first() is None:
                return []
        # As long as a lease: were a turn over before its question is asked, another process would ask it too.
        until = now + timedelta(seconds=pace(self.clock, self.rules).lease_seconds)
        with self.db.write() as session:
            return outbox.take_turns(session, which, until)

    def _look(self, message: Message) -> None:
        with self.db.write() as session:  # the provider may have spoken of it before it answered
            if callbacks.settle(session, self.clock.now(), message.id or 0, self.rules):
                return
        others = self._others(message)
        answer = self._call(
            message, lambda: self.channel.find(message.to, message.code or "", message.created_at, others)
        )
        now = self.clock.now()
        with self.db.write() as session:
            if isinstance(answer, Seen):
                self._adopt(session, now, message, answer)
            elif answer is None:
                self._not_found(session, now, message)
            else:
                self._later(session, now, message)
            self._health(session, now, answer)

    def _others(self, message: Message) -> frozenset[str]:
        """Return what the provider calls the other messages to the same number, as far as it is known."""
        query = select(Message.provider_id).where(
            Message.channel == message.channel, Message.to == message.to, Message.id != message.id
        )
        recent = query.where(col(Message.created_at) >= message.created_at - OTHERS_SPAN)
        with self.db.read() as session:
            return frozenset(name for name in session.exec(recent) if name is not None)

    def _receipt(self, message: Message) -> None:
        answer = self._call(message, lambda: self.channel.status(message.provider_id or ""))
        now = self.clock.now()
        with self.db.write() as session:
            if isinstance(answer, Seen):
                self._adopt(session, now, message, answer)
            else:
                self._later(session, now, message)
            self._health(session, now, answer)

    def _adopt(self, session: Session, now: datetime, message: Message, seen: Seen) -> None:
        conclude.adopt(session, now, message, seen, self.rules)

    def _not_found(self, session: Session, now: datetime, message: Message) -> None:
        looks = message.looks + 1
        if looks < LOOKS_NEEDED:
            next_look_at = now + timedelta(seconds=self.rules.look_seconds)
            outbox.found_out(session, message, MessageState.UNKNOWN, looks=looks, due_at=next_look_at)
            return
        # While the channel takes nobody's messages, it is not this one that fails.
        failures = message.failures + (not self.breaker.open)
        new = conclude.again_or_dead(FailureKind.TRANSIENT, failures, now, message, self.rules)
        if new is MessageState.DEAD or (message.possible_double and not self.channel.can.lists):
            self._dead(session, now, message, message.error or "never taken", failures=failures)
        else:
            log.warning("message_sent_again", message=message.id, incident=message.incident_id)
            again: dict[str, object] = {"looks": 0, "due_at": now, "lease_until": None, "possible_double": True}
            if outbox.found_out(session, message, new, failures=failures, **again):
                conclude.known(session, now, message)

    def _later(self, session: Session, now: datetime, message: Message) -> None:
        """Ask again later: the provider did not say. What is unknown for too long ends with a person.

        While the provider says nothing at all, the channel has its own alarm, and one is enough.
        """
        if message.state is MessageState.UNKNOWN and self._too_old(now, message):
            self._dead(session, now, message, message.error or "unknown")
            return
        done = outbox.found_out(session, message, message.state, due_at=self._soon())
        since = message.lease_until or message.created_at
        long = message.state is MessageState.UNKNOWN and now - since >= UNKNOWN_TOO_LONG
        if done and long and not self.asking.open:
            conclude.still_unknown(session, now, message)

    def _soon(self) -> datetime:
        return self.clock.now() + timedelta(seconds=self.rules.look_seconds / 3)

    def _give_up_old(self) -> None:
        """Give up what is too old and was tried: what never was is tried once, however late."""
        now = self.clock.now()
        oldest = now - timedelta(minutes=self.rules.max_age_minutes)
        query = select(Message).where(
            Message.channel == self.channel.name,
            Message.state == MessageState.DUE,
            col(Message.due_at) <= now,
            col(Message.created_at) <= oldest,
            Message.attempt > 0,
        )
        with self.db.read() as session:
            old = list(session.exec(query.limit(BATCH)))
        for message in old:
            self._alone(message, self._too_late)

    def _too_late(self, message: Message) -> None:
        with self.db.write() as session:
            self._dead(session, self.clock.now(), message, message.error or "too old")

    def _dead(self, session: Session, now: datetime, message: Message, reason: str, **values: object) -> None:
        if outbox.found_out(session, message, MessageState.DEAD, finished_at=now, error=reason, **values):
            conclude.known(session, now, message)
            conclude.alarm_of(session, now, message, "message_dead", reason)

    def _too_old(self, now: datetime, message: Message) -> bool:
        return now - message.created_at >= timedelta(minutes=self.rules.max_age_minutes)

    def _call(self, message: Message, ask: Callable[[], Seen | None]) -> Seen | ChannelError | None:
        try:
            return within(pace(self.clock, self.rules).call_seconds, ask)
        except ChannelError as error:
            return error
        except Exception as error:  # noqa: BLE001 - one odd answer must not keep the others from being looked for
            log.warning("chase_failed", channel=self.channel.name, message=message.id, error=whereabouts(error))
            return OutcomeUnknown(type(error).__name__, outage=False)

    def _health(self, session: Session, now: datetime, answer: Seen | ChannelError | None) -> None:
        error = answer if isinstance(answer, ChannelError) else None
        conclude.health(session, now, self.channel.name, self.asking, error, conclude.ASKING)
