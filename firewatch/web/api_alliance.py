"""/api/v1: agencies and messages. Phone numbers are masked here as everywhere."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlmodel import col, select

from firewatch.agencies import roster
from firewatch.agencies.models import AgencyKind
from firewatch.incidents import places
from firewatch.incidents.matching import zones_at
from firewatch.messaging.models import Message, MessageState, SubjectKind
from firewatch.messaging.outbox import to_the_alliance
from firewatch.messaging.texts import masked
from firewatch.web.deps import ApiReader, ServicesDep
from firewatch.web.problems import documented

router = APIRouter(prefix="/api/v1", tags=["alliance"])


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


class PlacePublic(BaseModel):
    """A place that people call by name, and the zones it lies in."""

    id: str
    name_zh: str
    name_en: str
    area_zh: str
    area_en: str
    kind: str
    lat: float = Field(description="Of its middle")
    lon: float
    zone_ids: list[str]


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


@router.get("/messages", responses=documented(401, 422))
def messages(
    services: ServicesDep,
    _caller: ApiReader,
    incident: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[MessagePublic]:
    """List messages to the agencies' people, the newest first; of one incident if asked."""
    query = select(Message).where(to_the_alliance()).order_by(col(Message.id).desc()).limit(limit)
    if incident is not None:
        query = query.where(Message.incident_id == incident)
    with services.db.read() as session:
        return [MessagePublic.model_validate({**row.model_dump(), "to": masked(row.to)}) for row in session.exec(query)]


@router.get("/places", responses=documented(401, 422))
def find_places(
    services: ServicesDep, _caller: ApiReader, q: Annotated[str, Query(min_length=1, max_length=60)]
) -> list[PlacePublic]:
    """Find places by what people call them, in Chinese, pinyin, its initials or English; the likeliest first."""
    book = services.book
    return [
        PlacePublic(
            **row.model_dump(exclude={"pinyin"}), zone_ids=[zone.id for zone in zones_at(row.lat, row.lon, book.zones)]
        )
        for row in places.search(book.places, q)
    ]
