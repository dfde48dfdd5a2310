import copy
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from firewatch.adapters.open_meteo import OpenMeteo, parse
from firewatch.adapters.open_meteo_service import Service
from firewatch.rulebook.weather import OpenMeteoFeed
from firewatch.weather.feeds import FeedDown, Point, Reading
from firewatch.weather.models import ValueKind
from tests.fake_open_meteo import Answer, FakeOpenMeteo

NOW = datetime(2026, 4, 1, 4, 30, tzinfo=UTC)
POINTS = [
    Point("forest-1", 35.3712, 103.4, 2400),
    Point("forest-2", 36.1, 102.9, 2600),
    Point("forest-3", 35.5, 103, 2900),
]


@pytest.fixture
def fake() -> Iterator[FakeOpenMeteo]:
    with FakeOpenMeteo(NOW) as server:
        yield server


def feed(fake: FakeOpenMeteo, *, timeout_seconds: float = 5, longest_wait_seconds: float = 2) -> OpenMeteo:
    return OpenMeteo(
        OpenMeteoFeed(kind="open_meteo", id="open-meteo"),
        fake.url + "/",
        timeout_seconds=timeout_seconds,
        first_wait_seconds=0.01,
        longest_wait_seconds=longest_wait_seconds,
    )


def at(readings: list[Reading], point_id: str, valid_at: datetime) -> Reading:
    (reading,) = [reading for reading in readings if (reading.point_id, reading.valid_at) == (point_id, valid_at)]
    return reading


def test_one_request_for_all_points_in_our_units(fake: FakeOpenMeteo) -> None:
    readings = feed(fake).fetch(POINTS, NOW - timedelta(hours=5), NOW)
    (query,) = fake.requests
    assert query["latitude"] == "35.3712,36.1000,35.5000"
    assert query["elevation"] == "2400,2600,2900"
    assert (query["wind_speed_unit"], query["timezone"]) == ("ms", "UTC")
    assert len(query["hourly"].split(",")) <= 10
    assert len(readings) == 3 * (3 + 9) * 24
    reading = at(readings, "forest-2", datetime(2026, 3, 31, 8, tzinfo=UTC))
    assert reading.temp_c == pytest.approx(10 + 8 + 1.1)
    assert reading.wind_kmh == pytest.approx(28 + 1.1, abs=0.02)  # the service rounds its m/s
    assert reading.gust_kmh == pytest.approx(45, abs=0.02)
    assert [reading.rh_pct, reading.snow_depth_cm, reading.wind_dir_deg] == [pytest.approx(20 + 1.1), 3.0, 300.0]
    assert reading.model == "best_match 36.125,102.875 2600 m"
    # The amount stamped 10:00 fell in the hour before, which is how we name hours too.
    assert at(readings, "forest-2", datetime(2026, 3, 31, 10, tzinfo=UTC)).rain_mm == 0.4


def test_hours_up_to_now_are_analysed_and_later_ones_forecast(fake: FakeOpenMeteo) -> None:
    readings = feed(fake).fetch(POINTS[:1], NOW, NOW)
    hour = datetime(2026, 4, 1, 4, tzinfo=UTC)
    known, coming = at(readings, "forest-1", hour), at(readings, "forest-1", hour + timedelta(hours=1))
    assert (known.kind, known.issued_at) == (ValueKind.ANALYSED, hour)
    assert (coming.kind, coming.issued_at) == (ValueKind.FORECAST, hour)
    assert readings[-1].valid_at == datetime(2026, 4, 9, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "past_days"),
    [
        (None, "92"),
        (NOW - timedelta(hours=1), "3"),
        (NOW - timedelta(days=10), "10"),
        (NOW - timedelta(days=200), "92"),
        (NOW + timedelta(days=5), "3"),
    ],
)
def test_asks_for_as_many_days_as_are_missing(fake: FakeOpenMeteo, since: datetime | None, past_days: str) -> None:
    readings = feed(fake).fetch(POINTS[:1], since, NOW)
    assert fake.requests[0]["past_days"] == past_days
    if since is not None and since > NOW - timedelta(days=92):
        assert min(reading.valid_at for reading in readings) <= since


def test_humidity_from_the_dew_point_when_there_is_none(fake: FakeOpenMeteo) -> None:
    fake.empty = {"relative_humidity_2m", "snow_depth"}
    reading = at(feed(fake).fetch(POINTS[:1], NOW, NOW), "forest-1", datetime(2026, 3, 31, 8, tzinfo=UTC))
    assert reading.rh_pct == pytest.approx(23.1, abs=0.2)
    assert reading.snow_depth_cm is None
    fake.empty |= {"dew_point_2m"}
    assert feed(fake).fetch(POINTS[:1], NOW, NOW)[0].rh_pct is None


