"""Who is elsewhere by now than the proposal of a fire has him: such a proposal is made anew.

Nothing is written down when somebody moves; it is seen by comparing, also when a position has grown too old to be
believed. A plan that an officer has changed by hand is left to him.
"""

from collections.abc import Iterator, Mapping
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
from firewatch.resources.whereabouts import are_apart
from firewatch.rulebook.resources import Resources


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
    found = {
        incident_id: [moved for trip in trips for moved in _of_trip(session, now, rules, trip, taken)]
        for incident_id, trips, taken in session.exec(query)
    }
    return {incident_id: moved for incident_id, moved in found.items() if moved}


def _of_trip(
    session: Session, now: datetime, rules: Resources, trip: Mapping[str, Any], taken: Mapping[str, Any]
) -> Iterator[Moved]:
    was = assumed.places(taken)
    riding: list[tuple[ResourceKind, Vehicle | Crew]] = [
        (ResourceKind.VEHICLE, session.get_one(Vehicle, trip["vehicle"])),
        *((ResourceKind.CREW, session.get_one(Crew, crew)) for crew in trip["crews"]),
    ]
    for kind, row in riding:
        before, here = was.get((kind, row.id), (row.lat, row.lon)), present.whereabouts_of(row, now, rules).place
        # Whoever is not free any more is a trouble of another kind: his plan cannot be confirmed.
        if row.status is ResourceStatus.AVAILABLE and are_apart(before, here, rules.fix_margin_km):
            yield Moved(row.id, great_circle_km(*before, *here))
