"""Whatever happens, in whatever order: nobody due a message goes without it, and nobody gets it twice (messaging.md).

A state machine reports fires and lets senders die, the provider fail, receipts and answers come, and the clock run
and jump; the rows, the escalation and the provider's own list are looked at after every step. The outbox, the chaser
and the escalation are the real ones, on a real database; the provider keeps a list, as a provider does.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import select

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.incidents import notices
from firewatch.incidents.models import AgencyNotice
from firewatch.messaging import callbacks, outbox
from firewatch.messaging.channels import SMS, Channel, NotTaken, OutcomeUnknown, Outgoing, Seen
from firewatch.messaging.models import Alarm, Message, MessageState, SubjectKind
from firewatch.messaging.sender import outgoing_of
from firewatch.messaging.transitions import RANK, FailureKind
from firewatch.resources.load import load
from firewatch.rulebook.read import Rulebook
from tests.build import incident_of, report_fire, rows
from tests.service.messages import MemoryChannel, Post

START = datetime.fromisoformat("2026-04-08T03:00:00+08:00")
PLACES = ((35.43, 103.30), (35.30, 103.70), (35.70, 102.95))
LEASE_AND_SWEEP = timedelta(seconds=60 + 30)
FINAL = {
    MessageState.DELIVERED,
    MessageState.SUPERSEDED,
    MessageState.DEAD,
    MessageState.UNDELIVERABLE,
    MessageState.HANDED_OVER,
}
"""The last two only because their escalation has taken over: that is an invariant of its own."""
ENDED = {MessageState.DELIVERED, MessageState.SUPERSEDED, MessageState.DEAD}


class Machine(RuleBasedStateMachine):
    """The service and the world around it."""

    template: Path
    book: Rulebook

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="firewatch-machine-"))
        file = self.folder / "firewatch.db"
        shutil.copyfile(self.template, file)
        self.db = Database(f"sqlite:///{file}")
        self.clock = FixedClock(START)
        with self.db.write() as session:
            load(session, self.book)
        self.channel = MemoryChannel(name=SMS)
        channel: Channel = self.channel
        self.post = Post(self.db, self.clock, channel, self.book.messages, workers=2)
        self.fires: list[int] = []
        self.dead_senders = 0
        self.seen: dict[int, tuple[MessageState, int]] = {}

    def teardown(self) -> None:
        if self.fires:
            self.to_the_end()
        self.post.sender.close()
        self.db.dispose()
        shutil.rmtree(self.folder)

    # What happens

    @initialize()
    def the_first_fire(self) -> None:
        self.report()

    @precondition(lambda self: len(self.fires) < len(PLACES))
    @rule()
    def report(self) -> None:
        self.fires.append(incident_of(report_fire(self.db, self.clock, self.book, place=PLACES[len(self.fires)])))

    @rule()
    def tick(self) -> None:
        self.escalate()
        self.post.chaser.reconcile()
        self.post.chaser.receipts()
        self.post.sender.send_due()

    @rule(limit=st.integers(1, 9), taken=st.booleans())
    def a_sender_dies(self, limit: int, taken: bool) -> None:
        """It has claimed some rows; the provider has taken them, or has not: nobody wrote down which."""
        self.dead_senders += 1
        claimed = self.claim(f"dead-{self.dead_senders}", limit)
        if taken:
            for message in claimed:
                self.channel.send(outgoing_of(message))

    @rule(what=st.sampled_from(["drop", "refuse", "fault"]), times=st.integers(1, 8))
    def the_provider_fails(self, what: str, times: int) -> None:
        left = [times]

        def once(raises: Callable[[], Exception]) -> Callable[[Outgoing], None]:
            def fail(_: Outgoing) -> None:
                if left[0] > 0:
                    left[0] -= 1
                    raise raises()

            return fail

        if what == "drop":  # taken, and the answer lost
            self.channel.after = once(lambda: OutcomeUnknown("reset"))
        elif what == "refuse":
            self.channel.before = once(lambda: NotTaken(FailureKind.TRANSIENT, "429", "too many"))
        else:
            self.channel.before = once(lambda: OutcomeUnknown("500"))
        self.tick()
        self.channel.before = self.channel.after = lambda _: None

    @precondition(lambda self: self.channel.taken)
    @rule(which=st.integers(0, 10_000), status=st.sampled_from(sorted(RANK)), knows_ours=st.booleans())
    def a_receipt_comes(self, which: int, status: str, knows_ours: bool) -> None:
        """In any order, again and again, also before the answer to the sending."""
        number = which % len(self.channel.taken)
        ours = self.channel.taken[number].message_id if knows_ours else None
        with self.db.write() as session:
            callbacks.take(session, self.clock.now(), Seen(f"id-{number + 1}", status), ours, self.book.messages)

    @precondition(lambda self: self.fires)
    @rule(which=st.integers(0, 10_000))
    def an_agency_answers(self, which: int) -> None:
        notice = (found := rows(self.db, AgencyNotice))[which % len(found)]
        with self.db.write() as session:
            notices.acknowledge(session, self.clock, notice.incident_id, notice.agency_id, "officer")

    @rule(seconds=st.sampled_from([1, 10, 31, 61, 300, 7200]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)

    @rule(minutes=st.sampled_from([-60, -5, 60]))
    def the_clock_jumps(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)

    # What holds after every step

    @invariant()
    def nothing_final_changes_and_no_rank_falls(self) -> None:
        for message in self.messages():
            rank = RANK.get(message.provider_status or "", -1)
            state, was = self.seen.get(message.id or 0, (message.state, rank))
            assert rank >= was, f"{message.id}: {message.provider_status}"
            assert state not in ENDED or message.state is state, f"{message.id}: {state} became {message.state}"
            self.seen[message.id or 0] = message.state, rank

    @invariant()
    def nobody_gets_a_text_twice(self) -> None:
        times = Counter(message.code for message in self.channel.taken)
        assert max(times.values(), default=1) == 1, times

    @invariant()
    def every_agency_is_told_or_somebody_is_after_it(self) -> None:
        alarmed = {alarm.key for alarm in rows(self.db, Alarm) if alarm.closed_at is None}
        for notice in rows(self.db, AgencyNotice):
            if notice.acknowledged_at is None and notice.next_step_at is None:
                assert f"unacknowledged:{notice.incident_id}:{notice.agency_id}" in alarmed
        told = Counter(notice.incident_id for notice in rows(self.db, AgencyNotice))
        assert set(told.values()) <= {len(self.book.agencies)}
        for fire in self.fires:
            owed = [m for m in self.messages() if m.subject_kind == SubjectKind.INCIDENT and m.subject_id == fire]
            assert {message.agency_id for message in owed} == {agency.id for agency in self.book.agencies}

    @rule()
    def nothing_due_is_left_unseen(self) -> None:
        """With a provider that works: after a lease and a sweep nothing stands claimed, and nothing due waits."""
        self.tick()
        was = self.clock.now()
        self.clock.advance(seconds=LEASE_AND_SWEEP.total_seconds())
        self.tick()
        with self.db.read() as session:
            claimed = session.exec(select(Message).where(Message.state == MessageState.SENDING)).all()
            overdue = session.execute(outbox.claimable(SMS, was, 100)).all()
        assert [message.id for message in claimed if message.lease_until and message.lease_until < was] == []
        assert overdue == [] or self.post.breaker.open

    # What holds in the end

    def to_the_end(self) -> None:
        """The provider works and says what became of each: every row comes to its end, each text taken once or dead."""
        self.channel.status_word = "delivered"
        for _ in range(400):
            self.tick()
            if all(message.state in FINAL for message in self.messages()):
                break
            self.clock.advance(seconds=60)
        left = [(message.id, message.state, message.error) for message in self.messages() if message.state not in FINAL]
        assert left == []
        self.every_agency_is_told_or_somebody_is_after_it()
        self.nobody_gets_a_text_twice()
        taken = {message.code for message in self.channel.taken}
        alarms = [alarm.params for alarm in rows(self.db, Alarm)]
        for message in self.messages():
            if message.state is MessageState.DEAD:
                assert alarms, "a dead message is an alarm"
            elif message.state is not MessageState.SUPERSEDED:
                assert message.code in taken, f"{message.id} is {message.state} and was never taken"

    # Parts

    def messages(self) -> list[Message]:
        return rows(self.db, Message)

    def claim(self, owner: str, limit: int) -> list[Message]:
        with self.db.write() as session:
            return outbox.claim(
                session,
                self.clock.now(),
                channel=SMS,
                owner=owner,
                limit=limit,
                lease_seconds=self.book.messages.lease_seconds,
            )

    def escalate(self) -> None:
        with self.db.read() as session:
            due = notices.due(session, self.clock.now(), self.book.messages)
        for number in due:
            with self.db.write() as session:
                notices.chase(session, self.clock, self.book, number)


def test_nobody_due_a_message_goes_without_it(sqlite_template: Path, rulebook: Rulebook) -> None:
    Machine.template, Machine.book = sqlite_template, rulebook
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
