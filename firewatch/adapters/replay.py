"""Weather as if it were now, for demonstrations, drills and tests: a made-up season, or a recorded file.

Both say what they are in `kind` and `note`, so that every screen can label them. Hours up to now are ANALYSED, the
days ahead FORECAST, issued every six hours as a weather service does.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from firewatch.adapters.stations import read_station_file
from firewatch.errors import BadInput
from firewatch.rulebook.weather import StationMapping
from firewatch.weather import made_up
from firewatch.weather.feeds import Point, Reading, WeatherFeed
from firewatch.weather.models import ValueKind
from firewatch.weather.station_file import QUANTITIES, Values

HOUR = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEAR_DAYS = 365.25
HISTORY = timedelta(days=120)
AHEAD = timedelta(days=9)
"""Far enough for seven local days ahead, at any hour of today."""
OVERLAP = timedelta(hours=6)


class MadeUpSeason(WeatherFeed):
    """Plausible weather that nobody measured, the same for the same seed; see `weather.made_up`."""

    def __init__(self, seed: int = 1, id: str = "made-up", history: timedelta = HISTORY) -> None:  # noqa: A002 - the port names it so
        """`history`: how far back the first answer goes."""
        self.id: str = id
        self.kind: str = "made_up"
        self.note: str = "made-up season"
        self._seed, self._history = seed, history

    def fetch(self, points: Sequence[Point], since: datetime | None, now: datetime) -> list[Reading]:
        """Return every hour from shortly before `since` to nine days ahead."""
        start, issued_at, end = _window(since, now, self._history)
        first, count = _hour_number(start) + 1, (end - start) // HOUR
        issued = _hour_number(issued_at)
        readings = []
        for point in points:
            hours = made_up.season(point, first, count, self._seed)
            error = made_up.forecast_error(point, first, count, issued, self._seed)
            columns = {name: getattr(hours, name).tolist() for name in QUANTITIES}
            wrong = (hours.temp_c + error).round(1).tolist()
            for number in range(count):
                valid_at = start + (number + 1) * HOUR
                values = {name: column[number] for name, column in columns.items()}
                if valid_at > now:
                    values["temp_c"] = wrong[number]
                readings.append(
                    _reading(point, valid_at, issued_at, now, f"made-up, seed {self._seed}", Values(**values))
                )
        return readings


class Replay(WeatherFeed):
    """A recorded series of one station, given to every point.

    Time is shifted by whole days, so that the hour of the day stays. A file of a year or more is shifted by whole
    years (365.25 days each, rounded to days), so that the time of the year stays, and begins again after its last
    whole year. A shorter file begins again after its last whole day: its season is its own. Without a shift, when
    the clock stands in the file's own time, its dates are its own.
    """

    def __init__(
        self,
        file: Path,
        mapping: StationMapping,
        id: str = "replay",  # noqa: A002 - the port names it so
        history: timedelta = HISTORY,
    ) -> None:
        """Read the file at once. Raises BadInput when it cannot be used."""
        self.id: str = id
        self.kind: str = "replay"
        self.note: str = file.name
        self._history = history
        self._hours = _one_station(file, mapping)
        self._first = min(self._hours) - HOUR
        self._cycle_days = _cycle_days(max(self._hours) - self._first, file.name)

    def fetch(self, points: Sequence[Point], since: datetime | None, now: datetime) -> list[Reading]:
        """Return the recorded hours from shortly before `since` to nine days ahead; what it lacks is lacking.

        The days ahead are what the recording says of them: a forecast that never errs.
        """
        start, issued_at, end = _window(since, now, self._history)
        readings = []
        for number in range((end - start) // HOUR):
            valid_at = start + (number + 1) * HOUR
            values = self._hours.get(self._recorded(valid_at))
            if values is not None:
                model = self.note[:60]
                readings += [_reading(point, valid_at, issued_at, now, model, values) for point in points]
        return readings

    def _recorded(self, valid_at: datetime) -> datetime:
        """Return the hour of the file that plays the hour that ends at `valid_at`."""
        # The hour belongs to the day it begins in, as those of the file.
        days = (valid_at - HOUR - self._first) / timedelta(days=1)
        cycle = int(days // self._cycle_days)
        return valid_at - timedelta(days=round(cycle * self._cycle_days))


def _one_station(path: Path, mapping: StationMapping) -> Mapping[datetime, Values]:
    file = read_station_file(path, mapping)
    stations = {station for station, _ in file.hours}
    if len(stations) != 1:
        reason = f"holds {len(stations)} stations, a replay wants one" if stations else "holds no readable row"
        first = f" (line {file.problems[0].line}: {file.problems[0].reason})" if file.problems else ""
        raise BadInput(f"{path.name}: {reason}{first}")
    return {valid_at: values for (_, valid_at), values in file.hours.items()}


def _cycle_days(length: timedelta, name: str) -> float:
    days = length / timedelta(days=1)
    # Three years may have 1,095 days or 1,096.
    years = int((days + 0.75) // YEAR_DAYS)
    if years:
        return years * YEAR_DAYS
    if days < 1:
        raise BadInput(f"{name}: holds less than a day, too little to replay")
    return float(int(days))


def _window(since: datetime | None, now: datetime, history: timedelta) -> tuple[datetime, datetime, datetime]:
    """Return from when (exclusive) hours are given, when the forecast was issued, and up to when."""
    this_hour = EPOCH + (now - EPOCH) // HOUR * HOUR
    start = this_hour - history
    if since is not None:
        start = max(start, EPOCH + (min(since, now) - EPOCH) // HOUR * HOUR - OVERLAP)
    issued_at = this_hour - timedelta(hours=this_hour.hour % 6)
    return start, issued_at, this_hour + AHEAD


def _hour_number(at: datetime) -> int:
    return (at - EPOCH) // HOUR


def _reading(
    point: Point, valid_at: datetime, issued_at: datetime, now: datetime, model: str, values: Values
) -> Reading:
    known = valid_at <= now
    kind = ValueKind.ANALYSED if known else ValueKind.FORECAST
    return Reading(point.id, kind, valid_at, valid_at if known else issued_at, model, **vars(values))
