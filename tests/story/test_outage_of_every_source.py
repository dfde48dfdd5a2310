"""Sources are cut one after the other: the fallback steps in, then nobody is left, and at last all heals.

The real process over two days of its clock. Whatever it shows is today's or is said to be no data, and every silence is
an alarm that closes by itself.
"""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from firewatch.rulebook.read import default_folder
from tests.fake_met_norway import FakeMetNorway
from tests.fake_open_meteo import Answer, FakeOpenMeteo
from tests.story.service import Service, config_with
from tests.story.test_report_to_phones import every_zone_graded, wait_for
from tests.story.test_weather_outage import metric

START = datetime(2026, 4, 8, 4, 5, tzinfo=UTC)  # five past noon in Linxia
SPEED = 600  # ten minutes of the service in a second of the wall
ROUND_SECONDS = 1800 / SPEED  # of the wall, between two rounds of the feeds
HOUR, LINXIA = timedelta(hours=1), timedelta(hours=8)
AWAY: list[Answer] = ["gateway"] * 100_000
WEATHER = """
fetch_every_minutes = 30
stale_after_minutes = 120
max_missing_hours = 6
max_forecast_age_hours = 6

[[feed]]
kind = "stations"
id = "own"
stations = { "ST-1" = "kangle" }

[[feed]]
kind = "open_meteo"
id = "open-meteo"
past_days = 3
forecast_days = 3
first_days = 20

[[feed]]
kind = "met_norway"
id = "met-norway"
contact = "duty@alliance.example"

[mapping]
time_column = "time"
temp_c = { column = "t" }
rh_pct = { column = "rh" }
wind_kmh = { column = "w" }
rain_mm = { column = "r" }
"""


class Clock:
    """The service's clock as somebody outside guesses it: a second late, for the process starts first."""

    def __init__(self) -> None:
        self.started = time.monotonic()

    def now(self) -> datetime:
        return START + (time.monotonic() - self.started) * SPEED * timedelta(seconds=1)


class LivingOpenMeteo(FakeOpenMeteo):
    """Open-Meteo whose day goes on with the service's."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        super().__init__(START)

    def places(self, query: dict[str, str]) -> list[dict[str, Any]]:
        self.now = self.clock.now()
        return super().places(query)


def measured(at: datetime) -> dict[str, Any]:
    """A station's hour. No sensor stands still: a stuck one is not believed, and leaves its point to the fallback."""
    hour = at.hour
    return {"at": at.isoformat(), "temp": 25.0 + hour % 7, "rh": 20.0 + hour % 5, "wind": 3.0 + hour % 4, "rain": 0.0}


class Outage:
    """The service, its sources, and what a person in front of it sees."""

    def __init__(self, service: Service, analysis: LivingOpenMeteo, fallback: FakeMetNorway, clock: Clock) -> None:
        self.service, self.analysis, self.fallback, self.clock = service, analysis, fallback, clock
        made = service.run("token", "add", "logger", "--station", "ST-1")
        assert made.returncode == 0, made.stderr
        self.day = START.date()
        """The service's own local day, when it was last asked."""
        self.token = made.stdout.strip()

    def send(self) -> None:
        """The station sends its last hours; those ahead of the service's clock are refused, and come again."""
        last = self.clock.now().replace(minute=0, second=0, microsecond=0)
        readings = [measured(last - n * HOUR) for n in range(-1, 30)]
        units = {"temp": "°C", "rh": "%", "wind": "m/s", "rain": "mm"}
        answer = self.service.http.post(
            "/api/v1/stations/ST-1/observations",
            json={"units": units, "readings": readings},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        assert answer.status_code == 200, answer.text

    def today(self) -> dict[str, dict[str, Any]]:
        """Today's zones, by id; whenever one looks, nothing of yesterday is shown as today's."""
        document = self.service.http.get("/api/v1/danger").json()
        self.day = date.fromisoformat(document["on"])
        midnight = datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC) - LINXIA
        zones = {zone["zone_id"]: zone for zone in document["zones"]}
        for row in zones.values():
            assessed_at = row["operational"]["assessed_at"]
            assert assessed_at is None or datetime.fromisoformat(assessed_at) >= midnight
        return zones

    def on(self, day: str) -> dict[str, dict[str, Any]]:
        document = self.service.http.get("/api/v1/danger", params={"on": day}).json()
        return {zone["zone_id"]: zone["operational"] for zone in document["zones"]}

    def alarms(self) -> set[str]:
        """The kinds of open alarms, as they stand in the service's database."""
        file = self.service.folder / "data" / "firewatch.db"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as database:
            return {kind for (kind,) in database.execute("SELECT kind FROM alarm WHERE closed_at IS NULL")}

    def silent(self, source: str) -> bool:
        return metric(self.service, f'firewatch_weather_silent{{source="{source}"}}') == 1

    def graded(self) -> set[str]:
        return {zone for zone, row in self.today().items() if row["operational"]["data"]}


