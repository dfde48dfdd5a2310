"""The store of a grid's codes: one zarr group a day, written aside and renamed, with the state in the last.

    OUTPUT.zarr/            attributes: the digest of the grid, constant, longest bridge, number type
      2026-04-13/           ffmc dmc dc isi bui fwi dsr flags and the coordinates
        state/              of the last day only: what the next day goes on from, float64

A day's results and its state become visible by one and the same rename, so they cannot fall apart.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from firewatch.errors import BadInput, Conflict
from firewatch.grid.source import Area, Grid, bands
from firewatch.indices.checks import Flag

MEND = "put the output back from a backup, or begin a new one"
_ASIDE = ".aside-"
_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
# What a chunk that got lost reads as must never pass for a value: a lost day is "no value", a lost state is refused.
_LOST_VALUE = {"float32": np.nan, "float64": np.nan, "uint32": int(Flag.NO_VALUE)}
_LOST_STATE = {"float64": np.inf, "int64": -1}
_ATTRIBUTES: dict[str, dict[str, Any]] = {
    "flags": {
        "flag_masks": [int(flag) for flag in Flag],
        "flag_meanings": " ".join(str(flag.name).lower() for flag in Flag),
    }
}  # as the CF conventions spell bits


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep a second run away from the store. Raises Conflict when one is at it."""
    lock = path.with_name(path.name + ".lock")
    try:
        file = lock.open("w")
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror})") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Conflict(f"{path}: another run is writing it") from None
        yield


def prepare(path: Path, about: Mapping[str, Any]) -> None:
    """Make the store, or check that it is of the same grid and kind, and clear what a killed run left behind."""
    if not path.exists():
        aside = path.with_name(path.name + ".aside")
        shutil.rmtree(aside, ignore_errors=True)
        zarr.create_group(str(aside), attributes={"firewatch_grid": dict(about)})
        os.sync()  # one for all files: a file by file fsync of thousands of chunks takes far longer
        aside.rename(path)
    try:
        stored = zarr.open_group(str(path), mode="r").attrs.asdict().get("firewatch_grid")
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"{path}: is there, but not a store of danger grid ({error})") from None
    if not isinstance(stored, dict):
        raise BadInput(f"{path}: is there, but not a store of danger grid; name another output")
    for key, value in about.items():
        if stored.get(key) != value:
            raise BadInput(f"{path}: was begun with another {key}: {stored.get(key)}, now {value}; name another output")
    for left in path.glob(_ASIDE + "*"):
        shutil.rmtree(left, ignore_errors=True)  # a worker of a cluster may still be writing the last of its block


def days(path: Path) -> list[date]:
    """Answer the days that are done, in order. BadInput when the last has lost its state."""
    found = sorted(date.fromisoformat(entry.name) for entry in path.glob(_DAY) if entry.is_dir())
    if found and not (path / found[-1].isoformat() / "state" / "zarr.json").exists():
        raise BadInput(f"{path}: the state of {found[-1]} is missing; {MEND}")
    return found


@dataclass(frozen=True)
class Layout:
    """How the arrays of a day are laid out: `values` and `state` say the number type of each."""

    grid: Grid
    block: int
    values: Mapping[str, str]
    state: Mapping[str, str]


def begin(path: Path, on: date, run: str, layout: Layout) -> Path:
    """Make the arrays of a day aside; answers where. The mark of the run keeps workers of a killed one apart."""
    aside = path / f"{_ASIDE}{on.isoformat()}-{run}"
    day = zarr.create_group(str(aside), attributes={"day": on.isoformat()})
    shape, dims = layout.grid.shape, layout.grid.dims
    chunks = (min(layout.block, shape[0]), min(layout.block, shape[1]))
    state = day.create_group("state")
    for group, kinds, lost in ((day, layout.values, _LOST_VALUE), (state, layout.state, _LOST_STATE)):
        for name, kind in kinds.items():
            group.create_array(
                name,
                shape=shape,
                chunks=chunks,
                dtype=kind,
                fill_value=lost[kind],
                dimension_names=dims,
                attributes=_ATTRIBUTES.get(name),
            )
    for name, (of, numbers) in layout.grid.coords.items():
        said: dict[str, Any] = {
            key: text for key, text in numbers.attrs.items() if isinstance(text, str)
        }  # units above all
        array = day.create_array(name, shape=numbers.shape, dtype=numbers.dtype, dimension_names=of, attributes=said)
        for band, part in bands(numbers):
            array[band] = part
    return aside


def write_block(aside: str, area: Area, values: Mapping[str, Any], state: Mapping[str, Any]) -> None:
    """Write a block, whole chunks of its own, into the day that is being written aside."""
    for folder, arrays in ((aside, values), (f"{aside}/state", state)):
        for name, numbers in arrays.items():
            array = zarr.open_array(f"{folder}/{name}", mode="r+")
            array[area] = numbers.astype(array.dtype)


def read_state(output: str, on: date, area: Area, names: tuple[str, ...]) -> dict[str, Any]:
    """Answer the fields of the state of a day over an area, flat."""
    state = Path(output) / on.isoformat() / "state"
    return {name: np.asarray(zarr.open_array(str(state / name), mode="r")[area]).ravel() for name in names}


def publish(path: Path, aside: Path, on: date, before: date | None) -> None:
    """Let the day be seen, then drop the state of the day before."""
    os.sync()  # one for all files: a file by file fsync of thousands of chunks takes far longer
    aside.rename(path / on.isoformat())
    if before is not None:
        drop_state(path, before)


def drop_state(path: Path, on: date) -> None:
    """Remove the state of a day that has been gone on from."""
    state = path / on.isoformat() / "state"
    if state.exists():
        old = path / (_ASIDE + "state-" + on.isoformat())
        state.rename(old)
        shutil.rmtree(old)
