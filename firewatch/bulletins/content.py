"""What a bulletin says, as facts: the one object from which its texts, map, JSON and CAP are made. Pure.

Grades are of the operational scheme, 1 (low) to 5 (extreme); 0 is "no data", which is not "no danger". A day of the
bulletin is the local day on which most of its validity lies: the one after its day of issue.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

NO_DATA: Final = 0
DAYS: Final = 3
"""The day of the bulletin and the two days after it."""


class Fact(BaseModel):
    """A frozen part of the content that goes into JSON and comes back the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(Fact):
    """The lowest and the highest value of a quantity among the points that have one."""

    low: float
    high: float


class Weather(Fact):
    """The weather of a day over some points; None where no point tells of it."""

    points: int
    told: int
    """How many of the points have all four."""
    tmax_c: Span | None = None
    rhmin_pct: Span | None = None
    windmax_ms: Span | None = None
    rain_mm: Span | None = None
    """Over the local day."""


class ZoneDay(Fact):
    """A zone's grade on a day, as it is foreseen."""

    on: date
    grade: int
    value: float | None = None
    mean: float | None = None
    probability: float | None = None
    """Of grade 4 or more, 0 to 1; None: not known, which is not 0."""
    flags: tuple[str, ...] = ()


class ZonePart(Fact):
    """A zone: its days, its weather on the first of them, its grade in the bulletin before, its warning in force."""

    id: str
    name_zh: str
    name_en: str
    days: tuple[ZoneDay, ...]
    weather: Weather
    was: int | None = None
    """Of the first day in the bulletin of the day before; None: there was none."""
    signal: Literal["blue", "yellow", "orange", "red"] | None = None
    signal_until: datetime | None = None

    @property
    def grade(self) -> int:
        """The grade of the day of the bulletin."""
        return self.days[0].grade


class Hotspots(Fact):
    """What satellites saw in the region in a span; `heard` False: nobody was there to tell, which is not "none"."""

    since: datetime
    until: datetime
    heard: bool
    detections: int = 0
    tickets: Mapping[str, int] = {}
    """Questions to people by their state."""
    zones: Mapping[str, int] = {}
    """Detections by zone id; what lies around the zones is under ""."""


class Sources(Fact):
    """What the figures rest on."""

    feeds: tuple[str, ...] = ()
    model: str = ""
    weather_issued_at: datetime | None = None
    outlook_issued_at: datetime | None = None
    outlook_flags: tuple[str, ...] = ()
    made_up: bool = False
    """Some of it is a replay or a made-up season."""
    calibrated: bool = True
    """Whether the FWI thresholds come from local percentiles; of no weight under LY/T 1172."""
    demonstration: bool = False
    drill: bool = False
    """Drawn up in a drill: it is no bulletin at all."""


class Content(Fact):
    """The facts of one bulletin."""

    on: date
    """Local day of issue; the bulletin is known by it."""
    valid_from: datetime
    valid_to: datetime
    scheme: Literal["lyt1172", "fwi"]
    in_season: bool
    zones: tuple[ZonePart, ...]
    today: Weather
    """The day of issue so far, all points together."""
    ahead: tuple[Weather, ...]
    """The days of the bulletin, all points together, in the order of their days."""
    hotspots: Hotspots
    sources: Sources

    @property
    def days(self) -> tuple[date, ...]:
        """The day of the bulletin and those after it."""
        return tuple(day.on for day in self.zones[0].days) if self.zones else ()

    @property
    def highest(self) -> int:
        """The highest grade of the day of the bulletin; 0 when no zone has one."""
        return max((zone.grade for zone in self.zones), default=NO_DATA)

    def highest_on(self, number: int) -> int:
        """Return the highest grade of the n-th day, from 0."""
        return max((zone.days[number].grade for zone in self.zones), default=NO_DATA)

    def graded(self, grade: int, number: int = 0) -> list[ZonePart]:
        """Return the zones with a grade on the n-th day."""
        return [zone for zone in self.zones if zone.days[number].grade == grade]


class Texts(Fact):
    """What is said in one language. The first three are a person's to edit; the others follow from the facts."""

    weather: str
    outlook: str
    advice: str
    danger: str = ""
    changes: str = ""
    hotspots: str = ""
    notes: tuple[str, ...] = ()


EDITABLE: Final = ("weather", "outlook", "advice")


class Kind(StrEnum):
    """What a version is to the one before it."""

    ISSUE = "issue"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"


class Document(Fact):
    """A bulletin as it is published: facts, texts, numbers and names. Every rendering is made of this alone."""

    content: Content
    texts: Mapping[str, Texts]
    """By language, zh and en."""
    kind: Kind = Kind.ISSUE
    year: int
    number: int
    """Of the year of issue."""
    running: int
    revision: int = 1
    note: Mapping[str, str] = {}
    """Why it was corrected or withdrawn, by language; both hold what the officer wrote."""
    title: Mapping[str, str]
    alliance: Mapping[str, str]
    issuers: Sequence[Mapping[str, str]]
    distribution: Sequence[Mapping[str, str]] = ()
    map_approval: str = ""
    prepared: str = ""
    checked: str = ""
    signed: str = ""
    by_rule: bool = False
    issued_at: datetime | None = None
    """None: a draft."""
    time_zone: str
