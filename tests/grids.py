"""Made-up weather of a small grid, and what the series answers for it."""

from pathlib import Path

import numpy as np
import xarray as xr
import zarr

from firewatch.grid.blocks import CODES, STATE
from firewatch.grid.run import Options
from firewatch.grid.source import Source
from firewatch.indices.fwi_series import FwiDays, FwiState, daily

ROWS, COLS, DAYS = 7, 11, 7
UNITS = {"temp_c": "degC", "rh_pct": "%", "wind_kmh": "km/h", "rain_mm": "mm"}
QUIET = Options(dtype="float64", block=6, progress=False)


def made_up(days: int = DAYS, rows: int = ROWS) -> xr.Dataset:
    """Weather with a sea, a gap too long to bridge, single bad readings, and a turn of the month."""
    rng = np.random.default_rng(7)
    high = {"temp_c": 30, "rh_pct": 104, "wind_kmh": 40, "rain_mm": 4}
    data = {name: rng.uniform(0, top, (DAYS, rows, COLS)) for name, top in high.items()}
    for values in data.values():
        values[:, :3, :6] = np.nan
    data["temp_c"][1:6, 5, 9] = np.nan
    data["wind_kmh"][3, 5, 8] = 1688.0
    lat = np.linspace(15, 45, rows)[:, None] + np.linspace(0, 1, COLS)
    times = np.datetime64("2026-03-28T13", "ns") + np.arange(DAYS) * np.timedelta64(1, "D")
    whole = xr.Dataset(
        {name: (("time", "y", "x"), values, {"units": UNITS[name]}) for name, values in data.items()},
        coords={"time": times, "lat": (("y", "x"), lat)},
    )
    return whole.isel(time=slice(days))


def direct(data: xr.Dataset) -> FwiDays:
    t, h, w, r = (data[name].values.reshape(data.sizes["time"], -1) for name in UNITS)
    return daily(t, h, w, r, data["time"].dt.month.values, data["lat"].values.ravel(), start=FwiState.cold_start())


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
