"""The port through which messages leave: what a channel can do, what it answers, how it fails.

A channel never guesses. It returns when the provider has said yes, raises `NotTaken` when it is known that the
message was not taken, and `OutcomeUnknown` in every other case: the outbox then asks before it sends again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol, runtime_checkable

from firewatch.messaging.transitions import FailureKind

SMS: Final = "sms"
"""The channel of text messages, whichever provider carries them: rows that wait outlive a change of provider."""
VOICE: Final = "voice"
"""The channel of telephone calls that are answered with a key."""
EMAIL: Final = "email"
"""The channel of letters to subscribers."""


@dataclass(frozen=True)
class Capabilities:
    """What a channel can do; to some countries text messages are one-way, template-only and carry no links."""

    two_way: bool
    links: bool
    free_text: bool
    lists: bool = True
    """Whether the provider can be asked what it took; if not, what is in doubt is sent once more and no oftener."""


@dataclass(frozen=True)
class Letter:
    """What an e-mail says besides its plain text. Its words stay out of `repr`, hence out of logs."""

    subject: str = field(repr=False)
    html: str = field(repr=False)
    lang: str
    leave: str | None = field(default=None, repr=False)
    """The address that ends the subscription at one click (RFC 8058); None where no address is public."""


@dataclass(frozen=True)
class Outgoing:
    """A message as a channel needs it. Its number and its text stay out of `repr`, hence out of logs."""

    message_id: int
    agency_id: str | None
    incident_id: int | None
    to: str = field(repr=False)
    body: str = field(repr=False)
    template: str
    params: Mapping[str, str] = field(repr=False)
    code: str
    lang: str
    valid_seconds: int | None = None
    """After this long undelivered the provider may throw it away; None leaves that to the provider."""
    letter: Letter | None = None
    """Of an e-mail; its plain text is `body`."""


@dataclass(frozen=True)
class Accepted:
    """The provider took the message, under its own name and status."""

    provider_id: str
    status: str


@dataclass(frozen=True)
class Seen:
    """What the provider says of a message it has; `error` is its own code for what went wrong, if anything."""

    provider_id: str
    status: str
    error: str | None = None


@dataclass(frozen=True)
class Received:
    """A text that came in, as the provider keeps it. Number and words stay out of `repr`, hence out of logs."""

    provider_id: str
    sender: str = field(repr=False)
    body: str = field(repr=False)
    sent_at: datetime


class ChannelError(Exception):
    """A call to a channel that did not end well. `reason` is ours: never a number, never the provider's prose."""

    def __init__(self, reason: str, *, outage: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.outage = outage
        """Whether the provider could not be reached or broke down: what the breaker counts."""


class NotTaken(ChannelError):
    """The message is known not to have been taken."""

    def __init__(self, kind: FailureKind, code: str | None, reason: str, *, outage: bool = False) -> None:
        super().__init__(reason, outage=outage)
        self.kind = kind
        self.code = code


class OutcomeUnknown(ChannelError):
    """The message may or may not have been taken."""

    def __init__(self, reason: str, *, outage: bool = True) -> None:
        super().__init__(reason, outage=outage)


class Channel(Protocol):
    """One way to reach a person. Calls come from several threads at once and hold no transaction."""

    name: str
    can: Capabilities

    def send(self, message: Outgoing) -> Accepted:
        """Hand a message to the provider. Raises NotTaken or OutcomeUnknown."""
        ...

    def find(self, to: str, code: str, since: datetime, others: Collection[str]) -> Seen | None:
        """Look through the provider's list of messages to a number for the one whose text carries the code.

        `since` is when our row was written: codes come again after a million rows. `others` are the provider's names
        of what is known to be something else: a list that shows no text goes by them. None means that the whole list
        was read and it is not there. Raises ChannelError when the list could not be read.
        """
        ...

    def status(self, provider_id: str) -> Seen:
        """Ask what has become of a message. Raises ChannelError when there is no answer."""
        ...


@runtime_checkable
class Inbox(Protocol):
    """A channel whose provider keeps what came in, so that it can be asked for what we missed."""

    def received(self, since: datetime) -> list[Received]:
        """Return what came in since an instant, in any order. Raises ChannelError."""
        ...
