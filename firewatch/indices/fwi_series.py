"""The FWI System over a series of days: state carried on, gaps bridged, bad values contained. Pure numpy.

A day is *complete* when all four variables are there and in range. What happens on one that is not:

* Up to `max_gap_days` incomplete days running are bridged: what is missing is taken from the last valid day (rain: 0),
  what is there is used, and the day is marked. Its codes hold values; whether it gets a grade is the caller's to say.
* From the next incomplete day on the days have no value (NaN), and each code that lacks what it is made of goes back to
  its start value. A code that lacks nothing goes on: a broken anemometer ends no drought, for only FFMC asks for wind,
  and DC for no humidity either. The first complete day is marked `restarted`, and `spin_up` for SPIN_UP_DAYS.
* A day that cannot be bridged, because a variable has never been valid, has no value; the state waits.

Nothing looks ahead, so a series cut at any day and continued from the state of that day gives the same bits.
"""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from firewatch.errors import BadInput
from firewatch.indices import fwi
from firewatch.indices import fwi_rows as rows
from firewatch.indices.checks import (
    RAIN_MM,
    RH_PCT,
    TEMP_C,
    WIND_KMH,
    Bits,
    Flag,
    Floats,
    Ints,
    believed,
    checked_all,
    floats,
    mark,
    spread,
)

MAX_GAP_DAYS = 3
# A convention, a little over the time lag of the drought code, the slowest of the three (52 days, Van Wagner 1987).
# FFMC and DMC have forgotten a wrong start long before; only rain makes DC forget it altogether.
SPIN_UP_DAYS = 60
BLOCK_CELLS = 16384
"""Cells stepped together: their rows fit into the cache of one core."""


@dataclass(frozen=True)
class FwiState:
    """What tomorrow needs to know of the days so far: numbers, or arrays of shape (cells,).

    Codes given by hand are trusted as the start of a season; after a start amid one ask `cold_start`.
    """

    ffmc: float | Floats = fwi.START_FFMC
    dmc: float | Floats = fwi.START_DMC
    dc: float | Floats = fwi.START_DC
    temp_c: float | Floats = math.nan  # last valid reading, NaN before the first
    rh_pct: float | Floats = math.nan
    wind_kmh: float | Floats = math.nan
    gap_days: int | Ints = 0  # incomplete days running up to now
    spin_up_left: int | Ints = 0  # valued days still to be marked after a cold start

    @classmethod
    def cold_start(cls) -> "FwiState":
        """Answer the start values for a chain that begins amid a season: its first SPIN_UP_DAYS are marked."""
        return cls(spin_up_left=SPIN_UP_DAYS)

    def at(self, cell: int) -> "FwiState":
        """Answer the state of one cell as plain numbers, ready to be stored; needs arrays of shape (cells,)."""
        return FwiState(*(np.asarray(values)[cell].item() for values in _values(self)))


def stacked(states: Sequence[FwiState]) -> FwiState:
    """Answer the states of single cells (plain numbers) as one of shape (cells,)."""
    return FwiState(*(np.array(values) for values in zip(*map(_values, states), strict=True)))


@dataclass(frozen=True, eq=False)
class FwiDays:
    """Codes, indices and `Flag` bits of shape (days, cells), NaN where a day has no value, and the state at the end."""

    ffmc: Floats
    dmc: Floats
    dc: Floats
    isi: Floats
    bui: Floats
    fwi: Floats
    dsr: Floats
    flags: Bits
    state: FwiState


class _Weather(NamedTuple):
    """Arrays of one shape, (days, cells) or (cells,): NaN where missing."""

    temp_c: Floats
    rh_pct: Floats
    wind_kmh: Floats
    rain_mm: Floats


class _Place(NamedTuple):
    """What the step needs beside the weather: the moisture scale, what hangs on the month, the longest bridge."""

    scale: float
    month: rows.Month
    max_gap_days: int


