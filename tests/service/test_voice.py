"""Telephone calls: placed and found like texts, answered with a key, a step of the escalation where wanted."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from sqlmodel import col

from firewatch.adapters.twilio_voice import TwilioVoice
from firewatch.agencies.roster import recipients
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.incidents import notices
from firewatch.incidents.models import Incident
from firewatch.messaging import outbox, twiml
from firewatch.messaging.channels import SMS, VOICE, NotTaken, OutcomeUnknown
from firewatch.messaging.models import Message, MessageState
from firewatch.rulebook.read import Rulebook
from tests.build import incident_of, prepare, report_fire, rows
from tests.fake_twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio, Fault
from tests.service.messages import MemoryChannel, Post
from tests.service.test_notices import acknowledge, chase, kinds
from tests.service.test_twilio import PHONE, outgoing, twilio

HOOKS = "https://firewatch.example/webhooks/twilio"
BODY = "东沟联防联控火情通知：14:05接报起火，贵单位尚未确认，位置和详情见短信。编号123456"


@pytest.fixture
def fake() -> Iterator[FakeTwilio]:
    with FakeTwilio() as server:
        yield server


@pytest.fixture
def voice(fake: FakeTwilio) -> Iterator[TwilioVoice]:
    with closing(telephone(fake)) as channel:
        yield channel


def telephone(fake: FakeTwilio) -> TwilioVoice:
    return TwilioVoice(
        account_sid=ACCOUNT, auth_token=TOKEN, caller=SENDER, base_url=fake.url, timeout_seconds=3, hooks=HOOKS
    )


def just_now() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=5)


def calling(book: Rulebook) -> Rulebook:
    """The rules with a call three minutes after the reminder."""
    return replace(book, messages=book.messages.model_copy(update={"call_after_minutes": 8}))


def test_a_call_is_placed_as_twilio_wants_it(fake: FakeTwilio, voice: TwilioVoice) -> None:
    answer = voice.send(outgoing(body=BODY))
    (placed,) = fake.exchange.placed
    assert (answer.provider_id, answer.status) == (placed.sid, "queued")
    assert placed.fields == {
        "To": [PHONE],
        "From": [SENDER],
        "Twiml": [placed.twiml],
        "Timeout": ["40"],
        "StatusCallback": [f"{HOOKS}/call?message=1"],
        "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
    }


def test_the_text_is_read_out_twice_its_code_digit_by_digit_and_a_key_is_asked_for(
    fake: FakeTwilio, voice: TwilioVoice
) -> None:
    voice.send(outgoing(body=BODY))
    call = ET.fromstring(fake.exchange.placed[0].twiml)  # noqa: S314 - our own
    first, second, goodbye = call
    assert first.tag == second.tag == "Gather"
    assert first.attrib == {"numDigits": "1", "action": f"{HOOKS}/key?message=1", "method": "POST", "timeout": "8"}
    assert [said.text for said in first] == [BODY.replace("123456", "1 2 3 4 5 6"), "收到请按1，重听请按2。"]
    assert {said.attrib["language"] for said in call.iter("Say")} == {"zh-CN"}
    assert goodbye.text is not None
    assert goodbye.text.startswith("没有听到按键")


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.ERROR_500_AFTER, Fault.GARBLED])
def test_a_call_nobody_is_sure_of_is_found_in_the_list(fake: FakeTwilio, voice: TwilioVoice, fault: Fault) -> None:
    fake.always = fault
    with pytest.raises(OutcomeUnknown):
        voice.send(outgoing())
    fake.always = None
    seen = voice.find(PHONE, "123456", just_now(), ())
    assert seen is not None
    assert seen.provider_id == fake.exchange.placed[0].sid


def test_a_call_that_is_known_to_be_another_one_is_not_mistaken_for_it(fake: FakeTwilio, voice: TwilioVoice) -> None:
    other = voice.send(outgoing()).provider_id
    assert voice.find(PHONE, "123456", just_now(), {other}) is None
    assert voice.find(PHONE, "123456", datetime.now(UTC) + timedelta(minutes=5), ()) is None, "it is older"
    assert voice.find("+447700900999", "123456", just_now(), ()) is None
    assert fake.exchange.placed[0].sid == other


def test_what_became_of_a_call_is_asked_after(fake: FakeTwilio, voice: TwilioVoice) -> None:
    fake.exchange.progress_seconds, fake.exchange.unanswered = 0, {PHONE: "no-answer"}
    assert voice.status(voice.send(outgoing()).provider_id).status == "no-answer"
    with pytest.raises(OutcomeUnknown):
        voice.status("CA-unknown")
    fake.refused = {PHONE: 21211}
    with pytest.raises(NotTaken):
        voice.send(outgoing())


def test_the_chaser_tells_the_channel_which_calls_are_others(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    """Two fires, one person, two calls: the lost answer of the second is not taken for the first."""
    prepare(db, rulebook)
    fires = [incident_of(report_fire(db, clock, rulebook, lat=lat)) for lat in (35.42, 35.62)]
    with FakeTwilio(now=clock.now) as fake, closing(telephone(fake)) as channel:
        post = Post(db, clock, channel)
        for fire in fires:
            with db.write() as session:
                incident = session.get_one(Incident, fire)
                person = next(iter(recipients(session, clock.now(), rulebook.alliance.tz).values())).contact
                notices.send(session, clock.now(), rulebook, incident, person, "voice.report", step=3, channel=VOICE)
            fake.always = Fault.DROP_AFTER if fire == fires[1] else None
            post.sender.send_due()
        fake.always = None
        assert len(fake.exchange.placed) == 2
        clock.advance(seconds=60)
        post.chaser.reconcile()
        known = {row.incident_id: row.provider_id for row in rows(db, Message, col(Message.channel) == VOICE)}
        assert known == {fires[0]: fake.exchange.placed[0].sid, fires[1]: fake.exchange.placed[1].sid}
        post.sender.close()


def test_whoever_is_on_duty_is_telephoned_between_the_reminder_and_the_last_step(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    book = calling(rulebook)
    prepare(db, book)
    fire = incident_of(report_fire(db, clock, book))
    clock.advance(minutes=5)
    chase(db, clock, book)
    assert called(db) == []
    acknowledge(db, clock, fire, "hezheng")
    clock.advance(minutes=3)
    assert chase(db, clock, book) == 6
    assert called(db) == sorted(f"{agency.id}-liaison" for agency in book.agencies if agency.id != "hezheng")
    assert kinds(db, fire).count("telephoned") == 6
    assert kinds(db, fire).count("escalated") == 0
    clock.advance(minutes=2)
    assert chase(db, clock, book) == 6
    assert kinds(db, fire).count("escalated") == 6
    clock.advance(hours=1)
    assert chase(db, clock, book) == 0


def called(db: Database) -> list[str]:
    return sorted(row.contact_id for row in rows(db, Message, col(Message.channel) == VOICE))


def test_who_has_answered_is_not_telephoned_any_more(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    book = calling(rulebook)
    prepare(db, book)
    fire = incident_of(report_fire(db, clock, book))
    for minutes in (5, 3):
        clock.advance(minutes=minutes)
        chase(db, clock, book)
    acknowledge(db, clock, fire, "kangle")
    of_kangle = rows(db, Message, col(Message.agency_id) == "kangle")
    assert {(row.template, row.state) for row in of_kangle} == {
        ("sms.report", MessageState.SUPERSEDED),  # the reminder took its place
        ("sms.reminder", MessageState.DUE),  # it says where the fire is
        ("voice.report", MessageState.SUPERSEDED),
    }


def test_a_dead_channel_of_texts_holds_no_call_back(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    book = calling(rulebook)
    prepare(db, book)
    report_fire(db, clock, book)
    for minutes in (5, 3):
        clock.advance(minutes=minutes)
        chase(db, clock, book)
    with db.read() as session:
        assert len(session.execute(outbox.claimable(VOICE, clock.now(), 100)).all()) == 7
    post = Post(db, clock, MemoryChannel(name=VOICE))
    post.sender.send_due()
    assert len(post.channel.taken) == 7  # type: ignore[attr-defined]  # it is the one in memory
    waiting = rows(db, Message, col(Message.channel) == SMS, col(Message.state) == MessageState.DUE)
    assert {row.template for row in waiting} == {"sms.reminder"}
    post.sender.close()


def test_a_step_none_of_whose_messages_gets_through_is_over_at_once(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    prepare(db, rulebook)
    fire = incident_of(report_fire(db, clock, rulebook))
    with FakeTwilio(now=clock.now) as fake:
        [row] = rows(db, Message, col(Message.agency_id) == "kangle")
        fake.refused = {row.to: 21211}
        with closing(twilio(fake.url)) as channel:
            post = Post(db, clock, channel, rules=rulebook.messages)
            while post.sender.send_due():
                pass
            post.sender.close()
    assert chase(db, clock, rulebook) == 1, "Kangle's next step does not wait for its time"
    assert [row.template for row in rows(db, Message, col(Message.agency_id) == "kangle")] == [
        "sms.report",
        "sms.reminder",
    ]
    assert kinds(db, fire).count("reminded") == 1
    assert chase(db, clock, rulebook) == 0, "the reminder may yet get through"


def test_a_call_ends_with_words_in_its_language() -> None:
    for lang, word in (("zh", "已记录"), ("en", "on record")):
        said = ET.fromstring(twiml.ending("voice.thanks", lang))  # noqa: S314 - our own
        assert [part.tag for part in said] == ["Say", "Hangup"]
        assert re.search(word, said[0].text or "")
