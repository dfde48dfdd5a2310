"""Own stations: CSV files that somebody's logger puts into a folder.

A file is read when it is new or has changed, once; rows are kept in memory, by point and hour. Rows ahead of the
clock are held back until their time comes: for a live station that refuses a logger whose clock runs ahead, and a
file of past years under a clock set into them comes out day after day at the clock's speed.

An hour carries its own end as issue time, so a repeat changes nothing and a corrected row replaces the first.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path

from firewatch.errors import BadInput
from firewatch.rulebook.weather import StationMapping, StationsFeed
from firewatch.weather import rain_counter
from firewatch.weather.feeds import FeedDown, Point, Reading, WeatherFeed
from firewatch.weather.models import ValueKind
from firewatch.weather.station_file import StationFile, Values, read

ANY = "*"
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
        self, rules: StationsFeed, mapping: StationMapping, folder: Path, overlap: timedelta = timedelta(days=2)
    ) -> None:
        """`overlap`: how far before `since` hours are given again."""
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

    def fetch(self, points: Sequence[Point], since: datetime | None, now: datetime) -> list[Reading]:
        """Return what is new up to now, with the last days before `since` again. Raises FeedDown."""
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
        self._remember(file)

    def _point_id(self, station: str) -> str | None:
        return self._rules.stations.get(station) or self._rules.stations.get(ANY)

    def _remember(self, file: StationFile) -> None:
        counted: set[str] = set()
        for (station, valid_at), values in file.hours.items():
            if self._rules.form(station) == "counter":
                counted.add(station)
                if values.rain_mm is not None:
                    self._totals.setdefault(station, {})[valid_at] = values.rain_mm
                self._take(station, valid_at, replace(values, rain_mm=None))
            else:
                self._take(station, valid_at, values)
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
