"""What a drill does besides: it watches the real service, says that it is held, and keeps its record up to date.

A real fire that waits to be acknowledged is an alarm in the drill, and so is a real service that cannot be seen.
Its seconds are the wall's, for the real service does not run faster.
"""

import time
from collections.abc import Callable
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from firewatch.db import Database
from firewatch.incidents.timeline import SYSTEM
from firewatch.jobs.desk import Desk, Sweep
from firewatch.messaging.alarms import close_key, open_alarms, raise_alarm
from firewatch.training.watch import waiting_fires

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 3.0
RECORD_SECONDS: Final = 60.0
REAL_FIRE: Final = "real_fire"
REAL_UNSEEN: Final = "real_unseen"


def sweeps(desk: Desk) -> list[Sweep]:
    """Return the sweeps of a drill; the real service has none of them."""
    beside = desk.beside
    if beside is None:
        return []
    return [
        Sweep("real_fires", Paced(LOOK_SECONDS, Watching(desk, beside.real).look).run),
        Sweep("drill_sign", Paced(LOOK_SECONDS, beside.sign).run),
        Sweep("drill_record", Paced(RECORD_SECONDS, beside.record).run),
    ]


class Paced:
    """Work that is done every so many seconds of the wall, and at once the first time."""

    def __init__(
        self, seconds: float, work: Callable[[], None], stopwatch: Callable[[], float] = time.monotonic
    ) -> None:
        """Make ready."""
        self.seconds, self.work, self.stopwatch = seconds, work, stopwatch
        self._done: float | None = None

    def run(self) -> int:
        """Do it if it is time; return whether it was done."""
        if self._done is not None and self.stopwatch() - self._done < self.seconds:
            return 0
        self._done = self.stopwatch()
        self.work()
        return 1


class Watching:
    """Looks at the real service, and leaves the one alarm open that is true, once for each change."""

    def __init__(self, desk: Desk, real: Database) -> None:
        """Make ready."""
        self.desk, self.real = desk, real
        self._told: tuple[int, ...] | None = ()
        """The fires that were told of; None: that the real service cannot be seen."""

    def look(self) -> None:
        """Look, and tell what is new; an alarm that somebody closed while it was true is raised again."""
        try:
            fires: tuple[int, ...] | None = tuple(waiting_fires(self.real))
        except SQLAlchemyError as error:
            log.warning("real_service_unseen", error=type(error).__name__)
            fires = None
        wanted = [REAL_UNSEEN] if fires is None else [REAL_FIRE] if fires else []
        with self.desk.db.read() as session:
            told = [alarm.key for alarm in open_alarms(session) if alarm.key in (REAL_FIRE, REAL_UNSEEN)]
        if fires != self._told or told != wanted:
            self._tell(fires)

    def _tell(self, fires: tuple[int, ...] | None) -> None:
        now = self.desk.clock.now()
        with self.desk.db.write() as session:
            for key in (REAL_FIRE, REAL_UNSEEN):
                close_key(session, now, key, SYSTEM)
            if fires is None:
                raise_alarm(session, now, "real_unseen", REAL_UNSEEN, {})
            elif fires:
                said = {"count": str(len(fires)), "numbers": ", ".join(map(str, fires))}
                raise_alarm(session, now, "real_fire", REAL_FIRE, said)
        self._told = fires
