"""`danger grid`: what inputs it takes, by whatever names, units and order, and what it says of the others."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr

from firewatch.__main__ import main
from firewatch.errors import BadInput
from firewatch.grid.run import run
from firewatch.grid.source import Source
from tests.grids import COLS, QUIET, ROWS, UNITS, direct, made_up, same, saved


def test_converts_units_and_takes_other_names(tmp_path: Path) -> None:
    data, out = made_up(), tmp_path / "out.zarr"
    wind = (data["wind_kmh"] / 3.6).assign_attrs(units="m s-1")
    other = data.assign(wind_kmh=wind).rename(wind_kmh="ws")
    source = Source(saved(other, tmp_path / "in.nc").path, (("wind_kmh", "ws"),))
    run(source, out, QUIET)
    wanted = direct(data.assign(wind_kmh=wind * 3.6))
    same(out, wanted)


@pytest.mark.parametrize(
    ("name", "unit", "scale", "offset"),
    [
        ("temp_c", "K", 1, 273.15),
        ("temp_c", "degrees_celsius", 1, 0),
        ("rh_pct", "1", 1 / 100, 0),
        ("rain_mm", "kg m-2", 1, 0),
        ("rain_mm", "m", 1 / 1000, 0),
        ("rain_mm", "mm d-1", 1, 0),
        ("rain_mm", "kg m-2 s-1", 1 / 86400, 0),
        ("wind_kmh", "kn", 1 / 1.852, 0),
    ],
)
def test_the_unit_changes_nothing_but_the_last_bits(
    tmp_path: Path, name: str, unit: str, scale: float, offset: float
) -> None:
    data, out = made_up(2), tmp_path / "out.zarr"
    turned = (data[name] * scale + offset).assign_attrs(units=unit)
    run(saved(data.assign({name: turned}), tmp_path / "in.nc"), out, QUIET)
    for row, day in enumerate(("2026-03-28", "2026-03-29")):
        for answer in ("ffmc", "dmc", "dc", "fwi"):
            found = np.asarray(zarr.open_array(str(out / day / answer), mode="r"))
            np.testing.assert_allclose(found.ravel(), getattr(direct(data), answer)[row], rtol=1e-9, atol=1e-9)


def test_dimensions_and_time_may_be_called_otherwise_and_lie_in_any_order(tmp_path: Path) -> None:
    data, out = made_up(2), tmp_path / "out.zarr"
    other = data.rename(time="valid_time", y="rlat", x="rlon", lat="nav_lat").transpose("rlon", "valid_time", "rlat")
    names = (("time", "valid_time"), ("y", "rlat"), ("x", "rlon"), ("lat", "nav_lat"))
    run(Source(saved(other, tmp_path / "in.nc").path, names), out, QUIET)
    same(out, direct(data))
    with xr.open_dataset(out / "2026-03-28", engine="zarr", consolidated=False, chunks=None) as day:
        assert day["fwi"].dims == ("rlat", "rlon")


def test_latitudes_from_the_north_down_give_the_same_cells(tmp_path: Path) -> None:
    data, out = made_up(2), tmp_path / "out.zarr"
    run(saved(data.isel(y=slice(None, None, -1)), tmp_path / "in.nc"), out, QUIET)
    same(out, direct(data.isel(y=slice(None, None, -1))))
    turned = np.asarray(zarr.open_array(str(out / "2026-03-29" / "fwi"), mode="r"))[::-1]
    np.testing.assert_array_equal(turned.ravel(), direct(data).fwi[1])


@pytest.mark.parametrize("along", ["y", "x"])
def test_latitudes_of_one_dimension_are_spread(tmp_path: Path, along: str) -> None:
    data, out = made_up(1), tmp_path / "out.zarr"
    lat = xr.DataArray(np.linspace(15, 45, data.sizes[along]), dims=along)
    flat = data.drop_vars("lat").assign(lat=lat)
    if along == "y":  # as most files have it
        flat = flat.assign_coords(lon=("x", np.linspace(100, 110, COLS))).swap_dims(y="lat", x="lon")
    run(saved(flat, tmp_path / "in.nc"), out, QUIET)
    like = xr.zeros_like(data["lat"])
    same(out, direct(data.assign_coords(lat=like + lat)))


@pytest.mark.parametrize("kind", ["nc", "zarr"])
@pytest.mark.parametrize("block", [2, 6])
def test_warns_of_chunks_far_larger_than_a_block(
    tmp_path: Path, kind: str, block: int, capsys: pytest.CaptureFixture[str]
) -> None:
    data, key = made_up(2), "chunksizes" if kind == "nc" else "chunks"
    for name in UNITS:
        data[name].encoding[key] = (1, ROWS, COLS)
    path = saved(data, tmp_path / f"in.{kind}").path
    assert main(["danger", "grid", path, str(tmp_path / "out.zarr"), "--block", str(block)]) == 0
    warned = "temp_c lies in chunks of 1 x 7 x 11, and every block of 2 x 2" in capsys.readouterr().err
    assert warned == (block == 2)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda d: d.drop_vars("rain_mm"), "no variable rain_mm"),
        (lambda d: d.assign(temp_c=d["temp_c"].drop_attrs()), "no attribute units"),
        (lambda d: d.assign(rh_pct=d["rh_pct"].assign_attrs(units="g/kg")), "not a known unit"),
        (lambda d: d.isel(y=slice(0, 0)), "0 x 11 cells"),
        (
            lambda d: d.rename(y="north"),
            "wanted the dimensions y, x or lat, lon; found time, north, x; say .* --name y=NAME",
        ),
        (lambda d: d.drop_vars("lat"), "no variable lat"),
        (lambda d: d.assign_coords(lat=d["lat"] * 10), "outside -90 to 90"),
        (lambda d: d.isel(time=[1, 0]), "in order"),
        (lambda d: d.drop_vars("time"), "no coordinate time"),
        (lambda d: d.rename(time="valid_time"), r"wanted \('time', 'y', 'x'\)|--name time=NAME"),
    ],
)
def test_says_what_is_wrong_with_an_input(tmp_path: Path, spoil: object, message: str) -> None:
    assert callable(spoil)
    with pytest.raises(BadInput, match=message):
        run(saved(spoil(made_up(2)), tmp_path / "in.nc"), tmp_path / "out.zarr", QUIET)
    assert not (tmp_path / "out.zarr").exists()


def test_a_damaged_or_absent_file_is_an_error_of_the_command(tmp_path: Path) -> None:
    (tmp_path / "bad.nc").write_bytes(b"CDF?" * 99)
    for name in ("bad.nc", "absent.nc"):
        command = [sys.executable, "-m", "firewatch", "danger", "grid", str(tmp_path / name), str(tmp_path / "o.zarr")]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        assert answer.returncode == 2
        assert name in answer.stderr
        assert "Traceback" not in answer.stderr
