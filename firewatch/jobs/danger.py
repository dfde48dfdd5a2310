"""The jobs on the way from weather to people: days are graded, old forecasts and raw answers forgotten."""

from datetime import datetime, timedelta

from firewatch.clock import local_day
from firewatch.danger import assess
from firewatch.jobs import outlook, runs, sources
from firewatch.jobs.desk import Desk, Job
from firewatch.jobs.schedule import DailyAt
from firewatch.weather import ingest, superseded

KEEP_FORECASTS = timedelta(days=14)
"""How long forecasts are kept after their hour; past days are never graded on them."""
KEEP_SUPERSEDED = timedelta(days=2)
"""How long a forecast is kept that the same source has issued anew."""


def jobs(desk: Desk) -> list[Job]:
    """Return the scheduled jobs."""
    zone = desk.book.alliance.tz
    return [
        Job("danger", DailyAt(desk.book.danger.assess_at, zone), lambda at: _assess(desk, at), each=True),
        Job("tidy", DailyAt(4 * 60, zone), lambda at: _tidy(desk, at), each=False),
    ]


def _assess(desk: Desk, at: datetime) -> dict[str, str]:
    on = local_day(at, desk.book.alliance.tz)
    with desk.db.read() as session:
        if assess.settled(session, desk.clock, desk.book, on):
            return {"said": "on_record", "on": on.isoformat()}
    with desk.db.write() as session:
        assess.assess(session, desk.clock, desk.book, desk.sources, on)
    return {"said": "assessed", "on": on.isoformat()}


def _tidy(desk: Desk, at: datetime) -> dict[str, str]:
    with desk.db.write() as session:
        runs.forget_old(session, at)
    forgotten = 0
    answers = sources.tidy(desk, at, KEEP_FORECASTS)
    # In small pieces: a fire report must not wait until a year of forecasts is gone.
    while number := _forget_some(desk, at - KEEP_FORECASTS):
        forgotten += number
    for point_id in desk.book.points:
        with desk.db.write() as session:
            forgotten += superseded.forget(session, point_id, at - KEEP_SUPERSEDED)
    while outlook.forget_some(desk):
        pass
    return {"said": "tidied", "forecasts": str(forgotten), "answers": str(answers)}


def _forget_some(desk: Desk, before: datetime) -> int:
    with desk.db.write() as session:
        return ingest.forget_forecasts(session, before)
