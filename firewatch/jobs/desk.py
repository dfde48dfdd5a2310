"""What jobs work with, and what a job is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from firewatch.clock import Clock
from firewatch.db import Database
from firewatch.dispatch.travel import Travel
from firewatch.dispatch.worker import Worker
from firewatch.hotspots.feed import HotspotFeed
from firewatch.jobs.schedule import Schedule
from firewatch.messaging.channels import Inbox
from firewatch.messaging.line import Line
from firewatch.outlook.members import Ensemble
from firewatch.rulebook.read import Rulebook
from firewatch.weather import archive
from firewatch.weather.feeds import WeatherFeed

T = TypeVar("T")


@dataclass(frozen=True)
class Beside:
    """What a drill has beside it."""

    real: Database
    """The real service's database, which is only looked at."""
    sign: Callable[[], None]
    """Says that the drill is held."""
    record: Callable[[], None]
    """Writes its record."""
    end: Callable[[], None]
    """Says that it is over."""

    def close(self) -> None:
        """End the drill: its record as it stands last, and no sign any more."""
        self.record()
        self.end()
        self.real.dispose()


@dataclass(frozen=True)
class Desk:
    """What the jobs work with."""

    db: Database
    clock: Clock
    book: Rulebook
    feeds: Sequence[WeatherFeed]
    lines: Sequence[Line]
    """The channels that messages leave over."""
    ensemble: Ensemble | None = None
    """Asked with each issue of the outlook; None tells no probability."""
    optimiser: Worker = field(default_factory=Worker)
    hotspots: Sequence[HotspotFeed] = ()
    """Data sets of hot spots that are polled; none without a key."""
    travel: Travel | None = None
    """Knows the minutes between places; None estimates them."""

    inbox: Inbox | None = None
    """Asked for texts that came in and were missed; None where the provider keeps none."""
    watchdog: Callable[[], None] | None = None
    """Tells somebody outside that all is well; None: nobody is told."""
    watchdog_seconds: float = 60
    night_sheet: Callable[[], None] | None = None
    """Writes the sheet for a night without the machine; None: none is written."""
    night_sheet_seconds: float = 300

    beside: Beside | None = None
    """Of a drill; None: the real service."""

    @property
    def sources(self) -> list[str]:
        """The sources whose weather counts, the preferred first: the feeds, then what was brought in of the past."""
        return archive.heard(self.feeds)


@dataclass(frozen=True)
class Job:
    """Work at the instants of a schedule.

    `run` gets the instant and says what it did: a catalogue key `job_result.<said>` and its places.
    """

    name: str
    schedule: Schedule
    run: Callable[[datetime], Mapping[str, str]]
    each: bool
    """Whether every missed instant is caught up, or only the latest."""


@dataclass(frozen=True)
class Sweep:
    """A look for due rows; `run` answers how many there were."""

    name: str
    run: Callable[[], int]


def each(calls: Iterable[Callable[[], T]]) -> list[T]:
    """Make every call, also after one that raised, and then raise its error: nothing waits for another's trouble."""
    results: list[T] = []
    errors: list[Exception] = []
    for call in calls:
        try:
            results.append(call())
        except Exception as error:  # noqa: BLE001 - raised below
            errors.append(error)
    if errors:
        raise errors[0]
    return results
