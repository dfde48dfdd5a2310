"""What each of the provider's error codes comes to, in a refusal or a receipt, and how the duty officer reads it."""

from contextlib import closing

import pytest
from sqlmodel import select

from firewatch import i18n
from firewatch.agencies.models import Contact
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.messaging import provider_errors
from firewatch.messaging.channels import SMS
from firewatch.messaging.models import Alarm, Message, MessageState
from firewatch.messaging.provider_errors import code_in, kind_of, read, table
from firewatch.messaging.transitions import FailureKind
from firewatch.rulebook.read import Rulebook
from tests.build import report_fire, rows, set_rows
from tests.fake_twilio import FakeTwilio
from tests.service.console import open_desk, said
from tests.service.messages import Post, build_alliance, new_message
from tests.service.test_twilio import twilio

OURS = [code for code, kind in table().items() if kind is FailureKind.OURS]
UNKNOWN = 29999


def test_every_kind_of_failure_has_its_codes() -> None:
    # A seal is a drill's own doing, before any provider is asked.
    assert set(table().values()) == set(FailureKind) - {FailureKind.SEALED}
    assert table() is table(), "it is read once"


def test_a_table_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="21211: comes twice"):
        read(["code,kind", "21211,number", "21211,ours"])
    with pytest.raises(ValueError, match="vanished"):
        read(["code,kind", "21211,vanished"])


def test_a_reason_is_a_code_or_something_else() -> None:
    assert [code_in(reason) for reason in ("twilio 21211", "30003", "HTTP 50000 ", "ConnectError", None)] == [
        21211,
        30003,
        None,
        None,
        None,
    ]
    assert [kind_of(reason) for reason in ("twilio 21211", f"twilio {UNKNOWN}", "ConnectError")] == [
        FailureKind.NUMBER,
        None,
        None,
    ]


def test_what_a_refusal_with_each_code_comes_to(db: Database, clock: FixedClock) -> None:
    codes = [code for code in table() if code not in OURS] + [UNKNOWN]
    people = build_alliance(db, clock.now(), agencies=len(codes))
    with FakeTwilio(progress_seconds=0) as fake, closing(twilio(fake.url)) as sms:
        fake.refused = {person.phone: code for person, code in zip(people, codes, strict=True)}
        post = Post(db, clock, sms)
        ids = post.put(*(new_message(person, channel=SMS) for person in people))
        post.sender.send_due()
        first = {code: post.row(number) for code, number in zip(codes, ids, strict=True)}
        for code, row in first.items():
            again = table().get(code, FailureKind.TRANSIENT) is FailureKind.TRANSIENT
            assert row.state is (MessageState.DUE if again else MessageState.DEAD), code
            assert row.error == f"twilio {code}"
        post.run(7200, step=60)
        post.sender.close()
        assert {row.state for row in map(post.row, ids)} == {MessageState.DEAD}, "none is tried for ever"
        alarmed = {alarm.key for alarm in post.alarms() if alarm.kind == "message_dead"}
        assert alarmed == {f"message:{number}" for number in ids}, "and none ends in silence"
    with db.read() as session:
        stopped = [person.id for person in session.exec(select(Contact)) if not person.reachable]
    assert stopped == [people[codes.index(21610)].id]
    assert [alarm.kind for alarm in post.alarms() if alarm.key.startswith("opted_out")] == ["opted_out"]


@pytest.mark.parametrize("code", OURS)
def test_a_failure_of_our_own_account_holds_the_queue(db: Database, clock: FixedClock, code: int) -> None:
    people = build_alliance(db, clock.now(), agencies=2)
    with FakeTwilio(progress_seconds=0) as fake, closing(twilio(fake.url)) as sms:
        fake.refused = {person.phone: code for person in people}
        post = Post(db, clock, sms, workers=1)
        ids = post.put(*(new_message(person, channel=SMS) for person in people))
        post.sender.send_due()
        assert post.states() == [MessageState.DUE] * 2
        assert post.row(ids[0]).failures == 0
        assert post.row(ids[1]).attempt == 0, "the second was not even tried"
        assert [alarm.kind for alarm in post.alarms()] == ["channel_held"]
        fake.refused = {}
        post.run(60)
        post.sender.close()
        assert post.states() == [MessageState.DELIVERED] * 2
        assert [alarm.closed_by for alarm in post.alarms()] == ["system"]


def test_what_a_receipt_with_each_code_comes_to(db: Database, clock: FixedClock) -> None:
    codes = [*table(), UNKNOWN]
    people = build_alliance(db, clock.now(), agencies=len(codes))
    with FakeTwilio() as fake, closing(twilio(fake.url)) as sms:
        fake.failing = {person.phone: code for person, code in zip(people, codes, strict=True)}
        post = Post(db, clock, sms)
        ids = post.put(*(new_message(person, channel=SMS) for person in people))
        post.run(300, step=30)
        post.sender.close()
        assert len(fake.accepted) == len(codes), "what was taken is not sent again: the escalation follows it up"
    for code, number in zip(codes, ids, strict=True):
        row = post.row(number)
        assert (row.state, row.error) == (MessageState.UNDELIVERABLE, str(code))
    kinds = [alarm.kind for alarm in post.alarms()]
    assert kinds.count("message_undeliverable") == len(codes)
    assert kinds.count("opted_out") == 1
    assert kinds.count("channel_held") == 1


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
def test_the_duty_officer_reads_it_in_words(db: Database, clock: FixedClock, rulebook: Rulebook, lang: str) -> None:
    desk = open_desk(db, clock, rulebook)
    report_fire(db, clock, rulebook)
    numbers = [row.id for row in rows(db, Message)]
    errors = [*(f"twilio {code}" for code in (21211, 30003)), "30007", f"twilio {UNKNOWN}", "ConnectError"]
    for number, error in zip(numbers, errors, strict=False):
        set_rows(db, Message, [number], error=error, state=MessageState.DEAD)
    with db.write() as session:
        session.add(
            Alarm(
                kind="message_dead",
                key="message:1",
                params={"contact": "kangle-liaison", "code": "123456", "reason": "twilio 21211"},
                raised_at=clock.now(),
            )
        )
    officer = desk.person(lang=lang)
    page = said(officer.page("/messages"))
    for code in (21211, 30003, 30007):
        assert i18n.text(lang, f"provider_error.{code}") in page
        assert i18n.text(lang, f"failure_kind.{provider_errors.table()[code]}") in page
    assert i18n.text(lang, "messages.error_unknown", code=UNKNOWN) in page
    assert "ConnectError" in page
    board = said(officer.page("/"))
    assert i18n.text(lang, "provider_error.21211") in board
