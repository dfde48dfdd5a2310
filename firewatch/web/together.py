"""What many ask for at the same moment, made once for all of them: at a change every console asks for its page again.

Nobody is handed what was begun before he asked, so nothing shared is older than what he would have made himself. Who
asks while something is being made waits for the next, and shares that with all who wait with him.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import Any, TypeVar, cast

T = TypeVar("T")


@dataclass
class _Made:
    """The newest of one kind; `begun` is a number of the queue that every asker takes one from too."""

    lock: Lock = field(default_factory=Lock)
    begun: int = -1
    value: Any = None


class Together:
    """What is made for several at once, by its kind; safe from any thread. Of each kind the newest is kept."""

    def __init__(self) -> None:
        """Begin empty."""
        self._kinds: dict[Hashable, _Made] = {}
        self._numbers = count()  # next() on it is atomic
        self._lock = Lock()

    def get(self, kind: Hashable, make: Callable[[], T]) -> T:
        """Return something of a kind, made after this call by whoever comes first. Raises what `make` raises."""
        asked = next(self._numbers)
        with self._lock:
            made = self._kinds.setdefault(kind, _Made())
        with made.lock:
            if made.begun < asked:
                begun = next(self._numbers)
                made.value = make()
                made.begun = begun
            return cast("T", made.value)
