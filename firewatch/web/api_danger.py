"""/api/v1: zones with today's grade, danger by day, what stands behind it."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from firewatch.clock import local_day
from firewatch.danger import assess
from firewatch.danger import rows as chain_rows
from firewatch.danger.models import ZoneGrade
from firewatch.danger.season import is_out_of_season
from firewatch.rulebook.alliance import Ring, Zone
from firewatch.web import attribution
from firewatch.web.deps import ApiReader, ServicesDep
from firewatch.web.problems import documented

router = APIRouter(prefix="/api/v1", tags=["danger"])


def _day(value: object) -> object:
    """Let only a day of the calendar through: left alone, pydantic reads numbers as seconds since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("needs to be a day like 2026-03-01")
    return value


Day = Annotated[date, BeforeValidator(_day)]


class Grade(BaseModel):
    """A zone's danger grade; `grade` 0 with `data` false is "no data", which is not "no danger"."""

    model_config = ConfigDict(from_attributes=True)

    scheme: str
    grade: int = Field(ge=0, le=5)
    data: bool
    out_of_season: bool = Field(description="No grade because the scheme rests out of season: nothing is missing")
    value: float | None = Field(description="HTZ or FWI at the zone's worst point")
    mean: float | None
    flags: list[str]
    provisional: bool
    assessed_at: AwareDatetime | None


class PointValues(BaseModel):
    """What went in and what came out at one point."""

    model_config = ConfigDict(from_attributes=True)

    point_id: str
    constant: str
    noon_hour_utc: int
    temp_c: float | None
    rh_pct: float | None
    wind_kmh: float | None
    rain_mm: float | None
    ffmc: float | None
    dmc: float | None
    dc: float | None
    isi: float | None
    bui: float | None
    fwi: float | None
    dsr: float | None
    htz: float | None
    tmax_c: float | None
    rhmin_pct: float | None
    windmax_ms: float | None
    rain_day_mm: float | None
    fwi_grade: int
    lyt_grade: int
    flags: list[str]
    spin_up_left: int = Field(description="Days until the codes of the FWI System have forgotten the cold start")
    provisional: bool


class ZoneDanger(BaseModel):
    """A zone's day."""

    zone_id: str
    name_zh: str
    name_en: str
    operational: Grade
    beside: Grade
    points: list[PointValues]


class DangerDay(BaseModel):
    """All zones on a day."""

    on: date
    scheme: str
    credit: str = Field(description="To be shown wherever these figures are; empty when no source asks for it")
    replay: str = Field(description="Label of replayed or made-up weather; empty when the weather is real")
    zones: list[ZoneDanger]


class Geometry(BaseModel):
    """A GeoJSON geometry."""

    type: Literal["MultiPolygon"]
    coordinates: list[Any]


class ZoneProperties(BaseModel):
    """A zone with today's grade by the operational scheme."""

    name_zh: str
    name_en: str
    kind: str
    agency: str
    on: date
    danger: Grade
    official_boundary: bool = Field(False, description="These outlines are for demonstration")


class ZoneFeature(BaseModel):
    """A GeoJSON feature."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: ZoneProperties


class ZoneCollection(BaseModel):
    """A GeoJSON FeatureCollection."""

    type: Literal["FeatureCollection"]
    features: list[ZoneFeature]


@router.get("/zones", responses=documented(401))
def zones(services: ServicesDep, _caller: ApiReader) -> ZoneCollection:
    """Return the zones as GeoJSON, each with today's danger grade."""
    today = local_day(services.clock.now(), services.book.alliance.tz)
    scheme = services.book.danger.scheme
    with services.db.read() as session:
        grades = assess.grades_on(session, today, scheme)
    features = [_feature(zone, today, _grade(scheme, grades.get(zone.id))) for zone in services.book.zones]
    return ZoneCollection(type="FeatureCollection", features=features)


@router.get("/danger", responses=documented(401, 422))
def danger(
    services: ServicesDep,
    _caller: ApiReader,
    on: Annotated[Day | None, Query(description="Local day; default: today")] = None,
) -> DangerDay:
    """Return every zone's grade on a day, with the indices, inputs and flags behind it."""
    day = on or local_day(services.clock.now(), services.book.alliance.tz)
    operational = services.book.danger.scheme
    beside = "fwi" if operational == "lyt1172" else "lyt1172"
    with services.db.read() as session:
        first, second = (assess.grades_on(session, day, scheme) for scheme in (operational, beside))
        points = assess.point_days(session, day)
        thanks = attribution.due(session)
    rows = [
        ZoneDanger(
            zone_id=zone.id,
            name_zh=zone.name_zh,
            name_en=zone.name_en,
            operational=_grade(operational, first.get(zone.id)),
            beside=_grade(beside, second.get(zone.id)),
            points=[
                PointValues.model_validate(
                    {**row.model_dump(), "flags": _flags(row.flags), "spin_up_left": chain_rows.spin_up_left(row.state)}
                )
                for row in points
                if row.zone_id == zone.id
            ],
        )
        for zone in services.book.zones
    ]
    credit = "; ".join(str(thank) for thank in thanks)
    return DangerDay(on=day, scheme=operational, credit=credit, replay=services.replay_note, zones=rows)


def _flags(text: str) -> list[str]:
    return [name for name in text.split(";") if name]


def _grade(scheme: str, row: ZoneGrade | None) -> Grade:
    if row is None:
        return Grade(
            scheme=scheme,
            grade=0,
            data=False,
            out_of_season=False,
            value=None,
            mean=None,
            flags=[],
            provisional=True,
            assessed_at=None,
        )
    return Grade(
        scheme=scheme,
        grade=row.grade,
        data=row.grade > 0,
        out_of_season=is_out_of_season(row.grade, row.flags),
        value=row.value,
        mean=row.mean,
        flags=_flags(row.flags),
        provisional=row.provisional,
        assessed_at=row.assessed_at,
    )


def _wound(rings: Sequence[Ring]) -> list[Ring]:
    """Return a polygon as RFC 7946 wants it: the shell anticlockwise, its holes clockwise."""
    return [
        ring if (_doubled_area(ring) > 0) == (place == 0) else list(reversed(ring)) for place, ring in enumerate(rings)
    ]


def _doubled_area(ring: Ring) -> float:
    """Answer twice the area of a closed ring, above 0 when it runs anticlockwise."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))


def _feature(zone: Zone, on: date, grade: Grade) -> ZoneFeature:
    return ZoneFeature(
        type="Feature",
        id=zone.id,
        geometry=Geometry(type="MultiPolygon", coordinates=[_wound(rings) for rings in zone.polygons]),
        properties=ZoneProperties(
            name_zh=zone.name_zh, name_en=zone.name_en, kind=zone.kind, agency=zone.agency, on=on, danger=grade
        ),
    )
