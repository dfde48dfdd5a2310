"""Duty is taken over and a note is written in a real browser, with and without JavaScript."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import sign_in, visitor
from tests.browser.test_duty import collect_complaints, report_a_fire, say
from tests.story.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.mark.parametrize(
    ("lang", "script", "lat", "lon"), [("zh", True, "35.25", "103.35"), ("en", False, "35.70", "102.90")]
)
def test_a_note_is_written_while_fires_go_on_and_nothing_typed_is_lost(
    browser: Browser, demo: Service, pictures: Path, lang: str, script: bool, lat: str, lon: str
) -> None:
    context = visitor(browser, demo, lang, viewport={"width": 1280, "height": 900}, java_script_enabled=script)
    complaints = collect_complaints(context)
    page, other = context.new_page(), context.new_page()
    sign_in(page)
    page.goto("/handover")
    if page.get_by_role("button", name=say(lang, "handover.take")).count():
        page.get_by_role("button", name=say(lang, "handover.take")).click()
    expect(page.locator("#bar")).to_contain_text(
        say(lang, "bar.on_duty", name="", time="").split(":")[0].split("：")[0]
    )
    page.goto("/handover/note")
    field = page.locator("textarea[name=text]")
    field.fill(f"{field.input_value()}\n{lang}: the radio of crew 3 is being mended")
    report_a_fire(other, lat, lon, "smoke")
    page.wait_for_timeout(2000)  # the page hears of it
    assert f"{lang}: the radio" in field.input_value()
    page.get_by_role("button", name=say(lang, "handover.keep_note")).click()
    expect(page.locator("#on-duty .handover-note")).to_contain_text(f"{lang}: the radio of crew 3")
    expect(page.locator("#since")).to_contain_text(say(lang, "since.new"))
    page.screenshot(path=pictures / f"handover.{lang}.png", full_page=True)
    page.set_viewport_size({"width": 360, "height": 800})
    if script:  # without it the page cannot be asked
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert complaints == []
    context.close()
