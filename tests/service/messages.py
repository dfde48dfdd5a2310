"""Rows and channels for the tests of the outbox: two agencies, a fire, and a provider in memory."""

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import col, select

from firewatch.agencies.models import Agency, AgencyKind, Contact, ContactRole
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.incidents.models import Incident
from firewatch.messaging import outbox
from firewatch.messaging.breaker import Breaker
from firewatch.messaging.channels import Accepted, Capabilities, Channel, Outgoing, Seen
from firewatch.messaging.chase import Chaser
from firewatch.messaging.models import Alarm, Message, MessageState, SubjectKind
from firewatch.messaging.sender import Sender
from firewatch.messaging.texts import TEMPLATES, carries
from firewatch.rulebook.messages import Messages

CHANNEL = "memory"
RULES = Messages()
EVERYTHING = Capabilities(two_way=True, links=True, free_text=True)


def build_alliance(db: Database, now: datetime, agencies: int = 2) -> list[Contact]:
    """Agencies with one liaison each, and incident 1."""
    with db.write() as session:
        people = []
        for n in range(agencies):
            session.add(
                Agency(id=f"a{n}", name_zh="机构", name_en="Agency", kind=AgencyKind.COUNTY, lat=35.4, lon=103.4)
            )
            session.flush()
            person = Contact(
                id=f"p{n}",
                agency_id=f"a{n}",
                name_zh="联络员",
                name_en="Liaison",
                role=ContactRole.LIAISON,
                phone=f"+4477009{n:05d}",
            )
            people.append(person)
        session.add_all(people)
        session.add(Incident(lat=35.4, lon=103.4, organiser_agency_id="a0", opened_at=now))
    return people


def new_message(contact: Contact, template: str = "sms.report", **given: object) -> outbox.NewMessage:
    """A message about incident 1."""
    values: dict[str, object] = {
        "subject_kind": SubjectKind.INCIDENT,
        "subject_id": 1,
        "contact": contact,
        "channel": CHANNEL,
        "template": template,
        "params": dict.fromkeys(TEMPLATES[template].params, "7"),
        "incident_id": 1,
    }
    return outbox.NewMessage(**{**values, **given})  # type: ignore[arg-type]  # checked by the fields' users


@dataclass
class MemoryChannel:
    """A provider with a memory. `before` and `after` run on either side of the taking and may raise."""

    name: str = CHANNEL
    can: Capabilities = EVERYTHING
    before: Callable[[Outgoing], None] = lambda _: None
    after: Callable[[Outgoing], None] = lambda _: None
    asked: Callable[[], None] = lambda: None
    status_word: str = "queued"
    taken: list[Outgoing] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: Outgoing) -> Accepted:
        self.before(message)
        with self.lock:
            self.taken.append(message)
            number = len(self.taken)
        self.after(message)
        return Accepted(f"id-{number}", self.status_word)

    def find(self, to: str, code: str, since: datetime, others: Collection[str]) -> Seen | None:
        del since, others
        self.asked()
        with self.lock:
            for number, message in enumerate(self.taken, 1):
                if message.to == to and carries(message.body, code):
                    return Seen(f"id-{number}", self.status_word)
        return None

    def status(self, provider_id: str) -> Seen:
        self.asked()
        return Seen(provider_id, self.status_word)


@dataclass
class Post:
    """A post office: one channel with its sender and its chaser, at a clock that stands still."""

    db: Database
    clock: FixedClock
    channel: Channel
    rules: Messages = RULES
    workers: int = 4
    budget_seconds: float = 15.0
    stopwatch: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self.breaker = Breaker()
        self.sender = Sender(
            self.db,
            self.channel,
            self.clock,
            self.rules,
            self.breaker,
            owner="test",
            workers=self.workers,
            chance=lambda: 0.5,
        )
        self.chaser = Chaser(
            self.db,
            self.channel,
            self.clock,
            self.rules,
            self.breaker,
            budget_seconds=self.budget_seconds,
            stopwatch=self.stopwatch,
        )

    def put(self, *new: outbox.NewMessage) -> list[int]:
        with self.db.write() as session:
            rows = [outbox.put(session, self.clock.now(), one) for one in new]
        return [row.id or 0 for row in rows]

    def row(self, message_id: int) -> Message:
        with self.db.read() as session:
            return session.exec(select(Message).where(Message.id == message_id)).one()

    def states(self) -> list[MessageState]:
        with self.db.read() as session:
            return [row.state for row in session.exec(select(Message).order_by(col(Message.id)))]

    def alarms(self) -> list[Alarm]:
        with self.db.read() as session:
            return list(session.exec(select(Alarm).order_by(col(Alarm.id))))

    def run(self, seconds: float, step: float = 5) -> None:
        """Let the service's clock run, ticking both jobs."""
        end = self.clock.now() + timedelta(seconds=seconds)
        while self.clock.now() < end:
            self.sender.send_due()
            self.chaser.reconcile()
            self.chaser.receipts()
            self.clock.advance(seconds=step)


def claim(post: Post, owner: str = "one", limit: int = 10) -> list[Message]:
    with post.db.write() as session:
        return outbox.claim(
            session, post.clock.now(), channel=CHANNEL, owner=owner, limit=limit, lease_seconds=RULES.lease_seconds
        )
