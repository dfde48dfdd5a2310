"""After a fire, by the clock: released → back home, resting if they have to → available.

The timer is the row itself, its state and since when it is in it: after an outage the same steps are found, with the
instants at which they were due.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.resources import work
from firewatch.resources.models import Crew, Vehicle
from firewatch.resources.models import ResourceStatus as S
from firewatch.resources.status import DISPATCH, move
from firewatch.rulebook.resources import Resources


def due(session: Session, now: datetime, rules: Resources) -> list[Crew | Vehicle]:
    """Return who is to be taken on by now."""
    recovering = [S.RELEASED, S.RESTING]
    waiting: list[Crew | Vehicle] = [
        *session.exec(select(Crew).where(col(Crew.status).in_(recovering)).order_by(col(Crew.id))),
        *session.exec(select(Vehicle).where(col(Vehicle.status).in_(recovering)).order_by(col(Vehicle.id))),
    ]
    return [row for row in waiting if (at := ends_at(row, rules)) is not None and at <= now]


def ends_at(resource: Crew | Vehicle, rules: Resources) -> datetime | None:
    """Return when the clock takes somebody on; None where it does not."""
    lasts = {
        S.RELEASED: timedelta(minutes=rules.back_after_minutes),
        S.RESTING: timedelta(hours=rules.rest_hours),
    }.get(resource.status)
    return None if lasts is None or resource.status_at is None else resource.status_at + lasts


def recover(session: Session, clock: Clock, rules: Resources) -> int:
    """Take on everybody who is due; return how many there were."""
    in_turn(session, DISPATCH)
    found = due(session, clock.now(), rules)
    for row in found:
        _take_on(session, clock, rules, row)
    session.flush()
    return len(found)


def _take_on(session: Session, clock: Clock, rules: Resources, row: Crew | Vehicle) -> None:
    while (at := ends_at(row, rules)) is not None and at <= clock.now():
        tired = row.status == S.RELEASED and work.rests_until(session, at, rules, row) is not None
        move(session, clock, row, S.RESTING if tired else S.AVAILABLE, since=at)