def daily(
    temp_c: npt.ArrayLike,
    rh_pct: npt.ArrayLike,
    wind_kmh: npt.ArrayLike,
    rain_mm: npt.ArrayLike,
    month: npt.ArrayLike,
    lat: npt.ArrayLike,
    start: FwiState = FwiState(),
    constant: str = "vw1985",
    max_gap_days: int = MAX_GAP_DAYS,
) -> FwiDays:
    """Run the FWI System over days of noon weather, one calendar day a row.

    The four weather arrays have the shape (days, cells) and NaN where missing: °C, %, km/h at 10 m, mm in the 24 h to
    noon. `month` (1–12) has the shape (days,), `lat` in degrees (cells,) or is a number; `start` is the state at the
    end of the day before. BadInput tells of shapes, months, latitudes, states or a constant that cannot be used.
    """
    weather = _weather(temp_c=temp_c, rh_pct=rh_pct, wind_kmh=wind_kmh, rain_mm=rain_mm)
    days, cells = weather.temp_c.shape
    months = _months(month, days)
    lats = _lats(lat, cells)
    state = _spread(start, cells)
    scale = fwi.constant_value(constant)  # an unknown name is refused here, also for no days
    if max_gap_days < 0:
        raise BadInput(f"max_gap_days: {max_gap_days} is below 0")
    codes, flags = np.empty((7, days, cells)), np.zeros((days, cells), dtype=np.uint32)
    # A day goes through its cells by blocks, so that what a step works with stays in the cache.
    blocks = _blocks(cells)
    room = {size: rows.scratch(size) for size in {block.stop - block.start for block in blocks}}
    chains = [_Chain(_cut(state, block), room[block.stop - block.start]) for block in blocks]
    places = {m: [_place(lats[block], m, scale, max_gap_days) for block in blocks] for m in set(months)}
    with np.errstate(divide="ignore"):  # as `rows.of_zero_too`
        for day, m in enumerate(months):
            for block, chain, place in zip(blocks, chains, places[m], strict=True):
                answers = _Answers._make([*codes[:, day, block], flags[day, block]])
                chain.step(_Weather._make([values[day, block] for values in weather]), place, answers)
    for block, chain in zip(blocks, chains, strict=True):
        _put(state, block, chain.state)
    ffmc, dmc, dc, isi, bui, index, dsr = codes
    return FwiDays(ffmc, dmc, dc, isi, bui, index, dsr, flags, state)


class _Answers(NamedTuple):
    """Rows of shape (cells,) to be filled: what FwiDays holds of a day."""

    ffmc: Floats
    dmc: Floats
    dc: Floats
    isi: Floats
    bui: Floats
    fwi: Floats
    dsr: Floats
    flags: Bits


class _Chain:
    """A block of cells on its way through the days."""

    def __init__(self, state: FwiState, room: rows.Scratch) -> None:
        self.state = state
        self._room = room
        self._settled = _is_settled(state)

    def step(self, weather: _Weather, place: _Place, answers: _Answers) -> None:
        """Go on by a day; the answers are rows to be filled."""
        if self._settled and all(believed(values, limits) for values, limits in zip(weather, _LIMITS, strict=True)):
            # Nearly every block of nearly every day: nothing to bridge, nothing to mark.
            codes = self._codes(*weather, place, answers)
            self.state = FwiState(*codes, *weather[:3], self.state.gap_days, self.state.spin_up_left)
        else:
            self._step_with_gaps(weather, place, answers)
            self._settled = _is_settled(self.state)
        room = self._room
        rows.isi(answers.ffmc, np.asarray(self.state.wind_kmh), place.scale, answers.isi, room)
        rows.bui(answers.dmc, answers.dc, answers.bui, room)
        rows.fwi_and_dsr(answers.isi, answers.bui, answers.fwi, answers.dsr, room)

    def _codes(
        self, t: Floats, h: Floats, w: Floats, r: Floats, place: _Place, answers: _Answers
    ) -> tuple[Floats, Floats, Floats]:
        f, p, d = (np.asarray(code) for code in (self.state.ffmc, self.state.dmc, self.state.dc))
        room, wet = self._room, rows.wetter(r, rows.FFMC_RAIN_MM)
        rows.ffmc(f, t, h, w, r, wet, place.scale, answers.ffmc, room)
        wet = rows.wetter(r, rows.DMC_RAIN_MM, wet)
        rows.dmc(p, t, h, r, place.month, wet, answers.dmc, room)
        wet = rows.wetter(r, rows.DC_RAIN_MM, wet)
        rows.dc(d, t, r, place.month, wet, answers.dc, room)
        return answers.ffmc, answers.dmc, answers.dc

    def _step_with_gaps(self, weather: _Weather, place: _Place, answers: _Answers) -> None:
        before = self.state
        (t, h, w, r), marks = checked_all(weather, _LIMITS)
        incomplete = marks & np.uint32(_INCOMPLETE) != 0
        t = _or_last(t, before.temp_c)
        h = _or_last(h, before.rh_pct)
        w = _or_last(w, before.wind_kmh)
        r = _or_last(r, 0.0)
        gap = np.where(incomplete, before.gap_days + 1, 0)
        lost = gap > place.max_gap_days
        valued = ~lost & ~np.isnan(t + h + w)
        spin_up = valued & (np.asarray(before.spin_up_left) > 0)

        def carried(old: float | Floats, new: Floats, start: float, needs: Flag) -> Floats:
            goes_on = valued | lost & (marks & np.uint32(needs) == 0)
            return np.where(goes_on, new, np.where(lost, start, old))

        ffmc, dmc, dc = self._codes(t, h, w, r, place, answers)
        self.state = FwiState(
            ffmc=carried(before.ffmc, ffmc, fwi.START_FFMC, _INCOMPLETE),
            dmc=carried(before.dmc, dmc, fwi.START_DMC, _INCOMPLETE & ~Flag.WIND_MISSING),
            dc=carried(before.dc, dc, fwi.START_DC, Flag.TEMP_MISSING | Flag.RAIN_MISSING),
            temp_c=t,
            rh_pct=h,
            wind_kmh=w,
            gap_days=gap,
            spin_up_left=np.where(lost, SPIN_UP_DAYS, before.spin_up_left - spin_up.astype(np.int64)),
        )
        for code in (answers.ffmc, answers.dmc, answers.dc):
            code[~valued] = np.nan
        restarted = ~incomplete & (np.asarray(before.gap_days) > place.max_gap_days)
        answers.flags[:] = (
            marks
            | mark(valued & incomplete, Flag.BRIDGED)
            | mark(~valued, Flag.NO_VALUE)
            | mark(restarted, Flag.RESTARTED)
            | mark(spin_up, Flag.SPIN_UP)
        )


