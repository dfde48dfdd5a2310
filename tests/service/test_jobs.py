import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.jobs import runs
from firewatch.jobs.desk import Job, Sweep
from firewatch.jobs.models import JobRun, RunState
from firewatch.jobs.schedule import DailyAt, Every
from firewatch.jobs.ticker import JobTicker, Retries, SweepTicker
from firewatch.messaging.alarms import open_alarms
from firewatch.rulebook.read import Rulebook
from firewatch.weather import ingest
from firewatch.weather.feeds import Reading
from firewatch.weather.models import Observation, ValueKind
from tests.build import rows

HOUR = timedelta(hours=1)


class Work:
    """A job's function that remembers when it was for, and fails as often as it is told."""

    def __init__(self, failures: int = 0, error: Exception | None = None) -> None:
        self.done: list[datetime] = []
        self.failures, self.error = failures, error or BadInput("the feed is garbled")

    def __call__(self, at: datetime) -> dict[str, str]:
        if self.failures > 0:
            self.failures -= 1
            raise self.error
        self.done.append(at)
        return {"said": "done"}


def hourly(work: Callable[[datetime], dict[str, str]], *, each: bool = False) -> Job:
    return Job("hourly", Every(60), work, each)


def ticker(db: Database, clock: FixedClock, job: Job, owner: str = "me") -> JobTicker:
    return JobTicker(db, clock, job, owner)


def view(db: Database, job: str = "hourly") -> runs.JobView:
    with db.read() as session:
        return runs.overview(session, [job])[0]


def states(db: Database) -> list[RunState]:
    return [row.state for row in rows(db, JobRun)]


def alarms(db: Database) -> list[str]:
    with db.read() as session:
        return [alarm.key for alarm in open_alarms(session)]


def test_every_instant_is_run_once(db: Database, clock: FixedClock) -> None:
    work = Work()
    tick = ticker(db, clock, hourly(work)).tick
    assert [tick(), tick()] == [1, 0]
    clock.advance(minutes=59)
    assert tick() == 0
    clock.advance(minutes=1)
    assert tick() == 1
    assert work.done == [clock.at - HOUR, clock.at]
    run = view(db).last_run
    assert run is not None
    assert (run.state, run.result, run.attempt, run.scheduled_for) == (RunState.DONE, {"said": "done"}, 1, clock.at)


def test_a_restart_runs_nothing_twice(db: Database, clock: FixedClock) -> None:
    work = Work()
    assert [ticker(db, clock, hourly(work), owner).tick() for owner in ("first", "second")] == [1, 0]
    assert len(work.done) == 1


@pytest.mark.timeout(60)
def test_two_processes_race_and_one_runs(db: Database, clock: FixedClock) -> None:
    work, together = Work(), threading.Barrier(4)
    tickers = [ticker(db, clock, hourly(work, each=True), owner) for owner in "abcd"]

    def race(one: JobTicker) -> None:
        for _ in range(5):
            together.wait(timeout=20)
            one.tick()
            if together.wait(timeout=20) == 0:
                clock.advance(hours=1)

    threads = [threading.Thread(target=race, args=(one,)) for one in tickers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=40)
    assert len(work.done) == len(set(work.done)) == 5
    assert states(db) == [RunState.DONE] * 5


