"""A changed table goes through the console in a real browser: problems first, then the changes, then the deed."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from firewatch.rulebook.read import default_folder
from tests.browser.conftest import sign_in, visitor
from tests.browser.test_duty import collect_complaints, say
from tests.story.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

CREWS = (default_folder() / "crews.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(("lang", "width", "scheme", "people"), [("zh", 1280, "light", 31), ("en", 360, "dark", 30)])
def test_a_table_is_looked_at_and_taken_over(
    browser: Browser, demo: Service, pictures: Path, lang: str, width: int, scheme: str, people: int
) -> None:
    context = visitor(browser, demo, lang, viewport={"width": width, "height": 800}, color_scheme=scheme)
    complaints = collect_complaints(context)
    page = context.new_page()
    sign_in(page)
    page.goto("/resources")
    page.get_by_role("link", name=say(lang, "tables.title")).click()
    page.screenshot(path=pictures / f"tables.form.{lang}.{width}.png")
    _send(page, CREWS.replace(",true,", ",maybe,", 1).replace(",professional,", ",army,", 1), lang)
    expect(page.locator(".panel h2")).to_contain_text("2")
    page.screenshot(path=pictures / f"tables.problems.{lang}.{width}.png")
    page.get_by_role("link", name=say(lang, "tables.another")).click()
    line = next(line for line in CREWS.splitlines() if line.startswith("kangle-pro"))
    _send(page, CREWS.replace(line, line.replace(",32,", f",{people},")), lang)
    expect(page.locator("table.pool")).to_contain_text(str(people))
    page.screenshot(path=pictures / f"tables.changes.{lang}.{width}.png")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    page.get_by_role("button", name=say(lang, "tables.take_over")).click()
    expect(page.get_by_role("status")).to_contain_text("1")
    assert complaints == []
    context.close()


def _send(page: Page, text: str, lang: str) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": "crews.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name=say(lang, "tables.check")).click()