_LIMITS = (TEMP_C, RH_PCT, WIND_KMH, RAIN_MM)
_INCOMPLETE = Flag.TEMP_MISSING | Flag.RH_MISSING | Flag.WIND_MISSING | Flag.RAIN_MISSING


def _place(lats: Floats, month: int, scale: float, max_gap_days: int) -> _Place:
    return _Place(scale, rows.month(fwi.day_length(lats, month), fwi.drying_factor(lats, month)), max_gap_days)


def _blocks(cells: int) -> list[slice]:
    """Cut the cells into blocks as equal as they come."""
    number = -(-cells // BLOCK_CELLS)
    return [slice(cells * n // number, cells * (n + 1) // number) for n in range(number)]


def _is_settled(state: FwiState) -> bool:
    """Whether no cell is in a gap or too near a cold start."""
    return not np.any(state.gap_days) and not np.any(state.spin_up_left)


def _or_last(values: Floats, last: float | Floats) -> Floats:
    return np.where(np.isnan(values), last, values)


def _cut(state: FwiState, block: slice) -> FwiState:
    return FwiState(*(np.asarray(values)[block] for values in _values(state)))


def _put(state: FwiState, block: slice, part: FwiState) -> None:
    for whole, values in zip(_values(state), _values(part), strict=True):
        np.asarray(whole)[block] = values


def _weather(**inputs: npt.ArrayLike) -> _Weather:
    arrays = {name: floats(name, values) for name, values in inputs.items()}
    shape = arrays["temp_c"].shape
    for name, values in arrays.items():
        if values.ndim != 2 or values.shape != shape:
            raise BadInput(f"{name}: shape {values.shape}, wanted (days, cells), the same for all four")
    return _Weather(**arrays)


def _months(month: npt.ArrayLike, days: int) -> list[int]:
    values = floats("month", month)
    if values.shape != (days,):
        raise BadInput(f"month: shape {values.shape}, wanted ({days},)")
    if not np.isin(values, np.arange(1, 13)).all():
        raise BadInput("month: whole numbers from 1 to 12 are wanted")
    return [int(value) for value in values]


def _lats(lat: npt.ArrayLike, cells: int) -> Floats:
    values = spread("lat", floats("lat", lat), (cells,))
    if not (np.abs(values) <= 90.0).all():
        raise BadInput("lat: degrees from -90 to 90 are wanted")
    return values


# The closed range of every field of a state; NaN is allowed where no reading was ever valid.
_STATE_RANGES = {
    "ffmc": (0.0, 101.0, False),
    "dmc": (0.0, 1e9, False),
    "dc": (0.0, 1e9, False),
    "temp_c": (TEMP_C.low, TEMP_C.high, True),
    "rh_pct": (0.0, 100.0, True),
    "wind_kmh": (WIND_KMH.low, WIND_KMH.high, True),
    "gap_days": (0, 1e9, False),
    "spin_up_left": (0, 1e9, False),
}


def _values(state: FwiState) -> tuple[float | Floats | Ints, ...]:
    return tuple(getattr(state, field.name) for field in dataclasses.fields(state))


def _spread(state: FwiState, cells: int) -> FwiState:
    """Answer the state as fresh arrays of shape (cells,); BadInput when a field is out of range or of another shape."""
    fields: dict[str, Any] = {}
    for name, (low, high, may_be_missing) in _STATE_RANGES.items():
        values = spread(f"start.{name}", floats(f"start.{name}", getattr(state, name)), (cells,))
        good = (values >= low) & (values <= high) | (may_be_missing & np.isnan(values))
        if not good.all():
            raise BadInput(f"start.{name}: a value is missing or outside {low:g} to {high:g}")
        fields[name] = values.astype(np.int64 if name in {"gap_days", "spin_up_left"} else np.float64)
    return FwiState(**fields)
