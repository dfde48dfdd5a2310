"""Sends what is due over one channel, several messages at a time.

Each worker claims one row in a transaction of its own, calls the channel with none held, writes the end down in
another, and goes on until nothing is due: a call that hangs holds nobody else up. A process that dies between any
two of these steps leaves a claim whose lease runs out, and `chase` finds out what became of it.
"""

import random
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import structlog
from sqlmodel import Session

from firewatch.clock import Clock
from firewatch.db import Database
from firewatch.messaging import callbacks, conclude, outbox
from firewatch.messaging.breaker import Breaker
from firewatch.messaging.channels import Accepted, Channel, ChannelError, NotTaken, OutcomeUnknown, Outgoing
from firewatch.messaging.models import Message
from firewatch.messaging.texts import LINKED, TEMPLATES, drill_lead, is_of_drill, render
from firewatch.messaging.transitions import FailureKind
from firewatch.rulebook.messages import Messages

log = structlog.get_logger(__name__)
T = TypeVar("T")
Compose = Callable[[Session, Message, str | None], Outgoing]
"""Writes a message to a subscriber, with links below an address if there is one. Raises NotTaken when it is not to go
out any more."""
LEAST_CALL_SECONDS = 1.0


@dataclass(frozen=True)
class Pace:
    """How long a call may take on the wall, and how long a lease is in the service's time."""

    call_seconds: float
    lease_seconds: float


def pace(clock: Clock, rules: Messages) -> Pace:
    """Return the pace under a clock. However fast it runs, a call gets a second and a lease outlasts two calls."""
    wall_seconds = clock.real_seconds(timedelta(seconds=1)) or 1.0  # a standing clock leaves the wall's own
    limit = rules.send_timeout_seconds
    call = min(limit, max(LEAST_CALL_SECONDS, limit * wall_seconds))
    return Pace(call, max(rules.lease_seconds, 2 * call / wall_seconds))


