"""/api/v1: hot spots seen by satellites, the tickets that ask somebody to look, and the answers to them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from firewatch.hotspots import tickets
from firewatch.hotspots.models import Confidence, HotspotTicket, TicketState
from firewatch.hotspots.tickets import Decision
from firewatch.web import attribution
from firewatch.web.deps import ApiReader, ApiWriter, ServicesDep
from firewatch.web.problems import documented

router = APIRouter(prefix="/api/v1", tags=["hot spots"])

Id = Annotated[int, Path(ge=1, le=2**31 - 1)]
WRITE = documented(400, 401, 403, 404, 409, 413, 422)


class SourcePublic(BaseModel):
    """How a data set is doing. No answer is not "no fires"."""

    model_config = ConfigDict(from_attributes=True)

    source: str
    asked_since_at: AwareDatetime
    last_tried_at: AwareDatetime | None
    last_answered_at: AwareDatetime | None
    last_detections: int | None = Field(description="Within the region, in the last answer")
    last_refused: int = Field(description="Rows of the last answer that could not be read")
    newest_acquired_at: AwareDatetime | None
    error: str | None = Field(description="Why the last poll failed; null when it was answered")


class TicketPublic(BaseModel):
    """A hot spot: unverified until somebody has looked, and never an incident by itself."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    state: TicketState
    lat: float
    lon: float
    zone_ids: list[str] = Field(description="Reserves first; empty: around the zones")
    asked: list[str] = Field(description="Agencies that were asked to look")
    first_seen_at: AwareDatetime
    last_seen_at: AwareDatetime
    detections: int
    confidence: Confidence
    max_frp_mw: float | None
    opened_at: AwareDatetime
    deadline_at: AwareDatetime
    overdue: bool = False
    decided_at: AwareDatetime | None
    decided_by: str | None
    note: str
    incident_id: int | None
    report_id: int | None
    merged_into_id: int | None


class DetectionPublic(BaseModel):
    """A pixel that a satellite found hot."""

    model_config = ConfigDict(from_attributes=True)

    satellite: str
    instrument: str
    acquired_at: AwareDatetime
    lat: float
    lon: float
    confidence: Confidence
    frp_mw: float | None
    brightness_k: float | None
    fetched_at: AwareDatetime


class StepPublic(BaseModel):
    """One thing that happened to a ticket."""

    model_config = ConfigDict(from_attributes=True)

    at: AwareDatetime
    kind: str
    actor: str
    data: dict[str, str]


class TicketWhole(TicketPublic):
    """A ticket with its detections and its record."""

    pixels: list[DetectionPublic]
    steps: list[StepPublic]


class Hotspots(BaseModel):
    """How the sources are doing, and the tickets: the open ones first."""

    on: bool = Field(description="Whether satellites are asked at all: that takes a key")
    credit: str
    sources: list[SourcePublic]
    left_out: dict[str, int] = Field(description="Detections of the last 48 hours nobody is asked about, by reason")
    open: list[TicketPublic]
    answered: list[TicketPublic]


class Answer(BaseModel):
    """What whoever looked has found."""

    model_config = ConfigDict(extra="forbid")

    verdict: TicketState = Field(description="confirmed, controlled_burn or false_alarm")
    note: Annotated[str, Field(max_length=tickets.LONGEST_NOTE, pattern=r"^[^\x00]*$")] = Field(
        "", description="Who looked and what was found; needed unless it is confirmed"
    )
    agency: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")] | None = Field(
        None, description="Agency that found the fire; null: the one that was asked first"
    )


@router.get("/hotspots", responses=documented(401, 422))
def list_hotspots(
    services: ServicesDep,
    _caller: ApiReader,
    limit: Annotated[int, Query(ge=1, le=500, description="Of those answered")] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Hotspots:
    """List the hot spots: what waits for an answer, nearest deadline first, and what was answered, newest first."""
    now = services.clock.now()
    with services.db.read() as session:
        return Hotspots(
            on=services.hotspots_on,
            credit=attribution.HOTSPOTS,
            sources=[SourcePublic.model_validate(row) for row in tickets.sources(session)],
            left_out=tickets.left_out(session, now - tickets.RECENT),
            open=[_public(row, services) for row in tickets.waiting(session)],
            answered=[_public(row, services) for row in tickets.answered(session, limit, offset)],
        )


@router.get("/hotspots/{ticket_id}", responses=documented(401, 404, 422))
def get_hotspot(ticket_id: Id, services: ServicesDep, _caller: ApiReader) -> TicketWhole:
    """Return a hot spot with its detections and its record."""
    with services.db.read() as session:
        row = tickets.get(session, ticket_id)
        return TicketWhole(
            **_public(row, services).model_dump(),
            pixels=[DetectionPublic.model_validate(each) for each in tickets.detections(session, ticket_id)],
            steps=[StepPublic.model_validate(each) for each in tickets.steps(session, [ticket_id])[ticket_id]],
        )


@router.post("/hotspots/{ticket_id}/decision", responses=WRITE)
def decide(ticket_id: Id, answer: Answer, services: ServicesDep, caller: ApiWriter) -> TicketPublic:
    """Answer a hot spot. A confirmed one becomes a fire report: every agency is told in the same transaction."""
    decision = Decision(answer.verdict, answer.note, answer.agency)
    with services.db.write() as session:
        row = tickets.decide(session, services.clock, services.book, ticket_id, decision, caller.by)
    services.wake()
    return _public(row, services)


def _public(row: HotspotTicket, services: ServicesDep) -> TicketPublic:
    late = row.state is TicketState.OPEN and row.deadline_at <= services.clock.now()
    return TicketPublic.model_validate(row).model_copy(update={"overdue": late})
