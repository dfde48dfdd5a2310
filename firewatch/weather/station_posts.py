"""What own stations send over HTTP: units declared, every row judged by itself, the same row again changes nothing.

Late rows and rows out of order are normal; a corrected row replaces the first; a missing value takes back nothing.
Only full hours are taken, as from files: the rain of another span would silently pass for an hour's. New weather leaves
a due row, and a sweep does the grades again: a station does not wait for them, nor a fire report for a station's past.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from sqlmodel import Session

from firewatch.clock import Clock
from firewatch.errors import BadInput, NotFound
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.weather import StationsFeed
from firewatch.weather import heard, ingest, rain_totals
from firewatch.weather.feeds import Heard, Reading
from firewatch.weather.heard import AHEAD, TOO_FAR
from firewatch.weather.models import FeedStatus, ValueKind, WeatherChange
from firewatch.weather.units import conversion, rh_from_dew_point

OLDEST = datetime(1950, 1, 1, tzinfo=UTC)
MOST_ROWS = 500

Number = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
Temperature = Literal["°C", "celsius", "°F", "K"]
Speed = Literal["m/s", "km/h", "kn", "mph"]
Amount = Literal["mm", "inch"]
Depth = Literal["cm", "mm", "m", "inch", "ft"]

QUANTITIES: Mapping[str, str] = {
    "temp": "temp_c",
    "dew_point": "dew_point_c",
    "rh": "rh_pct",
    "wind": "wind_kmh",
    "gust": "gust_kmh",
    "wind_dir": "wind_dir_deg",
    "rain": "rain_mm",
    "rain_total": "rain_mm",
    "snow_depth": "snow_depth_cm",
}
"""What a station calls it → what we call it."""


class Units(BaseModel):
    """The unit of every quantity that the rows give."""

    model_config = ConfigDict(extra="forbid")

    temp: Temperature | None = None
    dew_point: Temperature | None = None
    rh: Literal["%"] | None = None
    wind: Speed | None = None
    gust: Speed | None = None
    wind_dir: Literal["°", "degrees"] | None = None
    rain: Amount | None = None
    rain_total: Amount | None = None
    snow_depth: Depth | None = None


class StationRow(BaseModel):
    """One hour. Temperature, humidity, wind and snow stand at `at`; `rain` fell in the hour that ends at `at`."""

    model_config = ConfigDict(extra="forbid")

    at: AwareDatetime = Field(description="A full hour, with its offset")
    temp: Number | None = None
    dew_point: Number | None = Field(None, description="Used for the humidity where `rh` is missing")
    rh: Number | None = None
    wind: Number | None = Field(None, description="At 10 m")
    gust: Number | None = None
    wind_dir: Number | None = None
    rain: Number | None = Field(None, description="Amount of the hour")
    rain_total: Number | None = Field(None, description="A counter that runs on; a reset is not negative rain")
    snow_depth: Number | None = None


class StationMessage(BaseModel):
    """What a station sends: one row or many, and in which units."""

    model_config = ConfigDict(extra="forbid")

    units: Units
    readings: StationRow | Annotated[list[StationRow], Field(min_length=1, max_length=MOST_ROWS)]

    @property
    def rows(self) -> Sequence[StationRow]:
        """The rows, be it one or many."""
        return self.readings if isinstance(self.readings, list) else [self.readings]

    @model_validator(mode="after")
    def _units_told(self) -> Self:
        for name in QUANTITIES:
            if getattr(self.units, name) is None and any(getattr(row, name) is not None for row in self.rows):
                raise ValueError(f"units.{name}: say the unit")
        return self


class Outcome(StrEnum):
    """What became of a row."""

    STORED = "stored"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class RowOutcome:
    """What became of a row, and why if it was refused."""

    at: datetime
    outcome: Outcome
    reason: str = ""


def receive(session: Session, clock: Clock, book: Rulebook, station: str, message: StationMessage) -> list[RowOutcome]:
    """Store what a station sends; return what became of every row, in their order.

    Raises NotFound for a station that is not configured, BadInput for rain told in the other way than configured.
    """
    feed = book.weather.stations().get(station)
    if feed is None:
        raise NotFound(f"there is no station {station}: name it in weather.toml")
    _right_form(feed, station, message.rows)
    ingest.in_turn_of(session, feed.id)
    now = clock.now()
    refused = {number: reason for number, row in enumerate(message.rows) if (reason := _doubt(row, now))}
    good = [row for number, row in enumerate(message.rows) if number not in refused]
    readings = _readings(session, feed, station, good, message.units)
    judged = ingest.judge(session, feed.id, readings.values())
    stored = ingest.store(session, feed.id, readings.values(), now)
    if stored.oldest_at is not None:
        session.add(WeatherChange(source=feed.id, changed_at=stored.oldest_at, noted_at=now))
    _note(session, feed, station, [row.at for row in good], next(iter(refused.values()), None), now)
    session.flush()
    return [
        RowOutcome(row.at, Outcome.REFUSED, refused[number])
        if number in refused
        else RowOutcome(row.at, Outcome(judged.get(row.at.astimezone(UTC), "unchanged")))
        for number, row in enumerate(message.rows)
    ]


def _right_form(feed: StationsFeed, station: str, rows: Iterable[StationRow]) -> None:
    wanted, other = ("rain_total", "rain") if feed.form(station) == "counter" else ("rain", "rain_total")
    if any(getattr(row, other) is not None for row in rows):
        raise BadInput(
            f"{other}: station {station} is configured to send {wanted} (`rain` of its feed in weather.toml)"
        )


def _doubt(row: StationRow, now: datetime) -> str:
    """Return why a row cannot be taken, or nothing."""
    if row.at > now + AHEAD:
        return f"ahead of the clock here ({now:%Y-%m-%dT%H:%M:%SZ}) {TOO_FAR}"
    if row.at < OLDEST:
        return f"before {OLDEST.year}"
    at = row.at.astimezone(UTC)
    if at.minute or at.second or at.microsecond:
        return "not a full hour"
    if all(getattr(row, name) is None for name in QUANTITIES):
        return "no value"
    return ""


def _readings(
    session: Session, feed: StationsFeed, station: str, rows: Sequence[StationRow], units: Units
) -> dict[datetime, Reading]:
    """Return the rows in our units, by hour; of two rows for one hour the later completes and corrects the first."""
    values: dict[datetime, dict[str, float]] = {}
    totals: dict[datetime, float] = {}
    for row in rows:
        at, given = row.at.astimezone(UTC), _converted(row, units)
        if row.rain_total is not None:
            totals[at] = given.pop("rain_mm")
        values.setdefault(at, {}).update(given)
    for at, rain_mm in rain_totals.put(session, station, totals).items():
        values.setdefault(at, {})["rain_mm"] = rain_mm
    point_id = feed.stations[station]
    return {
        at: Reading(point_id, ValueKind.OBSERVED, at, at, "station", **known) for at, known in values.items() if known
    }


def _converted(row: StationRow, units: Units) -> dict[str, float]:
    found = {}
    for theirs, ours in QUANTITIES.items():
        value = getattr(row, theirs)
        if value is not None:
            found[ours] = conversion(ours, getattr(units, theirs))(value)
    dew_point_c = found.pop("dew_point_c", None)
    if "rh_pct" not in found and dew_point_c is not None and "temp_c" in found:
        rh_pct = rh_from_dew_point(found["temp_c"], dew_point_c)
        if rh_pct is not None:
            found["rh_pct"] = rh_pct
    return found


def _note(
    session: Session, feed: StationsFeed, station: str, taken: Sequence[datetime], refused: str | None, now: datetime
) -> None:
    """Write down that the station was heard, and its newest hour."""
    newest_at = max(taken, default=None)
    row = heard.note(session, feed.id, Heard(station, feed.stations[station], newest_at, refused), now)
    row.last_received_at = now
    status = session.get(FeedStatus, feed.id) or FeedStatus(source=feed.id, kind="stations")
    if taken:
        status.last_success_at = now
        status.newest_valid_at = heard.newest(status.newest_valid_at, newest_at, now)
    session.add(status)
