"""The Twilio channel against a server that remembers: what it sends, makes of every answer, and never tells."""

import logging
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from firewatch.adapters.twilio_sms import TwilioSms
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.messaging.channels import SMS, ChannelError, NotTaken, OutcomeUnknown, Outgoing
from firewatch.messaging.models import MessageState
from firewatch.messaging.provider_errors import table
from firewatch.messaging.transitions import FailureKind
from tests.fake_twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio, Fault
from tests.service.messages import RULES, Post, build_alliance, new_message

PHONE = "+447700900123"
BODY = "【火情】东沟（35.40000,103.40000）确认码123456"


def twilio(url: str, *, token: str = TOKEN, sender: str = SENDER, seconds: float = 3) -> TwilioSms:
    return TwilioSms(account_sid=ACCOUNT, auth_token=token, sender=sender, base_url=url, timeout_seconds=seconds)


def outgoing(to: str = PHONE, body: str = BODY, valid_seconds: int | None = 600) -> Outgoing:
    return Outgoing(
        message_id=1,
        agency_id="kangle",
        incident_id=1,
        to=to,
        body=body,
        template="sms.report",
        params={},
        code=body[-6:],
        lang="zh",
        valid_seconds=valid_seconds,
    )


@pytest.fixture
def fake() -> Iterator[FakeTwilio]:
    with FakeTwilio() as server:
        yield server


@pytest.fixture
def channel(fake: FakeTwilio) -> Iterator[TwilioSms]:
    with closing(twilio(fake.url)) as sms:
        yield sms


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=5)


def test_a_message_is_created_as_twilio_wants_it(fake: FakeTwilio, channel: TwilioSms) -> None:
    answer = channel.send(outgoing())
    (taken,) = fake.accepted
    assert answer.provider_id == taken.sid
    assert answer.status == "queued"
    assert taken.fields == {"To": PHONE, "From": SENDER, "Body": BODY, "ValidityPeriod": "600"}


def test_receipts_are_asked_for_under_our_number(fake: FakeTwilio) -> None:
    hook = "https://firewatch.example/webhooks/twilio/status"
    with closing(
        TwilioSms(
            account_sid=ACCOUNT,
            auth_token=TOKEN,
            sender=SENDER,
            base_url=fake.url,
            timeout_seconds=3,
            callback_url=hook,
        )
    ) as sms:
        sms.send(outgoing())
    assert fake.accepted[0].fields["StatusCallback"] == f"{hook}?message=1"


def test_a_messaging_service_stands_in_for_the_sender(fake: FakeTwilio) -> None:
    with closing(twilio(fake.url, sender="MG" + "1" * 32)) as sms:
        sms.send(outgoing(valid_seconds=None))
    assert fake.accepted[0].fields == {"To": PHONE, "MessagingServiceSid": "MG" + "1" * 32, "Body": BODY}


@pytest.mark.parametrize(
    ("fault", "taken"),
    [
        (Fault.DROP_BEFORE, 0),
        (Fault.DROP_AFTER, 1),
        (Fault.ERROR_500, 0),
        (Fault.ERROR_500_AFTER, 1),
        (Fault.GARBLED, 1),
        (Fault.HANG, 0),
        (Fault.HANG_AFTER, 1),
    ],
)
def test_whatever_is_neither_yes_nor_no_is_unknown(fake: FakeTwilio, fault: Fault, taken: int) -> None:
    fake.always = fault
    with closing(twilio(fake.url, seconds=0.6)) as sms:
        started = time.monotonic()
        with pytest.raises(OutcomeUnknown) as raised:
            sms.send(outgoing())
        assert time.monotonic() - started < 2
    assert raised.value.outage
    assert len(fake.accepted) == taken
    assert fake.calls["create"] == 1  # nothing is tried again behind our back


@pytest.mark.parametrize("code", sorted(table()))
def test_every_refusal_has_its_kind(fake: FakeTwilio, channel: TwilioSms, code: int) -> None:
    fake.refused[PHONE] = code
    with pytest.raises(NotTaken) as raised:
        channel.send(outgoing())
    assert (raised.value.kind, raised.value.code) == (table()[code], str(code))
    assert not raised.value.outage


@pytest.mark.parametrize(
    ("fault", "kind"), [(Fault.BUSY, FailureKind.TRANSIENT), (Fault.UNAUTHORISED, FailureKind.OURS)]
)
def test_busy_and_unauthorised(fake: FakeTwilio, channel: TwilioSms, fault: Fault, kind: FailureKind) -> None:
    fake.always = fault
    with pytest.raises(NotTaken) as raised:
        channel.send(outgoing())
    assert raised.value.kind is kind
    assert not raised.value.outage


def test_a_code_nobody_knows_is_tried_again(fake: FakeTwilio, channel: TwilioSms) -> None:
    fake.refused[PHONE] = 29999
    with pytest.raises(NotTaken) as raised:
        channel.send(outgoing())
    assert raised.value.kind is FailureKind.TRANSIENT


def test_a_refused_connection_is_known_not_to_have_been_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        with closing(twilio(f"http://127.0.0.1:{taken.getsockname()[1]}")) as sms, pytest.raises(NotTaken) as raised:
            sms.send(outgoing())
    assert (raised.value.kind, raised.value.outage) == (FailureKind.TRANSIENT, True)


