"""The jobs of hot spots: satellites' data sets are polled, deadlines are watched."""

from collections.abc import Callable
from functools import partial

import structlog
from sqlmodel import Session

from firewatch.hotspots import chase, fires
from firewatch.hotspots.feed import HotspotFeed
from firewatch.hotspots.poll import poll
from firewatch.jobs.desk import Desk, Job, Sweep
from firewatch.jobs.sources import own_minute

log = structlog.get_logger(__name__)


def jobs(desk: Desk) -> list[Job]:
    """Return one job for each data set; none without a key to ask with."""
    return [_job(desk, feed) for feed in desk.hotspots]


def sweeps(desk: Desk) -> list[Sweep]:
    """Return the look at open tickets; it goes on without a key, for what was asked is still to be answered."""
    return [Sweep("hotspot_tickets", lambda: _tickets(desk))]


def _job(desk: Desk, feed: HotspotFeed) -> Job:
    schedule = own_minute(desk.book, feed.id, desk.book.hotspots.poll_minutes)
    return Job(f"hotspots:{feed.id}", schedule, lambda _at: _poll(desk, feed), each=False)


def _poll(desk: Desk, feed: HotspotFeed) -> dict[str, str]:
    taken = poll(desk.db, feed, desk.clock, desk.book)
    return {"said": "hotspots", "inside": str(taken.inside), "new": str(taken.new), "opened": str(taken.opened)}


def _tickets(desk: Desk) -> int:
    now = desk.clock.now()
    with desk.db.read() as session:
        at_fires, late = fires.due(session, now, desk.book), chase.due(session, now)
    # First those that belong to a fire by now: nobody needs to be asked again about them.
    for number, _ in at_fires:
        _step(desk, number, partial(fires.attach_due, now=now, book=desk.book, ticket_id=number))
    for number in late:
        _step(desk, number, partial(chase.chase, clock=desk.clock, book=desk.book, ticket_id=number))
    return len(at_fires) + len(late)


def _step(desk: Desk, number: int, take: Callable[[Session], bool]) -> None:
    """Take one ticket's step in a transaction of its own; one that fails is put off and stops nobody else."""
    try:
        with desk.db.write() as session:
            take(session)
    except Exception:
        log.exception("hotspot_step_failed", hotspot=number)
        with desk.db.write() as session:
            chase.put_off(session, desk.clock, number)
