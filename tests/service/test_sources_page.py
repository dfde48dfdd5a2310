"""The page of sources, their raw answers, whom to thank, and the figures for a supervisor."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.hotspots.models import HotspotSource
from firewatch.jobs import runs, sources
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.weather import MetNorwayFeed
from firewatch.weather import raw
from firewatch.weather.feeds import Payload
from firewatch.weather.models import FeedStatus, StationStatus
from firewatch.web.main import build
from firewatch.web.services import Services
from tests.service.console import Desk, open_desk, said
from tests.service.server import running, serving
from tests.service.stations import with_stations

HOUR = timedelta(hours=1)
PAGE = b"<html><script>alert(1)</script>502</html>"


@pytest.fixture
def book(rulebook: Rulebook) -> Rulebook:
    fallback = MetNorwayFeed(kind="met_norway", id="met-norway", contact="duty@alliance.example")
    weather = rulebook.weather
    return with_stations(
        replace(rulebook, weather=weather.model_copy(update={"feed": [*weather.feed, fallback]})),
    )


@pytest.fixture
def desk(db: Database, clock: FixedClock, book: Rulebook) -> Desk:
    return open_desk(db, clock, book)


def outage(db: Database, clock: FixedClock) -> None:
    """Open-Meteo is away for six hours; the fallback told a forecast; a station sent rubbish."""
    now = clock.now()
    with db.write() as session:
        session.add(
            FeedStatus(
                source="open-meteo",
                kind="open_meteo",
                last_tried_at=now,
                last_success_at=now - 6 * HOUR,
                newest_valid_at=now - 6 * HOUR,
                error="HTTP 502",
            )
        )
        session.add(
            FeedStatus(
                source="met-norway",
                kind="met_norway",
                last_tried_at=now,
                last_success_at=now - HOUR,
                newest_issued_at=now - 3 * HOUR,
                note="→ 2026-04-03 12:00Z",
            )
        )
        session.add(
            StationStatus(
                station="ST-1",
                source="stations",
                point_id="kangle",
                expected_since_at=now - 90 * HOUR,
                last_received_at=now,
                newest_valid_at=now - 9 * HOUR,
                refused="not a full hour",
            )
        )
        raw.keep(session, "open-meteo", [Payload("http://127.0.0.1/v1?apikey=***", 502, "text/html", PAGE)], now, 7)


def test_the_page_tells_how_every_source_is_doing(db: Database, clock: FixedClock, desk: Desk) -> None:
    officer = desk.person()
    assert "not asked yet" in said(officer.page("/sources"))
    outage(db, clock)
    page = said(officer.page("/sources"))
    assert "Every source of weather" not in page
    for sentence in (
        "open-meteo Open-Meteo, analysis and forecast silent",
        "met-norway MET Norway, forecast only fresh",
        "HTTP 502",
        "forecast issued 3 h",
        "→ 2026-04-03 12:00Z",
        "ST-1 kangle",
        "not a full hour",
        "sends by itself",
        "MET Norway ( CC BY 4.0 )",
    ):
        assert sentence in page
    assert "气象来源" in said(desk.person(lang="zh").page("/sources"))
    situation = officer.page("/")
    assert situation.count("feed old") == 1, "a fallback has no newest hour and is not old for that"
    assert "met.no" in situation


def test_the_page_says_when_everybody_is_silent(db: Database, clock: FixedClock, desk: Desk) -> None:
    outage(db, clock)
    with db.write() as session:
        status = session.get(FeedStatus, "met-norway")
        assert status is not None
        status.error, status.last_success_at = "HTTP 502", clock.now() - 6 * HOUR
        session.add(status)
    assert "Every source of weather is silent" in said(desk.person().page("/sources"))


def test_a_failed_run_is_tried_again_before_the_next_round(db: Database, clock: FixedClock, desk: Desk) -> None:
    with db.write() as session:
        run = runs.begin(session, clock.now(), "weather:open-meteo", clock.now(), "me")
        assert run is not None
        runs.failed(session, clock.now(), run, "HTTP 502")
    page = said(desk.person().page("/sources"))
    assert "analysis and forecast not asked yet – – 12:00 just now" in page, "in half a minute, not in an hour"


def test_a_raw_answer_is_handed_out_as_a_file(db: Database, clock: FixedClock, desk: Desk) -> None:
    outage(db, clock)
    officer = desk.person()
    assert 'href="/sources/raw/1"' in officer.page("/sources")
    answer = officer.client.get("/sources/raw/1")
    assert answer.content == PAGE
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="answer-1.txt"'
    assert officer.client.get("/sources/raw/2").status_code == 404
    assert desk.person(None).client.get("/sources/raw/1").status_code == 303


def test_figures_and_credits_for_programs(db: Database, clock: FixedClock, book: Rulebook) -> None:
    outage(db, clock)
    with serving(db, clock, book) as api:
        lines = api.client.get("/metrics").text.splitlines()
        credit = api.get("danger").json()["credit"]
    for line in (
        'firewatch_weather_age_seconds{source="open-meteo"} 21600.0',
        'firewatch_weather_issue_age_seconds{source="met-norway"} 10800.0',
        'firewatch_weather_silent{source="open-meteo"} 1.0',
        'firewatch_weather_silent{source="met-norway"} 0.0',
        'firewatch_station_age_seconds{station="ST-1"} 32400.0',
    ):
        assert line in lines
    assert not [line for line in lines if line.startswith("firewatch_hotspot_")], (
        "no satellite is asked: there is no key"
    )
    assert credit.startswith("Weather data by Open-Meteo.com (CC BY 4.0)")
    assert "MET Norway (CC BY 4.0), https://www.met.no/" in credit


def test_figures_of_hot_spots(db: Database, clock: FixedClock, book: Rulebook) -> None:
    now, silent = clock.now(), timedelta(minutes=book.hotspots.silent_after_minutes)
    with db.write() as session:
        for source, heard_at, error in (
            ("MODIS_NRT", now - HOUR, None),
            ("VIIRS_NOAA20_NRT", now - silent, "HTTP 502"),
        ):
            row = HotspotSource(
                source=source, asked_since_at=now - 9 * HOUR, last_tried_at=now, last_answered_at=heard_at, error=error
            )
            session.add(row)
        session.add(HotspotSource(source="VIIRS_SNPP_NRT", asked_since_at=now - HOUR))
        session.add(HotspotSource(source="FORMER_NRT", asked_since_at=now - 999 * HOUR))
    app = build(Services(db=db, clock=clock, book=book, hotspots_on=True))
    with running(app) as address:
        lines = httpx.get(f"{address}/metrics").text.splitlines()
    assert [line for line in lines if line.startswith("firewatch_hotspot")] == [
        'firewatch_hotspot_answer_age_seconds{source="MODIS_NRT"} 3600.0',
        'firewatch_hotspot_answer_age_seconds{source="VIIRS_NOAA20_NRT"} 10800.0',
        'firewatch_hotspot_answer_age_seconds{source="VIIRS_SNPP_NRT"} 3600.0',
        'firewatch_hotspot_silent{source="MODIS_NRT"} 0.0',
        'firewatch_hotspot_silent{source="VIIRS_NOAA20_NRT"} 1.0',
        'firewatch_hotspot_silent{source="VIIRS_SNPP_NRT"} 0.0',
        "firewatch_hotspots_waiting 0.0",
    ]


def test_installations_ask_at_minutes_of_their_own(book: Rulebook) -> None:
    names = [f"联盟{number}" for number in range(40)]
    others = [replace(book, alliance=book.alliance.model_copy(update={"name_zh": name})) for name in names]
    assert len({sources.schedule(other, "open-meteo").offset_minutes for other in others}) > 20
    assert sources.schedule(book, "open-meteo") == sources.schedule(book, "open-meteo")
    assert sources.schedule(book, "open-meteo") != sources.schedule(book, "met-norway")
