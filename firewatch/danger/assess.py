"""Every zone gets its grade for every day, or an explicit "no data"; any past day can be assessed again.

The chain of a day starts from the stored state of the day before. A day assessed again is followed by all the later
days on record, since their states hang on it. Days that were provisional when they were assessed are done again first:
the codes are carried forward only on what was observed or analysed.

Days ahead of the clock are never graded. A clock that once ran ahead leaves nothing behind: what it wrote of days still
to come is taken away, and what bears a later time than now is done again.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, and_, col, delete, func, or_, select

from firewatch.clock import Clock, local_day
from firewatch.danger import days, rows
from firewatch.danger.models import PointDay, ZoneGrade
from firewatch.db import in_turn
from firewatch.rulebook.read import Rulebook
from firewatch.weather import series
from firewatch.weather.models import Observation

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CHAIN = "danger chain"
"""The turn in which days are graded: two feeds that answer at once must not both write the same days."""


def assess(session: Session, clock: Clock, book: Rulebook, sources: Sequence[str], on: date) -> None:
    """Grade every zone for a local day out of some sources' weather, and again every later day on record.

    In place of a day that has not begun, today is graded.
    """
    in_turn(session, CHAIN)
    _chain(session, clock, book, sources, *_span(session, clock, book, sources, on))


def refresh(
    session: Session, clock: Clock, book: Rulebook, sources: Sequence[str], changed_at: datetime | None
) -> None:
    """Bring the grades up to date with new weather: from the day of its oldest hour, if that is on record, to today."""
    in_turn(session, CHAIN)
    today = local_day(clock.now(), book.alliance.tz)
    first, last = _span(session, clock, book, sources, today)
    oldest = _day(session, select(func.min(PointDay.on)))
    if changed_at is not None and oldest is not None:
        # The first weather may come after the first assessment: then the chain is begun again further back.
        begins = min(oldest, _beginning(session, book, sources, today))
        # An hour belongs to the day it begins in: the last one of a day ends at midnight. It may have a say in whether
        # hours before it are believed.
        changed = local_day(changed_at - HOUR - book.weather.quality.reach() * HOUR, book.alliance.tz)
        first = min(first, max(begins, changed))
    _chain(session, clock, book, sources, first, last)


def settled(session: Session, clock: Clock, book: Rulebook, on: date) -> bool:
    """Return whether every point's day is on record and complete: then nothing new can be said of it."""
    now = clock.now()  # what a clock that ran ahead has graded is not settled
    complete = {row.point_id for row in point_days(session, on) if not row.provisional and row.assessed_at <= now}
    return complete >= set(book.points)


def grades_on(session: Session, on: date, scheme: str) -> dict[str, ZoneGrade]:
    """Return the zones' grades of a day by one scheme; a zone that was never assessed has none."""
    found = session.exec(select(ZoneGrade).where(ZoneGrade.on == on, ZoneGrade.scheme == scheme))
    return {row.zone_id: row for row in found}


def point_days(session: Session, on: date) -> list[PointDay]:
    """Return what stands behind the grades of a day, by point."""
    return list(session.exec(select(PointDay).where(PointDay.on == on).order_by(col(PointDay.point_id))))


def spin_up_left(session: Session, on: date) -> dict[str, int]:
    """Return, by zone, the days that its codes still need after a cold start: those of the point that needs most."""
    left: dict[str, int] = {}
    for row in point_days(session, on):
        left[row.zone_id] = max(left.get(row.zone_id, 0), rows.spin_up_left(row.state))
    return left


def hours(session: Session, clock: Clock, book: Rulebook, sources: Sequence[str], listed: Sequence[date]) -> days.Hours:
    """Return the hours that some days running are made of, at every point: what the analysis and the outlook see."""
    start, end = days.span(listed[0], listed[-1], book.alliance.tz)
    found = series.hourly(session, list(book.points), start, end, sources, clock.now(), book.weather.quality)
    return days.Hours(
        start,
        found.temp_c,
        found.rh_pct,
        found.wind_kmh,
        found.rain_mm,
        found.snow_depth_cm,
        found.issued,
        found.flags,
    )


