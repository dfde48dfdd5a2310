"""A drill in a real browser beside the real service: nobody can take the one for the other."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from firewatch import i18n
from tests.browser.conftest import sign_in, visitor
from tests.browser.test_duty import report_a_fire
from tests.browser.test_every_page import SERIOUS
from tests.browser.test_wall import CUT_OFF
from tests.story.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

ROOM, TELEPHONE = {"width": 1920, "height": 1080}, {"width": 360, "height": 740}
PAGES = ("/", "/incidents/1", "/report", "/messages", "/drill", "/ack")
WIDE = "() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
BANNER = ".drill-banner"
FRAME = "(body) => getComputedStyle(body, '::after').borderTopWidth"


@pytest.fixture(scope="module")
def drill(demo: Service) -> Iterator[Service]:
    """A drill beside the demonstration."""
    service = Service(demo.folder, command="drill spring", measured=True)
    service.log = demo.folder / "drill.log"
    own = {"FIREWATCH_PORT": str(demo.port), "FIREWATCH_DRILL_PORT": str(service.port)}
    service.environment = {**demo.environment, **own}
    with service:
        service.start()
        service.wait_until_ready()
        yield service
        service.stop()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_drill_is_told_apart_on_every_page_and_the_real_fire_in_it(
    browser: Browser, demo: Service, drill: Service, pictures: Path, lang: str
) -> None:
    with visitor(browser, drill, lang, viewport=ROOM) as context:
        page = context.new_page()
        sign_in(page)
        if lang == "zh":
            report_a_fire(page, "35.25", "103.35", "演练：山脊冒烟")
        for address in PAGES:
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                look(page, address, pictures / f"drill{address.replace('/', '-')}.{scheme}.{lang}.png")
        found = Axe().run(page).response["violations"]
        assert [each["id"] for each in found if each["impact"] in SERIOUS] == []
        page.goto("/wall")
        page.wait_for_timeout(500)
        page.screenshot(path=pictures / f"drill-wall.{lang}.png")
        expect(page.locator(BANNER)).to_be_visible()
        cut_off = page.locator("body").evaluate(CUT_OFF)
        assert [each for each in cut_off if each != i18n.text(lang, "drill.real_fire")] == []
        with visitor(browser, demo, lang, viewport=ROOM) as other:
            at_real = other.new_page()
            sign_in(at_real)
            expect(at_real.locator(BANNER)).to_have_count(0)
            if lang == "zh":
                report_a_fire(at_real, "35.30", "103.65", "康乐山火")
            expect(page.locator(".real-fire a")).to_be_visible(timeout=30_000)
            page.screenshot(path=pictures / f"drill-wall-real.{lang}.png")
            page.goto("/")
            page.screenshot(path=pictures / f"drill-real.{lang}.png")
            at_real.reload()
            at_real.screenshot(path=pictures / f"real-during-drill.{lang}.png")
            page.locator(".real-fire a").click()
            page.wait_for_url(f"{demo.url}/**")


def look(page: Page, address: str, picture: Path) -> None:
    """One page: the banner, the frame, the title; nothing scrolls sideways on a telephone."""
    page.set_viewport_size(TELEPHONE)  # type: ignore[arg-type]  # a dict is a ViewportSize
    page.goto(address)
    expect(page.locator(BANNER)).to_be_visible()
    assert page.locator("body").evaluate(FRAME) == "6px"
    assert re.search(r"【演练】|\[DRILL\] ", page.title()), "beside what is new"
    assert page.evaluate(WIDE) <= 0, address
    page.screenshot(path=picture.with_suffix(".360.png"))
    page.set_viewport_size({"width": 1440, "height": 900})
    page.mouse.wheel(0, 2000)
    expect(page.locator(BANNER)).to_be_in_viewport()
    page.mouse.wheel(0, -4000)
    page.screenshot(path=picture)
