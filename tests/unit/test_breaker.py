import threading
from datetime import UTC, datetime, timedelta

import pytest

from firewatch.clock import Clock, FixedClock, ScaledClock, SystemClock
from firewatch.errors import FirewatchError
from firewatch.messaging.breaker import OPENS_AFTER, PROBE_EVERY, Breaker
from firewatch.messaging.channels import OutcomeUnknown
from firewatch.messaging.sender import pace, whereabouts, within
from firewatch.rulebook.messages import Messages

NOON = datetime(2026, 4, 1, 4, tzinfo=UTC)


def test_it_opens_after_five_faults_in_a_row_and_then_lets_one_probe_pass() -> None:
    breaker = Breaker()
    assert [breaker.failed(NOON) for _ in range(OPENS_AFTER + 1)] == [False] * 4 + [True, False]
    assert not breaker.passes(NOON)
    later = NOON + PROBE_EVERY
    assert [breaker.passes(later) for _ in range(3)] == [True, False, False]
    assert breaker.passes(later + PROBE_EVERY)


def test_a_clock_that_is_set_back_does_not_keep_it_open() -> None:
    breaker = Breaker()
    breaker.failed(NOON, at_once=True)
    earlier = NOON - timedelta(hours=1)
    assert [breaker.passes(earlier) for _ in range(2)] == [True, False]
    assert breaker.passes(earlier + PROBE_EVERY)


def test_an_answer_in_between_starts_the_count_anew() -> None:
    breaker = Breaker()
    for _ in range(3):
        assert not any(breaker.failed(NOON) for _ in range(OPENS_AFTER - 1))
        breaker.worked()
    assert breaker.passes(NOON)


def test_a_fault_of_our_own_opens_it_at_once() -> None:
    breaker = Breaker()
    assert breaker.failed(NOON, at_once=True)
    assert not breaker.passes(NOON + PROBE_EVERY / 2)


def test_good_news_is_told_once_so_that_alarms_are_closed_once() -> None:
    breaker = Breaker()
    assert [breaker.worked(), breaker.worked()] == [True, False]
    breaker.failed(NOON, at_once=True)
    assert [breaker.worked(), breaker.worked()] == [True, False]
    assert breaker.passes(NOON)


def test_a_probe_that_found_nothing_to_send_is_given_back() -> None:
    breaker = Breaker()
    breaker.failed(NOON, at_once=True)
    later = NOON + PROBE_EVERY
    assert breaker.passes(later)
    breaker.unused()
    assert breaker.passes(later)


@pytest.mark.parametrize(
    ("clock", "call_seconds", "lease_seconds"),
    [
        (SystemClock(), 15, 60),
        (FixedClock(NOON), 15, 60),
        (ScaledClock(NOON, speed=5), 3, 60),
        (ScaledClock(NOON, speed=20), 1, 60),
        (ScaledClock(NOON, speed=86_400), 1, 2 * 86_400),
        (ScaledClock(NOON, speed=0.5), 15, 60),
    ],
)
def test_a_lease_outlasts_its_call_at_every_speed(clock: Clock, call_seconds: float, lease_seconds: float) -> None:
    found = pace(clock, Messages())
    assert found.call_seconds == pytest.approx(call_seconds)
    assert found.lease_seconds == pytest.approx(lease_seconds)
    assert clock.real_seconds(timedelta(seconds=found.lease_seconds)) >= found.call_seconds or clock == FixedClock(NOON)


def test_within_hands_on_answers_and_errors() -> None:
    assert within(5, lambda: 7) == 7

    def fail() -> None:
        raise FirewatchError("+447700900123")

    with pytest.raises(FirewatchError) as raised:
        within(5, fail)
    assert whereabouts(raised.value).startswith("FirewatchError at test_breaker.py:")
    assert "+44" not in whereabouts(raised.value)


def test_within_cuts_what_takes_too_long() -> None:
    release = threading.Event()
    with pytest.raises(OutcomeUnknown, match=r"0\.05 s"):
        within(0.05, lambda: release.wait(10))
    release.set()
