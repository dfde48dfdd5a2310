import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from firewatch.adapters.met_norway import MetNorway, parse
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.rulebook.weather import MetNorwayFeed
from firewatch.weather import ingest, raw
from firewatch.weather.feeds import FeedDown, Point, Reading
from firewatch.weather.models import FeedStatus, RawPayload, ValueKind
from tests.fake_met_norway import Answer, FakeMetNorway

NOW = datetime(2026, 4, 1, 4, 30, tzinfo=UTC)
ISSUED = datetime(2026, 4, 1, 0, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
POINTS = [Point("forest-1", 35.37123456, 103.4, 2400.4), Point("forest-2", 36.1, 102.9, 2600)]
CONTACT = "duty@alliance.example"


@pytest.fixture
def fake() -> Iterator[FakeMetNorway]:
    with FakeMetNorway(NOW) as server:
        yield server


def feed(fake: FakeMetNorway, contact: str = CONTACT, **given: Any) -> MetNorway:  # noqa: ANN401 - waits of the adapter
    rules = MetNorwayFeed(kind="met_norway", id="met-norway", contact=contact)
    waits = {"first_wait_seconds": 0.01, "pause_seconds": 0.01, "longest_wait_seconds": 2.0, **given}
    return MetNorway(rules, fake.url + "/", **waits)


def at(readings: list[Reading], valid_at: datetime, point_id: str = "forest-1") -> Reading:
    (reading,) = [reading for reading in readings if (reading.point_id, reading.valid_at) == (point_id, valid_at)]
    return reading


def test_asks_for_each_point_as_the_service_wants_it(fake: FakeMetNorway) -> None:
    readings = feed(fake).fetch(POINTS, None, NOW)
    assert [(query["lat"], query["lon"], query["altitude"]) for query in fake.requests] == [
        ("35.3712", "103.4000", "2400"),
        ("36.1000", "102.9000", "2600"),
    ]
    assert re.fullmatch(rf"firewatch/\S+ {re.escape(CONTACT)}", fake.requests[0]["user-agent"])
    assert {reading.point_id for reading in readings} == {"forest-1", "forest-2"}
    assert all(reading.kind is ValueKind.FORECAST and reading.issued_at == ISSUED for reading in readings)


def test_an_hour_has_its_own_values_and_the_rain_of_the_step_before(fake: FakeMetNorway) -> None:
    readings = feed(fake).fetch(POINTS[:1], None, NOW)
    eight = at(readings, datetime(2026, 4, 1, 8, tzinfo=UTC))
    assert (eight.temp_c, eight.rh_pct, eight.wind_dir_deg) == (20.4, 20.0, 270.0)
    assert eight.wind_kmh == pytest.approx(6.0 * 3.6)
    assert (eight.snow_depth_cm, eight.gust_kmh) == (None, None)
    assert eight.model == "locationforecast 35.371,103.400 2400 m"
    # next_1_hours of 20:00 falls until 21:00; the six-hour sums beside it are the same rain and are not added.
    assert [r.valid_at.hour for r in readings if r.rain_mm] == [21, 21]
    assert sum(r.rain_mm or 0 for r in readings) == pytest.approx(0.6)


def test_hours_begin_after_the_present_one_and_end_where_six_hour_sums_begin(fake: FakeMetNorway) -> None:
    source = feed(fake)
    readings = source.fetch(POINTS[:1], None, NOW)
    assert readings[0].valid_at == datetime(2026, 4, 1, 5, tzinfo=UTC)
    assert readings[-1].valid_at == datetime(2026, 4, 3, 12, tzinfo=UTC)
    assert all(r.temp_c is not None and r.rain_mm is not None for r in readings)
    assert source.note == "→ 2026-04-03 12:00Z"


def test_not_asked_again_before_it_expires_and_then_only_if_modified(fake: FakeMetNorway) -> None:
    source = feed(fake)
    assert source.fetch(POINTS, None, NOW)
    assert source.fetch(POINTS, None, NOW + timedelta(minutes=29)) == []
    assert len(fake.requests) == 2
    fake.now = NOW + timedelta(minutes=31)
    assert source.fetch(POINTS, None, fake.now) == []
    assert fake.answered == [200, 200, 304, 304]
    fake.now = NOW + timedelta(minutes=40)
    assert source.fetch(POINTS, None, fake.now) == []  # the 304 has a time of its own
    assert len(fake.requests) == 4
    fake.now = NOW + 2 * HOUR
    fresh = source.fetch(POINTS, None, fake.now)
    assert {reading.issued_at for reading in fresh} == {ISSUED + 6 * HOUR}
    assert fake.too_early == 0


def test_our_own_clock_being_off_changes_nothing(fake: FakeMetNorway) -> None:
    source, ours = feed(fake), NOW - timedelta(hours=7)
    readings = source.fetch(POINTS, None, ours)
    assert {reading.issued_at for reading in readings} == {ours}, "not issued in the future"
    assert source.fetch(POINTS, None, ours + timedelta(minutes=29)) == []
    assert len(fake.requests) == 2


def test_a_clock_that_runs_fast_does_not_ask_faster(fake: FakeMetNorway) -> None:
    source = feed(fake, clock_speed=60)
    source.fetch(POINTS, None, NOW)
    assert source.fetch(POINTS, None, NOW + 29 * HOUR) == []
    assert len(fake.requests) == 2


def test_a_restart_remembers_what_is_good(db: Database, fake: FakeMetNorway) -> None:
    clock = FixedClock(NOW)
    assert ingest.fetch(db, feed(fake), POINTS, clock).new > 100
    assert ingest.fetch(db, feed(fake), POINTS, clock).new == 0
    assert len(fake.requests) == 2
    fake.now = clock.advance(minutes=31)
    ingest.fetch(db, feed(fake), POINTS, clock)
    assert fake.answered[2:] == [304, 304]
    with db.read() as session:
        status = session.get(FeedStatus, "met-norway")
        assert status is not None
        assert (status.newest_valid_at, status.newest_issued_at, status.error) == (None, ISSUED, None)


def test_what_could_not_be_stored_is_asked_for_again(db: Database, fake: FakeMetNorway) -> None:
    clock, source = FixedClock(NOW), feed(fake)

    def fails(_session: object, _stored: object) -> None:
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="full"):
        ingest.fetch(db, source, POINTS, clock, fails)
    assert ingest.fetch(db, source, POINTS, clock).new > 100


