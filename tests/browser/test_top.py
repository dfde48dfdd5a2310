"""The top of the page: one line in either language, and what is under "More" opens without a script."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import sign_in, visitor
from tests.browser.test_duty import say
from tests.story.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ONE_LINE_PX = 60


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_top_is_one_line_and_leads_to_the_settings(browser: Browser, demo: Service, lang: str) -> None:
    with visitor(browser, demo, lang, java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page)
        for width in (1280, 1366, 1440, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            box = page.locator("header.top").bounding_box()
            assert box is not None
            assert box["height"] < ONE_LINE_PX, f"{width} px"
        settings = page.locator(".top nav").get_by_role("link", name=say(lang, "settings.title"))
        expect(settings).to_be_hidden()
        page.locator(".top nav summary").click()
        settings.click()
        expect(page.locator("#own")).to_be_visible()
        page.locator(".menu.last summary").click()
        expect(page.get_by_role("button", name=say(lang, "nav.sign_out"))).to_be_visible()


def test_a_menu_closes_when_something_else_is_pressed(browser: Browser, demo: Service) -> None:
    with visitor(browser, demo, "en", viewport={"width": 1440, "height": 800}) as context:
        page = context.new_page()
        sign_in(page)
        menu = page.locator(".top nav .menu")
        menu.locator("summary").click()
        expect(menu).to_have_attribute("open", "")
        page.keyboard.press("Escape")
        expect(menu).not_to_have_attribute("open", "")
        menu.locator("summary").click()
        page.locator("#alarms-title").click()
        expect(menu).not_to_have_attribute("open", "")
