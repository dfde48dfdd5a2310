"""Reading a station's CSV file: text and a column mapping in, hours in our units out. Touches no file itself.

Duplicates, late and out-of-order rows are normal: rows of one station and hour are merged, the later row of the
file wins, a missing cell takes nothing away. A bad row is skipped and told with its line; it never costs a good one. A
cell that is no number ("T", "///") is told as well, and counts as missing: the good cells beside it stay.

Temperature, humidity, wind and snow belong to the instant a row is stamped with. Rain belongs to an hour: with
`rain_hour = "following"` the amount of the row stamped 13:00 fell until 14:00 and is given with the hour that ends
at 14:00, while the row's temperature stays at 13:00.

Only rows on the full hour are read. A row off the hour is told as bad, because its rain would be that of some other
span and would silently pass for an hour's.
"""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from firewatch.errors import BadInput
from firewatch.rulebook.weather import Column, StationMapping
from firewatch.weather.units import rh_from_dew_point

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Values:
    """What one station measured for one hour, in our units; None is missing."""

    temp_c: float | None = None
    rh_pct: float | None = None
    wind_kmh: float | None = None
    gust_kmh: float | None = None
    wind_dir_deg: float | None = None
    rain_mm: float | None = None
    snow_depth_cm: float | None = None


QUANTITIES = tuple(field.name for field in fields(Values))
INSTANT = tuple(name for name in QUANTITIES if name != "rain_mm")


@dataclass(frozen=True)
class Problem:
    """A row that was skipped, or whose cells that are no numbers were."""

    line: int
    reason: str


@dataclass(frozen=True)
class StationFile:
    """A file's content by station (the empty name without a station column) and end of the hour, oldest first."""

    hours: Mapping[tuple[str, datetime], Values]
    rows: int
    problems: tuple[Problem, ...]


def read(lines: Iterable[str], mapping: StationMapping) -> StationFile:
    """Read a whole file. Raises BadInput when the header lacks a mapped column; bad rows are only counted."""
    numbered = enumerate(lines, start=1)
    layout = _Layout(_cells(next(numbered, (1, ""))[1], mapping.delimiter), mapping)
    found: dict[tuple[str, datetime], dict[str, float]] = {}
    problems: list[Problem] = []
    rows = 0
    for number, line in numbered:
        if not line.strip():
            continue  # an empty line says nothing
        rows += 1
        try:
            row = layout.row(_cells(line, mapping.delimiter))
            _merge(found, layout, row)
            if row.doubt:
                problems.append(Problem(number, row.doubt))
        except (csv.Error, ValueError, OverflowError) as error:
            problems.append(Problem(number, str(error)))
    hours = {key: Values(**found[key]) for key in sorted(found)}
    return StationFile(hours, rows, tuple(problems))


def _cells(line: str, delimiter: str) -> list[str]:
    # Line by line, so that a quote somebody forgot to close costs one row and not the rest of the file.
    return next(csv.reader((line,), delimiter=delimiter, strict=True), [])


@dataclass(frozen=True)
class _Row:
    station: str
    at: datetime
    values: Mapping[str, float]
    doubt: str
    """Which cells are no numbers; empty: all are."""


def _merge(found: dict[tuple[str, datetime], dict[str, float]], layout: "_Layout", row: _Row) -> None:
    rain_at = row.at + HOUR if layout.rain_follows else row.at
    for at, names in ((row.at, INSTANT), (rain_at, ("rain_mm",))):
        given = {name: row.values[name] for name in names if name in row.values}
        if given:
            found.setdefault((row.station, at), {}).update(given)


class _Layout:
    """Where everything stands in a row; remembers what the clock change in autumn makes ambiguous."""

    def __init__(self, header: Sequence[str], mapping: StationMapping) -> None:
        self._places = {name.strip(): place for place, name in enumerate(header)}
        self._width = len(header)
        self._missing = frozenset(mapping.missing)
        self._zone = ZoneInfo(mapping.time_zone)
        self._format = mapping.time_format
        self.rain_follows = mapping.rain_hour == "following"
        self._station = None if mapping.station_column is None else self._place(mapping.station_column)
        self._time = None if mapping.time_column is None else self._place(mapping.time_column)
        parts = (mapping.year_column, mapping.month_column, mapping.day_column, mapping.hour_column)
        self._parts = [self._place(name) for name in parts if name is not None]
        self._columns = {
            name: (self._place(column.column), column)
            for name in (*QUANTITIES, "dew_point_c")
            if (column := getattr(mapping, name)) is not None
        }
        self._repeated: set[tuple[str, datetime]] = set()

    def _place(self, column: str) -> int:
        try:
            return self._places[column]
        except KeyError:
            raise BadInput(f"the header has no column {column!r}") from None

    def row(self, cells: Sequence[str]) -> _Row:
        """Return a row's station, instant and numbers; ValueError when it cannot be trusted."""
        if len(cells) != self._width:
            raise ValueError(f"{len(cells)} fields, the header has {self._width}")
        station = "" if self._station is None else cells[self._station].strip()
        values, doubt = self._values(cells)
        dew_point_c = values.pop("dew_point_c", None)
        if "rh_pct" not in values and dew_point_c is not None and "temp_c" in values:
            rh_pct = rh_from_dew_point(values["temp_c"], dew_point_c)
            if rh_pct is not None:
                values["rh_pct"] = rh_pct
        return _Row(station, self._instant(station, cells), values, doubt)

    def _values(self, cells: Sequence[str]) -> tuple[dict[str, float], str]:
        values, doubts = {}, []
        for name, (place, column) in self._columns.items():
            text = cells[place].strip()
            if text in self._missing:
                continue
            try:
                value = _number(text, column)
            except ValueError as error:
                doubts.append(str(error))
                continue
            if math.isfinite(value):
                values[name] = value
        return values, "; ".join(doubts)

    def _instant(self, station: str, cells: Sequence[str]) -> datetime:
        local = self._local(cells)
        if local.minute or local.second or local.microsecond:
            raise ValueError(f"{local:%H:%M:%S} is not a full hour")
        if local.tzinfo is not None:
            return local.astimezone(UTC)
        return self._from_wall(station, local)

    def _local(self, cells: Sequence[str]) -> datetime:
        if self._time is None:
            year, month, day, hour = (int(cells[place]) for place in self._parts)
            if not 0 <= hour <= 24:
                raise ValueError(f"hour {hour}")
            # Some stations count the hours 1 to 24: 24 is the next day's 0.
            return datetime(year, month, day) + timedelta(hours=hour)  # noqa: DTZ001 - the wall's time, made aware below
        text = cells[self._time].strip()
        if self._format is None:
            return datetime.fromisoformat(text)
        return datetime.strptime(text, self._format)  # noqa: DTZ007 - the wall's time, made aware below

    def _from_wall(self, station: str, local: datetime) -> datetime:
        first = local.replace(tzinfo=self._zone)
        at = first.astimezone(UTC)
        second = first.replace(fold=1).astimezone(UTC)
        if at == second:
            return at
        if at.astimezone(self._zone).replace(tzinfo=None) != local:
            raise ValueError(f"{local:%Y-%m-%d %H:%M} does not exist in {self._zone.key}")
        # An hour the clock shows twice: the first row with it is the first pass, any further one the second.
        if (station, local) in self._repeated:
            return second
        self._repeated.add((station, local))
        return at


def _number(text: str, column: Column) -> float:
    try:
        return float(text) * column.scale + column.offset
    except ValueError:
        raise ValueError(f"{column.column}: {text[:20]!r} is not a number") from None
