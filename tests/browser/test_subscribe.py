"""A villager's telephone, without script: asks for the bulletin, confirms, gets it, and ends it at one click."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from firewatch.access.models import Role
from firewatch.access.users import add_user
from firewatch.bulletins.content import Document
from firewatch.bulletins.models import Digest
from firewatch.bulletins.wording import grade_name
from firewatch.clock import SystemClock
from firewatch.db import Database
from firewatch.rulebook.read import default_folder
from firewatch.run import DEMO_USER
from tests.browser.conftest import sign_in, visitor
from tests.browser.test_duty import collect_complaints, say
from tests.mail_server import MailHouse, mail_house, plain
from tests.story.service import Service, config_with

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

ADDRESS = "villager.a@example.org"
PASSWORD = "a-password-of-the-tests"
TODAY, TOMORROW = "2026-04-08", "2026-04-09"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[Service, MailHouse]]:
    """`firewatch serve` with a mail server beside it and subscriptions by e-mail on."""
    rules = (default_folder() / "bulletins.toml").read_text(encoding="utf-8").replace("email = false", "email = true")
    config = config_with(default_folder(), tmp_path / "config", bulletins_toml=rules)
    with ExitStack() as stack:
        house = stack.enter_context(mail_house())
        environment = {
            "FIREWATCH_CONFIG_DIR": str(config),
            "FIREWATCH_SMTP_HOST": "127.0.0.1",
            "FIREWATCH_SMTP_PORT": str(house.port),
            "FIREWATCH_SMTP_SECURITY": "none",
            "FIREWATCH_SMTP_FROM": "bulletin@example.org",
        }
        made = stack.enter_context(Service(tmp_path, environment, measured=True))
        environment["FIREWATCH_PUBLIC_URL"] = made.url
        assert made.run("db", "upgrade").returncode == 0
        db = Database(f"sqlite:///{tmp_path / 'data' / 'firewatch.db'}")
        with db.write() as session:
            add_user(session, SystemClock(), DEMO_USER, "值班员甲", PASSWORD, Role.DUTY_OFFICER)
        db.dispose()
        made.start(FIREWATCH_CLOCK_START=f"{TODAY}T05:10:00+00:00")
        yield made.wait_until_ready(), house


def until(what: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def publish(page: Page, on: str) -> None:
    """Draft a day's bulletin and sign it, as an officer does."""
    sign_in(page, password=PASSWORD)
    page.goto("/bulletins")
    page.get_by_role("button", name=say("zh", "bulletins.draw"), exact=True).click()
    page.wait_for_url(f"**/bulletins/{on}/desk")
    page.locator("button[name=do][value=sign]").click()
    page.wait_for_load_state()
    page.goto(f"/bulletins/{on}")


def told(service: Service) -> int:
    """How many bulletins subscribers have been told of wholly."""
    db = Database(f"sqlite:///{service.folder / 'data' / 'firewatch.db'}")
    with db.read() as session:
        done = [row for row in session.exec(select(Digest)) if row.done_at is not None]
    db.dispose()
    return len(done)


def test_from_the_form_to_the_last_letter(browser: Browser, service: tuple[Service, MailHouse], pictures: Path) -> None:
    running, house = service
    size = {"width": 360, "height": 740}
    telephone = visitor(browser, running, "zh", viewport=size, java_script_enabled=False)
    complaints = collect_complaints(telephone)
    page = telephone.new_page()
    page.goto("/bulletins")
    page.get_by_role("link", name=say("zh", "subscribe.invite")).click()
    page.screenshot(path=pictures / "subscribe.zh.360.png", full_page=True)
    assert page.locator("html").evaluate("root => root.scrollWidth") <= 360
    page.locator("form:has(select) input[name=address]").fill(ADDRESS)
    page.get_by_role("button", name=say("zh", "subscribe.ask"), exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("确认码正在发送")
    page.screenshot(path=pictures / "subscribe.code.zh.360.png", full_page=True)
    until(lambda: len(house.letters) == 1)
    link = next(line for line in plain(house.letters[0]).split() if line.startswith(running.url))
    page.goto(link)
    page.get_by_role("button", name=say("zh", "subscribe.use"), exact=True).click()
    expect(page.get_by_role("status")).to_have_text(say("zh", "subscribe.confirmed"))
    page.screenshot(path=pictures / "subscribe.confirmed.zh.360.png", full_page=True)

    desk = visitor(browser, running, "zh", viewport={"width": 1280, "height": 800})
    publish(desk.new_page(), TODAY)
    until(lambda: len(house.letters) == 2)
    letter = house.letters[1]
    document = Document.model_validate(httpx.get(f"{running.url}/bulletins/{TODAY}.json").json())
    for zone in document.content.zones:
        assert f"{zone.name_zh}：{grade_name('zh', document.content.scheme, zone.grade)}" in plain(letter)
    leave = letter["List-Unsubscribe"].strip().strip("<>")
    assert httpx.post(leave, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    page.goto(leave)
    expect(page.get_by_role("alert")).to_have_text(say("zh", "subscribe.gone"))
    running.stop()

    running.start(FIREWATCH_CLOCK_START=f"{TOMORROW}T05:10:00+00:00")
    running.wait_until_ready()
    publish(desk.new_page(), TOMORROW)
    until(lambda: told(running) == 2)
    time.sleep(timedelta(seconds=2).total_seconds())
    assert len(house.letters) == 2
    assert [each for each in complaints if "404" not in each] == []  # the page of the ended subscription
    telephone.close()
    desk.close()
