"""Own stations: CSV files that somebody's logger puts into a folder.

A file is read when it is new or has changed, once; rows are kept in memory, by point and hour. Rows more than five
minutes ahead of the clock are refused and told, for the logger's clock is wrong (`weather/ahead.py`). Under a clock
that was set they are held back until their time comes: a file of past years comes out day after day.

An hour carries its own end as issue time, so a repeat changes nothing and a corrected row replaces the first.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from firewatch.errors import BadInput
from firewatch.rulebook.weather import StationMapping, StationsFeed
from firewatch.weather import rain_counter
from firewatch.weather.ahead import RefusedRows
from firewatch.weather.feeds import FeedDown, Heard, Point, Reading, WeatherFeed
from firewatch.weather.heard import TOO_FAR
from firewatch.weather.models import ValueKind
from firewatch.weather.station_file import StationFile, Values, read

ANY = "*"
AHEAD = f"ahead of the clock here {TOO_FAR}"
Place = tuple[datetime, str]
"""End of the hour and point: sorts by time."""


def read_station_file(path: Path, mapping: StationMapping) -> StationFile:
    """Read a file from the disk. Raises BadInput that names the file and what is wrong with it as a whole."""
    try:
        with path.open(encoding=mapping.encoding, newline="") as lines:
            return read(lines, mapping)
    except (OSError, UnicodeError, LookupError) as error:
        raise BadInput(f"{path.name}: cannot be read: {error}") from None
    except BadInput as error:
        raise BadInput(f"{path.name}: {error}") from None


class StationsSend(WeatherFeed):
    """Stations without a folder: they send over HTTP, and there is nobody to ask."""

    passive = True

    def __init__(self, rules: StationsFeed) -> None:
        self.id: str = rules.id
        self.kind: str = "stations"
        self.note: str = ""

    def fetch(self, points: Sequence[Point], since: datetime | None, now: datetime) -> list[Reading]:
        """Return nothing: what was sent is on record already."""
        del points, since, now
        return []


class StationsFolder(WeatherFeed):
    """The feed. `note` tells after each fetch how many files there are and names the first bad row."""

    def __init__(
        self,
        rules: StationsFeed,
        mapping: StationMapping,
        folder: Path,
        overlap: timedelta = timedelta(days=2),
        *,
        clock_is_set: bool = False,
    ) -> None:
        """`overlap`: how far before `since` hours are given again. `clock_is_set`: the clock is not the machine's."""
        self.id: str = rules.id
        self.kind: str = "stations"
        self.note: str = ""
        self._rules, self._mapping, self._folder, self._overlap = rules, mapping, folder, overlap
        self._seen: dict[Path, tuple[int, int]] = {}
        self._complaints: dict[Path, str] = {}
        self._unreadable: set[Path] = set()
        self._hours: dict[Place, Values] = {}
        self._totals: dict[str, dict[datetime, float]] = {}
        """What the running rain counters showed, by station."""
        self._order: list[Place] = []
        self._fresh: set[Place] = set()
        """Hours read that are not on record yet."""
        self._given: set[Place] = set()
        """Those of them that the last fetch gave."""
        self._clock_is_set = clock_is_set
        self._refused = RefusedRows()
        self._told: dict[str, list[datetime]] = {}
        """The hours of every station, in order."""
        self._ahead: dict[Path, dict[str, datetime]] = {}
        """The newest row that was refused of every station, by file."""
        self._now = datetime.min.replace(tzinfo=UTC)

    def fetch(self, points: Sequence[Point], since: datetime | None, now: datetime) -> list[Reading]:
        """Return what is new up to now, with the last days before `since` again. Raises FeedDown."""
        self._now = now
        self._look()
        end = bisect_right(self._order, now, key=lambda place: place[0])
        start = 0 if since is None else bisect_right(self._order, since - self._overlap, key=lambda place: place[0])
        # Late rows may lie before the slice, and those of the future stay fresh.
        self._given = {place for place in self._fresh if place[0] <= now}
        asked = {point.id for point in points}
        places = sorted(self._given.union(self._order[start:end]))
        return [self._reading(place) for place in places if place[1] in asked]

    def stored(self) -> None:
        """Let go of what the last fetch gave."""
        self._fresh -= self._given
        self._given = set()

    def heard(self) -> list[Heard]:
        """Tell the newest hour of every station that is named, and which of them have a clock that runs ahead."""
        return [
            Heard(name, point_id, self._newest(name), AHEAD if self._is_ahead(name) else None)
            for name, point_id in self._rules.stations.items()
            if name != ANY and (name in self._told or self._is_ahead(name))
        ]

    def remind(self, memory: Mapping[str, Any]) -> None:
        """Take up which rows were refused."""
        self._refused.remind(memory.get("refused", ()))

    def memory(self) -> dict[str, Any]:
        """Give which rows were refused."""
        return {"refused": self._refused.memory()}

    def _newest(self, station: str) -> datetime | None:
        hours = self._told.get(station, [])
        place = bisect_right(hours, self._now)
        return hours[place - 1] if place else None

    def _is_ahead(self, station: str) -> bool:
        newest_at = self._newest(station)
        refused = (stations[station] for stations in self._ahead.values() if station in stations)
        return any(newest_at is None or ahead_at > newest_at for ahead_at in refused)

    def _reading(self, place: Place) -> Reading:
        valid_at, point_id = place
        values = asdict(self._hours[place])
        return Reading(point_id, ValueKind.OBSERVED, valid_at, valid_at, "station", **values)

    def _look(self) -> None:
        paths = self._files()
        for path in paths:
            try:
                stat = path.stat()
            except OSError:
                continue  # taken away since it was listed
            version = (stat.st_size, stat.st_mtime_ns)
            if self._seen.get(path) != version:
                self._take_in(path)
                self._seen[path] = version
        complaints = [self._complaints[path] for path in paths if path in self._complaints]
        suspects = sorted({station for stations in self._ahead.values() for station in stations})
        complaints += [f"{station}: {AHEAD}" for station in suspects if self._is_ahead(station)]
        if self._unreadable.issuperset(paths):
            raise FeedDown("; ".join(complaints))
        self.note = "; ".join([f"{len(paths)} × {self._rules.pattern}", *complaints])

    def _files(self) -> list[Path]:
        if not self._folder.is_dir():
            raise FeedDown(f"{self._folder.name}: no such folder")
        paths = sorted(path for path in self._folder.glob(self._rules.pattern) if path.is_file())
        if not paths:
            raise FeedDown(f"{self._folder.name}: no file {self._rules.pattern}")
        return paths

    def _take_in(self, path: Path) -> None:
        self._complaints.pop(path, None)
        self._ahead.pop(path, None)
        self._unreadable.discard(path)
        try:
            file = read_station_file(path, self._mapping)
        except BadInput as error:
            # One unreadable file takes nothing from the others.
            self._unreadable.add(path)
            self._complaints[path] = str(error)
            return
        unknown = {station for station, _ in file.hours if self._point_id(station) is None}
        if file.problems:
            first = file.problems[0]
            self._complaints[path] = f"{path.name}:{first.line}: {first.reason} ({len(file.problems)}/{file.rows})"
        elif unknown:
            self._complaints[path] = f"{path.name}: station {min(unknown)!r} is not configured"
        self._remember(file, self._ahead.setdefault(path, {}))

    def _point_id(self, station: str) -> str | None:
        return self._rules.stations.get(station) or self._rules.stations.get(ANY)

    def _remember(self, file: StationFile, ahead: dict[str, datetime]) -> None:
        counted: set[str] = set()
        told: dict[str, set[datetime]] = {}
        for (station, valid_at), values in file.hours.items():
            if not self._clock_is_set and self._refused.refuses(station, valid_at, values, self._now):
                ahead[station] = valid_at  # the hours of a file come in order
                continue
            told.setdefault(station, set()).add(valid_at)
            if self._rules.form(station) == "counter":
                counted.add(station)
                if values.rain_mm is not None:
                    self._totals.setdefault(station, {})[valid_at] = values.rain_mm
                self._take(station, valid_at, replace(values, rain_mm=None))
            else:
                self._take(station, valid_at, values)
        for station, hours in told.items():
            self._told[station] = sorted(hours.union(self._told.get(station, ())))
        for station in counted:
            # A late file may complete the hours of another: the amount of an hour hangs on the hour before.
            for valid_at, rain_mm in rain_counter.amounts(self._totals.get(station, {})).items():
                self._take(station, valid_at, Values(rain_mm=rain_mm))
        self._order = sorted(self._hours)

    def _take(self, station: str, valid_at: datetime, values: Values) -> None:
        point_id = self._point_id(station)
        if point_id is None or values == Values():
            return
        place = (valid_at, point_id)
        known = self._hours.get(place)
        merged = values if known is None else _completed(values, known)
        if merged != known:
            self._hours[place] = merged
            self._fresh.add(place)


def _completed(values: Values, known: Values) -> Values:
    """Let what is missing stand as it was known from another file."""
    given = {name: value for name, value in asdict(values).items() if value is not None}
    return replace(known, **given)
