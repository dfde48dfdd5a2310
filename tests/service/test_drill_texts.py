"""What leaves a drill: a text with its word, to who agreed; the channel lets nothing else out, whatever is above it."""

from datetime import UTC, datetime, timedelta

import pytest

from firewatch import drill, i18n
from firewatch.adapters.twilio_sms import TwilioSms
from firewatch.agencies.models import Contact
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.messaging import texts, worst_case
from firewatch.messaging.channels import NotTaken, Received
from firewatch.messaging.models import MessageState
from firewatch.messaging.sealed import NOT_AGREED, NOT_SAID, Sealed
from firewatch.messaging.sender import outgoing_of
from firewatch.messaging.texts import MAX_SEGMENTS, TEMPLATES, is_of_drill, segments
from firewatch.messaging.transitions import FailureKind
from firewatch.rulebook.read import Rulebook
from tests.fake_twilio import ACCOUNT, TOKEN, Came, FakeTwilio
from tests.service.messages import MemoryChannel, Post, build_alliance, new_message
from tests.service.test_twilio import BODY, PHONE, outgoing


@pytest.fixture
def people(db: Database, clock: FixedClock) -> list[Contact]:
    """Two agencies, in a drill."""
    with db.write() as session:
        session.add(drill.Drill(name="spring", began_at=clock.now()))
    return build_alliance(db, clock.now())


def office(db: Database, clock: FixedClock, channel: MemoryChannel, numbers: set[str]) -> Post:
    return Post(db, clock, Sealed(channel, numbers, clock.now()))


def test_only_who_agreed_gets_a_text_and_the_other_is_held_back_without_alarm(
    db: Database, clock: FixedClock, channel: MemoryChannel, people: list[Contact]
) -> None:
    post = office(db, clock, channel, {people[0].phone})
    first, second = post.put(*map(new_message, people))
    post.run(120)
    assert [text.to for text in channel.taken] == [people[0].phone]
    assert channel.taken[0].body.startswith("【演练】【火情】")
    assert post.row(first).state is not MessageState.HELD
    held = post.row(second)
    assert (held.state, held.error, held.handed_over_at) == (MessageState.HELD, NOT_AGREED, None)
    assert held.finished_at is not None
    assert post.alarms() == []
    post.sender.close()


def test_the_channel_trusts_nothing_above_it(
    db: Database, clock: FixedClock, channel: MemoryChannel, people: list[Contact]
) -> None:
    """A text that lost its word on the way does not leave, be its reader ever so willing."""
    post = office(db, clock, channel, {people[0].phone})
    (number,) = post.put(new_message(people[0]))
    with db.write() as session:
        row = post.row(number)
        row.body = row.body.removeprefix("【演练】")
        session.merge(row)
    post.sender.send_due()
    assert channel.taken == []
    assert (post.row(number).state, post.row(number).error) == (MessageState.HELD, NOT_SAID)
    post.sender.close()
    for to, reason in ((people[1].phone, NOT_AGREED), (people[0].phone, NOT_SAID)):
        outgoing = outgoing_of(post.row(number))
        with pytest.raises(NotTaken) as refused:
            Sealed(channel, {people[0].phone}, clock.now()).send(type(outgoing)(**{**vars(outgoing), "to": to}))
        assert (refused.value.kind, refused.value.reason) == (FailureKind.SEALED, reason)


def test_a_real_text_never_says_that_it_is_a_drill(db: Database, clock: FixedClock, channel: MemoryChannel) -> None:
    people = build_alliance(db, clock.now())
    post = Post(db, clock, channel)
    post.put(new_message(people[0]))
    post.sender.send_due()
    assert channel.taken[0].body.startswith("【火情】")
    post.sender.close()


def test_what_came_for_another_drill_or_from_a_stranger_is_not_taken_in(clock: FixedClock) -> None:
    class Kept(MemoryChannel):
        def received(self, since: object) -> list[Received]:
            del since
            old, new = clock.now() - timedelta(minutes=5), clock.now() + timedelta(minutes=5)
            return [Received("a", "+1", "1", old), Received("b", "+1", "1", new), Received("c", "+2", "1", new)]

    assert [text.provider_id for text in Sealed(Kept(), {"+1"}, clock.now()).received(clock.now())] == ["b"]
    assert Sealed(MemoryChannel(), {"+1"}, clock.now()).received(clock.now()) == []


def test_nobody_is_looked_for_who_cannot_have_got_it(clock: FixedClock, channel: MemoryChannel) -> None:
    asked: list[str] = []
    channel.asked = lambda: asked.append("asked")
    door = Sealed(channel, {"+1"}, clock.now())
    assert door.find("+2", "123456", clock.now(), ()) is None
    assert asked == []
    door.find("+1", "123456", clock.now(), ())
    door.status("id-1")
    assert asked == ["asked", "asked"]


OWN = "+15005550009"
"""The number of drills."""


def channels(url: str) -> tuple[TwilioSms, TwilioSms]:
    """The real service's channel and a drill's, at one account."""
    options = {"account_sid": ACCOUNT, "auth_token": TOKEN, "base_url": url, "timeout_seconds": 3}
    real = TwilioSms(**options, sender="MG" + "0" * 32, aside=OWN)  # type: ignore[arg-type]  # its own options
    return real, TwilioSms(**options, sender=OWN, of_drill=True)  # type: ignore[arg-type]  # the same


def test_neither_takes_the_others_text_for_its_own(clock: FixedClock) -> None:
    """Of two texts to one person with one code, the real one is not believed sent because the drill's was."""
    with FakeTwilio() as provider:
        real, own = channels(provider.url)
        since = clock.now() - timedelta(days=1)
        own.send(outgoing(body="【演练】" + BODY))
        assert real.find(PHONE, "123456", since, ()) is None
        of_drill = own.find(PHONE, "123456", since, ())
        real.send(outgoing())
        of_real = real.find(PHONE, "123456", since, ())
        assert of_drill is not None
        assert of_real is not None
        assert [of_drill.provider_id, of_real.provider_id] == [text.sid for text in provider.accepted]
        assert own.find(PHONE, "123456", since, ()) == of_drill
        for channel in (real, own):
            channel.close()


def test_an_answer_to_a_drill_is_not_taken_for_one_to_a_real_fire() -> None:
    now = datetime.now(UTC)
    with FakeTwilio() as provider:
        real, own = channels(provider.url)
        provider.inbox += [Came("a", PHONE, "1 123456", now, to=OWN), Came("b", PHONE, "1 123456", now)]
        assert [text.provider_id for text in real.received(now - timedelta(hours=1))] == ["b"]
        assert [text.provider_id for text in own.received(now - timedelta(hours=1))] == ["a"]
        for channel in (real, own):
            channel.close()


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_with_its_word_every_text_stays_within_two_segments(rulebook: Rulebook, template: str, lang: str) -> None:
    for names in worst_case.Names:
        given = worst_case.params(rulebook, lang, names)
        lead = texts.drill_lead(template, lang)
        needed = {name: given[name] for name in TEMPLATES[template].params}
        body = texts.render(template, lang, needed, "123456", lead)
        assert body.startswith(lead)
        assert is_of_drill(body)
        assert segments(body) <= MAX_SEGMENTS, body
