"""The record of runs: claimed once, finished behind a fence, tried again when they failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from firewatch.clock import Clock
from firewatch.errors import Conflict, FirewatchError, NotFound
from firewatch.incidents.timeline import SYSTEM
from firewatch.jobs.models import JobRun, RunState
from firewatch.messaging.alarms import close_key, raise_alarm
from firewatch.weather.feeds import FeedDown

LEASE: Final = timedelta(minutes=15)
"""After so long a run that never ended counts as crashed."""
MAX_ATTEMPTS: Final = 8
RETRY: Final = timedelta(seconds=30)
"""Before the second attempt; it doubles each time."""
CRASHED: Final = "the process ended before the run did"
KEEP: Final = timedelta(days=30)
"""How long runs that went well are kept."""
FAILURES: Final = (RunState.FAILED, RunState.GIVEN_UP)


@dataclass(frozen=True)
class JobView:
    """A job as the screen shows it."""

    job: str
    last_run: JobRun | None
    failed: Sequence[JobRun]


def last_scheduled(session: Session, job: str) -> datetime | None:
    """Return the newest instant for which a job was ever begun."""
    query = select(JobRun.scheduled_for).where(JobRun.job == job).order_by(col(JobRun.scheduled_for).desc()).limit(1)
    return session.exec(query).first()


def begin(session: Session, now: datetime, job: str, scheduled_for: datetime, owner: str) -> JobRun | None:
    """Claim a run; None when somebody has begun it already."""
    run = JobRun(
        job=job,
        scheduled_for=scheduled_for,
        state=RunState.RUNNING,
        owner=owner,
        started_at=now,
        lease_until=now + LEASE,
    )
    try:
        with session.begin_nested():
            session.add(run)
            session.flush()
    except IntegrityError:
        return None
    return run


def waiting(session: Session, now: datetime) -> frozenset[str]:
    """Return the jobs of which a run waits to be tried again: a cheap look before `again`."""
    return frozenset(session.exec(select(JobRun.job).where(_waits(now))))


def again(session: Session, now: datetime, job: str, owner: str) -> JobRun | None:
    """Claim the oldest run of a job that failed and may be tried again, or that crashed; None when there is none.

    One that crashed at its last attempt is given up.
    """
    query = (
        select(JobRun)
        .where(JobRun.job == job)
        .where(_waits(now))
        .order_by(col(JobRun.scheduled_for))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    run = session.exec(query).first()
    if run is not None and run.state == RunState.RUNNING and run.attempt >= MAX_ATTEMPTS:
        # It took the whole process down each time: tried for ever, it would never let the service live.
        failed(session, now, run, CRASHED)
        return None
    if run is not None:
        run.state, run.owner, run.attempt = RunState.RUNNING, owner, run.attempt + 1
        run.started_at, run.lease_until, run.retry_at, run.finished_at = now, now + LEASE, None, None
        session.flush()
    return run


def done(
    session: Session, now: datetime, run: JobRun, result: Mapping[str, str], *, stands_for_earlier: bool = False
) -> None:
    """Put on record that a run went well; what earlier runs failed to do is then done too, if it stands for them.

    Those keep their error. The alarm of a job that was given up is closed when nothing of it is left to be made good.
    """
    ours = _finish(session, run, state=RunState.DONE, finished_at=now, error=None, result=dict(result))
    if not ours:
        return
    if stands_for_earlier:
        made_good = col(JobRun.state).in_(FAILURES), col(JobRun.scheduled_for) < run.scheduled_for
        session.exec(
            update(JobRun).where(col(JobRun.job) == run.job, *made_good).values(state=RunState.DONE, retry_at=None)
        )
    if not _open_failures(session, run.job):
        close_key(session, now, _alarm_key(run.job), SYSTEM)


def failed(session: Session, now: datetime, run: JobRun, error: str) -> None:
    """Put on record that a run failed, and when it is tried again; the last failure is an alarm."""
    final = run.attempt >= MAX_ATTEMPTS
    wait = RETRY * 2 ** (run.attempt - 1)
    ours = _finish(
        session,
        run,
        state=RunState.GIVEN_UP if final else RunState.FAILED,
        finished_at=now,
        error=error[:500],
        retry_at=None if final else now + wait,
    )
    if final and ours:
        raise_alarm(session, now, "job_given_up", _alarm_key(run.job), {"job": run.job, "error": error[:200]})


def noted(session: Session, job: str, minute: datetime) -> bool:
    """Return whether a minute in which a sweep went well is on record."""
    query = select(JobRun.id).where(JobRun.job == job, JobRun.scheduled_for == minute, JobRun.state == RunState.DONE)
    return session.exec(query).first() is not None


def note_sweep(session: Session, now: datetime, job: str, minute: datetime, owner: str, error: str | None) -> None:
    """Put on record how a sweep did in a minute. It is never given up: its next tick is its next attempt."""
    this_minute = select(JobRun).where(JobRun.job == job, JobRun.scheduled_for == minute)
    run = session.exec(this_minute).first() or begin(session, now, job, minute, owner)
    if run is None:  # another process noted the same minute at the same moment
        run = session.exec(this_minute).one()
    run.state = RunState.DONE if error is None else RunState.FAILED
    run.finished_at, run.error = now, None if error is None else error[:500]
    if error is None:
        # It works again: what failed before is made good by this sweep.
        session.exec(
            update(JobRun)
            .where(col(JobRun.job) == job, col(JobRun.state) == RunState.FAILED)
            .values(state=RunState.DONE)
        )
    session.flush()


def expected(error: Exception) -> bool:
    """Return whether an error says all there is to say: then nobody needs its stack."""
    return isinstance(error, FirewatchError | FeedDown)


def reason(error: Exception) -> str:
    """Return an error in words fit for a screen: ours as they are, others by their kind only."""
    return str(error) if expected(error) else type(error).__name__


def overview(session: Session, jobs: Sequence[str]) -> list[JobView]:
    """Return how the jobs are doing: the last run of each and those that failed and were not made good."""
    return [JobView(job, _last(session, job), _open_failures(session, job)) for job in jobs]


def retry(session: Session, clock: Clock, run_id: int) -> JobRun:
    """Have a failed run tried again at once. Raises NotFound, and Conflict when it did not fail."""
    run = session.get(JobRun, run_id)
    if run is None:
        raise NotFound(f"there is no run {run_id}")
    if run.state not in FAILURES:
        raise Conflict(f"run {run_id} is {run.state}: there is nothing to try again")
    run.state, run.retry_at = RunState.FAILED, clock.now()
    session.flush()
    return run


def forget_old(session: Session, now: datetime) -> None:
    """Delete the rows of runs that went well long ago."""
    session.exec(delete(JobRun).where(col(JobRun.state) == RunState.DONE, col(JobRun.scheduled_for) < now - KEEP))


def _waits(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(col(JobRun.state) == RunState.FAILED, col(JobRun.retry_at) <= now),
        and_(col(JobRun.state) == RunState.RUNNING, col(JobRun.lease_until) <= now),
    )


def _finish(session: Session, run: JobRun, **values: object) -> bool:
    """Write the outcome if the run is still ours: one whose lease ran out belongs to whoever took it over."""
    result = session.exec(
        update(JobRun)
        .where(col(JobRun.id) == run.id, col(JobRun.owner) == run.owner, col(JobRun.attempt) == run.attempt)
        .values(**values)
    )
    return result.rowcount == 1


def _alarm_key(job: str) -> str:
    return f"job:{job}"


def _last(session: Session, job: str) -> JobRun | None:
    query = select(JobRun).where(JobRun.job == job).order_by(col(JobRun.scheduled_for).desc()).limit(1)
    return session.exec(query).first()


def _open_failures(session: Session, job: str) -> list[JobRun]:
    query = select(JobRun).where(JobRun.job == job, col(JobRun.state).in_(FAILURES))
    return list(session.exec(query.order_by(col(JobRun.scheduled_for).desc()).limit(5)))
