"""The provider's webhooks over real HTTP: signed under our public address, deduplicated, and nobody else's."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx
import pytest
from sqlmodel import col
from twilio.request_validator import RequestValidator

from firewatch.access import tokens
from firewatch.adapters.twilio_signature import TwilioSignature
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch.models import Order, OrderState
from firewatch.messaging import alarms, callbacks
from firewatch.messaging.alarms import open_alarms
from firewatch.messaging.models import InboundMessage, Message, MessageCallback, Taken
from firewatch.rulebook.read import Rulebook
from firewatch.web.main import build
from firewatch.web.services import Services
from tests.build import ordered_fire, prepare, rows, set_rows, texts
from tests.service.server import running

PUBLIC = "https://firewatch.example"
NEW, OLD = "the-new-auth-token", "the-old-auth-token"
INBOUND, STATUS = "/webhooks/twilio/inbound", "/webhooks/twilio/status"

Fields = Sequence[tuple[str, str]]


@dataclass
class Provider:
    """Twilio, as far as it calls us."""

    db: Database
    client: httpx.Client

    def call(
        self, path: str, fields: Fields, *, token: str = NEW, base: str = PUBLIC, **headers: str
    ) -> httpx.Response:
        signature = RequestValidator(token).compute_signature(base + path, dict(fields))
        sent = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded", **headers}
        return self.client.post(path, content=urlencode(fields), headers=sent)

    def text(self, message: Message, body: str, sid: str = "SM1", **more: str) -> httpx.Response:
        return self.call(INBOUND, inbound(message.to, body, sid), **more)

    def refused(self) -> dict[str, int]:
        with self.db.read() as session:
            return {row.hook: row.times for row in callbacks.refusals(session)}


def inbound(sender: str, body: str, sid: str = "SM1") -> list[tuple[str, str]]:
    return [("MessageSid", sid), ("From", sender), ("Body", body), ("NumMedia", "0"), ("FromCity", "")]


@pytest.fixture
def provider(db: Database, clock: FixedClock, rulebook: Rulebook) -> Iterator[Provider]:
    prepare(db, rulebook)
    ordered_fire(db, clock, rulebook)
    with db.write() as session:
        tokens.ensure_bootstrap(session, clock, "a-made-up-token-of-the-tests")
    signature = TwilioSignature(PUBLIC + "/", [NEW, OLD])
    services = Services(db=db, clock=clock, book=rulebook, public_url=PUBLIC, signature=signature)
    with running(build(services)) as address, httpx.Client(base_url=address, timeout=20) as client:
        yield Provider(db, client)


def order_text(provider: Provider) -> Message:
    return texts(provider.db, 1, "sms.order")[0]


def test_a_text_is_taken_in_and_answered_with_nothing_at_once(provider: Provider) -> None:
    message, seconds = order_text(provider), []
    for _ in range(3):  # a replay is no fault; and a busy machine may pause in one of them
        started = time.monotonic()
        answer = provider.text(message, f"2 {message.code}")
        seconds.append(time.monotonic() - started)
        assert (answer.status_code, answer.content) == (204, b"")
    assert min(seconds) < 1
    [kept] = rows(provider.db, InboundMessage)
    assert kept.taken_for is Taken.ANSWER
    [order] = rows(provider.db, Order, col(Order.id) == message.subject_id)
    assert order.state is OrderState.EN_ROUTE


def test_the_token_before_is_good_during_a_rotation(provider: Provider) -> None:
    assert provider.text(order_text(provider), "1", token=OLD).status_code == 204
    assert provider.refused() == {}


def test_what_is_not_signed_is_refused_and_counted(provider: Provider) -> None:
    message = order_text(provider)
    body = f"2 {message.code}"
    forged = [
        provider.text(message, body, token="somebody-elses"),
        # Signed for the address the request went to, which is not ours in public: a Host header is anybody's.
        provider.text(message, body, base="https://evil.example", Host="evil.example"),
        provider.text(message, body, base="https://evil.example", **{"X-Forwarded-Host": "evil.example"}),
        provider.text(message, body, **{"X-Twilio-Signature": ""}),
        provider.call(STATUS, [("MessageSid", "SM1"), ("MessageStatus", "delivered")], token="somebody-elses"),
    ]
    signed = dict(inbound(message.to, "1"))
    signature = RequestValidator(NEW).compute_signature(PUBLIC + INBOUND, signed)
    tampered = {**signed, "Body": body}
    forged.append(provider.client.post(INBOUND, data=tampered, headers={"X-Twilio-Signature": signature}))
    assert [answer.status_code for answer in forged] == [403] * 6
    assert forged[0].headers["content-type"] == "application/problem+json"
    assert provider.refused() == {"inbound": 5, "status": 1}
    assert rows(provider.db, InboundMessage) == []
    assert 'firewatch_callbacks_refused{hook="inbound"} 5.0' in provider.client.get("/metrics").text


def test_refused_requests_that_pile_up_are_an_alarm(provider: Provider, clock: FixedClock) -> None:
    def forge(times: int) -> None:
        for _ in range(times):
            assert provider.text(order_text(provider), "1", token="somebody-elses").status_code == 403

    def alarmed() -> list[str]:
        with provider.db.read() as session:
            return [alarm.params["times"] for alarm in open_alarms(session) if alarm.kind == "callbacks_refused"]

    forge(9)
    assert alarmed() == []
    clock.advance(minutes=60)
    forge(9)
    assert alarmed() == [], "nine in an hour, and nine in the next"
    clock.advance(minutes=59)
    forge(1)
    assert alarmed() == ["10"]
    forge(3)
    assert provider.text(order_text(provider), "1").status_code == 204, "the provider's own are taken in all the same"
    assert alarmed() == ["10"]
    with provider.db.write() as session:
        for alarm in open_alarms(session):
            alarms.close(session, clock.now(), alarm.id or 0, "officer")
    forge(6)
    assert alarmed() == [], "closed, it comes back only when as many more have come"
    forge(1)
    assert alarmed() == ["20"]


def test_a_receipt_finds_its_message_by_our_number(provider: Provider) -> None:
    message = order_text(provider)
    fields = [("MessageSid", "SM7"), ("MessageStatus", "delivered"), ("ErrorCode", "")]
    assert provider.call(f"{STATUS}?message={message.id}", fields).status_code == 204
    assert provider.call(f"{STATUS}?message=999999999999", [*fields[:1], ("MessageStatus", "sent")]).status_code == 204
    [first, second] = rows(provider.db, MessageCallback)
    assert (first.message_id, first.status, first.error) == (message.id, "delivered", None)
    assert second.message_id is None
    # The number is signed with the address: another may not be put in its place.
    signature = RequestValidator(NEW).compute_signature(f"{PUBLIC}{STATUS}?message=1", dict(fields))
    moved = provider.client.post(f"{STATUS}?message=2", data=dict(fields), headers={"X-Twilio-Signature": signature})
    assert moved.status_code == 403


def test_what_is_too_long_or_lacks_its_parts_is_refused(provider: Provider) -> None:
    message = order_text(provider)
    assert provider.text(message, "x" * 70_000).status_code == 413
    assert provider.call(INBOUND, [("From", message.to), ("Body", "1")]).status_code == 422
    assert provider.client.get(INBOUND).status_code == 405


def test_a_text_that_breaks_us_is_kept(provider: Provider) -> None:
    message = order_text(provider)
    set_rows(provider.db, Message, [message.id or 0], subject_id=4711)  # an order that is not there
    assert provider.text(message, f"1 {message.code}").status_code == 204
    [kept] = rows(provider.db, InboundMessage)
    assert (kept.taken_for, kept.body) == (Taken.FAILED, f"1 {message.code}")


def test_without_a_provider_nobody_calls(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    app = build(Services(db=db, clock=clock, book=rulebook))
    with running(app) as address:
        assert httpx.post(address + INBOUND, data={"Body": "1"}).status_code == 404
