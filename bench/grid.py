"""One day of the FWI System over a made-up 1 km grid of China: seconds and peak memory of the command's process.

    python -m bench.grid [--rows 5000] [--cols 6360] [--block 512] [--folder FOLDER]

31.8 million cells, weather made up in chunks, about two thirds of it land and the rest NaN as over sea.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import zarr

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


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, size in (("rows", 5000), ("cols", 6360), ("block", 512)):
        parser.add_argument(f"--{name}", type=int, default=size)
    parser.add_argument("--folder", type=Path, help="where to write (default: a temporary folder)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        source = Path(folder) / "in.zarr"
        make(source, given.rows, given.cols, given.block)
        command = [sys.executable, "-m", "firewatch", "danger", "grid", str(source), str(Path(folder) / "out.zarr")]
        began = time.monotonic()
        subprocess.run([*command, "--block", str(given.block)], check=True)  # noqa: S603 - our own command
        seconds = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{given.rows * given.cols / 1e6:.1f} million cells, blocks of {given.block} x {given.block}: {seconds:.1f} s "
        f"({used.ru_utime + used.ru_stime:.1f} CPU-s), peak memory {used.ru_maxrss / 1024:.0f} MiB"
    )


if __name__ == "__main__":
    main()
