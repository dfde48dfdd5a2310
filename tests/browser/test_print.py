"""Pages on paper: what is to be read is there, what is to be pressed is not, and heads stand on every sheet."""

from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, expect

from firewatch import i18n
from tests.browser.conftest import sign_in, visitor
from tests.browser.test_duty import report_a_fire, say
from tests.story.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

A4_POINTS = (595, 842)


@pytest.fixture(scope="module")
def sheets(browser: Browser, demo: Service, pictures: Path) -> dict[str, pypdfium2.PdfDocument]:
    """Some pages as they are printed, in the dark scheme even, with a fire that is answered."""
    found = {}
    with visitor(browser, demo, "zh", viewport={"width": 1440, "height": 900}, color_scheme="dark") as context:
        page = context.new_page()
        sign_in(page)
        report_a_fire(page, "35.25", "103.35", "山脊冒烟，风大")
        fire = page.url
        page.locator("#plan form[action$='/confirm'] button").click(timeout=60_000)
        expect(page.locator("#orders article").first).to_be_visible()
        for name, address in (
            ("situation", "/"),
            ("incident", fire),
            ("resources", "/resources"),
            ("roster", "/roster"),
            ("danger", "/danger"),
            ("warnings", "/warnings"),
            ("messages", "/messages"),
            ("list", "/lists/resources"),
            ("settings", "/settings"),
        ):
            page.goto(address)
            file = pictures / f"print.{name}.pdf"
            page.pdf(path=file, prefer_css_page_size=True)
            found[name] = pypdfium2.PdfDocument(file)
    return found


def words(document: pypdfium2.PdfDocument) -> str:
    """All that stands on the sheets, without spaces: a line may break anywhere in Chinese."""
    return "".join("".join(sheet.get_textpage().get_text_range().split()) for sheet in document)


def said(key: str, **places: object) -> str:
    return "".join(say("zh", key, **places).split())


def test_nothing_to_press_is_printed_and_what_counts_is(sheets: dict[str, pypdfium2.PdfDocument]) -> None:
    for name, document in sheets.items():
        text = words(document)
        assert document[0].get_size() == pytest.approx(A4_POINTS, abs=1), name
        assert said("app.name") in text, name
        assert said("banner.demo") in text, "a demonstration is one on paper too"
        for key in ("nav.sign_out", "nav.more", "search.hint", "bell.off", "settings.check"):
            assert said(key) not in text, f"{name}: {key}"


def test_the_situation_has_its_map_grades_and_fires(sheets: dict[str, pypdfium2.PdfDocument]) -> None:
    text = words(sheets["situation"])
    for key in ("map.note", "grades.title", "situation.alarms", "feeds.title", "map.kind.incident"):
        assert said(key, count=0).rstrip("0") in text, key
    for grade in range(1, 6):
        assert said(f"danger.grade.lyt1172.{grade}") in text


def test_a_fires_page_is_its_sheet(sheets: dict[str, pypdfium2.PdfDocument]) -> None:
    text = words(sheets["incident"])
    for word in ("山脊冒烟，风大", "35.25000,103.35000", "board.agency", "plan.vehicle", "orders.eta", "map.note"):
        assert (said(word) if word in i18n.catalogue("zh") else word) in text, word
    assert said("plan.override") not in text, "a form is no sheet's"
    assert said("board.by_phone") not in text


def test_a_long_table_repeats_its_heads(sheets: dict[str, pypdfium2.PdfDocument]) -> None:
    document = sheets["list"]
    assert len(document) > 1
    assert all(said("lists.lon") in words_of(sheet) for sheet in document)


def words_of(sheet: pypdfium2.PdfPage) -> str:
    return "".join(sheet.get_textpage().get_text_range().split())


def test_paper_is_white_whatever_the_screen_is(sheets: dict[str, pypdfium2.PdfDocument]) -> None:
    for name, document in sheets.items():
        pixels = document[0].render(scale=0.5, grayscale=True).to_numpy()
        corners = [pixels[3, 3], pixels[3, -3], pixels[-3, 3], pixels[-3, -3]]
        assert min(int(corner.min()) for corner in corners) > 250, name
        assert (pixels > 200).mean() > 0.55, name
