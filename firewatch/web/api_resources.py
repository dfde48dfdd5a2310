"""/api/v1: crews, vehicles and depots as they are; changed by the agency that owns them, every change on record."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt
from sqlmodel import Session

from firewatch.access.permissions import require_to_change
from firewatch.resources import edit, pool, position, status
from firewatch.resources.models import (
    ChangeKind,
    CrewKind,
    OwnedBase,
    ResourceKind,
    ResourceStatus,
    SpeedClass,
    VehicleKind,
)
from firewatch.resources.position import NewPosition
from firewatch.rulebook.alliance import Name, Slug
from firewatch.web.deps import ApiReader, ApiWriter, Caller, ServicesDep
from firewatch.web.problems import documented
from firewatch.web.services import Services

router = APIRouter(prefix="/api/v1", tags=["resources"])

MAY_BE_UNSET = frozenset({"turnout_night_minutes"})


Whole = StrictInt
"""A number that is one: in JSON nobody means 1 by `true` or "1"."""
Amounts = dict[Slug, Annotated[Whole, Field(gt=0, le=100_000)]]
NightMinutes = Annotated[Annotated[Whole, Field(ge=0, le=1440)] | None, Field(description="null: the same as by day")]
ResourceId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,60}$")]


class _Resource(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    agency_id: str
    name_zh: str
    name_en: str
    lat: float
    lon: float
    version: int = Field(description="Grows with every change; a change names the version it was made from")


class CrewPublic(_Resource):
    """A crew."""

    kind: CrewKind
    people: int
    may_attack: bool
    turnout_minutes: int
    turnout_night_minutes: int | None = Field(description="None: the same as by day")
    provides: dict[str, int]
    status: ResourceStatus
    status_at: AwareDatetime | None
    present_lat: float | None = Field(description="Where it was seen last; `lat` and `lon` are its home")
    present_lon: float | None
    fix_at: AwareDatetime | None = Field(description="When it was seen there")


class VehiclePublic(_Resource):
    """A vehicle."""

    kind: VehicleKind
    speed_class: SpeedClass
    seats: int
    crew_aboard: int
    load: int
    turnout_minutes: int
    turnout_night_minutes: int | None = Field(description="None: the same as by day")
    provides: dict[str, int]
    status: ResourceStatus
    status_at: AwareDatetime | None
    present_lat: float | None = Field(description="Where it was seen last; `lat` and `lon` are its home")
    present_lon: float | None
    fix_at: AwareDatetime | None = Field(description="When it was seen there")


class DepotPublic(_Resource):
    """A depot and the units left in it."""

    loading_minutes: int
    stock: dict[str, int]


class Pool(BaseModel):
    """Crews, vehicles and depots of all agencies."""

    crews: list[CrewPublic]
    vehicles: list[VehiclePublic]
    depots: list[DepotPublic]


class StatusChange(BaseModel):
    """The state of a crew or a vehicle, set by hand."""

    model_config = ConfigDict(extra="forbid")

    status: ResourceStatus


class _Edit(BaseModel):
    """Fields that are not named stay as they are."""

    model_config = ConfigDict(extra="forbid")

    version: Whole = Field(ge=1, le=2**31 - 1, description="The version that was looked at: 409 if it is another now")
    name_zh: Name | None = None
    name_en: Name | None = None
    lat: Annotated[StrictFloat, Field(ge=-90, le=90)] | None = None
    lon: Annotated[StrictFloat, Field(ge=-180, le=180)] | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The fields that are named; null says nothing, except of what may be not set."""
        named = self.model_dump(mode="json", exclude={"version"}, exclude_unset=True)
        return {name: value for name, value in named.items() if value is not None or name in MAY_BE_UNSET}


class CrewEdit(_Edit):
    """What of a crew is to change."""

    kind: CrewKind | None = None
    people: Annotated[Whole, Field(gt=0, le=500)] | None = None
    may_attack: StrictBool | None = None
    turnout_minutes: Annotated[Whole, Field(ge=0, le=1440)] | None = None
    turnout_night_minutes: NightMinutes = None
    provides: Amounts | None = None


class VehicleEdit(_Edit):
    """What of a vehicle is to change."""

    kind: VehicleKind | None = None
    speed_class: SpeedClass | None = None
    seats: Annotated[Whole, Field(gt=0, le=100)] | None = None
    crew_aboard: Annotated[Whole, Field(ge=0, le=100)] | None = None
    load: Annotated[Whole, Field(ge=0, le=1000)] | None = None
    turnout_minutes: Annotated[Whole, Field(ge=0, le=1440)] | None = None
    turnout_night_minutes: NightMinutes = None
    provides: Amounts | None = None


