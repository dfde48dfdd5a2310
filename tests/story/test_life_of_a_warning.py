"""The life of a warning: dry days, a storm-dry day, dry days, rain; told by people and by everybody's phone.

A station of ours measures at Kangle what this test writes into its file, day after day, and the service lives through
the days four seconds each. Nothing else is made up: drafts come from grades, people approve them on the page and by the
API. Whoever is told that a newer assessment has just taken a draft's place looks again, as a person does.
"""

import csv
import math
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from firewatch.rulebook.read import default_folder
from tests.fake_twilio import FakeTwilio, Taken
from tests.story.service import Service, config_with
from tests.story.test_report_to_phones import AGENCIES, wait_for

FIRST, START = date(2026, 4, 6), datetime(2026, 4, 8, 11, 0, tzinfo=UTC)  # 19:00 in Linxia
DRY, STORM, RAIN = (12.0, 55.0, 3.0, 0.0), (28.0, 12.0, 12.0, 0.0), (3.0, 95.0, 1.0, 2.0)
"""Of an afternoon: temperature, humidity, wind in m/s, rain. LY/T 1172 grades 3, 5 and 1, each by a wide margin."""
NIGHT = (4.0, 90.0, 2.0, 0.0)
WEATHER = """
fetch_every_minutes = 60
[[feed]]
kind = "stations"
id = "tower"
folder = "stations"
stations = { "*" = "kangle" }
[mapping]
time_column = "time"
time_zone = "Asia/Shanghai"
rain_hour = "preceding"
temp_c = { column = "temp_c" }
rh_pct = { column = "rh_pct" }
wind_kmh = { column = "wind_ms", scale = 3.6 }
rain_mm = { column = "rain_mm" }
"""
WARNINGS = """
valid_hours = 168
approve_within_minutes = 1440
"""
Document = Mapping[str, Any]
Values = tuple[float, float, float, float]
PASSWORD = "a-long-enough-password"


def hour_of(afternoon: Values, hour: int) -> list[float]:
    """The values of an hour: night, a rise from six to two in the afternoon, a fall till ten; never twice the same."""
    risen = math.sin(math.pi * (hour - 6) / 16) ** 2 if 6 < hour < 22 else 0.0
    wiggle = 0.1 * (hour * 7 % 5)
    temp, rh, wind, rain = (low + (high - low) * risen for low, high in zip(NIGHT, afternoon, strict=True))
    return [round(value, 2) for value in (temp - wiggle, rh + wiggle, wind - wiggle, rain)]