@pytest.mark.parametrize("answer", ["limited", "gateway", "nothing", "reset"])
def test_what_passes_is_tried_again(fake: FakeMetNorway, answer: Answer) -> None:
    fake.script = [answer]
    assert feed(fake).fetch(POINTS, None, NOW)
    assert len(fake.requests) == 3


@pytest.mark.parametrize(("retry_after", "seconds"), [("3600", 3600), (None, 600)])
def test_slows_down_when_told_and_stays_silent_over_a_restart(
    db: Database, fake: FakeMetNorway, retry_after: str | None, seconds: int
) -> None:
    fake.script, fake.retry_after, clock = ["limited"], retry_after, FixedClock(NOW)
    with pytest.raises(FeedDown, match=f"HTTP 429; asks to wait {seconds} s"):
        ingest.fetch(db, feed(fake), POINTS, clock)
    clock.advance(seconds=seconds - 1)
    with pytest.raises(FeedDown, match=r"asked to wait another [1-4] s"):
        ingest.fetch(db, feed(fake), POINTS, clock)
    assert len(fake.requests) == 1
    clock.advance(seconds=5)  # the wait began with the answer, a moment after the round
    assert ingest.fetch(db, feed(fake), POINTS, clock).new > 100


def test_after_a_429_the_pause_between_requests_is_longer(fake: FakeMetNorway) -> None:
    fake.script, fake.retry_after = ["limited"], "0"
    source = feed(fake, pause_seconds=0.3)
    started = time.monotonic()
    source.fetch(POINTS, None, NOW)
    assert time.monotonic() - started >= 0.6


