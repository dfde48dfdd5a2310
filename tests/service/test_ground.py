"""What lies under the zones of maps: the hillshade, or a background map that comes through the service alone."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from firewatch import i18n
from firewatch.app import make_background
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.maps.keeper import DOWN_AFTER
from firewatch.maps.relief import open_relief
from firewatch.rulebook.maps import Map
from firewatch.rulebook.read import Rulebook
from firewatch.settings import Settings
from firewatch.web.console.cartography import whole
from firewatch.web.map_ground import window_of
from tests.fake_tiles import TILE, FakeTiles, tile_server
from tests.roads import write_tile
from tests.service.console import Desk, Person, open_desk, report, said

KEY = "key-that-nobody-sees"
IMAGE = re.compile(r'<image [^>]*href="([^"]+)"')
BEYOND = "/tiles/0/9/0/0"


@pytest.fixture
def server() -> Iterator[FakeTiles]:
    with tile_server() as fake:
        yield fake


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with rough mountains over the whole region, as hard to pack as real ones."""
    folder = tmp_path_factory.mktemp("land")
    rng = np.random.default_rng(1)
    for south in (34, 35, 36):
        for west in (102, 103, 104):
            noise = rng.normal(0, 15, (1201, 1201))
            rough = np.cumsum(np.cumsum(noise, axis=0), axis=1)
            write_tile(folder, f"N{south}E{west}.hgt", 2500 + 1000 * rough / np.abs(rough).max() + noise)
    return folder


@pytest.fixture
def desk(sqlite_template: Path, clock: FixedClock, rulebook: Rulebook, land: Path, tmp_path: Path) -> Iterator[Desk]:
    """A desk with heights; a picture is the same on either database."""
    file = tmp_path / "firewatch.db"
    file.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{file}")
    desk = open_desk(database, clock, rulebook)
    desk.app.state.firewatch = replace(desk.app.state.firewatch, relief=open_relief(land, window_of(whole(rulebook))))
    yield desk
    if desk.app.state.firewatch.background is not None:
        desk.app.state.firewatch.background.tiles.close()
    database.dispose()


def with_tiles(desk: Desk, server: FakeTiles, tmp_path: Path, **more: object) -> Person:
    """Somebody at a desk whose maps have a background."""
    url = f"{server.url}/{{z}}/{{x}}/{{y}}.png?tk={{key}}"
    tiles = {"kind": "xyz", "url": url, "attribution": "© Made-up maps", "timeout_seconds": 0.3, **more}
    book = replace(desk.book, map=Map.model_validate({"tiles": tiles}))
    settings = Settings(data_dir=tmp_path, tiles_key=KEY)
    background = make_background(settings, book, desk.clock)
    assert background is not None
    desk.app.state.firewatch = replace(desk.app.state.firewatch, background=background)
    return desk.person()


def pictures(page: str) -> list[str]:
    return IMAGE.findall(page)


def test_the_hillshade_lies_under_the_zones_and_names_its_heights(desk: Desk) -> None:
    person = desk.person()
    page = person.page("/")
    [address] = pictures(page)
    assert re.search(r'<svg class="map over-ground".*?class="relief".*?class="zone"', page, re.DOTALL)
    assert "heights: SRTM (NASA, USGS)" in said(page)
    answer = person.client.get(address)
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"]
    assert len(answer.content) < 250_000, "a page is light enough for a poor line"
    assert person.client.get("/relief/0123.png").status_code == 404
    assert desk.person(None).client.get(address).status_code == 401


def test_what_lies_under_the_zones_is_chosen_by_the_address(desk: Desk) -> None:
    person = desk.person()
    page = person.page("/?layer=reserve&ground=plain")
    assert pictures(page) == []
    assert "over-ground" not in page
    assert 'href="/?layer=danger&amp;ground=plain#map"' in page, "the other layer keeps what lies under it"
    assert 'href="?layer=reserve&amp;ground=relief#map"' in page
    assert "SRTM" not in page
    assert pictures(person.page("/?ground=nonsense")) == pictures(person.page("/"))
    assert 'href="/?layer=danger#map"' in person.page("/?ground=nonsense")


def test_other_maps_have_it_too(desk: Desk) -> None:
    person = desk.person()
    report(person)
    for address in ("/incidents/1", "/report", "/roads"):
        page = person.page(address)
        assert len(pictures(page)) == 1, address
        assert "SRTM" in page
    assert pictures(person.page("/incidents/1?ground=plain")) == []


