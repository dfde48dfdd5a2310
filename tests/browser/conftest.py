"""A demonstration of its own in a real Chromium. Pictures of what was seen go to artefacts/."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from firewatch.run import DEMO_PASSWORD, DEMO_USER
from tests.story.service import Service

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("FIREWATCH_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, or skip: it is no part of the project."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (FIREWATCH_TEST_CHROMIUM)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures go; FIREWATCH_TEST_PICTURES says elsewhere."""
    folder = Path(os.environ.get("FIREWATCH_TEST_PICTURES", ROOT / "artefacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`firewatch demo` in a process of its own, in the spring when the grades differ."""
    # The clock begins at one in the afternoon of a dry spring day in Linxia.
    settings = {"FIREWATCH_CLOCK_START": "2026-04-08T05:10:00+00:00"}
    with Service(tmp_path_factory.mktemp("demo"), settings, command="demo", measured=True) as service:
        service.start()
        service.wait_until_ready()
        yield service
        service.stop()


def visitor(browser: Browser, demo: Service, lang: str, **options: object) -> BrowserContext:
    """A browser window of somebody who reads `lang`; anything wrong in its console fails the test."""
    locale = "zh-CN" if lang == "zh" else "en-GB"
    context = browser.new_context(base_url=demo.url, locale=locale, **options)  # type: ignore[arg-type]  # any of its options
    context.set_default_timeout(15_000)
    return context


def sign_in(page: Page, username: str = DEMO_USER, password: str = DEMO_PASSWORD) -> None:
    """Sign in, as the demonstration's duty officer unless another is named."""
    page.goto("/sign-in")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(password)
    page.locator("main form button").click()
    page.wait_for_url("**/")
