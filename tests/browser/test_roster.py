"""A week of the duty roster is filled in a real browser, on a wide screen and on a telephone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in, visitor
from tests.browser.test_duty import collect_complaints, say
from tests.story.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WEEK = "/roster/{agency}?week=2026-04-08"


@pytest.mark.parametrize(
    ("lang", "width", "scheme", "agency", "script"),
    [
        ("zh", 1280, "light", "kangle", True),
        ("en", 360, "dark", "hezheng", True),
        ("zh", 360, "light", "jishishan", False),
    ],
)
def test_a_week_is_filled_in(
    browser: Browser, demo: Service, pictures: Path, lang: str, width: int, scheme: str, agency: str, script: bool
) -> None:
    size = {"width": width, "height": 800}
    context = visitor(browser, demo, lang, viewport=size, color_scheme=scheme, java_script_enabled=script)
    complaints = collect_complaints(context)
    page = context.new_page()
    sign_in(page)
    page.goto("/roster")
    page.screenshot(path=pictures / f"roster.all.{lang}.{width}.png")
    page.goto(WEEK.format(agency=agency))
    _fill(page, f"{agency}-deputy", "2026-04-10T08:00", "2026-04-11T08:00", say(lang, "roster.add"))
    expect(page.locator("#form + section")).to_contain_text("08:00")
    _fill(page, f"{agency}-deputy", "2026-04-10T12:00", "2026-04-11T12:00", say(lang, "roster.add"))
    expect(page.get_by_role("alert")).to_contain_text("08:00")
    page.screenshot(path=pictures / f"roster.conflict.{lang}.{width}.png", full_page=True)
    page.goto(WEEK.format(agency=agency))
    page.get_by_role("link", name=say(lang, "roster.change_it"), exact=True).click()
    _fill(page, f"{agency}-liaison", "2026-04-10T09:00", "2026-04-11T08:00", say(lang, "roster.save"))
    expect(page.locator("table.week")).to_contain_text("09:00–24:00")
    page.get_by_role("link", name=say(lang, "roster.later")).click()
    page.get_by_role("button", name=say(lang, "roster.copy")).click()
    expect(page.locator("table.week")).to_contain_text("09:00–24:00")
    page.screenshot(path=pictures / f"roster.week.{lang}.{width}.png", full_page=True)
    assert page.locator("html").evaluate("root => root.scrollWidth") <= width
    page.get_by_role("button", name=say(lang, "roster.undo")).click()
    expect(page.locator("table.week")).not_to_contain_text("09:00–24:00")
    assert [each for each in complaints if "422" not in each] == []  # the conflict, which the page explains
    context.close()


def _fill(page: Page, who: str, start: str, end: str, button: str) -> None:
    page.locator("select[name=contact]").select_option(who)
    page.locator("input[name=from]").fill(start)
    page.locator("input[name=to]").fill(end)
    page.get_by_role("button", name=button, exact=True).click()
