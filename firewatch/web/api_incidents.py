"""/api/v1: fire reports, incidents, plans and orders."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, computed_field
from sqlmodel import Session

from firewatch.dispatch import ending, needs, planning, proposals
from firewatch.dispatch import orders as dispatch_orders
from firewatch.dispatch.by_hand import Sent
from firewatch.dispatch.models import Order, OrderState, Plan, PlanState
from firewatch.dispatch.override import override
from firewatch.dispatch.problem import RoadsUse
from firewatch.incidents import command, intake, notices, progress, timeline
from firewatch.incidents.command import Post
from firewatch.incidents.intake import NewReport
from firewatch.incidents.models import AgencyNotice, FireClass, FireReport, Incident, IncidentState, ReportChannel
from firewatch.web import attribution
from firewatch.web.deps import ApiReader, ApiWriter, ServicesDep
from firewatch.web.problems import documented

router = APIRouter(prefix="/api/v1", tags=["incidents"])

Id = Annotated[int, Path(ge=1, le=2**31 - 1)]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key again from the same caller answers with the same report",
    ),
]
ResourceId = Annotated[str, Field(min_length=1, max_length=60)]
Quantity = Annotated[int, Field(ge=0, le=needs.MOST)]
READ = documented(401, 404, 422)
WRITE = documented(400, 401, 403, 404, 409, 413, 422)


class IncidentPublic(BaseModel):
    """An incident in short."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    state: IncidentState
    lat: float
    lon: float
    zone_id: str | None
    also_zone_ids: list[str] = Field(description="Further zones it lies in, where zones overlap")
    needs_by_hand: dict[str, int] | None
    stake: str | None
    fire_class: FireClass
    danger_grade: int | None = Field(description="The worse, where zones overlap")
    danger_zone_id: str | None = Field(description="The zone whose grade that is")
    organiser_agency_id: str
    warnings: list[str]
    opened_at: AwareDatetime
    closed_at: AwareDatetime | None


class ReportPublic(BaseModel):
    """A fire report as it was taken in."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    incident_id: int
    lat: float
    lon: float
    description: str
    channel: ReportChannel
    agency_id: str | None
    reported_at: AwareDatetime
    received_at: AwareDatetime
    received_by: str


class ReportTaken(ReportPublic):
    """A report with its incident."""

    incident: IncidentPublic
    opened: bool = Field(description="Whether the report opened the incident, rather than joining it")


class NoticePublic(BaseModel):
    """Whether an agency knows of an incident."""

    model_config = ConfigDict(from_attributes=True)

    agency_id: str
    notified_at: AwareDatetime
    step: int
    next_step_at: AwareDatetime | None
    acknowledged_at: AwareDatetime | None
    acknowledged_by: str | None


class EntryPublic(BaseModel):
    """A line of the timeline."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: AwareDatetime
    kind: str
    actor: str
    data: dict[str, str]


class PlanPublic(BaseModel):
    """A fire's part of a joint plan, whose `problem` and `solution` are documents of the dispatch file format."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    state: PlanState
    trips: list[dict[str, Any]]
    short: bool
    joint_plan_id: int
    solver: str
    made_at: AwareDatetime
    confirm_due_at: AwareDatetime | None
    confirmed_at: AwareDatetime | None
    confirmed_by: str | None
    problem: dict[str, Any]
    solution: dict[str, Any]

    @computed_field(description="Whom to name where minutes are shown; null when they are estimated")
    def credit(self) -> str | None:
        """Return the credit of the roads, if they were used."""
        by_road = self.problem.get("minutes_from", {}).get("roads") == RoadsUse.USED
        return attribution.ROADS.text if by_road else None


class OrderPublic(BaseModel):
    """An order: one trip."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    plan_id: int
    incident_id: int
    state: OrderState
    agency_id: str
    vehicle_id: str
    stops: list[str]
    crews: list[str]
    load: dict[str, dict[str, int]]
    people: int
    minutes: float
    ordered_at: AwareDatetime
    eta_at: AwareDatetime
    state_at: AwareDatetime
    reason: str | None


class PostPublic(BaseModel):
    """A command: who holds it (`agency:<id>`, or a user name), and to whom it is being offered."""

    model_config = ConfigDict(from_attributes=True)

    post: Post
    holder: str
    since_at: AwareDatetime
    offered_to: str | None
    offer_ends_at: AwareDatetime | None


