"""What stands still between two plans: where everybody and everything of the pool is, and which roads are closed."""

from sqlmodel import Session, col, select

from firewatch.dispatch.models import RoadClosure
from firewatch.resources import pool
from firewatch.roads.closed import Closure


def standing(session: Session) -> dict[str, tuple[float, float]]:
    """Return the places of all crews, vehicles and depots, free or not."""
    rows = (*pool.vehicles(session), *pool.crews(session), *pool.depots(session))
    return {f"{type(row).__name__}:{row.id}": (row.lat, row.lon) for row in rows}


def in_force(session: Session) -> list[RoadClosure]:
    """Return what is closed now, the newest first."""
    query = select(RoadClosure).where(col(RoadClosure.opened_at).is_(None))
    return list(session.exec(query.order_by(col(RoadClosure.id).desc())))


def closures(session: Session) -> list[Closure]:
    """Return what is closed now, as the roads know it."""
    return [Closure(row.id or 0, row.lat, row.lon, row.radius_m) for row in in_force(session)]
