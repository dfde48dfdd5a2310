"""APScheduler gives the beat: it calls every ticker again and again, each by itself, and knows nothing else.

When work is due, whether it was done and by whom stands in the database: a beat that is lost loses nothing.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.job import Job
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from firewatch.clock import SystemClock

log = structlog.get_logger(__name__)
LOOK_SECONDS = 5.0
"""Between two looks, on a clock that cannot be set, whether the beat still goes."""

# It reports every beat at INFO, and every beat that waits for a longer one as a warning: neither is news.
logging.getLogger("apscheduler").setLevel(logging.ERROR)


class Beat:
    """Calls each of some functions every so many seconds of the wall, never the same one twice at once."""

    def __init__(
        self, tickers: Mapping[str, Callable[[], object]], seconds: float, look_seconds: float = LOOK_SECONDS
    ) -> None:
        """Make ready; nothing is called before `start`."""
        self._longest = timedelta(seconds=2 * seconds)
        self._look_seconds = look_seconds
        self._stopping = threading.Event()
        self._scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(max(1, len(tickers)))})
        for name, tick in tickers.items():
            self._scheduler.add_job(
                tick,
                IntervalTrigger(seconds=seconds),
                id=name,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )

    def start(self) -> None:
        """Begin to call."""
        self._scheduler.start()
        threading.Thread(target=self._look_after, name="beat", daemon=True).start()

    def wake(self) -> None:
        """Call all of them now rather than at the next beat: something has just fallen due."""
        for job in self.scheduled():
            job.modify(next_run_time=SystemClock().now())

    def scheduled(self) -> list[Job]:
        """Return the scheduler's own entries, with the instants of their next calls."""
        entries: list[Job] = self._scheduler.get_jobs()
        return entries

    def stop(self) -> None:
        """Call no more, and wait for the calls that run."""
        self._stopping.set()
        self._scheduler.shutdown(wait=True)

    def _look_after(self) -> None:
        """Bring the beat back when the machine's clock was set back.

        The scheduler waits for an instant of the machine's clock: set back by an hour, it would be silent for one.
        """
        while not self._stopping.wait(self._look_seconds):
            now = SystemClock().now()
            late = [job for job in self.scheduled() if job.next_run_time > now + self._longest]
            for job in late:
                job.modify(next_run_time=now)
            if late:
                log.warning("beat_brought_back", jobs=len(late))