class DepotEdit(_Edit):
    """What of a depot is to change; `stock` is all that it holds, what orders have taken out included."""

    loading_minutes: Annotated[Whole, Field(ge=0, le=1440)] | None = None
    stock: Amounts | None = None


class ChangePublic(BaseModel):
    """One change: who, when, and the fields that differ, before and after."""

    model_config = ConfigDict(from_attributes=True)

    at: AwareDatetime
    by: str
    what: ChangeKind
    before: dict[str, Any]
    after: dict[str, Any]


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
    """Set the state of a crew or a vehicle that no order holds; its agency and the coordinating office may."""
    with services.db.write() as session:
        owner = status.find(session, resource_id).agency_id
        require_to_change(caller.agency_id, owner, services.book.alliance.duty_agency)
        rules = services.book.resources
        row = edit.set_status(session, services.clock, rules, resource_id, change.status, caller.by)
        return (VehiclePublic if hasattr(row, "seats") else CrewPublic).model_validate(row)


@router.post("/resources/{kind}/{resource_id}/position", responses=documented(400, 401, 403, 404, 409, 413, 422))
def set_position(
    kind: ResourceKind, resource_id: ResourceId, new: NewPosition, services: ServicesDep, caller: ApiWriter
) -> CrewPublic | VehiclePublic:
    """Say where a crew or a vehicle is; its agency and the coordinating office may. 409: a newer position is known."""
    with services.db.write() as session:
        owner = position.find(session, kind, resource_id).agency_id
        require_to_change(caller.agency_id, owner, services.book.alliance.duty_agency)
        row = position.take_in(session, services.clock, kind, resource_id, new, caller.by)
        return (VehiclePublic if kind is ResourceKind.VEHICLE else CrewPublic).model_validate(row)


@router.patch("/crews/{resource_id}", responses=documented(400, 401, 403, 404, 409, 413, 422))
def edit_crew(resource_id: ResourceId, change: CrewEdit, services: ServicesDep, caller: ApiWriter) -> CrewPublic:
    """Change a crew; its agency and the coordinating office may."""
    with services.db.write() as session:
        return CrewPublic.model_validate(_edit(session, services, caller, ResourceKind.CREW, resource_id, change))


@router.patch("/vehicles/{resource_id}", responses=documented(400, 401, 403, 404, 409, 413, 422))
def edit_vehicle(
    resource_id: ResourceId, change: VehicleEdit, services: ServicesDep, caller: ApiWriter
) -> VehiclePublic:
    """Change a vehicle; its agency and the coordinating office may."""
    with services.db.write() as session:
        return VehiclePublic.model_validate(_edit(session, services, caller, ResourceKind.VEHICLE, resource_id, change))


@router.patch("/depots/{resource_id}", responses=documented(400, 401, 403, 404, 409, 413, 422))
def edit_depot(resource_id: ResourceId, change: DepotEdit, services: ServicesDep, caller: ApiWriter) -> DepotPublic:
    """Change a depot and its stock; its agency and the coordinating office may."""
    with services.db.write() as session:
        row = _edit(session, services, caller, ResourceKind.DEPOT, resource_id, change)
        stock = pool.stock_by_depot(session).get(row.id, {})
        return DepotPublic.model_validate({**row.model_dump(exclude={"active"}), "stock": stock})


@router.get("/resources/{kind}/{resource_id}/changes", responses=documented(401, 404, 422))
def changes(
    kind: ResourceKind, resource_id: ResourceId, services: ServicesDep, _caller: ApiReader
) -> list[ChangePublic]:
    """List what was changed by hand or by an import, the newest first."""
    with services.db.read() as session:
        edit.find(session, kind, resource_id)
        return [ChangePublic.model_validate(row) for row in edit.record(session, kind, resource_id)]


def _edit(
    session: Session, services: Services, caller: Caller, kind: ResourceKind, resource_id: str, change: _Edit
) -> OwnedBase:
    owner = edit.find(session, kind, resource_id)[0].agency_id
    require_to_change(caller.agency_id, owner, services.book.alliance.duty_agency)
    return edit.edit(session, services.clock, kind, resource_id, change.version, change.values, caller.by)
