"""The colours of grades are in one sheet: every page has it before those that use it, and it has what they ask for."""

import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "firewatch" / "web"
PAGES = sorted(file for file in (WEB / "templates").glob("*.html") if "<head>" in file.read_text("utf-8"))
SHEETS = sorted((WEB / "static").glob("*.css"))


@pytest.mark.parametrize("page", PAGES, ids=lambda file: file.name)
def test_every_page_begins_with_the_palette(page: Path) -> None:
    sheets = re.findall(r'rel="stylesheet" href="/static/([^"]+)"', page.read_text("utf-8"))
    assert sheets[0] == "palette.css"
    assert all((WEB / "static" / sheet).is_file() for sheet in sheets)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda file: file.name)
def test_no_sheet_asks_for_a_colour_that_is_none(sheet: Path) -> None:
    defined = set(re.findall(r"(--[\w-]+):", (WEB / "static" / "palette.css").read_text("utf-8")))
    text = sheet.read_text("utf-8")
    assert not set(re.findall(r"var\((--[\w-]+)\)", text)) - defined - set(re.findall(r"(--[\w-]+):", text))
