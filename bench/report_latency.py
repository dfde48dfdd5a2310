"""Seconds from the POST of a fire report to the last agency's message accepted by the provider: a median of 20.

The real service on SQLite, a fake Twilio over real HTTP that takes 20 to 120 ms for each message. Run it from the
repository: `.venv/bin/python -m bench.report_latency`.
"""

import statistics
import tempfile
import time
from pathlib import Path

from tests.fake_twilio import FakeTwilio
from tests.story.service import Service

RUNS = 20
AGENCIES = 7


def main() -> None:
    """Print the figures."""
    taken: list[float] = []
    answered: list[float] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        FakeTwilio(delay=(0.02, 0.12)) as phones,
        Service(Path(folder), phones.settings()) as service,
    ):
        service.run("db", "upgrade").check_returncode()
        service.start()
        service.wait_until_ready()
        time.sleep(5)  # the first weather is fetched and graded meanwhile
        for number in range(RUNS):
            body = {
                "lat": 33 + 0.1 * number,
                "lon": 103.0,
                "description": "smoke",
                "channel": "phone",
                "agency": None,
            }
            before = len(phones.accepted)
            began = time.monotonic()
            service.http.post("/api/v1/fire-reports", json=body).raise_for_status()
            answered.append(time.monotonic() - began)
            while len(phones.accepted) < before + AGENCIES:
                time.sleep(0.002)
            taken.append(max(message.at for message in phones.accepted[before:]) - began)
            time.sleep(0.5)
    print(f"POST to 201:                    median {statistics.median(answered):.3f} s, worst {max(answered):.3f} s")
    print(f"POST to last message accepted:  median {statistics.median(taken):.3f} s, worst {max(taken):.3f} s")


if __name__ == "__main__":
    main()
