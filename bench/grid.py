"""One day of the FWI System over a made-up 1 km grid of China: seconds and peak memory of the command's process.

    python -m bench.grid [--rows 5000] [--cols 6360] [--blocks 256 512 1024] [--threads 1 2] [--folder FOLDER]

31.8 million cells, weather made up in chunks, about two thirds of it land and the rest NaN as over sea.
"""

import argparse
import itertools
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import zarr

from firewatch.__main__ import main as firewatch

RANGES = {"temp_c": (-5, 35, "degC"), "rh_pct": (10, 100, "%"), "wind_kmh": (0, 50, "km/h"), "rain_mm": (0, 6, "mm")}


def make(path: Path, rows: int, cols: int, chunk: int) -> None:
    rng = np.random.default_rng(1)
    root = zarr.create_group(str(path))
    for name, (low, high, unit) in RANGES.items():
        array = root.create_array(
            name,
            shape=(1, rows, cols),
            chunks=(1, chunk, chunk),
            dtype="float32",
            fill_value=np.nan,
            dimension_names=("time", "y", "x"),
            attributes={"units": unit},
        )
        for top in range(0, rows, chunk):
            for left in range(0, cols, chunk):
                down, right = np.mgrid[top : min(top + chunk, rows), left : min(left + chunk, cols)]
                sea = (down / rows - 0.5) ** 2 + (right / cols - 0.5) ** 2 > 0.21  # an ellipse of land
                values = rng.uniform(low, high, down.shape).astype(np.float32)
                array[0, top : top + down.shape[0], left : left + down.shape[1]] = np.where(sea, np.nan, values)
    time_ = root.create_array("time", shape=(1,), dtype="int64", dimension_names=("time",))
    time_.attrs.update({"units": "days since 2026-01-01", "calendar": "standard"})
    time_[:] = 100
    lat = root.create_array("lat", shape=(rows,), dtype="float64", dimension_names=("y",))
    lat[:] = np.linspace(53.5, 18.0, rows)


def measured(source: Path, output: Path, block: int, threads: int) -> tuple[float, float, float]:
    """Run the command in a process of its own; answers seconds, CPU-seconds and its peak memory in MiB.

    It tells its own peak (VmHWM): what the system says of an ended child holds that of the process which started it.
    """
    command = [sys.executable, "-m", "bench.grid", "--one", str(source), str(output), str(block), str(threads)]
    began = time.monotonic()
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own command
    cpu, peak = said.splitlines()[-1].split()
    return time.monotonic() - began, float(cpu), float(peak)


def one(source: str, output: str, block: str, threads: str) -> None:
    status = firewatch(["danger", "grid", source, output, "--block", block, "--threads", threads])
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime, int(peak.split()[1]) / 1024)
    sys.exit(status)


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        one(*sys.argv[2:])
    parser = argparse.ArgumentParser()
    for name, size in (("rows", 5000), ("cols", 6360)):
        parser.add_argument(f"--{name}", type=int, default=size)
    parser.add_argument("--blocks", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--folder", type=Path, help="where to write (default: a temporary folder)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        source, output = Path(folder) / "in.zarr", Path(folder) / "out.zarr"
        make(source, given.rows, given.cols, 512)
        print(f"{given.rows * given.cols / 1e6:.1f} million cells, one day")
        for block, threads in itertools.product(given.blocks, given.threads):
            seconds, cpu, peak = measured(source, output, block, threads)
            kind = f"blocks of {block} x {block}, {threads} at a time"
            print(f"{kind:35} {seconds:6.1f} s {cpu:6.1f} CPU-s  peak memory {peak:5.0f} MiB", flush=True)
            shutil.rmtree(output)


if __name__ == "__main__":
    main()