def test_a_background_map_comes_through_the_service_alone(desk: Desk, server: FakeTiles, tmp_path: Path) -> None:
    person = with_tiles(desk, server, tmp_path)
    page = person.page("/")
    tiles = pictures(page)
    assert 12 <= len(tiles) <= 64
    assert all(re.fullmatch(r"/tiles/0/\d+/\d+/\d+", each) for each in tiles)
    assert "© Made-up maps" in page
    assert KEY not in page
    assert server.url not in page
    assert server.asked == [], "no page waits for a tile"
    answer = person.client.get(tiles[0])
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, TILE, "image/png")
    assert "private" in answer.headers["cache-control"]
    person.client.get(tiles[0])
    assert server.asked == [f"{tiles[0].removeprefix('/tiles/0')}.png?tk={KEY}"]
    [hillshade] = pictures(person.page("/?ground=relief"))
    assert hillshade.startswith("/relief/")


def test_nobody_has_the_service_fetch_what_is_not_of_the_region(desk: Desk, server: FakeTiles, tmp_path: Path) -> None:
    person = with_tiles(desk, server, tmp_path, max_zoom=11)
    good = pictures(person.page("/"))[0]
    _, _, _, zoom, x, y = good.split("/")
    for address in (
        BEYOND,
        f"/tiles/1/{zoom}/{x}/{y}",
        f"/tiles/-1/{zoom}/{x}/{y}",
        f"/tiles/0/{zoom}/-{x}/{y}",
        f"/tiles/0/{zoom}/{x}/{10**30}",
        "/tiles/0/12/3220/1608",
        "/tiles/0/2/3/1",
        "/tiles/0/99999999/1/1",
    ):
        assert person.client.get(address).status_code == 404, address
    for address in ("/tiles/0/9/402/x", "/tiles/0/9/402/..%2f..", "/tiles/0/9/402/200%3fa=b"):
        assert person.client.get(address).status_code in (404, 422), address
    stranger = desk.person(None).client.get(good)
    assert stranger.status_code == 401
    assert server.asked == []


@pytest.mark.parametrize("mood", ["broken", "page", "huge", "slow"])
def test_a_page_is_quick_and_whole_while_the_source_is_down(
    desk: Desk, server: FakeTiles, tmp_path: Path, mood: str
) -> None:
    person = with_tiles(desk, server, tmp_path)
    tiles = pictures(person.page("/"))
    server.mood = mood
    for tile in tiles[:DOWN_AFTER]:
        assert person.client.get(tile).status_code == 503
    since = i18n.text("en", "ground.down", time="12:00")
    assert since in said(person.page("/"))
    assert since not in said(person.page("/?ground=relief"))
    began = time.monotonic()
    assert {person.client.get(tile).status_code for tile in tiles} == {503}
    assert time.monotonic() - began < 2, "who is left alone costs nobody a wait"
    assert len(server.asked) == DOWN_AFTER
    assert 'class="zone"' in person.page("/")


def test_a_source_that_wants_a_key_and_has_none_leaves_maps_without_it(desk: Desk, tmp_path: Path) -> None:
    book = replace(desk.book, map=Map.model_validate({"tiles": {"kind": "tianditu"}}))
    assert make_background(Settings(data_dir=tmp_path), book, desk.clock) is None


def test_tianditu_is_asked_for_the_picture_and_what_is_written_on_it(
    desk: Desk, server: FakeTiles, tmp_path: Path
) -> None:
    book = replace(desk.book, map=Map.model_validate({"tiles": {"kind": "tianditu", "layer": "ter"}}))
    background = make_background(Settings(data_dir=tmp_path, tiles_key=KEY, tianditu_url=server.url), book, desk.clock)
    desk.app.state.firewatch = replace(desk.app.state.firewatch, background=background)
    person = desk.person()
    tiles = pictures(person.page("/"))
    assert len({each.split("/")[2] for each in tiles}) == 2
    first = tiles[0]
    zoom, x, y = first.split("/")[3:]
    assert person.client.get(first).status_code == 200
    assert person.client.get(first.replace("/tiles/0/", "/tiles/1/")).status_code == 200
    rest = f"TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={zoom}&TILEROW={y}&TILECOL={x}&tk={KEY}"
    head = "wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER"
    assert server.asked == [f"/ter_w/{head}=ter&STYLE=default&{rest}", f"/cta_w/{head}=cta&STYLE=default&{rest}"]
    assert "天地图" in person.page("/")


def test_the_words_below_a_map_say_whose_its_outlines_are(desk: Desk) -> None:
    person = desk.person()
    assert i18n.text("en", "map.note") in person.page("/")
    book = replace(desk.book, map=Map(boundaries="甘S(2026)001号"))
    desk.app.state.firewatch = replace(desk.app.state.firewatch, book=book)
    page = person.page("/")
    assert i18n.text("en", "map.note") not in page
    assert "甘S(2026)001号" in page
