"""What a feed said about the weather at a point and an hour, exactly as often as it said something new."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from firewatch.db import Json, UtcDateTime, words


class ValueKind(StrEnum):
    """How far a value can be trusted: own stations beat analyses, analyses beat forecasts."""

    OBSERVED = "observed"
    ANALYSED = "analysed"
    FORECAST = "forecast"


class Observation(SQLModel, table=True):
    """One hour at one point from one source. Every quantity may be missing; missing is not zero."""

    __tablename__ = "observation"
    __table_args__ = (
        UniqueConstraint("source", "point_id", "valid_at", "issued_at"),
        Index("ix_observation_point_id_valid_at", "point_id", "valid_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=40)  # the feed's id in the rulebook
    model: str = Field(max_length=60)  # what the feed itself names as its origin
    point_id: str = Field(max_length=60)
    kind: ValueKind = Field(sa_type=words(ValueKind))
    valid_at: datetime = Field(sa_type=UtcDateTime)  # the end of the hour a rain amount belongs to
    issued_at: datetime = Field(sa_type=UtcDateTime)
    fetched_at: datetime = Field(sa_type=UtcDateTime)
    temp_c: float | None = None
    rh_pct: float | None = None
    wind_kmh: float | None = None  # at 10 m
    gust_kmh: float | None = None
    wind_dir_deg: float | None = None
    rain_mm: float | None = None  # over the hour that ends at valid_at
    snow_depth_cm: float | None = None


class FeedStatus(SQLModel, table=True):
    """How a feed is doing: the screen shows it, /metrics counts it, nothing else reads it."""

    __tablename__ = "feed_status"

    source: str = Field(primary_key=True, max_length=40)
    kind: str = Field(max_length=20)
    note: str = Field(default="", max_length=200)  # for example the name of the replayed file
    last_tried_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_success_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    newest_valid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # of what is not a forecast
    newest_issued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # of forecasts
    memory: dict[str, Any] | None = Field(default=None, sa_type=Json)  # what the feed asked to be reminded of
    error: str | None = Field(default=None, max_length=500)


class RawPayload(SQLModel, table=True):
    """What came over the wire, word for word, for some days: to see what a source really said."""

    __tablename__ = "raw_payload"

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=40)
    request: str = Field(max_length=1000)  # keys are redacted
    status: int  # of HTTP
    content_type: str = Field(default="", max_length=100)
    fetched_at: datetime = Field(sa_type=UtcDateTime, index=True)
    size: int  # bytes before packing
    body: bytes = Field(sa_type=LargeBinary)  # packed with zlib


class StationStatus(SQLModel, table=True):
    """When an own station was last heard."""

    __tablename__ = "station_status"

    station: str = Field(primary_key=True, max_length=60)
    source: str = Field(max_length=40)
    point_id: str = Field(max_length=60)
    expected_since_at: datetime = Field(sa_type=UtcDateTime)  # since then it is configured
    last_received_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    newest_valid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    refused: str | None = Field(default=None, max_length=200)  # why rows of its last message were refused


class RainTotal(SQLModel, table=True):
    """What a station's running rain counter showed at an hour: amounts are differences, whatever order rows come in."""

    __tablename__ = "rain_total"

    station: str = Field(primary_key=True, max_length=60)
    valid_at: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    total_mm: float


class WeatherChange(SQLModel, table=True):
    """A due row: weather came in from outside a job, and the grades from its oldest hour on are to be done again."""

    __tablename__ = "weather_change"

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=40)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    noted_at: datetime = Field(sa_type=UtcDateTime)
