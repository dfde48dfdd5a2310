"""The outbox's promise on both databases: none is lost, whatever breaks, and a double only where it must be."""

import threading
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlmodel import select

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.messaging import outbox
from firewatch.messaging.channels import NotTaken, OutcomeUnknown, Outgoing
from firewatch.messaging.models import Message, MessageState, SubjectKind
from firewatch.messaging.outbox import Claim
from firewatch.messaging.transitions import FailureKind
from tests.service.messages import RULES, MemoryChannel, Post, build_alliance, claim, new_message


class Killed(BaseException):
    """The process ends here: nothing after it runs, as with kill -9."""


# Writing


def test_the_same_message_again_is_the_row_there_is(post: Post) -> None:
    person, _ = build_alliance(post.db, post.clock.now())
    first, again = post.put(new_message(person), new_message(person))
    assert first == again
    row = post.row(first)
    assert row.code is not None
    assert row.body.endswith(row.code)
    assert row.to == person.phone
    assert post.put(new_message(person, step=2)) != [first]


def test_a_message_and_its_cause_are_one_transaction(post: Post) -> None:
    person, _ = build_alliance(post.db, post.clock.now())

    def write_and_fail() -> None:
        with post.db.write() as session:
            outbox.put(session, post.clock.now(), new_message(person))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert post.states() == []


def test_two_transactions_that_write_the_same_message_write_one(post: Post) -> None:
    person, _ = build_alliance(post.db, post.clock.now())
    gate = threading.Barrier(4)
    ids: list[int] = []

    def write() -> None:
        gate.wait(10)
        ids.extend(post.put(new_message(person)))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(ids) == 4
    assert len(set(ids)) == 1


def test_only_what_is_due_of_an_older_revision_is_taken_back(post: Post) -> None:
    a, b = build_alliance(post.db, post.clock.now())
    post.put(new_message(a), new_message(b, due_at=post.clock.now() + timedelta(minutes=1)))
    claim(post)  # the first is on its way
    post.put(new_message(a, revision=2), new_message(b, revision=2))
    with post.db.write() as session:
        count = outbox.supersede(
            session, post.clock.now(), subject_kind=SubjectKind.INCIDENT, subject_id=1, before_revision=2
        )
    assert count == 1
    assert post.states() == [MessageState.SENDING, MessageState.SUPERSEDED, MessageState.DUE, MessageState.DUE]


# Claiming


def test_the_most_urgent_goes_first(post: Post) -> None:
    people = build_alliance(post.db, post.clock.now(), agencies=4)
    now = post.clock.now()
    post.put(
        new_message(people[0], priority=5),
        new_message(people[1], priority=1, due_at=now - timedelta(seconds=1)),
        new_message(people[2], priority=1, due_at=now - timedelta(seconds=2)),
        new_message(people[3], priority=1, due_at=now + timedelta(seconds=1)),
    )
    assert [row.contact_id for row in claim(post)] == ["p2", "p1", "p0"]


def test_an_unfinished_older_message_holds_back_the_next_to_the_same_person(post: Post) -> None:
    a, b = build_alliance(post.db, post.clock.now())
    [first] = post.put(new_message(a))
    assert {row.id for row in claim(post)} == {first}, "under way: nothing takes its place"
    second, other = post.put(new_message(a, "sms.reminder", step=2, priority=1), new_message(b))
    assert {row.id for row in claim(post)} == {other}
    assert claim(post) == []
    with post.db.write() as session:  # unknown holds it back as well
        assert outbox.expire_leases(session, post.clock.advance(minutes=2)) == 2
    assert claim(post) == []
    post.run(120)
    assert post.row(second).state is MessageState.HANDED_OVER


