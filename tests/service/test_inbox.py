"""Texts that no webhook has brought: found in the provider's list, taken in once, and not for what was asked later."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import col

from firewatch.agencies.models import Contact
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import take_in
from firewatch.dispatch.models import Order, OrderState
from firewatch.dispatch.take_in import Inbound
from firewatch.jobs import inbox
from firewatch.jobs.desk import Desk
from firewatch.jobs.models import JobRun
from firewatch.jobs.ticker import JobTicker
from firewatch.messaging.channels import ChannelError, Inbox
from firewatch.messaging.line import open_line
from firewatch.messaging.models import InboundMessage, Message, Taken
from firewatch.rulebook.read import Rulebook
from tests.build import ordered_fire, prepare, report_fire, rows, set_rows, texts
from tests.fake_twilio import Came, FakeTwilio
from tests.service.messages import MemoryChannel
from tests.service.test_twilio import twilio


@dataclass
class Missed:
    """A fire with its orders, and people who write while nobody listens."""

    desk: Desk
    provider: FakeTwilio
    channel: Inbox

    def write(self, sender: str, body: str, **ago: float) -> None:
        at = self.desk.clock.now() - timedelta(**ago)
        self.provider.inbox.append(Came(f"SM{len(self.provider.inbox) + 1:032x}", sender, body, at))

    def look(self) -> str:
        return inbox.look(self.desk, self.channel)["count"]

    def taken(self) -> list[InboundMessage]:
        found: list[InboundMessage] = rows(self.desk.db, InboundMessage)
        return found

    def order(self) -> Message:
        return texts(self.desk.db, 1, "sms.order")[0]


@pytest.fixture
def missed(db: Database, clock: FixedClock, rulebook: Rulebook) -> Iterator[Missed]:
    prepare(db, rulebook)
    ordered_fire(db, clock, rulebook)
    line = open_line(db, MemoryChannel(), clock, rulebook.messages, owner="me", workers=1)
    with FakeTwilio() as provider, closing(twilio(provider.url)) as channel:
        desk = Desk(db, clock, rulebook, [], [line], inbox=channel)
        yield Missed(desk, provider, channel)
        line.sender.close()


def test_what_came_while_nobody_listened_is_carried_out_in_its_order(missed: Missed, clock: FixedClock) -> None:
    order = missed.order()
    clock.advance(minutes=50)
    missed.write(order.to, f"2 {order.code}", minutes=40)
    missed.write(order.to, f"4 {order.code}", minutes=10)
    assert missed.look() == "2"
    [row] = rows(missed.desk.db, Order, col(Order.id) == order.subject_id)
    assert row.state is OrderState.ON_SCENE
    assert missed.look() == "0", "what has been taken in is known"
    assert [text.taken_for for text in missed.taken()] == [Taken.ANSWER] * 2


def test_what_the_webhook_has_brought_is_not_taken_in_again(missed: Missed, clock: FixedClock) -> None:
    order = missed.order()
    clock.advance(minutes=5)
    missed.write(order.to, f"2 {order.code}", minutes=1)
    brought = missed.provider.inbox[0]
    take_in.receive(missed.desk.db, clock, Inbound(brought.sid, brought.sender, brought.body))
    assert missed.look() == "0"
    assert len(missed.taken()) == 1


def test_a_late_digit_is_no_answer_to_what_was_asked_after_it(missed: Missed, clock: FixedClock) -> None:
    ordered = {message.to for message in texts(missed.desk.db, 1, "sms.order")}
    told = next(message for message in texts(missed.desk.db, 1, "sms.report") if message.to not in ordered)
    clock.advance(minutes=10)
    take_in.receive(missed.desk.db, clock, Inbound("SMnow", told.to, "1"))
    missed.write(told.to, "1", minutes=1)
    report_fire(missed.desk.db, clock, missed.desk.book, place=(35.70, 102.90))
    assert missed.look() == "1"
    assert [text.taken_for for text in missed.taken()] == [Taken.ANSWER, Taken.WHICH]


@pytest.mark.parametrize(("hours", "count"), [(24, "1"), (26, "0")])
def test_the_first_look_goes_back_a_day(missed: Missed, clock: FixedClock, hours: int, count: str) -> None:
    clock.advance(days=2)
    missed.write(missed.order().to, "1", hours=hours)
    assert missed.look() == count


def test_a_look_goes_back_to_the_last_that_went_well(missed: Missed, clock: FixedClock) -> None:
    [job] = inbox.jobs(missed.desk)
    ticker = JobTicker(missed.desk.db, clock, job, "me")
    assert ticker.tick() == 1
    clock.advance(days=3)  # the service was down
    missed.write(missed.order().to, "1", hours=71)
    assert ticker.tick() == 1
    assert len(missed.taken()) == 1
    missed.provider.down = True
    clock.advance(minutes=5)
    ticker.tick()
    [failed] = [run for run in rows(missed.desk.db, JobRun) if run.state == "failed"]
    assert failed.job == "inbox"
    assert missed.order().to not in (failed.error or "")


def test_a_late_stop_does_not_undo_a_start_that_came_after_it(missed: Missed, clock: FixedClock) -> None:
    order = missed.order()
    clock.advance(minutes=30)
    set_rows(missed.desk.db, Contact, [order.contact_id or ""], stopped_phone=order.to)
    take_in.receive(missed.desk.db, clock, Inbound("SMstart", order.to, "START"))
    missed.write(order.to, "STOP", minutes=20)
    assert missed.look() == "1"
    with missed.desk.db.read() as session:
        assert session.get_one(Contact, order.contact_id).reachable


def test_a_provider_that_does_not_answer_loses_nothing(missed: Missed) -> None:
    missed.write(missed.order().to, "1", minutes=0)
    missed.provider.down = True
    with pytest.raises(ChannelError):
        missed.look()
    missed.provider.down = False
    assert missed.look() == "1"


def test_what_we_have_sent_is_not_taken_for_a_reply(missed: Missed) -> None:
    now = missed.desk.clock.now()
    missed.provider.inbox.append(Came("SMours", missed.order().to, "1", now, direction="outbound-api"))
    assert missed.look() == "0"
    missed.provider.inbox.append(Came("SMtheirs", missed.order().to, "1", now))
    assert missed.look() == "1"