def test_what_the_model_does_not_have_is_missing_and_the_rest_is_there(fake: FakeOpenMeteo) -> None:
    fake.unknown = {"snow_depth", "wind_gusts_10m"}
    reading = at(feed(fake).fetch(POINTS, NOW, NOW), POINTS[0].id, NOW.replace(minute=0))
    assert (reading.snow_depth_cm, reading.gust_kmh) == (None, None)
    assert reading.temp_c is not None


@pytest.mark.parametrize("answer", ["limited", "gateway", "nothing", "half"])
def test_what_passes_is_tried_again(fake: FakeOpenMeteo, answer: Answer) -> None:
    fake.script = [answer]
    assert feed(fake).fetch(POINTS, NOW, NOW)
    assert len(fake.requests) == 2


def test_waits_as_long_as_it_is_told(fake: FakeOpenMeteo) -> None:
    fake.script = ["limited"]
    started = time.monotonic()
    feed(fake).fetch(POINTS, NOW, NOW)
    assert 1.0 <= time.monotonic() - started < 4


def test_does_not_ask_again_before_a_long_wait_is_over(fake: FakeOpenMeteo) -> None:
    fake.script = ["limited"]
    fake.retry_after = "3600"
    source = feed(fake)
    with pytest.raises(FeedDown, match=r"HTTP 429: Minutely API request limit .* asks to wait 3600 s"):
        source.fetch(POINTS, NOW, NOW)
    with pytest.raises(FeedDown, match="asked to wait another 3600 s"):
        source.fetch(POINTS, NOW, NOW)
    assert len(fake.requests) == 1


def test_retry_after_may_be_a_date(fake: FakeOpenMeteo) -> None:
    fake.script = ["limited"]
    fake.retry_after = "Fri, 31 Dec 2128 23:59:59 GMT"
    with pytest.raises(FeedDown, match=r"asks to wait \d{9,} s"):
        feed(fake).fetch(POINTS, NOW, NOW)


@pytest.mark.parametrize(
    ("answer", "tries", "says"),
    [
        ("limited", 3, "^HTTP 429: Minutely"),
        ("gateway", 3, "^HTTP 502$"),
        ("nothing", 3, "^connection failed"),
        ("half", 3, "^connection failed"),
        ("silence", 3, "^no answer within 0.2 s$"),
        ("page", 1, "web page"),
        ("half_json", 1, "not JSON, or half"),
        ("garbled", 1, r"^no usable answer \(DecodingError\)$"),
        ("fewer", 1, "2 places, asked for 3"),
        ("uneven", 1, "287 of 288 hours of rain_mm"),
        ("unit", 1, "wind_kmh in 'Bft'"),
        ("not_a_number", 1, "not JSON"),
    ],
)
def test_an_outage_says_what_it_is(fake: FakeOpenMeteo, answer: Answer, tries: int, says: str) -> None:
    fake.script = [answer] * 5
    fake.retry_after = None
    with pytest.raises(FeedDown, match=says):
        feed(fake, timeout_seconds=0.2 if answer == "silence" else 5).fetch(POINTS, NOW, NOW)
    assert len(fake.requests) == tries


def test_a_refused_request_shows_the_reason_and_is_not_repeated(fake: FakeOpenMeteo) -> None:
    with pytest.raises(FeedDown, match=r"^HTTP 400: Latitude must be in range"):
        feed(fake).fetch([Point("nowhere", 91, 0, 0)], NOW, NOW)
    assert len(fake.requests) == 1


def test_nobody_there() -> None:
    with FakeOpenMeteo(NOW) as gone:
        source = feed(gone)
    with pytest.raises(FeedDown, match="connection failed"):
        source.fetch(POINTS, NOW, NOW)


@pytest.mark.parametrize(
    "document",
    [None, 7, "weather", [], {}, {"hourly": 3}, {"error": True, "reason": "Sorry"}, [{"hourly_units": None}]],
)
def test_another_shape_is_an_outage(document: object) -> None:
    with pytest.raises(FeedDown):
        parse(document, POINTS[:1], NOW)


def small(**changes: object) -> dict[str, object]:
    """One place, two hours, two variables."""
    hourly = {"time": ["2026-04-01T03:00", "2026-04-01T04:00"], "precipitation": [0.2, None], "snow_depth": [0.1, None]}
    units = {"time": "iso8601", "precipitation": "mm", "snow_depth": "m"}
    return {"utc_offset_seconds": 0, "hourly_units": units, "hourly": hourly, **changes}


SMALL = {"precipitation": "rain_mm", "snow_depth": "snow_depth_cm"}


