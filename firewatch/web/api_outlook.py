"""/api/v1/outlook: the days ahead by zone, and how good past forecasts were."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlmodel import Session

from firewatch.clock import local_day
from firewatch.danger.rows import SCHEMES
from firewatch.errors import NotFound
from firewatch.outlook import read, scores, settle
from firewatch.outlook.models import ForecastIssue, PointForecast, ZoneForecast
from firewatch.rulebook.read import Rulebook
from firewatch.web import attribution
from firewatch.web.deps import ApiReader, ServicesDep
from firewatch.web.problems import documented

router = APIRouter(prefix="/api/v1/outlook", tags=["danger"])
DAY = timedelta(days=1)


class Ahead(BaseModel):
    """A zone's grade on a day ahead; `grade` 0 with `data` false is "no data", which is not "no danger"."""

    on: date
    lead_day: int = Field(description="0 is the day of issue")
    grade: int = Field(ge=0, le=5)
    data: bool
    value: float | None = Field(description="HTZ or FWI at the zone's worst point")
    mean: float | None
    flags: list[str]
    probability: float | None = Field(
        ge=0, le=1, description="Share of ensemble members that reach grade 4 or more; null is no probability, not 0"
    )
    members: int = Field(description="Members that say something of this zone and day")
    change: int | None = Field(description="In grades since the issue before; null where there is nothing to compare")


class ZoneAhead(BaseModel):
    """A zone's days ahead by one scheme."""

    zone_id: str
    name_zh: str
    name_en: str
    scheme: str
    days: list[Ahead]


class PointAhead(BaseModel):
    """What stands behind it at one point; `values` by the names of /api/v1/danger."""

    point_id: str
    zone_id: str
    on: date
    lead_day: int
    fwi_grade: int
    lyt_grade: int
    flags: list[str]
    values: dict[str, float | None]


class OutlookIssue(BaseModel):
    """An issue of the outlook."""

    issued_at: AwareDatetime
    on: date = Field(description="Local day of issue: lead day 0")
    daily: bool = Field(description="The day's own issue, the one that is scored")
    state_on: date | None = Field(description="Analysed day it starts from; null: from the start values")
    source: str
    model: str
    weather_issued_at: AwareDatetime | None
    flags: list[str]
    members: int
    ensemble_model: str
    ensemble_issued_at: AwareDatetime | None
    ensemble_error: str = Field(description="Why there is no probability; empty when there is one, or no ensemble")
    compared_with: AwareDatetime | None = Field(description="The issue that `change` is measured against")
    credit: str = Field(description="To be shown wherever these figures are; empty when no source asks for it")
    replay: str = Field(description="Label of replayed or made-up weather; empty when the weather is real")
    zones: list[ZoneAhead]
    points: list[PointAhead]


class LeadScores(BaseModel):
    """How good forecasts of one lead day were. Null is "no case", which is not 0."""

    lead_day: int
    scored: int
    hits: int = Field(description="Days of grade 4 or more that were foreseen as such")
    misses: int
    false_alarms: int
    correct_negatives: int
    hit_rate: float | None = Field(description="hits / (hits + misses)")
    false_alarm_ratio: float | None = Field(description="false alarms / (hits + false alarms)")
    grade_bias: float | None = Field(description="Mean of forecast minus analysed grade")
    value_bias: float | None = Field(description="Mean of forecast minus analysed HTZ or FWI")
    brier: float | None = Field(description="Brier score of the ensemble's probability, 0 the best")
    no_forecast: int = Field(description='Days the forecast said "no data" of: counted, not scored')
    no_analysis: int = Field(description='Days the analysis says "no data" of: counted, not scored')


class ZoneScores(BaseModel):
    """A zone's scores by lead day."""

    zone_id: str
    leads: list[LeadScores]


class OutlookScores(BaseModel):
    """Scores over some days, of all zones together and by zone."""

    scheme: str
    first: date
    last: date
    leads: list[LeadScores]
    zones: list[ZoneScores]


