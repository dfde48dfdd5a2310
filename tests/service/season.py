"""A season played day by day: the weather of a real station comes in, days are graded, bulletins and warnings go out.

Each zone sees the station's weather some days later than the one before it, so that no two are alike. What is foreseen
is the day before over again (persistence): an honest forecast that errs, as a forecast does.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from firewatch.adapters.replay import Replay
from firewatch.bulletins import draft, record, release
from firewatch.bulletins.models import Bulletin
from firewatch.clock import FixedClock, local_day
from firewatch.danger import assess
from firewatch.db import Database
from firewatch.outlook import issue, settle
from firewatch.rulebook.read import Rulebook, read_rulebook
from firewatch.warnings import draft as warning_draft
from firewatch.warnings import record as warning_record
from firewatch.warnings import release as warning_release
from firewatch.weather import ingest
from firewatch.weather.feeds import Point, Reading, WeatherFeed
from firewatch.weather.models import ValueKind

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FIRST = date(2025, 11, 1)
SEASON_DAYS = 212
"""From 1 November to 31 May."""
FILE = "beijing_dingling_2013_2017_hourly.csv"
CONFIG = Path(__file__).parents[1] / "config" / "dingling"
APART = 3
"""Days between one zone's weather and the next one's."""
AHEAD = 5
SOURCES = ["season"]
NAME = "值班员甲"
NOTE = {"zh": "更正风力", "en": "wind corrected"}


class SeasonFeed(WeatherFeed):
    """A station's record for every zone, each a few days later; the days ahead are the last one over again."""

    def __init__(self, reference: Path, book: Rulebook, history: timedelta) -> None:
        self.id, self.kind, self.note = SOURCES[0], "replay", FILE
        mapping = read_rulebook(CONFIG).weather.mapping
        assert mapping is not None
        self._record = Replay(reference / "weather" / "stations" / FILE, mapping, history=history)
        self._later = {point.id: n * APART * DAY for n, zone in enumerate(book.zones) for point in zone.points}

    def fetch(self, points: Sequence[Point], since: datetime | None, now: datetime) -> list[Reading]:
        found: list[Reading] = []
        for point in points:
            later = self._later[point.id]
            known = self._known(point, since and since + later, now + later)
            found += [replace(each, valid_at=each.valid_at - later, issued_at=each.issued_at - later) for each in known]
            last = self._known(point, now + later - DAY, now + later)[-24:]
            found += [self._again(each, later, n, now) for each in last for n in range(1, AHEAD + 1)]
        return found

    def _known(self, point: Point, since: datetime | None, now: datetime) -> list[Reading]:
        return [each for each in self._record.fetch([point], since, now) if each.kind is ValueKind.ANALYSED]

    @staticmethod
    def _again(known: Reading, later: timedelta, days: int, now: datetime) -> Reading:
        at = known.valid_at - later + days * DAY
        return replace(known, kind=ValueKind.FORECAST, valid_at=at, issued_at=now)


@dataclass
class Season:
    """A service whose days are played one after the other at the hour of the draft."""

    db: Database
    clock: FixedClock
    book: Rulebook
    feed: SeasonFeed
    corrected_every: int = 20
    withdrawn_every: int = 70

    def days(self, count: int = SEASON_DAYS) -> Iterator[tuple[date, list[int]]]:
        """Play days; after each version of a bulletin return its day, and the numbers of the warnings issued on it."""
        for number in range(count):
            on = local_day(self.clock.now(), self.book.alliance.tz)
            self.weather()
            self.bulletin(on)
            yield on, self.warn()
            if number and number % self.corrected_every == 0:
                self.again(lambda session, on=on: release.correct(session, self.clock, on, "officer", NOTE))
                yield on, []
            if number and number % self.withdrawn_every == 0:
                with self.db.write() as session:
                    release.withdraw(session, self.clock, self.book, on, "officer", NAME, NOTE)
                yield on, []
            self.clock.advance(days=1)

    def weather(self) -> None:
        """What the jobs of weather, outlook and scores do."""
        points = [Point(p.id, p.lat, p.lon, p.elevation_m) for p in self.book.points.values()]
        ingest.fetch(
            self.db,
            self.feed,
            points,
            self.clock,
            lambda session, new: assess.refresh(session, self.clock, self.book, SOURCES, new.oldest_at),
        )
        with self.db.read() as session:
            found = issue.foresee(session, self.clock, self.book, SOURCES)
        with self.db.write() as session:
            issue.store(session, self.book, found, self.clock.now())
        with self.db.write() as session:
            for on in settle.due(session, self.clock, self.book):
                settle.settle(session, self.clock, on)

    def bulletin(self, on: date) -> None:
        self.again(lambda session: draft.draw_up(session, self.clock, self.book, on, "officer"))

    def again(self, drawn: Callable[..., Bulletin]) -> None:
        """Draft and sign."""
        with self.db.write() as session:
            row = drawn(session)
            release.sign(session, self.clock, self.book, record.number_of(row), "officer", NAME)

    def warn(self) -> list[int]:
        """Draft what the grades ask for, approve and issue it."""
        with self.db.write() as session:
            warning_draft.draw_up(session, self.clock, self.book)
            ids = [warning_record.number_of(row) for row in warning_record.waiting(session).values()]
            warning_release.approve_and_issue(session, self.clock, self.book, ids, "officer", NAME)
        return ids

    def end(self) -> list[int]:
        """Lift every warning in force, by hand; return the numbers of what lifts them."""
        with self.db.write() as session:
            rows = [
                warning_release.lift(
                    session, self.clock, self.book, warning_record.number_of(row), "officer", NAME, "防火期结束"
                )
                for row in warning_record.in_force(session).values()
            ]
            return [warning_record.number_of(row) for row in rows]


def open_season(db: Database, book: Rulebook, reference: Path, first: date = FIRST) -> Season:
    """A season that begins at half past four in the afternoon of a day, with three weeks of weather before it."""
    clock = FixedClock(datetime(first.year, first.month, first.day, 8, 30, tzinfo=UTC))
    return Season(db, clock, book, SeasonFeed(reference, book, 21 * DAY))
