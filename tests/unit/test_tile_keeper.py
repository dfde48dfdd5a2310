"""Tiles of a server far away, over real HTTP: kept, asked for by few at a time, and left alone while it is down."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from firewatch.adapters.tile_server import TileServer
from firewatch.clock import FixedClock
from firewatch.maps import keeper as keeping
from firewatch.maps.keeper import DOWN_AFTER, FIRST_PAUSE_SECONDS, Keeper, Limits
from firewatch.maps.pictures import Picture
from firewatch.maps.source import TilesDown
from firewatch.maps.tiles import Tile
from tests.conftest import NOON
from tests.fake_tiles import TILE, FakeTiles, tile_server

HERE = Tile(9, 402, 200)
KEY = "key-that-nobody-sees"
DAY = timedelta(days=1)


@pytest.fixture
def server() -> Iterator[FakeTiles]:
    with tile_server() as fake:
        yield fake


class Wall:
    """A clock on the wall that a test puts forward."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class House:
    """A keeper of one source, as it stands in a data folder."""

    def __init__(self, server: FakeTiles, folder: Path, size: int = 10**6, seconds: float = 1.0) -> None:
        self.wall, self.clock = Wall(), FixedClock(NOON)
        self.folder = folder
        addresses = [f"{server.url}/a/{{z}}/{{x}}/{{y}}?tk={{key}}", f"{server.url}/b/{{z}}/{{y}}/{{x}}"]
        self.keeper = Keeper(
            TileServer(addresses, KEY, seconds), folder, "one", Limits(DAY, size), self.clock, self.wall
        )

    def close(self) -> None:
        self.keeper.close()

    def tile(self, tile: Tile = HERE, layer: int = 0) -> Picture | None:
        return self.keeper.tile(layer, tile)

    def files(self) -> list[Path]:
        return [file for file in self.folder.rglob("*") if file.is_file()]


@pytest.fixture
def house(server: FakeTiles, tmp_path: Path) -> Iterator[House]:
    with closing(House(server, tmp_path / "tiles")) as made:
        yield made


def test_a_tile_is_asked_for_once_and_kept(server: FakeTiles, house: House) -> None:
    assert house.tile() == Picture(TILE, "image/png") == house.tile()
    assert house.tile(layer=1) == Picture(TILE, "image/png")
    assert server.asked == [f"/a/9/402/200?tk={KEY}", "/b/9/200/402"]
    assert house.keeper.layers == 2
    assert house.keeper.down_since is None


def test_an_old_tile_is_asked_for_again_and_better_than_none(server: FakeTiles, house: House) -> None:
    house.tile()
    [file] = house.files()
    long_ago = time.time() - 2 * DAY.total_seconds()
    os.utime(file, (long_ago, long_ago))
    server.mood = "broken"
    assert house.tile() == Picture(TILE, "image/png")
    server.mood = "good"
    assert house.tile() == Picture(TILE, "image/png")
    assert len(server.asked) == 3
    house.tile()
    assert len(server.asked) == 3


def test_a_tile_that_is_not_there_is_no_failure(server: FakeTiles, house: House) -> None:
    server.mood = "missing"
    for _ in range(DOWN_AFTER + 1):
        assert house.tile() is None
    assert len(server.asked) == 1
    assert house.keeper.down_since is None


@pytest.mark.parametrize(
    ("mood", "said"),
    [
        ("broken", "HTTP 500"),
        ("page", "no picture"),
        ("huge", "more than 1024 KiB"),
        ("elsewhere", "HTTP 302"),
        ("trickle", "took too long|ReadTimeout"),
        ("slow", "ReadTimeout"),
    ],
)
def test_what_is_no_tile_is_not_taken(server: FakeTiles, tmp_path: Path, mood: str, said: str) -> None:
    server.mood = mood
    began = time.monotonic()
    with closing(House(server, tmp_path, seconds=0.4)) as house, pytest.raises(TilesDown, match=said):
        house.tile()
    assert time.monotonic() - began < 2
    assert house.files() == []


