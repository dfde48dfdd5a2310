"""Lives of the service that begin in a moment: forked from a process that has imported the program and no more.

Importing takes seconds of processor, in which nothing can go wrong that messages would notice. Who starts the service
hundreds of times, or eight of them at once, starts it here; each is a process of its own, to be killed like any other.
"""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from subprocess import TimeoutExpired

PROGRAM = "firewatch"
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.story.newborn"])


class Forked:
    """A process of the program, with what the tests use of `subprocess.Popen`."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Start it with an environment of its own; what it says goes to the end of `log`."""
        self._process: ForkServerProcess = _CONTEXT.Process(
            target=_live, args=(list(arguments), dict(environment), str(log))
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Return its exit status, or None while it lives."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Return its exit status; raises TimeoutExpired when it lives longer."""
        self._process.join(timeout)
        if (status := self._process.exitcode) is None:
            raise TimeoutExpired(PROGRAM, timeout)
        return status

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def kill(self) -> None:
        """Kill it."""
        self._process.kill()


def _live(arguments: list[str], environment: dict[str, str], log: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(said, 1)
    os.dup2(said, 2)
    from firewatch.__main__ import main

    sys.exit(main(arguments))
