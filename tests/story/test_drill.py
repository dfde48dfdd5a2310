"""A drill beside the real service, as the people in it live it: real processes, one provider, a real fire meanwhile."""

import csv
import re
import signal
import sqlite3
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Self

import httpx
import pytest

from firewatch import i18n
from firewatch.rulebook.read import default_folder
from tests.fake_twilio import SENDER, FakeTwilio, Taken
from tests.service.console import forms, said
from tests.story.service import Service, config_with
from tests.story.test_report_to_phones import AGENCIES, REPORT, wait_for

DRILL_NUMBER = "+15005550009"
AGREED = {"kangle-liaison": "+447700900104", "hezheng-liaison": "+447700900107"}
USER = {"username": "officer", "password": "a-long-enough-password"}


def agreed_config(target: Path) -> Path:
    """The alliance, in which two people have agreed to drills."""
    lines = (default_folder() / "contacts.csv").read_text(encoding="utf-8").splitlines()
    people = [f"{line},{str(line.split(',')[0] in AGREED).lower()}" for line in lines[1:]]
    return config_with(default_folder(), target, contacts_csv="\n".join([f"{lines[0]},drills", *people]) + "\n")


class Officer:
    """The duty officer with a browser, at one of the two consoles."""

    def __init__(self, service: Service) -> None:
        self.http = httpx.Client(base_url=service.url, follow_redirects=True, timeout=30)
        assert self.http.post("/sign-in", data=USER).status_code == 200

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def page(self, address: str, lang: str = "zh") -> str:
        return self.http.get(address, params={"lang": lang}).text

    def report(self, lat: str, lon: str) -> None:
        form = next(form for form in forms(self.page("/report")) if form.action == "/report")
        typed = {"lat": lat, "lon": lon, "description": "演练火情", "channel": "phone", "step": "send"}
        assert self.http.post(form.action, data=form.values | typed).status_code == 200

    def acknowledge(self, incident: int, agency: str) -> None:
        action = f"/incidents/{incident}/notices/{agency}/acknowledge"
        form = next(form for form in forms(self.page(f"/incidents/{incident}")) if form.action == action)
        assert self.http.post(form.action, data=form.values).status_code == 200


def real_record(folder: Path) -> dict[str, int]:
    """What stands in the real record of that which a drill does too; the real fire goes on by itself meanwhile."""
    asked = {
        "fires": "incident",
        "reports": "fire_report",
        "orders": "dispatch_order",
        "answers": "inbound_message",
        "acknowledged": "agency_notice WHERE acknowledged_at IS NOT NULL",
        "texts that say drill": "message WHERE body LIKE '【演练】%'",
    }
    with closing(sqlite3.connect(folder / "data" / "firewatch.db")) as database:
        return {
            name: database.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]  # noqa: S608 - words of ours
            for name, rows in asked.items()
        }


def beside(real: Service, folder: Path) -> Service:
    """The drill of a real service: the same environment, its own port and number."""
    drill = Service(real.folder, command="drill spring", measured=True)
    drill.log = folder / "drill.log"
    own = {"FIREWATCH_PORT": str(real.port), "FIREWATCH_DRILL_PORT": str(drill.port)}
    drill.environment = {**real.environment, **own, "FIREWATCH_DRILL_FROM": DRILL_NUMBER}
    return drill


@pytest.mark.timeout(400)
def test_a_drill_reaches_those_who_agreed_alone_and_shows_the_real_fire(tmp_path: Path) -> None:
    settings = {
        "FIREWATCH_CONFIG_DIR": str(agreed_config(tmp_path / "config")),
        "FIREWATCH_CLOCK_START": "2026-04-08T05:10:00+00:00",  # by day: the liaisons are on duty
        "FIREWATCH_DRILL_FROM": DRILL_NUMBER,
    }
    with FakeTwilio() as phones, Service(tmp_path, {**settings, **phones.settings()}) as real, ExitStack() as people:
        assert real.run("db", "upgrade").returncode == 0
        assert real.run("user", "add", USER["username"], typed=USER["password"]).returncode == 0
        real.start()
        real.wait_until_ready()
        real.http.post("/api/v1/fire-reports", json=REPORT).raise_for_status()
        wait_for("the real texts", lambda: len(phones.accepted) == len(AGENCIES))
        before = real_record(tmp_path)
        with beside(real, tmp_path) as drill:
            drill.start()
            drill.wait_until_ready()
            officer, at_real = people.enter_context(Officer(drill)), people.enter_context(Officer(real))
            look_at_both(real, drill, officer, at_real)
            officer.report("35.30", "103.65")
            texts = held_and_sent(phones, officer)
            assert Counter(text.to for text in texts) == Counter(AGREED.values())
            assert {text.fields["From"] for text in texts} == {DRILL_NUMBER}
            assert all(text.body.startswith("【演练】【火情】康乐县") for text in texts)
            officer.acknowledge(1, "kangle")
            assert drill.stop() in {0, -signal.SIGTERM}, drill.said()
        assert real_record(tmp_path) == before, "nothing of the drill is in the real record"
        assert {text.fields["From"] for text in phones.accepted[: len(AGENCIES)]} == {SENDER}
        assert "正在进行" not in at_real.page("/")
        lines = list(csv.reader(at_real.page("/drill/spring.csv").lstrip("\ufeff").splitlines()))
        assert len(lines) == 1 + len(AGENCIES) + 1
        assert sum("未答复" in line[-1] for line in lines) == len(AGENCIES) - 1
        assert "+44" not in drill.log.read_text()


def look_at_both(real: Service, drill: Service, officer: Officer, at_real: Officer) -> None:
    """Each console knows of the other, and the drill shows the real fire in red."""
    banner = i18n.text("zh", "drill.real_fire")
    page = wait_for("the real fire", lambda: page if banner in (page := officer.page("/")) else None)
    assert f'<p class="real-fire" role="alert"><a href="{real.url}">' in page
    assert "没有未结火情" in said(page) or "火情 1" not in said(page), "the real fire is no fire of the drill"
    assert "drill-banner" in page
    page = wait_for("the drill's sign", lambda: page if "正在进行" in (page := at_real.page("/")) else None)
    assert "drill-banner" not in page
    assert drill.url in at_real.page("/drill")


def held_and_sent(phones: FakeTwilio, officer: Officer) -> list[Taken]:
    """What the drill has sent once every one of its seven texts has come to something."""
    held = i18n.text("zh", "message_state.held")

    def look() -> list[Taken]:
        sent = phones.accepted[len(AGENCIES) :]
        shown = len(re.findall(rf'm-held">{held}<', officer.page("/messages")))
        return sent if shown + len(sent) == len(AGENCIES) else []

    found: list[Taken] = wait_for("seven texts, sent or held back", look)
    return found
