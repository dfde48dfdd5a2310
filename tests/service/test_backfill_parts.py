"""The parts of bringing in the past: the archive's answers, what is complete, a station's file."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from firewatch.__main__ import main
from firewatch.adapters.open_meteo import VARIABLES, parse
from firewatch.adapters.open_meteo_archive import OpenMeteoArchive
from firewatch.adapters.replay import MadeUpSeason
from firewatch.clock import FixedClock
from firewatch.danger import rechain
from firewatch.danger.models import PointDay
from firewatch.db import Database
from firewatch.errors import BadInput
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.weather import StationsFeed
from firewatch.weather import archive, ingest
from firewatch.weather.feeds import FeedDown, Point
from firewatch.weather.models import ValueKind
from firewatch.weather.station_file import StationFile, Values
from tests.build import rows
from tests.fake_open_meteo import FakeOpenMeteo
from tests.service.grading import facts

NOW = datetime(2026, 4, 8, 6, 5, tzinfo=UTC)
POINTS = [Point("a", 35.4, 103.2, 2000), Point("b", 35.6, 103.0, 3000)]
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 30)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
REPORT = {"temperature_2m": "temp_c"}


def test_the_archive_gives_whole_days_as_analyses() -> None:
    with FakeOpenMeteo(NOW) as fake:
        readings = OpenMeteoArchive(fake.url).days(POINTS, FIRST, LAST, NOW)
    assert len(readings) == 2 * 30 * 24
    assert {reading.kind for reading in readings} == {ValueKind.ANALYSED}
    assert min(reading.valid_at for reading in readings) == datetime(2026, 3, 1, tzinfo=UTC)
    assert max(reading.valid_at for reading in readings) == datetime(2026, 3, 30, 23, tzinfo=UTC)
    asked = fake.requests[0]
    assert (asked["start_date"], asked["end_date"], asked["timezone"]) == ("2026-03-01", "2026-03-30", "UTC")
    assert len(VARIABLES) <= 10, "more would weigh more"


def test_days_that_the_archive_does_not_have_yet_are_no_outage() -> None:
    with FakeOpenMeteo(NOW) as fake:
        fake.archive_lag = timedelta(days=5)
        service = OpenMeteoArchive(fake.url)
        assert service.days(POINTS, date(2026, 4, 4), date(2026, 4, 7), NOW) == []
        some = service.days(POINTS, date(2026, 4, 2), date(2026, 4, 7), NOW)
    assert max(reading.valid_at for reading in some) == datetime(2026, 4, 3, 6, tzinfo=UTC)


def test_what_the_archive_refuses_is_said() -> None:
    with FakeOpenMeteo(NOW) as fake, pytest.raises(FeedDown, match="HTTP 400: Parameter 'end_date' is out of allowed"):
        OpenMeteoArchive(fake.url).days(POINTS, FIRST, date(2026, 5, 1), NOW)


@pytest.mark.reference
def test_recorded_answers_of_the_archive_are_read(reference: Path) -> None:
    read = 0
    for file in sorted((reference / "weather" / "open_meteo").glob("archive-*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        if "hourly" in document:
            readings = parse(document, POINTS[:1], NOW, REPORT, empty_ok=True)
            assert len(readings) == len(document["hourly"]["time"])
            offset = timedelta(seconds=document["utc_offset_seconds"])
            assert readings[0].valid_at == datetime.fromisoformat(document["hourly"]["time"][0] + "Z") - offset
            read += 1
        else:
            with pytest.raises(FeedDown, match="another shape"):
                parse(document, POINTS[:1], NOW, REPORT, empty_ok=True)
    assert read >= 2


def test_only_whole_days_at_every_point_are_complete(db: Database) -> None:
    with FakeOpenMeteo(NOW) as fake:
        readings = OpenMeteoArchive(fake.url).days(POINTS, FIRST, LAST, NOW)
    with db.write() as session:
        ingest.store(session, archive.OPEN_METEO, readings, NOW)

    def complete(points: list[str], last: date = LAST, sources: tuple[str, ...] = archive.SOURCES) -> bool:
        with db.read() as session:
            return archive.complete(session, points, sources, FIRST, last, NOW)

    assert complete(["a", "b"])
    assert not complete(["a", "b", "new"]), "a point that was added is filled"
    assert not complete(["a"], LAST + DAY)
    assert not complete(["a"], sources=("open-meteo",))


@pytest.mark.parametrize("wrong", [{"wind_kmh": 1687.0}, {"kind": ValueKind.FORECAST}, {"rain_mm": None}])
def test_an_hour_not_believed_or_only_foreseen_is_still_to_be_filled(db: Database, wrong: dict[str, Any]) -> None:
    with FakeOpenMeteo(NOW) as fake:
        readings = OpenMeteoArchive(fake.url).days(POINTS, FIRST, LAST, NOW)

    def complete() -> bool:
        with db.read() as session:
            return archive.complete(session, ["a", "b"], ["station", archive.OPEN_METEO], FIRST, LAST, NOW)

    with db.write() as session:
        ingest.store(session, "station", [*readings[:500], replace(readings[500], **wrong), *readings[501:]], NOW)
    assert not complete()
    with db.write() as session:
        ingest.store(session, archive.OPEN_METEO, readings, NOW)
    assert complete(), "the archive fills what the station lacks"


def test_a_span_is_cut_into_pieces() -> None:
    assert list(archive.pieces(FIRST, LAST, 14)) == [
        (date(2026, 3, 1), date(2026, 3, 14)),
        (date(2026, 3, 15), date(2026, 3, 28)),
        (date(2026, 3, 29), date(2026, 3, 30)),
    ]


def test_a_file_of_several_stations_wants_a_name(rulebook: Rulebook) -> None:
    file = StationFile({("x", NOW): Values(1.0), ("y", NOW): Values(2.0)}, 2, ())
    assert [reading.temp_c for reading in archive.of_station(file, "y", "a", rulebook.weather)] == [2.0]
    with pytest.raises(BadInput, match="stations x, y: name one with --station"):
        archive.of_station(file, None, "a", rulebook.weather)
    with pytest.raises(BadInput, match="no readable hour of z"):
        archive.of_station(file, "z", "a", rulebook.weather)


@pytest.mark.parametrize(
    ("stations", "rain", "amounts"),
    [
        ({"x": "kangle"}, {"x": "counter"}, [None, 0.4, 0.0, 0.2]),
        ({"*": "kangle"}, {"*": "counter"}, [None, 0.4, 0.0, 0.2]),
        ({"x": "kangle", "*": "kangle"}, {"*": "counter", "x": "amount"}, [41.2, 41.6, 41.6, 0.2]),
        ({"y": "kangle"}, {"y": "counter"}, [41.2, 41.6, 41.6, 0.2]),
        ({}, {}, [41.2, 41.6, 41.6, 0.2]),
    ],
)
def test_a_running_rain_counter_in_a_file_becomes_amounts(
    rulebook: Rulebook, stations: dict[str, str], rain: dict[str, Any], amounts: list[float | None]
) -> None:
    shown = (41.2, 41.6, 41.6, 0.2)  # it was reset before the last hour
    hours = {("x", NOW + n * HOUR): Values(temp_c=9.0, rain_mm=rain_mm) for n, rain_mm in enumerate(shown)}
    feed = StationsFeed(kind="stations", id="own", stations=stations, rain=rain)
    rules = rulebook.weather.model_copy(update={"feed": [feed]})
    readings = archive.of_station(StationFile(hours, 4, ()), None, "a", rules)
    assert [reading.rain_mm for reading in readings] == amounts
    assert {reading.temp_c for reading in readings} == {9.0}


def test_a_replay_never_mixes_with_the_archive() -> None:
    assert archive.heard([MadeUpSeason()]) == ["made-up"]


def test_the_chain_in_pieces_is_the_chain_in_one(db: Database, rulebook: Rulebook) -> None:
    """Killed between any two pieces, it goes on from the due row, and comes out bit by bit as from one piece."""
    clock, sources = FixedClock(NOW), list(archive.SOURCES)
    points = [Point(p.id, p.lat, p.lon, p.elevation_m) for p in rulebook.points.values()]
    season = MadeUpSeason(history=timedelta(days=70)).fetch(points, None, NOW)
    with db.write() as session:
        ingest.store(session, archive.OPEN_METEO, [reading for reading in season if reading.valid_at <= NOW], NOW)
        rechain.begin(session, clock, rulebook, sources)
    found = []
    for days in (13, 70):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rechain, "PIECE_DAYS", days)
            while True:
                with db.write() as session:
                    if rechain.step(session, clock, rulebook, sources) is None:
                        break
            found.append(facts(db))
            with db.write() as session:
                assert not rechain.is_due(session)
                rechain.begin(session, clock, rulebook, sources)
    assert found[0] == found[1]
    assert len({row.on for row in rows(db, PointDay)}) == 70


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--days", "0"], "--days: 0 is not from 1 to"),
        (["--file", "x.csv"], "give --file and --point together"),
    ],
)
def test_what_cannot_be_done_is_said(given: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backfill", *given]) == 2
    assert said in capsys.readouterr().err
