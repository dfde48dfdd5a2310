"""Who is elsewhere by now than the proposal of a fire has him: such a proposal is made anew.

Nothing is written down when somebody moves; it is seen by comparing, also when a position has grown too old to be
believed. A plan that an officer has changed by hand is left to him.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from firewatch.dispatch import assumed
from firewatch.dispatch.models import JointPlan, Plan, PlanState
from firewatch.geo import great_circle_km
from firewatch.incidents import lifecycle
from firewatch.incidents.models import Incident
from firewatch.resources import present
from firewatch.resources.models import Crew, ResourceKind, ResourceStatus, Vehicle
from firewatch.resources.whereabouts import Place, are_apart
from firewatch.resources.work import kind_of
from firewatch.rulebook.resources import Resources

Who = tuple[ResourceKind, str]
"""Kind and id."""


@dataclass(frozen=True)
class Moved:
    """A crew or a vehicle, and how far it is from where the proposal has it."""

    resource: str
    km: float


def since_planned(session: Session, now: datetime, rules: Resources) -> dict[int, list[Moved]]:
    """Return, by incident, who of its proposal is further away than the margin from where it was planned from."""
    query = (
        select(Plan.incident_id, Plan.trips, JointPlan.assumed)
        .join(JointPlan, col(JointPlan.id) == col(Plan.joint_plan_id))
        .join(Incident, col(Incident.id) == col(Plan.incident_id))
        .where(Plan.state == PlanState.PROPOSED, col(JointPlan.reason).is_(None))
        .where(col(Incident.state).in_(sorted(lifecycle.OPEN)))
        .order_by(col(Plan.id))
    )
    proposed = list(session.exec(query))
    riding = _riding(session, [trip for _, trips, _ in proposed for trip in trips])
    found = {
        incident_id: [moved for trip in trips for moved in _of_trip(riding, now, rules, trip, assumed.places(taken))]
        for incident_id, trips, taken in proposed
    }
    return {incident_id: moved for incident_id, moved in found.items() if moved}


def _riding(session: Session, trips: Sequence[Mapping[str, Any]]) -> dict[Who, Vehicle | Crew]:
    """Return those of some trips who are free; whoever is not is a trouble of another kind: no plan with him holds."""
    if not trips:
        return {}
    carrying = sorted({trip["vehicle"] for trip in trips})
    carried = sorted({crew for trip in trips for crew in trip["crews"]})
    rows: list[Vehicle | Crew] = [
        *session.exec(select(Vehicle).where(col(Vehicle.id).in_(carrying))),
        *session.exec(select(Crew).where(col(Crew.id).in_(carried))),
    ]
    return {(kind_of(row), row.id): row for row in rows if row.status is ResourceStatus.AVAILABLE}


def _of_trip(
    riding: Mapping[Who, Vehicle | Crew],
    now: datetime,
    rules: Resources,
    trip: Mapping[str, Any],
    was: Mapping[Who, Place],
) -> Iterator[Moved]:
    for who in ((ResourceKind.VEHICLE, trip["vehicle"]), *((ResourceKind.CREW, crew) for crew in trip["crews"])):
        row = riding.get(who)
        if row is None:
            continue
        before, here = was.get(who, (row.lat, row.lon)), present.whereabouts_of(row, now, rules).place
        if are_apart(before, here, rules.fix_margin_km):
            yield Moved(row.id, great_circle_km(*before, *here))
