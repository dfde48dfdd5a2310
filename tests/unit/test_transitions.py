from collections.abc import Iterable
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.messaging.transitions import (
    ALLOWED,
    MAX_BACKOFF_SECONDS,
    RANK,
    FailureKind,
    MessageState,
    after_failure,
    backoff_seconds,
    later_status,
    may,
    state_of,
)

HOUR = timedelta(hours=1)


def reachable(start: MessageState) -> set[MessageState]:
    found, ahead = set[MessageState](), {start}
    while ahead:
        found |= ahead
        ahead = {new for old in ahead for new in ALLOWED[old]} - found
    return found


def test_every_state_can_be_reached_and_every_open_one_can_end() -> None:
    assert reachable(MessageState.DUE) == set(MessageState)
    ends = {state for state in MessageState if not ALLOWED[state]}
    assert ends == {MessageState.DELIVERED, MessageState.SUPERSEDED, MessageState.DEAD, MessageState.HELD}
    assert all(reachable(state) & ends for state in MessageState)


def test_an_unknown_outcome_is_never_simply_sent_again() -> None:
    assert not may(MessageState.UNKNOWN, MessageState.SENDING)
    assert not may(MessageState.UNKNOWN, MessageState.SUPERSEDED)
    assert not may(MessageState.SENDING, MessageState.SUPERSEDED)


def settled(statuses: Iterable[str]) -> str | None:
    status: str | None = None
    for new in statuses:
        status = later_status(status, new)
    return status


@given(st.lists(st.sampled_from(sorted(RANK)), min_size=1), st.randoms(use_true_random=False))
def test_receipts_in_any_order_come_to_the_same(statuses: list[str], random: Random) -> None:
    shuffled = list(statuses)
    random.shuffle(shuffled)
    first, second = settled(statuses), settled(shuffled)
    assert first is not None
    assert second is not None
    assert RANK[first] == RANK[second] == max(RANK[status] for status in statuses)
    assert state_of(first) == state_of(second)


@given(st.lists(st.sampled_from(sorted(RANK)), min_size=1))
def test_replayed_receipts_change_nothing(statuses: list[str]) -> None:
    assert settled(statuses + statuses) == settled(statuses)


@pytest.mark.parametrize(
    ("old", "new", "stands"),
    [
        ("delivered", "sent", "delivered"),
        ("undelivered", "delivered", "delivered"),
        ("delivered", "failed", "delivered"),
        ("delivered", "read", "read"),
        ("sent", "something new", "sent"),
        ("something new", "queued", "queued"),
    ],
)
def test_later_status(old: str, new: str, stands: str) -> None:
    assert later_status(old, new) == stands


def test_a_status_nobody_knows_means_no_more_than_taken() -> None:
    assert state_of("partially_delivered") is MessageState.HANDED_OVER


def test_backoff_doubles_up_to_a_limit_with_jitter() -> None:
    assert [backoff_seconds(n, 20, 0.5) for n in (1, 2, 3)] == [20, 40, 80]
    assert backoff_seconds(1, 20, 0.0) == 10
    assert backoff_seconds(10_000, 20, 0.5) == MAX_BACKOFF_SECONDS


@pytest.mark.parametrize(
    ("kind", "failures", "age", "then"),
    [
        (FailureKind.TRANSIENT, 7, HOUR, MessageState.DUE),
        (FailureKind.TRANSIENT, 8, HOUR, MessageState.DEAD),
        (FailureKind.TRANSIENT, 1, 12 * HOUR, MessageState.DEAD),
        (FailureKind.OURS, 8, HOUR, MessageState.DUE),
        (FailureKind.NUMBER, 1, HOUR, MessageState.DEAD),
        (FailureKind.FILTERED, 1, HOUR, MessageState.DEAD),
        (FailureKind.OPTED_OUT, 1, HOUR, MessageState.DEAD),
        (FailureKind.SEALED, 1, 12 * HOUR, MessageState.HELD),
    ],
)
def test_after_failure(kind: FailureKind, failures: int, age: timedelta, then: MessageState) -> None:
    assert after_failure(kind, failures, age, max_failures=8, max_age=12 * HOUR) is then
