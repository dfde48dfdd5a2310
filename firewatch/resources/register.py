"""The register of crews, vehicles and depots: compared with what is wanted, changed, and every change put on record.

A row of the register is told in the words of the config folder's files (`CrewRow`, `VehicleRow`, `DepotRow`), whatever
it comes from: those files, a table that is imported, a form.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError
from sqlmodel import Session, col, select

from firewatch.clock import Clock
from firewatch.resources.models import (
    ChangeKind,
    Crew,
    Depot,
    MobileBase,
    OwnedBase,
    ResourceChange,
    ResourceKind,
    Stock,
    Vehicle,
)
from firewatch.resources.status import COMMITTED
from firewatch.rulebook.alliance import CrewRow, DepotRow, VehicleRow

Row = CrewRow | VehicleRow | DepotRow
ROWS: Final[Mapping[ResourceKind, type[Row]]] = {
    ResourceKind.CREW: CrewRow,
    ResourceKind.VEHICLE: VehicleRow,
    ResourceKind.DEPOT: DepotRow,
}
TABLES: Final[Mapping[ResourceKind, type[Crew | Vehicle | Depot]]] = {
    ResourceKind.CREW: Crew,
    ResourceKind.VEHICLE: Vehicle,
    ResourceKind.DEPOT: Depot,
}


@dataclass(frozen=True)
class Change:
    """What is to be done to one resource; `before` and `after` hold the fields that differ."""

    kind: ResourceKind
    resource_id: str
    what: ChangeKind
    agency_id: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


def kind_of(row: Row) -> ResourceKind:
    """Return what a row tells of."""
    return next(kind for kind, table in ROWS.items() if isinstance(row, table))


def is_empty(session: Session) -> bool:
    """Return whether there never was a crew, a vehicle or a depot."""
    return all(session.exec(select(table.id).limit(1)).first() is None for table in TABLES.values())


def rows(session: Session, kind: ResourceKind, agency_id: str | None = None) -> dict[str, tuple[OwnedBase, Row]]:
    """Return all resources of a kind by id, of one agency if asked, each with its row of the register."""
    table = TABLES[kind]
    query = select(table).order_by(col(table.id))
    if agency_id is not None:
        query = query.where(table.agency_id == agency_id)
    stock = _stock(session) if kind is ResourceKind.DEPOT else {}
    return {each.id: (each, as_row(kind, each, stock.get(each.id, {}))) for each in session.exec(query)}


def as_row(kind: ResourceKind, resource: OwnedBase, stock: Mapping[str, int]) -> Row:
    """Return a resource in the words of the files; unchecked, since it was checked when it was written."""
    values = resource.model_dump() | {"agency": resource.agency_id, "stock": dict(stock)}
    table = ROWS[kind]
    return table.model_construct(**{name: values[name] for name in table.model_fields})


def compare(
    session: Session, kind: ResourceKind, wanted: Iterable[Row], agency_id: str | None = None, *, whole: bool = True
) -> list[Change]:
    """Return what has to be done so that the register says what is wanted.

    When `wanted` is the `whole` of a kind (of one agency, if given), what it does not name is retired.
    """
    known = rows(session, kind, agency_id)
    changes = []
    for row in wanted:
        old, was = known.pop(row.id, (None, None))
        after = row.model_dump(mode="json", exclude={"id"})
        before = was.model_dump(mode="json", exclude={"id"}) if was else {}
        differing = [name for name in after if before.get(name) != after[name]]
        if old is None or not old.active:
            changes.append(Change(kind, row.id, ChangeKind.ADDED, row.agency, {}, after))
        elif differing:
            parts = ({name: values[name] for name in differing} for values in (before, after))
            changes.append(Change(kind, row.id, ChangeKind.CHANGED, row.agency, *parts))
    left = [old for old, _ in known.values() if old.active] if whole else []
    return changes + [Change(kind, old.id, ChangeKind.RETIRED, old.agency_id) for old in left]


def why_not(session: Session, changes: Sequence[Change]) -> list[tuple[Change, str]]:
    """Return the changes that cannot be made now, each with the reason: an order counts on what would be retired.

    A reason is one of `exchange.problem`: "committed" or "lent".
    """
    lent = {row.depot_id for row in session.exec(select(Stock).where(Stock.reserved > 0))}
    found = []
    for change in changes:
        if change.what is not ChangeKind.RETIRED:
            continue
        resource = session.get_one(TABLES[change.kind], change.resource_id)
        if isinstance(resource, MobileBase) and resource.status in COMMITTED:
            found.append((change, "committed"))
        elif isinstance(resource, Depot) and resource.id in lent:
            found.append((change, "lent"))
    return found


def put(session: Session, row: Row) -> OwnedBase:
    """Write a row into the register, new or in place of what is there."""
    kind = kind_of(row)
    values = row.model_dump(exclude={"agency", "stock"}) | {"agency_id": row.agency, "active": True}
    resource = session.get(TABLES[kind], row.id)
    if resource is None:
        resource = TABLES[kind].model_validate(values)
        session.add(resource)
    else:
        checked = TABLES[kind].model_validate(values)
        for name in values:
            setattr(resource, name, getattr(checked, name))
    session.flush()
    if isinstance(row, DepotRow):
        _put_stock(session, row)
    return resource


def apply(session: Session, clock: Clock, changes: Sequence[Change], wanted: Iterable[Row], by: str) -> None:
    """Make the changes that `compare` found between the register and `wanted`, and put each on record."""
    by_id = {(kind_of(row), row.id): row for row in wanted}
    for change in changes:
        if change.what is ChangeKind.RETIRED:
            resource = session.get_one(TABLES[change.kind], change.resource_id)
            resource.active = False
        else:
            resource = put(session, by_id[change.kind, change.resource_id])
        resource.version += 1
        note(session, clock, change, by)
    session.flush()


def note(session: Session, clock: Clock, change: Change, by: str) -> None:
    """Put a change on record."""
    session.add(
        ResourceChange(
            at=clock.now(),
            by=by,
            kind=change.kind,
            resource_id=change.resource_id,
            agency_id=change.agency_id,
            what=change.what,
            before=dict(change.before),
            after=dict(change.after),
        )
    )


def reasons(error: ValidationError) -> Iterator[tuple[str | None, str]]:
    """Return each field that does not hold with the reason; None where it is the row as a whole."""
    for each in error.errors(include_url=False):
        said = each["msg"].removeprefix("Value error, ")
        where = ".".join(str(part) for part in each["loc"])
        if not where and ": " in said:  # a rule over several fields names the one that it is about
            where, _, said = said.partition(": ")
        yield where or None, said


def _stock(session: Session) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in session.exec(select(Stock).where(Stock.units > 0).order_by(col(Stock.capability))):
        found.setdefault(row.depot_id, {})[row.capability] = row.units
    return found


def _put_stock(session: Session, depot: DepotRow) -> None:
    known = {row.capability: row for row in session.exec(select(Stock).where(Stock.depot_id == depot.id))}
    for capability, units in depot.stock.items():
        row = known.pop(capability, None)
        if row is None:
            session.add(Stock(depot_id=depot.id, capability=capability, units=units))
        else:
            row.units = units
    for left in known.values():
        left.units = 0
    session.flush()