def test_missed_days_are_caught_up_each(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    work = Work()
    job = Job("daily", DailyAt(14 * 60, rulebook.alliance.tz), work, each=True)
    ticker(db, clock, job).tick()
    clock.advance(days=3)
    assert ticker(db, clock, job).tick() == 3
    first = datetime(2026, 3, 31, 6, tzinfo=UTC)
    assert work.done == [first + timedelta(days=day) for day in range(4)]


def test_of_missed_hours_the_latest_stands_for_all(db: Database, clock: FixedClock) -> None:
    work = Work()
    ticker(db, clock, hourly(work)).tick()
    clock.advance(hours=5)
    assert ticker(db, clock, hourly(work)).tick() == 1
    assert work.done[-1] == clock.at
    assert len(work.done) == 2


def test_a_failure_is_on_record_and_tried_again_ever_more_slowly(db: Database, clock: FixedClock) -> None:
    work = Work(failures=2)
    tick = ticker(db, clock, hourly(work, each=True)).tick
    tick()
    [failed] = view(db).failed
    assert (failed.state, failed.error, failed.retry_at) == (
        RunState.FAILED,
        "the feed is garbled",
        clock.at + timedelta(seconds=30),
    )
    clock.advance(seconds=29)
    assert tick() == 0
    clock.advance(seconds=1)
    assert tick() == 1
    [failed] = view(db).failed
    assert (failed.attempt, failed.retry_at) == (2, clock.at + timedelta(seconds=60))
    clock.advance(seconds=60)
    tick()
    assert view(db).failed == []
    assert [(row.state, row.attempt) for row in rows(db, JobRun)] == [(RunState.DONE, 3)]


def test_all_jobs_look_for_failed_runs_together(
    db: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[datetime] = []
    waiting = runs.waiting

    def counted(session: Session, now: datetime) -> frozenset[str]:
        looks.append(now)
        return waiting(session, now)

    monkeypatch.setattr(runs, "waiting", counted)
    retries, work = Retries(db, clock, seconds=3600), Work(failures=1)
    tickers = [JobTicker(db, clock, Job(name, Every(60), work, False), "me", retries) for name in ("one", "two")]
    assert [each.tick() for each in tickers] == [1, 1]
    clock.advance(seconds=30)
    assert [each.tick() for each in tickers] == [0, 0], "it is not an hour since the last look"
    assert len(looks) == 1
    retries.seconds = 0.0
    assert [each.tick() for each in tickers] == [1, 0]


def test_words_of_foreign_errors_stay_out_of_the_record(db: Database, clock: FixedClock) -> None:
    ticker(db, clock, hourly(Work(1, ValueError("+447700900101")))).tick()
    assert [row.error for row in rows(db, JobRun)] == ["ValueError"]


def daily(work: Callable[[datetime], dict[str, str]], *, each: bool) -> Job:
    return Job("daily", DailyAt(0, ZoneInfo("Asia/Shanghai")), work, each)


def fail_to_the_end(db: Database, clock: FixedClock, job: Job) -> JobTicker:
    """Let one run fail as often as it may."""
    one = ticker(db, clock, job)
    for _ in range(runs.MAX_ATTEMPTS):
        assert one.tick() == 1
        clock.advance(minutes=70)
    assert states(db) == [RunState.GIVEN_UP]
    assert one.tick() == 0
    return one


def test_what_is_given_up_is_an_alarm_until_a_person_has_it_done(db: Database, clock: FixedClock) -> None:
    work = Work(failures=runs.MAX_ATTEMPTS)
    one = fail_to_the_end(db, clock, daily(work, each=True))
    assert alarms(db) == ["job:daily"]
    [failed] = view(db, "daily").failed
    with db.write() as session:
        runs.retry(session, clock, failed.id or 0)
    assert one.tick() == 1
    assert states(db) == [RunState.DONE]
    assert alarms(db) == []
    for number, error in ((failed.id or 0, Conflict), (99, NotFound)):
        with db.write() as session, pytest.raises(error):
            runs.retry(session, clock, number)


def test_a_later_success_makes_good_what_it_stands_for(db: Database, clock: FixedClock) -> None:
    work = Work(failures=runs.MAX_ATTEMPTS)
    one = fail_to_the_end(db, clock, daily(work, each=False))
    clock.advance(days=1)
    assert one.tick() == 1
    assert view(db, "daily").failed == []
    assert alarms(db) == []
    assert [(row.state, row.error) for row in rows(db, JobRun)] == [
        (RunState.DONE, "the feed is garbled"),
        (RunState.DONE, None),
    ]
    assert len(work.done) == 1


def test_a_failure_that_was_made_good_is_not_tried_again(db: Database, clock: FixedClock) -> None:
    work = Work(failures=2)
    one = ticker(db, clock, hourly(work))
    one.tick()
    clock.advance(hours=1)
    assert one.tick() == 2  # the old run fails again, then the new one succeeds
    assert work.done == [clock.at]
    clock.advance(minutes=55)
    assert one.tick() == 0
    assert view(db).failed == []


def test_a_daily_failure_is_not_made_good_by_another_day(db: Database, clock: FixedClock) -> None:
    one = fail_to_the_end(db, clock, daily(Work(failures=runs.MAX_ATTEMPTS), each=True))
    clock.advance(days=1)
    assert one.tick() == 1
    assert states(db) == [RunState.GIVEN_UP, RunState.DONE]
    assert len(view(db, "daily").failed) == 1
    assert alarms(db) == ["job:daily"]


def test_a_crashed_run_is_taken_over_and_its_ghost_changes_nothing(db: Database, clock: FixedClock) -> None:
    with db.write() as session:
        ghost = runs.begin(session, clock.now(), "hourly", clock.at, "crashed")
    assert ghost is not None
    work = Work()
    tick = ticker(db, clock, hourly(work)).tick
    clock.advance(minutes=14)
    assert tick() == 0
    clock.advance(minutes=1)
    assert tick() == 1
    assert work.done == [clock.at - timedelta(minutes=15)]
    before = [row.model_dump() for row in rows(db, JobRun)]
    ghost.attempt = runs.MAX_ATTEMPTS
    with db.write() as session:
        runs.failed(session, clock.now(), ghost, "I was only asleep")
        runs.done(session, clock.now(), ghost, {"said": "I was only asleep"})
    assert [row.model_dump() for row in rows(db, JobRun)] == before
    assert alarms(db) == []


def test_a_run_that_crashes_every_time_is_given_up(db: Database, clock: FixedClock) -> None:
    with db.write() as session:
        assert runs.begin(session, clock.now(), "hourly", clock.at, "crashed") is not None
    for _ in range(runs.MAX_ATTEMPTS - 1):
        clock.advance(minutes=15)
        with db.write() as session:
            assert runs.again(session, clock.now(), "hourly", "crashed too") is not None
    clock.advance(minutes=15)
    with db.write() as session:
        assert runs.again(session, clock.now(), "hourly", "wary") is None
    assert states(db) == [RunState.GIVEN_UP]
    assert alarms(db) == ["job:hourly"]


def test_a_run_under_way_is_left_alone(db: Database, clock: FixedClock) -> None:
    with db.write() as session:
        assert runs.begin(session, clock.now(), "hourly", clock.at, "other") is not None
    assert ticker(db, clock, hourly(Work())).tick() == 0


def test_a_database_that_is_away_costs_a_tick_only(
    db: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("select", {}, Exception("gone"))

    work = Work()
    tick = ticker(db, clock, hourly(work)).tick
    monkeypatch.setattr(db, "read", away)
    assert tick() == 0
    monkeypatch.undo()
    assert tick() == 1


def test_a_sweep_that_fails_is_noted_and_made_good(db: Database, clock: FixedClock) -> None:
    trouble = [True]

    def run() -> int:
        if trouble[0]:
            raise BadInput("no way through")
        return 3

    tick = SweepTicker(db, clock, Sweep("plan", run), "me").tick
    assert [tick(), tick()] == [0, 0]
    clock.advance(minutes=1)
    tick()
    assert [(row.state, row.error) for row in rows(db, JobRun)] == [(RunState.FAILED, "no way through")] * 2
    trouble[0] = False
    assert tick() == 3
    assert view(db, "plan").failed == []
    assert [row.error for row in rows(db, JobRun)] == ["no way through", None]
    clock.advance(seconds=30)
    assert tick() == 3
    assert len(rows(db, JobRun)) == 2


@pytest.mark.timeout(60)
def test_sweeps_of_several_processes_note_the_same_minute(db: Database, clock: FixedClock) -> None:
    tickers = [SweepTicker(db, clock, Sweep("plan", lambda: 1), owner) for owner in "abcdef"]
    together = threading.Barrier(len(tickers))

    def race(one: SweepTicker) -> None:
        for _ in range(5):
            together.wait(timeout=20)
            one.tick()
            if together.wait(timeout=20) == 0:
                clock.advance(minutes=1)

    threads = [threading.Thread(target=race, args=(one,)) for one in tickers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=40)
    assert [(row.state, row.error) for row in rows(db, JobRun)] == [(RunState.DONE, None)] * 5


def test_one_process_notes_that_a_sweep_goes_well_for_all(db: Database, clock: FixedClock) -> None:
    [mine, theirs] = [SweepTicker(db, clock, Sweep("plan", lambda: 1), owner) for owner in ("me", "them")]
    assert [mine.tick(), theirs.tick()] == [1, 1]
    clock.advance(minutes=1)
    assert [theirs.tick(), mine.tick()] == [1, 1]
    assert [row.owner for row in rows(db, JobRun)] == ["me", "them"]


def test_old_runs_are_forgotten_but_never_a_failure(db: Database, clock: FixedClock) -> None:
    tick = ticker(db, clock, hourly(Work(failures=1), each=True)).tick
    tick()
    clock.advance(hours=1)
    with db.write() as session:
        run = runs.begin(session, clock.now(), "hourly", clock.at, "me")
        assert run is not None
        runs.done(session, clock.now(), run, {})
    clock.advance(days=31)
    with db.write() as session:
        runs.forget_old(session, clock.now())
    assert states(db) == [RunState.FAILED]


def test_forecasts_long_past_are_forgotten_piece_by_piece(db: Database, clock: FixedClock) -> None:
    kinds = [ValueKind.FORECAST] * 5 + [ValueKind.ANALYSED, ValueKind.OBSERVED]
    old = [Reading("kangle", kind, clock.at - n * HOUR, clock.at - n * HOUR, "m", 1.0) for n, kind in enumerate(kinds)]
    young = Reading("kangle", ValueKind.FORECAST, clock.at + HOUR, clock.at, "m", 1.0)
    with db.write() as session:
        ingest.store(session, "feed", [*old, young], clock.now())
    forgotten = []
    for _ in range(4):
        with db.write() as session:
            forgotten.append(ingest.forget_forecasts(session, clock.at + HOUR, limit=2))
    assert forgotten == [2, 2, 1, 0]
    assert sorted(row.kind for row in rows(db, Observation)) == ["analysed", "forecast", "observed"]
