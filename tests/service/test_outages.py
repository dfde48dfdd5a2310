"""What an outage does to messages: it delays them, it never loses them, and it is told apart from a bad message."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.messaging.channels import Accepted, NotTaken, OutcomeUnknown, Outgoing, Seen
from firewatch.messaging.chase import UNKNOWN_TOO_LONG
from firewatch.messaging.models import MessageState
from firewatch.messaging.outbox import HOLDS_BACK
from firewatch.messaging.transitions import FailureKind
from tests.service.messages import RULES, MemoryChannel, Post, build_alliance, new_message

UNWRITABLE = "\ud800"  # no database takes half a surrogate pair


def refuse(*_: Outgoing) -> None:
    raise NotTaken(FailureKind.TRANSIENT, None, "ConnectError", outage=True)


def break_down(*_: Outgoing) -> None:
    raise OutcomeUnknown("HTTP 500")


def too_busy(*_: Outgoing) -> None:
    raise NotTaken(FailureKind.TRANSIENT, "429", "twilio 429")


def nothing(*_: Outgoing) -> None:
    """Nothing goes wrong."""


def lose_the_next_answer(channel: MemoryChannel) -> None:
    """Let the next message be taken without an answer."""

    def drop(_: Outgoing) -> None:
        channel.after = nothing
        raise OutcomeUnknown("ReadError", outage=False)

    channel.after = drop


@dataclass
class Hands:
    """The hands of a stopwatch that nobody else's work on this machine moves."""

    seconds: float = 0.0

    def turn(self, seconds: float) -> None:
        self.seconds += seconds


def kinds(post: Post) -> list[tuple[str, bool]]:
    """The alarms: their kinds, and whether they are open."""
    return [(alarm.kind, alarm.closed_at is None) for alarm in post.alarms()]


def test_three_hours_without_a_connection_lose_nothing(post: Post, channel: MemoryChannel) -> None:
    people = build_alliance(post.db, post.clock.now(), agencies=10)
    ids = post.put(*(new_message(person) for person in people))
    channel.before = channel.asked = refuse
    post.run(3 * 3600, step=60)
    assert set(post.states()) == {MessageState.DUE}
    assert {post.row(n).failures for n in ids} == {0}
    assert kinds(post) == [("channel_down", True)]
    channel.before = channel.asked = nothing
    post.run(60)
    assert set(post.states()) == {MessageState.HANDED_OVER}
    assert Counter(message.to for message in channel.taken) == {person.phone: 1 for person in people}
    assert kinds(post) == [("channel_down", False)]


def test_a_provider_that_answers_questions_but_takes_nothing(post: Post, channel: MemoryChannel) -> None:
    people = build_alliance(post.db, post.clock.now(), agencies=60)
    tries = []

    def take_nothing(message: Outgoing) -> None:
        tries.append(post.clock.now())
        break_down(message)

    channel.before = take_nothing
    began = post.clock.now()
    post.put(*(new_message(person) for person in people))
    post.run(600)
    assert len(tries) <= 100
    assert MessageState.DEAD not in post.states()
    (alarm,) = post.alarms()  # questions that are answered neither close it nor let it be raised again and again
    assert (alarm.kind, alarm.times, alarm.closed_at) == ("channel_down", 1, None)
    assert alarm.raised_at - began <= timedelta(seconds=10)
    channel.before = nothing
    post.run(60)
    assert set(post.states()) == {MessageState.HANDED_OVER}
    assert Counter(message.to for message in channel.taken) == {person.phone: 1 for person in people}
    assert kinds(post) == [("channel_down", False)]


def test_a_provider_that_takes_messages_but_answers_no_questions(post: Post, channel: MemoryChannel) -> None:
    people = build_alliance(post.db, post.clock.now(), agencies=20)
    lose_the_next_answer(channel)
    post.put(new_message(people[0]))
    asked = []

    def say_nothing() -> None:
        asked.append(post.clock.now())
        break_down()

    channel.asked = say_nothing
    post.run(120)
    post.put(*(new_message(person) for person in people[1:]))
    post.run(5)
    assert post.states() == [MessageState.UNKNOWN] + [MessageState.HANDED_OVER] * 19
    post.run(120)
    assert len(asked) <= 5 + 24
    assert kinds(post) == [("channel_blind", True)]
    channel.asked = nothing
    post.run(60)
    assert set(post.states()) == {MessageState.HANDED_OVER}
    assert len(channel.taken) == 20
    assert kinds(post) == [("channel_blind", False)]


def test_a_message_that_alone_fails_while_the_channel_works_is_given_up(post: Post, channel: MemoryChannel) -> None:
    people = build_alliance(post.db, post.clock.now(), agencies=40)
    post.put(new_message(people[0]))
    tries = []

    def choke(message: Outgoing) -> None:
        if message.agency_id == "a0":
            tries.append(message)
            break_down(message)

    channel.before = choke
    for person in people[1:]:
        post.put(new_message(person))
        post.run(30, step=10)
    assert len(tries) == RULES.max_failures
    assert Counter(post.states()) == {MessageState.DEAD: 1, MessageState.HANDED_OVER: 39}
    assert kinds(post) == [("message_dead", True)]


