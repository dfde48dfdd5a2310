"""A key pressed in a call, as the provider brings it: signed, once, and answered with what the call says next."""

from xml.etree import ElementTree as ET

import httpx
from sqlmodel import col

from firewatch.agencies.models import Contact
from firewatch.clock import FixedClock
from firewatch.dispatch import order_texts
from firewatch.dispatch.models import Order, OrderState
from firewatch.incidents import notices
from firewatch.incidents.models import AgencyNotice, Incident, IncidentState
from firewatch.messaging import conclude, outbox
from firewatch.messaging.channels import VOICE, Accepted
from firewatch.messaging.models import InboundMessage, Message, MessageState, Taken
from firewatch.rulebook.read import Rulebook
from tests.build import rows, set_rows
from tests.service.messages import RULES
from tests.service.test_hooks import Provider, order_text, provider

__all__ = ["provider"]

KEY, CALL = "/webhooks/twilio/key", "/webhooks/twilio/call"


def place(provider: Provider, clock: FixedClock, book: Rulebook, template: str) -> Message:
    """A call that was placed, about the first fire or its first order, to the person who got the order's text."""
    text = order_text(provider)
    with provider.db.write() as session:
        person = session.get_one(Contact, text.contact_id)
        if template == "voice.order":
            order = session.get_one(Order, text.subject_id)
            order_texts.call(session, clock.now(), book, order, person, step=3)
        else:
            incident = session.get_one(Incident, 1)
            notices.send(session, clock.now(), book, incident, person, template, step=3, channel=VOICE)
        session.flush()
        [row] = outbox.claim(session, clock.now(), channel=VOICE, owner="me", limit=1, lease_seconds=60)
        conclude.accepted(session, clock.now(), row, Accepted(f"CA{row.id}", "queued"), RULES)
    placed: Message = rows(provider.db, Message, col(Message.channel) == VOICE)[0]
    return placed


def press(provider: Provider, message: Message, digits: str, **more: str) -> httpx.Response:
    fields = [("CallSid", message.provider_id or ""), ("Digits", digits), ("To", message.to)]
    return provider.call(f"{KEY}?message={message.id}", fields, **more)


def words(answer: httpx.Response) -> tuple[str, str]:
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    root = ET.fromstring(answer.text)  # noqa: S314 - our own
    return root[0].tag, "".join(root[0].itertext())


def test_a_key_acknowledges_the_fire_for_its_agency(provider: Provider, clock: FixedClock, rulebook: Rulebook) -> None:
    message = place(provider, clock, rulebook, "voice.report")
    assert words(press(provider, message, "1")) == ("Say", "已记录收到。再见。")
    [notice] = rows(provider.db, AgencyNotice, col(AgencyNotice.agency_id) == message.agency_id)
    assert notice.acknowledged_by == f"contact:{message.contact_id}"
    assert words(press(provider, message, "1")) == ("Say", "已记录收到。再见。"), "a replay says the same"
    [kept] = rows(provider.db, InboundMessage)
    assert (kept.taken_for, kept.message_id) == (Taken.ANSWER, message.id)


def test_a_key_acknowledges_an_order(provider: Provider, clock: FixedClock, rulebook: Rulebook) -> None:
    message = place(provider, clock, rulebook, "voice.order")
    assert words(press(provider, message, "1"))[1] == "已记录收到。再见。"
    [order] = rows(provider.db, Order, col(Order.id) == message.subject_id)
    assert order.state is OrderState.ACKNOWLEDGED


def test_two_and_any_other_key_say_it_again(provider: Provider, clock: FixedClock, rulebook: Rulebook) -> None:
    message = place(provider, clock, rulebook, "voice.report")
    for digits in ("2", "7", "", "#"):
        tag, said = words(press(provider, message, digits))
        assert tag == "Gather"
        assert said.endswith("收到请按1，重听请按2。")
        assert f"https://firewatch.example{KEY}?message={message.id}" in press(provider, message, digits).text
    assert rows(provider.db, InboundMessage) == []


def test_a_key_that_comes_too_late_is_told(provider: Provider, clock: FixedClock, rulebook: Rulebook) -> None:
    message = place(provider, clock, rulebook, "voice.order")
    set_rows(provider.db, Incident, [1], state=IncidentState.CLOSED)
    set_rows(provider.db, Order, [message.subject_id], state=OrderState.RELEASED)
    assert words(press(provider, message, "1")) == ("Say", "此次按键未能记录，请致电值班室。再见。")


def test_a_key_for_no_call_of_ours_does_nothing(provider: Provider) -> None:
    text = order_text(provider)
    for number in (str(text.id), "999999", "", "x"):
        answer = provider.call(f"{KEY}?message={number}", [("CallSid", "CA7"), ("Digits", "1")])
        assert words(answer)[1].startswith("此次按键未能记录")
    assert rows(provider.db, InboundMessage) == []
    assert provider.call(KEY, [("Digits", "1")]).status_code == 422


def test_a_forged_key_is_refused_and_counted(provider: Provider, clock: FixedClock, rulebook: Rulebook) -> None:
    message = place(provider, clock, rulebook, "voice.order")
    assert press(provider, message, "1", token="somebody-elses").status_code == 403
    assert provider.refused() == {"key": 1}
    assert rows(provider.db, InboundMessage) == []


def test_what_became_of_a_call_is_taken_in_in_any_order(
    provider: Provider, clock: FixedClock, rulebook: Rulebook
) -> None:
    message = place(provider, clock, rulebook, "voice.report")

    def told(status: str) -> MessageState:
        fields = [("CallSid", message.provider_id or ""), ("CallStatus", status)]
        assert provider.call(f"{CALL}?message={message.id}", fields).status_code == 204
        found: Message = rows(provider.db, Message, col(Message.id) == message.id)[0]
        return found.state

    assert told("in-progress") is MessageState.HANDED_OVER
    assert told("ringing") is MessageState.HANDED_OVER
    assert told("completed") is MessageState.DELIVERED
    assert told("initiated") is MessageState.DELIVERED
    [notice] = rows(provider.db, AgencyNotice, col(AgencyNotice.agency_id) == message.agency_id)
    assert notice.acknowledged_at is None, "a machine may have taken it: only a key says that somebody heard"
