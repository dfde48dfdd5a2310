"""Every page of pages.toml for everybody: by screen reader, on a telephone, at night, in both languages, unscripted."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlmodel import select

from firewatch import i18n
from firewatch.db import Database
from firewatch.messaging.models import Message, SubjectKind
from firewatch.rulebook.read import default_folder
from firewatch.subscribers import tokens
from firewatch.subscribers.models import Subscription
from firewatch.web.console.speech import HTML_LANG
from tests.browser.conftest import sign_in, visitor
from tests.browser.pages import Row, read
from tests.browser.test_duty import report_a_fire, say
from tests.story.service import Service, config_with

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WALL, TELEPHONE = {"width": 1920, "height": 1080}, {"width": 360, "height": 740}
SERIOUS = {"serious", "critical"}
CREWS = (default_folder() / "crews.csv").read_text(encoding="utf-8")
SHIFT = "contact,from,to\nkangle-deputy,2026-04-06 20:00,2026-04-07 08:00\n"
SUBSCRIBER = "+447700900999"
KEY = re.compile(r"\b[a-z_]+(?:\.[a-z_-]+)+\b")
FILE = re.compile(r"\.(csv|xlsx|ics|toml|json|pdf)$")
NAMESPACES = {key.split(".")[0] for key in i18n.catalogue("zh")}
SAID = """() => [document.title, document.body.innerText]
    .concat([...document.querySelectorAll("[aria-label], [placeholder], [title]")]
    .flatMap((each) => [each.ariaLabel, each.placeholder, each.title])).join("\\n")"""
WIDE = """() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"""


@dataclass
class House:
    """A demonstration with something on every page, and who looks at it."""

    service: Service
    places: dict[str, str]
    cookies: str

    def address(self, row: Row, lang: str) -> str:
        """Where a page stands here."""
        return row.address.format(lang=lang, **self.places)

    def window(self, browser: Browser, row: Row, lang: str, *, script: bool = True) -> BrowserContext:
        """A window of a reader of `lang` who is signed in where the page asks for it."""
        state = {"storage_state": self.cookies} if row.signed_in else {}
        return visitor(browser, self.service, lang, java_script_enabled=script, viewport=WALL, **state)


@pytest.fixture(scope="module")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    rules = (default_folder() / "bulletins.toml").read_text(encoding="utf-8")
    rules = rules.replace("sms = false", "sms = true").replace('["+86"]', '["+4477"]')
    config = config_with(default_folder(), folder / "config", bulletins_toml=rules)
    environment = {"FIREWATCH_CONFIG_DIR": str(config), "FIREWATCH_CLOCK_START": "2026-04-08T05:10:00+00:00"}
    with Service(folder, environment, command="demo", measured=True) as service:
        service.start(FIREWATCH_PUBLIC_URL=service.url)
        service.wait_until_ready()
        with visitor(browser, service, "zh", viewport=WALL) as context:
            page = context.new_page()
            sign_in(page)
            fill(page)
            subscribe(page)
            places = {
                "table": send_in(page, "/resources/tables", "crews.csv", CREWS.replace(",32,", ",31,")),
                "roster": send_in(page, "/roster/kangle/files", "roster.csv", SHIFT),
                **links(service),
            }
            cookies = str(folder / "cookies.json")
            context.storage_state(path=cookies)
        yield House(service, places, cookies)
        service.stop()


def fill(page: Page) -> None:
    """A fire with a confirmed plan, a published bulletin, a test of the ways to people."""
    report_a_fire(page, "35.25", "103.35", "山脊冒烟")
    page.locator("#plan form[action$='/confirm'] button").click(timeout=60_000)
    expect(page.locator("#orders article").first).to_be_visible()
    page.goto("/bulletins")
    page.get_by_role("button", name=say("zh", "bulletins.draw"), exact=True).click()
    page.locator("button[name=do][value=sign]").click()
    page.wait_for_load_state()
    page.goto("/comms-tests/new")
    page.locator("button.danger").click()
    page.wait_for_url("**/comms-tests/1")


def send_in(page: Page, address: str, name: str, data: str) -> str:
    """Put a file aside; return the name of the look at it."""
    page.goto(address)
    file = {"name": name, "mimeType": "text/csv", "buffer": data.encode()}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]  # a dict is a FilePayload
    page.get_by_role("button", name=say("zh", "tables.check")).click()
    page.wait_for_url(f"**{address}/*")
    return page.url.rsplit("/", 1)[1]


def subscribe(page: Page) -> None:
    """Ask for the bulletin by text."""
    page.goto("/bulletins/subscribe")
    page.locator("form:has(select) input[name=address]").fill(SUBSCRIBER)
    page.get_by_role("button", name=say("zh", "subscribe.ask"), exact=True).click()
    expect(page.get_by_role("status")).to_be_visible()


def links(service: Service) -> dict[str, str]:
    """What stands in the links of an order's text and of a subscriber's letters."""
    db = Database(f"sqlite:///{service.folder / 'data' / 'firewatch.db'}")
    with db.read() as session:
        order = session.exec(select(Message).where(Message.subject_kind == SubjectKind.ORDER)).first()
        row = session.exec(select(Subscription)).one()
    db.dispose()
    assert order is not None
    return {"link": order.link_token or "", "subscription": tokens.token(row.id or 0, row.key)}


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in read()[0]])
def test_a_page_is_for_everybody(browser: Browser, house: House, row: Row) -> None:
    wrong: list[str] = []
    seen: set[str] = set()
    for lang in filter(row.tries, ("zh", "en")):
        with house.window(browser, row, lang) as window:
            page = window.new_page()
            wrong += opened(page, house.address(row, lang)) or scripted(page, row, lang)
            seen = headings(page)
            if row.tries("export"):
                wrong += taken_out(page)
    if row.tries("plain"):
        with house.window(browser, row, lang, script=False) as window:
            page = window.new_page()
            wrong += opened(page, house.address(row, lang))
            wrong += [f"unscripted: no {each!r}" for each in seen - headings(page)]
    assert not wrong, "\n".join(wrong)


def opened(page: Page, address: str) -> list[str]:
    """Open a page; what is wrong if that leads elsewhere."""
    answer = page.goto(address)
    assert answer is not None
    there = page.url.endswith(address) and answer.status == 200
    return [] if there else [f"{address}: {answer.status} {page.url}"]


def scripted(page: Page, row: Row, lang: str) -> list[str]:
    """What is wrong with an open page at its sizes, by day and by night, and with its language."""
    wrong = []
    if page.locator("html").get_attribute("lang") != HTML_LANG[lang]:
        wrong.append(f"{lang}: says that it is in another language")
    keys = [key for key in KEY.findall(page.evaluate(SAID)) if key.split(".")[0] in NAMESPACES and not FILE.search(key)]
    wrong += [f"{lang}: raw key {key}" for key in keys]
    if row.tries("axe") and lang == "zh":
        wrong += heard(page, row)
    page.set_viewport_size(TELEPHONE)  # type: ignore[arg-type]  # a dict is a ViewportSize
    if row.tries("narrow") and (wide := page.evaluate(WIDE)) > 0:
        wrong.append(f"{lang}: scrolls {wide} px sideways")
    if row.tries("dark") and lang == "en":
        page.emulate_media(color_scheme="dark")
        wrong += heard(page, row)
    return wrong


def heard(page: Page, row: Row) -> list[str]:
    """What axe finds that is serious."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']} ({each['impact']}) {node['target']} {node['html'][:160]} {node['failureSummary']}"
        for each in found
        if each["impact"] in SERIOUS and each["id"] not in row.excused
        for node in each["nodes"]
    ]


def headings(page: Page) -> set[str]:
    """What stands above the parts of a page, whatever is counted in it."""
    shown = page.locator("main :is(h1, h2, h3, legend)").filter(visible=True).all_inner_texts()
    return {re.sub(r"\d+", "#", each).strip() for each in shown}


def taken_out(page: Page) -> list[str]:
    """What is wrong with the CSV that the page leads to."""
    link = page.locator("main a[href*='.csv']").first.get_attribute("href")
    answer = page.request.get(link or "")
    rows = list(csv.DictReader(answer.body().decode("utf-8-sig").splitlines()))
    return [] if answer.ok and rows and all(rows[0]) else [f"{link}: {answer.status}, {len(rows)} rows"]