@pytest.mark.timeout(400)  # two days of the service's clock
def test_outage_of_every_source(tmp_path: Path) -> None:
    clock = Clock()
    config = config_with(default_folder(), tmp_path / "config", weather_toml=WEATHER)
    with LivingOpenMeteo(clock) as analysis, FakeMetNorway(clock.now) as fallback:
        fallback.lifetime_seconds, fallback.issue_every_hours = 0.5, 1  # of the wall: the rules are made for it
        settings = {
            "FIREWATCH_REPLAY": "",
            "FIREWATCH_CONFIG_DIR": str(config),
            "FIREWATCH_OPEN_METEO_URL": analysis.url,
            "FIREWATCH_MET_NORWAY_URL": fallback.url,
            "FIREWATCH_CLOCK_START": START.isoformat(),
            "FIREWATCH_CLOCK_SPEED": str(SPEED),
            "FIREWATCH_TICK_SECONDS": "0.1",
        }
        with Service(tmp_path, settings) as service:
            assert service.run("db", "upgrade").returncode == 0
            world = Outage(service, analysis, fallback, clock)
            clock.started = time.monotonic()
            service.start()
            service.wait_until_ready()
            all_is_well(world)
            analysis.script = list(AWAY)
            the_fallback_steps_in(world)
            fallback.always = "gateway"
            nobody_is_left(world)
            analysis.script.clear()
            fallback.always = None
            all_heals(world)


def all_is_well(world: Outage) -> None:
    wait_for("a grade for every zone", lambda: every_zone_graded(world.service), seconds=60)

    def told() -> bool:
        world.send()
        return point(world, "kangle").get("temp_c") in range(25, 32)

    wait_for("the station's noon in the grade", told, seconds=30)

    def rests() -> bool:
        world.send()
        asked = len(world.fallback.requests)
        time.sleep(1.5 * ROUND_SECONDS)
        return len(world.fallback.requests) == asked

    # At the very start nobody has told anything yet, and it was asked.
    wait_for("nobody needs the fallback", rests, seconds=40)
    world.fallback.requests.clear()
    wait_for("a source that speaks", lambda: not world.silent("open-meteo"))


def point(world: Outage, zone: str) -> dict[str, Any]:
    """What stands behind a zone's grade; nothing in the first minutes of a day."""
    found: list[dict[str, Any]] = world.today()[zone]["points"]
    return found[0] if found else {}


def the_fallback_steps_in(world: Outage) -> None:

    def asked() -> set[str]:
        world.send()  # this one point is told by its station, and the fallback is not asked for it
        return {query["lat"] for query in world.fallback.requests}

    wait_for("the fallback asked for six points", lambda: len(asked()) == 6, seconds=60)
    wait_for("the source silent", lambda: world.silent("open-meteo"))
    wait_for("an alarm of the silent source", lambda: "weather_stale" in world.alarms(), seconds=30)
    assert "weather_gone" not in world.alarms()
    # Now the station falls silent too: the fallback tells its point as well, and no zone is without its grade.
    wait_for("an alarm of the silent station", lambda: "station_silent" in world.alarms(), seconds=60)
    wait_for("the fallback asked for all", lambda: len({q["lat"] for q in world.fallback.requests}) == 7, seconds=60)
    wait_for("grades of every zone that say what they rest on", lambda: rests_on_forecasts(world), seconds=60)
    assert world.fallback.too_early == 0
    assert "weather_gone" not in world.alarms()


def rests_on_forecasts(world: Outage) -> bool:
    """Whether every zone has a grade and says what it rests on, at one look: a new day begins without either."""
    shown = [zone["operational"] for zone in world.today().values()]
    return all(row["data"] and "forecast_in_place" in row["flags"] for row in shown)


def nobody_is_left(world: Outage) -> None:
    world.today()
    before = world.day
    wait_for("the graver alarm", lambda: "weather_gone" in world.alarms(), seconds=60)
    sent = world.service.http.get("/api/v1/messages").json()
    (text,) = [one for one in sent if one["body"].startswith("【气象")]
    assert text["agency_id"] == "prefecture"
    wait_for("the next day's row", lambda: world.today()["kangle"]["points"] and world.day > before, seconds=60)
    wait_for("no data, of any zone", lambda: not world.graded(), seconds=90)
    assert all("no_value" in row["operational"]["flags"] for row in world.today().values())
    assert not any(row["data"] for row in world.on(before.isoformat()).values()), "a past day is not made of forecasts"


def all_heals(world: Outage) -> None:
    day = (world.day - 24 * HOUR).isoformat()

    def well() -> bool:
        world.send()
        return world.graded() == set(world.today()) and not world.alarms() & {
            "weather_gone",
            "weather_stale",
            "station_silent",
        }

    wait_for("grades, and no alarm of the weather", well, seconds=90)
    wait_for("no trace of the outage on the day before", lambda: analysed(world, day), seconds=60)


def analysed(world: Outage, day: str) -> bool:
    """Whether a day's grades are made of what was measured and analysed alone."""
    past = world.on(day).values()
    return all(row["data"] and not row["provisional"] and "forecast_in_place" not in row["flags"] for row in past)
