"""Warnings in the tests: grades set by hand, days that pass, what waits and what is in force."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from threading import Barrier

from sqlmodel import col, delete

from firewatch.clock import FixedClock, local_day
from firewatch.danger.models import ZoneGrade
from firewatch.db import Database
from firewatch.errors import Conflict
from firewatch.messaging.models import Message, SubjectKind
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.warnings import Warnings
from firewatch.warnings import draft, record, release
from firewatch.warnings.models import WarningStep, ZoneWarning
from tests.build import rows

DAY = timedelta(days=1)
NAME = "Officer A"


def with_warnings(book: Rulebook, **given: object) -> Rulebook:
    """The rulebook with other rules of warning."""
    return replace(book, warnings=Warnings.model_validate({**book.warnings.model_dump(), **given}))


@dataclass
class Watch:
    """A service's warnings, driven by hand."""

    db: Database
    clock: FixedClock
    book: Rulebook

    @property
    def today(self) -> date:
        return local_day(self.clock.now(), self.book.alliance.tz)

    def grade(self, grades: Mapping[str, int] | int, back: int = 0) -> None:
        """Set the grades of today, or of some days ago, as an assessment writes them; again replaces."""
        on = self.today - back * DAY
        by_zone = grades if isinstance(grades, Mapping) else {zone.id: grades for zone in self.book.zones}
        with self.db.write() as session:
            for zone, grade in by_zone.items():
                session.exec(delete(ZoneGrade).where(col(ZoneGrade.zone_id) == zone, col(ZoneGrade.on) == on))
                session.add(
                    ZoneGrade(
                        zone_id=zone,
                        on=on,
                        scheme=self.book.danger.scheme,
                        grade=grade,
                        flags="history" if grade else "",
                        provisional=not back,
                        assessed_at=self.clock.now(),
                    )
                )

    def draw_up(self) -> int:
        with self.db.write() as session:
            return draft.draw_up(session, self.clock, self.book)

    def due(self) -> bool:
        with self.db.read() as session:
            return draft.due(session, self.clock, self.book)

    def day_with(self, grades: Mapping[str, int] | int) -> None:
        """A day passes; its grades are these."""
        self.clock.advance(days=1)
        self.grade(grades)
        self.draw_up()

    def waiting(self) -> dict[str, ZoneWarning]:
        with self.db.read() as session:
            return record.waiting(session)

    def in_force(self) -> dict[str, ZoneWarning]:
        with self.db.read() as session:
            return record.in_force(session)

    def ids(self) -> list[int]:
        """What waits, by number."""
        return sorted(record.number_of(row) for row in self.waiting().values())

    def approve(self, ids: Sequence[int] | None = None, by: str = "officer") -> None:
        with self.db.write() as session:
            release.approve(session, self.clock, ids or self.ids(), by, NAME)

    def issue(self, ids: Sequence[int] | None = None, by: str = "officer") -> None:
        with self.db.write() as session:
            release.issue(session, self.clock, self.book, ids or self.ids(), by)

    def release(self) -> None:
        """Approve and issue whatever waits."""
        self.approve()
        self.issue()

    def texts(self) -> list[Message]:
        found: list[Message] = rows(self.db, Message, Message.subject_kind == SubjectKind.WARNING)
        return found

    def steps(self, warning_id: int | None = None) -> list[str]:
        found: list[WarningStep] = rows(self.db, WarningStep)
        return [step.kind for step in found if warning_id in {None, step.warning_id}]

    def versions(self, zone: str) -> list[ZoneWarning]:
        found: list[ZoneWarning] = rows(self.db, ZoneWarning, ZoneWarning.zone_id == zone)
        return found


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """What becomes of deeds done at the same moment by different people."""
    barrier = Barrier(len(deeds))

    def one(deed: Callable[[], object]) -> str:
        barrier.wait()
        try:
            deed()
        except Conflict:
            return "conflict"
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(pool.map(one, deeds))