def test_a_message_is_found_by_its_number_and_code_on_any_page(fake: FakeTwilio, channel: TwilioSms) -> None:
    fake.take({"To": PHONE, "Body": BODY})
    for n in range(450):
        fake.take({"To": PHONE, "Body": f"{n} 确认码{n:06d}"})
    fake.take({"To": "+447700900124", "Body": "确认码654321"})
    seen = channel.find(PHONE, "123456", long_ago(), ())
    assert seen is not None
    assert seen.provider_id == fake.accepted[0].sid
    assert fake.calls["list"] == 3
    assert channel.find(PHONE, "654321", long_ago(), ()) is None
    assert channel.find(PHONE, "400000", long_ago(), ()) is None  # digits of a coordinate are no code


def test_a_code_that_comes_round_again_is_not_taken_for_the_old_one(fake: FakeTwilio, channel: TwilioSms) -> None:
    fake.now = lambda: datetime.now(UTC) - timedelta(days=400)
    fake.take({"To": PHONE, "Body": BODY})
    assert channel.find(PHONE, "123456", long_ago(), ()) is None


@pytest.mark.parametrize("token", [TOKEN, "wrong"])
def test_a_list_that_cannot_be_read_is_not_an_empty_list(fake: FakeTwilio, token: str) -> None:
    fake.down = token == TOKEN
    with closing(twilio(fake.url, token=token)) as sms, pytest.raises(ChannelError) as raised:
        sms.find(PHONE, "123456", long_ago(), ())
    assert isinstance(raised.value, OutcomeUnknown if fake.down else NotTaken)


def test_a_receipt_is_asked_for(fake: FakeTwilio, channel: TwilioSms) -> None:
    fake.progress_seconds = 0
    fake.failing["+447700900124"] = 30003
    good, bad = channel.send(outgoing()), channel.send(outgoing(to="+447700900124"))
    assert channel.status(good.provider_id).status == "delivered"
    seen = channel.status(bad.provider_id)
    assert (seen.status, seen.error) == ("undelivered", "30003")
    with pytest.raises(ChannelError) as raised:
        channel.status("SM" + "f" * 32)
    assert not raised.value.outage


def test_no_number_and_no_text_in_logs_and_errors(
    fake: FakeTwilio, channel: TwilioSms, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    errors: list[BaseException] = []

    def tried(call: Callable[[], object]) -> None:
        try:
            call()
        except ChannelError as error:
            errors.append(error)

    with caplog.at_level(logging.DEBUG):
        tried(lambda: channel.send(outgoing()))
        tried(lambda: channel.find(PHONE, "123456", long_ago(), ()))
        fake.refused[PHONE] = 21211
        tried(lambda: channel.send(outgoing()))
        fake.always = Fault.UNAUTHORISED
        tried(lambda: channel.find(PHONE, "123456", long_ago(), ()))
        fake.always = Fault.DROP_AFTER
        tried(lambda: channel.send(outgoing()))
    assert len(errors) == 3
    told = caplog.text + "".join(capsys.readouterr()) + repr(outgoing()) + "".join(f"{e!r}{e.args}" for e in errors)
    for secret in (PHONE, PHONE[1:], "447700900999", BODY, TOKEN):
        assert secret not in told
    assert all(error.__cause__ is None and error.__suppress_context__ for error in errors)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_bad_night_loses_none_and_doubles_none(db: Database, clock: FixedClock, seed: int) -> None:
    faults: dict[Fault, float] = {fault: 0.06 for fault in Fault if fault is not Fault.UNAUTHORISED}
    people = build_alliance(db, clock.now(), agencies=40)
    rules = RULES.model_copy(update={"send_timeout_seconds": 0.4})
    with FakeTwilio(seed=seed, delay=(0, 0.02), faults=faults) as fake, closing(twilio(fake.url, seconds=0.6)) as sms:
        post = Post(db, clock, sms, rules, workers=8)
        ids = post.put(*(new_message(person, channel=SMS) for person in people))
        post.run(900, step=15)
        post.sender.close()
        expected = {(person.phone, post.row(n).code): 1 for n, person in zip(ids, people, strict=True)}
        assert fake.counts() == expected, f"seed {seed}"
        assert set(post.states()) == {MessageState.DELIVERED}


def test_creates_that_fail_while_the_list_answers_lose_none_and_double_none(db: Database, clock: FixedClock) -> None:
    people = build_alliance(db, clock.now(), agencies=30)
    with FakeTwilio(always=Fault.ERROR_500, progress_seconds=0) as fake, closing(twilio(fake.url)) as sms:
        post = Post(db, clock, sms)
        post.put(*(new_message(person, channel=SMS) for person in people))
        post.run(600, step=10)
        assert fake.calls["create"] <= 100
        assert fake.accepted == []
        fake.always = None
        post.run(60)
        post.sender.close()
        assert Counter(taken.to for taken in fake.accepted) == {person.phone: 1 for person in people}
        assert [(alarm.kind, alarm.closed_by) for alarm in post.alarms()] == [("channel_down", "system")]
