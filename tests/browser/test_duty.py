"""A night on duty, as the duty officer lives it: in a real browser, in both languages, with and without JavaScript."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from firewatch import i18n
from tests.browser.conftest import sign_in, visitor
from tests.story.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PAGES = {"situation": "/", "report": "/report", "messages": "/messages", "warnings": "/warnings"}
PLAN_MS = 20_000


def say(lang: str, key: str, **places: object) -> str:
    return i18n.text(lang, key, **places)


def report_a_fire(page: Page, lat: str, lon: str, description: str) -> None:
    page.goto("/report")
    page.locator("#lat").fill(lat)
    page.locator("#lon").fill(lon)
    page.locator("textarea[name=description]").fill(description)
    page.locator("select[name=agency]").select_option("taizishan")
    page.locator("button[value=check]").click()
    page.wait_for_url("**/incidents/*")


def collect_complaints(context: BrowserContext) -> list[str]:
    """What the browser complains about: a blocked script, a missing file, an error in ours."""
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    context.on("console", heard)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    return complaints


def test_report_plan_confirm_and_acknowledge_with_a_second_window_watching(
    browser: Browser, demo: Service, pictures: Path
) -> None:
    context = visitor(browser, demo, "zh", viewport={"width": 1440, "height": 900})
    complaints = collect_complaints(context)
    page = context.new_page()
    sign_in(page)
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator(".banner.replay")).to_be_visible()
    watching = context.new_page()
    watching.goto("/")

    report_a_fire(page, "35.25", "103.35", "山脊冒烟，风大")
    number = page.url.rsplit("/", 1)[1]
    # The other window sees the new fire without a hand being lifted.
    expect(watching.locator(f"a[href='/incidents/{number}']").first).to_be_visible(timeout=PLAN_MS)

    confirm = page.locator("#plan form[action$='/confirm'] button")
    confirm.wait_for(timeout=PLAN_MS)
    page.screenshot(path=pictures / "incident.plan.zh.png", full_page=True)
    confirm.click()
    expect(page.locator("#orders article").first).to_be_visible()
    expect(page.locator("#head")).to_contain_text(say("zh", "incident_state.responding"))

    page.locator("#board form button").first.click()
    expect(page.locator("#board-title")).to_contain_text("1/7")
    page.locator("#orders button", has_text=say("zh", "order_state.en_route")).first.click()
    expect(page.locator("#orders")).to_contain_text(say("zh", "order_state.en_route"))
    page.screenshot(path=pictures / "incident.zh.png", full_page=True)
    page.goto("/messages")
    expect(page.locator("tbody tr").first).to_be_visible()
    assert "+4477" not in page.content(), "numbers are masked"
    page.goto("/")
    page.screenshot(path=pictures / "situation.zh.png", full_page=False)
    page.goto("/?lang=en")
    page.screenshot(path=pictures / "situation.en.png", full_page=False)
    assert complaints == []
    context.close()


def test_the_whole_way_without_javascript_in_english(browser: Browser, demo: Service, pictures: Path) -> None:
    context = visitor(browser, demo, "en", java_script_enabled=False, viewport={"width": 1024, "height": 800})
    page = context.new_page()
    sign_in(page)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    report_a_fire(page, "34.97", "103.77", "smoke above the lookout")
    for _ in range(60):
        if page.locator("#plan form[action$='/confirm'] button").count():
            break
        page.wait_for_timeout(300)
        page.reload()
    page.locator("#plan form[action$='/confirm'] button").click()
    expect(page.locator("#orders article").first).to_be_visible()
    page.locator("#board form button").first.click()
    expect(page.locator("#board-title")).to_contain_text("1/7")
    page.screenshot(path=pictures / "incident.en.png", full_page=True)
    context.close()


@pytest.mark.parametrize(("lang", "script"), [("zh", True), ("en", False)])
def test_a_near_report_is_offered_to_the_fire_it_belongs_to(
    browser: Browser, demo: Service, pictures: Path, lang: str, script: bool
) -> None:
    context = visitor(browser, demo, lang, java_script_enabled=script, viewport={"width": 360, "height": 740})
    page = context.new_page()
    sign_in(page)
    lat = {"zh": "35.70", "en": "35.60"}[lang]
    report_a_fire(page, lat, "102.90", "第一个电话")
    first = page.url
    page.goto("/report")
    page.locator("#lat").fill(f"{lat}5")
    page.locator("#lon").fill("102.905")
    page.locator("textarea[name=description]").fill("第二个电话")
    page.locator("button[value=check]").click()
    expect(page.locator("textarea[name=description]")).to_have_value("第二个电话")
    number = first.rsplit("/", 1)[1]
    expect(page.locator(f"input[name=answer][value='{number}']")).to_be_checked()
    page.screenshot(path=pictures / f"report.alike.{lang}.png", full_page=True)
    page.locator("button[value=send]").click()
    page.wait_for_url("**/incidents/*")
    assert page.url == first
    expect(page.locator("#reports")).to_contain_text("第二个电话")
    context.close()


def test_bad_input_keeps_what_was_typed(browser: Browser, demo: Service) -> None:
    context = visitor(browser, demo, "zh", java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    page.goto("/report")
    page.locator("#lat").fill("95")
    page.locator("#lon").fill("东经")
    page.locator("textarea[name=description]").fill("说不清在哪里")
    page.locator("button[value=check]").click()
    expect(page.locator("#lat-error")).to_be_visible()
    expect(page.locator("#lon-error")).to_be_visible()
    expect(page.locator("textarea[name=description]")).to_have_value("说不清在哪里")
    context.close()


def test_a_click_on_the_map_fills_in_the_place(browser: Browser, demo: Service) -> None:
    context = visitor(browser, demo, "zh", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page)
    page.goto("/report")
    page.locator("[data-pick] svg.map").click(position={"x": 250, "y": 200})
    lat, lon = (float(page.locator(f"#{field}").input_value()) for field in ("lat", "lon"))
    assert 34.8 < lat < 36.0
    assert 102.4 < lon < 104.2
    context.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone(browser: Browser, demo: Service, pictures: Path, lang: str, scheme: str) -> None:
    context = visitor(browser, demo, lang, viewport={"width": 360, "height": 740}, color_scheme=scheme)
    complaints = collect_complaints(context)
    page = context.new_page()
    sign_in(page)
    for name, path in PAGES.items():
        page.goto(path)
        width = page.evaluate("document.scrollingElement.scrollWidth")
        page.screenshot(path=pictures / f"phone.{name}.{scheme}.{lang}.png", full_page=True)
        assert width <= 360, f"{name} is {width} px wide"
        for place in page.locator("svg.map .zone-name").all():
            box = place.bounding_box()
            assert box is not None
            assert 0 <= box["x"] <= box["x"] + box["width"] <= 360, f"{place.inner_html()} leaves the picture"
    assert complaints == []
    context.close()


def test_a_page_that_is_not_there_says_what_to_do(browser: Browser, demo: Service) -> None:
    context = visitor(browser, demo, "zh")
    page = context.new_page()
    sign_in(page)
    answer = page.goto("/incidents/999999")
    assert answer is not None
    assert answer.status == 404
    expect(page.locator("main a").first).to_be_visible()
    context.close()
