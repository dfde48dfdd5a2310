"""Seconds to make every form of a bulletin, its size, and how many readers a second the public page serves.

    python -m bench.bulletin [--zones 6 500] [--seconds 5]

A made-up bulletin of so many zones is put into each form in one process. Then the demonstration serves its own to eight
readers at once, from one process, and answers are counted.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path

import httpx

from firewatch.bulletins.content import Content, Document, Texts, ZonePart
from firewatch.bulletins.wording import texts
from firewatch.rulebook.alliance import Zone
from firewatch.rulebook.read import default_folder, read_rulebook
from firewatch.run import DEMO_PASSWORD, DEMO_USER
from firewatch.web.published import cap
from firewatch.web.published.forms import FORMS, Asked
from tests.story.service import Service

READERS = 8
CLOCK = "2026-04-08T09:00:00+00:00"
DAY = date(2026, 4, 8)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--zones", type=int, nargs="+", default=[6, 500])
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    settings = {"FIREWATCH_CLOCK_START": CLOCK}
    with tempfile.TemporaryDirectory() as folder, Service(Path(folder), settings, command="demo") as service:
        service.start()
        service.wait_until_ready()
        document = signed(service.url)
        for number in given.zones:
            render(*widened(document, number), number)
        serve(service.url, given.seconds)


def signed(address: str) -> Document:
    """Sign the demonstration's draft of the day, and return what was published."""
    with httpx.Client(base_url=address, follow_redirects=True, timeout=30) as client:
        client.post("/sign-in", data={"username": DEMO_USER, "password": DEMO_PASSWORD}).raise_for_status()
        for _ in range(120):
            page = client.get(f"/bulletins/{DAY}/desk").text
            if "/bulletins/versions/" in page:
                break
            time.sleep(0.5)
        number = page.split("/bulletins/versions/")[1].split('"')[0]
        csrf = page.split('name="csrf" value="')[1].split('"')[0]
        client.post(f"/bulletins/versions/{number}", data={"csrf": csrf, "do": "sign"}).raise_for_status()
        return Document.model_validate_json(client.get(f"/bulletins/{DAY}.json").raise_for_status().text)


def widened(document: Document, number: int) -> tuple[Document, Sequence[Zone]]:
    """Return the bulletin with so many zones, the demonstration's over and over, each a bit farther east."""
    own, book = document.content.zones, read_rulebook(default_folder())
    outlines = {zone.id: zone for zone in book.zones}
    parts: list[ZonePart] = []
    zones: list[Zone] = []
    for n in range(number):
        part, turn = own[n % len(own)], n // len(own)
        name = f"{part.id}-{turn}"
        parts.append(part.model_copy(update={"id": name}))
        zone = outlines[part.id]
        moved = [[[(lon + turn * 0.02, lat) for lon, lat in ring] for ring in rings] for rings in zone.polygons]
        zones.append(zone.model_copy(update={"id": name, "polygons": moved}))
    content = document.content.model_copy(update={"zones": tuple(parts)})
    return document.model_copy(update={"content": content, "texts": worded(content, book.alliance.tz)}), zones


def worded(content: Content, tz: object) -> dict[str, Texts]:
    return {lang: texts(content, lang, tz) for lang in ("zh", "en")}  # type: ignore[arg-type]  # a time zone


def render(document: Document, zones: Sequence[Zone], number: int) -> None:
    sender = cap.Sender(read_rulebook(default_folder()).bulletins.cap, "https://firewatch.example", True, zones)
    print(f"{number} zones, Chinese:")
    for suffix, form in FORMS.items():
        began = time.perf_counter()
        made = form.make(Asked(document, sender, "zh"))
        print(f"  {suffix:8} {time.perf_counter() - began:6.2f} s  {len(made) / 1024:7.0f} KiB", flush=True)


def serve(address: str, seconds: float) -> None:
    """Ask for the public page and for the PDF, again and again, by several readers at once."""
    for path in (f"/bulletins/{DAY}?lang=zh", f"/bulletins/{DAY}.pdf?lang=zh"):
        reading = partial(read, address, path, time.monotonic() + seconds)
        with ThreadPoolExecutor(READERS) as readers:
            every = [readers.submit(reading) for _ in range(READERS)]
        taken = sorted(each for one in every for each in one.result())
        middle, worst = statistics.median(taken), taken[int(len(taken) * 0.99)]
        print(f"{path}: {len(taken) / seconds:.0f} a second, median {middle * 1e3:.0f} ms, p99 {worst * 1e3:.0f} ms")


def read(address: str, path: str, until: float) -> list[float]:
    taken = []
    with httpx.Client(base_url=address, timeout=30) as client:
        while time.monotonic() < until:
            began = time.perf_counter()
            client.get(path).raise_for_status()
            taken.append(time.perf_counter() - began)
    return taken


if __name__ == "__main__":
    main()
