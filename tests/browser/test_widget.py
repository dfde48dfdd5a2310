"""An office pastes the one line into its own site, which is another origin: the frame shows there, and nothing else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from firewatch import i18n
from tests.browser.conftest import sign_in, visitor
from tests.story.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

DAY = "2026-04-08"


@contextmanager
def another_site(body: str) -> Iterator[str]:
    """A site with one page, on a port of its own."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>site</title><body>{body}</body>".encode())

        def log_message(self, *_given: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_line_shows_the_danger_on_another_site(browser: Browser, demo: Service, pictures: Path, lang: str) -> None:
    context = visitor(browser, demo, lang, viewport={"width": 900, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    if lang == "zh":
        sign_in(page)
        page.goto("/bulletins")
        if page.get_by_role("button", name=i18n.text(lang, "bulletins.draw")).count():
            page.get_by_role("button", name=i18n.text(lang, "bulletins.draw")).click()
        page.goto(f"/bulletins/{DAY}/desk")
        page.get_by_role("button", name=i18n.text(lang, "bulletins.sign")).click()
        context.clear_cookies()
    page.goto("/bulletins")
    page.get_by_role("link", name=i18n.text(lang, "widget.offer")).click()
    page.locator("select[name=zone]").select_option("kangle")
    page.get_by_role("button", name=i18n.text(lang, "widget.make")).click()
    name = {"zh": "康乐县", "en": "Kangle County"}[lang]
    expect(page.frame_locator("iframe").locator("li")).to_contain_text(name)
    page.screenshot(path=pictures / f"widget_line.{lang}.png")
    line = page.locator("textarea").input_value()
    with another_site(f'<h1>site</h1>{line}<iframe id="no" src="{demo.url}/bulletins"></iframe>') as address:
        page.goto(address)
        shown = page.frame_locator("iframe[title]").locator("main")
        expect(shown.locator("li")).to_contain_text(name)
        expect(shown.locator(".grade")).to_be_visible()
        page.screenshot(path=pictures / f"widget.{lang}.png")
        assert all(f"{demo.url}/bulletins" not in frame.url for frame in page.frames), "only the frame may be framed"
    context.close()