def test_a_version_to_be_withdrawn_is_used_and_told(fake: FakeMetNorway) -> None:
    fake.script = ["deprecated"]
    with capture_logs() as logged:
        assert feed(fake).fetch(POINTS, None, NOW)
    assert [line["event"] for line in logged if line["log_level"] == "warning"] == ["feed_version_deprecated"]


def test_the_note_tells_of_a_version_to_be_withdrawn_as_long_as_it_is_said(fake: FakeMetNorway) -> None:
    fake.script, source = ["ok", "deprecated"], feed(fake)
    source.fetch(POINTS, None, NOW)
    assert source.note == "→ 2026-04-03 12:00Z; HTTP 203: this version of the service is going to be withdrawn"
    source.fetch(POINTS, None, NOW)
    assert source.note == ""


def test_an_answer_is_good_from_when_it_came_not_from_when_the_round_began() -> None:
    """A round of many points lasts: the last answer of it runs out last."""
    with FakeMetNorway(lambda: datetime.now(UTC)) as fake:
        fake.lifetime_seconds = 3
        source, began = feed(fake, pause_seconds=1.5), datetime.now(UTC)
        source.fetch(POINTS, None, began)
        late = began + timedelta(seconds=3.6)
        time.sleep(max(0.0, (late - datetime.now(UTC)).total_seconds()))
        source.fetch(POINTS, None, datetime.now(UTC))
        assert fake.too_early == 0
        assert [query["lat"] for query in fake.requests] == ["35.3712", "36.1000", "35.3712"]


@pytest.mark.parametrize(
    ("answer", "tries", "says"),
    [
        ("limited", 3, r"^forest-1: HTTP 429"),
        ("gateway", 3, r"^forest-1: HTTP 502$"),
        ("nothing", 3, r"^forest-1: connection failed"),
        ("reset", 3, r"^forest-1: connection failed"),
        ("page", 2, "web page"),
        ("half_json", 2, "not JSON, or half"),
        ("unit", 2, "wind_kmh in 'Bft'"),
        ("outside", 2, "HTTP 422"),
    ],
)
def test_an_outage_says_what_it_is_and_ends_the_round(
    fake: FakeMetNorway, answer: Answer, tries: int, says: str
) -> None:
    fake.always, fake.retry_after = answer, "0"
    with pytest.raises(FeedDown, match=says):
        feed(fake).fetch(POINTS, None, NOW)
    assert len(fake.requests) == tries


def test_one_point_that_fails_costs_the_others_nothing(fake: FakeMetNorway) -> None:
    fake.script = ["outside"]
    source = feed(fake)
    assert {reading.point_id for reading in source.fetch(POINTS, None, NOW)} == {"forest-2"}
    assert source.note.endswith("forest-1: HTTP 422; 1/2")
    assert {reading.point_id for reading in source.fetch(POINTS, None, NOW)} == {"forest-1"}


def test_nobody_to_write_to_is_refused(fake: FakeMetNorway) -> None:
    with pytest.raises(FeedDown, match=r"HTTP 403: refused; is `contact`"):
        feed(fake, contact="nobody").fetch(POINTS, None, NOW)


def test_nobody_there() -> None:
    with FakeMetNorway(NOW) as gone:
        source = feed(gone)
    with pytest.raises(FeedDown, match="connection failed"):
        source.fetch(POINTS, None, NOW)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.clear(),
        lambda d: d["properties"]["meta"].pop("updated_at"),
        lambda d: d["properties"]["meta"].update(updated_at="2026-04-01T00:00:00"),
        lambda d: d["properties"]["meta"]["units"].pop("air_temperature"),
        lambda d: d["properties"].update(timeseries=[]),
        lambda d: d["properties"]["timeseries"][1]["data"]["instant"]["details"].update(air_temperature="warm"),
        lambda d: d["properties"]["timeseries"][1]["data"]["instant"]["details"].update(air_temperature=True),
        lambda d: d["geometry"].update(coordinates=[]),
    ],
)
def test_another_shape_is_an_outage(fake: FakeMetNorway, change: Any) -> None:  # noqa: ANN401 - a change of JSON
    document = fake.document(35, 103, 2400, NOW)
    assert parse(document, POINTS[0], NOW)
    change(document)
    with pytest.raises(FeedDown):
        parse(document, POINTS[0], NOW)


