"""A communication test in a real browser: begun with a confirmation, its results readable at 360 px and in the dark."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import sign_in, visitor
from tests.story.service import Service

pytestmark = pytest.mark.browser


def no_sideways(page: Page) -> None:
    """The page itself does not scroll sideways; wide tables do so in their own boxes."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_test_is_begun_by_keyboard_and_its_results_can_be_read(
    browser: Browser, demo: Service, pictures: Path
) -> None:
    with visitor(browser, demo, "en") as context:
        page = context.new_page()
        sign_in(page)
        page.goto("/comms-tests")
        page.locator("a.button").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/comms-tests/new")
        page.screenshot(path=pictures / "comms-new.en.png", full_page=True)
        page.locator("button.danger").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/comms-tests/1")
        page.get_by_text("7 handed over, 7 delivered").wait_for()
        page.screenshot(path=pictures / "comms-test.en.png", full_page=True)
    for lang, scheme in (("zh", "dark"), ("en", "light")):
        with visitor(browser, demo, lang, viewport={"width": 360, "height": 800}, color_scheme=scheme) as context:
            page = context.new_page()
            sign_in(page)
            for address, name in (
                ("/comms-tests/1", "comms"),
                ("/comms-tests", "comms-all"),
                ("/messages/texts", "texts"),
            ):
                page.goto(address)
                no_sideways(page)
                page.screenshot(path=pictures / f"{name}.{lang}.360.png", full_page=True)
            page.goto("/messages")
            no_sideways(page)
            page.screenshot(path=pictures / f"messages.{lang}.360.png")
