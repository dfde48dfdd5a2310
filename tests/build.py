"""The demonstration alliance in a database, a fire in it, and shorter ways to say what tests say often."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, SQLModel, col, select

from firewatch.clock import Clock
from firewatch.db import Database
from firewatch.dispatch import orders, planning, proposals
from firewatch.dispatch.models import JointPlan, Order, Plan
from firewatch.incidents import intake
from firewatch.incidents.intake import Intake, NewReport
from firewatch.incidents.models import Incident, ReportChannel
from firewatch.messaging.models import Message
from firewatch.resources.load import load
from firewatch.rulebook.dispatch import Dispatch
from firewatch.rulebook.read import Rulebook

KANGLE = (35.30, 103.65)
"""In the zone kangle, away from any reserve."""
JISHISHAN = (35.70, 102.90)
OFFICER = "officer"


def prepare(db: Database, book: Rulebook) -> None:
    """Bring the alliance into the database."""
    with db.write() as session:
        load(session, book)


def new_report(place: tuple[float, float] = KANGLE, **given: object) -> NewReport:
    """A report, as the API takes it."""
    values = {"lat": place[0], "lon": place[1], "description": "smoke above the pass", "channel": ReportChannel.PHONE}
    return NewReport.model_validate({**values, "agency": "kangle", **given})


def report_fire(
    db: Database,
    clock: Clock,
    book: Rulebook,
    *,
    place: tuple[float, float] = KANGLE,
    key: str | None = None,
    by: str = OFFICER,
    **given: object,
) -> Intake:
    """Report a fire in a transaction of its own; `given` goes into the report."""
    with db.write() as session:
        return intake.report_fire(session, clock, book, new_report(place, **given), by, key)


def incident_of(taken: Intake) -> int:
    """The number of the incident of a report."""
    assert taken.incident.id is not None
    return taken.incident.id


def plan_fire(db: Database, clock: Clock, book: Rulebook, incident_id: int) -> Plan:
    """Make the plan that is due."""
    with db.write() as session:
        plan = planning.make(session, clock, book, incident_id)
    assert plan is not None
    return plan


def joint_of(db: Database, plan: Plan) -> JointPlan:
    """The joint plan of which a plan is a part."""
    with db.read() as session:
        return proposals.joint_of(session, plan)


def confirm(db: Database, clock: Clock, book: Rulebook, plan: Plan) -> list[Order]:
    """Confirm a plan."""
    with db.write() as session:
        return orders.confirm(session, clock, book, plan.id or 0, OFFICER)


def ordered_fire(
    db: Database, clock: Clock, book: Rulebook, place: tuple[float, float] = KANGLE
) -> tuple[int, list[Order]]:
    """Report a fire, plan it and confirm the plan; answer the incident's number and its orders."""
    number = incident_of(report_fire(db, clock, book, place=place))
    return number, confirm(db, clock, book, plan_fire(db, clock, book, number))


def rows(db: Database, table: type[SQLModel], *where: bool | ColumnElement[bool]) -> list[Any]:
    """The rows of a table, by id."""
    with db.read() as session:
        return list(session.exec(select(table).where(*where).order_by(getattr(table, "id"))))  # noqa: B009 - any table


def texts(db: Database, incident_id: int, template: str | None = None) -> list[Message]:
    """The messages of an incident, in the order in which they were written."""
    found: list[Message] = rows(db, Message, col(Message.incident_id) == incident_id)
    return [row for row in found if template in {None, row.template}]


def incident(db: Database, incident_id: int) -> Incident:
    """An incident as it is now."""
    with db.read() as session:
        return session.get_one(Incident, incident_id)


def set_rows(db: Database, table: type[SQLModel], ids: Sequence[str | int], **values: object) -> None:
    """Change rows behind everybody's back."""
    with db.write() as session:
        for number in ids:
            _set(session, table, number, values)


def _set(session: Session, table: type[SQLModel], number: str | int, values: dict[str, object]) -> None:
    row = session.get_one(table, number)
    for name, value in values.items():
        setattr(row, name, value)


def with_dispatch(book: Rulebook, **given: object) -> Rulebook:
    """The rulebook with other rules of dispatch."""
    return replace(book, dispatch=Dispatch.model_validate({**book.dispatch.model_dump(), **given}))


def minutes_after(start: datetime, now: datetime) -> float:
    """How many minutes lie between two instants."""
    return (now - start).total_seconds() / 60
