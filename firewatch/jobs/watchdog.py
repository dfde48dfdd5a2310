"""A sign of life for somebody outside, given only while nothing is overdue: its absence is the alarm of last resort.

Every fault that this service can still tell of is an alarm on its own screen. What it cannot tell of - a dead process,
a stopped scheduler, a lost machine - and what it tells nobody because no text goes out is noticed by the watchdog: it
hears nothing more. Its time is the wall's, for it stands outside; what is overdue is measured by the service's clock.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Select
from sqlmodel import Session, col, select

from firewatch.dispatch import order_chase
from firewatch.errors import Unavailable
from firewatch.incidents import notices
from firewatch.incidents.timeline import SYSTEM
from firewatch.jobs.desk import Desk, Sweep
from firewatch.jobs.models import JobRun, RunState
from firewatch.messaging import outbox
from firewatch.messaging.alarms import close_key, raise_alarm
from firewatch.messaging.channels import Channel
from firewatch.messaging.models import Message, MessageState

log = structlog.get_logger(__name__)

OVERDUE: Final = timedelta(minutes=5)
"""How late anything may be, by the service's clock."""
VITAL: Final = ("send", "chase", "receipts", "escalate", "plan")
"""The sweeps on the way from a fire to people: each leaves a note every minute in which it works."""
LEAST_WALL_SECONDS: Final = 30.0
"""Under a clock that runs fast minutes are short: so much of the wall everything has always."""
WITHHELD, SILENT = "watchdog_withheld", "watchdog_silent"


def sweeps(desk: Desk) -> list[Sweep]:
    """Return the sweep, where an address is configured."""
    if desk.watchdog is None:
        return []
    return [Sweep("watchdog", Watching(desk, desk.watchdog).run)]


class Watching:
    """Gives the sign of life every so many seconds, and says on our own screen when it does not."""

    def __init__(self, desk: Desk, ping: Callable[[], None], stopwatch: Callable[[], float] = time.monotonic) -> None:
        """Make ready: the first sign is given at once."""
        self.desk, self.ping, self.stopwatch = desk, ping, stopwatch
        self._started_at = desk.clock.now()
        self._tried: float | None = None
        self._told: tuple[str, str] | None = None

    def run(self) -> int:
        """Give the sign if it is time and all is well; return whether it was given."""
        if self._tried is not None and self.stopwatch() - self._tried < self.desk.watchdog_seconds:
            return 0
        self._tried = self.stopwatch()
        with self.desk.db.read() as session:
            late = overdue(session, self.desk, self._started_at)
        if late:
            self._tell(WITHHELD, {"overdue": ";".join(late)})
            return 0
        try:
            self.ping()
        except Unavailable as error:
            self._tell(SILENT, {"reason": str(error)})
            return 0
        self._tell("", {})
        return 1

    def _tell(self, kind: str, said: Mapping[str, str]) -> None:
        """Leave the one alarm open that is true, once for each change."""
        told = (kind, str(said))
        if told == self._told:
            return
        now = self.desk.clock.now()
        with self.desk.db.write() as session:
            for each in (WITHHELD, SILENT):
                close_key(session, now, each, SYSTEM)
            if kind == WITHHELD:
                raise_alarm(session, now, "watchdog_withheld", WITHHELD, said)
            elif kind == SILENT:
                raise_alarm(session, now, "watchdog_silent", SILENT, said)
        log.info("watchdog", state=kind or "well")
        self._told = told


def overdue(session: Session, desk: Desk, started_at: datetime) -> list[str]:
    """Return what is overdue, as catalogue keys below `watchdog`; nothing when all is well."""
    now, patience = desk.clock.now(), _patience(desk)
    then = now - patience
    found = {
        "messages": any(session.execute(_unsent(line.channel, then)).first() for line in desk.lines),
        "answers": _unlooked(session, then),
        "escalations": bool(notices.is_overdue(session, then) or order_chase.is_overdue(session, then)),
        "sweeps": _stopped(session, now, patience, started_at),
    }
    return [name for name, is_late in found.items() if is_late]


def _unsent(channel: Channel, then: datetime) -> Select[Any]:
    """Return the query for a message that ought to have gone out. Those to subscribers have time."""
    return outbox.claimable(channel.name, then, 1).where(outbox.to_the_alliance())


def _unlooked(session: Session, then: datetime) -> bool:
    """Whether a message whose fate is unknown, or whose sender is gone, was not looked after in time."""
    ours = outbox.to_the_alliance()
    unknown = select(Message.id).where(Message.state == MessageState.UNKNOWN, col(Message.due_at) <= then, ours)
    sending = select(Message.id).where(Message.state == MessageState.SENDING, col(Message.lease_until) <= then, ours)
    return session.exec(unknown).first() is not None or session.exec(sending).first() is not None


def _stopped(session: Session, now: datetime, patience: timedelta, started_at: datetime) -> bool:
    """Whether a vital sweep has not worked of late; a service that has just started may still be about to."""
    if now - started_at < patience:
        return False
    noted = select(JobRun.job).where(
        col(JobRun.job).in_(VITAL), JobRun.state == RunState.DONE, col(JobRun.scheduled_for) > now - patience
    )
    return len(session.exec(noted.distinct()).all()) < len(VITAL)


def _patience(desk: Desk) -> timedelta:
    wall_seconds = desk.clock.real_seconds(timedelta(seconds=1))
    return max(OVERDUE, timedelta(seconds=LEAST_WALL_SECONDS / wall_seconds)) if wall_seconds else OVERDUE
