"""What stands still between two plans: where everybody and everything of the pool is, and which roads are closed."""

from datetime import datetime

from sqlmodel import Session, col, select

from firewatch.dispatch.models import RoadClosure
from firewatch.resources import pool, present
from firewatch.resources.models import Crew, OwnedBase, Vehicle
from firewatch.resources.whereabouts import Place
from firewatch.roads.closed import Closure
from firewatch.rulebook.resources import Resources


def standing(session: Session, now: datetime, rules: Resources) -> dict[str, Place]:
    """Return the places of all crews, vehicles and depots, free or not: home, and where they are taken to be now."""
    mobile: list[Vehicle | Crew] = [*pool.vehicles(session), *pool.crews(session)]
    fixed: list[OwnedBase] = [*mobile, *pool.depots(session)]
    homes = {f"{type(row).__name__}:{row.id}": (row.lat, row.lon) for row in fixed}
    now_at = {f"present {type(row).__name__}:{row.id}": present.whereabouts_of(row, now, rules).place for row in mobile}
    return homes | now_at


def in_force(session: Session) -> list[RoadClosure]:
    """Return what is closed now, the newest first."""
    query = select(RoadClosure).where(col(RoadClosure.opened_at).is_(None))
    return list(session.exec(query.order_by(col(RoadClosure.id).desc())))


def closures(session: Session) -> list[Closure]:
    """Return what is closed now, as the roads know it."""
    return [Closure(row.id or 0, row.lat, row.lon, row.radius_m, tuple(row.places[1:])) for row in in_force(session)]
