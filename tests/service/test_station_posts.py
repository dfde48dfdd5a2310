import csv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import httpx
import pytest
from sqlmodel import select

from firewatch.access import tokens
from firewatch.access.models import Role
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.errors import BadInput
from firewatch.jobs import sources
from firewatch.rulebook.read import Rulebook
from firewatch.weather.models import FeedStatus, Observation, StationStatus, WeatherChange
from tests.build import rows
from tests.service.grading import at, grades, season, store
from tests.service.quiet import Quiet, desk_of
from tests.service.server import Api, serving
from tests.service.stations import token_of, with_stations

NOON = datetime(2026, 4, 1, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
UNITS = {"temp": "°C", "rh": "%", "wind": "m/s", "rain": "mm"}


@pytest.fixture
def book(rulebook: Rulebook) -> Rulebook:
    return with_stations(rulebook)


@pytest.fixture
def api(db: Database, clock: FixedClock, book: Rulebook) -> Iterator[Api]:
    with serving(db, clock, book) as api:
        yield api


@pytest.fixture
def station(api: Api, db: Database, clock: FixedClock) -> Api:
    return api.signed(token_of(db, clock, "ST-1"))


def row(hour: int = 0, **values: float) -> dict[str, object]:
    given = values or {"temp": 20.0, "rh": 30, "wind": 5.0, "rain": 0.4}
    return {"at": (NOON + hour * HOUR).isoformat(), **given}


def send(api: Api, *readings: dict[str, object], station: str = "ST-1", **units: str) -> list[str]:
    """Send; what became of each row."""
    answer = api.post(f"stations/{station}/observations", {"units": units or UNITS, "readings": list(readings)})
    assert answer.status_code == 200, answer.text
    document = answer.json()
    outcomes = [one["outcome"] for one in document["rows"]]
    assert {word: outcomes.count(word) for word in ("stored", "replaced", "unchanged", "refused")} == {
        word: document[word] for word in ("stored", "replaced", "unchanged", "refused")
    }
    return outcomes


def observations(db: Database) -> dict[tuple[str, int], Observation]:
    return {(one.point_id, (one.valid_at - NOON) // HOUR): one for one in rows(db, Observation)}


def heard(db: Database) -> StationStatus:
    """The account of ST-1."""
    with db.read() as session:
        return session.exec(select(StationStatus)).one()


def test_a_row_comes_in_our_units_and_again_changes_nothing(db: Database, station: Api) -> None:
    answer = station.post("stations/ST-1/observations", {"units": UNITS, "readings": row()})
    assert answer.json() == {
        "station": "ST-1",
        "stored": 1,
        "replaced": 0,
        "unchanged": 0,
        "refused": 0,
        "rows": [{"at": "2026-04-01T04:00:00Z", "outcome": "stored", "reason": ""}],
    }
    one = observations(db)["kangle", 0]
    assert (one.source, one.kind, one.temp_c, one.rh_pct, one.wind_kmh, one.rain_mm) == (
        "stations",
        "observed",
        20.0,
        30.0,
        18.0,
        0.4,
    )
    changes = len(rows(db, WeatherChange))
    assert send(station, row()) == ["unchanged"]
    assert len(rows(db, WeatherChange)) == changes == 1


def test_late_rows_corrections_and_gaps(db: Database, station: Api) -> None:
    assert send(station, row(0), row(-30), row(-2)) == ["stored"] * 3
    assert send(station, row(-30, temp=7.0), row(-1), row(0)) == ["replaced", "stored", "unchanged"]
    known = observations(db)
    assert (known["kangle", -30].temp_c, known["kangle", -30].rh_pct) == (7.0, 30.0), (
        "what is missing takes back nothing"
    )
    assert len(known) == 4


def test_two_rows_for_one_hour_in_a_message_are_one_the_later_wins(db: Database, station: Api) -> None:
    assert send(station, row(0, temp=1.0, rh=50), row(0, temp=2.0)) == ["stored", "stored"]
    one = observations(db)["kangle", 0]
    assert (one.temp_c, one.rh_pct) == (2.0, 50.0)


def test_a_bad_row_is_refused_with_its_reason_and_costs_no_other(db: Database, station: Api) -> None:
    ahead = {"at": (NOON + timedelta(minutes=5, seconds=1)).isoformat(), "temp": 1.0}
    off = {"at": (NOON - timedelta(minutes=10)).isoformat(), "temp": 1.0}
    empty = {"at": NOON.isoformat(), "temp": None}
    old = {"at": "1900-01-01T00:00:00Z", "temp": 1.0}
    answer = station.post("stations/ST-1/observations", {"units": UNITS, "readings": [ahead, off, row(), empty, old]})
    told = [(one["outcome"], one["reason"]) for one in answer.json()["rows"]]
    assert [outcome for outcome, _ in told] == ["refused", "refused", "stored", "refused", "refused"]
    assert told[0][1].startswith("ahead of the clock here (2026-04-01T04:00:00Z) by more than 5 minutes")
    assert [reason for _, reason in told[1:]] == ["not a full hour", "", "no value", "before 1950"]
    assert len(rows(db, Observation)) == 1
    account = heard(db)
    assert (account.station, account.newest_valid_at, account.last_received_at) == ("ST-1", NOON, NOON)
    assert account.refused is not None
    assert account.refused.startswith("ahead")
    send(station, row())
    assert heard(db).refused is None


def test_a_clock_a_little_ahead_is_believed(db: Database, station: Api, clock: FixedClock) -> None:
    clock.advance(minutes=57)
    assert send(station, row(1)) == ["stored"]
    assert len(observations(db)) == 1


def test_units_are_converted_and_have_to_be_said(db: Database, station: Api) -> None:
    send(
        station,
        row(0, temp=68.0, dew_point=41.0, wind=10.0, rain=0.1, snow_depth=0.05),
        temp="°F",
        dew_point="°F",
        wind="kn",
        rain="inch",
        snow_depth="m",
    )
    one = observations(db)["kangle", 0]
    assert one.temp_c == pytest.approx(20.0)
    assert one.rh_pct == pytest.approx(37.3, abs=0.1)
    assert [one.wind_kmh, one.rain_mm, one.snow_depth_cm] == [pytest.approx(18.52), pytest.approx(2.54), 5.0]
    untold = station.post("stations/ST-1/observations", {"units": {"temp": "°C"}, "readings": [row()]})
    assert (untold.status_code, untold.json()["errors"]) == (422, ["body: Value error, units.rh: say the unit"])
    unknown = station.post("stations/ST-1/observations", {"units": {"temp": "warm"}, "readings": [row(0, temp=1)]})
    assert unknown.status_code == 422


def test_a_running_counter_becomes_amounts_in_whatever_order_it_comes(
    db: Database, clock: FixedClock, api: Api
) -> None:
    counter = api.signed(token_of(db, clock, "ST-2"))
    units = {"temp": "°C", "rain_total": "mm"}
    totals = {-5: 100.0, -4: 100.4, -3: 100.4, -1: 0.2, 0: 0.2}  # reset between -3 and -1; -2 comes late

    def put(*numbers: int) -> list[str]:
        readings = [row(hour, temp=10.0, rain_total=totals[hour]) for hour in numbers]
        return send(counter, *readings, station="ST-2", **units)

    assert put(0, -4, -5) == ["stored"] * 3
    assert put(-3, -1) == ["stored", "stored"]
    totals[-2] = 101.0
    assert put(-2) == ["stored"]
    rain = {hour: one.rain_mm for (_, hour), one in observations(db).items()}
    assert rain == {-5: None, -4: 0.4, -3: 0.0, -2: 0.6, -1: 0.2, 0: 0.0}
    assert put(0, -4, -5, -2) == ["unchanged"] * 4
    totals[-4] = 100.3
    assert put(-4) == ["replaced"]
    rain = {hour: one.rain_mm for (_, hour), one in observations(db).items()}
    assert (rain[-4], rain[-3]) == (0.3, 0.1), "the hour after hangs on it too"


def test_rain_in_the_other_form_than_configured_is_refused(
    db: Database, clock: FixedClock, api: Api, station: Api
) -> None:
    wrong = station.post(
        "stations/ST-1/observations", {"units": {"rain_total": "mm"}, "readings": [row(0, rain_total=1)]}
    )
    assert wrong.status_code == 422
    assert "configured to send rain " in wrong.json()["detail"]
    counter = api.signed(token_of(db, clock, "ST-2"))
    assert counter.post("stations/ST-2/observations", {"units": UNITS, "readings": [row()]}).status_code == 422
    assert rows(db, Observation) == []


def test_a_stations_token_opens_nothing_else_and_no_other_opens_it(
    db: Database, clock: FixedClock, api: Api, station: Api
) -> None:
    message = {"units": UNITS, "readings": [row()]}
    assert station.post("stations/ST-2/observations", message).status_code == 403
    assert api.post("stations/ST-1/observations", message).status_code == 403, "not even a duty officer's"
    assert api.client.post("/api/v1/stations/ST-1/observations", json=message).status_code == 401
    for path in ("zones", "danger", "incidents", "resources"):
        assert station.get(path).status_code == 401
    assert station.post("tokens", {"name": "another", "role": "duty_officer"}).status_code == 401
    with db.write() as session:
        tokens.revoke(session, clock, "logger ST-1")
    assert station.post("stations/ST-1/observations", message).status_code == 401
    assert rows(db, Observation) == []
    gone = api.signed(token_of(db, clock, "ST-9"))
    assert gone.post("stations/ST-9/observations", message).status_code == 404


def test_tokens_of_stations_are_made_over_the_api(api: Api) -> None:
    made = api.post("tokens", {"name": "logger", "role": "station", "station": "ST-1"})
    assert (made.status_code, made.json()["station"]) == (201, "ST-1")
    assert send(api.signed(made.json()["token"]), row()) == ["stored"]
    assert api.post("tokens", {"name": "x", "role": "station", "station": "ST-9"}).status_code == 422
    assert api.post("tokens", {"name": "x", "role": "station"}).status_code == 422
    assert api.post("tokens", {"name": "x", "role": "viewer", "station": "ST-1"}).status_code == 422


def test_a_token_that_is_not_good_cannot_be_revoked(db: Database, clock: FixedClock) -> None:
    with db.write() as session, pytest.raises(Exception, match="no good token"):
        tokens.revoke(session, clock, "nobody")
    with db.write() as session, pytest.raises(BadInput, match="station"):
        tokens.create(session, clock, "x", Role.STATION)


def test_what_came_late_is_graded_again_by_a_sweep(
    db: Database, clock: FixedClock, book: Rulebook, station: Api
) -> None:
    desk = desk_of(db, clock, book, Quiet("stations"), Quiet("feed"))
    first = at(NOON.date() - timedelta(days=12)).date()
    store(db, clock, season(book, first, NOON))
    with db.write() as session:
        session.add(WeatherChange(source="feed", changed_at=NOON, noted_at=NOON))
    assert sources.regrade(desk) == 1
    before = grades(db)["kangle"]
    noon = NOON + HOUR  # solar noon has not come: today's hottest hour is what the station says it was
    clock.advance(hours=4)
    store(db, clock, season(book, first, clock.now()))
    send(station, {"at": noon.isoformat(), "temp": 35.0, "rh": 8.0, "wind": 18.0, "rain": 0.0})
    assert sources.regrade(desk) == 1
    after = grades(db)["kangle"]
    assert (after.value or 0) > (before.value or 0)
    assert sources.regrade(desk) == 0
    with db.read() as session:
        status = session.exec(select(FeedStatus).where(FeedStatus.source == "stations")).one()
    assert status.newest_valid_at == noon


def test_loggers_that_send_at_once_and_again_before_they_were_answered(
    db: Database, clock: FixedClock, api: Api
) -> None:
    """At the full hour, on a database that has heard of none: nobody is turned away, and nothing is stored twice."""
    signed = [(name, api.signed(token_of(db, clock, name))) for name in ("ST-1", "ST-2")]
    sent = [row(hour, temp=10.0 + hour) for hour in range(-20, 1)]

    def put(number: int) -> list[str]:
        name, logger = signed[number % 2]
        return send(logger, *sent, station=name, temp="°C")

    with ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(put, range(12)))
    words = [word for outcome in outcomes for word in outcome]
    assert (words.count("stored"), words.count("unchanged")) == (2 * 21, 10 * 21)
    assert len(rows(db, Observation)) == 2 * 21


SINCE = datetime(2015, 4, 1, tzinfo=UTC)
RECORDED_UNITS = {"temp": "°C", "dew_point": "°C", "wind": "m/s", "rain": "mm"}
COLUMNS = {"temp": "TEMP", "dew_point": "DEWP", "wind": "WSPM", "rain": "RAIN"}


def recorded(reference: Path, first: datetime, hours: int) -> list[dict[str, object]]:
    """A station's recorded hours as its logger sends them."""
    found: list[dict[str, object]] = []
    path = reference / "weather" / "stations" / "beijing_dingling_2013_2017_hourly.csv"
    with path.open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            year, month, day, hour = (int(line[name]) for name in ("year", "month", "day", "hour"))
            at = datetime(year, month, day, hour, tzinfo=UTC) - 8 * HOUR
            if first <= at < first + hours * HOUR:
                given = {ours: float(line[theirs]) for ours, theirs in COLUMNS.items() if line[theirs] != "NA"}
                found.append({"at": at.isoformat(), **given})
    return found


@pytest.mark.reference
def test_a_recorded_fortnight_over_http_with_outages(
    db: Database, clock: FixedClock, book: Rulebook, reference: Path
) -> None:
    """The logger sends what it has not had answered, out of order and again; the service is away in between."""
    clock.at = SINCE + 14 * 24 * HOUR
    sent, chance = recorded(reference, SINCE, 14 * 24), Random(1)  # noqa: S311 - the same at every run
    assert len(sent) == 14 * 24
    token = token_of(db, clock, "ST-1")
    for number in range(0, len(sent), 56):
        late = chance.sample(sent[max(0, number - 30) : number + 56], k=min(number + 56, 86))
        with serving(db, clock, book) as api:
            logger = api.signed(token)
            send(logger, *late, **RECORDED_UNITS)
            assert set(send(logger, *late, **RECORDED_UNITS)) == {"unchanged"}
        with pytest.raises(httpx.ConnectError):
            httpx.post(f"{logger.client.base_url}/api/v1/stations/ST-1/observations", json={"readings": late})
    known = {one.valid_at: one for one in rows(db, Observation)}
    assert len(known) == 14 * 24
    for one in sent:
        stored = known[datetime.fromisoformat(str(one["at"]))]
        assert (stored.temp_c, stored.rain_mm) == (one.get("temp"), one.get("rain"))
        assert stored.wind_kmh == (None if one.get("wind") is None else pytest.approx(float(str(one["wind"])) * 3.6))
        assert (stored.rh_pct is None) == (one.get("temp") is None or one.get("dew_point") is None)
