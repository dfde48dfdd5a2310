"""What is known about many fires at once, in three questions however many burn."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from firewatch.dispatch.models import UNDER_WAY, Order, Plan
from firewatch.incidents.models import AgencyNotice, Incident


@dataclass(frozen=True)
class Fires:
    """By incident: who was told, the newest plan, and the orders under way or there."""

    notices: Mapping[int, Sequence[AgencyNotice]]
    plans: Mapping[int, Plan]
    going: Mapping[int, Sequence[Order]]


def load_fires(session: Session, incidents: Iterable[Incident]) -> Fires:
    """Read what hangs on some incidents."""
    ids = [incident.id for incident in incidents]
    notices = (
        select(AgencyNotice)
        .where(col(AgencyNotice.incident_id).in_(ids))
        .order_by(col(AgencyNotice.incident_id), col(AgencyNotice.agency_id))
    )
    newest = select(func.max(col(Plan.id))).where(col(Plan.incident_id).in_(ids)).group_by(col(Plan.incident_id))
    plans = select(Plan).where(col(Plan.id).in_(newest))
    going = (
        select(Order)
        .where(col(Order.incident_id).in_(ids), col(Order.state).in_(sorted(UNDER_WAY)))
        .order_by(col(Order.id))
    )
    told: defaultdict[int, list[AgencyNotice]] = defaultdict(list)
    for notice in session.exec(notices):
        told[notice.incident_id].append(notice)
    under_way: defaultdict[int, list[Order]] = defaultdict(list)
    for order in session.exec(going):
        under_way[order.incident_id].append(order)
    return Fires(told, {plan.incident_id: plan for plan in session.exec(plans)}, under_way)
