"""The rulebook's people and resources, brought into the database.

The config folder owns agencies, contacts and duty: rows are brought up to date at each start, and what it no longer
names is set inactive, never deleted, since old incidents speak of it. Crews, vehicles and depots it gives only to a
database that has none yet: from then on they are owned by their agencies (docs/adr/0008).
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, delete, select

from firewatch.agencies.models import Agency, Contact, DutyShift
from firewatch.resources import register
from firewatch.rulebook.read import Rulebook

Row = TypeVar("Row", bound=SQLModel)


def load(session: Session, book: Rulebook) -> None:
    """Make the database agree with the config folder, and give it crews, vehicles and depots if it has none."""
    _sync(session, Agency, (row.model_dump() for row in book.agencies))
    _sync(session, Contact, (_owned(row.model_dump()) for row in book.contacts))
    if register.is_empty(session):
        given: list[register.Row] = [*book.crews, *book.vehicles, *book.depots]
        for row in given:
            register.put(session, row)
    session.exec(delete(DutyShift))
    session.add_all(
        DutyShift(contact_id=row.contact, weekdays=row.weekdays, from_minute=row.start, to_minute=row.end)
        for row in book.duty
    )
    session.flush()


def _owned(values: Mapping[str, Any]) -> dict[str, Any]:
    """Rename `agency` of the config files to `agency_id` of the tables."""
    return {("agency_id" if name == "agency" else name): value for name, value in values.items()}


def _sync(session: Session, table: type[Row], wanted: Iterable[Mapping[str, Any]]) -> None:
    rows = {getattr(row, "id"): row for row in session.exec(select(table))}  # noqa: B009 - every such table has one
    for values in wanted:
        checked = table.model_validate({**values, "active": True})
        row = rows.pop(values["id"], None)
        if row is None:
            session.add(checked)
            continue
        for name in (*values, "active"):
            setattr(row, name, getattr(checked, name))
    for left in rows.values():
        setattr(left, "active", False)  # noqa: B010 - the same
    session.flush()