def test_one_that_stays_unknown_holds_the_next_back_for_minutes_and_alarms(post: Post, channel: MemoryChannel) -> None:
    person, _ = build_alliance(post.db, post.clock.now())
    lose_the_next_answer(channel)
    channel.asked = too_busy
    post.put(new_message(person))
    post.run(30)
    post.put(new_message(person, "sms.reminder", step=2))
    post.run(HOLDS_BACK.total_seconds())
    assert post.states() == [MessageState.UNKNOWN, MessageState.DUE]
    post.run(10)
    assert post.states() == [MessageState.UNKNOWN, MessageState.HANDED_OVER]
    assert post.alarms() == []
    post.run(UNKNOWN_TOO_LONG.total_seconds() - HOLDS_BACK.total_seconds())
    assert kinds(post) == [("message_unknown", True)]
    assert person.phone not in str(post.alarms()[0].params)
    channel.asked = nothing
    post.run(60)
    assert post.states() == [MessageState.HANDED_OVER] * 2
    assert len(channel.taken) == 2
    assert kinds(post) == [("message_unknown", False)]


def test_what_was_never_tried_is_tried_before_it_is_too_old(post: Post, channel: MemoryChannel) -> None:
    person, other = build_alliance(post.db, post.clock.now())
    post.put(new_message(person), new_message(other))
    post.clock.advance(minutes=RULES.max_age_minutes + 60)
    channel.before = lambda message: too_busy() if message.agency_id == other.agency_id else None
    post.chaser.reconcile()
    post.run(10)
    assert post.states() == [MessageState.HANDED_OVER, MessageState.DEAD]
    assert kinds(post) == [("message_dead", True)]


def test_an_answer_that_cannot_be_written_stops_nobody_else(db: Database, clock: FixedClock) -> None:
    people = build_alliance(db, clock.now(), agencies=5)
    odd = people[1].phone

    class Odd(MemoryChannel):
        def send(self, message: Outgoing) -> Accepted:
            taken = super().send(message)
            return Accepted(UNWRITABLE, "queued") if message.to == odd else taken

        def find(self, to: str, code: str, since: datetime, others: Collection[str]) -> Seen | None:
            seen = super().find(to, code, since, others)
            return Seen(UNWRITABLE, "queued") if seen and to == odd else seen

        def status(self, provider_id: str) -> Seen:
            return Seen(provider_id, UNWRITABLE if provider_id == "id-1" else "delivered")

    channel = Odd()
    post = Post(db, clock, channel, workers=1)
    post.put(*(new_message(person) for person in people))
    assert post.sender.send_due() == 5
    assert Counter(post.states()) == {MessageState.SENDING: 1, MessageState.HANDED_OVER: 4}
    clock.advance(seconds=RULES.receipt_after_seconds + 1)
    assert post.chaser.receipts() == 4
    assert Counter(post.states()) == {MessageState.SENDING: 1, MessageState.HANDED_OVER: 1, MessageState.DELIVERED: 3}
    post.put(new_message(people[2], "sms.reminder", step=2))
    lose_the_next_answer(channel)
    post.sender.send_due()
    channel.status_word = "delivered"
    clock.advance(seconds=RULES.look_seconds)
    assert post.chaser.reconcile() == 2  # the odd one comes first, and the other has its turn all the same
    assert post.states()[5] is MessageState.DELIVERED
    odd_row = post.row(2)
    assert odd_row.state is MessageState.UNKNOWN
    assert odd_row.due_at > clock.now()
    post.sender.close()


def test_words_longer_than_their_columns_are_cut(post: Post, channel: MemoryChannel) -> None:
    person, _ = build_alliance(post.db, post.clock.now())
    post.put(new_message(person))
    channel.status_word = "awaiting_the_approval_of_the_carrier"
    post.sender.send_due()
    row = post.row(1)
    assert (row.state, row.provider_status) == (MessageState.HANDED_OVER, "awaiting_the_approva")


@pytest.mark.parametrize("sweep", ["reconcile", "receipts"])
def test_a_slow_provider_gets_no_more_than_its_share_of_time(
    db: Database, clock: FixedClock, channel: MemoryChannel, sweep: str
) -> None:
    people = build_alliance(db, clock.now(), agencies=6)
    hands = Hands()
    post = Post(db, clock, channel, budget_seconds=15, stopwatch=lambda: hands.seconds)
    if sweep == "reconcile":
        channel.after = break_down
    post.put(*(new_message(person) for person in people))
    for _ in range(3):
        post.sender.send_due()
        clock.advance(seconds=RULES.receipt_after_seconds)
    channel.after, channel.status_word, channel.asked = nothing, "delivered", lambda: hands.turn(10)
    run = getattr(post.chaser, sweep)
    assert [run(), run(), run()] == [2, 2, 2]
    assert set(post.states()) == {MessageState.DELIVERED}
    post.sender.close()
