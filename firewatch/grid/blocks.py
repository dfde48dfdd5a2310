"""The FWI day step over one block of a grid: the very same function here and on a cluster's worker."""

import dataclasses
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from firewatch.errors import BadInput, Unavailable
from firewatch.grid import source, store
from firewatch.indices.checks import Floats
from firewatch.indices.fwi_series import FwiDays, FwiState, daily

CODES = ("ffmc", "dmc", "dc", "isi", "bui", "fwi", "dsr")
STATE = tuple(field.name for field in dataclasses.fields(FwiState))
_READINGS = ("temp_c", "rh_pct", "wind_kmh")


@dataclasses.dataclass(frozen=True)
class Block:
    """What a worker needs for one block of one day; the paths must mean the same to every worker."""

    source: source.Source
    output: str
    aside: str  # where the day is being written
    on: date
    row: int | None  # the day's place in the input; None for a day the input leaves out
    before: date | None  # the day whose state is gone on from; None for a cold start
    rows: tuple[int, int]
    cols: tuple[int, int]
    constant: str
    max_gap_days: int


def run_block(block: Block) -> int:
    """Compute and write aside one block of one day; answers its cells. BadInput when the input cannot be read."""
    area = (slice(*block.rows), slice(*block.cols))
    lat = source.latitudes(block.source, area)
    weather = source.weather(block.source, block.row, area)
    start = _state(block, area, lat.size)
    try:
        days = step(weather, block.on.month, lat.ravel(), start, block.constant, block.max_gap_days)
    except BadInput as error:  # all else was checked before
        raise BadInput(f"{block.output}: the state of {block.before} is damaged ({error}); {store.MEND}") from None
    values = {name: getattr(days, name)[0].reshape(lat.shape) for name in (*CODES, "flags")}
    state = {name: np.asarray(getattr(days.state, name)).reshape(lat.shape) for name in STATE}
    try:
        store.write_block(block.aside, area, values, state)
    except OSError as error:
        raise Unavailable(f"{block.output}: cannot be written ({error}); what is done stays, start again") from None
    return lat.size


def step(weather: dict[str, Floats], month: int, lat: Floats, start: FwiState, constant: str, gap: int) -> FwiDays:
    """Answer `fwi_series.daily` of one day over cells (cells,), sparing the ones that never had a reading (the sea).

    The cells of the sea answer as one cell does, as long as they share their state.
    """
    names = ("temp_c", "rh_pct", "wind_kmh", "rain_mm")
    rows = {name: weather[name].reshape(1, -1) for name in names}

    def run(chosen: slice | npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> FwiDays:
        part = FwiState(**{name: np.asarray(getattr(start, name))[chosen] for name in STATE})
        t, h, w, r = (rows[name][:, chosen] for name in names)
        return daily(t, h, w, r, [month], lat[chosen], start=part, constant=constant, max_gap_days=gap)

    idle = np.all([np.isnan(row[0]) for row in rows.values()], axis=0)
    idle &= np.all([np.isnan(getattr(start, name)) for name in _READINGS], axis=0)
    at_sea = np.flatnonzero(idle)
    if not at_sea.size or not _alike(start, at_sea):
        return run(slice(None))
    return _join(run(~idle), run(at_sea[:1]), idle)


def _alike(state: FwiState, chosen: npt.NDArray[np.int64]) -> bool:
    parts = (np.asarray(getattr(state, name))[chosen] for name in STATE)
    return all(np.array_equal(part, np.full_like(part, part[0]), equal_nan=True) for part in parts)


def _join(land: FwiDays, sea: FwiDays, idle: npt.NDArray[np.bool_]) -> FwiDays:
    def whole(of_land: npt.NDArray[Any], of_sea: npt.NDArray[Any]) -> npt.NDArray[Any]:
        answer = np.empty((*of_land.shape[:-1], idle.size), dtype=of_land.dtype)
        answer[..., ~idle], answer[..., idle] = of_land, of_sea
        return answer

    fields = {name: whole(getattr(land, name), getattr(sea, name)) for name in (*CODES, "flags")}
    state = FwiState(**{name: whole(getattr(land.state, name), getattr(sea.state, name)) for name in STATE})
    return FwiDays(**fields, state=state)


def _state(block: Block, area: source.Area, cells: int) -> FwiState:
    if block.before is None:
        cold = FwiState.cold_start()  # nothing is known of the days before: its first days are marked
        return FwiState(**{name: np.full(cells, getattr(cold, name)) for name in STATE})
    try:
        return FwiState(**store.read_state(block.output, block.before, area, STATE))
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        raise BadInput(f"{block.output}: the state of {block.before} cannot be read ({error}); {store.MEND}") from None
