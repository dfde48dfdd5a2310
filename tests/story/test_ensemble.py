"""The ensemble tells how likely grade 4 is; when it is away nothing is told, which is not a probability of zero.

The probabilities of the running service are held against a plain computation: one member, one point and one day at a
time, out of what the fake answered, by equations written apart from the product.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from math import floor
from pathlib import Path
from typing import Any

import pytest

from firewatch.rulebook.alliance import WeatherPoint
from firewatch.rulebook.read import Rulebook
from tests import scalar_fwi
from tests.fake_open_meteo import FakeOpenMeteo
from tests.story.service import Service
from tests.story.test_report_to_phones import wait_for

START = datetime(2026, 4, 8, 0, 5, tzinfo=UTC)  # 8 in the morning in Linxia
SPEED = 1800  # half an hour in a second
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NAMES = ("temperature_2m", "relative_humidity_2m", "wind_speed_10m", "precipitation")
MEMBERS = 40
LE, LF = (6.5, 7.5, 9.0, 12.8), (-1.6, -1.6, -1.6, 0.9)  # January to April
GREEN_AND_SNOW = 20  # the fake's ground lies under 3 cm of snow

Hour = tuple[float, float, float, float]
"""Temperature, humidity, wind in km/h, rain."""


@pytest.mark.timeout(400)
def test_the_ensemble(tmp_path: Path, rulebook: Rulebook) -> None:
    with FakeOpenMeteo(START) as weather:
        weather.ensemble_script = [
            "gateway",
            "page",
            "gateway",
            "gateway",
            "gateway",
        ]  # the first two issues go without
        settings = {
            "FIREWATCH_REPLAY": "",
            "FIREWATCH_OPEN_METEO_URL": weather.url,
            "FIREWATCH_OPEN_METEO_ENSEMBLE_URL": weather.url,
            "FIREWATCH_CLOCK_START": START.isoformat(),
            "FIREWATCH_CLOCK_SPEED": str(SPEED),
        }
        with Service(tmp_path, settings) as service:
            assert service.run("db", "upgrade").returncode == 0
            service.start()
            service.wait_until_ready()
            away = wait_for(
                "an issue without the ensemble",
                lambda: newest(service, lambda issue: bool(issue["source"])),
                seconds=90,
            )
            assert away["members"] == 0
            assert away["ensemble_error"].startswith(("HTTP 502", "answered a web page"))
            told = [day for zone in away["zones"] for day in zone["days"]]
            assert not [day for day in told if not day["data"]], "the forecast itself is there"
            assert {day["probability"] for day in told} == {None}, "no probability is not a probability of 0"

            issue = wait_for(
                "an issue with it", lambda: newest(service, lambda issue: issue["members"] > 0), seconds=120
            )
        assert (issue["members"], issue["ensemble_model"], issue["ensemble_error"]) == (MEMBERS, "icon_seamless", "")
        assert weather.ensemble_requests[-1]["models"] == "icon_seamless"
        expected = plainly(weather, rulebook, issue)
        found = {
            (zone["zone_id"], zone["scheme"], day["on"]): (day["probability"], day["members"])
            for zone in issue["zones"]
            for day in zone["days"]
        }
        assert set(found) == set(expected)
        for key, share in expected.items():
            assert found[key] == (pytest.approx(share), MEMBERS), key
        assert 0.2 < min(expected.values()) < 0.8, "and they are not all sure of themselves"
        assert max(expected.values()) > min(expected.values())


def newest(service: Service, wanted: Any) -> dict[str, Any] | None:  # noqa: ANN401 - a test of an issue
    answer = service.http.get("/api/v1/outlook")
    issue: dict[str, Any] = answer.json()
    return issue if answer.status_code == 200 and wanted(issue) else None


def plainly(weather: FakeOpenMeteo, book: Rulebook, issue: Mapping[str, Any]) -> dict[tuple[str, str, str], float]:
    """The share of members in which a zone reaches grade 4, by zone, scheme and day."""
    on, now = date.fromisoformat(issue["on"]), datetime.fromisoformat(issue["issued_at"])
    days = [on + n * DAY for n in range(8)]
    reached: dict[tuple[str, str, str, int], bool] = {}
    for zone in book.zones:
        for point in zone.points:
            known = hours_of(weather, point)
            start = state_before(known, point, on)
            for member, own in enumerate(known["members"]):
                hours = {at: known["all"][at] if at <= now else value for at, value in own.items()}
                whole = {**known["all"], **hours}
                for scheme, grades in (("fwi", fwi_grades(whole, point, days, start)), ("lyt1172", lyt(whole, days))):
                    for day, grade in zip(days, grades, strict=True):
                        key = (zone.id, scheme, day.isoformat(), member)
                        reached[key] = reached.get(key, False) or grade >= 4
    shares = {key[:3] for key in reached}
    return {key: sum(reached[*key, member] for member in range(MEMBERS)) / MEMBERS for key in shares}


def hours_of(weather: FakeOpenMeteo, point: WeatherPoint) -> dict[str, Any]:
    """What the fake says of a point: all hours of the control, and those of every member."""
    query = {
        "latitude": f"{point.lat:.4f}",
        "longitude": f"{point.lon:.4f}",
        "elevation": f"{point.elevation_m:.0f}",
        "hourly": ",".join(NAMES),
        "wind_speed_unit": "ms",
        "forecast_days": "9",
        "models": "icon_seamless",
    }
    (past,) = weather.places({**query, "past_days": "92"})
    (ahead,) = weather.ensemble(query)
    members = [column(ahead, "" if member == 0 else f"_member{member:02d}") for member in range(MEMBERS)]
    return {"all": column(past, ""), "members": members}


def column(place: Mapping[str, Any], suffix: str) -> dict[datetime, Hour]:
    hourly = place["hourly"]
    times = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in hourly["time"]]
    rows = zip(*(hourly[f"{name}{suffix}"] for name in NAMES), strict=True)
    return {at: (t, h, w * 3.6, r) for at, (t, h, w, r) in zip(times, rows, strict=True)}


def noon(point: WeatherPoint, on: date) -> datetime:
    return datetime(on.year, on.month, on.day, round(12 - point.lon / 15), tzinfo=UTC)


def step(hours: Mapping[datetime, Hour], point: WeatherPoint, on: date, codes: Sequence[float]) -> list[float]:
    at = noon(point, on)
    t, h, w, _ = hours[at]
    rain = round(sum(hours[at - n * HOUR][3] for n in range(24)), 6)
    return [
        scalar_fwi.ffmc(codes[0], t, h, w, rain, 147.2),
        scalar_fwi.dmc(codes[1], t, h, rain, LE[on.month - 1]),
        scalar_fwi.dc(codes[2], t, rain, LF[on.month - 1]),
    ]


def state_before(known: Mapping[str, Any], point: WeatherPoint, on: date) -> list[float]:
    """The codes at the end of the day before, from a cold start sixty days before the first day."""
    codes = [85.0, 6.0, 15.0]
    day = START.date() - 60 * DAY
    while day < on:
        codes = step(known["all"], point, day, codes)
        day += DAY
    return codes


def fwi_grades(
    hours: Mapping[datetime, Hour], point: WeatherPoint, days: Sequence[date], codes: Sequence[float]
) -> list[int]:
    grades = []
    for on in days:
        codes = step(hours, point, on, codes)
        isi = scalar_fwi.isi(codes[0], hours[noon(point, on)][2], 147.2)
        value = scalar_fwi.fwi(isi, scalar_fwi.bui(codes[1], codes[2]))
        grades.append(1 + sum(value >= begins for begins in (5.2, 11.2, 21.3, 38.0)))
    return grades


def lyt(hours: Mapping[datetime, Hour], days: Sequence[date]) -> list[int]:
    """LY/T 1172 by its tables; it last rained on 31 March, so that from 8 April on C is 50."""
    grades = []
    for on in days:
        begins = datetime(on.year, on.month, on.day, tzinfo=UTC) - 8 * HOUR
        day = [hours[begins + n * HOUR] for n in range(1, 25)]
        warm, dry = floor(10 * max(row[0] for row in day) + 0.5), -floor(0.5 - min(row[1] for row in day))
        wind = floor(max(row[2] for row in day) / 0.36 + 0.5)
        a = 4 * sum(warm >= tenths for tenths in (51, 101, 151, 201, 251))
        b = 20 - 4 * sum(dry >= percent for percent in (31, 41, 51, 61, 71))
        d = 5 * sum(wind >= tenths for tenths in (3, 16, 34, 55, 80, 108, 139, 172))
        value = a + b + 50 + d - GREEN_AND_SNOW
        grades.append(1 + sum(value > last for last in (25, 50, 72, 90)))
    return grades
