"""Runs what the table says. Whoever ticks it, and however late: what is due is found in the database.

A run that raises is put on record and tried again; a sweep that raises is put on record once a minute until it works.
Nothing that one job does can stop another.
"""

import threading
import time
from datetime import datetime, timedelta
from math import ceil

import structlog

from firewatch.clock import Clock
from firewatch.db import Database
from firewatch.jobs import runs
from firewatch.jobs.desk import Job, Sweep
from firewatch.jobs.models import JobRun
from firewatch.jobs.schedule import Every, due

log = structlog.get_logger(__name__)

MINUTE = timedelta(minutes=1)
LEAST_NOTE_SECONDS = 5.0
"""Of the wall, between two rows of a sweep that works."""


class Retries:
    """Which jobs have a run that waits to be tried again: one look at the record for all tickers of a beat."""

    def __init__(self, db: Database, clock: Clock, seconds: float = 0.0) -> None:
        """Look at most once in so many seconds of the wall."""
        self.db, self.clock, self.seconds = db, clock, seconds
        self._jobs: frozenset[str] = frozenset()
        self._looked: float | None = None
        self._lock = threading.Lock()

    def wait_for(self, job: str) -> bool:
        """Return whether one of a job does."""
        with self._lock:
            if self._looked is None or time.monotonic() - self._looked >= self.seconds:
                with self.db.read() as session:
                    self._jobs = runs.waiting(session, self.clock.now())
                self._looked = time.monotonic()
            return job in self._jobs


class JobTicker:
    """Looks whether one job is due, and runs it."""

    def __init__(self, db: Database, clock: Clock, job: Job, owner: str, retries: Retries | None = None) -> None:
        """`owner` names this process in the rows it claims; its tickers look for failed runs together in `retries`."""
        self.db, self.clock, self.job, self.owner = db, clock, job, owner
        self.retries = retries or Retries(db, clock)
        self._last: datetime | None = None
        self._stopping = False

    def stop(self) -> None:
        """Begin no further run: what is left to catch up is found again at the next start."""
        self._stopping = True

    def tick(self) -> int:
        """Run what is due, the oldest first; return how many runs there were."""
        try:
            return self._runs()
        except Exception as error:  # noqa: BLE001 - the database is away: the next tick finds the same work
            log.warning("tick_failed", job=self.job.name, error=f"{type(error).__name__}")
            return 0

    def _runs(self) -> int:
        number = 0
        while not self._stopping and (run := self._claim_again()) is not None:
            self._run(run)
            number += 1
        if self._last is None:
            with self.db.read() as session:
                self._last = runs.last_scheduled(session, self.job.name)
        for instant in due(self.job.schedule, self._last, self.clock.now(), each=self.job.each):
            if self._stopping:
                break
            with self.db.write() as session:
                claimed = runs.begin(session, self.clock.now(), self.job.name, instant, self.owner)
            if claimed is not None:
                self._run(claimed)
                number += 1
            self._last = instant
        return number

    def _claim_again(self) -> JobRun | None:
        if not self.retries.wait_for(self.job.name):
            return None
        with self.db.write() as session:
            return runs.again(session, self.clock.now(), self.job.name, self.owner)

    def _run(self, run: JobRun) -> None:
        names = {"job": run.job, "scheduled_for": run.scheduled_for.isoformat(), "attempt": run.attempt}
        try:
            result = self.job.run(run.scheduled_for)
        except Exception as error:
            log.warning("job_failed", **names, error=runs.reason(error), exc_info=not runs.expected(error))
            with self.db.write() as session:
                runs.failed(session, self.clock.now(), run, runs.reason(error))
        else:
            log.info("job_done", **names, result=result)
            with self.db.write() as session:
                runs.done(session, self.clock.now(), run, result, stands_for_earlier=not self.job.each)


class SweepTicker:
    """Sweeps at every tick; each minute it leaves a row that tells how the sweep is doing."""

    def __init__(self, db: Database, clock: Clock, sweep: Sweep, owner: str) -> None:
        """`owner` names this process in the rows it writes."""
        self.db, self.clock, self.sweep, self.owner = db, clock, sweep, owner
        self._grid = Every(_minutes_between_notes(clock))
        self._noted: datetime | None = None

    def tick(self) -> int:
        """Sweep once; return how much there was to do."""
        try:
            number = self.sweep.run()
            self._note(None)
        except Exception as error:
            log.warning("sweep_failed", job=self.sweep.name, error=runs.reason(error), exc_info=True)
            self._note_failure(error)
            return 0
        return number

    def _note_failure(self, error: Exception) -> None:
        try:
            self._note(runs.reason(error))
        except Exception as second:  # noqa: BLE001 - the database itself is away
            log.warning("note_failed", job=self.sweep.name, error=type(second).__name__)

    def _note(self, error: str | None) -> None:
        now = self.clock.now()
        minute = self._grid.latest(now)
        if error is None and minute == self._noted:
            return
        if not (error is None and self._is_noted(minute)):  # one process may stand for all where it goes well
            with self.db.write() as session:
                runs.note_sweep(session, now, self.sweep.name, minute, self.owner, error)
        # A minute that failed is written again as soon as the sweep works.
        self._noted = minute if error is None else None

    def _is_noted(self, minute: datetime) -> bool:
        with self.db.read() as session:
            return runs.noted(session, self.sweep.name, minute)


def _minutes_between_notes(clock: Clock) -> int:
    """Return one, or more under a clock so fast that its minutes would flood the record."""
    minute = clock.real_seconds(MINUTE)
    return max(1, ceil(LEAST_NOTE_SECONDS / minute)) if minute else 1
