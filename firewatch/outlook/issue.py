"""An issue of the outlook: seven days ahead by zone, chained from the analysed state, and stored by itself.

It begins at the end of the last day whose analysis is complete. The days between that one and today, and the days
ahead, go on with what is known of them, the newest forecast where that is all; none of it is ever written back.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from sqlmodel import Session, and_, case, col, func, select

from firewatch.clock import Clock, local_day
from firewatch.danger import assess, days, rows
from firewatch.danger.models import PointDay
from firewatch.db import in_turn
from firewatch.indices.checks import Bools
from firewatch.outlook import ahead, read
from firewatch.outlook.members import Members
from firewatch.outlook.models import ForecastIssue, PointForecast, ZoneForecast
from firewatch.rulebook.read import Rulebook
from firewatch.weather.models import FeedStatus, Observation, ValueKind

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TURN = "outlook"
MOST_BEHIND_DAYS = 10
"""An analysis that ended longer ago is no beginning: the chain starts cold, and says so."""
BEYOND = "beyond_forecast"
"""The weather does not reach this day: no data, which is not no danger."""
NO_ANALYSIS, BEHIND, NO_WEATHER = "no_analysis", "analysis_behind", "no_weather"
"""Flags of an issue: it starts cold; it starts before yesterday; no forecast reaches beyond now."""
CELL = re.compile(r" -?\d+\.\d+,-?\d+\.\d+ .*$")


@dataclass(frozen=True)
class Foreseen:
    """An issue before it is stored: the days' rows by themselves, none of them in a session."""

    issue: ForecastIssue
    points: Sequence[PointForecast]
    zones: Sequence[ZoneForecast]


def foresee(
    session: Session,
    clock: Clock,
    book: Rulebook,
    sources: Sequence[str],
    members: Members | None = None,
    ensemble_error: str = "",
) -> Foreseen:
    """Compute an issue; it takes a second with an ensemble, so nothing is written and no lock is held meanwhile."""
    start = _start(session, clock, book, sources)
    issue = _issue(session, book, sources, start)
    issue.ensemble_error = ensemble_error[:300]
    if members is not None:
        issue.members, issue.ensemble_model = members.count, members.model[:60]
        issue.ensemble_issued_at = members.issued_at
    shares = _shares(book, start, members) if members is not None else {}
    table, unreached = _chained(book, start, start.hours, members=1)
    for points, out in zip(table, unreached, strict=True):
        for row, far in zip(points, out.tolist(), strict=True):
            if far:
                row.flags = ";".join(filter(None, (row.flags, BEYOND)))
    return Foreseen(
        issue,
        [_point(issue.on, row) for points in table for row in points],
        [row for points in table for row in _zones(book, issue.on, points, shares)],
    )


def store(session: Session, book: Rulebook, found: Foreseen, scheduled_for: datetime | None = None) -> ForecastIssue:
    """Store an issue. One that was scheduled for an instant is stored once: the first one stands."""
    in_turn(session, TURN)
    stored = _stored(session, scheduled_for)
    if stored is not None:
        return stored
    row = found.issue
    row.scheduled_for, row.daily = scheduled_for, _is_daily(session, book, row.on, scheduled_for)
    session.add(row)
    session.flush()
    for part in (*found.points, *found.zones):
        part.issue_id = row.id or 0
    session.add_all([*found.points, *found.zones])
    session.flush()
    return row


def due(session: Session, clock: Clock, book: Rulebook, sources: Sequence[str]) -> bool:
    """Return whether newer weather asks for an issue beside the daily ones, and the last is old enough for it."""
    now = clock.now()
    newest = session.exec(
        select(func.max(FeedStatus.newest_issued_at)).where(
            col(FeedStatus.source).in_(list(sources)), col(FeedStatus.newest_issued_at) <= now
        )
    ).one()
    last = read.latest(session, now)
    if newest is None or last is None:
        return newest is not None
    if _weather_came(session, book, now, sources, last) or _analysis_came(session, book, now, last):
        return True  # it lacked what is there now: it is made good at once
    old_enough = now - last.issued_at >= book.outlook.again_after_hours * HOUR
    return old_enough and last.weather_issued_at is not None and newest > last.weather_issued_at


