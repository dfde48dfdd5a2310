"""Receipts in every order come to the same end, and none that comes too early or for nobody is lost."""

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest
from sqlmodel import Session, col, select

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.messaging import callbacks, conclude, outbox
from firewatch.messaging.alarms import open_alarms
from firewatch.messaging.channels import Accepted, Outgoing, Seen
from firewatch.messaging.models import Message, MessageCallback, MessageState
from tests.service.messages import CHANNEL, RULES, MemoryChannel, Post, build_alliance, claim, new_message


def heard(session: Session, clock: FixedClock, message_id: int | None, status: str, sid: str | None = None) -> None:
    error = "30003" if status in {"undelivered", "failed"} else None
    seen = Seen(sid or f"SM{message_id}", status, error)
    callbacks.take(session, clock.now(), seen, message_id, RULES)


@pytest.mark.parametrize(
    ("statuses", "end", "word"),
    [
        (("queued", "sending", "sent", "undelivered", "delivered"), MessageState.DELIVERED, "delivered"),
        (("queued", "sent", "failed", "delivered", "read"), MessageState.DELIVERED, "read"),
        (("accepted", "sent", "failed", "undelivered", "canceled"), MessageState.UNDELIVERABLE, "undelivered"),
    ],
)
@pytest.mark.parametrize("answered_after", [0, 3, 5])
def test_all_120_orders_each_replayed_come_to_the_same(
    db: Database, clock: FixedClock, statuses: tuple[str, ...], end: MessageState, word: str, answered_after: int
) -> None:
    [person] = build_alliance(db, clock.now(), agencies=1)
    orders = list(permutations(statuses))
    assert len(orders) == 120
    with db.write() as session:
        for subject, _ in enumerate(orders, 1):
            outbox.put(session, clock.now(), new_message(person, subject_id=subject, incident_id=None))
        sending = outbox.claim(session, clock.now(), channel=CHANNEL, owner="one", limit=200, lease_seconds=60)
        for message, order in zip(sorted(sending, key=lambda row: row.id or 0), orders, strict=True):
            number = message.id or 0
            for n, status in enumerate(order):
                if n == answered_after:
                    answer(session, clock, message)
                heard(session, clock, number, status)
                heard(session, clock, number, status)
            if answered_after == len(order):
                answer(session, clock, message)
            for status in reversed(order):
                heard(session, clock, number, status)
    with db.read() as session:
        rows = session.exec(select(Message)).all()
        ends = {(row.state, row.provider_status, row.error, row.owner) for row in rows}
        assert ends == {(end, word, "30003" if word == "undelivered" else None, None)}
        assert len(session.exec(select(MessageCallback)).all()) == 600
        assert len(open_alarms(session)) == (120 if end is MessageState.UNDELIVERABLE else 0)


def answer(session: Session, clock: FixedClock, message: Message) -> None:
    """What the sender does with the provider's answer to the create."""
    accepted = Accepted(f"SM{message.id}", "accepted")
    assert conclude.attempt(session, clock.now(), message, accepted, RULES, lambda: 0.5)
    callbacks.settle(session, clock.now(), message.id or 0, RULES)


def test_a_receipt_before_the_answer_to_the_create_is_not_lost(db: Database, clock: FixedClock) -> None:
    """The provider calls back while it still holds the line."""
    people = build_alliance(db, clock.now(), agencies=1)
    channel = MemoryChannel()

    def called_back(message: Outgoing) -> None:
        with db.write() as session:
            heard(session, clock, message.message_id, "delivered", "id-1")

    channel.after = called_back
    post = Post(db, clock, channel)
    [number] = post.put(new_message(people[0]))
    post.sender.send_due()
    post.sender.close()
    assert (post.row(number).state, post.row(number).provider_status) == (MessageState.DELIVERED, "delivered")


def test_a_receipt_settles_what_nobody_knew_without_asking(post: Post, channel: MemoryChannel) -> None:
    people = build_alliance(post.db, post.clock.now(), agencies=1)
    [number] = post.put(new_message(people[0]))
    claim(post)  # and the sender dies
    with post.db.write() as session:
        heard(session, post.clock, number, "sent")
    post.clock.advance(seconds=RULES.lease_seconds + 1)
    post.chaser.reconcile()
    assert (post.row(number).state, post.row(number).provider_id) == (MessageState.HANDED_OVER, f"SM{number}")
    assert channel.taken == []


def test_a_receipt_for_nobody_is_kept_until_there_is_somebody(post: Post) -> None:
    people = build_alliance(post.db, post.clock.now(), agencies=1)
    with post.db.write() as session:
        heard(session, post.clock, None, "delivered", "id-1")
        heard(session, post.clock, 4711, "sent", "id-2")
    [number] = post.put(new_message(people[0]))
    post.sender.send_due()
    assert post.row(number).state is MessageState.DELIVERED
    with post.db.read() as session:
        kept = session.exec(select(MessageCallback).order_by(col(MessageCallback.id))).all()
        assert [(row.provider_id, row.message_id) for row in kept] == [("id-1", None), ("id-2", None)]


def test_callbacks_in_one_moment_do_not_overtake_each_other(post: Post) -> None:
    people = build_alliance(post.db, post.clock.now(), agencies=8)
    numbers = post.put(*(new_message(person) for person in people))
    post.sender.send_due()
    words = ("sending", "sent", "undelivered", "delivered", "read")

    def call(number: int, status: str) -> None:
        with post.db.write() as session:
            heard(session, post.clock, number, status, post.row(number).provider_id)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(call, [n for n in numbers for _ in words], words * len(numbers)))
    assert {(post.row(n).state, post.row(n).provider_status) for n in numbers} == {(MessageState.DELIVERED, "read")}


def test_an_older_word_that_was_asked_for_does_not_overwrite_a_newer_one(post: Post) -> None:
    people = build_alliance(post.db, post.clock.now(), agencies=1)
    [number] = post.put(new_message(people[0]))
    post.sender.send_due()
    before = post.row(number)
    with post.db.write() as session:
        heard(session, post.clock, number, "sent", "id-1")
    with post.db.write() as session:
        assert not conclude.adopt(session, post.clock.now(), before, Seen("id-1", "sending"), RULES)
    assert post.row(number).provider_status == "sent"


def test_what_was_given_up_stays_so_and_says_what_came_of_it(post: Post) -> None:
    people = build_alliance(post.db, post.clock.now(), agencies=1)
    [number] = post.put(new_message(people[0]))
    with post.db.write() as session:
        session.get_one(Message, number).state = MessageState.DEAD
        session.flush()
        heard(session, post.clock, number, "delivered")
    assert (post.row(number).state, post.row(number).provider_status) == (MessageState.DEAD, "delivered")
