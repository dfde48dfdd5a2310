"""The optimiser in a process of its own: nothing it does can hold up a message, and it can be killed.

It gets a problem on its standard input and answers a plan, as `firewatch plan - --json` does for anybody. Whatever goes
wrong with it, it hangs, dies or answers nonsense, is NoPlan: the plan there is stands. It ends with us, killed or not.
"""

import json
import os
import subprocess
import sys
import threading
from typing import Any

from firewatch.dispatch.plan import Plan, parse_plan
from firewatch.errors import BadInput

GRACE_SECONDS = 15.0
"""For the start of the process and for a solver that looks at its watch too seldom; then it is killed."""


class NoPlan(Exception):
    """The optimiser gave no plan; says why."""


class Worker:
    """Runs one optimiser at a time."""

    def __init__(self, command: tuple[str, ...] = (sys.executable, "-m", "firewatch", "plan", "-", "--json")) -> None:
        """Make ready; `command` reads a problem and writes a plan."""
        self._command = command
        self._process: subprocess.Popen[str] | None = None
        self._stopped = threading.Event()

    def solve(self, problem: dict[str, Any], seconds: float, grace: float = GRACE_SECONDS) -> Plan:
        """Return the plan of a problem's document. Raises NoPlan."""
        if self._stopped.is_set():
            raise NoPlan("the service is stopping")
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*self._command, "--seconds", f"{seconds:g}", "--parent", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._process = process
        try:
            out, err = process.communicate(json.dumps(problem), timeout=seconds + grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise NoPlan(f"no answer within {seconds + grace:g} s") from None
        finally:
            self._process = None
        if process.returncode != 0:
            raise NoPlan(f"ended with {process.returncode}: {err.strip().splitlines()[-1:]}")
        return _read(out)

    def stop(self) -> None:
        """Kill what runs, and begin nothing more."""
        self._stopped.set()
        process = self._process
        if process is not None:
            process.kill()


def _read(out: str) -> Plan:
    try:
        return parse_plan(json.loads(out))
    except (json.JSONDecodeError, BadInput) as error:
        raise NoPlan(f"its answer is no plan: {error}") from None
