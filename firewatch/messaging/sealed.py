"""A channel of a drill: the last thing before the provider, and it trusts nothing above it.

A message leaves only to a number whose owner has agreed to get such texts, and only if its first word says that this
is a drill. What else comes is held back: the screens show it, no telephone rings.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from firewatch.messaging import texts
from firewatch.messaging.channels import Accepted, Capabilities, Channel, Inbox, NotTaken, Outgoing, Received, Seen
from firewatch.messaging.transitions import FailureKind

NOT_AGREED: Final = "drill.not_agreed"
NOT_SAID: Final = "drill.not_said"
"""Why a message was held back: catalogue keys."""


class Sealed:
    """A channel that lets out to some numbers, and takes in from them, alone."""

    def __init__(self, channel: Channel, numbers: Collection[str], since: datetime) -> None:
        """Stand before a channel. What came in before `since` answered another drill."""
        self.channel, self.numbers, self.since = channel, frozenset(numbers), since
        self.name: str = channel.name
        self.can: Capabilities = channel.can

    def send(self, message: Outgoing) -> Accepted:
        """Hand on what may leave. Raises NotTaken, and what the channel raises."""
        if message.to not in self.numbers:
            raise NotTaken(FailureKind.SEALED, None, NOT_AGREED)
        if not texts.is_of_drill(message.body):
            raise NotTaken(FailureKind.SEALED, None, NOT_SAID)
        return self.channel.send(message)

    def find(self, to: str, code: str, since: datetime, others: Collection[str]) -> Seen | None:
        """Ask the channel; nothing of ours is with anybody else."""
        return self.channel.find(to, code, since, others) if to in self.numbers else None

    def status(self, provider_id: str) -> Seen:
        """Ask the channel."""
        return self.channel.status(provider_id)

    def received(self, since: datetime) -> list[Received]:
        """Return what came in from those who agreed; nothing where the provider keeps nothing."""
        came = self.channel.received(since) if isinstance(self.channel, Inbox) else []
        return [text for text in came if text.sender in self.numbers and text.sent_at >= self.since]
