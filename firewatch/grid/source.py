"""The weather of a grid: a zarr store or netCDF file, its names, units, days and latitudes checked before any use."""

import functools
import hashlib
import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from firewatch.errors import BadInput
from firewatch.indices.checks import Floats
from firewatch.weather.units import Linear, conversion

Area = tuple[slice, slice]
VARIABLES = ("temp_c", "rh_pct", "wind_kmh", "rain_mm")
NAMED = (*VARIABLES, "time", "y", "x", "lat")  # what may be called otherwise in an input
_DIMENSIONS = (("y", "x"), ("lat", "lon"), ("latitude", "longitude"))
_SPELLINGS = {
    "degC": "°C", "C": "°C", "degree_Celsius": "°C", "degrees_Celsius": "°C", "degree_celsius": "°C",
    "degrees_celsius": "°C", "kelvin": "K", "percent": "%", "m s-1": "m/s", "m s**-1": "m/s", "km h-1": "km/h",
    "km/hr": "km/h", "kg m-2": "mm", "kg m**-2": "mm", "mm d-1": "mm", "mm day-1": "mm", "mm/day": "mm",
    "kg m**-2 s**-1": "kg m-2 s-1",
}  # fmt: skip
_OF_GRIDS = {  # what stations and feeds never send
    ("rh_pct", "1"): Linear(100.0),  # a fraction, as the CF conventions have it
    ("rain_mm", "m"): Linear(1000.0),
    ("rain_mm", "kg m-2 s-1"): Linear(86400.0),  # the mean rate of the 24 h to noon
}
_BAND_CELLS = 1 << 20
_CHUNK_BLOCKS = 4  # a chunk of so many blocks is borne without a word
_UNREADABLE = (OSError, ValueError, KeyError, RuntimeError, TypeError)


@dataclass(frozen=True)
class Source:
    """Where the weather is, and what its variables are called there (ours -> theirs)."""

    path: str
    names: tuple[tuple[str, str], ...] = ()
    run: str = ""  # a mark of the run: a worker that lives on opens an input of the same path anew for the next run

    def name(self, ours: str) -> str:
        """Answer the variable's name in the input."""
        return dict(self.names).get(ours, ours)


@dataclass(frozen=True)
class Grid:
    """What is known of an input before its weather is read."""

    shape: tuple[int, int]
    dims: tuple[str, str]
    days: tuple[tuple[date, int | None], ...]  # every calendar day from first to last; None where one is left out
    coords: Mapping[str, tuple[tuple[str, ...], xr.DataArray]] = field(repr=False)  # not read yet
    digest: str


@functools.lru_cache(maxsize=2)
def _open(source: Source) -> xr.Dataset:
    path = source.path
    if not Path(path).exists():
        raise BadInput(f"{path}: no such file or store")
    try:
        if Path(path).is_dir():
            return xr.open_dataset(path, engine="zarr", chunks=None, cache=False, consolidated=False)
        return xr.open_dataset(path, engine="h5netcdf", chunks=None, cache=False)
    except _UNREADABLE as error:
        raise BadInput(f"{path}: not a zarr store or netCDF-4 file that can be read ({error})") from None


def look(source: Source) -> Grid:
    """Check the whole description of an input. BadInput names the variable, dimension, unit or day."""
    data = _open(source)
    dims = _dims(source, data)
    for ours in VARIABLES:
        found = _variable(source, data, ours)
        if set(found.dims) != {source.name("time"), *dims}:
            wanted = (source.name("time"), *dims)
            raise BadInput(f"{source.path}: {found.name} has the dimensions {found.dims}, wanted {wanted}")
        _unit(source, ours, found)
    shape = (data.sizes[dims[0]], data.sizes[dims[1]])
    if not all(shape):
        raise BadInput(f"{source.path}: a grid of {shape[0]} x {shape[1]} cells has nothing to compute")
    coords = {name: (tuple(map(str, data[name].dims)), data[name]) for name in _places(source, data, dims)}
    digest = hashlib.sha256(repr((shape, dims)).encode())
    try:
        for _, band in bands(_located(source, data, dims)):
            if not (np.abs(band) <= 90).all():
                raise BadInput(f"{source.path}: the latitude has values that are missing or outside -90 to 90 degrees")
        for name in sorted(coords):
            digest.update(name.encode())
            for _, band in bands(coords[name][1]):
                digest.update(np.ascontiguousarray(band).tobytes())
    except _UNREADABLE as error:
        raise BadInput(f"{source.path}: its latitudes or coordinates cannot be read ({error})") from None
    return Grid(shape, dims, _days(source, data), coords, digest.hexdigest())


def heavy_chunks(source: Source, block: int) -> str | None:
    """Tell of an input whose chunks are far larger than a block of that side: each block reads whole chunks."""
    data = _open(source)
    for ours in VARIABLES:
        found = _variable(source, data, ours)
        chunks = found.encoding.get("chunks") or found.encoding.get("chunksizes") or ()
        if chunks and math.prod(chunks) > _CHUNK_BLOCKS * block**2:
            size = " x ".join(map(str, chunks))
            return (
                f"{source.path}: {found.name} lies in chunks of {size}, and every block of {block} x {block} reads"
                " whole ones: smaller chunks would spare memory and time"
            )
    return None


