"""The console's figures: how heavy the situation is, how soon it paints, how soon a second window shows a new fire.

The demonstration in a process of its own and a real Chromium on the same machine; then fifty consoles at once, each a
socket that asks for the whole page at every change, as `live.js` does. Run it from the repository:
`make bench-console`.
"""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from multiprocessing import Process, Value
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright
from websockets.asyncio.client import connect
from websockets.typing import Origin

from firewatch.web.deps import SESSION_COOKIE
from tests.browser.conftest import CHROMIUM, QUIET, sign_in, visitor
from tests.story.service import Service

LOADS = 10
FIRES = 50
CONSOLES = 50
APART_SECONDS = 1.0
WAIT_SECONDS = 30.0


def main() -> None:
    """Print the figures."""
    settings = {"FIREWATCH_CLOCK_START": "2026-04-08T05:10:00+00:00"}
    with (
        tempfile.TemporaryDirectory() as folder,
        Service(Path(folder), settings, command="demo") as service,
        sync_playwright() as playwright,
    ):
        service.start()
        service.wait_until_ready()
        time.sleep(10)  # the first weather is fetched and graded meanwhile
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        weigh(chromium, service)
        context = visitor(chromium, service, "zh", viewport={"width": 1440, "height": 900})
        page = context.new_page()
        sign_in(page)
        watch(page, service, "one window")
        crowd(page, service)
        chromium.close()


def weigh(chromium: Browser, service: Service) -> None:
    """Load the situation cold, each time by a browser that has never seen it, and warm."""
    cold: list[int] = []
    warm: list[int] = []
    paints: list[float] = []
    for _ in range(LOADS):
        context = visitor(chromium, service, "zh", viewport={"width": 1440, "height": 900})
        page = context.new_page()
        sign_in(page)
        known = context.cookies()
        context.close()
        context = visitor(chromium, service, "zh", viewport={"width": 1440, "height": 900})
        context.add_cookies(known)  # type: ignore[arg-type]  # playwright's own two names of one thing
        page = context.new_page()
        cold.append(_transferred(page))
        paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        warm.append(_transferred(page))
        context.close()
    print(f"situation, cold: {statistics.median(cold) / 1000:.0f} KB; warm: {statistics.median(warm) / 1000:.0f} KB")
    print(f"first paint, cold: median {statistics.median(paints):.0f} ms, worst {max(paints):.0f} ms")


def _transferred(page: Page) -> int:
    """Return the bytes that came over the line until everything was there, headers and all."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto("/", wait_until="load")
    page.wait_for_timeout(500)
    session.detach()
    return sum(sizes)


def watch(page: Page, service: Service, title: str) -> None:
    """Report fires one after the other; each is over before the next."""
    posts: list[float] = []
    shown: list[float] = []
    for number in range(FIRES):
        body = {"lat": 35.0 + 0.01 * number, "lon": 103.2, "description": "smoke", "channel": "phone", "agency": None}
        asked = time.monotonic()
        taken = service.http.post("/api/v1/fire-reports", json=body).raise_for_status().json()["incident"]
        posts.append(time.monotonic() - asked)
        seen = page.locator(f"#fires a[href='/incidents/{taken['id']}']").first
        seen.wait_for(state="attached", timeout=WAIT_SECONDS * 1000)
        shown.append(time.monotonic() - asked)
        time.sleep(APART_SECONDS)
        over = {"state": "false_alarm"}
        service.http.post(f"/api/v1/incidents/{taken['id']}/state", json=over).raise_for_status()
        time.sleep(APART_SECONDS)
    print(f"{title}: POST to 201:             {_said(posts)}")
    print(f"{title}: POST to the new picture: {_said(shown)}")


def _said(seconds: Sequence[float]) -> str:
    high = statistics.quantiles(seconds, n=20)[-1]
    return f"median {statistics.median(seconds):.3f} s, p95 {high:.3f} s, worst {max(seconds):.3f} s"


def crowd(page: Page, service: Service) -> None:
    """Do the same while fifty consoles are open, this one among them."""
    cookie = next(each["value"] for each in page.context.cookies() if each.get("name") == SESSION_COOKIE)
    pages = Value("L", 0)
    others = Process(target=_others, args=(service.url, cookie, CONSOLES - 1, pages), daemon=True)
    others.start()
    time.sleep(10)
    before, began = pages.value, time.monotonic()
    watch(page, service, f"{CONSOLES} windows")
    rate = (pages.value - before) / (time.monotonic() - began)
    print(f"{CONSOLES} windows: {rate:.1f} pages a second were asked for meanwhile")
    others.terminate()
    others.join()


def _others(url: str, cookie: str, consoles: int, pages: "Synchronized[int]") -> None:
    asyncio.run(_all(url, cookie, consoles, pages))


async def _all(url: str, cookie: str, consoles: int, pages: "Synchronized[int]") -> None:
    headers = {"Cookie": f"{SESSION_COOKIE}={cookie}", "Accept-Language": "zh", "Accept-Encoding": "gzip"}
    limits = httpx.Limits(max_connections=consoles)
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30, limits=limits) as http:
        await asyncio.gather(*(_console(url, http, headers, pages) for _ in range(consoles)))


async def _console(url: str, http: httpx.AsyncClient, headers: dict[str, str], pages: "Synchronized[int]") -> None:
    """Listen, and ask for the page at every change: one at a time, once more for what changed meanwhile."""
    known = None
    heard = asyncio.Event()
    async with connect(url.replace("http", "ws") + "/live", origin=Origin(url), additional_headers=headers) as line:

        async def listen() -> None:
            nonlocal known
            async for word in line:
                revision = json.loads(word)["revision"]
                if revision != known:
                    heard.set()
                known = revision

        async def ask() -> None:
            while True:
                await heard.wait()
                heard.clear()
                (await http.get("/")).raise_for_status()
                pages.value += 1

        await asyncio.gather(listen(), ask())


if __name__ == "__main__":
    main()
