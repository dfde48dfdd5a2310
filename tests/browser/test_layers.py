"""The layers of the map in a real browser: switched by a link, still there after the page has fetched itself anew."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import sign_in, visitor
from tests.browser.test_duty import collect_complaints, say
from tests.story.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.mark.parametrize(
    ("lang", "width", "scheme"), [("zh", 1440, "light"), ("en", 1440, "dark"), ("zh", 360, "light")]
)
def test_layers_are_switched_and_stay(
    browser: Browser, demo: Service, pictures: Path, lang: str, width: int, scheme: str
) -> None:
    context = visitor(browser, demo, lang, viewport={"width": width, "height": 900}, color_scheme=scheme)
    complaints = collect_complaints(context)
    page = context.new_page()
    sign_in(page)
    page.locator("#map .filter a", has_text=say(lang, "layer.first-attack")).click()
    expect(page.locator("#map-title")).to_have_text(say(lang, "layer.first-attack"))
    expect(page.locator("#map svg.map path.b0")).to_be_visible()
    page.locator("#map").screenshot(path=pictures / f"layer.first-attack.{lang}.{width}.png")
    page.wait_for_timeout(6_000)  # it has been fetched anew meanwhile
    expect(page.locator("#map-title")).to_have_text(say(lang, "layer.first-attack"))
    page.locator("#map .filter a", has_text=say(lang, "layer.reserve")).click()
    expect(page.locator("#map svg.map .area").first).to_be_visible()
    page.locator("#map").screenshot(path=pictures / f"layer.reserve.{lang}.{width}.png")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert complaints == []
    context.close()


SEND_ALL_OUT = """async keep => {
  for (const form of document.querySelectorAll("form[action$='/status']")) {
    const filled = new URLSearchParams(new FormData(form));
    if (filled.get("status") !== "out_of_service" || form.action.includes(keep)) continue;
    await fetch(form.action, { method: "POST", body: filled });
  }
}"""


def test_a_short_reserve_is_seen_with_who_could_move_up(browser: Browser, demo: Service, pictures: Path) -> None:
    context = visitor(browser, demo, "zh", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page)
    page.goto("/resources")
    page.evaluate(SEND_ALL_OUT, "/lianhuashan-")
    page.goto("/?layer=reserve")
    expect(page.locator("#map svg.map .area path.hatched").first).to_be_visible()
    expect(page.locator("#map svg.map .moves .move-up").first).to_be_attached()
    expect(page.locator("#reserve tbody tr").first).to_be_visible()
    page.locator("#map").screenshot(path=pictures / "layer.reserve.short.png")
    page.locator("#reserve").screenshot(path=pictures / "layer.reserve.table.png")
    page.goto("/?layer=first-attack")
    page.locator("#map").screenshot(path=pictures / "layer.first-attack.few.png")
    context.close()
