"""The folder of drills: one below it for each, with its database and its record, and a sign while it runs.

The sign is a file that a drill renews every few seconds, and all that comes from it to the real service.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firewatch.clock import SystemClock
from firewatch.files.whole import put

SIGN: Final = "running"
RECORD: Final = "record.csv"
DEAD_AFTER_SECONDS: Final = 30.0
"""A sign as old as that was left by a drill that did not end by itself."""


@dataclass(frozen=True)
class Running:
    """A drill that is held now, and where its console is found."""

    name: str
    address: str


@dataclass(frozen=True)
class Drills:
    """The folder of all drills."""

    folder: Path

    def of(self, name: str) -> Path:
        """Return the folder of one drill."""
        return self.folder / name

    def sign(self, name: str, address: str) -> None:
        """Say that a drill is held, once more. Raises OSError."""
        self._put(name, SIGN, address.encode())

    def keep_record(self, name: str, record: bytes) -> None:
        """Keep the record of a drill as it stands now. Raises OSError."""
        self._put(name, RECORD, record)

    def end(self, name: str) -> None:
        """Say that it is over."""
        with suppress(OSError):
            (self.of(name) / SIGN).unlink()

    def running(self) -> Running | None:
        """Return the drill that is held now, the one that said so last."""
        now, found = SystemClock().now().timestamp(), []
        for sign in self.folder.glob(f"*/{SIGN}"):
            with suppress(OSError):
                found.append((sign.stat().st_mtime, Running(sign.parent.name, sign.read_text())))
        said_at, newest = max(found, key=lambda each: each[0], default=(0.0, None))
        return newest if now - said_at < DEAD_AFTER_SECONDS else None

    def records(self) -> Sequence[str]:
        """Return the names of the drills of which there is a record, the newest first."""
        found = []
        for record in self.folder.glob(f"*/{RECORD}"):
            with suppress(OSError):
                found.append((record.stat().st_mtime, record.parent.name))
        return [name for _, name in sorted(found, reverse=True)]

    def record(self, name: str) -> bytes | None:
        """Return the record of a drill; None where there is none of that name."""
        return (self.of(name) / RECORD).read_bytes() if name in self.records() else None

    def _put(self, name: str, file: str, data: bytes) -> None:
        self.of(name).mkdir(mode=0o700, parents=True, exist_ok=True)
        put(self.of(name) / file, data)
