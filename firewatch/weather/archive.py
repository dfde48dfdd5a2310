"""Weather of the past, brought in at one go: from an archive, or from the file of a station.

It stands under names of its own that no feed can have, and after all feeds in the order of preference: where a feed has
told an hour, its word stays; the archive fills what it lacks. A replay has its own past and never mixes with real
weather.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
from sqlmodel import Session

from firewatch.errors import BadInput
from firewatch.rulebook.quality import Quality
from firewatch.rulebook.weather import Weather
from firewatch.weather import rain_counter, series
from firewatch.weather.feeds import Reading, WeatherFeed
from firewatch.weather.models import FeedStatus, ValueKind
from firewatch.weather.station_file import StationFile, Values

OPEN_METEO = "archive:open-meteo"
FILES = series.FILES
SOURCES = (FILES, OPEN_METEO)
NOT_REAL = frozenset({"replay", "made_up"})
"""Kinds of feeds that play weather."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NEEDED = ("temp_c", "rh_pct", "wind_kmh", "rain_mm")


def heard(feeds: Iterable[WeatherFeed]) -> list[str]:
    """Return the sources whose weather counts, the preferred first: the feeds, then the archives."""
    listed = list(feeds)
    archives = () if any(feed.kind in NOT_REAL for feed in listed) else SOURCES
    return [*(feed.id for feed in listed), *archives]


def pieces(first: date, last: date, days: int) -> Iterator[tuple[date, date]]:
    """Cut a span of days into pieces of at most so many, the oldest first."""
    begins = first
    while begins <= last:
        ends = min(last, begins + (days - 1) * DAY)
        yield begins, ends
        begins = ends + DAY


def complete(
    session: Session,
    points: Sequence[str],
    sources: Sequence[str],
    first: date,
    last: date,
    now: datetime,
    rules: Quality = series.AS_SHIPPED,
) -> bool:
    """Return whether at every point every hour of some days of UTC has all that the indices need, and believed.

    What was received and is not believed counts as lacking, and so does what was only foreseen.
    """
    start = datetime(first.year, first.month, first.day, tzinfo=UTC) - HOUR
    end = start + ((last - first).days + 1) * DAY
    found = series.hourly(session, points, start, end, sources, now, rules)
    return not any(np.isnan(getattr(found, name)).any() or (~np.isnan(found.issued[name])).any() for name in NEEDED)


def of_station(file: StationFile, station: str | None, point_id: str, rules: Weather) -> list[Reading]:
    """Return the hours of a station's file for a point; BadInput when it is not clear which station is meant.

    A rain counter that runs on becomes amounts, as where the station's feed reads it.
    """
    stations = sorted({name for name, _ in file.hours})
    if station is None and len(stations) > 1:
        raise BadInput(f"the file holds the stations {', '.join(stations[:9])}: name one with --station")
    if not stations or (station is not None and station not in stations):
        first = f"; line {file.problems[0].line}: {file.problems[0].reason}" if file.problems else ""
        raise BadInput(f"the file holds no readable hour of {station or 'any station'}{first}")
    wanted = stations[0] if station is None else station
    hours = {at: values for (name, at), values in file.hours.items() if name == wanted}
    return _readings(_in_amounts(hours) if rules.rain_form(wanted) == "counter" else hours, point_id)


def _in_amounts(hours: Mapping[datetime, Values]) -> dict[datetime, Values]:
    totals = {at: values.rain_mm for at, values in hours.items() if values.rain_mm is not None}
    rain_mm = rain_counter.amounts(totals)
    return {at: replace(values, rain_mm=rain_mm.get(at)) for at, values in hours.items()}


def _readings(hours: Mapping[datetime, Values], point_id: str) -> list[Reading]:
    return [
        Reading(point_id, ValueKind.OBSERVED, at, at, "station file", **vars(values)) for at, values in hours.items()
    ]


def note(session: Session, now: datetime) -> None:
    """Write down that Open-Meteo's archive was used: its licence asks for its name beside the figures."""
    row = session.get(FeedStatus, OPEN_METEO) or FeedStatus(source=OPEN_METEO, kind="open_meteo")
    row.last_tried_at = row.last_success_at = now
    session.add(row)
