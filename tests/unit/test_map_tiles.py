"""Tiles and the drawing: every tile lies where it belongs, to less than a pixel."""

import itertools
import re
from math import asinh, cos, degrees, log, pi, radians, sinh, tan
from math import atan as arctan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.geo import great_circle_km
from firewatch.maps.gcj02 import from_wgs84
from firewatch.maps.tiles import Datum, Tile, Window, corner, covering, position, touches
from firewatch.web.map_frame import Frame
from firewatch.web.map_ground import MOST_OFF, relief_image, strips_of, tile_images, window_of, zoom_of

PREFECTURE = Frame(102.6, 34.8, 103.9, 36.2)
COUNTRY = Frame(95.0, 30.0, 110.0, 42.0)
NAMED = re.compile(r'<image x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"[^>]* href="([^"]+)"')


def address(layer: int, tile: Tile) -> str:
    return f"/tiles/{layer}/{tile.zoom}/{tile.x}/{tile.y}"


def test_a_tile_is_counted_from_the_north_west() -> None:
    assert position(85.0511, -180.0, 1, Datum.WGS84) == pytest.approx((0.0, 0.0), abs=1e-2)
    assert position(0.0, 0.0, 1, Datum.WGS84) == (1.0, 1.0)
    assert corner(1, 1, 1, Datum.WGS84) == pytest.approx((0.0, 0.0))
    # The same by the other formula for the same thing, which OpenStreetMap's wiki gives.
    lat = radians(35.6)
    row = (1 - log(tan(lat) + 1 / cos(lat)) / pi) / 2 * 1024
    assert position(35.6, 103.2, 10, Datum.WGS84) == pytest.approx(((103.2 + 180) / 360 * 1024, row))


@given(st.floats(-80, 80), st.floats(-179, 179), st.integers(0, 18))
def test_a_place_lies_in_its_tile(lat: float, lon: float, zoom: int) -> None:
    x, y = position(lat, lon, zoom, Datum.WGS84)
    assert corner(x, y, zoom, Datum.WGS84) == pytest.approx((lat, lon), abs=1e-7)
    assert touches(Tile(zoom, int(x), int(y)), Window(lon, lat, lon, lat), Datum.WGS84)
    assert list(covering(Window(lon, lat, lon, lat), zoom, Datum.WGS84)) == [Tile(zoom, int(x), int(y))]


def test_all_tiles_of_a_window_and_no_other() -> None:
    window = window_of(PREFECTURE)
    tiles = list(covering(window, 9, Datum.WGS84))
    assert len(tiles) == len(set(tiles)) == 12
    assert all(touches(each, window, Datum.WGS84) for each in tiles)
    for zoom, x, y in tiles:
        for other in (Tile(zoom, min(t.x for t in tiles) - 1, y), Tile(zoom, x, max(t.y for t in tiles) + 1)):
            assert not touches(other, window, Datum.WGS84)


@pytest.mark.parametrize(("frame", "zoom"), [(PREFECTURE, 10), (COUNTRY, 7)])
def test_tiles_are_drawn_at_about_their_size_and_are_few(frame: Frame, zoom: int) -> None:
    assert zoom_of(frame, 0, 20) == zoom
    assert zoom_of(frame, 0, zoom - 2) == zoom - 2
    assert zoom_of(frame, zoom + 1, 20) == zoom + 1
    assert len(list(covering(window_of(frame), zoom, Datum.WGS84))) <= 56


def off_units(frame: Frame, tile: Tile, strips: int) -> float:
    """How far the middle of each strip is drawn from where it belongs, at worst."""
    worst = 0.0
    for strip in range(strips):
        rows = [tile.y + (strip + part) / strips for part in (0, 0.25, 0.5, 0.75, 1)]
        truth = [frame.xy(*corner(tile.x, row, tile.zoom, Datum.WGS84))[1] for row in rows]
        drawn = [truth[0] + (truth[-1] - truth[0]) * part for part in (0, 0.25, 0.5, 0.75, 1)]
        worst = max(worst, *(abs(a - b) for a, b in zip(truth, drawn, strict=True)))
    return worst


