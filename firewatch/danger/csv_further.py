"""The commands that run the further schemes over a CSV file: one table of schemes, one way through the file.

Columns in any case and order: `date` (YYYY-MM-DD), those of the scheme with their units in the names, perhaps `id`
(one chain per id). Missing is blank. Calendar days without a row are a gap. What is appended: the columns of the scheme
and `flags`. Errors, blocks and "whole or not at all" as in `csv_files`.
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from firewatch.danger.csv_steps import BLOCK_ROWS, answer_to, blocks, days_between, named, spelt
from firewatch.danger.csv_table import Row, Source, opened, read_table
from firewatch.errors import BadInput
from firewatch.indices import angstrom, ffdi, fosberg, kbdi, nesterov
from firewatch.indices.checks import Bits, Flag, Floats, flag_names

ANNUAL = "annual_rain_mm"
# Days absent before a row that are walked through one by one: no scheme remembers more of them than FFDI's window.
_MOST_ABSENT = ffdi.WINDOW_DAYS


@dataclass(frozen=True)
class Options:
    """What the command line may say: mean annual rain, for files without that column, and the deficit to start at."""

    annual_rain_mm: float | None = None
    start_mm: float | None = None


State = Any  # each scheme has its own, None where nothing is remembered
Ran = tuple[list[npt.NDArray[Any]], Bits, State]
Run = Callable[[Mapping[str, Floats], float, State], Ran]


@dataclass(frozen=True)
class Scheme:
    """A scheme: its columns, the columns it appends, where a chain starts and how days are run."""

    columns: tuple[str, ...]
    answers: tuple[str, ...]
    run: Run
    start: Callable[[Options], State] = lambda _: None
    annual_rain: bool = False


def _soil(options: Options) -> kbdi.KbdiState:
    if options.start_mm is None:
        return kbdi.KbdiState.cold_start()
    return kbdi.KbdiState(kbdi_mm=options.start_mm)


def _kbdi(weather: Mapping[str, Floats], annual_mm: float, state: State) -> Ran:
    days = kbdi.daily(weather["tmax_c"], weather["rain_mm"], annual_mm, state)
    return [days.kbdi_mm, days.kbdi_mm * kbdi.POINTS_PER_MM], days.flags, days.state


def _ffdi(weather: Mapping[str, Floats], annual_mm: float, state: State) -> Ran:
    t, h, w, tmax, r = (weather[name] for name in ("temp_c", "rh_pct", "wind_kmh", "tmax_c", "rain_mm"))
    days = ffdi.daily(t, h, w, tmax, r, annual_mm, state)
    return [days.ffdi, days.rating, days.drought_factor, days.kbdi_mm], days.flags, days.state


def _nesterov(weather: Mapping[str, Floats], _: float, state: State) -> Ran:
    days = nesterov.daily(weather["temp_c"], weather["rh_pct"], weather["rain_mm"], state)
    return [days.nesterov, days.danger_class], days.flags, days.state


def _angstrom(weather: Mapping[str, Floats], _: float, state: State) -> Ran:
    days = angstrom.daily(**weather)
    return [days.angstrom, days.danger_class], days.flags, state


def _fosberg(weather: Mapping[str, Floats], _: float, state: State) -> Ran:
    days = fosberg.daily(**weather)
    return [days.fosberg], days.flags, state


SCHEMES: Mapping[str, Scheme] = {
    "kbdi": Scheme(
        ("tmax_c", "rain_mm"),
        ("kbdi_mm", "kbdi"),
        _kbdi,
        _soil,
        annual_rain=True,
    ),
    "ffdi": Scheme(
        ("temp_c", "rh_pct", "wind_kmh", "tmax_c", "rain_mm"),
        ("ffdi", "rating", "drought_factor", "kbdi_mm"),
        _ffdi,
        lambda options: ffdi.FfdiState(_soil(options)),
        annual_rain=True,
    ),
    "nesterov": Scheme(
        ("temp_c", "rh_pct", "rain_mm"),
        ("nesterov", "class"),
        _nesterov,
        lambda _: nesterov.NesterovState.cold_start(),
    ),
    "angstrom": Scheme(
        ("temp_c", "rh_pct"),
        ("angstrom", "class"),
        _angstrom,
    ),
    "fosberg": Scheme(
        ("temp_c", "rh_pct", "wind_kmh"),
        ("fosberg",),
        _fosberg,
    ),
}


def scheme_file(name: str, source: Source, out: TextIO, options: Options = Options(), block: int = BLOCK_ROWS) -> None:
    """Write the rows of a CSV file to `out` with the columns of a scheme and `flags` appended.

    BadInput names the line of what cannot be used; then nothing is written.
    """
    scheme = SCHEMES[name]
    chains: dict[str, _Chain] = {}
    with opened(source) as stream, answer_to(out) as answer:
        table = read_table(stream, ("date", *scheme.columns), ("id", ANNUAL) if scheme.annual_rain else ("id",))
        writer = csv.writer(answer, lineterminator="\n")
        writer.writerow([*table.header, *scheme.answers, "flags"])
        for rows in blocks(table.rows, block):
            for place, row in enumerate(rows):
                _add(chains, row, place, scheme, options)
            answers: list[list[str]] = [[]] * len(rows)
            for chain in chains.values():
                chain.run(scheme, answers)
            writer.writerows(row.fields + more for row, more in zip(rows, answers, strict=True))


@dataclass
class _Chain:
    """One id: where its series stands, and its calendar days of the block being read."""

    annual_mm: float
    state: State
    last_on: date | None = None
    weather: list[tuple[float, ...]] = field(default_factory=list)
    places: list[tuple[int, int, bool]] = field(default_factory=list)  # row of the block, day here, days skipped?

    def run(self, scheme: Scheme, answers: list[list[str]]) -> None:
        """Fill in the answers of this chain's rows and make room for the next block."""
        if not self.places:
            return
        arrays = np.array(self.weather).T[:, :, np.newaxis]
        weather = dict(zip(scheme.columns, arrays, strict=True))
        columns, flags, self.state = scheme.run(weather, self.annual_mm, self.state)
        for place, day, skipped in self.places:
            bits = int(flags[day, 0]) | (Flag.GAP_BEFORE if skipped else 0)
            answers[place] = [*(_figure(column[day, 0]) for column in columns), flag_names(bits)]
        self.weather, self.places = [], []


