"""Texts that came in while nobody here could take them: asked for in the provider's list, every few minutes.

The webhook brings them at once; the list finds what it could not bring. What has been taken in is known by its name at
the provider, so that asking twice does no harm.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from firewatch.dispatch import take_in
from firewatch.dispatch.take_in import Inbound
from firewatch.jobs.desk import Desk, Job
from firewatch.jobs.models import JobRun, RunState
from firewatch.jobs.schedule import Every
from firewatch.messaging.channels import Inbox

JOB: Final = "inbox"
OVERLAP: Final = timedelta(hours=1)
"""How far before the last good look a look begins: a text may be in the list later than it came."""
FIRST: Final = timedelta(days=1)
"""How far back the first look of all goes."""


def jobs(desk: Desk) -> list[Job]:
    """Return the job, where the provider keeps what came in."""
    inbox = desk.inbox
    if inbox is None:
        return []
    return [Job("inbox", Every(desk.book.messages.inbox_minutes), lambda _at: look(desk, inbox), each=False)]


def look(desk: Desk, inbox: Inbox) -> Mapping[str, str]:
    """Take in what came since the last good look, in the order in which it came. Raises ChannelError."""
    with desk.db.read() as session:
        since = _last_look(session, desk.clock.now()) - OVERLAP
    came = sorted(inbox.received(since), key=lambda text: text.sent_at)
    with desk.db.read() as session:
        known = take_in.known(session, [text.provider_id for text in came])
    missed = [text for text in came if text.provider_id not in known]
    for text in missed:
        take_in.receive(desk.db, desk.clock, Inbound(text.provider_id, text.sender, text.body, text.sent_at))
    return {"said": JOB, "count": str(len(missed))}


def _last_look(session: Session, now: datetime) -> datetime:
    query = select(JobRun.started_at).where(JobRun.job == JOB, JobRun.state == RunState.DONE)
    last = session.exec(query.order_by(col(JobRun.scheduled_for).desc()).limit(1)).first()
    return last or now - FIRST
