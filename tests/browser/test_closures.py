"""A road is closed with the mouse in a real browser, and seen by somebody else on the situation map."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import sign_in, visitor
from tests.browser.test_duty import collect_complaints, say
from tests.story.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.mark.parametrize(("lang", "width", "scheme"), [("zh", 1440, "light"), ("en", 360, "dark")])
def test_a_road_is_closed_by_drawing(
    browser: Browser, demo: Service, pictures: Path, lang: str, width: int, scheme: str
) -> None:
    context = visitor(browser, demo, lang, viewport={"width": width, "height": 900}, color_scheme=scheme)
    complaints = collect_complaints(context)
    page, other = context.new_page(), context.new_page()
    sign_in(page)
    other.goto("/")
    before = other.locator("#map .closed-way").count()
    page.goto("/roads")
    places, land = page.locator("#places"), page.locator("#map svg.map")
    box = land.bounding_box()
    assert box is not None
    for across, down in ((0.40, 0.30), (0.46, 0.34), (0.50, 0.33), (0.9, 0.1)):
        land.click(position={"x": box["width"] * across, "y": box["width"] * down})
    assert len(places.input_value().splitlines()) == 4
    page.get_by_role("button", name=say(lang, "roads.undo_place")).click()
    assert len(places.input_value().splitlines()) == 3
    expect(page.locator(".drawn-line")).to_be_attached()
    page.locator("select[name=km]").select_option("60")
    page.get_by_role("button", name=say(lang, "roads.look_it")).click()
    expect(page.locator("#map svg.cut .closed-way").last).to_be_visible()
    page.screenshot(path=pictures / f"roads.drawn.{lang}.{width}.png", full_page=True)
    page.locator("input[name=reason]").fill("塌方" if lang == "zh" else "landslide")
    page.get_by_role("button", name=say(lang, "roads.check_it")).click()
    page.locator("#check").get_by_role("button", name=say(lang, "roads.close_it")).click()
    expect(page.locator("#closed article").first).to_contain_text("塌方" if lang == "zh" else "landslide")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    expect(other.locator("#map .closed-way")).to_have_count(before + 1, timeout=15_000)  # it fetches itself anew
    other.locator("#map").screenshot(path=pictures / f"situation.closed.{lang}.{width}.png")
    assert complaints == []
    context.close()
