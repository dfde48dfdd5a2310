"""What became of a week or a season, as facts: grades that came, indices, events, the forecasts' score. Pure.

What is summed up is what was assessed from observation. A grade of 0 is "no data"; None is a day of which nothing can
be said yet or at all: it is not over, its weather is not complete, or the scheme rests out of season. Neither is zero.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from firewatch.bulletins.content import NO_DATA, Document, Fact, Kind
from firewatch.bulletins.periods import PeriodKind

LEADS: Final = (1, 2, 3)
"""Days ahead that a bulletin tells of."""
HIGH: Final = 4
"""From this grade on the law speaks of high danger."""
LEAST_DAYS: Final = 5
"""On fewer days a score says nothing of how good forecasts are."""
INDICES: Final = ("ffmc", "dmc", "dc", "isi", "bui", "fwi")


class Spread(Fact):
    """An index over the points of a day that have it."""

    low: float
    mean: float
    high: float


class ZoneSummary(Fact):
    """A zone's days, in the order of the period's."""

    id: str
    name_zh: str
    name_en: str
    grades: tuple[int | None, ...]

    def count(self, grade: int) -> int:
        """Return on how many days a grade came; 0: that had no data."""
        return self.grades.count(grade)

    @property
    def highest(self) -> int:
        """The highest grade that came; 0 where none did."""
        return max((grade for grade in self.grades if grade), default=NO_DATA)


class Issued(Fact):
    """Bulletins of the period's days, by their day of issue."""

    published: int
    corrected: int
    withdrawn: int
    lacking: int
    """Days of it that are over and have none."""
    unheard: int
    """Bulletins that had heard of no satellite."""


class Fires(Fact):
    """Fires that were reported; a false alarm is one of them."""

    reported: int
    false_alarms: int
    zones: Mapping[str, int] = {}
    """By zone id; what lies outside is under ""."""


class Seen(Fact):
    """What satellites saw."""

    detections: int
    tickets: Mapping[str, int] = {}
    """Questions to people by their state."""
    zones: Mapping[str, int] = {}


class Score(Fact):
    """Forecasts of so many days ahead beside what came."""

    lead: int
    days: int
    """Days with at least one pair."""
    pairs: int
    hits: int
    off_one: int
    further: int
    high_came: int
    missed_high: int
    """High danger came and was not foretold."""
    high_foretold: int
    false_alarms: int
    """High danger was foretold and did not come."""
    no_forecast: int = 0
    no_analysis: int = 0

    @property
    def judged(self) -> bool:
        """Whether there are days enough to judge by."""
        return self.days >= LEAST_DAYS


class Summary(Fact):
    """A week or a season. Every rendering is made of this alone."""

    kind: PeriodKind
    name: str
    first: date
    last: date
    until: date
    """The last day of it that is over, or the day before the first."""
    scheme: str
    alliance: Mapping[str, str]
    days: tuple[date, ...]
    zones: tuple[ZoneSummary, ...]
    indices: Mapping[str, tuple[Spread | None, ...]]
    """By name, in the order of the days: over all points."""
    bulletins: Issued
    fires: Fires
    hotspots: Seen
    warnings: Mapping[str, Mapping[str, int]]
    """Signal -> zone id -> how often it was issued or raised to that."""
    scores: tuple[Score, ...]
    time_zone: str
    made_up: bool = False
    """Some of the weather is a replay or made up: then the score means nothing."""
    demonstration: bool = False

    @property
    def over(self) -> bool:
        """Whether its last day is over."""
        return self.until >= self.last

    @property
    def graded(self) -> int:
        """Return how many zone-days have a grade."""
        return sum(bool(grade) for zone in self.zones for grade in zone.grades)

    @property
    def highest(self) -> int:
        """The highest grade that came anywhere; 0 where none did."""
        return max((zone.highest for zone in self.zones), default=NO_DATA)

    def high_days(self) -> int:
        """Return on how many days a zone reached high danger."""
        columns = zip(*(zone.grades for zone in self.zones), strict=True)
        return sum(any(grade is not None and grade >= HIGH for grade in column) for column in columns)


def issued(documents: Sequence[Document], over: Sequence[date]) -> Issued:
    """Count the bulletins of the days that are over, and the days without one."""
    kinds = [document.kind for document in documents]
    there = {document.content.on for document in documents}
    return Issued(
        published=len(kinds) - kinds.count(Kind.WITHDRAWAL),
        corrected=kinds.count(Kind.CORRECTION),
        withdrawn=kinds.count(Kind.WITHDRAWAL),
        lacking=sum(on not in there for on in over),
        unheard=sum(not document.content.hotspots.heard for document in documents),
    )


def scores(documents: Iterable[Document], came: Mapping[tuple[str, date], int]) -> tuple[Score, ...]:
    """Put what the bulletins foretold beside what came, (zone id, day) -> grade; a withdrawn one foretells nothing.

    A day that is not in `came` is passed over: it lies outside, or nothing can be said of it yet.
    """
    pairs: dict[int, list[tuple[date, int, int]]] = {lead: [] for lead in LEADS}
    for document in documents:
        for zone in document.content.zones if document.kind is not Kind.WITHDRAWAL else ():
            for day in zone.days:
                lead = (day.on - document.content.on).days
                if lead in pairs and (zone.id, day.on) in came:
                    pairs[lead].append((day.on, day.grade, came[zone.id, day.on]))
    return tuple(_score(lead, found) for lead, found in pairs.items())


def _score(lead: int, pairs: Sequence[tuple[date, int, int]]) -> Score:
    both = [(on, told, came) for on, told, came in pairs if told and came]
    off = [abs(told - came) for _, told, came in both]
    high = [(told >= HIGH, came >= HIGH) for _, told, came in both]
    return Score(
        lead=lead,
        days=len({on for on, _, _ in both}),
        pairs=len(both),
        hits=off.count(0),
        off_one=off.count(1),
        further=sum(each > 1 for each in off),
        high_came=sum(came for _, came in high),
        missed_high=high.count((False, True)),
        high_foretold=sum(told for told, _ in high),
        false_alarms=high.count((True, False)),
        no_forecast=sum(not told for _, told, _ in pairs),
        no_analysis=sum(bool(told) and not came for _, told, came in pairs),
    )
