import threading

import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.errors import NotFound
from firewatch.messaging import alarms


def test_one_fault_is_one_open_alarm(db: Database, clock: FixedClock) -> None:
    with db.write() as session:
        for _ in range(3):
            alarms.raise_alarm(session, clock.now(), "channel_held", "channel_held:twilio", {"channel": "twilio"})
        alarms.raise_alarm(session, clock.now(), "channel_held", "channel_held:other", {"channel": "other"})
    with db.read() as session:
        assert sorted((alarm.key, alarm.times) for alarm in alarms.open_alarms(session)) == [
            ("channel_held:other", 1),
            ("channel_held:twilio", 3),
        ]


def test_a_closed_alarm_comes_again_as_a_new_one(db: Database, clock: FixedClock) -> None:
    with db.write() as session:
        first = alarms.raise_alarm(session, clock.now(), "channel_held", "k", {})
        assert first.id is not None
        alarms.close(session, clock.now(), first.id, "officer")
        closed_at = clock.now()
        clock.advance(minutes=1)
        alarms.close(session, clock.now(), first.id, "somebody else")
        second = alarms.raise_alarm(session, clock.now(), "channel_held", "k", {})
    assert (first.closed_at, first.closed_by) == (closed_at, "officer")
    assert second.id != first.id
    with db.read() as session:
        assert [alarm.id for alarm in alarms.open_alarms(session)] == [second.id]


def test_many_senders_that_meet_one_fault_raise_one_alarm(db: Database, clock: FixedClock) -> None:
    gate = threading.Barrier(8)

    def meet() -> None:
        gate.wait(10)
        with db.write() as session:
            alarms.raise_alarm(session, clock.now(), "channel_down", "channel_down:twilio", {})

    threads = [threading.Thread(target=meet) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with db.read() as session:
        assert [alarm.times for alarm in alarms.open_alarms(session)] == [8]


def test_closing_what_is_not_there(db: Database, clock: FixedClock) -> None:
    with db.write() as session, pytest.raises(NotFound):
        alarms.close(session, clock.now(), 1, "officer")
    with db.write() as session:
        assert not alarms.close_key(session, clock.now(), "nothing", "system")