class Sender:
    """The workers of one channel in one process. `owner` names the process in the rows it claims."""

    def __init__(
        self,
        db: Database,
        channel: Channel,
        clock: Clock,
        rules: Messages,
        breaker: Breaker,
        *,
        owner: str,
        workers: int = 8,
        chance: Callable[[], float] = random.random,
        link_base: str | None = None,
        gap: timedelta | None = None,
        compose: Compose | None = None,
    ) -> None:
        """Make ready; nothing is sent before `kick` or `send_due`. Texts may link to pages below `link_base`.

        Texts to subscribers are `gap` apart, and written by `compose` when they are sent.
        """
        self.gap, self.compose = gap, compose
        self.link_base = link_base if channel.can.links else None
        self.db, self.channel, self.clock, self.rules, self.breaker = db, channel, clock, rules, breaker
        self.owner, self.workers, self.chance = owner, workers, chance
        self.pace = pace(clock, rules)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=f"send-{channel.name}")
        self._running: list[Future[int]] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def kick(self) -> list[Future[int]]:
        """Put idle workers to what is due and return at once: call it after every commit and at every tick."""
        with self._lock:
            self._running = [future for future in self._running if not future.done()]
            free = self.workers - len(self._running)
            if free <= 0 or self._stopping.is_set():
                return []
            with self.db.read() as session:
                query = outbox.claimable(self.channel.name, self.clock.now(), free, self.gap)
                due = len(session.execute(query).all())
            started = [self._pool.submit(self._work) for _ in range(due)]
            self._running += started
            return started

    def send_due(self) -> int:
        """Send what is due and wait for it; returns how many messages were taken on."""
        return sum(future.result() for future in self.kick())

    def close(self) -> None:
        """Let the workers finish what they have begun, and stop."""
        self._stopping.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _work(self) -> int:
        taken = 0
        try:
            while (message := self._next()) is not None:
                taken += 1
                self._handle_alone(message)
        except Exception as error:  # noqa: BLE001 - the database is away: the next tick goes on
            log.warning("sender_failed", channel=self.channel.name, error=whereabouts(error))
        return taken

    def _handle_alone(self, message: Message) -> None:
        try:
            self._handle(message)
        except Exception as error:  # noqa: BLE001 - the lease runs out and the row is chased; the others go on
            log.warning("end_not_written", channel=self.channel.name, message=message.id, error=whereabouts(error))

    def _next(self) -> Message | None:
        now = self.clock.now()
        if self._stopping.is_set() or not self.breaker.passes(now):
            return None
        with self.db.write() as session:
            rows = outbox.claim(
                session,
                now,
                channel=self.channel.name,
                owner=self.owner,
                limit=1,
                lease_seconds=self.pace.lease_seconds,
                gap=self.gap,
            )
        if not rows:
            self.breaker.unused()
            return None
        return rows[0]

    def _handle(self, message: Message) -> None:
        if message.lease_until is None or self.clock.now() >= message.lease_until:
            return  # the process slept through its lease: somebody may be asking for this row already
        outcome = self._attempt(message)
        now = self.clock.now()
        with self.db.write() as session:
            conclude.attempt(session, now, message, outcome, self.rules, self.chance)
            callbacks.settle(session, now, message.id or 0, self.rules)  # what came before the answer
            error = outcome if isinstance(outcome, ChannelError) else None
            conclude.health(session, now, self.channel.name, self.breaker, error, conclude.SENDING)
        log.info(
            "message_attempt",
            message=message.id,
            incident=message.incident_id,
            agency=message.agency_id,
            attempt=message.attempt,
            outcome=type(outcome).__name__,
            reason=error.reason if error else None,
        )

    def _attempt(self, message: Message) -> Accepted | ChannelError:
        try:
            outgoing = self._outgoing(message)
        except ChannelError as error:
            return error
        except Exception as error:  # noqa: BLE001 - one bad row is its own failure, not the batch's
            return NotTaken(FailureKind.TRANSIENT, None, type(error).__name__)
        try:
            return within(self.pace.call_seconds, lambda: self.channel.send(outgoing))
        except ChannelError as error:
            return error
        except Exception as error:  # noqa: BLE001 - the same; but the channel may have sent it before it broke
            log.warning("channel_failed", channel=self.channel.name, message=message.id, error=whereabouts(error))
            return OutcomeUnknown(type(error).__name__, outage=False)

    def _outgoing(self, message: Message) -> Outgoing:
        if message.subscription_id is None or self.compose is None:
            return outgoing_of(message, self.link_base)
        with self.db.read() as session:
            return self.compose(session, message, self.link_base)


def outgoing_of(message: Message, link_base: str | None = None) -> Outgoing:
    """Return a row as its channel needs it, with a link to its page where one may be.

    Raises ValueError when the row has no text or no code.
    """
    if message.id is None or not message.body or not message.code:
        raise ValueError("a message without its text")
    template = TEMPLATES.get(message.template)
    return Outgoing(
        message_id=message.id,
        agency_id=message.agency_id,
        incident_id=message.incident_id,
        to=message.to,
        body=_linked(message, link_base) if message.link_token and link_base else message.body,
        template=message.template,
        params=message.params,
        code=message.code,
        lang=message.lang,
        valid_seconds=template.valid_seconds if template else None,
    )


def _linked(message: Message, link_base: str) -> str:
    params = {**message.params, "link": f"{link_base}/a/{message.link_token}"}
    lead = drill_lead(message.template, message.lang) if is_of_drill(message.body) else ""
    return render(message.template + LINKED, message.lang, params, message.code or "", lead)


def whereabouts(error: BaseException) -> str:
    """Return an error's type, file and line: its words may hold a number or a text, and those are not logged."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + place


def within(seconds: float, call: Callable[[], T]) -> T:
    """Return what a call returns, or raise OutcomeUnknown when that takes longer than `seconds` of the wall.

    Time-outs of sockets do not cover name resolution, nor an answer that drips in: this does. A thread that is
    left behind ends with the process.
    """
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:  # noqa: BLE001 - carried over to the waiting thread, whatever it is
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    wait([answer], timeout=seconds)
    if not answer.done():
        raise OutcomeUnknown(f"no answer within {seconds:g} s")
    return answer.result()
