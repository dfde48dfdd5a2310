"""The sheet for a night without the machine is written anew every few minutes; when it cannot be, that is an alarm.

Its minutes are the wall's: the machine that fails, and the people who then need the paper, do not run faster.
"""

import time
from collections.abc import Callable
from typing import Final

import structlog

from firewatch.incidents.timeline import SYSTEM
from firewatch.jobs import runs
from firewatch.jobs.desk import Desk, Sweep
from firewatch.messaging.alarms import close_key, raise_alarm

log = structlog.get_logger(__name__)

AGAIN_SECONDS: Final = 30.0
"""After a sheet that could not be written."""
KEY: Final = "nightsheet"


def sweeps(desk: Desk) -> list[Sweep]:
    """Return the sweep, where sheets are written."""
    if desk.night_sheet is None:
        return []
    return [Sweep("nightsheet", Writing(desk, desk.night_sheet).run)]


class Writing:
    """Writes a sheet every so many seconds, and says on the screen when that fails."""

    def __init__(self, desk: Desk, write: Callable[[], None], stopwatch: Callable[[], float] = time.monotonic) -> None:
        """Make ready: the first sheet is written at once."""
        self.desk, self.write, self.stopwatch = desk, write, stopwatch
        self._due: float | None = None
        self._failed: str | None = ""  # unknown: an alarm may be left from before

    def run(self) -> int:
        """Write a sheet if it is time; return whether one was written."""
        if self._due is not None and self.stopwatch() < self._due:
            return 0
        try:
            self.write()
        except Exception as error:  # noqa: BLE001 - whatever it is: without the sheet the night is worse, and is told
            self._due = self.stopwatch() + min(AGAIN_SECONDS, self.desk.night_sheet_seconds)
            self._tell(runs.reason(error))
            return 0
        self._due = self.stopwatch() + self.desk.night_sheet_seconds
        self._tell(None)
        return 1

    def _tell(self, failed: str | None) -> None:
        """Keep the alarm in step, once for each change."""
        if failed == self._failed:
            return
        now = self.desk.clock.now()
        with self.desk.db.write() as session:
            close_key(session, now, KEY, SYSTEM)
            if failed is not None:
                raise_alarm(session, now, "nightsheet_failed", KEY, {"why": failed[:200]})
        log.info("nightsheet", state="written" if failed is None else "failed")
        self._failed = failed
