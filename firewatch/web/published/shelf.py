"""The files made last: a published version never changes, so what was made of it once is good for ever."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Final

KEPT: Final = 60


class Shelf:
    """The files made last, by a name of the version that never comes to mean another; safe from any thread."""

    def __init__(self) -> None:
        """Begin empty."""
        self._kept: OrderedDict[tuple[str, ...], bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, name: tuple[str, ...], make: Callable[[], bytes]) -> bytes:
        """Return a file, made now if it is not here."""
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        made = make()  # outside the lock: it takes a while, and making it twice harms nobody
        with self._lock:
            self._kept[name] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made
