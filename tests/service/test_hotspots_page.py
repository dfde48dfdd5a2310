"""The page and the API of hot spots: what waits, what was answered, and whether satellites were heard at all."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from firewatch.access.models import Role
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.hotspots.models import TicketState
from firewatch.incidents.models import Incident
from firewatch.rulebook.read import Rulebook
from firewatch.weather.feeds import FeedDown
from tests.build import rows
from tests.fake_firms import FakeFirms
from tests.service.console import Desk, Person, forms, open_desk, said
from tests.service.hotspots import Watch, row, with_hotspots
from tests.service.server import serving, token_for
from tests.service.test_hotspots import north

CREDIT = "NASA FIRMS"


@pytest.fixture
def fake() -> Iterator[FakeFirms]:
    with FakeFirms() as server:
        yield server


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    desk = open_desk(db, clock, with_hotspots(rulebook, sources=["VIIRS_NOAA20_NRT"]))
    desk.app.state.firewatch = replace(desk.app.state.firewatch, hotspots_on=True)
    return desk


@pytest.fixture
def watch(desk: Desk, fake: FakeFirms) -> Watch:
    return Watch(desk.db, desk.clock, desk.book, fake)


def off(desk: Desk) -> None:
    desk.app.state.firewatch = replace(desk.app.state.firewatch, hotspots_on=False)


def page(person: Person) -> str:
    return said(person.page("/hotspots"))


def test_without_a_key_the_page_says_so(desk: Desk) -> None:
    off(desk)
    text = page(desk.person())
    assert "Hot spots are off: FIREWATCH_FIRMS_KEY is not set" in text
    assert "that is not the same as no fire" in text
    assert CREDIT in text


def test_before_the_first_answer_nobody_knows(desk: Desk) -> None:
    assert "nobody knows whether there are hot spots" in page(desk.person())


def test_no_hot_spot_is_said_only_when_every_source_answered(desk: Desk, watch: Watch) -> None:
    officer = desk.person()
    watch.poll()
    assert "No hot spot waits; every source has answered." in page(officer)
    watch.fake.always = "page"
    watch.clock.advance(minutes=20)
    with pytest.raises(FeedDown):
        watch.poll()
    text = page(officer)
    assert "no data is not no fire" in text
    assert "no answer since 12:00 20 min ago" in text
    assert "answered a web page instead of hot spots" in text


def test_an_officer_answers_on_the_page(desk: Desk, watch: Watch) -> None:
    watch.sees(row(north(0), confidence="h", frp=33.25), row(north(5)), row(north(9), confidence="l"))
    officer = desk.person()
    text = page(officer)
    assert "Hot spots to be looked at: 2" in text
    assert "confidence high · strongest 33.2 MW" in text
    assert "Detections of the last 48 hours nobody was asked about: too weak 1" in text
    assert said(officer.page("/")).count("Hot spot 1 · to be looked at") == 1, "a mark on the map"

    form = next(form for form in forms(officer.page("/hotspots")) if form.action == "/hotspots/1/decision")
    assert form.values["agency"] == "kangle", "whoever was asked is offered as the finder"
    refused = officer.client.post(form.action, data=form.values | {"verdict": "false_alarm", "note": "  "})
    assert refused.status_code == 422
    assert "Say who looked and what they saw" in said(refused.text)
    officer.press("/hotspots", "Controlled burn", verdict="controlled_burn", note="stubble, ranger A looked")
    answer = officer.press("/hotspots", "It is a fire", verdict="confirmed", note="flames")
    assert answer.headers["location"] == "/incidents/1"
    assert "Hot spots of this fire Hot spot 2 confirmed" in said(officer.page("/incidents/1"))
    text = page(officer)
    assert "Hot spots to be looked at: 0" in text
    assert "stubble, ranger A looked" in text
    assert "confirmed as a fire, incident 1. flames" in text
    assert [ticket.state for ticket in watch.tickets()] == [TicketState.CONTROLLED_BURN, TicketState.CONFIRMED]


def test_a_deadline_missed_is_seen(desk: Desk, watch: Watch) -> None:
    watch.sees(row(north(0)))
    watch.clock.advance(minutes=61)
    assert "past its deadline, no answer" in page(desk.person())
    text = said(desk.person(lang="zh").page("/hotspots"))
    assert "已超过时限，尚无回报" in text


def test_a_viewer_looks_and_answers_nothing(desk: Desk, watch: Watch) -> None:
    watch.sees(row(north(0)))
    viewer = desk.person("viewer")
    assert "It is a fire" not in page(viewer)
    token = next(form.values["csrf"] for form in forms(viewer.page("/hotspots")))
    answer = viewer.client.post("/hotspots/1/decision", data={"csrf": token, "verdict": "confirmed"})
    assert answer.status_code == 403
    assert rows(desk.db, Incident) == []


def test_a_form_sent_after_the_session_comes_back_to_the_page(desk: Desk, watch: Watch) -> None:
    watch.sees(row(north(0)))
    answer = desk.person(None).client.post("/hotspots/1/decision", data={"verdict": "confirmed"})
    assert answer.headers["location"] == "/sign-in?unsent=1&next=/hotspots"


def test_the_api_lists_and_answers(db: Database, watch: Watch) -> None:
    watch.sees(row(north(0)), row(north(5)))
    with serving(db, watch.clock, watch.book) as api:
        listed = api.get("hotspots").json()
        assert CREDIT in listed["credit"]
        assert [(each["id"], each["state"], each["overdue"]) for each in listed["open"]] == [
            (1, "open", False),
            (2, "open", False),
        ]
        (source,) = listed["sources"]
        assert (source["last_detections"], source["error"]) == (2, None)
        body = {"verdict": "false_alarm", "note": "a tin roof"}
        reader = api.signed(token_for(db, watch.clock, Role.VIEWER))
        assert reader.post("hotspots/1/decision", body).status_code == 403
        assert api.post("hotspots/1/decision", {"verdict": "false_alarm"}).status_code == 422
        assert api.post("hotspots/1/decision", {"verdict": "open", "note": "x"}).status_code == 422
        assert api.post("hotspots/9/decision", body).status_code == 404
        answered = api.post("hotspots/1/decision", body)
        assert (answered.status_code, answered.json()["state"]) == (200, "false_alarm")
        assert api.post("hotspots/1/decision", body).status_code == 200, "the same again"
        assert api.post("hotspots/1/decision", {"verdict": "confirmed"}).status_code == 409
        whole = api.get("hotspots/1").json()
        assert [step["kind"] for step in whole["steps"]] == ["opened", "asked", "false_alarm"]
        assert [pixel["satellite"] for pixel in whole["pixels"]] == ["N20"]
        assert [each["id"] for each in api.get("hotspots").json()["answered"]] == [1]
