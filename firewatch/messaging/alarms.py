"""Alarms: what a person on duty has to see and close. One fault is one open alarm, however often it happens."""

from collections.abc import Mapping
from datetime import datetime

import structlog
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from firewatch.errors import NotFound
from firewatch.messaging.models import Alarm

log = structlog.get_logger(__name__)


def raise_alarm(
    session: Session,
    now: datetime,
    kind: str,
    key: str,
    params: Mapping[str, str],
    incident_id: int | None = None,
    agency_id: str | None = None,
) -> Alarm:
    """Open an alarm, or count once more the one that is open under the same key."""
    alarm = Alarm(kind=kind, key=key, params=dict(params), incident_id=incident_id, agency_id=agency_id, raised_at=now)
    if (again := _count(session, key)) is not None:
        return again
    try:
        with session.begin_nested():
            session.add(alarm)
            session.flush()
    except IntegrityError:  # another sender met the same fault in the same moment
        if (again := _count(session, key)) is None:
            raise
        return again
    log.warning("alarm_raised", kind=kind, key=key, incident=incident_id, agency=agency_id)
    return alarm


def close(session: Session, now: datetime, alarm_id: int, by: str) -> Alarm:
    """Close an alarm; closing it again changes nothing. Raises NotFound."""
    alarm = session.get(Alarm, alarm_id)
    if alarm is None:
        raise NotFound(f"there is no alarm {alarm_id}")
    if alarm.closed_at is None:
        alarm.closed_at, alarm.closed_by = now, by
        session.add(alarm)
        session.flush()
    return alarm


def close_key(session: Session, now: datetime, key: str, by: str) -> bool:
    """Close the open alarm of a key, if there is one: the fault is over."""
    alarm_id = session.exec(select(Alarm.id).where(Alarm.key == key, col(Alarm.closed_at).is_(None))).first()
    if alarm_id is None:
        return False
    close(session, now, alarm_id, by)
    return True


def open_alarms(session: Session) -> list[Alarm]:
    """Return what is still open, newest first."""
    query = select(Alarm).where(col(Alarm.closed_at).is_(None))
    return list(session.exec(query.order_by(col(Alarm.raised_at).desc(), col(Alarm.id).desc())))


def _count(session: Session, key: str) -> Alarm | None:
    """Count one more time on the open alarm of a key, in the database: two senders may do so at once."""
    query = (
        update(Alarm)
        .where(col(Alarm.key) == key, col(Alarm.closed_at).is_(None))
        .values(times=col(Alarm.times) + 1)
        .returning(Alarm)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return session.execute(query).scalars().first()
