"""The beat goes on: each ticker by itself, at once when woken, and also after the machine's clock was set back."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from firewatch.adapters.scheduler import Beat
from firewatch.clock import SystemClock


def within(seconds: float, look: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if look():
            return True
        time.sleep(0.01)
    return look()


def test_one_that_hangs_holds_no_other_up_and_is_not_called_twice_at_once() -> None:
    calls, hanging, release = [0], [0], threading.Event()

    def hang() -> None:
        hanging[0] += 1
        release.wait(10)

    def tick() -> None:
        calls[0] += 1

    beat = Beat({"tick": tick, "hang": hang}, 0.05)
    beat.start()
    try:
        assert within(5, lambda: calls[0] >= 5)
        assert hanging == [1]
    finally:
        release.set()
        beat.stop()
    stopped = calls[0]
    time.sleep(0.2)
    assert calls[0] == stopped


def test_woken_it_calls_at_once() -> None:
    called = threading.Event()
    beat = Beat({"tick": called.set}, 60)
    beat.start()
    try:
        assert not called.wait(0.2)
        beat.wake()
        assert called.wait(5)
    finally:
        beat.stop()


def test_it_comes_back_when_the_clock_was_set_back() -> None:
    called = threading.Event()
    beat = Beat({"tick": called.set}, 0.05, look_seconds=0.2)
    beat.start()
    try:
        assert called.wait(5)
        # What a clock set back by an hour leaves behind: the next beat lies an hour ahead.
        for job in beat.scheduled():
            job.modify(next_run_time=SystemClock().now() + timedelta(hours=1))
        time.sleep(0.1)
        called.clear()
        assert called.wait(5)
    finally:
        beat.stop()
