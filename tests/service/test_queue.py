"""How many texts wait and when the last is out: reckoned, on the page, over the API and among the figures."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.messaging import queue
from firewatch.messaging.alarms import raise_alarm
from firewatch.messaging.models import Message, MessageState
from firewatch.messaging.texts import segments
from firewatch.rulebook.messages import Messages
from firewatch.rulebook.read import Rulebook
from tests.build import prepare, report_fire, rows, set_rows
from tests.service.console import Desk, open_desk, said
from tests.service.server import Api, serving

SLOW = Messages(sender_per_second=0.5)


@pytest.fixture
def waiting(db: Database, clock: FixedClock, rulebook: Rulebook) -> list[Message]:
    """Seven texts about a fire, all due."""
    prepare(db, rulebook)
    report_fire(db, clock, rulebook)
    return rows(db, Message)


def standing(db: Database, clock: FixedClock, rules: Messages = SLOW) -> queue.Queue:
    with db.read() as session:
        return queue.standing(session, clock.now(), rules)


def test_an_empty_queue_ends_at_no_time(db: Database, clock: FixedClock) -> None:
    assert standing(db, clock) == queue.Queue(0, 0, None, stands_still=False)


def test_its_end_is_reckoned_by_the_segments_and_the_rate(
    db: Database, clock: FixedClock, waiting: list[Message]
) -> None:
    parts = sum(segments(message.body) for message in waiting)
    assert parts > len(waiting), "some of them are of two segments"
    ends_at = clock.now() + timedelta(seconds=parts / 0.5)
    assert standing(db, clock) == queue.Queue(7, parts, ends_at, stands_still=False)
    later = clock.now() + timedelta(hours=1)
    set_rows(db, Message, [waiting[0].id or 0], due_at=later)
    assert standing(db, clock).ends_at == later


@pytest.mark.parametrize(
    ("state", "status", "hours_ago", "waits"),
    [
        (MessageState.SENDING, None, 0, True),
        (MessageState.UNKNOWN, None, 0, True),
        (MessageState.HANDED_OVER, "queued", 1, True),
        (MessageState.HANDED_OVER, "queued", 11, False),
        (MessageState.HANDED_OVER, "sent", 1, False),
        (MessageState.DELIVERED, "delivered", 1, False),
        (MessageState.DEAD, None, 0, False),
    ],
)
def test_what_the_provider_has_not_passed_on_waits_too(
    db: Database,
    clock: FixedClock,
    waiting: list[Message],
    state: MessageState,
    status: str | None,
    hours_ago: int,
    waits: bool,
) -> None:
    handed_over_at = clock.now() - timedelta(hours=hours_ago) if status else None
    set_rows(db, Message, [waiting[0].id or 0], state=state, provider_status=status, handed_over_at=handed_over_at)
    assert standing(db, clock).waiting == (7 if waits else 6)


def test_nobody_says_when_a_queue_that_stands_still_ends(
    db: Database, clock: FixedClock, waiting: list[Message]
) -> None:
    with db.write() as session:
        raise_alarm(session, clock.now(), "channel_held", "channel_held:sms", {"channel": "sms", "reason": "x"})
    found = standing(db, clock)
    assert (found.waiting, found.ends_at, found.stands_still) == (len(waiting), None, True)


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


def test_the_page_tells_it(desk: Desk) -> None:
    officer = desk.person()
    assert "No text is waiting" in said(officer.page("/messages"))
    report_fire(desk.db, desk.clock, desk.book)
    parts = sum(segments(message.body) for message in rows(desk.db, Message))
    assert f"7 waiting ({parts} segments), the last at about 12:00:{parts:02}" in said(officer.page("/messages"))
    with desk.db.write() as session:
        raise_alarm(session, desk.clock.now(), "channel_down", "channel_down:sms", {"channel": "sms", "reason": "x"})
    assert "takes none just now" in said(officer.page("/messages"))


@pytest.fixture
def api(db: Database, clock: FixedClock, rulebook: Rulebook) -> Iterator[Api]:
    with serving(db, clock, rulebook) as api:
        yield api


def test_a_program_may_ask(api: Api, waiting: list[Message], clock: FixedClock) -> None:
    parts = sum(segments(message.body) for message in waiting)
    told = api.get("messages/queue").json()
    assert (told["waiting"], told["segments"], told["stands_still"]) == (7, parts, False)
    assert told["ends_at"] == (clock.now() + timedelta(seconds=parts)).isoformat().replace("+00:00", "Z")
    figures = api.client.get("/metrics").text
    assert "firewatch_messages_waiting 7.0" in figures
    assert f"firewatch_messages_queue_seconds {parts:.1f}" in figures
