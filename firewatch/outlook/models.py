"""The days ahead as they were foreseen: each issue by itself, by lead day; and what became of them.

Nothing here is ever read by the analysis: a forecast starts from its state and leaves it alone.
"""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from firewatch.db import Json, UtcDateTime


class ForecastIssue(SQLModel, table=True):
    """One issue of the outlook: when, from which analysed day, on whose weather."""

    __tablename__ = "forecast_issue"

    id: int | None = Field(default=None, primary_key=True)
    issued_at: datetime = Field(sa_type=UtcDateTime, index=True)
    on: date = Field(index=True)  # local day of issue: lead day 0
    scheduled_for: datetime | None = Field(default=None, sa_type=UtcDateTime, unique=True)  # of the daily job
    daily: bool  # the day's own issue, the one that is scored; others follow newer weather
    state_on: date | None = None  # the analysed day it started from; None: from the start values
    source: str = Field(default="", max_length=200)  # the feeds whose forecasts it rests on
    model: str = Field(default="", max_length=200)  # what they name as their origin
    weather_issued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # of the newest forecast in it
    flags: str = Field(default="", max_length=1000)
    members: int = 0  # of the ensemble, as it answered
    ensemble_model: str = Field(default="", max_length=60)
    ensemble_issued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ensemble_error: str = Field(default="", max_length=300)  # why there is none


class PointForecast(SQLModel, table=True):
    """A point's day ahead: what went in and what came out. Values are None where there is nothing to say."""

    __tablename__ = "point_forecast"
    __table_args__ = (UniqueConstraint("issue_id", "point_id", "on"),)

    id: int | None = Field(default=None, primary_key=True)
    issue_id: int = Field(foreign_key="forecast_issue.id")
    point_id: str = Field(max_length=60)
    zone_id: str = Field(max_length=40)
    on: date
    lead_day: int
    values: dict[str, float | None] = Field(default_factory=dict, sa_type=Json)  # inputs and results, as of point_day
    fwi_grade: int  # 0 is "no data"
    lyt_grade: int
    flags: str = Field(default="", max_length=1000)


class ZoneForecast(SQLModel, table=True):
    """A zone's grade on a day ahead by one scheme, and the share of the ensemble that reaches grade 4."""

    __tablename__ = "zone_forecast"
    __table_args__ = (
        UniqueConstraint("issue_id", "zone_id", "scheme", "on"),
        Index("ix_zone_forecast_on_scheme", "on", "scheme"),
    )

    id: int | None = Field(default=None, primary_key=True)
    issue_id: int = Field(foreign_key="forecast_issue.id")
    zone_id: str = Field(max_length=40)
    scheme: str = Field(max_length=20)  # lyt1172 or fwi
    on: date
    lead_day: int  # 0 is the day of issue
    grade: int  # 1 low ... 5 extreme; 0 is "no data"
    value: float | None = None  # HTZ or FWI at the worst point
    mean: float | None = None
    flags: str = Field(default="", max_length=1000)
    probability: float | None = None  # 0 to 1, of grade 4 or more; None: no probability, which is not 0
    members: int = 0  # of the ensemble that say something of this zone and day


class ForecastScore(SQLModel, table=True):
    """A forecast beside the analysis that followed. It outlives the issue it was taken from."""

    __tablename__ = "forecast_score"
    __table_args__ = (
        UniqueConstraint("zone_id", "scheme", "on", "lead_day"),
        Index("ix_forecast_score_scheme_on", "scheme", "on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    zone_id: str = Field(max_length=40)
    scheme: str = Field(max_length=20)
    on: date
    lead_day: int
    issued_at: datetime = Field(sa_type=UtcDateTime)
    forecast_grade: int  # 0 is "no data": counted as such, never scored
    forecast_value: float | None = None
    analysed_grade: int
    analysed_value: float | None = None
    probability: float | None = None
    scored_at: datetime = Field(sa_type=UtcDateTime)
