"""An agency does not answer: the officer looks why, telephones, and the board turns."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from firewatch import i18n
from tests.browser.conftest import sign_in, visitor
from tests.browser.test_live import report
from tests.story.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_agency_is_reached_by_telephone(browser: Browser, demo: Service, pictures: Path, lang: str) -> None:
    context = visitor(browser, demo, lang, viewport={"width": 1280, "height": 1000}, java_script_enabled=lang == "zh")
    page = context.new_page()
    sign_in(page)
    report(page, "35.05" if lang == "zh" else "35.75", "103.75" if lang == "zh" else "102.95")
    page.wait_for_url("**/incidents/*")
    people = page.locator("#board details").first
    people.locator("summary").click()
    page.screenshot(path=pictures / f"board.{lang}.png")
    people.locator("a.button").first.click()
    expect(page.locator(".dial a")).to_have_attribute("href", "tel:" + page.locator(".dial").inner_text().strip())
    page.screenshot(path=pictures / f"call.{lang}.png")
    page.get_by_role("button", name=i18n.text(lang, "call.reached")).click()
    page.wait_for_url("**/incidents/*#board")
    expect(page.locator("#board-title")).to_contain_text("1/7")
    expect(page.locator("#record")).to_contain_text(i18n.text(lang, "timeline.phoned").split("}")[-1])
    context.close()
