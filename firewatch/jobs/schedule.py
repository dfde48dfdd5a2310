"""When a job is due. Pure.

A schedule is a fixed grid of instants: whoever looks at it, after whatever pause, sees the same ones. What was missed
while nobody looked is caught up, each instant or only the latest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MOST = 400
"""How many missed instants are caught up at most; a year of daily ones."""


class Schedule(Protocol):
    """A grid of instants."""

    def latest(self, now: datetime) -> datetime:
        """Return the last instant that is not after `now`."""
        ...

    def before(self, instant: datetime) -> datetime:
        """Return the instant before one of the grid."""
        ...

    def after(self, instant: datetime) -> datetime:
        """Return the instant after one of the grid."""
        ...


@dataclass(frozen=True)
class Every:
    """Every so many minutes; `offset_minutes` keeps installations from all asking at the full hour."""

    minutes: int
    offset_minutes: int = 0

    def latest(self, now: datetime) -> datetime:
        """Return the last instant that is not after `now`."""
        begin, step = EPOCH + timedelta(minutes=self.offset_minutes), timedelta(minutes=self.minutes)
        return begin + (now - begin) // step * step

    def before(self, instant: datetime) -> datetime:
        """Return the instant before."""
        return instant - timedelta(minutes=self.minutes)

    def after(self, instant: datetime) -> datetime:
        """Return the instant after."""
        return instant + timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class DailyAt:
    """Every day at a minute of the local day."""

    minute: int
    zone: ZoneInfo

    def latest(self, now: datetime) -> datetime:
        """Return the last instant that is not after `now`."""
        local = now.astimezone(self.zone)
        today = self._on(local)
        return today if today <= now else self._on(local - timedelta(days=1))

    def before(self, instant: datetime) -> datetime:
        """Return the instant of the day before."""
        return self._on(instant.astimezone(self.zone) - timedelta(days=1))

    def after(self, instant: datetime) -> datetime:
        """Return the instant of the day after."""
        return self._on(instant.astimezone(self.zone) + timedelta(days=1))

    def _on(self, local: datetime) -> datetime:
        wall = local.replace(hour=self.minute // 60 % 24, minute=self.minute % 60, second=0, microsecond=0)
        return wall.astimezone(UTC)


@dataclass(frozen=True)
class WeeklyAt:
    """Every week on a day (Monday is 0) at a minute of the local day."""

    weekday: int
    minute: int
    zone: ZoneInfo

    def latest(self, now: datetime) -> datetime:
        """Return the last instant that is not after `now`."""
        instant = DailyAt(self.minute, self.zone).latest(now)
        return self._back(instant, (instant.astimezone(self.zone).weekday() - self.weekday) % 7)

    def before(self, instant: datetime) -> datetime:
        """Return the instant of the week before."""
        return self._back(instant, 7)

    def after(self, instant: datetime) -> datetime:
        """Return the instant of the week after."""
        daily = DailyAt(self.minute, self.zone)
        for _ in range(7):
            instant = daily.after(instant)
        return instant

    def _back(self, instant: datetime, days: int) -> datetime:
        daily = DailyAt(self.minute, self.zone)
        for _ in range(days):
            instant = daily.before(instant)
        return instant


def due(schedule: Schedule, last: datetime | None, now: datetime, *, each: bool) -> list[datetime]:
    """Return the instants to be run now, the oldest first.

    `last` is the newest instant that was ever begun. Nothing was: only the latest is due. `each` catches up every
    one that was missed, otherwise the latest stands for all.
    """
    latest = schedule.latest(now)
    if last is None or last > now:
        # What lies ahead was begun under a clock that ran ahead: it says nothing of what has been done until now.
        return [latest]
    if latest <= last:
        return []
    if not each:
        return [latest]
    return list(reversed(list(_back(schedule, latest, last))))


def _back(schedule: Schedule, latest: datetime, last: datetime) -> Iterator[datetime]:
    instant = latest
    for _ in range(MOST):
        if instant <= last:
            return
        yield instant
        instant = schedule.before(instant)