@router.get("", responses=documented(401, 404, 422))
def outlook(
    services: ServicesDep,
    _caller: ApiReader,
    issued: Annotated[
        AwareDatetime | None, Query(description="The issue valid at this instant; default: the newest")
    ] = None,
) -> OutlookIssue:
    """Return an issue: every zone's grades of the days ahead by both schemes, what changed, the probability."""
    with services.db.read() as session:
        issue = read.latest(session, min(issued, services.clock.now()) if issued else services.clock.now())
        if issue is None:
            raise NotFound("there is no issue of the outlook up to then; the first follows the first weather forecast")
        previous = read.before(session, issue)
        credit = attribution.due(session)
        return OutlookIssue.model_validate(
            {
                **issue.model_dump(),
                "flags": _flags(issue.flags),
                "compared_with": previous.issued_at if previous else None,
                "credit": str(credit or ""),
                "replay": services.replay_note,
                "zones": _zones(session, services.book, issue, previous),
                "points": [_point(row) for row in read.point_days(session, issue)],
            }
        )


@router.get("/scores", responses=documented(401, 422))
def outlook_scores(
    services: ServicesDep,
    _caller: ApiReader,
    scheme: Annotated[Literal["lyt1172", "fwi"] | None, Query(description="Default: the operational scheme")] = None,
    days: Annotated[int | None, Query(ge=1, le=3660, description="Days back; default: score_days")] = None,
) -> OutlookScores:
    """Return how good the day's own issues were: grade 4 or more foreseen and come, and the bias, by lead and zone."""
    book = services.book
    chosen, last = scheme or book.danger.scheme, local_day(services.clock.now(), book.alliance.tz)
    first = last - (days or book.outlook.score_days) * DAY
    with services.db.read() as session:
        found = settle.pairs(session, chosen, first, last)
    together: dict[int, list[scores.Pair]] = {}
    for (lead, _), pairs in found.items():
        together.setdefault(lead, []).extend(pairs)
    zone_ids = sorted({zone_id for _, zone_id in found})
    zones = [
        ZoneScores(
            zone_id=own, leads=[_lead(lead, pairs) for (lead, zone), pairs in sorted(found.items()) if zone == own]
        )
        for own in zone_ids
    ]
    leads = [_lead(lead, pairs) for lead, pairs in sorted(together.items())]
    return OutlookScores(scheme=chosen, first=first, last=last, leads=leads, zones=zones)


def _zones(session: Session, book: Rulebook, issue: ForecastIssue, previous: ForecastIssue | None) -> list[ZoneAhead]:
    answer = []
    for scheme in SCHEMES:
        new = read.zone_days(session, issue, scheme)
        changes = read.changes(new, read.zone_days(session, previous, scheme)) if previous else {}
        for zone in book.zones:
            rows = sorted((row for row in new.values() if row.zone_id == zone.id), key=lambda row: row.on)
            answer.append(
                ZoneAhead(
                    zone_id=zone.id,
                    name_zh=zone.name_zh,
                    name_en=zone.name_en,
                    scheme=scheme,
                    days=[_ahead(row, changes.get((row.zone_id, row.on))) for row in rows],
                )
            )
    return answer


def _ahead(row: ZoneForecast, change: int | None) -> Ahead:
    more = {"data": row.grade > 0, "flags": _flags(row.flags), "change": change}
    return Ahead.model_validate({**row.model_dump(), **more})


def _point(row: PointForecast) -> PointAhead:
    return PointAhead.model_validate({**row.model_dump(), "flags": _flags(row.flags)})


def _flags(text: str) -> list[str]:
    return [name for name in text.split(";") if name]


def _lead(lead: int, pairs: Sequence[scores.Pair]) -> LeadScores:
    found = scores.score(pairs)
    return LeadScores(
        lead_day=lead,
        scored=found.scored,
        hit_rate=found.hit_rate,
        false_alarm_ratio=found.false_alarm_ratio,
        **vars(found),
    )