def test_a_source_that_is_down_is_left_alone_and_tried_now_and_then(server: FakeTiles, house: House) -> None:
    server.mood = "broken"
    for _ in range(DOWN_AFTER + 5):
        with pytest.raises(TilesDown):
            house.tile()
        house.clock.advance(minutes=1)
    assert len(server.asked) == DOWN_AFTER
    assert house.keeper.down_since == NOON
    house.wall.now += FIRST_PAUSE_SECONDS + 1
    for _ in range(3):
        with pytest.raises(TilesDown):
            house.tile()
    assert len(server.asked) == DOWN_AFTER + 1, "one question, and then a longer pause"
    house.wall.now += FIRST_PAUSE_SECONDS + 1
    with pytest.raises(TilesDown, match="left alone"):
        house.tile()
    house.wall.now += FIRST_PAUSE_SECONDS
    server.mood = "good"
    assert house.tile() == Picture(TILE, "image/png")
    assert house.keeper.down_since is None


def test_nobody_there_at_all_is_down_as_well(tmp_path: Path) -> None:
    with tile_server() as gone:
        pass
    with closing(House(gone, tmp_path)) as house:
        for _ in range(DOWN_AFTER):
            with pytest.raises(TilesDown, match="ConnectError"):
                house.tile()
        assert house.keeper.down_since is not None


def test_few_are_asked_for_at_once_and_one_too_many_is_turned_away(
    server: FakeTiles, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.mood = "brief"
    with ThreadPoolExecutor(keeping.MOST_WAITING) as pool:
        tiles = [Tile(9, x, 200) for x in range(keeping.MOST_WAITING)]
        assert all(pool.map(house.tile, tiles))
    assert 1 < server.most_at_once <= keeping.ASK_AT_ONCE
    monkeypatch.setattr(keeping, "WAIT_SECONDS", 0.1)
    server.mood = "slow"
    with ThreadPoolExecutor(keeping.MOST_WAITING) as pool:
        held = [pool.submit(house.tile, Tile(10, x, 400)) for x in range(keeping.MOST_WAITING)]
        wait_for(lambda: server.at_once == keeping.ASK_AT_ONCE)
        began = time.monotonic()
        with pytest.raises(TilesDown, match="at once"):
            house.tile(Tile(10, 99, 400))
        assert time.monotonic() - began < 0.5
        wait_for(lambda: sum(each.done() for each in held) == keeping.MOST_WAITING - keeping.ASK_AT_ONCE)
        server.let_go.set()
        assert sum(each.exception() is None for each in held) == keeping.ASK_AT_ONCE


def wait_for(done: object) -> None:
    ends = time.monotonic() + 5
    while not done():  # type: ignore[operator]  # a call without arguments
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_the_oldest_go_when_there_is_no_room(server: FakeTiles, tmp_path: Path) -> None:
    other = tmp_path / "another-source" / "old"
    other.parent.mkdir()
    other.write_bytes(TILE)
    os.utime(other, (1, 1))
    with closing(House(server, tmp_path, size=len(TILE) * 10)) as house:
        for x in range(25):
            house.tile(Tile(9, x, 200))
        sizes = sum(file.stat().st_size for file in house.files())
        assert len(TILE) * 5 <= sizes <= len(TILE) * 10
        assert not other.exists()
        asked = len(server.asked)
        house.tile(Tile(9, 24, 200))
        assert len(server.asked) == asked, "the newest is still there"


def test_a_disk_that_takes_nothing_costs_no_tile(server: FakeTiles, tmp_path: Path) -> None:
    (tmp_path / "tiles").write_text("a file where the folder should be")
    with closing(House(server, tmp_path / "tiles")) as house:
        assert house.tile() == house.tile() == Picture(TILE, "image/png")
    assert len(server.asked) == 2


def test_the_key_is_told_to_the_server_alone(server: FakeTiles, house: House) -> None:
    server.mood = "broken"
    with structlog.testing.capture_logs() as logged, pytest.raises(TilesDown) as error:
        house.tile()
    assert KEY not in str(error.value) + str(logged) + repr(house.keeper._source)
    assert logged
    assert not [file for file in house.files() if KEY in str(file)]
