"""APScheduler gives the beat: it calls every ticker again and again, each by itself, and knows nothing else.

When work is due, whether it was done and by whom stands in the database: a beat that is lost loses nothing.
"""

import logging
from collections.abc import Callable, Mapping

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from firewatch.clock import SystemClock

# It reports every beat at INFO, and every beat that waits for a longer one as a warning: neither is news.
logging.getLogger("apscheduler").setLevel(logging.ERROR)


class Beat:
    """Calls each of some functions every so many seconds of the wall, never the same one twice at once."""

    def __init__(self, tickers: Mapping[str, Callable[[], object]], seconds: float) -> None:
        """Make ready; nothing is called before `start`."""
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

    def wake(self) -> None:
        """Call all of them now rather than at the next beat: something has just fallen due."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=SystemClock().now())

    def stop(self) -> None:
        """Call no more, and wait for the calls that run."""
        self._scheduler.shutdown(wait=True)
