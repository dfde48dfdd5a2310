"""One resource is changed by hand, by the agency that owns it, and the change is put on record."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, select

from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.resources import register, status
from firewatch.resources.models import (
    ChangeKind,
    Crew,
    OwnedBase,
    ResourceChange,
    ResourceKind,
    ResourceStatus,
    Vehicle,
)
from firewatch.resources.register import Change, Row
from firewatch.resources.work import kind_of
from firewatch.rulebook.resources import Resources


class NotValid(BadInput):
    """Some fields do not hold; `fields` tells the reason of each, "" stands for the row as a whole."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        """Keep the fields, and tell them in one sentence."""
        super().__init__("; ".join(f"{name}: {reason}" if name else reason for name, reason in fields.items()))
        self.fields = fields


class Outdated(Conflict):
    """Somebody else has changed the resource since it was looked at."""


def find(session: Session, kind: ResourceKind, resource_id: str) -> tuple[OwnedBase, Row]:
    """Return an active resource with its row of the register. Raises NotFound."""
    resource = session.get(register.TABLES[kind], resource_id)
    if resource is None or not resource.active:
        raise NotFound(f"there is no {kind} {resource_id}")
    return resource, register.rows(session, kind, resource.agency_id)[resource_id][1]


def edit(
    session: Session,
    clock: Clock,
    kind: ResourceKind,
    resource_id: str,
    version: int,
    values: Mapping[str, Any],
    by: str,
) -> OwnedBase:
    """Change some fields of a resource as it was at `version`. What changes nothing leaves no trace.

    Raises NotFound, Outdated when it was changed in the meantime, and NotValid.
    """
    in_turn(session, status.DISPATCH)
    resource, row = find(session, kind, resource_id)
    if resource.version != version:
        raise Outdated(
            f"{resource_id} was changed in the meantime: look at it again (it is at version {resource.version})"
        )
    new = checked(row, values)
    changes = register.compare(session, kind, [new], whole=False)
    register.apply(session, clock, changes, [new], by)
    return resource


def checked(row: Row, values: Mapping[str, Any]) -> Row:
    """Return a row with some fields changed. Raises NotValid; id and owner are not for changing by hand."""
    fixed = {name: "cannot be changed" for name in ("id", "agency") if name in values}
    if fixed:
        raise NotValid(fixed)
    try:
        return type(row).model_validate({**row.model_dump(mode="json"), **values})
    except ValidationError as error:
        raise NotValid({name or "": reason for name, reason in register.reasons(error)}) from None


def set_status(
    session: Session,
    clock: Clock,
    rules: Resources,
    resource_id: str,
    new: ResourceStatus,
    by: str,
    kind: ResourceKind | None = None,
) -> Crew | Vehicle:
    """Set the state of a crew or a vehicle by hand. Raises what `status.set_status` does."""
    in_turn(session, status.DISPATCH)
    before = status.find(session, resource_id, kind).status
    row = status.set_status(session, clock, rules, resource_id, new, kind)
    states = {"status": before.value}, {"status": new.value}
    register.note(session, clock, Change(kind_of(row), row.id, ChangeKind.STATUS, row.agency_id, *states), by)
    session.flush()
    return row


def record(session: Session, kind: ResourceKind, resource_id: str, most: int = 100) -> list[ResourceChange]:
    """Return the changes of a resource, the newest first."""
    mine = select(ResourceChange).where(ResourceChange.kind == kind, ResourceChange.resource_id == resource_id)
    return list(session.exec(mine.order_by(col(ResourceChange.id).desc()).limit(most)))


def editable(kind: ResourceKind) -> Iterator[str]:
    """Return the fields that are changed by hand, in their order."""
    return (name for name in register.ROWS[kind].model_fields if name not in ("id", "agency"))
