"""A channel with all that works for it in this process: what sends over it, and what finds out what became of it."""

from dataclasses import dataclass
from datetime import timedelta

from firewatch.clock import Clock
from firewatch.db import Database
from firewatch.messaging.breaker import Breaker
from firewatch.messaging.channels import Channel
from firewatch.messaging.chase import Chaser
from firewatch.messaging.sender import Compose, Sender
from firewatch.rulebook.messages import Messages


@dataclass(frozen=True)
class Line:
    """The sender and the chaser of one channel; they know of each other's trouble by one breaker."""

    sender: Sender
    chaser: Chaser

    @property
    def channel(self) -> Channel:
        """The way messages leave."""
        return self.sender.channel


def open_line(
    db: Database,
    channel: Channel,
    clock: Clock,
    rules: Messages,
    *,
    owner: str,
    workers: int = 8,
    link_base: str | None = None,
    gap: timedelta | None = None,
    compose: Compose | None = None,
) -> Line:
    """Return the line of a channel; `owner` is the name under which this process claims messages.

    Messages to subscribers are `gap` apart, and written by `compose` when they are sent.
    """
    breaker = Breaker()
    sender = Sender(
        db,
        channel,
        clock,
        rules,
        breaker,
        owner=owner,
        workers=workers,
        link_base=link_base,
        gap=gap,
        compose=compose,
    )
    return Line(sender, Chaser(db, channel, clock, rules, breaker))
