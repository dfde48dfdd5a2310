"""Somebody searches with a key, goes on to a list, sorts, filters and takes it out; and once without any script."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in, visitor
from tests.browser.test_duty import collect_complaints, say
from tests.story.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.mark.parametrize(
    ("lang", "width", "scheme", "script"),
    [("zh", 1280, "light", True), ("en", 1280, "dark", True), ("en", 360, "dark", True), ("zh", 360, "light", False)],
)
def test_from_a_search_to_a_file(
    browser: Browser, demo: Service, pictures: Path, lang: str, width: int, scheme: str, script: bool
) -> None:
    size = {"width": width, "height": 800}
    context = visitor(browser, demo, lang, viewport=size, color_scheme=scheme, java_script_enabled=script)
    complaints = collect_complaints(context)
    page = context.new_page()
    sign_in(page)
    _search(page, "运兵车", script=script)
    expect(page.get_by_role("heading", name=say(lang, "lists.resources"))).to_be_visible()
    page.screenshot(path=pictures / f"search.{lang}.{width}.png", full_page=True)
    _fits(page, width)
    page.locator("#found-resources p a").click()
    field = page.get_by_role("searchbox", name=say(lang, "lists.search"), exact=True)
    expect(field).to_have_value("运兵车")
    _sort(page, lang, wide=width > 600)
    first = page.locator("#list tbody tr").first.inner_text()
    page.screenshot(path=pictures / f"list.{lang}.{width}.png", full_page=True)
    _fits(page, width)
    with page.expect_download() as waiting:
        page.get_by_role("link", name=say(lang, "lists.file.csv"), exact=True).click()
    lines = waiting.value.path().read_bytes().decode("utf-8-sig").splitlines()
    assert waiting.value.suggested_filename.endswith(".csv")
    assert lines[1].split(",")[0] in first
    page.get_by_role("link", name=say(lang, "lists.everything")).click()
    expect(field).to_have_value("")
    assert complaints == []
    context.close()


def _search(page: Page, words: str, *, script: bool) -> None:
    box = page.locator("#find")
    if script:
        page.keyboard.press("/")
        expect(box).to_be_focused()
        assert box.input_value() == "", "the key is no letter of it"
        page.keyboard.press("?")  # off while something is typed
        expect(page.locator("#keys")).not_to_be_visible()
    box.fill(words)
    box.press("Enter")
    page.wait_for_url("**/search?q=*")


def _sort(page: Page, lang: str, *, wide: bool) -> None:
    """By a click on the head where there is room for heads, by the form where there is not."""
    seats = say(lang, "lists.seats")
    if wide:
        head = page.get_by_role("columnheader", name=seats)
        head.get_by_role("link").click()
        expect(head).to_have_attribute("aria-sort", "ascending")
        head.get_by_role("link").click()
        expect(head).to_have_attribute("aria-sort", "descending")
        expect(page.locator("[aria-sort]")).to_have_count(1)
    else:
        page.get_by_label(say(lang, "lists.order")).select_option("-seats")
        page.get_by_role("button", name=say(lang, "lists.apply")).click()
        page.wait_for_url("**sort=-seats*")


def _fits(page: Page, width: int) -> None:
    assert page.locator("html").evaluate("root => root.scrollWidth") <= width
