"""Roads that somebody on duty has closed: marked on the map, heeded by every plan until somebody opens them again.

A closure is never deleted: who closed it, who opened it and when stays on record. Fires whose plan is only a proposal
are planned again; orders that were given are not touched: those people are told by telephone.
"""

from datetime import datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.dispatch import proposals
from firewatch.dispatch.models import PlanState, RoadClosure
from firewatch.dispatch.standing import closures, standing
from firewatch.dispatch.travel import Travel
from firewatch.errors import Conflict, NotFound
from firewatch.incidents import progress
from firewatch.incidents.timeline import record
from firewatch.resources.status import DISPATCH
from firewatch.roads.closed import Closure
from firewatch.rulebook.alliance import Degrees
from firewatch.rulebook.resources import Resources

LONGEST_REASON: Final = 200
LAST: Final = 20
"""How many of those that were opened again are shown."""


Lat = Annotated[Degrees, Field(ge=-90, le=90, description="Latitude, WGS84 degrees")]
Lon = Annotated[Degrees, Field(ge=-180, le=180, description="Longitude, WGS84 degrees")]


class Spot(BaseModel):
    """A further place of a line."""

    model_config = ConfigDict(extra="forbid")

    lat: Lat
    lon: Lon


class NewClosure(BaseModel):
    """A spot on a road, or a line along it or across; how far around nobody drives, and why."""

    model_config = ConfigDict(extra="forbid")

    lat: Lat
    lon: Lon
    line: Annotated[list[Spot], Field(max_length=50, description="Further places, where a line is closed")] = []
    radius_m: Annotated[int, Field(ge=20, le=5000, description="Every piece of road so near is closed")] = 100
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]


def close(session: Session, clock: Clock, new: NewClosure, by: str) -> RoadClosure:
    """Close the roads around a spot, or along a line."""
    in_turn(session, DISPATCH)
    line = [[spot.lat, spot.lon] for spot in new.line]
    row = RoadClosure(**new.model_dump(exclude={"line"}), line=line, closed_at=clock.now(), closed_by=by)
    row.reason = row.reason.strip()
    session.add(row)
    session.flush()
    for incident_id in _proposed(session):
        _plan_again(session, clock, incident_id)
        record(session, incident_id, clock.now(), "road_closed", by, closure=str(row.id), reason=row.reason)
    session.flush()
    return row


def reopen(session: Session, clock: Clock, closure_id: int, by: str) -> RoadClosure:
    """Open the roads around a spot again. Raises NotFound, and Conflict when somebody has done so already."""
    in_turn(session, DISPATCH)
    row = session.get(RoadClosure, closure_id)
    if row is None:
        raise NotFound(f"there is no closure {closure_id}")
    if row.opened_at is not None:
        raise Conflict(f"closure {closure_id} was ended by {row.opened_by} already")
    row.opened_at, row.opened_by = clock.now(), by
    for incident_id in _proposed(session):
        _plan_again(session, clock, incident_id)
        record(session, incident_id, clock.now(), "road_opened", by, closure=str(row.id), reason=row.reason)
    session.flush()
    return row


def as_roads_know(new: NewClosure) -> Closure:
    """Return a closure that is only thought of, to be looked at on the roads."""
    return Closure(0, new.lat, new.lon, new.radius_m, tuple((spot.lat, spot.lon) for spot in new.line))


def ended(session: Session, limit: int = LAST) -> list[RoadClosure]:
    """Return what was opened again, the last first."""
    query = select(RoadClosure).where(col(RoadClosure.opened_at).is_not(None))
    return list(
        session.exec(query.order_by(col(RoadClosure.opened_at).desc(), col(RoadClosure.id).desc()).limit(limit))
    )


def learn(session: Session, travel: Travel | None, now: datetime, rules: Resources) -> None:
    """Have the ways between standing places found outside of any transaction that holds others up."""
    if travel is not None:
        travel.learn(standing(session, now, rules), closures(session))


def _proposed(session: Session) -> list[int]:
    """Return the fires whose newest plan is a proposal."""
    numbers = sorted(fire.id or 0 for fire in progress.open_incidents(session))
    newest = {number: proposals.latest(session, number) for number in numbers}
    return [number for number, plan in newest.items() if plan is not None and plan.state == PlanState.PROPOSED]


def _plan_again(session: Session, clock: Clock, incident_id: int) -> None:
    progress.hold(session, incident_id).plan_due_at = clock.now()