def bands(array: xr.DataArray) -> Iterator[tuple[slice, npt.NDArray[Any]]]:
    """Read a coordinate by bands of its first dimension: one of the whole country has hundreds of megabytes."""
    rows = max(1, _BAND_CELLS // max(1, array[:1].size))
    for top in range(0, array.shape[0], rows):
        band = slice(top, min(top + rows, array.shape[0]))
        yield band, array[band].values


def latitudes(source: Source, area: Area) -> Floats:
    """Answer the latitude of every cell of an area, shape (rows, columns)."""
    data = _open(source)
    dims = _dims(source, data)
    found = _located(source, data, dims)
    cut = dict(zip(dims, area, strict=True))
    part = found.isel({name: cut[str(name)] for name in found.dims})
    shape = tuple(len(range(*cut[name].indices(data.sizes[name]))) for name in dims)
    turned = part.transpose(*(name for name in dims if name in part.dims)).values.astype(np.float64)
    return np.broadcast_to(turned[:, None] if part.dims == (dims[0],) else turned, shape)


def weather(source: Source, row: int | None, area: Area) -> dict[str, Floats]:
    """Answer the day's four variables in our units, flat over the area; all NaN for a day left out (row None)."""
    data = _open(source)
    dims = _dims(source, data)
    if row is None:
        cells = latitudes(source, area).size
        return {ours: np.full(cells, np.nan) for ours in VARIABLES}
    answer = {}
    for ours in VARIABLES:
        found = _variable(source, data, ours)
        turn = _unit(source, ours, found)
        try:
            part = found.isel({source.name("time"): row, dims[0]: area[0], dims[1]: area[1]}).transpose(*dims)
            values = part.values.astype(np.float64).ravel()
        except _UNREADABLE as error:
            raise BadInput(f"{source.path}: {found.name} cannot be read at day {row + 1} ({error})") from None
        answer[ours] = values if turn == Linear() else values * turn.scale + turn.offset
    return answer


def _dims(source: Source, data: xr.Dataset) -> tuple[str, str]:
    called = (source.name("y"), source.name("x"))
    for dims in _DIMENSIONS if called == _DIMENSIONS[0] else (called,):
        if set(dims) <= set(data.dims):
            return dims
    wanted = "y, x or lat, lon" if called == _DIMENSIONS[0] else ", ".join(called)
    raise BadInput(
        f"{source.path}: wanted the dimensions {wanted}; found {', '.join(map(str, data.dims))};"
        " say what they are called with --name y=NAME --name x=NAME"
    )


def _located(source: Source, data: xr.Dataset, dims: tuple[str, str]) -> xr.DataArray:
    for name in (source.name("lat"), "latitude"):
        if name in data.variables:
            found = data[name]
            if not set(found.dims) <= set(dims) or not found.dims:
                raise BadInput(f"{source.path}: the latitude has the dimensions {found.dims}, wanted some of {dims}")
            return found
    raise BadInput(f"{source.path}: no variable lat or latitude, in degrees")


def _places(source: Source, data: xr.Dataset, dims: tuple[str, str]) -> list[str]:
    names = (*dims, source.name("lat"), "lat", "lon", "latitude", "longitude")
    return sorted({name for name in names if name in data.variables and set(data[name].dims) <= set(dims)})


def _variable(source: Source, data: xr.Dataset, ours: str) -> xr.DataArray:
    name = source.name(ours)
    if name not in data.data_vars:
        raise BadInput(f"{source.path}: no variable {name}; say what it is called with --name {ours}=NAME")
    return data[name]


def _unit(source: Source, ours: str, found: xr.DataArray) -> Linear:
    declared = found.attrs.get("units")
    if not isinstance(declared, str):
        raise BadInput(f"{source.path}: {found.name} has no attribute units; it must say what it is in")
    unit = _SPELLINGS.get(declared.strip(), declared.strip())
    try:
        return _OF_GRIDS.get((ours, unit)) or conversion(ours, unit)
    except BadInput as error:
        raise BadInput(f"{source.path}: {found.name}: {error}") from None


def _days(source: Source, data: xr.Dataset) -> tuple[tuple[date, int | None], ...]:
    name = source.name("time")
    if name not in data.variables or data[name].dims != (name,):
        raise BadInput(f"{source.path}: no coordinate {name}, one noon a day; name another with --name time=NAME")
    times = data[name].values
    if not np.issubdtype(times.dtype, np.datetime64) or np.isnat(times).any() or not times.size:
        raise BadInput(f"{source.path}: time is not a row of dates")
    days = [date.fromisoformat(str(day)) for day in times.astype("datetime64[D]")]
    for before, after in itertools.pairwise(days):
        if after <= before:
            raise BadInput(f"{source.path}: time: {after} after {before}; wanted one noon a day, in order")
    rows = {day: row for row, day in enumerate(days)}
    span = (days[-1] - days[0]).days + 1
    return tuple((on, rows.get(on)) for on in (days[0] + timedelta(days=n) for n in range(span)))