@pytest.mark.parametrize("frame", [PREFECTURE, COUNTRY, Frame(0.0, -60.0, 40.0, -20.0)])
@pytest.mark.parametrize("less", [0, 1, 2, 3])
def test_nothing_is_off_by_more_than_a_pixel(frame: Frame, less: int) -> None:
    zoom = max(0, zoom_of(frame, 0, 20) - less)
    for tile in covering(window_of(frame), zoom, Datum.WGS84):
        strips = strips_of(frame, tile, Datum.WGS84)
        assert off_units(frame, tile, strips) <= MOST_OFF * 1.3
        assert strips == 1 or off_units(frame, tile, 1) > MOST_OFF * 0.7


def test_pictures_lie_side_by_side() -> None:
    drawn = NAMED.findall(tile_images(PREFECTURE, window_of(PREFECTURE), 9, Datum.WGS84, 2, address))
    assert len(drawn) == 2 * 12
    spots = {name: tuple(map(float, where)) for *where, name in drawn}
    x, y, width, height = spots["/tiles/0/9/402/200"]
    assert spots["/tiles/1/9/402/200"] == (x, y, width, height)
    right, below = spots["/tiles/0/9/403/200"], spots["/tiles/0/9/402/201"]
    assert 0 < x + width - right[0] < 1
    assert 0 < y + height - below[1] < 1
    lat, lon = PREFECTURE.place(x, y)
    assert (lat, lon) == pytest.approx((degrees(arctan(sinh(pi * (1 - 400 / 512)))), 102.65625), abs=1e-4)
    assert asinh(tan(radians(lat))) == pytest.approx(pi * (1 - 400 / 512), abs=1e-5)


def test_a_tile_that_would_bend_is_laid_in_strips() -> None:
    drawn = tile_images(COUNTRY, window_of(COUNTRY), 4, Datum.WGS84, 1, address)
    strips = re.findall(
        r'<svg x="[-\d.]+" y="([-\d.]+)" width="[\d.]+" height="([\d.]+)" viewBox="0 ([\d.]+) 256 ([\d.]+)"', drawn
    )
    assert len(strips) > 4
    for (
        (top, height, begins, tall),
        (below, *_),
    ) in itertools.pairwise(strips):
        if float(begins) + float(tall) < 255:
            assert 0 < float(top) + float(height) - float(below) < 1
    assert drawn.count("/tiles/0/4/") == len(strips)


def test_a_shifted_tile_is_put_back() -> None:
    lat, lon = 35.6, 103.2
    x, y = position(lat, lon, 14, Datum.GCJ02)
    assert corner(x, y, 14, Datum.GCJ02) == pytest.approx((lat, lon), abs=1e-7)
    plain = corner(x, y, 14, Datum.WGS84)
    assert plain == pytest.approx(from_wgs84(lat, lon))
    assert 170 < great_circle_km(lat, lon, *plain) * 1000 < 250


def test_only_what_there_could_be_is_asked_for() -> None:
    quarter = Window(102.6, 35.5, 103.2, 36.2)
    drawn = NAMED.findall(tile_images(PREFECTURE, quarter, 9, Datum.WGS84, 1, address))
    assert 0 < len(drawn) < 12


def test_the_hillshade_lies_on_its_window_whatever_the_map_shows() -> None:
    window = window_of(PREFECTURE)
    [(x, y, width, height, name)] = NAMED.findall(relief_image(PREFECTURE, window, "/relief/a.png"))
    assert (float(x), float(y), float(width)) == (0, 0, 720)
    assert float(height) == pytest.approx(PREFECTURE.height, abs=0.01)
    assert name == "/relief/a.png"
    near = Frame(103.0, 35.0, 103.2, 35.2)
    [(x, _, width, _, _)] = NAMED.findall(relief_image(near, window, "/relief/a.png"))
    assert float(x) < -1000
    assert float(width) == pytest.approx(720 / 0.2 * 1.3, abs=0.1)