def test_a_missing_quantity_is_missing_and_another_unit_is_converted(fake: FakeMetNorway) -> None:
    document = fake.document(35, 103, 2400, NOW)
    document["properties"]["meta"]["units"]["wind_speed"] = "kn"
    step, before = document["properties"]["timeseries"][1]["data"], document["properties"]["timeseries"][0]["data"]
    del step["instant"]["details"]["relative_humidity"]
    before["next_1_hours"].pop("details")
    reading = parse(document, POINTS[0], NOW)[0]
    assert (reading.rh_pct, reading.rain_mm) == (None, None)
    assert reading.wind_kmh == pytest.approx(step["instant"]["details"]["wind_speed"] * 1.852)


def test_raw_answers_are_kept_also_of_an_outage(db: Database, fake: FakeMetNorway) -> None:
    clock = FixedClock(NOW)
    fake.script = ["gateway", "gateway", "gateway"]
    with pytest.raises(FeedDown):
        ingest.fetch(db, feed(fake), POINTS, clock, keep_raw_days=7)
    ingest.fetch(db, feed(fake), POINTS, clock, keep_raw_days=7)
    with db.read() as session:
        rows = raw.newest(session, "met-norway")
        assert [row.status for row in rows] == [200, 200, 502, 502, 502]
        assert rows[0].request.endswith("compact?lat=36.1000&lon=102.9000&altitude=2600")
        document = json.loads(raw.body_of(session, rows[0].id or 0))
        assert document["geometry"]["coordinates"] == [102.9, 36.1, 2600.0]
        assert len(rows[0].body) < rows[0].size / 5
    with db.write() as session:
        assert raw.forget(session, clock.advance(days=7), 7) == 0
        assert raw.forget(session, clock.advance(seconds=1), 7, limit=3) == 3
        assert raw.forget(session, clock.now(), 7) == 2
        assert session.exec(select(RawPayload)).all() == []


@pytest.mark.reference
def test_the_recorded_answer_served_over_http(db: Database, fake: FakeMetNorway, reference: Path) -> None:
    recorded = json.loads((reference / "weather" / "metno" / "beijing_compact.json").read_text())
    fake.recorded = recorded
    now = datetime(2020, 7, 20, 11, 20, 44, tzinfo=UTC)
    source, beijing, clock = feed(fake), [Point("beijing", 39.9, 116.4, 50)], FixedClock(now)
    readings = source.fetch(beijing, None, now)
    steps = {step["time"]: step["data"] for step in recorded["data"]["properties"]["timeseries"]}
    assert len(readings) == 55
    assert (readings[0].valid_at, readings[-1].valid_at) == (
        datetime(2020, 7, 20, 12, tzinfo=UTC),
        datetime(2020, 7, 22, 18, tzinfo=UTC),
    )
    assert {reading.issued_at for reading in readings} == {datetime(2020, 7, 20, 1, 30, 57, tzinfo=UTC)}
    for reading in readings:
        there = steps[f"{reading.valid_at:%Y-%m-%dT%H:%M:%SZ}"]["instant"]["details"]
        before = steps[f"{reading.valid_at - HOUR:%Y-%m-%dT%H:%M:%SZ}"]["next_1_hours"]["details"]
        assert (reading.temp_c, reading.rh_pct) == (there["air_temperature"], there["relative_humidity"])
        assert reading.wind_kmh == pytest.approx(there["wind_speed"] * 3.6)
        assert reading.rain_mm == before["precipitation_amount"]
    assert source.fetch(beijing, None, now + timedelta(minutes=31)) == []  # good for 31 min 44 s, as its headers say
    assert len(fake.requests) == 1
    assert source.fetch(beijing, None, now + timedelta(minutes=32)) == []
    assert fake.answered == [200, 304]
    fake.script = ["gateway"] * 3
    clock.advance(hours=2)
    with pytest.raises(FeedDown, match="HTTP 502"):
        ingest.fetch(db, feed(fake), beijing, clock)
    assert ingest.fetch(db, feed(fake), beijing, clock).new == 55