def test_an_hour_without_any_value_is_no_reading() -> None:
    (reading,) = parse(small(), POINTS[:1], NOW, SMALL)
    assert (reading.valid_at, reading.rain_mm, reading.snow_depth_cm) == (
        datetime(2026, 4, 1, 3, tzinfo=UTC),
        0.2,
        10.0,
    )
    assert (reading.temp_c, reading.model) == (None, "best_match")


@pytest.mark.parametrize(
    ("hourly", "units", "says"),
    [
        ({}, {"time": "unixtime"}, "time in 'unixtime'"),
        ({"precipitation": [True, 0.0]}, {}, "'True' is not a number"),
        ({"precipitation": ["0.2", 0.0]}, {}, "'0.2' is not a number"),
        ({"time": ["yesterday", "today"]}, {}, "ValueError"),
        ({"precipitation": [None, None], "snow_depth": [None, None]}, {}, "without a single value"),
    ],
)
def test_a_doubtful_hour_is_refused(hourly: dict[str, object], units: dict[str, object], says: str) -> None:
    usual = small()
    assert isinstance(usual["hourly"], dict)
    assert isinstance(usual["hourly_units"], dict)
    document = small(hourly=usual["hourly"] | hourly, hourly_units=usual["hourly_units"] | units)
    with pytest.raises(FeedDown, match=says):
        parse(document, POINTS[:1], NOW, SMALL)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "first", "offset_hours", "count"),
    [("forecast-4418bd", 23.1, -3, 168), ("archive-43cae1", 25.2, -9, 24), ("archive-f5378f", 18.7, -3, 24)],
)
def test_recorded_answers(reference: Path, name: str, first: float, offset_hours: int, count: int) -> None:
    document = json.loads((reference / "weather" / "open_meteo" / f"{name}.json").read_text())
    readings = parse(document, [Point("there", -15.8, -47.9, 1134)], NOW, {"temperature_2m": "temp_c"})
    assert len(readings) == count
    local = datetime.fromisoformat(document["hourly"]["time"][0]).replace(tzinfo=UTC)
    assert (readings[0].temp_c, readings[0].valid_at) == (first, local - timedelta(hours=offset_hours))
    assert readings[0].kind is ValueKind.ANALYSED
    with pytest.raises(FeedDown, match="relative_humidity_2m"):
        parse(document, [Point("there", -15.8, -47.9, 1134)], NOW)


@pytest.mark.reference
def test_recorded_daily_answers_are_no_hours(reference: Path) -> None:
    document = json.loads((reference / "weather" / "open_meteo" / "forecast-073b9d.json").read_text())
    with pytest.raises(FeedDown):
        parse(document, POINTS[:1], NOW, {"temperature_2m": "temp_c"})


class Recorded(FakeOpenMeteo):
    """Gives one recorded answer to whoever asks, as good or as bad as the script says."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(NOW)
        self.document = document

    def places(self, query: dict[str, str]) -> list[dict[str, Any]]:
        del query
        return [copy.deepcopy(self.document)]


@pytest.mark.reference
@pytest.mark.parametrize(("name", "count"), [("forecast-4418bd", 168), ("archive-43cae1", 24), ("archive-f5378f", 24)])
def test_recorded_answers_served_over_http_with_outages(reference: Path, name: str, count: int) -> None:
    document = json.loads((reference / "weather" / "open_meteo" / f"{name}.json").read_text())
    with Recorded(document) as fake:
        service = Service(f"{fake.url}/v1/forecast", 5, 3, 0.01, 2)
        fake.script = ["gateway", "half"]
        readings = parse(service.ask({"hourly": "temperature_2m"}), POINTS[:1], NOW, {"temperature_2m": "temp_c"})
        assert [reading.temp_c for reading in readings] == document["hourly"]["temperature_2m"]
        assert len(readings) == count
        assert [payload.status for payload in service.payloads()] == [502, 200]
        fake.script = ["page", "half_json", "gateway", "gateway", "gateway"]
        for says in ("web page", "not JSON, or half", "HTTP 502"):
            with pytest.raises(FeedDown, match=says):
                service.ask({})
        with pytest.raises(FeedDown, match="relative_humidity_2m"):
            feed(fake).fetch(POINTS[:1], NOW, NOW)


@pytest.mark.reference
@pytest.mark.parametrize("name", ["archive-466132", "forecast-073b9d", "forecast-b38ace", "forecast-dfbcef"])
def test_recorded_answers_without_hours_are_an_outage_over_http(reference: Path, name: str) -> None:
    document = json.loads((reference / "weather" / "open_meteo" / f"{name}.json").read_text())
    with Recorded(document) as fake, pytest.raises(FeedDown, match="another shape"):
        feed(fake).fetch(POINTS[:1], NOW, NOW)
