"""Ten thousand recipients: how soon the agencies of a new fire are told while the queue is long, and when the last is.

The real service on SQLite with ten thousand texts of low priority due, a fake Twilio over real HTTP that takes 20 to
120 ms for each; meanwhile fires are reported over the API. Run it from the repository: `make bench-messages`.
"""

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

from firewatch import migrations
from firewatch.db import Database
from firewatch.rulebook.read import default_folder, read_rulebook
from tests.fake_twilio import FakeTwilio
from tests.story.flood import flood_of_texts
from tests.story.service import Service

AGENCIES = 7
FIRES = 20


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipients", type=int, default=10_000)
    recipients: int = parser.parse_args().recipients
    with (
        tempfile.TemporaryDirectory() as folder,
        FakeTwilio(delay=(0.02, 0.12), progress_seconds=0) as phones,
        Service(Path(folder), phones.settings()) as service,
    ):
        db = Database(f"sqlite:///{Path(folder) / 'data' / 'firewatch.db'}")
        migrations.upgrade(db)
        flood_of_texts(db, read_rulebook(default_folder()), recipients, datetime.now(UTC))
        db.dispose()
        service.start()
        service.wait_until_ready()
        measure(service, phones, recipients)


def measure(service: Service, phones: FakeTwilio, recipients: int) -> None:
    """Report fires while the queue is long, and watch it to its end."""
    assert service.process is not None
    process = psutil.Process(service.process.pid)
    began = time.monotonic()
    told: list[float] = []
    posts: list[float] = []
    pages: list[float] = []
    most = 0
    for number in range(FIRES):
        body = {"lat": 33 + 0.1 * number, "lon": 103.0, "description": "smoke", "channel": "phone", "agency": None}
        asked = time.monotonic()
        taken = service.http.post("/api/v1/fire-reports", json=body).raise_for_status().json()
        posts.append(time.monotonic() - asked)
        place = f"{body['lat']:.4f}"
        while sum(place in text.body for text in list(phones.accepted)) < AGENCIES:
            time.sleep(0.005)
        told.append(time.monotonic() - asked)
        page = time.monotonic()
        service.http.get(f"/api/v1/incidents/{taken['incident']['id']}").raise_for_status()
        pages.append(time.monotonic() - page)
        most = max(most, process.memory_info().rss)
        time.sleep(1)
    during = len(phones.accepted)
    while len(phones.accepted) < recipients + FIRES * AGENCIES:
        most = max(most, process.memory_info().rss)
        time.sleep(0.2)
    seconds = time.monotonic() - began
    doubled = sum(times > 1 for times in phones.counts().values())
    print(f"recipients: {recipients}; taken while fires were reported: {during}; doubled: {doubled}")
    print(f"POST of a fire to 201:              median {statistics.median(posts):.3f} s, worst {max(posts):.3f} s")
    print(f"POST to the last agency's text:     median {statistics.median(told):.3f} s, worst {max(told):.3f} s")
    print(f"an incident over the API meanwhile: median {statistics.median(pages):.3f} s, worst {max(pages):.3f} s")
    print(f"until the last of them:             {seconds:.0f} s ({recipients / seconds:.0f} a second)")
    print(f"memory of the service, at most:     {most / 2**20:.0f} MiB")


if __name__ == "__main__":
    main()
