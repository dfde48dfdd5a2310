"""The outlook read back: the newest issue, the one before it, and what changed between the two."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlmodel import Session, col, select

from firewatch.outlook.models import ForecastIssue, PointForecast, ZoneForecast

ZoneDay = tuple[str, date]
"""Zone id and local day."""


def latest(session: Session, now: datetime | None = None) -> ForecastIssue | None:
    """Return the newest issue, of those made up to `now` if that is given; None when there is none."""
    query = select(ForecastIssue).order_by(col(ForecastIssue.issued_at).desc(), col(ForecastIssue.id).desc())
    if now is not None:
        query = query.where(col(ForecastIssue.issued_at) <= now)
    return session.exec(query.limit(1)).first()


def before(session: Session, issue: ForecastIssue) -> ForecastIssue | None:
    """Return the issue before another; None when it is the first that is kept."""
    query = (
        select(ForecastIssue)
        .where(col(ForecastIssue.issued_at) < issue.issued_at)
        .order_by(col(ForecastIssue.issued_at).desc(), col(ForecastIssue.id).desc())
    )
    return session.exec(query.limit(1)).first()


def issued(session: Session, at: datetime) -> ForecastIssue | None:
    """Return the issue that was valid at an instant: the newest made up to it."""
    return latest(session, at)


def zone_days(session: Session, issue: ForecastIssue, scheme: str) -> dict[ZoneDay, ZoneForecast]:
    """Return an issue's grades by zone and day."""
    query = select(ZoneForecast).where(ZoneForecast.issue_id == issue.id, ZoneForecast.scheme == scheme)
    return {(row.zone_id, row.on): row for row in session.exec(query)}


def point_days(session: Session, issue: ForecastIssue) -> list[PointForecast]:
    """Return what stands behind an issue's grades, by day and point."""
    query = select(PointForecast).where(PointForecast.issue_id == issue.id)
    return list(session.exec(query.order_by(col(PointForecast.on), col(PointForecast.point_id))))


def grades_ahead(session: Session, scheme: str, now: datetime | None = None) -> dict[str, dict[date, int]]:
    """Return the newest issue's grades: zone id -> local day -> 1 to 5, 0 for no data. Empty without an issue.

    Lead day 0, the day of issue, is among them. `now` leaves out what a clock that ran ahead has issued.
    """
    issue = latest(session, now)
    found: dict[str, dict[date, int]] = {}
    for (zone_id, on), row in (zone_days(session, issue, scheme) if issue else {}).items():
        found.setdefault(zone_id, {})[on] = row.grade
    return found


def changes(new: Mapping[ZoneDay, ZoneForecast], old: Mapping[ZoneDay, ZoneForecast]) -> dict[ZoneDay, int]:
    """Return by how many grades each zone and day changed; only where both issues have a grade."""
    both = {key: (row.grade, old[key].grade) for key, row in new.items() if key in old}
    return {key: now - then for key, (now, then) in both.items() if now and then}
