"""Tiles of a source far away: kept on the disk, asked for by few at a time, and left alone while the source is down.

The map is whole without them, so nobody waits long for one: what cannot be had now is missing until the next look.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Final

import structlog

from firewatch.clock import Clock, SystemClock
from firewatch.files.whole import put
from firewatch.maps.pictures import Picture, recognised
from firewatch.maps.source import Tiles, TilesDown
from firewatch.maps.tiles import Tile

ASK_AT_ONCE: Final = 4
MOST_WAITING: Final = 12
"""Of the requests, who waits for a turn and who has it; one more is turned away at once."""
WAIT_SECONDS: Final = 3.0
DOWN_AFTER: Final = 3
"""Failures in a row."""
FIRST_PAUSE_SECONDS: Final = 30.0
LONGEST_PAUSE_SECONDS: Final = 900.0
KEPT_WHEN_FULL: Final = 0.9

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Limits:
    """How long a tile is good for, and how many bytes all may take."""

    age: timedelta
    size: int


def name_of(source: str) -> str:
    """Return the name under which a source's tiles are kept: another source has another."""
    return hashlib.blake2b(source.encode(), digest_size=8).hexdigest()


class Keeper(Tiles):
    """Tiles that are kept. A tile that is too old is asked for again, and handed out all the same when that fails."""

    def __init__(
        self,
        source: Tiles,
        folder: Path,
        name: str,
        limits: Limits,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep the tiles of a source in a folder of all sources, under its name there."""
        self.layers = source.layers
        self._source, self._store = source, _Store(folder, name, limits)
        self._pause = _Pause(clock, monotonic)
        self._turn, self._room = BoundedSemaphore(ASK_AT_ONCE), BoundedSemaphore(MOST_WAITING)

    @property
    def down_since(self) -> datetime | None:
        """Since when the source has not answered; None while it does."""
        return self._pause.since

    def tile(self, layer: int, tile: Tile) -> Picture | None:
        """Return a tile; None where the source has none. Raises TilesDown when there is none at hand either."""
        kept = self._store.read(layer, tile)
        if kept is not None and not kept.old:
            return recognised(kept.data)
        try:
            return self._fetch(layer, tile)
        except TilesDown:
            if kept is None:
                raise
            return recognised(kept.data)

    def close(self) -> None:
        """Let go of the source."""
        self._source.close()

    def _fetch(self, layer: int, tile: Tile) -> Picture | None:
        if not self._room.acquire(blocking=False):
            raise TilesDown("too many tiles are asked for at once")
        try:
            if not self._turn.acquire(timeout=WAIT_SECONDS):
                raise TilesDown("too many tiles are asked for at once")
            try:
                return self._ask(layer, tile)
            finally:
                self._turn.release()
        finally:
            self._room.release()

    def _ask(self, layer: int, tile: Tile) -> Picture | None:
        kept = self._store.read(layer, tile)
        if kept is not None and not kept.old:  # somebody else has asked meanwhile
            return recognised(kept.data)
        self._pause.look()
        try:
            found = self._source.tile(layer, tile)
        except TilesDown as error:
            self._pause.failed(str(error))
            raise
        except BaseException:
            self._pause.failed("broke off")
            raise
        self._pause.well()
        self._store.write(layer, tile, found.data if found else b"")
        return found


class _Pause:
    """Leaves a source alone that failed several times in a row: for longer each time, with one question in between."""

    def __init__(self, clock: Clock, monotonic: Callable[[], float]) -> None:
        self._clock, self._monotonic = clock, monotonic
        self._lock = Lock()
        self._failures, self._until, self._asking = 0, 0.0, False
        self._first: datetime | None = None

    @property
    def since(self) -> datetime | None:
        return self._first if self._failures >= DOWN_AFTER else None

    def look(self) -> None:
        """Raise TilesDown unless the source may be asked now."""
        with self._lock:
            if self._failures < DOWN_AFTER:
                return
            if self._asking or self._monotonic() < self._until:
                raise TilesDown("the source does not answer: it is left alone for a while")
            self._asking = True

    def well(self) -> None:
        with self._lock:
            self._failures, self._asking, self._first = 0, False, None

    def failed(self, why: str) -> None:
        with self._lock:
            self._failures, self._asking = self._failures + 1, False
            self._first = self._first or self._clock.now()
            if self._failures >= DOWN_AFTER:
                doubled = FIRST_PAUSE_SECONDS * 2.0 ** min(self._failures - DOWN_AFTER, 10)
                self._until = self._monotonic() + min(doubled, LONGEST_PAUSE_SECONDS)
            failures = self._failures
        log.warning("tile_failed", why=why, failures=failures)


@dataclass(frozen=True)
class _Kept:
    data: bytes
    """Empty: the source has no such tile."""
    old: bool


class _Store:
    """Files of tiles; when they take too much room the oldest go."""

    def __init__(self, folder: Path, name: str, limits: Limits) -> None:
        self._all, self._own, self._limits = folder, folder / name, limits
        self._lock = Lock()
        self._size: int | None = None

    def read(self, layer: int, tile: Tile) -> _Kept | None:
        file = self._file(layer, tile)
        try:
            data, written = file.read_bytes(), file.stat().st_mtime
        except OSError:
            return None
        age = SystemClock().now().timestamp() - written
        return _Kept(data, old=not 0 <= age <= self._limits.age.total_seconds())

    def write(self, layer: int, tile: Tile, data: bytes) -> None:
        """Keep a tile; a full disk costs a question more next time and nothing else."""
        file = self._file(layer, tile)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            put(file, data)
            self._make_room(len(data))
        except OSError as error:
            log.warning("tile_not_kept", why=str(error))

    def _make_room(self, more: int) -> None:
        with self._lock:
            if self._size is not None:
                self._size += more
                if self._size <= self._limits.size:
                    return
            files = sorted(
                (found.st_mtime, found.st_size, file)
                for file in self._all.rglob("*")
                if file.is_file() and (found := file.stat())
            )
            self._size = sum(size for _, size, _ in files)
            if self._size <= self._limits.size:
                return
            for _, size, file in files:
                if self._size <= self._limits.size * KEPT_WHEN_FULL:
                    break
                file.unlink(missing_ok=True)
                self._size -= size

    def _file(self, layer: int, tile: Tile) -> Path:
        return self._own / str(layer) / str(tile.zoom) / str(tile.x) / str(tile.y)
