"""The weather read back: for every point and hour the best value there is, quantity by quantity."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from firewatch.errors import BadInput
from firewatch.indices.checks import Bits
from firewatch.rulebook.quality import Quality
from firewatch.weather import quality
from firewatch.weather.models import FeedStatus, Observation, ValueKind

Floats = NDArray[np.float64]
HOUR, ZERO = timedelta(hours=1), timedelta()
QUANTITIES = ("temp_c", "rh_pct", "wind_kmh", "rain_mm", "snow_depth_cm")
IDENTITY = ("point_id", "valid_at", "kind", "source")

FILES = "archive:files"
"""The source of what station files brought in at one go; the same file may have been given for several points."""

AS_SHIPPED = Quality()

TRUSTED = [ValueKind.OBSERVED, ValueKind.ANALYSED, ValueKind.FORECAST]
"""The best first."""


@dataclass(frozen=True)
class Series:
    """Hours at points: row i ends at start + (i + 1) h, column j is point_ids[j]; NaN is missing.

    `issued` holds an array for every quantity, by its name: when a forecast value was issued, in hours after `start`;
    NaN for what was measured or analysed. `flags` holds the marks of `Flag` that the checks have left: what was not
    believed and had the first word is not here, and the next best source speaks in its place if there is one.
    """

    start: datetime
    point_ids: tuple[str, ...]
    temp_c: Floats
    rh_pct: Floats
    wind_kmh: Floats
    rain_mm: Floats
    snow_depth_cm: Floats
    issued: dict[str, Floats]
    flags: Bits


def hourly(
    session: Session,
    point_ids: Sequence[str],
    start: datetime,
    end: datetime,
    preference: Sequence[str],
    now: datetime,
    rules: Quality = AS_SHIPPED,
) -> Series:
    """Return the hours that end after `start`, up to `end`; both need to be full hours (BadInput).

    `preference` names the sources that count, the best first; others are left out, so that a replay never mixes
    with the real weather. Observed beats analysed beats forecast. Among observations and analyses the earlier source is
    preferred; among forecasts the newer issue, whatever its source, for a feed that went away two days ago has left its
    forecasts behind. Of each source and kind only the newest issue of an hour speaks. A value it lacks is taken from
    the next best. What bears an issue time after `now` was stored by a clock that ran ahead, and does not count.
    """
    hours, rest = divmod(end - start, HOUR)
    if rest or hours < 0 or start.minute or start.second or start.microsecond:
        raise BadInput(f"weather from {start.isoformat()} to {end.isoformat()}: give full hours")
    # Neighbouring hours have a say in what is believed.
    reach = rules.reach()
    early, late = start - reach * HOUR, end + reach * HOUR
    rows = session.execute(_newest(point_ids, early, late, preference, now)).all()
    shape = (hours + 2 * reach, len(point_ids))
    said, marks = _judged(_said(rows, point_ids, early, preference), shape, rules, _of_one_station(session))
    asked = slice(reach, reach + hours)
    table, issued = {}, {}
    flags = np.zeros(shape, dtype=np.uint32)
    for name in QUANTITIES:
        best, when, why = _best(said, said.values[name], marks[name], shape)
        table[name], issued[name] = best[asked], when[asked] - reach
        flags |= why
    return Series(start, tuple(point_ids), **table, issued=issued, flags=flags[asked])


def _of_one_station(session: Session) -> frozenset[str]:
    """Return the sources that may give one station's weather to every point."""
    replays = select(col(FeedStatus.source)).where(col(FeedStatus.kind) == "replay")
    return frozenset({FILES, *session.execute(replays).scalars()})


@dataclass(frozen=True)
class _Said:
    """What was said, the best first: cell (row-major hour and point), issue and values, all of shape (said,)."""

    cell: NDArray[np.int64]
    issued: Floats
    values: dict[str, Floats]
    group: NDArray[np.int64]
    """Place in `groups`."""
    groups: tuple[tuple[str, ValueKind], ...]
    """Source and kind."""


