"""The page of the settings: what the installation runs with, its check, and what a reader sets for himself."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from firewatch import i18n
from firewatch.access.models import User
from firewatch.app import make_installed
from firewatch.check import LOOKS, findings
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.jobs.desk import Job
from firewatch.jobs.schedule import Every
from firewatch.rulebook.read import Rulebook
from firewatch.settings import Settings
from tests.service.console import Desk, Person, forms, open_desk, said

KEY, TOKEN, PASSWORD = "abcdefgh12345678", "a-token-of-more-than-20-letters", "a-mail-password"


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook, tmp_path: Path) -> Desk:
    """A desk whose service tells of its installation, with every kind of secret set."""
    settings = Settings(
        data_dir=tmp_path / "data",
        config_dir=tmp_path / "no-such-folder",
        database_url=f"sqlite:///{tmp_path / 'other.db'}",
        firms_key=KEY,
        bootstrap_token=TOKEN,
        watchdog_url="https://watch.example/ping/secret-path",
        smtp_host="mail.example",
        smtp_from="bulletin@example.org",
        smtp_user="bulletin",
        smtp_password=PASSWORD,
        replay="made-up",
    )
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "stations.csv").write_bytes(b"x" * 3 * 1024 * 1024)
    desk = open_desk(db, clock, rulebook)
    job = Job("danger", Every(60), lambda _at: {"said": "tidied"}, each=False)
    installed = make_installed(settings, [job], lambda: [each for each in findings(settings) if each[1] in LOCAL])
    desk.app.state.firewatch = replace(desk.app.state.firewatch, installed=installed)
    return desk


LOCAL = ("data folder", "database", "rulebook", "roads")
"""What is looked at without asking a server."""


def of_kangle(desk: Desk) -> Person:
    """The officer, who now acts for a county alone."""
    with desk.db.write() as session:
        session.exec(select(User).where(User.username == "officer")).one().agency_id = "kangle"
    return desk.person()


def test_every_value_says_where_it_comes_from(desk: Desk) -> None:
    page = desk.person().page("/settings")
    text = said(page)
    assert "FIREWATCH_PORT 8000 default" in text
    assert "FIREWATCH_SMTP_HOST mail.example environment" in text
    assert "FIREWATCH_FIRMS_KEY set (not shown) environment" in text
    assert "FIREWATCH_TWILIO_AUTH_TOKEN not set default" in text
    assert "FIREWATCH_WATCHDOG_URL https://watch.example/… environment" in text
    assert "scheme lyt1172 file" in text
    assert "stations.csv 3.0 MB" in text
    assert "zones 6" in text
    assert i18n.text("en", "settings.no_file") in text, "the folder of this installation has no file at all"
    assert f"{i18n.text('en', 'job.danger')} 13:00" in text
    for secret in (KEY, TOKEN, PASSWORD, "secret-path"):
        assert secret not in page


def test_the_database_is_named_with_its_release(desk: Desk) -> None:
    name = "sqlite 3." if desk.db.is_sqlite else "postgresql "
    assert name in said(desk.person().page("/settings"))


def test_a_check_shows_what_is_wrong(desk: Desk) -> None:
    answer = desk.person().press("/settings", i18n.text("en", "settings.check"), status=200)
    text = said(answer.text)
    assert "Problems: 2" in text
    assert "no such config folder" in text
    assert "data folder well" in text
    assert "database problem" in text
    assert set(LOCAL) < set(LOOKS)


def test_the_settings_of_the_installation_are_for_the_coordinating_office(desk: Desk) -> None:
    county = of_kangle(desk)
    page = county.page("/settings")
    assert i18n.text("en", "settings.office_only") in page
    assert "FIREWATCH_" not in page
    csrf = next(form for form in forms(page) if form.action == "/settings/own").values["csrf"]
    assert county.client.post("/settings/check", data={"csrf": csrf}).status_code == 403


def test_a_viewer_of_the_office_looks_and_checks_nothing(desk: Desk) -> None:
    viewer = desk.person("viewer")
    page = viewer.page("/settings")
    assert "FIREWATCH_PORT" in page
    assert {form.action for form in forms(page)} == {"/sign-out", "/settings/own"}
    csrf = forms(page)[0].values["csrf"]
    assert viewer.client.post("/settings/check", data={"csrf": csrf}).status_code == 403


@pytest.mark.parametrize("username", ["officer", "viewer"])
def test_a_reader_keeps_his_language_and_his_colours(desk: Desk, username: str) -> None:
    person = desk.person(username)
    by_system = 'href="/static/dark.css" media="screen and (prefers-color-scheme: dark)"'
    assert by_system in person.page("/")
    person.press("/settings", i18n.text("en", "settings.keep"), lang="zh", scheme="dark")
    page = person.page("/")
    assert '<html lang="zh-CN" data-scheme="dark">' in page
    assert 'href="/static/dark.css" media="screen">' in page
    elsewhere = desk.person(username, lang="en-GB")
    elsewhere.client.headers.pop("accept-language")
    assert '<html lang="zh-CN">' in elsewhere.page("/"), "the language goes with the account, the colours do not"
    person.press("/settings", i18n.text("zh", "settings.keep"), lang="zh", scheme="light")
    assert "dark.css" not in person.page("/")
    person.press("/settings", i18n.text("zh", "settings.keep"), lang="zh", scheme="")
    assert by_system in person.page("/")


@pytest.mark.parametrize("typed", [{"lang": "fr"}, {"scheme": "pink"}, {"lang": ""}])
def test_a_wish_that_is_not_offered_is_refused(desk: Desk, typed: dict[str, str]) -> None:
    person = desk.person()
    person.press("/settings", i18n.text("en", "settings.keep"), status=422, **typed)
    assert '<html lang="en">' in person.page("/")


def test_a_foreign_form_keeps_nothing(desk: Desk) -> None:
    person = desk.person()
    answer = person.client.post("/settings/own", data={"lang": "zh", "scheme": "dark", "csrf": "x"})
    assert answer.status_code == 403
    assert "data-scheme" not in person.page("/")
