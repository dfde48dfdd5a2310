"""Forget what a source has said better since: days ahead are foreseen again every hour, and only the newest counts."""

from datetime import datetime

from sqlalchemy import delete, exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from firewatch.weather.models import Observation, ValueKind


def forget(session: Session, point_id: str, before: datetime) -> int:
    """Delete a point's forecasts issued before an instant for which there is a newer issue; return how many.

    Of each source and hour only the newest issue is ever read (`series.hourly`), so no grade can change by this.
    """
    newer = aliased(Observation)
    said_again = exists().where(
        col(newer.source) == col(Observation.source),
        col(newer.point_id) == col(Observation.point_id),
        col(newer.valid_at) == col(Observation.valid_at),
        col(newer.kind) == ValueKind.FORECAST,
        col(newer.issued_at) > col(Observation.issued_at),
        col(newer.issued_at) < before,  # a clock that ran ahead supersedes nothing
    )
    result = session.connection().execute(
        delete(Observation)
        .where(col(Observation.point_id) == point_id, col(Observation.kind) == ValueKind.FORECAST)
        .where(col(Observation.issued_at) < before, said_again)
    )
    return result.rowcount
