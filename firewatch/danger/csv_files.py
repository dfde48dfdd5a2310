"""The two commands that grade a CSV file: `danger fwi` and `danger lyt1172`. No database, no settings.

Nothing is written before the whole file has been found good: the answer waits in a temporary file (in memory while it
is small), so that a complaint about the last line leaves no half a table behind. Rows pass in blocks, so that memory
does not grow with the file.
"""

import csv
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TextIO

import numpy as np

from firewatch.danger.csv_steps import BLOCK_ROWS, answer_to, blocks, days_between, named, spelt
from firewatch.danger.csv_table import Row, Source, opened, read_table
from firewatch.indices import fwi_series, lyt1172
from firewatch.indices.checks import Flag, flag_names
from firewatch.indices.fwi_series import MAX_GAP_DAYS, FwiState
from firewatch.indices.lyt1172 import NO_DATA, AfterDay8, LytState

FWI_COLUMNS = ("long", "lat", "yr", "mon", "day", "temp", "rh", "ws", "prec")
FWI_ANSWERS = ("ffmc", "dmc", "dc", "isi", "bui", "fwi", "dsr")
LYT_COLUMNS = ("date", "tmax_c", "rhmin_pct", "rain_mm", "windmax_ms", "green_pct", "snow_pct")

_BLOCK_ROWS = BLOCK_ROWS
_NAN = math.nan
_NO_WEATHER = (_NAN, _NAN, _NAN, _NAN)

Weather = tuple[float, ...]


def fwi_file(source: Source, out: TextIO, constant: str = "vw1985") -> None:
    """Write the rows of a CSV file of noon weather to `out` with the FWI System's codes, indices and flags appended.

    Columns FWI_COLUMNS and perhaps `id`, in any case and order: °C, %, km/h, mm. One chain per id, begun at the start
    values; calendar days without a row are a gap. Missing is blank. BadInput names the line of what cannot be used,
    days out of order and double days among it; then nothing is written.
    """
    chains: dict[str, _Chain] = {}
    with opened(source) as stream, answer_to(out) as answer:
        table = read_table(stream, FWI_COLUMNS, ("id",))
        writer = csv.writer(answer, lineterminator="\n")
        writer.writerow([*table.header, *FWI_ANSWERS, "flags"])
        for rows in blocks(table.rows, _BLOCK_ROWS):
            for place, row in enumerate(rows):
                _add(chains, row, place)
            answers = _run(chains.values(), len(rows), constant)
            writer.writerows(row.fields + more for row, more in zip(rows, answers, strict=True))


def lyt1172_file(source: Source, out: TextIO, after_day_8: AfterDay8 = "plus5") -> None:
    """Write the rows of a CSV file of daily weather to `out` with `htz` and `grade` of LY/T 1172-1995 appended.

    Columns LYT_COLUMNS in any case and order. A calendar day without a row counts as dry. A day with a missing input
    gets two blanks. BadInput as in `fwi_file`.
    """
    state = LytState()
    with opened(source) as stream, answer_to(out) as answer:
        table = read_table(stream, LYT_COLUMNS)
        writer = csv.writer(answer, lineterminator="\n")
        writer.writerow([*table.header, "htz", "grade"])
        for skipped, rows in _runs_of_days(table.rows):
            t, h, r, w, green, snow = ([[row.number(name)] for row in rows] for name in LYT_COLUMNS[1:])
            days = lyt1172.daily(t, h, r, w, green, snow, state.after_missing(skipped), after_day_8)
            state = days.state.at(0)
            for row, htz, grade in zip(rows, days.htz[:, 0].tolist(), days.grade[:, 0].tolist(), strict=True):
                writer.writerow([*row.fields, *(("", "") if grade == NO_DATA else (int(htz), grade))])


@dataclass
class _Chain:
    """One id: where its series stands, and its calendar days and weather of the block being read."""

    lat: float
    last_on: date | None = None
    state: FwiState = field(default_factory=FwiState)
    months: list[int] = field(default_factory=list)
    weather: list[Weather] = field(default_factory=list)
    places: list[tuple[int, int, bool]] = field(default_factory=list)  # row of the block, day here, days skipped?

    def go_on_from(self, state: FwiState) -> None:
        """Take the state at the end of a block and make room for the next."""
        self.state = state
        self.months, self.weather, self.places = [], [], []


def _add(chains: dict[str, _Chain], row: Row, place: int) -> None:
    """Put a row at the end of its chain, with the calendar days that are absent before it."""
    name = row.text("id")
    lat = row.within("lat", -90.0, 90.0)
    if row.text("long"):
        row.within("long", -180.0, 360.0)
    chain = chains.setdefault(name, _Chain(lat))
    if lat != chain.lat:
        raise row.bad(f"lat {lat:g} after {chain.lat:g} for the same station{named(name)}")
    on = row.day("yr", "mon", "day")
    skipped = days_between(row, chain.last_on, on, named(name)) - 1
    # More than the longest bridge is lost in any case: no need to walk through every day of it.
    for days_back in range(min(skipped, MAX_GAP_DAYS + 1), 0, -1):
        chain.months.append((on - timedelta(days_back)).month)
        chain.weather.append(_NO_WEATHER)
    chain.places.append((place, len(chain.months), skipped > 0))
    chain.months.append(on.month)
    chain.weather.append(tuple(row.number(name) for name in ("temp", "rh", "ws", "prec")))
    chain.last_on = on


def _run(chains: Iterable[_Chain], rows: int, constant: str) -> list[list[str]]:
    """Run the chains over the block (those with the same calendar side by side) and answer each row's new fields."""
    answers: list[list[str]] = [[]] * rows
    alike = defaultdict(list)
    for chain in chains:
        if chain.places:
            alike[tuple(chain.months)].append(chain)
    for months, group in alike.items():
        # From (chains, days, variables) to the (days, chains) of each variable.
        t, h, w, r = np.array([chain.weather for chain in group]).transpose(2, 1, 0)
        lat = [chain.lat for chain in group]
        start = fwi_series.stacked([chain.state for chain in group])
        days = fwi_series.daily(t, h, w, r, months, lat, start, constant)
        codes = np.stack([getattr(days, name) for name in FWI_ANSWERS], axis=-1)
        for cell, chain in enumerate(group):
            for place, day, skipped in chain.places:
                bits = int(days.flags[day, cell]) | (Flag.GAP_BEFORE if skipped else 0)
                answers[place] = [*map(spelt, codes[day, cell].tolist()), flag_names(bits)]
            chain.go_on_from(days.state.at(cell))
    return answers


def _runs_of_days(rows: Iterable[Row]) -> Iterator[tuple[int, list[Row]]]:
    """Yield runs of rows on consecutive calendar days, at most a block each, and the days absent before each run."""
    run: list[Row] = []
    skipped, last_on = 0, None
    for row in rows:
        on = row.iso_day("date")
        absent = days_between(row, last_on, on) - 1
        last_on = on
        if run and (absent or len(run) == _BLOCK_ROWS):
            yield skipped, run
            run, skipped = [], absent
        run.append(row)
    if run:
        yield skipped, run
