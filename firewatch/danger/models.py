"""What the danger was: the state of the indices at every point, and the grade of every zone, day by day."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from firewatch.db import Json, UtcDateTime


class PointDay(SQLModel, table=True):
    """A point's day: what went in, what came out, and the state from which the next day starts.

    Values are None where there is nothing to say. `state` holds the carried state at full precision.
    """

    __tablename__ = "point_day"
    __table_args__ = (UniqueConstraint("point_id", "on"),)

    id: int | None = Field(default=None, primary_key=True)
    point_id: str = Field(max_length=60)
    zone_id: str = Field(max_length=40)
    on: date = Field(index=True)
    constant: str = Field(max_length=10)
    noon_hour_utc: int
    temp_c: float | None = None  # at solar noon
    rh_pct: float | None = None
    wind_kmh: float | None = None
    rain_mm: float | None = None  # over the 24 h to solar noon
    ffmc: float | None = None
    dmc: float | None = None
    dc: float | None = None
    isi: float | None = None
    bui: float | None = None
    fwi: float | None = None
    dsr: float | None = None
    htz: float | None = None
    tmax_c: float | None = None  # of the local day
    rhmin_pct: float | None = None
    windmax_ms: float | None = None
    rain_day_mm: float | None = None
    fwi_grade: int  # 0 is "no data"
    lyt_grade: int
    flags: str = Field(default="", max_length=1000)
    provisional: bool
    state: dict[str, float | None] = Field(default_factory=dict, sa_type=Json)
    assessed_at: datetime = Field(sa_type=UtcDateTime)


class ZoneGrade(SQLModel, table=True):
    """A zone's grade on a day by one scheme: the worst of its points, with the mean beside it."""

    __tablename__ = "zone_grade"
    __table_args__ = (UniqueConstraint("zone_id", "on", "scheme"),)

    id: int | None = Field(default=None, primary_key=True)
    zone_id: str = Field(max_length=40)
    on: date = Field(index=True)
    scheme: str = Field(max_length=20)  # lyt1172 or fwi
    grade: int  # 1 low ... 5 extreme; 0 is "no data"
    value: float | None = None  # HTZ or FWI at the worst point
    mean: float | None = None
    flags: str = Field(default="", max_length=1000)
    provisional: bool
    assessed_at: datetime = Field(sa_type=UtcDateTime)
