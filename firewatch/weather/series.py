"""The weather read back: for every point and hour the best value there is, quantity by quantity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from firewatch.errors import BadInput
from firewatch.weather.models import Observation, ValueKind

Floats = NDArray[np.float64]
HOUR, ZERO = timedelta(hours=1), timedelta()
QUANTITIES = ("temp_c", "rh_pct", "wind_kmh", "rain_mm", "snow_depth_cm")
GRADED = QUANTITIES[:4]
"""What a grade cannot be computed without."""
IDENTITY = ("point_id", "valid_at", "kind", "source")

NONE, FORECAST, ANALYSED, OBSERVED = 0, 1, 2, 3
TRUST = {ValueKind.FORECAST: FORECAST, ValueKind.ANALYSED: ANALYSED, ValueKind.OBSERVED: OBSERVED}


@dataclass(frozen=True)
class Series:
    """Hours at points: row i ends at start + (i + 1) h, column j is point_ids[j]; NaN is missing.

    `kind` is that of the least trusted value among temperature, humidity, wind and rain, as far as they are there:
    0 none of them, 1 forecast, 2 analysed, 3 observed.
    """

    start: datetime
    point_ids: tuple[str, ...]
    temp_c: Floats
    rh_pct: Floats
    wind_kmh: Floats
    rain_mm: Floats
    snow_depth_cm: Floats
    kind: NDArray[np.int8]


def hourly(
    session: Session, point_ids: Sequence[str], start: datetime, end: datetime, preference: Sequence[str]
) -> Series:
    """Return the hours that end after `start`, up to `end`; both need to be full hours (BadInput).

    `preference` names the sources that count, the best first; others are left out, so that a replay never mixes
    with the real weather. Observed beats analysed beats forecast, then the earlier source, then the newer issue; of
    each source and kind only the newest issue of an hour speaks. A value it lacks is taken from the next best.
    """
    hours, rest = divmod(end - start, HOUR)
    if rest or hours < 0 or start.minute or start.second or start.microsecond:
        raise BadInput(f"weather from {start.isoformat()} to {end.isoformat()}: give full hours")
    said = _said(session, point_ids, start, end, preference)
    shape = (hours, len(point_ids))
    table, kind = {}, np.zeros(shape, dtype=np.int8)
    for name in QUANTITIES:
        values, trust = _best(said, said.values[name], shape)
        table[name] = values
        if name in GRADED:
            kind = np.where((kind == NONE) | ((trust != NONE) & (trust < kind)), trust, kind)
    return Series(start, tuple(point_ids), **table, kind=kind)


@dataclass(frozen=True)
class _Said:
    """What was said, the best first: cell (row-major hour and point), trust and values, all of shape (said,)."""

    cell: NDArray[np.int64]
    trust: NDArray[np.int8]
    values: dict[str, Floats]


def _said(
    session: Session, point_ids: Sequence[str], start: datetime, end: datetime, preference: Sequence[str]
) -> _Said:
    place = {name: number for number, name in enumerate(point_ids)}
    rank = {name: number for number, name in enumerate(preference)}
    rows = [
        row for row in session.execute(_newest(point_ids, start, end, preference)) if (row[1] - start) % HOUR == ZERO
    ]
    rows.sort(key=lambda row: (-TRUST[row[2]], rank[row[3]]))
    cells = [((row[1] - start) // HOUR - 1) * len(place) + place[row[0]] for row in rows]
    values = {name: [row[4 + number] for row in rows] for number, name in enumerate(QUANTITIES)}
    return _Said(
        np.array(cells, dtype=np.int64),
        np.array([TRUST[row[2]] for row in rows], dtype=np.int8),
        {name: np.array(column, dtype=np.float64) for name, column in values.items()},
    )


def _newest(point_ids: Sequence[str], start: datetime, end: datetime, preference: Sequence[str]) -> Select[Any]:
    """Select, of each source, kind, point and hour, the newest issue: point, hour, kind, source, then the values."""
    identity = [getattr(Observation, name) for name in IDENTITY]
    issue = func.row_number().over(partition_by=identity, order_by=col(Observation.issued_at).desc())
    values = [getattr(Observation, name) for name in QUANTITIES]
    said = (
        select(*identity, *values, issue.label("issue"))
        .where(
            col(Observation.point_id).in_(point_ids),
            col(Observation.valid_at) > start,
            col(Observation.valid_at) <= end,
            col(Observation.source).in_(preference),
        )
        .subquery()
    )
    return select(*(said.c[name] for name in (*IDENTITY, *QUANTITIES))).where(said.c.issue == 1)


def _best(said: _Said, values: Floats, shape: tuple[int, int]) -> tuple[Floats, NDArray[np.int8]]:
    """Return the first value said of every cell, and how far it can be trusted."""
    there = np.flatnonzero(~np.isnan(values))
    cells, first = np.unique(said.cell[there], return_index=True)
    best = np.full(shape, np.nan)
    trust = np.zeros(shape, dtype=np.int8)
    best.flat[cells] = values[there[first]]
    trust.flat[cells] = said.trust[there[first]]
    return best, trust
