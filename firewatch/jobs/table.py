"""The table of scheduled work: what is done, when, and by which function.

A *job* runs at the instants of its schedule, each run a row that can happen once. A *sweep* looks for due rows at every
tick (messages, plans, escalations): its timers are the rows themselves, so a lost tick loses nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from firewatch.jobs import (
    bulletins,
    comms,
    danger,
    dispatch,
    drill,
    hotspots,
    inbox,
    nightsheet,
    outlook,
    roster,
    sources,
    subscribers,
    warnings,
    watchdog,
)
from firewatch.jobs.desk import Desk, Job, Sweep, each


def jobs(desk: Desk) -> list[Job]:
    """Return the scheduled jobs."""
    return [
        *sources.jobs(desk),
        *danger.jobs(desk),
        *outlook.jobs(desk),
        *hotspots.jobs(desk),
        *comms.jobs(desk),
        *inbox.jobs(desk),
        *bulletins.jobs(desk),
        *roster.jobs(desk),
        *subscribers.jobs(desk),
    ]


def next_runs(table: Sequence[Job], now: datetime) -> list[tuple[str, datetime]]:
    """Return the jobs, and when each is due the next time after an instant."""
    return [(job.name, job.schedule.after(job.schedule.latest(now))) for job in table]


def sweeps(desk: Desk) -> list[Sweep]:
    """Return the sweeps."""
    plan, optimise, *after_sending = dispatch.sweeps(desk)
    return [
        plan,
        optimise,
        *sources.sweeps(desk),
        *outlook.sweeps(desk),
        Sweep("send", lambda: sum(map(len, each(line.sender.kick for line in desk.lines)))),
        *after_sending,
        Sweep("chase", lambda: sum(each(line.chaser.reconcile for line in desk.lines))),
        Sweep("receipts", lambda: sum(each(line.chaser.receipts for line in desk.lines))),
        *warnings.sweeps(desk),
        *hotspots.sweeps(desk),
        *comms.sweeps(desk),
        *watchdog.sweeps(desk),
        *bulletins.sweeps(desk),
        *roster.sweeps(desk),
        *nightsheet.sweeps(desk),
        *subscribers.sweeps(desk),
        *drill.sweeps(desk),
    ]
