"""Subscribers in the tests: the alliance with subscriptions on, its mail server, and what its jobs do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from sqlmodel import Session, col, select

from firewatch.adapters.smtp_mail import MailServer, SmtpMail
from firewatch.bulletins import post
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.messaging.breaker import Breaker
from firewatch.messaging.channels import SMS, Channel
from firewatch.messaging.chase import Chaser
from firewatch.messaging.models import Message
from firewatch.messaging.sender import Sender
from firewatch.rulebook.bulletins import Subscribers
from firewatch.rulebook.read import Rulebook
from firewatch.subscribers.models import Subscription
from firewatch.web.main import build
from tests.mail_server import HOST, MailHouse, mail_house, plain
from tests.service.console import Desk, Person, open_desk
from tests.service.messages import MemoryChannel

BASE = "https://firewatch.example"
ALICE, BOB = "villager.a@example.org", "villager.b@example.org"
PHONE = "+447700900555"
FORM = {"do": "ask", "address": ALICE, "all": "1", "lang": "en", "grade": "1"}


def with_subscribers(book: Rulebook, **given: object) -> Rulebook:
    """The demonstration alliance, open to subscribers of British reserved numbers."""
    values: dict[str, object] = {"email": True, "sms": True, "texts_to": ["+44"]}
    rules = Subscribers(**{**values, **given})
    return replace(book, bulletins=book.bulletins.model_copy(update={"subscribers": rules}))


@dataclass
class Office:
    """A service that sends: what its sweeps would do is called by hand, at a clock that stands still."""

    desk: Desk
    house: MailHouse
    phone: MemoryChannel
    letters: Sender
    chaser: Chaser
    texts: Sender
    stranger: Person = field(init=False)

    def __post_init__(self) -> None:
        self.stranger = self.desk.person(None)

    def send(self) -> None:
        """What the sending sweeps do, until nothing more is due."""
        while self.letters.send_due() or self.texts.send_due():
            self.desk.clock.advance(seconds=2)

    def ask(self, status: int = 200, /, **typed: str) -> str:
        """Fill in the form; return the page that answers."""
        answer = self.stranger.client.post("/bulletins/subscribe", data=FORM | typed)
        assert answer.status_code == status, answer.text
        return str(answer.text)

    def link(self, address: str = ALICE) -> str:
        """The path of the link in the newest letter to an address."""
        self.send()
        found = re.findall(rf"{BASE}(/bulletins/subscription/[\w-]+)", plain(self.house.to(address)[-1]))
        assert found
        return str(found[-1])

    def subscribe(self, address: str = ALICE, **typed: str) -> str:
        """Ask, and confirm by the link; return its path."""
        self.ask(address=address, **typed)
        link = self.link(address)
        assert self.stranger.client.post(link, data={"do": "confirm"}).status_code == 303
        return link

    def code(self) -> str:
        """The code in the newest text."""
        self.send()
        found = re.findall(r"(?<!\d)\d{8}(?!\d)", self.phone.taken[-1].body)
        assert len(found) == 1
        return str(found[0])

    def rows(self) -> list[Subscription]:
        with self.desk.db.read() as session:
            return list(session.exec(select(Subscription).order_by(col(Subscription.id))))

    def messages(self) -> list[Message]:
        with self.desk.db.read() as session:
            return to_subscribers(session)


def to_subscribers(session: Session) -> list[Message]:
    query = select(Message).where(col(Message.subscription_id).is_not(None))
    return list(session.exec(query.order_by(col(Message.id))))


@contextmanager
def open_office(db: Database, clock: FixedClock, book: Rulebook, **rules: object) -> Iterator[Office]:
    """The alliance with an officer, a mail server and a provider of texts."""
    book = with_subscribers(book, **rules)
    desk = open_desk(db, clock, book)
    services = replace(desk.app.state.firewatch, mail_on=True, public_url=BASE)
    desk.app = build(services)
    with mail_house() as house:
        server = MailServer(host=HOST, port=house.port, security="none", sender="bulletin@example.org")
        mail, phone = SmtpMail(server, clock, timeout_seconds=5), MemoryChannel(name=SMS)
        breakers = Breaker(), Breaker()
        channels: tuple[Channel, ...] = mail, phone
        letters, texts = (
            Sender(
                db,
                channel,
                clock,
                book.messages,
                breaker,
                owner="test",
                chance=lambda: 0.5,
                link_base=BASE,
                compose=post.write,
            )
            for channel, breaker in zip(channels, breakers, strict=True)
        )
        yield Office(desk, house, phone, letters, Chaser(db, mail, clock, book.messages, breakers[0]), texts)
        letters.close()
        texts.close()
