"""The one table of what may become of a message, and of what a provider's word on it means. Pure.

`MessageState` is ours, `provider_status` is theirs; the two are never mixed. Everything that moves a message from
one state to another asks this module.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class MessageState(StrEnum):
    """Ours. What the provider says of the same message is `provider_status`."""

    DUE = "due"
    SENDING = "sending"
    UNKNOWN = "unknown"  # it may or may not have been taken: ask the provider before anything else
    HANDED_OVER = "handed_over"  # the provider took it
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    SUPERSEDED = "superseded"
    DEAD = "dead"  # given up, with an alarm
    HELD = "held"  # a drill's: its reader has not agreed to get such texts


class FailureKind(StrEnum):
    """Why a message was not taken, which is to say what is to be done about it."""

    TRANSIENT = "transient"  # the same again, later
    NUMBER = "number"  # this number will never do
    OPTED_OUT = "opted_out"  # the person has stopped our texts
    OURS = "ours"  # our account or settings: nothing will go out until somebody sees to it
    ROUTE = "route"  # this channel cannot reach that number
    TEXT = "text"  # this text will never be taken
    FILTERED = "filtered"  # the carrier holds it for unwanted
    SEALED = "sealed"  # a drill lets it out to nobody who has not agreed to get it


_S = MessageState
ALLOWED: Final[Mapping[MessageState, frozenset[MessageState]]] = MappingProxyType(
    {
        _S.DUE: frozenset({_S.SENDING, _S.SUPERSEDED, _S.DEAD}),
        _S.SENDING: frozenset({_S.HANDED_OVER, _S.DELIVERED, _S.UNDELIVERABLE, _S.UNKNOWN, _S.DUE, _S.DEAD, _S.HELD}),
        _S.UNKNOWN: frozenset({_S.HANDED_OVER, _S.DELIVERED, _S.UNDELIVERABLE, _S.DUE, _S.DEAD}),
        _S.HANDED_OVER: frozenset({_S.DELIVERED, _S.UNDELIVERABLE}),
        _S.UNDELIVERABLE: frozenset({_S.DELIVERED}),  # receipts come in any order: the good one wins
        _S.DELIVERED: frozenset(),
        _S.SUPERSEDED: frozenset(),
        _S.DEAD: frozenset(),
        _S.HELD: frozenset(),
    }
)
UNFINISHED: Final = (_S.DUE, _S.SENDING, _S.UNKNOWN)
"""States in which the message blocks later ones to the same person about the same incident."""

RANK: Final[Mapping[str, int]] = MappingProxyType(
    {
        "accepted": 0,
        "scheduled": 0,
        "queued": 1,
        "initiated": 1,
        "sending": 2,
        "ringing": 2,
        "sent": 3,
        "in-progress": 3,
        "undelivered": 4,
        "failed": 4,
        "canceled": 4,
        "busy": 4,
        "no-answer": 4,
        "completed": 4,
        "delivered": 4,
        "read": 5,
    }
)
FINAL_RANK: Final = 4
ARRIVED: Final = frozenset({"delivered", "read", "completed"})
"""A call that is completed was taken by a person or by a machine: only a key says that somebody heard it."""
MAX_BACKOFF_SECONDS: Final = 900.0


def may(old: MessageState, new: MessageState) -> bool:
    """Return whether a message may go from one state to another."""
    return new in ALLOWED[old]


def later_status(old: str | None, new: str) -> str:
    """Return which of two provider statuses stands, whichever came first.

    The rank never falls; at equal rank delivered wins, else the word that comes later in the alphabet.
    """
    if old is None:
        return new
    return max(old, new, key=lambda status: (RANK.get(status, -1), status in ARRIVED, status))


def state_of(provider_status: str) -> MessageState:
    """Return what a provider's status means for us; one we do not know means no more than that it was taken."""
    if provider_status in ARRIVED:
        return MessageState.DELIVERED
    if RANK.get(provider_status, -1) >= FINAL_RANK:
        return MessageState.UNDELIVERABLE
    return MessageState.HANDED_OVER


def backoff_seconds(failures: int, first_seconds: float, chance: float) -> float:
    """Return how long to wait after the n-th failure: doubling, at most 15 minutes, times 0.5 to 1.5.

    `chance` is a random number in [0, 1): the jitter that keeps many messages from coming back all at once.
    """
    doubled = first_seconds * 2.0 ** min(max(failures, 1) - 1, 30)
    return min(doubled, MAX_BACKOFF_SECONDS) * (0.5 + chance)


def after_failure(
    kind: FailureKind, failures: int, age: timedelta, *, max_failures: int, max_age: timedelta
) -> MessageState:
    """Return DUE when a message that is known not to have been taken is worth another try, else DEAD.

    `failures` counts this one. A failure of our own account never kills a message: the queue is held instead. What a
    drill lets out to nobody is HELD: it is no failure at all.
    """
    if kind is FailureKind.SEALED:
        return MessageState.HELD
    if age >= max_age:
        return MessageState.DEAD
    if kind is FailureKind.OURS:
        return MessageState.DUE
    if kind is FailureKind.TRANSIENT and failures < max_failures:
        return MessageState.DUE
    return MessageState.DEAD
