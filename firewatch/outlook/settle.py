"""Forecasts meet the analysis: each settled day is put beside what was foreseen of it, and old issues are forgotten.

Of each day's issues the day's own is scored, one for each lead. A day that was analysed anew is scored anew, however
long ago; asked twice, the same stands on record. Scores outlive the issues: they hold what was foreseen.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, delete, func, select

from firewatch.clock import Clock, local_day
from firewatch.danger import assess, rows
from firewatch.danger.models import ZoneGrade
from firewatch.db import in_turn
from firewatch.outlook import scores
from firewatch.outlook.issue import TURN
from firewatch.outlook.models import ForecastIssue, ForecastScore, PointForecast, ZoneForecast
from firewatch.rulebook.read import Rulebook

DAY = timedelta(days=1)
PIECE = 5
"""Issues forgotten in one transaction."""


def due(session: Session, clock: Clock, book: Rulebook) -> list[date]:
    """Return the settled days whose forecasts are not scored yet, or were analysed anew since; the oldest first."""
    today = local_day(clock.now(), book.alliance.tz)
    foreseen = (
        select(col(ZoneForecast.on), func.count())
        .join(ForecastIssue, col(ForecastIssue.id) == col(ZoneForecast.issue_id))
        .where(col(ZoneForecast.on) < today, col(ForecastIssue.daily))
        .group_by(col(ZoneForecast.on))
    )
    scored = session.exec(select(col(ForecastScore.on)).distinct())
    told: dict[date, int] = {**dict.fromkeys(scored, 0), **dict(session.exec(foreseen).all())}
    done = {on: (number, at) for on, number, at in session.exec(_scored(told))}
    analysed: dict[date, datetime] = dict(session.exec(_analysed(told)).all())
    return [
        on
        for on, number in sorted(told.items())
        if not _stands(done.get(on), number, analysed.get(on)) and assess.settled(session, clock, book, on)
    ]


def settle(session: Session, clock: Clock, on: date) -> int:
    """Score the forecasts of a settled day, whatever was scored before; return how many."""
    in_turn(session, TURN)
    analysed = {
        (zone_id, scheme): row
        for scheme in rows.SCHEMES
        for zone_id, row in assess.grades_on(session, on, scheme).items()
    }
    found = _foreseen(session, on)
    leads = {row.lead_day for _, row in found}
    session.exec(delete(ForecastScore).where(col(ForecastScore.on) == on, col(ForecastScore.lead_day).in_(leads)))
    session.add_all(_score(issue, row, analysed, clock.now()) for issue, row in found)
    kept = session.exec(
        select(ForecastScore).where(ForecastScore.on == on, col(ForecastScore.lead_day).not_in(leads))
    ).all()
    for score in kept:
        _meet(score, analysed, clock.now())
    session.flush()
    return len(found) + len(kept)


def forget(session: Session, clock: Clock, book: Rulebook) -> int:
    """Delete some issues whose days are over, never the newest; return how many."""
    before = clock.now() - book.outlook.keep_issues_days * DAY
    newest = select(func.max(ForecastIssue.issued_at)).scalar_subquery()
    old = select(ForecastIssue.id).where(col(ForecastIssue.issued_at) < before, col(ForecastIssue.issued_at) < newest)
    picked = session.exec(old.order_by(col(ForecastIssue.issued_at)).limit(PIECE)).all()
    if picked:
        session.exec(delete(PointForecast).where(col(PointForecast.issue_id).in_(picked)))
        session.exec(delete(ZoneForecast).where(col(ZoneForecast.issue_id).in_(picked)))
        session.exec(delete(ForecastIssue).where(col(ForecastIssue.id).in_(picked)))
    return len(picked)


def pairs(session: Session, scheme: str, first: date, last: date) -> dict[tuple[int, str], list[scores.Pair]]:
    """Return the scored days of a range by lead day and zone."""
    columns = [getattr(ForecastScore, name) for name in ("lead_day", "zone_id", *_PAIR)]
    query = select(*columns).where(ForecastScore.scheme == scheme, col(ForecastScore.on).between(first, last))
    found: dict[tuple[int, str], list[scores.Pair]] = {}
    for lead_day, zone_id, *values in session.exec(query.order_by(col(ForecastScore.on))):
        found.setdefault((lead_day, zone_id), []).append(scores.Pair(*values))
    return found


_PAIR = ("forecast_grade", "analysed_grade", "forecast_value", "analysed_value", "probability")


def _scored(told: Mapping[date, int]) -> Any:  # noqa: ANN401 - a select of three columns
    return (
        select(col(ForecastScore.on), func.count(), func.max(ForecastScore.scored_at))
        .where(col(ForecastScore.on).in_(list(told)))
        .group_by(col(ForecastScore.on))
    )


def _analysed(told: Mapping[date, int]) -> Any:  # noqa: ANN401 - a select of two columns
    return (
        select(col(ZoneGrade.on), func.max(ZoneGrade.assessed_at))
        .where(col(ZoneGrade.on).in_(list(told)))
        .group_by(col(ZoneGrade.on))
    )


def _stands(done: tuple[int, datetime] | None, told: int, analysed_at: datetime | None) -> bool:
    """Whether all forecasts of a day are scored, against the analysis as it is now."""
    return done is not None and done[0] >= told and (analysed_at is None or done[1] >= analysed_at)


def _foreseen(session: Session, on: date) -> Sequence[tuple[ForecastIssue, ZoneForecast]]:
    query = (
        select(ForecastIssue, ZoneForecast)
        .join(ZoneForecast, col(ForecastIssue.id) == col(ZoneForecast.issue_id))
        .where(ZoneForecast.on == on, col(ForecastIssue.daily))
    )
    return list(session.exec(query))


def _score(
    issue: ForecastIssue, row: ZoneForecast, analysed: Mapping[tuple[str, str], ZoneGrade], now: datetime
) -> ForecastScore:
    score = ForecastScore(
        zone_id=row.zone_id,
        scheme=row.scheme,
        on=row.on,
        lead_day=row.lead_day,
        issued_at=issue.issued_at,
        forecast_grade=row.grade,
        forecast_value=row.value,
        analysed_grade=0,
        probability=row.probability,
        scored_at=now,
    )
    _meet(score, analysed, now)
    return score


def _meet(score: ForecastScore, analysed: Mapping[tuple[str, str], ZoneGrade], now: datetime) -> None:
    """Put the analysis as it is now beside what was foreseen."""
    truth = analysed.get((score.zone_id, score.scheme))
    score.analysed_grade, score.analysed_value = (truth.grade, truth.value) if truth else (0, None)
    score.scored_at = now
