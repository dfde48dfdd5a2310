"""The ensemble over HTTP: members by name, in our units; whatever is not an answer is an outage."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from firewatch.adapters.open_meteo_ensemble import OpenMeteoEnsemble, parse
from firewatch.weather.feeds import FeedDown, Point
from tests.fake_open_meteo import Answer, FakeOpenMeteo

NOW = datetime(2026, 4, 1, 4, 30, tzinfo=UTC)
POINTS = [Point("forest-1", 35.3712, 103.4, 2400), Point("forest-2", 36.1, 102.9, 2600)]


@pytest.fixture
def fake() -> Iterator[FakeOpenMeteo]:
    with FakeOpenMeteo(NOW) as server:
        yield server


def ensemble(fake: FakeOpenMeteo, model: str = "icon_seamless") -> OpenMeteoEnsemble:
    return OpenMeteoEnsemble(model, 7, fake.url + "/", timeout_seconds=5, first_wait_seconds=0.01)


def test_one_request_tells_every_member_in_our_units(fake: FakeOpenMeteo) -> None:
    fake.empty = {"snow_depth"}
    told = ensemble(fake).fetch(POINTS, NOW)
    (query,) = fake.ensemble_requests
    assert not fake.requests
    assert (query["models"], query["forecast_days"], query["timezone"]) == ("icon_seamless", "9", "UTC")
    assert query["elevation"] == "2400,2600"
    assert (told.count, told.model) == (40, "icon_seamless")
    assert (told.start, told.issued_at) == (datetime(2026, 3, 31, 23, tzinfo=UTC), NOW.replace(minute=0))
    assert {values.shape for values in told.values.values()} == {(9 * 24, 40, 2)}
    # The hour stamped 08:00 is the ninth; the control, then a member that is 2 degrees warmer than the twentieth.
    noon = told.values["temp_c"][8, :, 1]
    assert noon[0] == pytest.approx(10 + 8 + 1.1)
    assert noon[30] - noon[20] == pytest.approx(2.0)
    assert told.values["wind_kmh"][8, 0, 0] == pytest.approx(28 + 0.37, abs=0.02)
    assert np.isnan(told.values["snow_depth_cm"]).all()
    (payload,) = ensemble_payloads(fake)
    assert payload.startswith(f"{fake.url}/v1/ensemble?latitude=")


def ensemble_payloads(fake: FakeOpenMeteo) -> list[str]:
    source = ensemble(fake)
    source.fetch(POINTS[:1], NOW)
    return [payload.request for payload in source.payloads()]


def test_an_ensemble_without_snow_tells_the_rest(fake: FakeOpenMeteo) -> None:
    place = fake.ensemble(
        {
            "latitude": "35",
            "longitude": "103",
            "models": "gfs025",
            "hourly": "temperature_2m,relative_humidity_2m,precipitation,wind_speed_10m",
        }
    )
    told = parse(place, POINTS[:1], "gfs025", NOW)
    assert np.isnan(told.values["snow_depth_cm"]).all()
    assert not np.isnan(told.values["rain_mm"]).any()


def test_what_a_model_does_not_have_is_missing_and_the_rest_is_heard(fake: FakeOpenMeteo) -> None:
    fake.unknown = {"snow_depth"}
    told = ensemble(fake, "ecmwf_ifs025").fetch(POINTS, NOW)
    assert np.isnan(told.values["snow_depth_cm"]).all()
    assert not np.isnan(told.values["rh_pct"]).any()
    fake.unknown = {"relative_humidity_2m"}
    with pytest.raises(FeedDown, match="without a single value of rh_pct"):
        ensemble(fake, "ecmwf_ifs025").fetch(POINTS, NOW)


def test_a_member_that_is_not_told_is_missing_and_the_others_are_heard(fake: FakeOpenMeteo) -> None:
    query = {"models": "icon_seamless", "wind_speed_unit": "ms", "longitude": "103,103", "latitude": "35,36"}
    names = "temperature_2m,relative_humidity_2m,precipitation,wind_speed_10m,snow_depth"
    places = fake.ensemble({**query, "hourly": names})
    whole = parse(places, POINTS, "icon_seamless", NOW)
    del places[0]["hourly"]["precipitation_member07"]
    del places[1]["hourly"]["temperature_2m_member12"]
    told = parse(places, POINTS, "icon_seamless", NOW)
    assert told.count == whole.count == 40
    for name, values in told.values.items():
        expected = whole.values[name].copy()
        if name == "rain_mm":
            expected[:, 7, 0] = np.nan
        if name == "temp_c":
            expected[:, 12, 1] = np.nan
        assert np.array_equal(values, expected, equal_nan=True), name


def test_names_of_several_models_are_another_shape() -> None:
    told = place("2026-04-01T00:00", 3)
    for part in ("hourly", "hourly_units"):
        table = told[part]
        assert isinstance(table, dict)
        told[part] = {name if name == "time" else f"{name}_icon_seamless": value for name, value in table.items()}
    with pytest.raises(FeedDown, match=r"another shape.*temperature_2m"):
        parse(told, POINTS[:1], "icon_seamless", NOW)


@pytest.mark.parametrize(
    ("answer", "tries", "says"),
    [
        ("limited", 3, "^HTTP 429: Minutely"),
        ("gateway", 3, "^HTTP 502$"),
        ("page", 1, "web page"),
        ("half_json", 1, "not JSON, or half"),
        ("fewer", 1, "1 places, asked for 2"),
        ("uneven", 1, "215 of 216 hours of rain_mm"),
        ("unit", 1, "wind_kmh in 'Bft'"),
        ("not_a_number", 1, "not JSON"),
    ],
)
def test_an_outage_says_what_it_is(fake: FakeOpenMeteo, answer: Answer, tries: int, says: str) -> None:
    fake.ensemble_script = [answer] * 5
    fake.retry_after = None
    with pytest.raises(FeedDown, match=says):
        ensemble(fake).fetch(POINTS, NOW)
    assert len(fake.ensemble_requests) == tries


def test_a_model_that_is_not_there_is_refused_once(fake: FakeOpenMeteo) -> None:
    with pytest.raises(FeedDown, match=r"^HTTP 400: .*no_such_model"):
        ensemble(fake, "no_such_model").fetch(POINTS, NOW)
    assert len(fake.ensemble_requests) == 1


@pytest.mark.parametrize("document", [None, 7, {}, {"hourly": 3}, {"error": True, "reason": "Sorry"}])
def test_another_shape_is_an_outage(document: object) -> None:
    with pytest.raises(FeedDown):
        parse(document, POINTS[:1], "icon_seamless", NOW)


def place(first: str, hours: int, temperature: float | None = 5.0) -> dict[str, object]:
    start = datetime.fromisoformat(first)
    names = {"temperature_2m": "°C", "relative_humidity_2m": "%", "precipitation": "mm", "wind_speed_10m": "m/s"}
    hourly: dict[str, object] = {name: [temperature] * hours for name in names}
    hourly["time"] = [f"{start + timedelta(hours=n):%Y-%m-%dT%H:%M}" for n in range(hours)]
    return {"utc_offset_seconds": 0, "hourly_units": {"time": "iso8601", **names}, "hourly": hourly}


def test_places_must_tell_the_same_hours() -> None:
    told = [place("2026-04-01T00:00", 3), place("2026-04-01T01:00", 3)]
    with pytest.raises(FeedDown, match="other hours"):
        parse(told, POINTS, "icon_seamless", NOW)


def test_hours_must_follow_one_another() -> None:
    broken = place("2026-04-01T00:00", 3)
    hourly = broken["hourly"]
    assert isinstance(hourly, dict)
    hourly["time"] = ["2026-04-01T00:00", "2026-04-01T02:00", "2026-04-01T03:00"]
    with pytest.raises(FeedDown, match="do not follow"):
        parse(broken, POINTS[:1], "icon_seamless", NOW)


def test_nothing_said_is_an_outage() -> None:
    with pytest.raises(FeedDown, match="without a single value of temp_c"):
        parse(place("2026-04-01T00:00", 3, None), POINTS[:1], "icon_seamless", NOW)
