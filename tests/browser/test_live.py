"""The live console: what happens shows by itself, silence is told, a new fire calls, and the keyboard will do."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from firewatch import i18n
from tests.browser.conftest import sign_in, visitor
from tests.story.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def report(page: Page, lat: str, lon: str) -> None:
    """Report a fire."""
    page.goto("/report")
    page.locator("#lat").fill(lat)
    page.locator("#lon").fill(lon)
    page.locator("textarea[name=description]").fill("smoke")
    page.locator("select[name=agency]").select_option("taizishan")
    page.locator("button[value=check]").click(no_wait_after=True)


def test_a_second_window_shows_a_new_fire_by_itself_and_calls(browser: Browser, demo: Service, pictures: Path) -> None:
    context = visitor(browser, demo, "en", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page)
    watching = context.new_page()
    watching.goto("/")
    expect(watching.locator("#sound")).to_have_attribute("data-state", "blocked")
    watching.locator("#sound").click()
    expect(watching.locator("#sound")).to_have_attribute("data-state", "on")
    expect(watching.locator("#heard")).to_be_hidden()
    fires = watching.locator("#fires article")
    before = fires.count()

    report(page, "35.25", "103.35")
    expect(fires).to_have_count(before + 1, timeout=20_000)
    expect(watching.locator("#heard")).to_be_visible()
    watching.wait_for_timeout(1500)
    watching.screenshot(path=pictures / "call.en.png")
    watching.keyboard.press("b")
    expect(watching.locator("#heard")).to_be_hidden()
    expect(watching).not_to_have_title(i18n.text("en", "bell.flash"))
    context.close()


def test_a_line_that_is_down_is_told_and_comes_back(browser: Browser, demo: Service, pictures: Path) -> None:
    context = visitor(browser, demo, "zh", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sign_in(page)
    expect(page.locator("#sound")).to_be_visible()
    context.set_offline(True)
    expect(page.locator("#stale")).to_be_visible(timeout=40_000)
    expect(page.locator("body")).to_have_class("old")
    page.screenshot(path=pictures / "stale.zh.png")
    context.set_offline(False)
    expect(page.locator("#stale")).to_be_hidden(timeout=20_000)
    context.close()


def test_the_keyboard_leads_everywhere(browser: Browser, demo: Service, pictures: Path) -> None:
    context = visitor(browser, demo, "zh", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sign_in(page)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.screenshot(path=pictures / "keys.zh.png")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("r")
    page.wait_for_url("**/report")
    page.locator("textarea[name=description]").press("s")
    expect(page.locator("textarea[name=description]")).to_have_value("s")
    page.locator("h1").click()
    page.keyboard.press("s")
    page.wait_for_url(demo.url + "/")
    expect(page.locator("#sound")).to_be_visible()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") == "A"
    context.close()


def test_a_quiet_service_tells_nothing(browser: Browser, demo: Service) -> None:
    """What the service writes down about itself is no reason to ask for the page again."""
    context = visitor(browser, demo, "zh")
    page = context.new_page()
    sign_in(page)
    page.goto("/danger")
    page.wait_for_timeout(6000)  # what was under way after a start
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(8000)
    assert len(asked) <= 2, asked
    context.close()


def test_a_table_that_the_keyboard_scrolls_stays_fresh(browser: Browser, demo: Service) -> None:
    context = visitor(browser, demo, "zh", viewport={"width": 360, "height": 740})
    page, other = context.new_page(), context.new_page()
    sign_in(page)
    report(page, "35.20", "103.50")
    page.wait_for_url("**/incidents/*")
    page.locator("#plan form[action$='/confirm'] button").wait_for(timeout=60_000)
    table, rows = page.locator("#messages > .scroll"), page.locator("#messages tbody tr")
    table.focus()
    table.evaluate("box => { box.scrollLeft = 40; }")
    before = rows.count()
    other.goto(page.url)
    other.locator("#plan form[action$='/confirm'] button").click()
    expect(rows.nth(before)).to_be_attached(timeout=20_000)
    expect(table).to_be_focused()
    assert table.evaluate("box => box.scrollLeft") == 40
    context.close()