def _weather_came(session: Session, book: Rulebook, now: datetime, sources: Sequence[str], last: ForecastIssue) -> bool:
    """Whether an issue without any forecast could have one now; one that has run out since is none."""
    if last.weather_issued_at is not None:
        return False
    coming = select(Observation.id).where(
        col(Observation.point_id).in_(list(book.points)),
        col(Observation.valid_at) > now,
        col(Observation.source).in_(list(sources)),
        Observation.kind == ValueKind.FORECAST,
        col(Observation.issued_at) <= now,
    )
    return session.exec(coming.limit(1)).first() is not None


def _analysis_came(session: Session, book: Rulebook, now: datetime, last: ForecastIssue) -> bool:
    """Whether an issue that began too early, for want of an analysis, could begin later now."""
    if not {NO_ANALYSIS, BEHIND} & set(last.flags.split(";")):
        return False
    analysed = _analysed(session, book, now, local_day(now, book.alliance.tz))
    return analysed is not None and (last.state_on is None or analysed > last.state_on)


@dataclass(frozen=True)
class _Start:
    """What an issue is made of: the state it starts from, the days it goes through, their hours."""

    now: datetime
    today: date
    state_on: date | None
    states: list[rows.State | None]
    listed: list[date]
    hours: days.Hours

    @property
    def first(self) -> date:
        """The first day that a forecast may fill."""
        return self.listed[0]

    @property
    def weather_issued_at(self) -> datetime | None:
        """When the newest forecast was issued that reaches beyond now; None if none does."""
        coming = [array[max(0, self.hours.row(self.now) + 1) :] for array in self.hours.issued.values()]
        known = [array[~np.isnan(array)] for array in coming]
        newest = max((float(array.max()) for array in known if array.size), default=None)
        return None if newest is None else self.hours.start + newest * HOUR


def _start(session: Session, clock: Clock, book: Rulebook, sources: Sequence[str]) -> _Start:
    now = clock.now()
    today = local_day(now, book.alliance.tz)
    state_on = _analysed(session, book, now, today)
    stored = {row.point_id: row.state for row in assess.point_days(session, state_on)} if state_on else {}
    first = today if state_on is None else state_on + DAY
    listed = [first + n * DAY for n in range((today - first).days + book.outlook.days_ahead + 1)]
    hours = assess.hours(session, clock, book, sources, listed)
    return _Start(now, today, state_on, [stored.get(point) for point in book.points], listed, hours)


def _analysed(session: Session, book: Rulebook, now: datetime, today: date) -> date | None:
    """Return the last day before today whose analysis is complete at every point that it knows.

    A point that has only just come into the config begins cold, and says so; the others go on.
    """
    complete = and_(col(PointDay.provisional).is_(False), col(PointDay.assessed_at) <= now)
    settled = (
        select(col(PointDay.on))
        .where(col(PointDay.on) < today, col(PointDay.on) >= today - MOST_BEHIND_DAYS * DAY)
        .where(col(PointDay.point_id).in_(list(book.points)))
        .group_by(col(PointDay.on))
        .having(func.count() == func.sum(case((complete, 1), else_=0)))
        .order_by(col(PointDay.on).desc())
    )
    return session.exec(settled.limit(1)).first()


def _stored(session: Session, scheduled_for: datetime | None) -> ForecastIssue | None:
    if scheduled_for is None:
        return None
    return session.exec(select(ForecastIssue).where(ForecastIssue.scheduled_for == scheduled_for)).first()


def _issue(session: Session, book: Rulebook, sources: Sequence[str], start: _Start) -> ForecastIssue:
    source, model = _origin(session, book, sources, start)
    behind = start.state_on is not None and start.state_on < start.today - DAY
    flags = {
        NO_ANALYSIS: start.state_on is None,
        BEHIND: behind,
        NO_WEATHER: start.weather_issued_at is None,
    }
    return ForecastIssue(
        issued_at=start.now,
        on=start.today,
        daily=False,
        state_on=start.state_on,
        source=source,
        model=model,
        weather_issued_at=start.weather_issued_at,
        flags=";".join(flag for flag, applies in flags.items() if applies),
    )


