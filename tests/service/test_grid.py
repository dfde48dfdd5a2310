"""`danger grid`: the same bits as the series, in blocks, after a kill, gone on from, and on a cluster."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr
from distributed import LocalCluster

from firewatch.errors import BadInput, Conflict
from firewatch.grid.blocks import CODES, STATE
from firewatch.grid.run import Options, run
from firewatch.grid.source import Source
from firewatch.grid.store import held
from firewatch.indices.fwi_series import FwiDays, daily

ROWS, COLS, DAYS = 13, 17, 8
UNITS = {"temp_c": "degC", "rh_pct": "%", "wind_kmh": "km/h", "rain_mm": "mm"}
QUIET = Options(dtype="float64", block=6, progress=False)


def made_up(days: int = DAYS) -> xr.Dataset:
    """Weather with a sea, a gap too long to bridge, single bad readings, and a turn of the month."""
    rng = np.random.default_rng(7)
    high = {"temp_c": 30, "rh_pct": 104, "wind_kmh": 40, "rain_mm": 4}
    data = {name: rng.uniform(0, top, (DAYS, ROWS, COLS)) for name, top in high.items()}
    for values in data.values():
        values[:, :4, :9] = np.nan
    data["temp_c"][1:6, 9, 9] = np.nan
    data["wind_kmh"][3, 5, 12] = 1688.0
    lat = np.linspace(15, 45, ROWS)[:, None] + np.linspace(0, 1, COLS)
    times = np.datetime64("2026-03-28T13", "ns") + np.arange(DAYS) * np.timedelta64(1, "D")
    whole = xr.Dataset(
        {name: (("time", "y", "x"), values, {"units": UNITS[name]}) for name, values in data.items()},
        coords={"time": times, "lat": (("y", "x"), lat)},
    )
    return whole.isel(time=slice(days))


def direct(data: xr.Dataset) -> FwiDays:
    t, h, w, r = (data[name].values.reshape(data.sizes["time"], -1) for name in UNITS)
    return daily(t, h, w, r, data["time"].dt.month.values, data["lat"].values.ravel())


def saved(data: xr.Dataset, path: Path) -> Source:
    if path.suffix == ".nc":
        data.to_netcdf(path, engine="h5netcdf")
    else:
        data.to_zarr(path, zarr_format=3, consolidated=False)
    return Source(str(path))


def same(path: Path, wanted: FwiDays) -> None:
    days = sorted(entry for entry in path.glob("2026-*"))
    assert len(days) == len(wanted.fwi)
    for row, day in enumerate(days):
        for name in (*CODES, "flags"):
            found = np.asarray(zarr.open_group(str(day), mode="r")[name])
            np.testing.assert_array_equal(found.ravel(), getattr(wanted, name)[row], strict=True)
    states = list(path.glob("*/state"))
    assert [state.parent for state in states] == [days[-1]]
    for name in STATE:
        found = np.asarray(zarr.open_group(str(states[0]), mode="r")[name])
        np.testing.assert_array_equal(found.ravel(), getattr(wanted.state, name), strict=True)


@pytest.mark.parametrize("kind", ["nc", "zarr"])
def test_equals_the_series_and_does_nothing_twice(tmp_path: Path, kind: str) -> None:
    data, out = made_up(), tmp_path / "out.zarr"
    weather = saved(data, tmp_path / f"in.{kind}")
    assert run(weather, out, QUIET) == DAYS
    same(out, direct(data))
    assert run(weather, out, QUIET) == 0


def test_goes_on_with_later_days(tmp_path: Path) -> None:
    data, out = made_up(), tmp_path / "out.zarr"
    assert run(saved(data.isel(time=slice(3)), tmp_path / "a.nc"), out, QUIET) == 3
    assert run(saved(data.isel(time=slice(1, None)), tmp_path / "b.nc"), out, QUIET) == DAYS - 3
    same(out, direct(data))


@pytest.mark.parametrize("split", [False, True])
def test_days_left_out_are_a_gap(tmp_path: Path, split: bool) -> None:
    data, out = made_up(), tmp_path / "out.zarr"
    gappy = data.copy(deep=True)
    for name in UNITS:
        gappy[name][2:4] = np.nan
    if split:
        run(saved(data.isel(time=slice(2)), tmp_path / "a.nc"), out, QUIET)
        run(saved(data.isel(time=slice(4, None)), tmp_path / "b.nc"), out, QUIET)
    else:
        run(saved(data.isel(time=[0, 1, 4, 5, 6, 7]), tmp_path / "a.nc"), out, QUIET)
    same(out, direct(gappy))


def test_converts_units_and_takes_other_names(tmp_path: Path) -> None:
    data, out = made_up(), tmp_path / "out.zarr"
    wind = (data["wind_kmh"] / 3.6).assign_attrs(units="m s-1")
    other = data.assign(wind_kmh=wind).rename(wind_kmh="ws")
    source = Source(saved(other, tmp_path / "in.nc").path, (("wind_kmh", "ws"),))
    run(source, out, QUIET)
    wanted = direct(data.assign(wind_kmh=wind * 3.6))
    same(out, wanted)


def test_a_killed_run_starts_again_with_equal_bits(tmp_path: Path) -> None:
    data, out = made_up(), tmp_path / "out.zarr"
    weather = saved(data, tmp_path / "in.nc")
    command = [sys.executable, "-m", "firewatch", "danger", "grid", weather.path, str(out), "--block", "6"]
    kills = 0
    for wanted in range(2, DAYS, 3):
        process = subprocess.Popen([*command, "--dtype", "float64"], stdout=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while len(list(out.glob("2026-*"))) < wanted and process.poll() is None and time.monotonic() < until:
            time.sleep(0.001)
        kills += process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        for day in out.glob("2026-*"):
            assert np.asarray(zarr.open_group(str(day), mode="r")["flags"]).shape == (ROWS, COLS)
    assert kills > 0
    run(weather, out, QUIET)
    same(out, direct(data))


def test_a_cluster_of_two_workers_gives_equal_bits(tmp_path: Path) -> None:
    data, out = made_up(3), tmp_path / "out.zarr"
    weather = saved(data, tmp_path / "in.nc")
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        run(weather, out, Options(dtype="float64", block=6, scheduler=cluster.scheduler_address, progress=False))
    same(out, direct(data))


def test_refuses_another_grid_kind_or_place(tmp_path: Path) -> None:
    data, out = made_up(2), tmp_path / "out.zarr"
    weather = saved(data, tmp_path / "in.nc")
    run(weather, out, QUIET)
    with pytest.raises(BadInput, match="another digest"):
        run(saved(data.assign_coords(lat=data["lat"] + 1), tmp_path / "moved.nc"), out, QUIET)
    with pytest.raises(BadInput, match="another constant"):
        run(weather, out, Options(constant="exact", dtype="float64", block=6, progress=False))
    (tmp_path / "mine").mkdir()
    with pytest.raises(BadInput, match="not a store of danger grid"):
        run(weather, tmp_path / "mine", QUIET)
    with held(out), pytest.raises(Conflict, match="another run"):
        run(weather, out, QUIET)


def test_refuses_an_output_that_lost_its_state(tmp_path: Path) -> None:
    out = tmp_path / "out.zarr"
    weather = saved(made_up(2), tmp_path / "in.nc")
    run(weather, out, QUIET)
    (out / "2026-03-29" / "state" / "zarr.json").unlink()
    with pytest.raises(BadInput, match="state of 2026-03-29 is missing"):
        run(weather, out, QUIET)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda d: d.drop_vars("rain_mm"), "no variable rain_mm"),
        (lambda d: d.assign(temp_c=d["temp_c"].drop_attrs()), "no attribute units"),
        (lambda d: d.assign(rh_pct=d["rh_pct"].assign_attrs(units="1")), "not a known unit"),
        (lambda d: d.rename(y="north"), "wanted the dimensions"),
        (lambda d: d.drop_vars("lat"), "no variable lat"),
        (lambda d: d.assign_coords(lat=d["lat"] * 10), "outside -90 to 90"),
        (lambda d: d.isel(time=[1, 0]), "in order"),
        (lambda d: d.drop_vars("time"), "no coordinate time"),
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


def test_the_state_stays_float64_when_results_are_not(tmp_path: Path) -> None:
    out = tmp_path / "out.zarr"
    run(saved(made_up(1), tmp_path / "in.nc"), out, Options(block=6, progress=False))
    kinds = {name: json.loads((out / "2026-03-28" / name / "zarr.json").read_text())["data_type"] for name in
             ("fwi", "state/ffmc", "flags")}  # fmt: skip
    assert kinds == {"fwi": "float32", "state/ffmc": "float64", "flags": "uint32"}
