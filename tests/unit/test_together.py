"""What many ask for at once is made once, and never before it was asked for."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from firewatch.web.together import Together

SECONDS = 20.0


class Kind:
    """A kind that knows how often it was asked for: it is looked up once the asker has taken his number."""

    def __init__(self) -> None:
        self.asked = 0

    def __hash__(self) -> int:
        self.asked += 1
        return 1


def test_whoever_asks_while_something_is_made_shares_the_next() -> None:
    together, kind, begun, go_on, made = Together(), Kind(), Event(), Event(), []

    def slow() -> int:
        begun.set()
        assert go_on.wait(SECONDS)
        made.append("slow")
        return len(made)

    def quick() -> int:
        made.append("quick")
        return len(made)

    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(together.get, kind, slow)
        assert begun.wait(SECONDS)
        others = [pool.submit(together.get, kind, quick) for _ in range(8)]
        while kind.asked < 9:
            time.sleep(0.001)
        assert together.get("another", lambda: 0) == 0, "another kind does not wait"
        go_on.set()
        assert first.result(SECONDS) == 1
        assert [other.result(SECONDS) for other in others] == [2] * 8
    assert made == ["slow", "quick"]


def test_whoever_asks_later_gets_what_is_newer() -> None:
    together, made = Together(), iter(range(9))
    assert [together.get("map", lambda: next(made)) for _ in range(3)] == [0, 1, 2]


def test_what_fails_is_made_anew_by_the_next() -> None:
    together = Together()
    with pytest.raises(ZeroDivisionError):
        together.get("map", lambda: 1 // 0)
    assert together.get("map", lambda: 1) == 1
