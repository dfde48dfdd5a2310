"""Time as the service sees it.

Everything asks a `Clock`, never the machine: drills, tests and replays run the same code at another time and
another speed. Instants are aware and in UTC; local days are made from them with the zone's own time zone.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Tells the time; how fast it runs is its own affair."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def real_seconds(self, span: timedelta) -> float:
        """Return how many seconds of the wall one span of this clock takes."""
        ...


@dataclass(frozen=True)
class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)

    def real_seconds(self, span: timedelta) -> float:
        """Return the span itself, in seconds."""
        return span.total_seconds()


@dataclass(frozen=True)
class ScaledClock:
    """Starts at a given instant and runs `speed` times as fast as the machine's clock."""

    start: datetime
    speed: float = 1.0
    started: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """Return the scaled time; it never steps back, whatever the machine's clock does."""
        return self.start + timedelta(seconds=(time.monotonic() - self.started) * self.speed)

    def real_seconds(self, span: timedelta) -> float:
        """Return the span in seconds of the wall."""
        return span.total_seconds() / self.speed


@dataclass
class FixedClock:
    """Stands still until it is told to move: for tests and for solving old decisions again."""

    at: datetime

    def now(self) -> datetime:
        """Return the instant it was set to."""
        return self.at

    def real_seconds(self, span: timedelta) -> float:
        """Return no time at all: whoever waits on a standing clock would wait for ever."""
        del span
        return 0.0

    def advance(self, **span: float) -> datetime:
        """Move on by a `timedelta` given in its keywords and return the new time."""
        self.at += timedelta(**span)
        return self.at


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of an instant in a time zone."""
    return at.astimezone(zone).date()


def day_bounds(on: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the instants (UTC) at which a local day begins and ends."""
    start = datetime(on.year, on.month, on.day, tzinfo=zone)
    following = on + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=zone)
    return start.astimezone(UTC), end.astimezone(UTC)


def local_instants(local: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the instants, in UTC, at which a zone's clocks show a time (naive).

    There is one, except where the clocks are put forward over it (none) or back (two).
    """
    both = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(at for at in both if at.astimezone(zone).replace(tzinfo=None) == local)
