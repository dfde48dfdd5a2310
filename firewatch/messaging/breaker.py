"""A breaker: while the provider is down or refuses our account, rows wait and burn no attempt.

A channel has two, one for sending and one for asking: a list that answers says nothing of whether messages are taken.
It lives in the memory of one process, and its time is the service's. A restart forgets it and finds out anew.
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

OPENS_AFTER = 5
PROBE_EVERY = timedelta(seconds=10)


@dataclass
class Breaker:
    """Closed lets everything pass; open lets one probe pass now and then. Safe to use from many threads."""

    faults: int = 0
    open: bool = False
    proven: bool = False
    """Whether the channel has worked since the process started or the breaker opened."""
    _probed_at: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def passes(self, now: datetime, every: timedelta = PROBE_EVERY) -> bool:
        """Return whether one call may be made now; while open this takes the one probe there is.

        A last probe that seems to lie ahead is one from before the clock was set back: it holds nothing up.
        """
        with self._lock:
            if not self.open:
                return True
            if self._probed_at is not None and abs(now - self._probed_at) < every:
                return False
            self._probed_at = now
            return True

    def unused(self) -> None:
        """Give back a pass that was taken for nothing, so that the next call is the probe."""
        with self._lock:
            self._probed_at = None

    def worked(self) -> bool:
        """Close it: the channel answered. Returns True the first time, when there may be alarms to close."""
        with self._lock:
            news = not self.proven
            self.faults, self.open, self.proven, self._probed_at = 0, False, True, None
            return news

    def failed(self, now: datetime, *, at_once: bool = False) -> bool:
        """Count a fault; the fifth in a row, or one that holds everything, opens it. Returns True when it opens."""
        with self._lock:
            self.faults += 1
            if not self.open and not at_once and self.faults < OPENS_AFTER:
                return False
            opens, self.open, self.proven = not self.open, True, False
            self._probed_at = now
            return opens