@dataclass
class Tower:
    """A station whose file grows day by day; tomorrow's weather is whatever `weather` is by then."""

    file: Path
    weather: Values = DRY
    days: list[Values] = field(default_factory=list)

    def write_until(self, on: date) -> None:
        """Write every hour up to the end of a day; the hour that ends at midnight belongs to the day before."""
        missing = (on - FIRST).days + 1 - len(self.days)
        if missing <= 0:
            return
        self.days += [self.weather] * missing
        with self.file.with_suffix(".part").open("w", encoding="utf-8", newline="") as out:
            lines = csv.writer(out)
            lines.writerow(["time", "temp_c", "rh_pct", "wind_ms", "rain_mm"])
            midnight = datetime(FIRST.year, FIRST.month, FIRST.day)  # noqa: DTZ001 - the station's own hours
            for number in range(24 * len(self.days)):
                values = hour_of(self.days[number // 24], number % 24 + 1)
                lines.writerow([(midnight + timedelta(hours=number + 1)).isoformat(), *values])
        self.file.with_suffix(".part").replace(self.file)


@pytest.mark.timeout(400)
def test_the_life_of_a_warning(tmp_path: Path) -> None:
    config = config_with(default_folder(), tmp_path / "config", weather_toml=WEATHER, warnings_toml=WARNINGS)
    tower = Tower(tmp_path / "data" / "stations" / "tower.csv")
    tower.file.parent.mkdir(parents=True)
    tower.write_until(START.date())
    settings = {
        "FIREWATCH_REPLAY": "",
        "FIREWATCH_CONFIG_DIR": str(config),
        "FIREWATCH_CLOCK_START": START.isoformat(),
        "FIREWATCH_CLOCK_SPEED": "21600",
        "FIREWATCH_TICK_SECONDS": "0.2",
    }
    with FakeTwilio() as phones, Service(tmp_path, {**settings, **phones.settings()}) as service:
        assert service.run("db", "upgrade").returncode == 0
        add_officer(service)
        service.start()
        service.wait_until_ready()

        first = released(service, tower, "issue", approve_on_the_page)
        assert (first["signal"], first["signal_class"], first["grade"], first["scheme"]) == ("yellow", 3, 3, "lyt1172")
        told(phones, 1, "发布（", "黄色（三级）：康乐县")

        tower.weather = STORM
        worse = released(service, tower, "raise", approve_by_program)
        assert (worse["was"], worse["signal"], worse["grade"]) == ("yellow", "red", 5)
        told(phones, 2, "升级（", "红色（一级）：康乐县")

        tower.weather = DRY
        lower = released(service, tower, "lower", approve_by_program)
        assert (lower["was"], lower["signal"]) == ("red", "yellow")
        assert [day["grade"] for day in lower["evidence"]] == [3, 3], "a whole day and today: not before"

        tower.weather = RAIN
        lift = released(service, tower, "lift", approve_by_program)
        assert [day["grade"] for day in lift["evidence"]] == [1, 1]
        assert kangle(service)["in_force"] is None
        on_record(service, [first["id"], worse["id"], lower["id"], lift["id"]])
        assert len(warnings(phones)) == 2 * len(AGENCIES), "lowering and lifting wake nobody"
        assert "+44" not in service.said(), "no phone number in the log"


def add_officer(service: Service) -> None:
    """A person who signs in, as the command line makes one."""
    command = [sys.executable, "-m", "firewatch", "user", "add", "lin", "--name", "Duty officer Lin"]
    done = subprocess.run(command, env=service.env(), input=f"{PASSWORD}\n", text=True, check=False, timeout=60)
    assert done.returncode == 0


def kangle(service: Service) -> Document:
    zones = service.http.get("/api/v1/warnings").json()["zones"]
    others = [zone for zone in zones if zone["zone_id"] != "kangle"]
    assert not any(zone["waiting"] or zone["in_force"] for zone in others), "no data drafts nothing"
    found: Document = next(zone for zone in zones if zone["zone_id"] == "kangle")
    return found


def released(
    service: Service, tower: Tower, action: str, approve: Callable[[Service, Document], bool], seconds: float = 45
) -> Document:
    """Wait for a draft that does something, have it released, and return it; the days go on meanwhile."""
    before = kangle(service)["in_force"]

    def look() -> Document | None:
        tower.write_until(date.fromisoformat(service.http.get("/api/v1/warnings").json()["on"]))
        now = kangle(service)
        assert (now["in_force"] or {}).get("id") == (before or {}).get("id"), "nothing is issued unasked"
        draft: Document | None = now["waiting"]
        return draft if draft and draft["action"] == action and approve(service, draft) else None

    done: Document = wait_for(f"a draft to {action}", look, seconds)
    return done


def approve_on_the_page(service: Service, draft: Document) -> bool:
    """As a person does it: sign in, look, press the button."""
    with httpx.Client(base_url=service.url, headers={"Accept-Language": "en"}, timeout=30) as browser:
        browser.post("/sign-in", data={"username": "lin", "password": PASSWORD})
        forms = [form for form in browser.get("/warnings").text.split("<form") if "Approve and issue" in form]
        fields = dict(re.findall(r'name="(csrf|ids|do)" value="([^"]*)"', forms[0])) if forms else {}
        if fields.get("ids") != str(draft["id"]):
            return False
        answer = browser.post("/warnings/release", data=fields)
    assert answer.status_code in (303, 409), answer.text
    return answer.status_code == 303


def approve_by_program(service: Service, draft: Document) -> bool:
    """As a program does it, on an officer's word."""
    body = {"ids": [draft["id"]], "approver": "Officer Ma"}
    answers = [
        service.http.post("/api/v1/warnings/approve", json=body),
        service.http.post("/api/v1/warnings/issue", json={"ids": [draft["id"]]}),
    ]
    assert all(answer.status_code in (200, 409) for answer in answers)
    return answers[1].status_code == 200


def warnings(phones: FakeTwilio) -> list[Taken]:
    """What the phones were told of warnings: the service may have had other things to say."""
    return [text for text in phones.accepted if text.body.startswith("【森林草原火险预警】")]


def told(phones: FakeTwilio, times: int, *words: str) -> None:
    """Every agency's phone has got one message more, and it says so."""
    number = len(AGENCIES)
    texts = wait_for("the messages", lambda: said if len(said := warnings(phones)) >= times * number else None)
    newest = texts[(times - 1) * number :]
    assert len({text.to for text in newest}) == len(newest) == number
    missing = [text.body for text in newest for word in words if word not in text.body]
    assert not missing


def on_record(service: Service, ids: list[int]) -> None:
    """Every version stands there as it was, with who did what; nothing was overwritten."""
    versions = [service.http.get(f"/api/v1/warnings/{number}").json() for number in ids]
    assert [version["version"] for version in versions] == [1, 2, 3, 4]
    assert [version["signal"] for version in versions] == ["yellow", "red", "yellow", None]
    assert [version["state"] for version in versions] == ["updated", "updated", "lifted", "lifted"]
    kinds = [[step["kind"] for step in version["steps"]] for version in versions]
    released = ["drafted", "approved", "issued"]
    assert kinds == [[*released, "updated"], [*released, "updated"], [*released, "lifted"], [*released[:2], "lifted"]]
    names = [version["steps"][1]["name"] for version in versions]
    assert names == ["Duty officer Lin", *["Officer Ma"] * 3]
    assert all(version["signatures"] for version in versions[:3])
