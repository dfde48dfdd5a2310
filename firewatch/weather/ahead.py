"""Rows of station files that came with a stamp ahead of the clock: refused, also once their hour has come.

A logger whose clock runs two hours ahead writes ten o'clock's temperature as noon's. Two hours later nothing in its
file would tell. So what was ahead when it was first read is remembered, over restarts too; a row that says something
else for the same hour, as after somebody has mended the file, is not meant.
"""

import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from firewatch.weather.heard import AHEAD
from firewatch.weather.station_file import Values

MOST: Final = 2000
"""Rows that are remembered, the last that came: weeks of a few stations, and an alarm stands all the while."""


class RefusedRows:
    """The rows that were ahead of the clock when they were first read."""

    def __init__(self) -> None:
        """None is known yet."""
        self._known: dict[str, None] = {}

    def refuses(self, station: str, valid_at: datetime, values: Values, now: datetime) -> bool:
        """Return whether a row is ahead of the clock, or was when it was first read."""
        name = f"{valid_at:%Y-%m-%dT%H}Z {zlib.crc32(repr(values).encode()):08x} {station}"
        if valid_at > now + AHEAD:
            self._known[name] = None
        return name in self._known

    def remind(self, names: Iterable[str]) -> None:
        """Take up what was known before a restart."""
        self._known = dict.fromkeys([*names, *self._known])

    def memory(self) -> list[str]:
        """Give what is known, as JSON."""
        return list(self._known)[-MOST:]
