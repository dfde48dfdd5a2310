"""/api/v1: agencies, resources, messages. Phone numbers are masked here as everywhere."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlmodel import col, select

from firewatch.agencies import roster
from firewatch.agencies.models import AgencyKind
from firewatch.messaging.models import Message, MessageState, SubjectKind
from firewatch.messaging.texts import masked
from firewatch.resources import pool, status
from firewatch.resources.models import CrewKind, ResourceStatus, VehicleKind
from firewatch.web.deps import ApiReader, ApiWriter, ServicesDep
from firewatch.web.problems import documented

router = APIRouter(prefix="/api/v1", tags=["alliance"])


ResourceId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,60}$")]


class Person(BaseModel):
    """A contact of an agency, the number masked."""

    id: str
    name_zh: str
    name_en: str
    role: str
    phone: str
    on_duty: bool


class AgencyPublic(BaseModel):
    """A member of the alliance and its people."""

    id: str
    name_zh: str
    name_en: str
    kind: AgencyKind
    lat: float
    lon: float
    contacts: list[Person]


class _Resource(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    agency_id: str
    name_zh: str
    name_en: str
    lat: float
    lon: float


class CrewPublic(_Resource):
    """A crew."""

    kind: CrewKind
    people: int
    may_attack: bool
    turnout_minutes: int
    provides: dict[str, int]
    status: ResourceStatus
    status_at: AwareDatetime | None


class VehiclePublic(_Resource):
    """A vehicle."""

    kind: VehicleKind
    seats: int
    crew_aboard: int
    load: int
    turnout_minutes: int
    provides: dict[str, int]
    status: ResourceStatus
    status_at: AwareDatetime | None


class DepotPublic(_Resource):
    """A depot and the units left in it."""

    loading_minutes: int
    stock: dict[str, int]


class Pool(BaseModel):
    """Crews, vehicles and depots of all agencies."""

    crews: list[CrewPublic]
    vehicles: list[VehiclePublic]
    depots: list[DepotPublic]


class MessagePublic(BaseModel):
    """A message with its two states: ours, and the provider's."""

    id: int
    subject_kind: SubjectKind
    subject_id: int
    incident_id: int | None
    agency_id: str
    contact_id: str
    to: str
    channel: str
    step: int
    code: str | None
    body: str
    state: MessageState
    provider_status: str | None
    attempt: int
    possible_double: bool
    error: str | None
    created_at: AwareDatetime
    handed_over_at: AwareDatetime | None
    finished_at: AwareDatetime | None


class StatusChange(BaseModel):
    """The state of a crew or a vehicle, set by hand."""

    model_config = ConfigDict(extra="forbid")

    status: ResourceStatus


@router.get("/agencies", responses=documented(401))
def agencies(services: ServicesDep, _caller: ApiReader) -> list[AgencyPublic]:
    """List the agencies with their people; numbers are masked."""
    with services.db.read() as session:
        return [
            AgencyPublic(
                **agency.model_dump(include={"id", "name_zh", "name_en", "kind", "lat", "lon"}),
                contacts=[
                    Person(
                        **person.model_dump(include={"id", "name_zh", "name_en", "role"}),
                        phone=masked(person.phone),
                        on_duty=on_duty,
                    )
                    for person, on_duty in people
                ],
            )
            for agency, people in roster.everybody(session, services.clock.now(), services.book.alliance.tz)
        ]


@router.get("/resources", responses=documented(401))
def resources(services: ServicesDep, _caller: ApiReader) -> Pool:
    """List the pool of all agencies."""
    with services.db.read() as session:
        stock = pool.stock_by_depot(session)
        return Pool(
            crews=[CrewPublic.model_validate(row) for row in pool.crews(session)],
            vehicles=[VehiclePublic.model_validate(row) for row in pool.vehicles(session)],
            depots=[
                DepotPublic(**row.model_dump(exclude={"active"}), stock=stock.get(row.id, {}))
                for row in pool.depots(session)
            ],
        )


@router.post("/resources/{resource_id}/status", responses=documented(400, 401, 403, 404, 409, 413, 422))
def set_status(
    resource_id: ResourceId, change: StatusChange, services: ServicesDep, caller: ApiWriter
) -> CrewPublic | VehiclePublic:
    """Set the state of a crew or a vehicle that no order holds."""
    del caller
    with services.db.write() as session:
        row = status.set_status(session, services.clock, services.book.resources, resource_id, change.status)
        return (VehiclePublic if hasattr(row, "seats") else CrewPublic).model_validate(row)


@router.get("/messages", responses=documented(401, 422))
def messages(
    services: ServicesDep,
    _caller: ApiReader,
    incident: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[MessagePublic]:
    """List messages, the newest first; of one incident if asked."""
    query = select(Message).order_by(col(Message.id).desc()).limit(limit)
    if incident is not None:
        query = query.where(Message.incident_id == incident)
    with services.db.read() as session:
        return [MessagePublic.model_validate({**row.model_dump(), "to": masked(row.to)}) for row in session.exec(query)]
