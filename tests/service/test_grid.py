"""`danger grid`: the same bits as the series, in blocks, after a kill, gone on from, and on a cluster."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import xarray as xr
import zarr
from distributed import Client, LocalCluster

from firewatch.errors import BadInput, Conflict, Unavailable
from firewatch.grid.run import Options, run
from firewatch.grid.store import held
from firewatch.indices.checks import Flag
from firewatch.indices.fwi_series import SPIN_UP_DAYS
from tests.grids import COLS, DAYS, QUIET, ROWS, UNITS, direct, made_up, same, saved


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
        run(saved(data.isel(time=[0, 1, 4, 5, 6]), tmp_path / "a.nc"), out, QUIET)
    same(out, direct(gappy))


def test_the_spin_up_is_shown_until_it_is_complete(tmp_path: Path) -> None:
    times = np.datetime64("2026-03-28T13", "ns") + np.arange(SPIN_UP_DAYS + 1) * np.timedelta64(1, "D")
    day = made_up(1).isel(time=0, drop=True).expand_dims(time=times)
    out = tmp_path / "out.zarr"
    run(saved(day, tmp_path / "in.nc"), out, replace(QUIET, block=99))
    spin_up = []
    for folder in sorted(out.glob("2026-*")):
        with xr.open_dataset(folder, engine="zarr", consolidated=False, chunks=None) as codes:
            flags = codes["flags"]
            masks = dict(zip(flags.attrs["flag_meanings"].split(), flags.attrs["flag_masks"], strict=True))
            spin_up.append(bool((flags.values & masks["spin_up"] != 0)[4:, 7:].all()))
    assert spin_up == [True] * SPIN_UP_DAYS + [False]


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


# distributed leaves sockets to the collector when a cluster ends; which test that hits is chance.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:Port .* is already in use:UserWarning"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as made:
        yield made


def test_a_cluster_of_two_workers_gives_equal_bits(tmp_path: Path, cluster: LocalCluster) -> None:
    data, out = made_up(3), tmp_path / "out.zarr"
    run(saved(data, tmp_path / "in.nc"), out, replace(QUIET, scheduler=cluster.scheduler_address))
    same(out, direct(data))


def test_a_long_lived_worker_sees_an_input_that_was_replaced(tmp_path: Path, cluster: LocalCluster) -> None:
    options = replace(QUIET, scheduler=cluster.scheduler_address)
    run(saved(made_up(1), tmp_path / "in.nc"), tmp_path / "first.zarr", options)
    data = made_up(1)
    data["temp_c"] += 3
    (tmp_path / "in.nc").unlink()
    run(saved(data, tmp_path / "in.nc"), tmp_path / "second.zarr", options)
    same(tmp_path / "second.zarr", direct(data))


def test_a_damaged_input_is_the_same_error_on_a_cluster(tmp_path: Path, cluster: LocalCluster) -> None:
    weather = saved(made_up(1), tmp_path / "in.zarr")
    truncate(tmp_path / "in.zarr" / "temp_c")
    with pytest.raises(BadInput, match="temp_c cannot be read at day 1"):
        run(weather, tmp_path / "out.zarr", replace(QUIET, scheduler=cluster.scheduler_address))


def test_a_worker_that_dies_amid_a_day_changes_no_bit(tmp_path: Path, cluster: LocalCluster) -> None:
    data, out = made_up(4), tmp_path / "out.zarr"
    weather = saved(data, tmp_path / "in.nc")
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        workers = list(client.run(os.getpid).values())
    killer = Thread(target=kill_amid_a_day, args=(out, workers[0]))
    killer.start()
    try:
        run(weather, out, replace(QUIET, block=3, scheduler=cluster.scheduler_address))
    except Unavailable:
        run(weather, out, replace(QUIET, block=3))
    killer.join()
    same(out, direct(data))


def kill_amid_a_day(out: Path, process: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and not list(out.glob(".aside-2026-03-29-*/fwi/c")):
        time.sleep(0.002)
    os.kill(process, signal.SIGKILL)


def test_no_cluster_at_the_address_or_none_with_workers(tmp_path: Path) -> None:
    weather = saved(made_up(1), tmp_path / "in.nc")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # bound but not listening: nobody answers
        nowhere = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(Unavailable, match="no cluster answers there"):
            run(weather, tmp_path / "out.zarr", replace(QUIET, scheduler=nowhere, patience_seconds=1))
        assert time.monotonic() - began < 20
    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0") as empty,
        pytest.raises(Unavailable, match="no worker"),
    ):
        run(weather, tmp_path / "o.zarr", replace(QUIET, scheduler=empty.scheduler_address, patience_seconds=1))


@pytest.mark.parametrize("address", ["ftp://x", "host", "tcp://host"])
def test_an_address_that_is_none_is_refused_at_once(tmp_path: Path, address: str) -> None:
    weather = saved(made_up(1), tmp_path / "in.nc")
    with pytest.raises(BadInput, match=r"wanted an address such as tcp://host:8786"):
        run(weather, tmp_path / "out.zarr", replace(QUIET, scheduler=address))


def truncate(array: Path) -> None:
    for chunk in (array / "c").rglob("*"):
        if chunk.is_file():
            chunk.write_bytes(chunk.read_bytes()[:7])


@pytest.mark.parametrize("kind", ["truncated", "lost", "not an array"])
@pytest.mark.parametrize("name", ["ffmc", "gap_days", "temp_c"])
def test_a_damaged_state_is_refused(tmp_path: Path, kind: str, name: str) -> None:
    data, out = made_up(2), tmp_path / "out.zarr"
    run(saved(data.isel(time=[0]), tmp_path / "a.nc"), out, QUIET)
    field = out / "2026-03-28" / "state" / name
    if kind == "truncated":
        truncate(field)
    elif kind == "lost":
        shutil.rmtree(field / "c")
    else:
        (field / "zarr.json").write_text("{}")
    with pytest.raises(BadInput, match=r"state of 2026-03-28 .*backup, or begin a new one"):
        run(saved(data, tmp_path / "b.nc"), out, QUIET)
    assert not (out / "2026-03-29").exists()


def test_a_lost_chunk_of_results_reads_as_no_value(tmp_path: Path) -> None:
    out = tmp_path / "out.zarr"
    run(saved(made_up(1), tmp_path / "in.nc"), out, QUIET)
    shutil.rmtree(out / "2026-03-28" / "flags" / "c")
    flags = np.asarray(zarr.open_array(str(out / "2026-03-28" / "flags"), mode="r"))
    assert (flags == Flag.NO_VALUE).all()


@pytest.mark.parametrize("longest", [40, 3000])  # the largest file there is room for: not even the store, no chunk
def test_a_full_disk_is_an_error_and_loses_nothing(tmp_path: Path, longest: int) -> None:
    weather, out = saved(made_up(1, rows=10 * ROWS), tmp_path / "in.nc"), tmp_path / "out.zarr"
    code = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({longest}, {longest}));"
        "from firewatch.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-B", "-c", code, "danger", "grid", weather.path, str(out), "--dtype", "float64"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    answer = subprocess.run([*command, "--block", "99"], capture_output=True, text=True, check=False, env=env)
    assert (answer.returncode, "Traceback" in answer.stderr) == (2, False), answer.stderr
    assert "cannot be written" in answer.stderr
    assert not list(out.glob("2026-*"))


def test_without_the_optional_packages_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['xarray'] = None;"
        "from firewatch.__main__ import main; sys.exit(main(['danger', 'grid', 'in.nc', 'out.zarr']))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "needs xarray: pip install --require-hashes -r requirements/grid.txt" in answer.stderr


def test_refuses_another_grid_kind_or_place(tmp_path: Path) -> None:
    data, out = made_up(2), tmp_path / "out.zarr"
    weather = saved(data, tmp_path / "in.nc")
    run(weather, out, QUIET)
    with pytest.raises(BadInput, match="another grid"):
        run(saved(data.assign_coords(lat=data["lat"] + 1), tmp_path / "moved.nc"), out, QUIET)
    with pytest.raises(BadInput, match="another constant"):
        run(weather, out, Options(constant="exact", dtype="float64", block=6, progress=False))
    (tmp_path / "mine").mkdir()
    with pytest.raises(BadInput, match="not a store of danger grid"):
        run(weather, tmp_path / "mine", QUIET)
    with held(out), pytest.raises(Conflict, match="another run"):
        run(weather, out, QUIET)


@pytest.mark.parametrize(
    ("option", "options"),
    [
        ("block", replace(QUIET, block=-1)),
        ("threads", replace(QUIET, threads=-1)),
        ("max-gap-days", replace(QUIET, max_gap_days=-1)),
    ],
)
def test_refuses_an_option_that_makes_no_sense_by_name(tmp_path: Path, option: str, options: Options) -> None:
    weather = saved(made_up(1), tmp_path / "in.nc")
    with pytest.raises(BadInput, match=f"--{option}: -1 is below"):
        run(weather, tmp_path / "out.zarr", options)


def test_refuses_an_output_that_lost_its_state(tmp_path: Path) -> None:
    out = tmp_path / "out.zarr"
    weather = saved(made_up(2), tmp_path / "in.nc")
    run(weather, out, QUIET)
    (out / "2026-03-29" / "state" / "zarr.json").unlink()
    with pytest.raises(BadInput, match="state of 2026-03-29 is missing"):
        run(weather, out, QUIET)


def test_results_are_float32_by_default_with_whole_flags_and_a_float64_state(tmp_path: Path) -> None:
    data, out = made_up(1), tmp_path / "out.zarr"
    run(saved(data, tmp_path / "in.nc"), out, replace(QUIET, dtype="float32"))
    with xr.open_dataset(out / "2026-03-28", engine="zarr", consolidated=False, chunks=None) as day:
        assert (day["fwi"].dtype.name, day["flags"].dtype.name) == ("float32", "uint32")
        np.testing.assert_array_equal(day["flags"].values.ravel(), direct(data).flags[0])
        np.testing.assert_array_equal(day["lat"].values, data["lat"].values)
    state = zarr.open_array(str(out / "2026-03-28" / "state" / "ffmc"), mode="r")
    np.testing.assert_array_equal(np.asarray(state).ravel(), direct(data).state.ffmc, strict=True)