def _said(rows: Iterable[Sequence[Any]], point_ids: Sequence[str], start: datetime, preference: Sequence[str]) -> _Said:
    place = {name: number for number, name in enumerate(point_ids)}
    trust = {kind: number for number, kind in enumerate(TRUSTED)}
    rank = {name: number for number, name in enumerate(preference)}
    full = [row for row in rows if (row[1] - start) % HOUR == ZERO]
    full.sort(key=lambda row: (trust[row[2]], _age(row, start), rank[row[3]]))
    groups = tuple({(row[3], row[2]): None for row in full})
    cells = [((row[1] - start) // HOUR - 1) * len(place) + place[row[0]] for row in full]
    issued = [(row[4] - start) / HOUR if row[2] is ValueKind.FORECAST else np.nan for row in full]
    values = {name: [row[5 + number] for row in full] for number, name in enumerate(QUANTITIES)}
    return _Said(
        np.array(cells, dtype=np.int64),
        np.array(issued, dtype=np.float64),
        {name: np.array(column, dtype=np.float64) for name, column in values.items()},
        np.array([groups.index((row[3], row[2])) for row in full], dtype=np.int64),
        groups,
    )


def _age(row: Sequence[Any], start: datetime) -> timedelta:
    """Return what sorts forecasts by issue, the newest first; other values have no issue of their own."""
    return start - row[4] if row[2] is ValueKind.FORECAST else ZERO


def _newest(
    point_ids: Sequence[str], start: datetime, end: datetime, preference: Sequence[str], now: datetime
) -> Select[Any]:
    """Select, of each source, kind, point and hour, the newest issue: IDENTITY, `issued_at`, then QUANTITIES."""
    identity = [getattr(Observation, name) for name in IDENTITY]
    issue = func.row_number().over(partition_by=identity, order_by=col(Observation.issued_at).desc())
    values = [getattr(Observation, name) for name in ("issued_at", *QUANTITIES)]
    said = (
        select(*identity, *values, issue.label("issue"))
        .where(
            col(Observation.point_id).in_(point_ids),
            col(Observation.valid_at) > start,
            col(Observation.valid_at) <= end,
            col(Observation.source).in_(preference),
            col(Observation.issued_at) <= now,
        )
        .subquery()
    )
    return select(*(said.c[name] for name in (*IDENTITY, "issued_at", *QUANTITIES))).where(said.c.issue == 1)


def _judged(
    said: _Said, shape: tuple[int, int], rules: Quality, of_one_station: frozenset[str]
) -> tuple[_Said, dict[str, Bits]]:
    """Return what was said without what is not believed, each source and kind by itself, and the marks of it."""
    values = {name: column.copy() for name, column in said.values.items()}
    marks = {name: np.zeros(len(said.cell), dtype=np.uint32) for name in QUANTITIES}
    for number, (source, _) in enumerate(said.groups):
        of_group = said.group == number
        cells = said.cell[of_group]
        fields = {name: np.full(shape, np.nan) for name in QUANTITIES}
        for name, field in fields.items():
            field.flat[cells] = said.values[name][of_group]
        good, why = quality.check(fields, rules, one_station=source in of_one_station)
        for name in QUANTITIES:
            values[name][of_group] = good[name].flat[cells]
            marks[name][of_group] = why[name].flat[cells]
    return replace(said, values=values), marks


def _best(said: _Said, values: Floats, marks: Bits, shape: tuple[int, int]) -> tuple[Floats, Floats, Bits]:
    """Return the first value said of every cell, when it was issued if it is a forecast, and what came before it."""
    there = np.flatnonzero(~np.isnan(values))
    cells, first = np.unique(said.cell[there], return_index=True)
    best, issued = np.full(shape, np.nan), np.full(shape, np.nan)
    best.flat[cells] = values[there[first]]
    issued.flat[cells] = said.issued[there[first]]
    taken = np.full(best.size, len(values))
    taken[cells] = there[first]
    passed_over = np.flatnonzero((marks != 0) & (np.arange(len(values)) < taken[said.cell]))
    flags = np.zeros(best.size, dtype=np.uint32)
    np.bitwise_or.at(flags, said.cell[passed_over], marks[passed_over])
    return best, issued, flags.reshape(shape)
