"""When the next step comes: late texts give their readers time, and a clock that is set back holds nothing up."""

from datetime import timedelta

import pytest
from sqlmodel import col

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch.models import Order
from firewatch.incidents.models import AgencyNotice
from firewatch.messaging import outbox
from firewatch.messaging.channels import NotTaken, Outgoing
from firewatch.messaging.models import Message, MessageState
from firewatch.messaging.transitions import FailureKind
from firewatch.rulebook.read import Rulebook
from tests.build import incident_of, ordered_fire, prepare, report_fire, rows
from tests.service import test_order_chase as orders
from tests.service.messages import MemoryChannel, Post
from tests.service.test_notices import AGENCIES, chase, kinds


@pytest.fixture
def post(db: Database, clock: FixedClock) -> Post:
    return Post(db, clock, MemoryChannel(name="sms"))


def send(post: Post) -> int:
    taken = 0
    while sent := post.sender.send_due():
        taken += sent
    return taken


def states(db: Database, template: str) -> set[MessageState]:
    return {row.state for row in rows(db, Message, col(Message.template) == template)}


def test_after_two_hours_without_a_service_nobody_gets_more_than_one_text(
    db: Database, clock: FixedClock, rulebook: Rulebook, post: Post
) -> None:
    """Whichever of the sweeps comes first: the sender, or the escalation."""
    prepare(db, rulebook)
    fire = incident_of(report_fire(db, clock, rulebook))
    clock.advance(hours=2)
    assert send(post) == AGENCIES
    assert chase(db, clock, rulebook) == 0, "they have only just been told"
    clock.advance(minutes=4, seconds=59)
    assert chase(db, clock, rulebook) == 0
    clock.advance(seconds=1)
    assert chase(db, clock, rulebook) == AGENCIES
    assert kinds(db, fire).count("reminded") == AGENCIES
    post.sender.close()


def test_a_reminder_takes_the_place_of_a_text_that_never_left(
    db: Database, clock: FixedClock, rulebook: Rulebook, post: Post
) -> None:
    prepare(db, rulebook)
    report_fire(db, clock, rulebook)
    clock.advance(hours=2)
    assert chase(db, clock, rulebook) == AGENCIES
    assert states(db, "sms.report") == {MessageState.SUPERSEDED}
    assert send(post) == AGENCIES
    assert states(db, "sms.reminder") == {MessageState.HANDED_OVER}
    post.sender.close()


def test_an_order_that_left_late_gives_its_reader_time_too(
    db: Database, clock: FixedClock, rulebook: Rulebook, post: Post
) -> None:
    prepare(db, rulebook)
    ordered_fire(db, clock, rulebook)
    clock.advance(hours=2)
    send(post)
    assert orders.chase(db, clock, rulebook) == 0
    clock.advance(minutes=5)
    assert orders.chase(db, clock, rulebook) == len(rows(db, Order))
    post.sender.close()


def test_a_text_that_is_just_leaving_is_waited_for(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    report_fire(db, clock, rulebook)
    clock.advance(minutes=5)

    def chased_meanwhile(_: Outgoing) -> None:
        assert chase(db, clock, rulebook, limit=1) == 0

    post = Post(db, clock, MemoryChannel(name="sms", before=chased_meanwhile), workers=1)
    assert send(post) == AGENCIES
    assert states(db, "sms.report") == {MessageState.HANDED_OVER}
    post.sender.close()


def test_a_channel_that_takes_nothing_holds_no_step_up(
    db: Database, clock: FixedClock, rulebook: Rulebook, post: Post
) -> None:
    def refuse(_: Outgoing) -> None:
        raise NotTaken(FailureKind.TRANSIENT, None, "ConnectError", outage=True)

    post.channel.before = refuse  # type: ignore[attr-defined]  # it is the one in memory
    prepare(db, rulebook)
    fire = incident_of(report_fire(db, clock, rulebook))
    for _ in range(2):
        clock.advance(minutes=5)
        send(post)
        assert chase(db, clock, rulebook) == AGENCIES
    assert kinds(db, fire).count("escalated") == AGENCIES
    post.sender.close()


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=400)])
def test_a_clock_that_is_set_back_holds_nothing_up(
    db: Database, clock: FixedClock, rulebook: Rulebook, post: Post, back: timedelta
) -> None:
    prepare(db, rulebook)
    fire = incident_of(report_fire(db, clock, rulebook))
    ordered = ordered_fire(db, clock, rulebook, place=(35.7, 102.9))[1]
    clock.at -= back
    post.chaser.reconcile()
    assert send(post) > AGENCIES, "the texts go out at once"
    assert chase(db, clock, rulebook) == 0, "and nobody is reminded early"
    assert orders.chase(db, clock, rulebook) == 0
    ahead = {row.next_step_at - clock.now() for row in rows(db, AgencyNotice) if row.next_step_at}
    assert ahead == {timedelta(minutes=5)}
    clock.advance(minutes=5)
    assert chase(db, clock, rulebook) == 2 * AGENCIES
    assert orders.chase(db, clock, rulebook) == len(ordered)
    assert kinds(db, fire).count("reminded") == AGENCIES
    post.sender.close()


def test_what_was_claimed_before_the_clock_was_set_back_is_asked_after(
    db: Database, clock: FixedClock, rulebook: Rulebook, post: Post
) -> None:
    prepare(db, rulebook)
    report_fire(db, clock, rulebook)
    with db.write() as session:
        outbox.claim(session, clock.now(), channel="sms", owner="killed", limit=3, lease_seconds=60)
    clock.at -= timedelta(hours=1)
    post.chaser.reconcile()
    send(post)
    for _ in range(3):
        clock.advance(seconds=31)
        post.chaser.reconcile()
        send(post)
    assert states(db, "sms.report") == {MessageState.HANDED_OVER}
    assert len(post.channel.taken) == AGENCIES  # type: ignore[attr-defined]  # it is the one in memory
    post.sender.close()