def test_two_senders_never_share_a_row(post: Post) -> None:
    people = build_alliance(post.db, post.clock.now(), agencies=60)
    post.put(*(new_message(person) for person in people))
    gate, taken = threading.Barrier(4), Counter[int]()
    lock = threading.Lock()

    def take(owner: str) -> None:
        gate.wait(10)
        while rows := claim(post, owner, limit=3):
            with lock:
                taken.update(row.id or 0 for row in rows)
                assert {row.owner for row in rows} == {owner}
                assert len(rows) <= 3

    threads = [threading.Thread(target=take, args=(f"owner-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(taken) == 60
    assert set(taken.values()) == {1}


def test_a_late_finish_of_an_expired_claim_changes_nothing(post: Post) -> None:
    person, _ = build_alliance(post.db, post.clock.now())
    post.put(new_message(person))
    (row,) = claim(post, "slow")
    with post.db.write() as session:
        outbox.expire_leases(session, post.clock.advance(minutes=2))
    before = post.row(row.id or 0)
    with post.db.write() as session:
        assert not outbox.finish(session, Claim.of(row), MessageState.HANDED_OVER, provider_id="late")
    assert post.row(row.id or 0) == before
    assert before.state is MessageState.UNKNOWN


def test_a_sender_that_slept_through_its_lease_does_not_send(post: Post, channel: MemoryChannel) -> None:
    person, _ = build_alliance(post.db, post.clock.now())
    post.put(new_message(person))
    (row,) = claim(post, "test")
    post.clock.advance(minutes=2)
    post.sender._handle(row)
    assert channel.taken == []


# Sending


def test_what_is_due_is_sent_once(post: Post, channel: MemoryChannel) -> None:
    people = build_alliance(post.db, post.clock.now(), agencies=20)
    post.put(*(new_message(person) for person in people))
    assert post.sender.send_due() == 20
    assert post.sender.send_due() == 0
    assert set(post.states()) == {MessageState.HANDED_OVER}
    assert sorted(message.to for message in channel.taken) == sorted(person.phone for person in people)


def test_no_transaction_is_held_during_a_call(post: Post, channel: MemoryChannel) -> None:
    people = build_alliance(post.db, post.clock.now())
    post.put(*(new_message(person) for person in people))
    written: list[int] = []
    # A write from within the call: it would wait for ever behind a transaction held there.
    channel.before = lambda _: written.extend(post.put(new_message(people[0], "sms.reminder", step=2)))
    post.sender.send_due()
    assert written
    assert set(post.states()) == {MessageState.HANDED_OVER}


def test_one_call_that_hangs_holds_nobody_else_up(db: Database, clock: FixedClock, channel: MemoryChannel) -> None:
    people = build_alliance(db, clock.now(), agencies=10)
    hanging, others = threading.Event(), threading.Event()

    def hang_on_the_first(message: Outgoing) -> None:
        if message.agency_id == "a0":
            others.wait(20)
        elif len(channel.taken) == 8:
            hanging.set()

    channel.before = hang_on_the_first
    post = Post(db, clock, channel, workers=2)
    post.put(*(new_message(person) for person in people))
    post.sender.kick()
    assert hanging.wait(20)
    others.set()
    post.sender.close()
    assert set(post.states()) == {MessageState.HANDED_OVER}


def test_a_hanging_call_is_cut(db: Database, clock: FixedClock, channel: MemoryChannel) -> None:
    person, _ = build_alliance(db, clock.now())
    forever = threading.Event()

    def hang(_: Outgoing) -> None:
        forever.wait(20)

    channel.before = hang
    post = Post(db, clock, channel, RULES.model_copy(update={"send_timeout_seconds": 0.2}))
    post.put(new_message(person))
    post.sender.send_due()
    row = post.row(1)
    forever.set()
    post.sender.close()
    assert (row.state, row.error) == (MessageState.UNKNOWN, "no answer within 0.2 s")


@pytest.mark.parametrize(("outage", "pauses", "failures"), [(True, [20, 20, 20], 0), (False, [20, 40, 80], 3)])
def test_what_was_not_taken_is_tried_again_with_backoff(
    post: Post, channel: MemoryChannel, outage: bool, pauses: list[int], failures: int
) -> None:
    person, _ = build_alliance(post.db, post.clock.now())
    post.put(new_message(person))
    tries = []

    def refuse(_: Outgoing) -> None:
        tries.append(post.clock.now())
        if len(tries) < 4:
            raise NotTaken(FailureKind.TRANSIENT, None, "ConnectError", outage=outage)

    channel.before = refuse
    post.run(300)
    assert [(b - a).total_seconds() for a, b in pairwise(tries)] == pauses
    row = post.row(1)
    assert (row.state, row.failures, row.possible_double) == (MessageState.HANDED_OVER, failures, False)


def test_a_poison_row_does_not_stop_the_batch_and_ends_with_an_alarm(post: Post, channel: MemoryChannel) -> None:
    people = build_alliance(post.db, post.clock.now(), agencies=8)
    post.put(*(new_message(person) for person in people))

    def choke(message: Outgoing) -> None:
        if message.agency_id == "a3":
            raise LookupError(message.to)

    channel.before = choke
    post.sender.send_due()
    assert post.states().count(MessageState.HANDED_OVER) == 7
    post.run(1800, step=20)
    row = post.row(4)
    assert (row.state, row.failures, row.error) == (MessageState.DEAD, RULES.max_failures, "LookupError")
    assert [(alarm.kind, alarm.agency_id, alarm.incident_id) for alarm in post.alarms()] == [("message_dead", "a3", 1)]
    assert people[3].phone not in str(post.alarms()[0].params)


def test_a_row_without_a_text_is_its_own_failure(post: Post, channel: MemoryChannel) -> None:
    a, b = build_alliance(post.db, post.clock.now())
    broken, fine = post.put(new_message(a), new_message(b))
    with post.db.write() as session:
        row = session.get(Message, broken)
        assert row is not None
        row.body = ""
    post.sender.send_due()
    assert (post.row(broken).state, post.row(broken).failures) == (MessageState.DUE, 1)
    assert post.row(fine).state is MessageState.HANDED_OVER
    assert len(channel.taken) == 1


@pytest.mark.parametrize("kind", [FailureKind.NUMBER, FailureKind.ROUTE, FailureKind.TEXT, FailureKind.FILTERED])
def test_what_can_never_be_sent_is_dead_at_once_with_an_alarm(
    post: Post, channel: MemoryChannel, kind: FailureKind
) -> None:
    person, _ = build_alliance(post.db, post.clock.now())
    post.put(new_message(person))

    def refuse(_: Outgoing) -> None:
        raise NotTaken(kind, "21211", "twilio 21211")

    channel.before = refuse
    post.run(60)
    row = post.row(1)
    assert (row.state, row.attempt, row.finished_at is not None) == (MessageState.DEAD, 1, True)
    assert [alarm.params["reason"] for alarm in post.alarms()] == ["twilio 21211"]


def test_what_was_tried_and_is_too_old_is_dead_with_an_alarm_and_is_not_sent(
    post: Post, channel: MemoryChannel
) -> None:
    person, _ = build_alliance(post.db, post.clock.now())
    post.put(new_message(person))

    def refuse(_: Outgoing) -> None:
        raise NotTaken(FailureKind.TRANSIENT, None, "ConnectError", outage=True)

    channel.before = refuse
    post.sender.send_due()
    post.clock.advance(minutes=RULES.max_age_minutes)
    post.chaser.reconcile()
    post.sender.send_due()
    assert post.states() == [MessageState.DEAD]
    assert [alarm.kind for alarm in post.alarms()] == ["message_dead"]
    assert channel.taken == []


def test_bad_credentials_hold_the_queue_and_burn_no_attempt(post: Post, channel: MemoryChannel) -> None:
    people = build_alliance(post.db, post.clock.now(), agencies=10)
    post.put(*(new_message(person) for person in people))
    calls = []

    def refuse(_: Outgoing) -> None:
        calls.append(post.clock.now())
        raise NotTaken(FailureKind.OURS, "20003", "twilio 20003")

    channel.before = refuse
    post.run(600)
    assert set(post.states()) == {MessageState.DUE}
    assert len(calls) <= 4 + 60  # as many as there are workers, then a probe every ten seconds
    with post.db.read() as session:
        assert {row.failures for row in session.exec(select(Message))} == {0}
    (alarm,) = post.alarms()
    assert (alarm.kind, alarm.closed_at) == ("channel_held", None)
    assert alarm.raised_at - calls[0] <= timedelta(seconds=30)
    channel.before = lambda _: None
    post.run(30)
    assert set(post.states()) == {MessageState.HANDED_OVER}
    assert [alarm.closed_by for alarm in post.alarms()] == ["system"]


def test_an_outage_opens_the_breaker_and_loses_nothing(post: Post, channel: MemoryChannel) -> None:
    people = build_alliance(post.db, post.clock.now(), agencies=100)
    post.put(*(new_message(person) for person in people))
    calls = []

    def break_down(*_: Outgoing) -> None:
        calls.append(post.clock.now())
        raise OutcomeUnknown("HTTP 500")

    channel.before = channel.asked = break_down
    post.run(600)
    assert len(calls) <= 100
    assert {alarm.kind for alarm in post.alarms() if alarm.closed_at is None} == {"channel_down", "channel_blind"}
    channel.before, channel.asked = lambda _: None, lambda: None
    post.run(60)
    assert set(post.states()) == {MessageState.HANDED_OVER}
    assert Counter(message.to for message in channel.taken) == {person.phone: 1 for person in people}
    assert {alarm.closed_by for alarm in post.alarms()} == {"system"}


# Dying


@pytest.mark.parametrize("where", ["before the claim is sent", "before it is taken", "after it is taken"])
@pytest.mark.parametrize("lives", [1, 5])
def test_a_sender_that_dies_loses_none_and_doubles_none(
    db: Database, clock: FixedClock, channel: MemoryChannel, where: str, lives: int
) -> None:
    people = build_alliance(db, clock.now(), agencies=12)
    Post(db, clock, channel).put(*(new_message(person) for person in people))

    def die(_: Outgoing) -> None:
        raise Killed

    for _ in range(lives):
        doomed = Post(db, clock, channel, workers=1)
        if where == "before the claim is sent":
            claim(doomed, limit=1)
        else:
            channel.before, channel.after = (die, channel.after) if "before" in where else (channel.before, die)
            with pytest.raises(Killed):
                doomed.sender.send_due()
        channel.before = channel.after = lambda _: None
        doomed.sender.close()
    survivor = Post(db, clock, channel)
    survivor.run(RULES.lease_seconds + RULES.look_seconds + 30)
    survivor.sender.close()
    assert set(survivor.states()) == {MessageState.HANDED_OVER}
    assert Counter(message.to for message in channel.taken) == {person.phone: 1 for person in people}
    with db.read() as session:
        marked = sum(row.possible_double for row in session.exec(select(Message)))
    assert marked == (0 if where == "after it is taken" else lives)
