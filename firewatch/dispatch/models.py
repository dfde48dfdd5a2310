"""Plans as they were made and orders as they were given, with all that is needed to solve them again."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from firewatch.db import Json, UtcDateTime, words


class PlanState(StrEnum):
    """A plan is a proposal until somebody, or the configured rule, confirms it."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REPLACED = "replaced"


class OrderState(StrEnum):
    """How far an order has got."""

    ORDERED = "ordered"
    ACKNOWLEDGED = "acknowledged"
    DECLINED = "declined"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    RELEASED = "released"


UNDER_WAY: Final = frozenset({OrderState.ORDERED, OrderState.ACKNOWLEDGED, OrderState.EN_ROUTE, OrderState.ON_SCENE})
"""States of an order whose people and tools are at the fire or coming to it."""


class JointPlan(SQLModel, table=True):
    """One answer for all fires that lack something; `problem` and `solution` are documents of the dispatch format."""

    __tablename__ = "joint_plan"

    id: int | None = Field(default=None, primary_key=True)
    solver: str = Field(max_length=40)
    problem: dict[str, Any] = Field(sa_type=Json)
    solution: dict[str, Any] = Field(sa_type=Json)
    made_at: datetime = Field(sa_type=UtcDateTime)
    instead_of_id: int | None = Field(default=None, foreign_key="joint_plan.id")  # bettered or overridden by it
    reason: str | None = Field(default=None, max_length=200)  # why an officer has overridden that one
    kept_out: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)  # who was not free, and why
    assumed: dict[str, Any] = Field(default_factory=dict, sa_type=Json)  # of those who were: `dispatch.assumed`


class Plan(SQLModel, table=True):
    """What a joint plan sends to one fire: that part is proposed, confirmed or replaced by itself."""

    __tablename__ = "plan"
    __table_args__ = (Index("ix_plan_incident_id_made_at", "incident_id", "made_at"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    joint_plan_id: int = Field(foreign_key="joint_plan.id", index=True)
    state: PlanState = Field(default=PlanState.PROPOSED, sa_type=words(PlanState))
    trips: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)  # of the solution, those to this fire
    made_at: datetime = Field(sa_type=UtcDateTime)
    short: bool = False  # it does not meet all that the run card asks for
    confirm_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    confirmed_by: str | None = Field(default=None, max_length=80)


class Order(SQLModel, table=True):
    """One trip of a confirmed plan: a vehicle, whom it picks up, what it loads, when it should be there."""

    __tablename__ = "dispatch_order"
    __table_args__ = (Index("ix_dispatch_order_incident_id_state", "incident_id", "state"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id", index=True)
    incident_id: int = Field(foreign_key="incident.id")
    state: OrderState = Field(default=OrderState.ORDERED, sa_type=words(OrderState))
    agency_id: str = Field(foreign_key="agency.id")  # of the vehicle
    vehicle_id: str = Field(foreign_key="vehicle.id")
    stops: list[str] = Field(default_factory=list, sa_type=Json)  # crew and depot ids, in order
    crews: list[str] = Field(default_factory=list, sa_type=Json)
    load: dict[str, dict[str, int]] = Field(default_factory=dict, sa_type=Json)
    people: int
    minutes: float  # from the order to the arrival, as planned
    ordered_at: datetime = Field(sa_type=UtcDateTime)
    eta_at: datetime = Field(sa_type=UtcDateTime)
    state_at: datetime = Field(sa_type=UtcDateTime)
    step: int = 1  # of the chase, while nobody acknowledges
    next_step_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    reason: str | None = Field(default=None, max_length=200)  # why it was declined


class RoadClosure(SQLModel, table=True):
    """A spot, or a line that begins there, around which nobody drives until somebody opens it again."""

    __tablename__ = "road_closure"

    id: int | None = Field(default=None, primary_key=True)
    lat: float
    lon: float
    line: list[list[float]] = Field(default_factory=list, sa_type=Json)  # further places: latitude, longitude
    radius_m: int
    reason: str = Field(max_length=200)
    closed_at: datetime = Field(sa_type=UtcDateTime)
    closed_by: str = Field(max_length=80)
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    opened_by: str | None = Field(default=None, max_length=80)

    @property
    def places(self) -> list[tuple[float, float]]:
        """The spot and what follows it."""
        return [(self.lat, self.lon), *((lat, lon) for lat, lon in self.line)]


class RoadArrival(SQLModel, table=True):
    """The drive of an order whose people are there; `took` is None when it tells nothing of the roads."""

    __tablename__ = "road_arrival"

    order_id: int = Field(primary_key=True, foreign_key="dispatch_order.id")
    arrived_at: datetime = Field(sa_type=UtcDateTime, index=True)
    took: float | None = None  # minutes on the roads, as reported
    off_road: float = 0  # minutes that were taken off: to the first road, and on foot to the fire
    by_class: dict[str, float] = Field(default_factory=dict, sa_type=Json)  # minutes at the configured speeds
