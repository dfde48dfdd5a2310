"""The sweep from grades to warnings: after each assessment, and every minute, for time alone changes what is due."""

from datetime import datetime

from firewatch.jobs.desk import Desk, Sweep
from firewatch.jobs.schedule import Every
from firewatch.warnings import draft

MINUTE = Every(1)


def sweeps(desk: Desk) -> list[Sweep]:
    """Return the sweep."""
    return [Sweep("warnings", Drafting(desk).run)]


class Drafting:
    """Draws up what is due; it remembers what it has looked at, so that most ticks cost one short question."""

    def __init__(self, desk: Desk) -> None:
        """Nothing has been looked at yet: after a restart the same is found again."""
        self.desk = desk
        self._seen: tuple[datetime | None, datetime] | None = None

    def run(self) -> int:
        """Look, and write only if there is something to write; return how much that was."""
        desk = self.desk
        now = desk.clock.now()
        with desk.db.read() as session:
            seen = draft.newest_assessment(session, desk.clock, desk.book), MINUTE.latest(now)
            if seen == self._seen or not draft.due(session, desk.clock, desk.book):
                self._seen = seen
                return 0
        with desk.db.write() as session:
            changed = draft.draw_up(session, desk.clock, desk.book)
        self._seen = seen
        return changed
