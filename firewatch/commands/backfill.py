"""firewatch backfill: weather of the past from an archive or a file, and the chain of the danger begun there."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from firewatch.commands.parsing import Commands, add
from firewatch.errors import BadInput

if TYPE_CHECKING:
    from firewatch.app import Parts
    from firewatch.weather.feeds import Reading

MOST_DAYS = 3660
PIECE_DAYS = 30
DAY = timedelta(days=1)


def register(commands: Commands) -> None:
    """Add backfill."""
    command = add(commands, "backfill", _backfill, "fetch weather of the past, and begin the danger's chain there")
    command.add_argument("--days", type=int, default=400, metavar="N", help="how far back; default 400")
    command.add_argument("--file", type=Path, metavar="FILE", help="a station's file instead of Open-Meteo's archive")
    command.add_argument("--point", metavar="POINT", help="the weather point that the file is for")
    command.add_argument("--station", metavar="NAME", help="the station, where the file holds several")


def _backfill(given: argparse.Namespace) -> int:
    from firewatch.run import named_parts
    from firewatch.weather.feeds import FeedDown

    if not 1 <= given.days <= MOST_DAYS:
        raise BadInput(f"--days: {given.days} is not from 1 to {MOST_DAYS}")
    if (given.file is None) != (given.point is None):
        raise BadInput("give --file and --point together: a station's file belongs to one weather point")
    parts = named_parts()
    if parts.settings.replay is not None:
        raise BadInput("FIREWATCH_REPLAY: a replay has its own past; real weather is not mixed with it")
    try:
        stored = _from_archive(parts, given.days) if given.file is None else _from_file(parts, given)
    except FeedDown as error:
        print(f"Open-Meteo's archive: {error}", file=sys.stderr)
        print("What has come is stored: run the command again to go on from there.", file=sys.stderr)
        return 1
    days = _rechain(parts)
    print(f"{stored} readings stored; {days} days graded")
    parts.db.dispose()
    return 0


def _from_archive(parts: "Parts", days: int) -> int:
    from tqdm import tqdm

    from firewatch.adapters.open_meteo_archive import OpenMeteoArchive
    from firewatch.weather import archive, ingest
    from firewatch.weather.feeds import Point

    service = OpenMeteoArchive(str(parts.settings.open_meteo_archive_url))
    points = [Point(p.id, p.lat, p.lon, p.elevation_m) for p in parts.book.points.values()]
    sources = archive.heard(parts.feeds)
    now, rules = parts.clock.now(), parts.book.weather.quality
    yesterday = now.astimezone(UTC).date() - DAY
    stored = 0
    with tqdm(total=days, unit="d", desc="weather", dynamic_ncols=True) as bar:
        for first, last in archive.pieces(yesterday - (days - 1) * DAY, yesterday, PIECE_DAYS):
            with parts.db.read() as session:
                there = archive.complete(session, list(parts.book.points), sources, first, last, now, rules)
            if not there:
                readings = service.days(points, first, last, now)  # no transaction is open meanwhile
                with parts.db.write() as session:
                    stored += ingest.store(session, archive.OPEN_METEO, readings, now).new
                    archive.note(session, now)
            bar.update((last - first).days + 1)
    return stored


def _from_file(parts: "Parts", given: argparse.Namespace) -> int:
    from tqdm import tqdm

    from firewatch.adapters.stations import read_station_file
    from firewatch.weather import archive, ingest

    if given.point not in parts.book.points:
        raise BadInput(f"--point: {given.point} is none of {', '.join(parts.book.points)}")
    now = parts.clock.now()
    file = read_station_file(given.file, parts.book.weather.mapping)
    readings = _of_days(archive.of_station(file, given.station, given.point, parts.book.weather), now, given.days)
    if not readings:
        raise BadInput(f"{given.file.name}: no hour of the last {given.days} days; --days takes it further back")
    for problem in file.problems[:5]:
        print(f"{given.file.name}: line {problem.line}: {problem.reason}", file=sys.stderr)
    stored = 0
    with tqdm(total=len(readings), unit="h", desc="weather", dynamic_ncols=True) as bar:
        for start in range(0, len(readings), PIECE_DAYS * 24):
            some = readings[start : start + PIECE_DAYS * 24]
            with parts.db.write() as session:
                stored += ingest.store(session, archive.FILES, some, now).new
            bar.update(len(some))
    return stored


def _of_days(readings: Sequence["Reading"], now: datetime, days: int) -> list["Reading"]:
    return [reading for reading in readings if now - days * DAY <= reading.valid_at <= now]


def _rechain(parts: "Parts") -> int:
    """Do the whole chain again in pieces; return how many days it has."""
    from tqdm import tqdm

    from firewatch.clock import local_day
    from firewatch.danger import rechain
    from firewatch.weather import archive

    sources = archive.heard(parts.feeds)
    with parts.db.write() as session:
        first = rechain.begin(session, parts.clock, parts.book, sources)
    if first is None:
        return 0
    today = local_day(parts.clock.now(), parts.book.alliance.tz)
    days = (today - first).days + 1
    with tqdm(total=days, unit="d", desc="grades", dynamic_ncols=True) as bar:
        done: date | None = first
        while done is not None:
            with parts.db.write() as session:
                done = rechain.step(session, parts.clock, parts.book, sources)
            bar.update((days if done is None else (done - first).days) - bar.n)
    return days