class IncidentWhole(IncidentPublic):
    """An incident with everything that hangs on it."""

    reports: list[ReportPublic]
    notices: list[NoticePublic]
    plan: PlanPublic | None
    orders: list[OrderPublic]
    command: list[PostPublic]
    timeline: list[EntryPublic]


class Strict(BaseModel):
    """A request that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid")


class StateChange(Strict):
    """The next state of an incident."""

    state: IncidentState


class NeedsIn(BaseModel):
    """Quantities by capability; null: as the run card says."""

    needs: dict[ResourceId, Quantity] | None = Field(max_length=50)


class StakeIn(BaseModel):
    """What is at stake, by its id in the config."""

    stake: ResourceId | None


class ClassChange(Strict):
    """The class of a fire."""

    fire_class: FireClass


class OrderChange(Strict):
    """The next state of an order; `reason` when it is declined."""

    state: OrderState
    reason: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] | None = None


@router.post("/fire-reports", status_code=201, responses=documented(400, 401, 403, 409, 413, 422))
def report_fire(report: NewReport, services: ServicesDep, caller: ApiWriter, key: Key = None) -> ReportTaken:
    """Report a fire. Every agency is told in the same transaction; a plan falls due."""
    with services.db.write() as session:
        taken = intake.report_fire(session, services.clock, services.book, report, caller.by, key)
    services.wake()
    return _taken(taken.report, taken.incident, opened=taken.opened)


@router.post("/fire-reports/{report_id}/detach", responses=WRITE)
def detach_report(report_id: Id, services: ServicesDep, caller: ApiWriter) -> IncidentPublic:
    """Take a report out of its incident: it is another fire."""
    with services.db.write() as session:
        incident = intake.detach(session, services.clock, services.book, report_id, caller.by)
    services.wake()
    return IncidentPublic.model_validate(incident)


@router.get("/incidents", responses=documented(401, 422))
def list_incidents(
    services: ServicesDep,
    _caller: ApiReader,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[IncidentPublic]:
    """List incidents, the newest first."""
    with services.db.read() as session:
        return [IncidentPublic.model_validate(row) for row in progress.recent(session, limit, offset)]


@router.get("/incidents/{incident_id}", responses=READ)
def get_incident(incident_id: Id, services: ServicesDep, _caller: ApiReader) -> IncidentWhole:
    """Return an incident with its reports, notices, newest plan, orders and timeline."""
    with services.db.read() as session:
        return _whole(session, progress.get(session, incident_id))


@router.post("/incidents/{incident_id}/state", responses=WRITE)
def change_state(incident_id: Id, change: StateChange, services: ServicesDep, caller: ApiWriter) -> IncidentPublic:
    """Take an incident to its next state."""
    with services.db.write() as session:
        incident = ending.change_state(session, services.clock, services.book, incident_id, change.state, caller.by)
    services.wake()
    return IncidentPublic.model_validate(incident)


@router.post("/incidents/{incident_id}/class", responses=WRITE)
def set_class(incident_id: Id, change: ClassChange, services: ServicesDep, caller: ApiWriter) -> IncidentPublic:
    """Set the fire class; a new plan falls due."""
    with services.db.write() as session:
        incident = progress.set_class(session, services.clock, incident_id, change.fire_class, caller.by)
    return IncidentPublic.model_validate(incident)


@router.put("/incidents/{incident_id}/needs", responses=WRITE)
def adjust_needs(incident_id: Id, change: NeedsIn, services: ServicesDep, caller: ApiWriter) -> IncidentPublic:
    """Set what a fire is to get, in place of its run card; null goes back to the card. A new plan falls due."""
    with services.db.write() as session:
        incident = needs.adjust(session, services.clock, services.book, incident_id, change.needs, caller.by)
    services.wake()
    return IncidentPublic.model_validate(incident)


@router.put("/incidents/{incident_id}/stake", responses=WRITE)
def set_stake(incident_id: Id, change: StakeIn, services: ServicesDep, caller: ApiWriter) -> IncidentPublic:
    """Set what is at stake, by its id in the config; null is nothing in particular. A new plan falls due."""
    with services.db.write() as session:
        incident = needs.set_stake(session, services.clock, services.book, incident_id, change.stake, caller.by)
    services.wake()
    return IncidentPublic.model_validate(incident)


@router.post("/incidents/{incident_id}/notices/{agency_id}/acknowledge", responses=WRITE)
def acknowledge(
    incident_id: Id,
    agency_id: Annotated[str, Path(max_length=40, pattern=r"^[a-z0-9-]+$")],
    services: ServicesDep,
    caller: ApiWriter,
) -> NoticePublic:
    """Put on record that an agency knows."""
    with services.db.write() as session:
        notice = notices.acknowledge(session, services.clock, incident_id, agency_id, caller.by)
    return NoticePublic.model_validate(notice)


@router.post("/incidents/{incident_id}/plan", status_code=202, responses=WRITE)
def request_plan(incident_id: Id, services: ServicesDep, caller: ApiWriter) -> IncidentPublic:
    """Make a new plan due; it is made within a second."""
    with services.db.write() as session:
        incident = planning.request_plan(session, services.clock, incident_id, caller.by)
    services.wake()
    return IncidentPublic.model_validate(incident)


@router.post("/plans/{plan_id}/confirm", responses=WRITE)
def confirm_plan(plan_id: Id, services: ServicesDep, caller: ApiWriter) -> list[OrderPublic]:
    """Confirm a plan: its orders go out."""
    with services.db.write() as session:
        given = dispatch_orders.confirm(session, services.clock, services.book, plan_id, caller.by)
    services.wake()
    return [OrderPublic.model_validate(order) for order in given]


class SentPublic(BaseModel):
    """A vehicle to be sent as well, straight to the fire or by way of a crew that it picks up."""

    vehicle: ResourceId
    crew: ResourceId | None = None


class OverrideIn(BaseModel):
    """What is other than proposed, and why."""

    leave_out: list[ResourceId] = Field(default_factory=list, max_length=200)
    send: list[SentPublic] = Field(default_factory=list, max_length=200)
    reason: str = Field(min_length=1, max_length=200)


@router.post("/plans/{plan_id}/override", responses=WRITE)
def override_plan(plan_id: Id, change: OverrideIn, services: ServicesDep, caller: ApiWriter) -> PlanPublic:
    """Change a proposal by hand; the new one still has to be confirmed."""
    send = [Sent(each.vehicle, each.crew) for each in change.send]
    with services.db.write() as session:
        plan = override(session, services.clock, plan_id, change.leave_out, send, change.reason, caller.by)
        return _plan(session, plan)


@router.post("/orders/{order_id}/state", responses=WRITE)
def advance_order(order_id: Id, change: OrderChange, services: ServicesDep, caller: ApiWriter) -> OrderPublic:
    """Take an order to its next state."""
    with services.db.write() as session:
        order = dispatch_orders.advance(session, services.clock, order_id, change.state, caller.by, change.reason)
    services.wake()
    return OrderPublic.model_validate(order)


def _taken(report: FireReport, incident: Incident, *, opened: bool) -> ReportTaken:
    public = ReportPublic.model_validate(report).model_dump()
    return ReportTaken(**public, incident=IncidentPublic.model_validate(incident), opened=opened)


def _plan(session: Session, plan: Plan) -> PlanPublic:
    joint = proposals.joint_of(session, plan)
    documents = {"solver": joint.solver, "problem": joint.problem, "solution": joint.solution}
    return PlanPublic.model_validate(plan.model_dump() | documents)


def _whole(session: Session, incident: Incident) -> IncidentWhole:
    number = incident.id or 0
    plan: Plan | None = proposals.in_force(session, number)
    rows: list[Order] = dispatch_orders.orders(session, number)
    told: list[AgencyNotice] = notices.notices(session, number)
    return IncidentWhole(
        **IncidentPublic.model_validate(incident).model_dump(),
        reports=[ReportPublic.model_validate(row) for row in intake.reports(session, number)],
        notices=[NoticePublic.model_validate(row) for row in told],
        plan=_plan(session, plan) if plan else None,
        orders=[OrderPublic.model_validate(row) for row in rows],
        command=[PostPublic.model_validate(row) for row in command.posts(session, number)],
        timeline=[EntryPublic.model_validate(row) for row in timeline.entries(session, number)],
    )
