"""The pool as it stands: who and what there is, of all agencies."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from firewatch.agencies.models import Agency
from firewatch.resources import work
from firewatch.resources.models import Crew, Depot, ResourceStatus, Stock, Vehicle
from firewatch.rulebook.resources import Resources


@dataclass(frozen=True)
class Free:
    """Who may be planned with: available, and within the hours of work."""

    crews: list[Crew]
    vehicles: list[Vehicle]
    kept_out: list[dict[str, Any]]
    """Of each other one: kind, resource, status, minutes worked, and until when it must rest, if it must."""


def free(session: Session, now: datetime, rules: Resources) -> Free:
    """Return who may be planned with, by id, and why the others may not."""
    everybody: list[Crew | Vehicle] = [*crews(session), *vehicles(session)]
    accounts = work.accounts(session, now, rules, everybody)
    found = Free([], [], [])
    for row in everybody:
        account = accounts[work.kind_of(row), row.id]
        if row.status != ResourceStatus.AVAILABLE or account.rests_until is not None:
            found.kept_out.append(_kept_out(row, account))
        elif isinstance(row, Crew):
            found.crews.append(row)
        else:
            found.vehicles.append(row)
    return found


def _kept_out(row: Crew | Vehicle, account: work.Account) -> dict[str, Any]:
    return {
        "kind": work.kind_of(row),
        "resource": row.id,
        "status": row.status,
        "worked_minutes": round(account.worked.total_seconds() / 60),
        "rests_until": account.rests_until.isoformat() if account.rests_until else None,
    }


def crews(session: Session) -> list[Crew]:
    """Return the active crews by id; what belongs to an agency that left does not count."""
    return list(session.exec(select(Crew).join(Agency).where(Crew.active, Agency.active).order_by(col(Crew.id))))


def vehicles(session: Session) -> list[Vehicle]:
    """Return the active vehicles by id."""
    query = select(Vehicle).join(Agency).where(Vehicle.active, Agency.active)
    return list(session.exec(query.order_by(col(Vehicle.id))))


def depots(session: Session) -> list[Depot]:
    """Return the active depots by id."""
    return list(session.exec(select(Depot).join(Agency).where(Depot.active, Agency.active).order_by(col(Depot.id))))


def stock_by_depot(session: Session) -> dict[str, dict[str, int]]:
    """Return the units that are left in each depot, by capability."""
    left: dict[str, dict[str, int]] = {}
    for row in session.exec(select(Stock).order_by(col(Stock.depot_id), col(Stock.capability))):
        left.setdefault(row.depot_id, {})[row.capability] = max(0, row.units - row.reserved)
    return left
