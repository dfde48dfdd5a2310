"""The pool as it stands: who and what there is, of all agencies."""

from sqlmodel import Session, col, select

from firewatch.resources.models import Crew, Depot, ResourceStatus, Stock, Vehicle


def crews(session: Session, *, free: bool = False) -> list[Crew]:
    """Return the active crews by id; only those that are available, if asked."""
    query = select(Crew).where(Crew.active).order_by(col(Crew.id))
    return list(session.exec(query.where(Crew.status == ResourceStatus.AVAILABLE) if free else query))


def vehicles(session: Session, *, free: bool = False) -> list[Vehicle]:
    """Return the active vehicles by id; only those that are available, if asked."""
    query = select(Vehicle).where(Vehicle.active).order_by(col(Vehicle.id))
    return list(session.exec(query.where(Vehicle.status == ResourceStatus.AVAILABLE) if free else query))


def depots(session: Session) -> list[Depot]:
    """Return the active depots by id."""
    return list(session.exec(select(Depot).where(Depot.active).order_by(col(Depot.id))))


def stock_by_depot(session: Session) -> dict[str, dict[str, int]]:
    """Return the units that are left in each depot, by capability."""
    left: dict[str, dict[str, int]] = {}
    for row in session.exec(select(Stock).order_by(col(Stock.depot_id), col(Stock.capability))):
        left.setdefault(row.depot_id, {})[row.capability] = max(0, row.units - row.reserved)
    return left
