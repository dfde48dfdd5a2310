"""The optimiser's process: it may fail in any way, and lives no longer than it is wanted."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bench.instances import instance
from firewatch.dispatch.problem import dump_problem
from firewatch.dispatch.worker import NoPlan, Worker
from tests.unit.dispatch_cases import example

ASKS = """
import json, sys, threading, time
from firewatch.dispatch.worker import Worker
worker = Worker()
threading.Thread(target=worker.solve, args=(json.load(sys.stdin), 100)).start()
while worker._process is None:
    time.sleep(0.05)
print(worker._process.pid, flush=True)
"""


def script(text: str) -> Worker:
    return Worker((sys.executable, "-c", text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import time; time.sleep(60)", "no answer within 0.6 s"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended with -9"),
        ("raise SystemExit('out of memory')", "out of memory"),
        ("print('Running a solver 1.0')", "no plan"),
        ("print('{}')", "no plan: the document: format is missing"),
    ],
)
def test_an_optimiser_that_fails_gives_no_plan(text: str, says: str) -> None:
    with pytest.raises(NoPlan, match=says):
        script(text).solve(example(), 0.3, grace=0.3)


def test_a_stop_of_the_service_ends_the_optimiser_at_once() -> None:
    worker = script("import time; time.sleep(60)")
    stopper = threading.Timer(0.5, worker.stop)
    stopper.start()
    began = time.monotonic()
    with pytest.raises(NoPlan, match="ended with"):
        worker.solve(example(), 50)
    assert time.monotonic() - began < 30
    with pytest.raises(NoPlan, match="stopping"):
        worker.solve(example(), 50)
    stopper.join()


def test_an_optimiser_gives_way_to_its_service_and_does_not_outlive_it_when_it_is_killed() -> None:
    long = json.dumps(dump_problem(instance(4, 10, 550, 100.0)))
    service = subprocess.Popen([sys.executable, "-c", ASKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert service.stdin is not None
    assert service.stdout is not None
    service.stdin.write(long)
    service.stdin.close()
    optimiser = int(service.stdout.readline())
    deadline = time.monotonic() + 20
    while os.getpriority(os.PRIO_PROCESS, optimiser) <= os.getpriority(os.PRIO_PROCESS, service.pid):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert lives(optimiser)
    service.kill()
    service.wait(timeout=30)
    service.stdout.close()
    deadline = time.monotonic() + 20
    while lives(optimiser):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def lives(process: int) -> bool:
    """Whether a process is there and has not ended; whoever inherits one that has may be slow to notice."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
