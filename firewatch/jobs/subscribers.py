"""Subscribers of the bulletins: told of each issued version; what is old is forgotten."""

from collections.abc import Mapping
from typing import Final

from firewatch.bulletins import digest
from firewatch.jobs.desk import Desk, Job, Sweep
from firewatch.jobs.schedule import Every
from firewatch.subscribers.models import Via
from firewatch.subscribers.tidy import tidy

EVERY_MINUTES: Final = 60


def jobs(desk: Desk) -> list[Job]:
    """Return the scheduled job."""
    return [Job("subscribers", Every(EVERY_MINUTES), lambda _at: _tidy(desk), each=False)]


def sweeps(desk: Desk) -> list[Sweep]:
    """Return the sweep; nobody is told where no channel is on."""
    ways = _ways(desk)
    return [Sweep("digest", lambda: _tell(desk, ways))] if ways else []


def _ways(desk: Desk) -> dict[Via, bool]:
    """Return the channels at work, and whether one may answer on them."""
    rules, can = desk.book.bulletins.subscribers, {line.channel.name: line.channel.can for line in desk.lines}
    on = {Via.EMAIL: rules.email, Via.SMS: rules.sms}
    return {via: can[via].two_way for via, is_on in on.items() if is_on and via in can}


def _tell(desk: Desk, ways: Mapping[Via, bool]) -> int:
    with desk.db.read() as session:
        due = digest.due(session, desk.clock.now())
    number = 0
    for bulletin_id in due:
        with desk.db.write() as session:
            number += digest.tell(session, desk.clock, bulletin_id, ways)
    return number


def _tidy(desk: Desk) -> Mapping[str, str]:
    with desk.db.write() as session:
        ended = tidy(session, desk.clock.now(), desk.book.bulletins.subscribers)
    return {"said": "subscribers", "count": str(ended)}
