"""The database of a drill, made from the real one: registry, roster, resources and weather, and nothing that happened.

What is carried over stands in one list. Fires, orders, texts, alarms, warnings, hot spots, notes, sign-ins, tokens and
subscribers are not in it: a drill begins with everybody at home and nobody told of anything. Rows are changed on their
way, so that no number of somebody who has not agreed is ever written. All of it, and the mark, are one transaction.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Integer, Table, func, insert, select, text
from sqlmodel import Session, SQLModel

from firewatch import drill, migrations
from firewatch.access.models import User
from firewatch.agencies.models import Agency, Contact, DatedShift, DutyShift
from firewatch.danger.models import PointDay, ZoneGrade
from firewatch.db import Database, metadata
from firewatch.dispatch.models import RoadClosure
from firewatch.drill import Drill
from firewatch.errors import BadInput
from firewatch.outlook.models import ForecastIssue, ForecastScore, PointForecast, ZoneForecast
from firewatch.resources.models import Crew, Depot, ResourceStatus, Stock, Vehicle
from firewatch.training.seal import nobodys
from firewatch.weather.models import FeedStatus, Observation, RainTotal, StationStatus

Row = dict[str, Any]
CARRIED: Final[tuple[type[SQLModel], ...]] = (
    *(User, Agency, Contact, DutyShift, DatedShift),
    *(Crew, Vehicle, Depot, Stock, RoadClosure),
    *(Observation, FeedStatus, StationStatus, RainTotal),
    *(PointDay, ZoneGrade, ForecastIssue, PointForecast, ZoneForecast, ForecastScore),
)
BATCH: Final = 2000
"""Rows at a time."""


def make(real: Database, copy: Database, name: str, now: datetime, phones: Mapping[str, str]) -> Drill:
    """Make a database a drill's, or return the mark it has. `phones` are the numbers of a drill, by contact.

    Raises BadInput for the database of another drill, and for one in which something stands that is no drill's.
    """
    migrations.upgrade(copy)
    with copy.read() as session:
        there, used = drill.of(session), session.execute(select(func.count()).select_from(_table(Agency))).scalar()
    if there is not None and there.name != name:
        raise BadInput(f"this is the database of the drill {there.name}: go on with it, or name an empty one")
    if there is not None:
        return there
    if used:
        raise BadInput("this database is in use and is not a drill's: name an empty one (FIREWATCH_DRILL_DATABASE_URL)")
    mark = Drill(name=name, began_at=now)
    with real.read() as old, copy.write() as new:
        _at_one_instant(old)
        for table in metadata.sorted_tables:
            if table in map(_table, CARRIED):
                _carry(old, new, table, _changes(phones).get(table.name, dict))
        new.add(mark)
    return mark


def _table(model: type[SQLModel]) -> Table:
    found: Table = getattr(model, "__table__")  # noqa: B009 - SQLModel does not declare it
    return found


def _at_one_instant(session: Session) -> None:
    """Read all tables as they are now; a reader of SQLite does so anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _carry(old: Session, new: Session, table: Table, change: Callable[[Row], Row]) -> None:
    with old.execute(select(table).execution_options(yield_per=BATCH)) as rows:
        for some in rows.mappings().partitions():
            new.execute(insert(table), [change(dict(row)) for row in some])
    if new.get_bind().dialect.name == "postgresql" and "id" in table.c and isinstance(table.c.id.type, Integer):
        _count_on(new, table)


def _count_on(session: Session, table: Table) -> None:
    """Let the numbers of new rows go on behind those that were carried over."""
    last = select(func.max(table.c.id)).scalar_subquery()
    sequence = text("pg_get_serial_sequence(:name, 'id')").bindparams(name=table.name)
    session.execute(select(func.setval(sequence, func.coalesce(last, 0) + 1, False)))


def _changes(phones: Mapping[str, str]) -> Mapping[str, Callable[[Row], Row]]:
    """Return what is made of a row on its way, by table."""

    def contact(row: Row) -> Row:
        phone = phones.get(row["id"], nobodys(0))
        stopped = row["stopped_phone"] if row["stopped_phone"] == phone else None
        return {**row, "phone": phone, "stopped_phone": stopped}

    return {"contact": contact, "crew": _at_home, "vehicle": _at_home, "stock": lambda row: {**row, "reserved": 0}}


def _at_home(row: Row) -> Row:
    """Return a crew or a vehicle as it is when nothing burns; what is out of service stays so."""
    status = row["status"]
    if status != ResourceStatus.OUT_OF_SERVICE:
        status = ResourceStatus.AVAILABLE
    return {**row, "status": status, "present_lat": None, "present_lon": None, "fix_at": None, "fix_by": None}
