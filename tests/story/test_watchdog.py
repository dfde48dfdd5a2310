"""A dead service is noticed outside: the signs of life stop with the process, and come back with it."""

import time
from pathlib import Path

import pytest

from tests.fake_watchdog import FakeWatchdog
from tests.story.service import Service
from tests.story.test_report_to_phones import wait_for


@pytest.mark.timeout(200)
def test_the_signs_of_life_end_with_the_process_and_begin_again_with_it(tmp_path: Path) -> None:
    with FakeWatchdog() as outside:
        settings = {"FIREWATCH_WATCHDOG_URL": outside.url, "FIREWATCH_WATCHDOG_SECONDS": "1"}
        with Service(tmp_path, settings) as service:
            assert service.run("db", "upgrade").returncode == 0
            service.start()
            service.wait_until_ready()
            wait_for("signs of life", lambda: len(outside.heard) >= 3)
            service.kill()
            heard = len(outside.heard)
            time.sleep(3)
            assert len(outside.heard) == heard, "the dead give no sign"
            service.start()
            service.wait_until_ready()
            wait_for("signs of life again", lambda: len(outside.heard) > heard)
            service.stop()
            assert "/ping/secret" not in service.log.read_text(), "who knows the address can speak for the service"
