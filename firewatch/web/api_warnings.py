"""/api/v1: warning signals: what is in force, what waits for approval, and the release steps.

Grade and signal are two scales: a grade rises from 1 to 5, of the signals red is the first class and the highest.
"""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlmodel import Session

from firewatch.clock import local_day
from firewatch.danger import assess
from firewatch.danger.season import in_season
from firewatch.warnings import record, release
from firewatch.warnings.models import Action, Signal, WarningState, Why, ZoneWarning
from firewatch.warnings.signals import CLASS_OF
from firewatch.web.deps import ApiReader, ApiWriter, ServicesDep
from firewatch.web.problems import documented

router = APIRouter(prefix="/api/v1", tags=["warnings"])

Id = Annotated[int, Path(ge=1, le=2**31 - 1)]
Ids = Annotated[list[Annotated[int, Field(ge=1, le=2**31 - 1)]], Field(min_length=1, max_length=100)]
Said = Annotated[str, Field(min_length=1, max_length=record.LONGEST_NOTE, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
WRITE = documented(400, 401, 403, 404, 409, 413, 422)


class DayPublic(BaseModel):
    """A day of the evidence; `grade` 0 is "no data", which is not "no danger"."""

    on: date
    grade: int = Field(ge=0, le=5)
    flags: str
    provisional: bool
    ahead: bool = Field(description="A forecast day")


class StepPublic(BaseModel):
    """One thing that happened to a version."""

    model_config = ConfigDict(from_attributes=True)

    at: AwareDatetime
    kind: str
    actor: str
    name: str
    old: WarningState | None
    new: WarningState | None
    note: str


class WarningPublic(BaseModel):
    """One version of a zone's warning."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    zone_id: str
    version: int
    replaces_id: int | None
    action: Action
    signal: Signal | None = Field(description="None where the warning is lifted")
    signal_class: int | None = Field(description="1 (red, the highest) to 4 (blue)")
    was: Signal | None
    scheme: str
    grade: int = Field(ge=0, le=5, description="Of the day it was drafted, by the scheme; 0 is no data")
    why: Why
    no_data: bool
    evidence: list[DayPublic]
    remark: str
    state: WarningState
    drafted_by: str
    drafted_at: AwareDatetime
    approved_by: str | None
    approved_name: str | None
    approved_at: AwareDatetime | None
    by_rule: bool
    signatures: list[dict[str, str]]
    valid_from: AwareDatetime | None
    valid_to: AwareDatetime | None
    since_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    reason: str | None


class WarningWhole(WarningPublic):
    """A version with every step of it."""

    steps: list[StepPublic]


class ZoneSignals(BaseModel):
    """A zone: today's grade, what is in force, and what waits for somebody."""

    zone_id: str
    name_zh: str
    name_en: str
    in_season: bool
    grade: int = Field(ge=0, le=5, description="Today's, by the operational scheme; 0 is no data")
    in_force: WarningPublic | None
    past_validity: bool = Field(description="Of what is in force; it stands until prolonged or lifted")
    waiting: WarningPublic | None


class Signals(BaseModel):
    """All zones now."""

    on: date
    scheme: str
    replay: str = Field(description="Label of replayed or made-up weather; empty when the weather is real")
    zones: list[ZoneSignals]


class Approval(BaseModel):
    """The officer on whose word drafts are released."""

    model_config = ConfigDict(extra="forbid")

    ids: Ids
    approver: Said = Field(description="Name of the officer who approves: the law wants one")


class Release(BaseModel):
    """Approved versions to be issued together: every agency gets one message."""

    model_config = ConfigDict(extra="forbid")

    ids: Ids


class Reason(BaseModel):
    """Why a draft is refused."""

    model_config = ConfigDict(extra="forbid")

    reason: Said


class Remark(BaseModel):
    """The free remark of a draft; empty takes it out."""

    model_config = ConfigDict(extra="forbid")

    remark: str = Field(max_length=record.LONGEST_NOTE, pattern=r"^[^\x00]*$")


class Lifting(Reason):
    """Lifting what is in force without a draft."""

    approver: Said


@router.get("/warnings", responses=documented(401))
def warnings(services: ServicesDep, _caller: ApiReader) -> Signals:
    """Return what is in force and what waits for approval, zone by zone."""
    book = services.book
    now = services.clock.now()
    today = local_day(now, book.alliance.tz)
    with services.db.read() as session:
        grades = assess.grades_on(session, today, book.danger.scheme)
        in_force, waiting = record.in_force(session), record.waiting(session)
        zones = [
            ZoneSignals(
                **zone.model_dump(include={"name_zh", "name_en"}),
                zone_id=zone.id,
                in_season=in_season(session, book, today, zone.id),
                grade=grades[zone.id].grade if zone.id in grades else 0,
                in_force=_public(in_force.get(zone.id)),
                past_validity=zone.id in in_force and record.is_over(in_force[zone.id], now),
                waiting=_public(waiting.get(zone.id)),
            )
            for zone in book.zones
        ]
    return Signals(on=today, scheme=book.danger.scheme, replay=services.replay_note, zones=zones)


@router.get("/warnings/{warning_id:int}", responses=documented(401, 404, 422))
def warning(warning_id: Id, services: ServicesDep, _caller: ApiReader) -> WarningWhole:
    """Return one version with every step of it."""
    with services.db.read() as session:
        return _whole(session, record.get(session, warning_id))


@router.post("/warnings/approve", responses=WRITE)
def approve(body: Approval, services: ServicesDep, caller: ApiWriter) -> list[WarningPublic]:
    """Approve drafts in an officer's name; nothing is issued yet."""
    with services.db.write() as session:
        rows = release.approve(session, services.clock, body.ids, caller.by, body.approver)
        return [_described(row) for row in rows]


@router.post("/warnings/issue", responses=WRITE)
def issue(body: Release, services: ServicesDep, caller: ApiWriter) -> list[WarningPublic]:
    """Issue approved versions together; agencies are told of what is new or worse."""
    with services.db.write() as session:
        rows = release.issue(session, services.clock, services.book, body.ids, caller.by)
        answer = [_described(row) for row in rows]
    services.wake()
    return answer


@router.post("/warnings/{warning_id}/reject", responses=WRITE)
def reject(warning_id: Id, body: Reason, services: ServicesDep, caller: ApiWriter) -> WarningPublic:
    """Refuse a draft, or withdraw an approved version."""
    with services.db.write() as session:
        return _described(release.reject(session, services.clock, warning_id, caller.by, body.reason))


@router.post("/warnings/{warning_id}/remark", responses=WRITE)
def remark(warning_id: Id, body: Remark, services: ServicesDep, caller: ApiWriter) -> WarningPublic:
    """Change the free remark of a draft."""
    with services.db.write() as session:
        return _described(release.remark(session, services.clock, warning_id, caller.by, body.remark))


@router.post("/warnings/{warning_id}/lift", responses=WRITE)
def lift(warning_id: Id, body: Lifting, services: ServicesDep, caller: ApiWriter) -> WarningPublic:
    """Lift what is in force, in an officer's name; `warning_id` is the version in force."""
    with services.db.write() as session:
        return _described(
            release.lift(session, services.clock, services.book, warning_id, caller.by, body.approver, body.reason)
        )


def _public(row: ZoneWarning | None) -> WarningPublic | None:
    return _described(row) if row else None


def _described(row: ZoneWarning) -> WarningPublic:
    return WarningPublic.model_validate(_values(row))


def _whole(session: Session, row: ZoneWarning) -> WarningWhole:
    number = record.number_of(row)
    steps = [StepPublic.model_validate(step) for step in record.steps(session, [number])[number]]
    return WarningWhole.model_validate({**_values(row), "steps": steps})


def _values(row: ZoneWarning) -> dict[str, Any]:
    return {**row.model_dump(), "signal_class": CLASS_OF[row.signal] if row.signal else None}
