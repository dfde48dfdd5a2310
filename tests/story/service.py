"""The real service in a process of its own: started, asked over HTTP, stopped or killed by its own process id."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx

from tests.story.nursery import Forked

TOKEN = "a-token-for-the-tests-only"
START_SECONDS = 120.0


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def config_with(source: Path, target: Path, **changed: str) -> Path:
    """A copy of a config folder with some of its files (`messages_toml=...`) given anew."""
    shutil.copytree(source, target)
    for name, content in changed.items():
        (target / ".".join(name.rsplit("_", 1))).write_text(content, encoding="utf-8")
    return target


@dataclass
class Service:
    """`firewatch serve` over one data folder; it may be started and killed as often as one likes."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    command: str = "serve"
    measured: bool = False
    """Whether coverage sees what the process does: that slows it down, and a fast clock does not wait."""
    forked: bool = False
    """Whether its lives are forked, and so begin in a moment: for many of them."""

    def __post_init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = self.folder / "service.log"
        self.process: subprocess.Popen[bytes] | Forked | None = None
        self.http = httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)

    def env(self, **more: str) -> dict[str, str]:
        """The environment of the process: ours without other FIREWATCH_* variables, and the test's."""
        hidden = ("FIREWATCH_",) if self.measured else ("FIREWATCH_", "COVERAGE_")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        ours = {
            "FIREWATCH_DATA_DIR": str(self.folder / "data"),
            "FIREWATCH_PORT": str(self.port),
            "FIREWATCH_BOOTSTRAP_TOKEN": TOKEN,
            "FIREWATCH_REPLAY": "made-up",
        }
        return {**clean, **ours, **self.environment, **more}

    def run(self, *arguments: str, typed: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the program to its end, with something on its standard input."""
        return subprocess.run(
            [sys.executable, "-m", "firewatch", *arguments],
            env=self.env(**more),
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def start(self, **more: str) -> None:
        """Start the process and return at once."""
        if self.forked:
            self.process = Forked(self.command.split(), self.env(**more), self.log)
            return
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "firewatch", *self.command.split()], env=self.env(**more), stdout=log, stderr=log
            )

    def wait_until_ready(self) -> Self:
        """Return when it answers that it is ready."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, f"the service ended: {self.said()}"
            try:
                if self.http.get("/readyz").status_code == 200:
                    return self
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"the service did not answer: {self.said()}")

    def kill(self) -> None:
        """Kill -9, and see it dead."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=30)

    def stop(self) -> int:
        """Ask it to stop and return its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout=60)

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(timeout=30)