def piece(
    session: Session, clock: Clock, book: Rulebook, sources: Sequence[str], on: date, most_days: int
) -> date | None:
    """Grade again from a day on, at most so many days; return the first day that is left to do, None when none is.

    However far back: the state of the day before is the start, or a cold one. Later days stay as they are meanwhile.
    """
    in_turn(session, CHAIN)
    today = local_day(clock.now(), book.alliance.tz)
    first, (_, last) = min(on, today), _span(session, clock, book, sources, today)
    if (end := first + (most_days - 1) * DAY) >= last:
        _chain(session, clock, book, sources, first, last)
        return None
    _chain(session, clock, book, sources, first, end, end)
    return end + DAY


def first_of_weather(session: Session, book: Rulebook, sources: Sequence[str]) -> date | None:
    """Return the first whole local day of some sources' weather."""
    there = select(Observation.valid_at).where(col(Observation.source).in_(list(sources)))
    oldest = session.exec(there.order_by(col(Observation.valid_at)).limit(1)).first()
    return None if oldest is None else local_day(oldest, book.alliance.tz) + DAY


def _chain(
    session: Session,
    clock: Clock,
    book: Rulebook,
    sources: Sequence[str],
    first: date,
    last: date,
    until: date = date.max,
) -> None:
    """Do some days; what is on record from the first up to `until` gives way."""
    listed = [first + n * DAY for n in range((last - first).days + 1)]
    weather = _weather(session, clock, book, sources, listed)
    chain = rows.Chain(book, *_states(session, book, first - DAY))
    session.exec(delete(PointDay).where(col(PointDay.on).between(first, until)))
    session.exec(delete(ZoneGrade).where(col(ZoneGrade.on).between(first, until)))
    for number, day in enumerate(listed):
        points = chain.next_day(day, weather, number, clock.now())
        session.add_all(points)
        session.add_all(rows.zone_grades(book, points))
    session.flush()


def _span(session: Session, clock: Clock, book: Rulebook, sources: Sequence[str], on: date) -> tuple[date, date]:
    """Return the days to be done: from the first that is not settled up to the last on record, at most today."""
    now = clock.now()
    today = local_day(now, book.alliance.tz)
    on = min(on, today)
    newest = _day(session, select(func.max(PointDay.on)).where(col(PointDay.on) <= today))
    if newest is None:
        return _beginning(session, book, sources, on), on
    over = and_(col(PointDay.provisional), col(PointDay.on) < today)
    unsettled = _day(session, select(func.min(PointDay.on)).where(or_(over, col(PointDay.assessed_at) > now)))
    # Days nobody assessed, because the service was down, are done as well.
    first = min(day for day in (on, newest + DAY, unsettled) if day is not None)
    return first, max(on, newest)


def _day(session: Session, query: Any) -> date | None:  # noqa: ANN401 - a select of one aggregate
    found: date | None = session.exec(query).one()
    return found


def _beginning(session: Session, book: Rulebook, sources: Sequence[str], on: date) -> date:
    """Return where an empty chain begins: as far back as the rules say and the weather goes."""
    begins = first_of_weather(session, book, sources)
    if begins is None:
        return on
    return min(on, max(begins, on - book.danger.history_days * DAY))


def _weather(
    session: Session, clock: Clock, book: Rulebook, sources: Sequence[str], listed: Sequence[date]
) -> days.Days:
    found = hours(session, clock, book, sources, listed)
    lons = [point.lon for point in book.points.values()]
    rules = book.weather
    return days.daily(
        found,
        listed,
        lons,
        book.alliance.tz,
        clock.now(),
        rules.max_missing_hours,
        max_age_hours=rules.max_forecast_age_hours,
    )


def _states(session: Session, book: Rulebook, on: date) -> rows.States:
    """Return the states at the end of a day; a point without one starts cold."""
    stored = {row.point_id: row.state for row in point_days(session, on)}
    return rows.states([stored.get(point) for point in book.points])
