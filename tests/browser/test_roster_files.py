"""A roster is taken out, changed and sent in through a real browser: problems, the difference, the deed, and undone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in, visitor
from tests.browser.test_duty import collect_complaints, say
from tests.story.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

HEAD = "contact,from,to\n"
FORMS = {"csv": "roster.file.table", "ics": "roster.file.calendar"}


@pytest.mark.parametrize(
    ("lang", "width", "scheme", "agency", "script", "form"),
    [
        ("zh", 1280, "light", "kangle", True, "ics"),
        ("en", 360, "dark", "hezheng", True, "csv"),
        ("zh", 360, "light", "jishishan", False, "ics"),
    ],
)
def test_a_roster_goes_out_and_comes_in(
    browser: Browser,
    demo: Service,
    pictures: Path,
    lang: str,
    width: int,
    scheme: str,
    agency: str,
    script: bool,
    form: str,
) -> None:
    size = {"width": width, "height": 800}
    context = visitor(browser, demo, lang, viewport=size, color_scheme=scheme, java_script_enabled=script)
    complaints = collect_complaints(context)
    page = context.new_page()
    sign_in(page)
    page.goto(f"/roster/{agency}?week=2026-04-08")
    page.get_by_role("link", name=say(lang, "roster.files")).click()
    page.screenshot(path=pictures / f"roster.files.{lang}.{width}.png", full_page=True)

    _send(page, lang, f"{HEAD}{agency}-deputy,soon,2026-04-10 08:00\nnobody,2026-04-09 20:00,2026-04-10 08:00\n")
    expect(page.locator(".panel h2")).to_contain_text("2")
    page.screenshot(path=pictures / f"roster.problems.{lang}.{width}.png", full_page=True)
    page.get_by_role("link", name=say(lang, "tables.another")).click()
    shifts = [f"{agency}-deputy,2026-04-{day:02} 20:00,2026-04-{day + 1:02} 08:00" for day in (6, 7, 8, 9)]
    _send(page, lang, HEAD + "\n".join(shifts))
    expect(page.locator("table.pool tbody tr")).to_have_count(4)
    _take_over(page, lang)

    _send(page, lang, *_taken_out(page, lang, agency, form))
    expect(page.get_by_text(say(lang, "roster.file.nothing"))).to_be_visible()

    shifts = [
        f"{agency}-liaison,2026-04-06 20:00,2026-04-07 08:00",
        shifts[1].replace("08 08:00", "08 10:00"),
        *shifts[3:],
    ]
    page.goto(f"/roster/{agency}/files")
    _send(page, lang, HEAD + "\n".join(shifts))
    expect(page.locator("table.pool tbody tr")).to_have_count(3)
    assert page.locator("html").evaluate("root => root.scrollWidth") <= width
    page.screenshot(path=pictures / f"roster.changes.{lang}.{width}.png", full_page=True)
    _take_over(page, lang)
    page.goto(f"/roster/{agency}?week=2026-04-08")
    expect(page.locator("table.week")).to_contain_text("00:00–10:00")
    page.get_by_role("button", name=say(lang, "roster.undo")).click()
    expect(page.locator("table.week")).not_to_contain_text("00:00–10:00")
    assert complaints == []
    context.close()


def _send(page: Page, lang: str, data: str, name: str = "roster.csv") -> None:
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/plain", "buffer": data.encode()})
    page.get_by_role("button", name=say(lang, "tables.check")).click()


def _take_over(page: Page, lang: str) -> None:
    page.get_by_role("button", name=say(lang, "tables.take_over")).click()
    expect(page.get_by_role("status")).to_be_visible()


def _taken_out(page: Page, lang: str, agency: str, form: str) -> tuple[str, str]:
    """Take everything out; return what is in the file, and how it is called."""
    page.goto(f"/roster/{agency}/files")
    with page.expect_download() as download:
        page.get_by_role("button", name=say(lang, FORMS[form])).click()
    return Path(download.value.path()).read_text(encoding="utf-8"), download.value.suggested_filename
