"""The wall view in a real browser: everything fits, everything is large, and a new fire shows by itself."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in, visitor
from tests.story.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SIZES = ((1920, 1080), (3840, 2160), (1366, 768))
PLACES = (("35.30", "103.65"), ("35.70", "102.90"), ("35.43", "103.30"), ("35.25", "103.40"))
SMALLEST = """(body) => {
    const seen = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    let least = Infinity;
    for (let text = seen.nextNode(); text; text = seen.nextNode()) {
        const element = text.parentElement;
        const drawn = element.getBoundingClientRect();
        if (!text.data.trim() || drawn.width === 0 || element.closest("title, noscript, [hidden], .state")) continue;
        const matrix = element instanceof SVGElement ? element.getScreenCTM().a : 1;
        least = Math.min(least, parseFloat(getComputedStyle(element).fontSize) * matrix);
    }
    return least;
}"""
CUT_OFF = """(body) => [...body.querySelectorAll(".wall-queue, .wall-main, .wall-top, .wall-foot, .wall-grades > div")]
    .flatMap((box) => [...box.children].filter((child) => {
        const [outer, inner] = [box.getBoundingClientRect(), child.getBoundingClientRect()];
        return inner.bottom > outer.bottom + 1 || inner.right > outer.right + 1;
    }))
    .map((child) => child.textContent.trim())"""


def report(page: Page, lat: str, lon: str) -> None:
    """Report a fire."""
    page.goto("/report")
    page.locator("#lat").fill(lat)
    page.locator("#lon").fill(lon)
    page.locator("textarea[name=description]").fill("smoke")
    page.locator("select[name=agency]").select_option("taizishan")
    page.locator("button[value=check]").click()
    page.wait_for_url("**/incidents/*")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_wall_fits_is_large_and_keeps_itself_fresh(
    browser: Browser, demo: Service, pictures: Path, lang: str
) -> None:
    context = visitor(browser, demo, lang, viewport={"width": 1920, "height": 1080})
    officer = context.new_page()
    sign_in(officer)
    wall = context.new_page()
    wall.goto("/wall")
    expect(wall.locator(".wall-link .up")).to_be_visible()
    fires = wall.locator(".wall-counts b").first
    before = int(fires.inner_text())
    for lat, lon in PLACES if lang == "en" else ():
        report(officer, lat, lon)
    expect(fires).to_have_text(str(before + (len(PLACES) if lang == "en" else 0)), timeout=20_000)
    first = wall.locator(".wall-clock").inner_text()
    expect(wall.locator(".wall-clock")).not_to_have_text(first, timeout=5_000)
    wall.wait_for_timeout(3000)  # plans are made, the page has heard of them
    for width, height in SIZES:
        wall.set_viewport_size({"width": width, "height": height})
        wall.screenshot(path=pictures / f"wall.{width}.{lang}.png")
        body = wall.locator("body")
        assert body.evaluate(CUT_OFF) == [], (width, height)
        assert body.evaluate("(body) => body.scrollHeight") <= height
        least = body.evaluate(SMALLEST)
        assert least >= height / 45, f"{least} px of {height}: too small to be read from across a room"
    context.close()


def test_a_line_that_is_down_is_told_across_the_room(browser: Browser, demo: Service, pictures: Path) -> None:
    context = visitor(browser, demo, "zh", viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    sign_in(page)
    page.goto("/wall")
    context.set_offline(True)
    expect(page.locator("#stale")).to_be_visible(timeout=40_000)
    expect(page.locator(".wall-link .down")).to_be_visible()
    expect(page.locator(".wall-link .up")).to_be_hidden()
    page.screenshot(path=pictures / "wall-stale.zh.png")
    context.set_offline(False)
    expect(page.locator("#stale")).to_be_hidden(timeout=20_000)
    context.close()
