"""`firewatch danger grid`: the FWI System over a grid, with the optional packages of the extra `grid`."""

import argparse
import importlib.util
import sys
from pathlib import Path

from firewatch.commands.parsing import Commands, add
from firewatch.errors import BadInput

WANTED = ("xarray", "zarr", "dask", "distributed", "h5netcdf", "h5py")


def register(danger: Commands) -> None:
    """Add danger grid."""
    grid = add(
        danger, "grid", _grid, "the FWI System over a grid of noon weather, zarr or netCDF; goes on where it was"
    )
    grid.add_argument("input", metavar="INPUT.zarr|nc", type=Path)
    grid.add_argument("output", metavar="OUTPUT.zarr", type=Path)
    grid.add_argument("--constant", choices=("vw1985", "exact"), default="vw1985", help="of the FFMC scale")
    grid.add_argument("--max-gap-days", type=int, default=3, metavar="DAYS", help="the longest gap that is bridged")
    grid.add_argument("--dtype", choices=("float32", "float64"), default="float32", help="of results; state: float64")
    grid.add_argument("--block", type=int, default=512, metavar="CELLS", help="side of a block; bounds the memory")
    grid.add_argument("--name", action="append", default=[], metavar="OURS=THEIRS", help="e.g. temp_c=t2m, lat=nav_lat")
    grid.add_argument("--threads", type=int, default=0, help="blocks at a time; default: the cores of this machine")
    grid.add_argument("--scheduler", metavar="ADDRESS", help="of a dask.distributed cluster, e.g. tcp://host:8786")


def _grid(given: argparse.Namespace) -> int:
    missing = [name for name in WANTED if importlib.util.find_spec(name) is None]
    if missing:
        raise BadInput(f"danger grid needs {', '.join(missing)}: pip install --require-hashes -r requirements/grid.txt")
    from firewatch.grid import run, source

    weather = source.Source(str(given.input), _names(given.name, source.NAMED))
    options = run.Options(
        given.constant,
        given.max_gap_days,
        given.dtype,
        given.block,
        given.scheduler,
        given.threads,
        progress=sys.stderr.isatty(),
    )
    remark = source.heavy_chunks(weather, max(1, options.block))
    if remark:
        print(f"firewatch: {remark}", file=sys.stderr)
    done = run.run(weather, given.output, options)
    print(f"{given.output}: {done} days done" if done else f"{given.output}: nothing new in {given.input}")
    return 0


def _names(given: list[str], known: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    pairs = [tuple(text.partition("=")[::2]) for text in given]
    for ours, theirs in pairs:
        if ours not in known or not theirs:
            raise BadInput(f"--name {ours}: wanted OURS=THEIRS with OURS of {', '.join(known)}")
    return tuple((ours, theirs) for ours, theirs in pairs)
