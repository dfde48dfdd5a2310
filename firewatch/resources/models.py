"""The one pool of crews, vehicles and depots. An agency owns each for the record; it never limits who is sent."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from firewatch.db import Json, UtcDateTime, words


class ResourceStatus(StrEnum):
    """Where a crew or a vehicle is in its working life."""

    AVAILABLE = "available"
    ASSIGNED = "assigned"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    RELEASED = "released"
    RESTING = "resting"
    OUT_OF_SERVICE = "out_of_service"


class SpeedClass(StrEnum):
    """How a vehicle drives, against a crew carrier."""

    LIGHT = "light"
    STANDARD = "standard"
    HEAVY = "heavy"


class ResourceKind(StrEnum):
    """What the pool consists of; ids are told apart within a kind only."""

    CREW = "crew"
    VEHICLE = "vehicle"
    DEPOT = "depot"


class ChangeKind(StrEnum):
    """What was done to a resource."""

    ADDED = "added"
    CHANGED = "changed"
    RETIRED = "retired"
    STATUS = "status"  # set by hand


class CrewKind(StrEnum):
    """How a crew is made up; mass teams get support tasks only."""

    PROFESSIONAL = "professional"  # 专业队
    PART_TIME = "part_time"  # 半专业队
    MASS = "mass"  # 群众队伍
    RANGER = "ranger"  # 护林员


class VehicleKind(StrEnum):
    """What a vehicle is for."""

    CREW_CARRIER = "crew_carrier"  # 运兵车
    WATER_TENDER = "water_tender"  # 消防水车
    COMMAND = "command"  # 指挥车


class OwnedBase(SQLModel):
    """What an agency owns, by name and place."""

    id: str = Field(primary_key=True, max_length=60)
    agency_id: str = Field(foreign_key="agency.id", index=True)
    name_zh: str = Field(max_length=80)
    name_en: str = Field(max_length=80)
    lat: float
    lon: float
    active: bool = True
    version: int = 1  # grows with every change, so that nobody overwrites what he has not seen


class MobileBase(OwnedBase):
    """What turns out when it is ordered, and what it brings."""

    turnout_minutes: int
    turnout_night_minutes: int | None = None  # None: the same as by day
    provides: dict[str, int] = Field(default_factory=dict, sa_type=Json)
    status: ResourceStatus = Field(default=ResourceStatus.AVAILABLE, sa_type=words(ResourceStatus), index=True)
    status_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    present_lat: float | None = None  # where it was seen last, if it ever was; `lat` and `lon` are its home
    present_lon: float | None = None
    fix_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    fix_by: str | None = Field(default=None, max_length=80)


class Crew(MobileBase, table=True):
    """People who go together. `may_attack` false: they support, they are never counted at the fire itself."""

    __tablename__ = "crew"

    kind: CrewKind = Field(sa_type=words(CrewKind))
    people: int
    may_attack: bool


class Vehicle(MobileBase, table=True):
    """A vehicle; `seats` count the crew aboard, `load` is in units of tools."""

    __tablename__ = "vehicle"

    kind: VehicleKind = Field(sa_type=words(VehicleKind))
    speed_class: SpeedClass = Field(default=SpeedClass.STANDARD, sa_type=words(SpeedClass))
    seats: int
    crew_aboard: int
    load: int


class Depot(OwnedBase, table=True):
    """A store of tools (物资库)."""

    __tablename__ = "depot"

    loading_minutes: int


class Stock(SQLModel, table=True):
    """Units of one tool in one depot; `reserved` are those that orders have taken and not yet brought back."""

    __tablename__ = "stock"
    __table_args__ = (UniqueConstraint("depot_id", "capability"),)

    id: int | None = Field(default=None, primary_key=True)
    depot_id: str = Field(foreign_key="depot.id", index=True)
    capability: str = Field(max_length=40)
    units: int
    reserved: int = 0


class WorkSpell(SQLModel, table=True):
    """One spell of work of a crew or a vehicle: from setting out to being back; `ended_at` is None while it lasts."""

    __tablename__ = "work_spell"
    __table_args__ = (Index("ix_work_spell_kind_resource_id_began_at", "kind", "resource_id", "began_at"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: ResourceKind = Field(sa_type=words(ResourceKind))
    resource_id: str = Field(max_length=60)
    began_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ResourceChange(SQLModel, table=True):
    """One change of one resource; append-only. `before` and `after` hold what is other than it was."""

    __tablename__ = "resource_change"
    __table_args__ = (Index("ix_resource_change_kind_resource_id_at", "kind", "resource_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    by: str = Field(max_length=80)
    kind: ResourceKind = Field(sa_type=words(ResourceKind))
    resource_id: str = Field(max_length=60)
    agency_id: str = Field(foreign_key="agency.id", index=True)
    what: ChangeKind = Field(sa_type=words(ChangeKind))
    before: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    after: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
