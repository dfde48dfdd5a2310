"""What people put on an incident's record, in a real browser: seen in a second window, sent smaller, found by name."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from firewatch import i18n
from tests.browser.conftest import sign_in, visitor
from tests.pictures import jpeg, opened
from tests.story.service import TOKEN, Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WINDOW = {"width": 1440, "height": 900}


def said(key: str, **places: object) -> str:
    return i18n.text("zh", key, **places)


def report_by_name(page: Page) -> None:
    """Report a fire whose place is found by its name while it is typed."""
    page.goto("/report")
    page.locator("#place").press_sequentially("cgz")
    page.locator("#places-found button[value=chengguan-hezheng]").click()
    expect(page.locator("#lat")).to_have_value("35.4300")
    expect(page.locator("#lon")).to_have_value("103.3572")
    expect(page.locator("#places-found")).to_contain_text(said("report.place_taken", place="城关镇"))
    expect(page.locator(".pin")).to_be_visible()
    page.locator("textarea[name=description]").fill("山脊冒烟")
    page.locator("select[name=agency]").select_option("hezheng")
    page.locator("button[value=check]").click()
    page.wait_for_url("**/incidents/1")


def test_a_place_by_name_a_note_and_a_photo_are_seen_in_a_second_window(
    browser: Browser, demo: Service, pictures: Path, tmp_path: Path
) -> None:
    with visitor(browser, demo, "zh", viewport=WINDOW) as context:
        page = context.new_page()
        sign_in(page)
        report_by_name(page)
        expect(page.locator("#reports")).to_contain_text("坐标为其中心")
        watching = context.new_page()
        watching.goto("/incidents/1")
        watching.locator("#note").fill("我正在写")

        page.locator("#note").fill("风向转西北")
        page.get_by_role("button", name=said("record.add")).click()
        expect(watching.locator("#record .typed")).to_contain_text("风向转西北", timeout=20_000)

        large = tmp_path / "IMG_0001.jpg"
        large.write_bytes(jpeg((4000, 3000), place=(35.44, 103.36), turned=6, noisy=True))
        assert large.stat().st_size > 1_000_000
        page.locator("input[type=file]").set_input_files(large)
        page.locator("input[name=caption]").fill("从垭口看")
        with page.expect_request("**/incidents/1/photos") as sent:
            page.get_by_role("button", name=said("photo.send")).click()
        expect(page.locator("#photos img")).to_be_visible()
        expect(watching.locator("#photos img")).to_be_visible(timeout=20_000)
        expect(watching.locator("#photos")).to_contain_text("35.4400, 103.3600")
        expect(watching.locator("#note")).to_have_value("我正在写")
        body = sent.value.post_data_buffer
        assert body is None or len(body) < large.stat().st_size / 2, "it was made smaller before it was sent"
        watching.screenshot(path=pictures / "record.zh.png", full_page=True)
    kept = httpx.get(f"{demo.url}/api/v1/incidents/1/photos/1/full.jpg", headers={"Authorization": f"Bearer {TOKEN}"})
    assert opened(kept.content).size == (1440, 1920), "upright, once"


def test_what_is_no_photo_is_told_and_can_be_chosen_again(browser: Browser, demo: Service, tmp_path: Path) -> None:
    with visitor(browser, demo, "zh", viewport=WINDOW) as context:
        page = context.new_page()
        sign_in(page)
        page.goto("/incidents/1")
        wrong = tmp_path / "a.jpg"
        wrong.write_bytes(b"%PDF-1.7")
        page.locator("input[type=file]").set_input_files(wrong)
        page.get_by_role("button", name=said("photo.send")).click()
        expect(page.locator("form[data-photo] [role=status]")).to_have_text(said("photo.problem.kind"))
        expect(page.get_by_role("button", name=said("photo.send"))).to_be_enabled()
