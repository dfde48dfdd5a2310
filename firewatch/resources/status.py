"""A crew or a vehicle moves through its working life."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.errors import Conflict, NotFound
from firewatch.resources import work
from firewatch.resources.models import Crew, ResourceKind, Stock, Vehicle
from firewatch.resources.models import ResourceStatus as S
from firewatch.rulebook.resources import Resources

NEXT: Final[Mapping[S, tuple[S, ...]]] = {
    S.AVAILABLE: (S.ASSIGNED, S.OUT_OF_SERVICE),
    S.ASSIGNED: (S.EN_ROUTE, S.RELEASED, S.OUT_OF_SERVICE),
    S.EN_ROUTE: (S.ON_SCENE, S.RELEASED, S.OUT_OF_SERVICE),
    S.ON_SCENE: (S.RELEASED, S.OUT_OF_SERVICE),
    S.RELEASED: (S.RESTING, S.AVAILABLE, S.OUT_OF_SERVICE),
    S.RESTING: (S.AVAILABLE, S.OUT_OF_SERVICE),
    S.OUT_OF_SERVICE: (S.AVAILABLE,),
}
COMMITTED: Final = frozenset({S.ASSIGNED, S.EN_ROUTE, S.ON_SCENE})
"""States that an order has put a resource into: only its order takes it on."""
AT_WORK: Final = frozenset({S.EN_ROUTE, S.ON_SCENE, S.RELEASED})
"""States of work: from setting out to being back."""
DISPATCH: Final = "dispatch"
"""The turn in which resources are planned with, taken, moved and freed: nobody is promised to two fires."""
BY_HAND: Final = frozenset({S.RESTING, S.AVAILABLE, S.OUT_OF_SERVICE})
"""States that a person may set on a resource no order holds."""


def find(session: Session, resource_id: str, kind: ResourceKind | None = None) -> Crew | Vehicle:
    """Return a crew or a vehicle, of a kind if it is said: the two may have the same id. Raises NotFound."""
    vehicle = session.get(Vehicle, resource_id) if kind in (None, ResourceKind.VEHICLE) else None
    found = vehicle or (session.get(Crew, resource_id) if kind in (None, ResourceKind.CREW) else None)
    if found is None:
        raise NotFound(f"there is no crew or vehicle {resource_id}")
    return found


def move(session: Session, clock: Clock, resource: Crew | Vehicle, new: S, since: datetime | None = None) -> None:
    """Take a resource to its next state, and keep the record of its work. Raises Conflict for a step not allowed.

    `since` is when the step was due, if that was before now. Who becomes available does so now all the same: a fire
    that waits for people looks for whoever has become free since it was planned.
    """
    if new not in NEXT[resource.status]:
        raise Conflict(f"{resource.id} is {resource.status}: it cannot become {new}")
    at = since or clock.now()
    if new is S.EN_ROUTE:
        work.begin(session, resource, at)
    elif resource.status in AT_WORK and new not in AT_WORK:
        work.end(session, resource, at)
    resource.status = new
    resource.status_at = clock.now() if new is S.AVAILABLE else at


def set_status(
    session: Session, clock: Clock, rules: Resources, resource_id: str, new: S, kind: ResourceKind | None = None
) -> Crew | Vehicle:
    """Set the state of a resource by hand. Raises NotFound, and Conflict when an order holds it or it must rest."""
    in_turn(session, DISPATCH)
    resource = find(session, resource_id, kind)
    if resource.status in COMMITTED:
        raise Conflict(f"{resource.id} is {resource.status}: its order has to be released first")
    if new not in BY_HAND:
        raise Conflict(f"{new} is set by an order, not by hand")
    if new is S.AVAILABLE and (until := work.rests_until(session, clock.now(), rules, resource)) is not None:
        raise Conflict(f"{resource.id} has worked its hours: it must rest until {until.isoformat()}")
    move(session, clock, resource, new)
    session.flush()
    return resource


def reserve_stock(session: Session, load: Mapping[str, Mapping[str, int]]) -> None:
    """Take units out of depots. Raises Conflict when fewer are left."""
    rows = _stock(session, load)
    for depot, tool, units in _amounts(load):
        row = rows.get((depot, tool))
        left = row.units - row.reserved if row else 0
        if row is None or left < units:
            raise Conflict(f"depot {depot} has only {left} of {tool} left")
        row.reserved += units


def return_stock(session: Session, load: Mapping[str, Mapping[str, int]]) -> None:
    """Bring units back to their depots."""
    rows = _stock(session, load)
    for depot, tool, units in _amounts(load):
        row = rows[depot, tool]
        row.reserved = max(0, row.reserved - units)


def _amounts(load: Mapping[str, Mapping[str, int]]) -> list[tuple[str, str, int]]:
    return [(depot, tool, units) for depot, tools in load.items() for tool, units in tools.items()]


def _stock(session: Session, load: Mapping[str, Mapping[str, int]]) -> dict[tuple[str, str], Stock]:
    """Return the stock of the depots of a load, which nobody else changes before this transaction ends."""
    query = select(Stock).where(col(Stock.depot_id).in_(sorted(load))).order_by(col(Stock.id)).with_for_update()
    return {(row.depot_id, row.capability): row for row in session.exec(query)}
