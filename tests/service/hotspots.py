"""Hot spots in the demonstration alliance: a fake FIRMS, polls of it, and shorter ways to look."""

from dataclasses import dataclass, replace
from datetime import datetime

from firewatch.adapters.firms import Firms
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.hotspots import chase, fires, tickets
from firewatch.hotspots.models import HotspotTicket, TicketState
from firewatch.hotspots.poll import poll
from firewatch.hotspots.take_in import TakenIn
from firewatch.hotspots.tickets import Decision
from firewatch.messaging.models import Message, SubjectKind
from firewatch.rulebook.hotspots import Hotspots
from firewatch.rulebook.read import Rulebook
from tests.build import OFFICER, rows
from tests.fake_firms import KEY, FakeFirms, viirs_row

N20, N21 = "VIIRS_NOAA20_NRT", "VIIRS_NOAA21_NRT"
DAY = "2026-04-01"


def row(place: tuple[float, float], clock: int = 300, **other: object) -> str:
    """A row of the morning of the test's day (UTC)."""
    return viirs_row(place[0], place[1], DAY, clock, **other)


def with_hotspots(book: Rulebook, **given: object) -> Rulebook:
    """The rulebook with other rules of hot spots."""
    return replace(book, hotspots=Hotspots.model_validate({**book.hotspots.model_dump(), **given}))


@dataclass
class Watch:
    """Somebody who watches satellites."""

    db: Database
    clock: FixedClock
    book: Rulebook
    fake: FakeFirms

    def poll(self, source: str = N20) -> TakenIn:
        feed = Firms(source, self.fake.url, KEY, first_wait_seconds=0.01, longest_wait_seconds=1)
        return poll(self.db, feed, self.clock, self.book)

    def sees(self, *told: str, source: str = N20) -> TakenIn:
        """The data set tells these rows, and is polled."""
        self.fake.rows[source] = list(told)
        return self.poll(source)

    def tickets(self, *states: TicketState) -> list[HotspotTicket]:
        found: list[HotspotTicket] = rows(self.db, HotspotTicket)
        return [ticket for ticket in found if not states or ticket.state in states]

    def ticket(self, number: int = 1) -> HotspotTicket:
        with self.db.read() as session:
            return tickets.get(session, number)

    def texts(self, template: str | None = None) -> list[Message]:
        found: list[Message] = rows(self.db, Message, Message.subject_kind == SubjectKind.HOTSPOT)
        return [text for text in found if template in {None, text.template}]

    def answer(
        self,
        verdict: TicketState,
        note: str = "looked at",
        number: int = 1,
        by: str = OFFICER,
        agency: str | None = None,
    ) -> HotspotTicket:
        with self.db.write() as session:
            return tickets.decide(session, self.clock, self.book, number, Decision(verdict, note, agency), by)

    def steps(self, number: int = 1) -> list[str]:
        with self.db.read() as session:
            return [step.kind for step in tickets.steps(session, [number])[number]]

    def due(self) -> list[int]:
        with self.db.read() as session:
            return chase.due(session, self.clock.now())

    def chase(self, number: int = 1) -> bool:
        with self.db.write() as session:
            return chase.chase(session, self.clock, self.book, number)

    def at_fires(self) -> list[tuple[int, int]]:
        with self.db.read() as session:
            return fires.due(session, self.clock.now(), self.book)

    def attach(self, number: int = 1) -> bool:
        with self.db.write() as session:
            return fires.attach_due(session, self.clock.now(), self.book, number)


def at(hour: int, minute: int = 0) -> datetime:
    """An instant of the test's day, UTC."""
    return datetime.fromisoformat(f"{DAY}T{hour:02d}:{minute:02d}:00+00:00")