def _add(chains: dict[str, _Chain], row: Row, place: int, scheme: Scheme, options: Options) -> None:
    """Put a row at the end of its chain, with the calendar days that are absent before it."""
    name = row.text("id")
    annual = _annual(row, options) if scheme.annual_rain else 0.0
    chain = chains.get(name)
    if chain is None:
        chain = chains[name] = _Chain(annual, scheme.start(options))
    if annual != chain.annual_mm:
        raise row.bad(f"{ANNUAL} {annual:g} after {chain.annual_mm:g} for the same station{named(name)}")
    on = row.iso_day("date")
    absent = days_between(row, chain.last_on, on, named(name)) - 1
    chain.weather += [(np.nan,) * len(scheme.columns)] * min(absent, _MOST_ABSENT)
    chain.places.append((place, len(chain.weather), absent > 0))
    chain.weather.append(tuple(row.number(column) for column in scheme.columns))
    chain.last_on = on


def _annual(row: Row, options: Options) -> float:
    if ANNUAL in row.columns:
        return row.within(ANNUAL, *kbdi.ANNUAL_MM)
    if options.annual_rain_mm is None:
        raise BadInput(f"the mean annual rain is wanted: a column {ANNUAL} or --annual-rain MM")
    low, high = kbdi.ANNUAL_MM
    if not low <= options.annual_rain_mm <= high:
        raise BadInput(f"--annual-rain: {options.annual_rain_mm:g} is not a number from {low:g} to {high:g}")
    return options.annual_rain_mm


def _figure(value: np.generic) -> str:
    if isinstance(value, np.uint8):
        return str(value) if value else ""  # class 0 is no data
    return spelt(float(value))
