"""A message whose fate is unknown is looked for before it is sent again, and receipts are asked for."""

from dataclasses import replace

from firewatch.messaging import outbox
from firewatch.messaging.channels import OutcomeUnknown, Outgoing
from firewatch.messaging.models import MessageState
from tests.service.messages import RULES, MemoryChannel, Post, build_alliance, claim, new_message


def test_a_message_that_was_taken_after_all_is_adopted(post: Post, channel: MemoryChannel) -> None:
    person, _ = build_alliance(post.db, post.clock.now())
    post.put(new_message(person))

    def drop(_: Outgoing) -> None:
        raise OutcomeUnknown("ReadError")

    channel.after = drop
    post.sender.send_due()
    assert post.states() == [MessageState.UNKNOWN]
    post.run(15)
    row = post.row(1)
    assert (row.state, row.provider_id, row.attempt) == (MessageState.HANDED_OVER, "id-1", 1)
    assert not row.possible_double
    assert len(channel.taken) == 1


def test_a_message_nobody_has_is_sent_again_after_two_looks_and_marked(post: Post, channel: MemoryChannel) -> None:
    person, _ = build_alliance(post.db, post.clock.now())
    post.put(new_message(person))
    looks = []

    def drop(_: Outgoing) -> None:
        channel.before = lambda _: None
        raise OutcomeUnknown("ReadError")

    channel.before, channel.asked = drop, lambda: looks.append(post.clock.now())
    post.run(59, step=1)
    row = post.row(1)
    assert (row.state, row.attempt, row.possible_double) == (MessageState.HANDED_OVER, 2, True)
    assert len(channel.taken) == 1
    assert (looks[1] - looks[0]).total_seconds() >= RULES.look_seconds


def test_a_list_that_cannot_be_read_is_no_look(post: Post, channel: MemoryChannel) -> None:
    person, _ = build_alliance(post.db, post.clock.now())
    post.put(new_message(person))

    def drop(*_: Outgoing) -> None:
        raise OutcomeUnknown("ReadTimeout", outage=False)

    channel.before = channel.asked = drop
    post.run(1800)
    row = post.row(1)
    assert (row.state, row.looks, row.attempt) == (MessageState.UNKNOWN, 0, 1)
    post.run(12 * 3600, step=600)
    assert post.states() == [MessageState.DEAD]
    kinds = {alarm.kind: alarm.closed_by for alarm in post.alarms()}
    assert kinds == {"message_unknown": "system", "message_dead": None}


def test_two_that_look_at_once_count_one_look(post: Post) -> None:
    person, _ = build_alliance(post.db, post.clock.now())
    post.put(new_message(person))
    claim(post)
    post.clock.advance(minutes=2)
    with post.db.write() as session:
        outbox.expire_leases(session, post.clock.now())
    seen = post.row(1)
    with post.db.write() as session:
        assert outbox.found_out(session, seen, MessageState.UNKNOWN, looks=1)
    with post.db.write() as session:
        assert not outbox.found_out(session, seen, MessageState.UNKNOWN, looks=1)
    assert post.row(1).looks == 1


def test_receipts_are_asked_for_and_a_bad_one_raises_an_alarm(post: Post, channel: MemoryChannel) -> None:
    people = build_alliance(post.db, post.clock.now())
    post.put(*(new_message(person) for person in people))
    post.sender.send_due()
    post.chaser.receipts()
    assert set(post.states()) == {MessageState.HANDED_OVER}
    channel.status_word = "sent"
    post.run(90)
    assert set(post.states()) == {MessageState.HANDED_OVER}
    channel.status_word = "delivered"
    post.run(RULES.receipt_after_seconds)
    assert set(post.states()) == {MessageState.DELIVERED}
    assert post.alarms() == []
    post.put(new_message(people[0], "sms.reminder", step=2))
    channel.status_word = "undelivered"
    post.run(10)
    assert post.states()[-1] is MessageState.UNDELIVERABLE
    assert [alarm.kind for alarm in post.alarms()] == ["message_undeliverable"]


def test_a_receipt_nobody_can_give_is_asked_for_again(post: Post, channel: MemoryChannel) -> None:
    person, _ = build_alliance(post.db, post.clock.now())
    post.put(new_message(person))
    post.sender.send_due()
    asked = []

    def garble() -> None:
        asked.append(post.clock.now())
        if len(asked) < 3:
            raise LookupError(person.phone)

    channel.asked, channel.status_word = garble, "delivered"
    post.run(RULES.receipt_after_seconds + 60)
    assert len(asked) == 3
    assert post.states() == [MessageState.DELIVERED]


def test_two_processes_at_one_queue_ask_after_each_message_once(post: Post, channel: MemoryChannel) -> None:
    people = build_alliance(post.db, post.clock.now(), agencies=25)
    post.put(*(new_message(person) for person in people))
    post.sender.send_due()
    post.clock.advance(seconds=RULES.receipt_after_seconds)
    other = replace(post.chaser)
    asked, elsewhere = [], []

    def join_in() -> None:
        asked.append(1)
        if len(asked) == 1:  # while the first waits for an answer
            elsewhere.append(other.receipts())

    channel.asked, channel.status_word = join_in, "delivered"
    assert post.chaser.receipts() == 20
    assert elsewhere == [5]
    assert len(asked) == 25
    assert set(post.states()) == {MessageState.DELIVERED}