def _is_daily(session: Session, book: Rulebook, today: date, scheduled_for: datetime | None) -> bool:
    """Whether this is the day's own issue, the one that is scored; a day has one.

    One caught up on a later day is not that day's: it would be scored in place of the one still to come.
    """
    if scheduled_for is None or local_day(scheduled_for, book.alliance.tz) != today:
        return False
    there = select(ForecastIssue.id).where(ForecastIssue.on == today, col(ForecastIssue.daily))
    return session.exec(there.limit(1)).first() is None


def _origin(session: Session, book: Rulebook, sources: Sequence[str], start: _Start) -> tuple[str, str]:
    """Return the feeds that issued the newest forecast, and the models they name, without the grid cells."""
    said = select(Observation.source, Observation.model).where(
        col(Observation.point_id).in_(list(book.points)),
        col(Observation.valid_at) > start.now,
        col(Observation.source).in_(list(sources)),
        Observation.kind == ValueKind.FORECAST,
        Observation.issued_at == start.weather_issued_at,
    )
    found = session.exec(said.distinct()).all() if start.weather_issued_at else []
    models = sorted({CELL.sub("", model) for _, model in found})
    return ", ".join(sorted({source for source, _ in found}))[:200], "; ".join(models)[:200]


def _chained(book: Rulebook, start: _Start, hours: days.Hours, members: int) -> tuple[list[list[PointDay]], Bools]:
    """Return the rows of the days from today on, cell by cell, and where the weather does not reach them."""
    zone, missing = book.alliance.tz, book.weather.max_missing_hours
    lons = [point.lon for point in book.points.values()] * members
    daily = days.daily(hours, start.listed, lons, zone, start.now, missing, forecast_from=start.first)
    unreached = ahead.beyond(hours, start.listed, zone, start.now, missing)
    weather = ahead.within(daily, unreached)
    chain = rows.Chain(book, *rows.states(start.states * members), members)
    table = [chain.next_day(on, weather, number, start.now) for number, on in enumerate(start.listed)]
    skipped = (start.today - start.first).days
    return table[skipped:], unreached[skipped:]


Shares = dict[tuple[str, str, date], tuple[float | None, int]]
"""By zone, scheme and day: the probability, and the members behind it."""


def _shares(book: Rulebook, start: _Start, members: Members) -> Shares:
    """Return the probability of every zone, scheme and day."""
    table, _ = _chained(book, start, ahead.member_hours(start.hours, members, start.now), members.count)
    place = {point: number for number, point in enumerate(book.points)}
    columns = {zone.id: [place[point.id] for point in zone.points] for zone in book.zones}
    found: Shares = {}
    for cells in table:
        for scheme in rows.SCHEMES:
            graded = [cell.lyt_grade if scheme == "lyt1172" else cell.fwi_grade for cell in cells]
            grades = np.array(graded, dtype=np.int64).reshape(members.count, len(place))
            for zone_id, own in columns.items():
                share = ahead.share_reaching(grades[:, own], book.outlook.min_members)
                found[zone_id, scheme, cells[0].on] = share
    return found


def _zones(book: Rulebook, today: date, points: Sequence[PointDay], shares: Shares) -> list[ZoneForecast]:
    found = []
    for row in rows.zone_grades(book, points):
        probability, members = shares.get((row.zone_id, row.scheme, row.on), (None, 0))
        found.append(
            ZoneForecast(
                issue_id=0,  # until it is stored
                lead_day=(row.on - today).days,
                probability=probability,
                members=members,
                **{name: getattr(row, name) for name in ("zone_id", "scheme", "on", "grade", "value", "mean", "flags")},
            )
        )
    return found


def _point(today: date, row: PointDay) -> PointForecast:
    known = row.fwi_grade or row.lyt_grade
    return PointForecast(
        issue_id=0,  # until it is stored
        lead_day=(row.on - today).days,
        # A day without a grade has codes only to go on with: they are not told as if they were foreseen.
        values={name: getattr(row, name) for name in (*rows.INPUTS, *rows.RESULTS, "htz")} if known else {},
        **{name: getattr(row, name) for name in ("point_id", "zone_id", "on", "fwi_grade", "lyt_grade", "flags")},
    )
