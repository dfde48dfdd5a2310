"""From the record to the facts of a week or a season: what was assessed, published, reported, seen and warned of."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, col, func, select

from firewatch.bulletins import record, summary
from firewatch.bulletins.content import NO_DATA
from firewatch.bulletins.models import Bulletin, BulletinState
from firewatch.bulletins.periods import Period, season, season_of, week, week_of
from firewatch.bulletins.summary import Fires, Seen, Spread, Summary, ZoneSummary
from firewatch.clock import day_bounds, local_day
from firewatch.danger.models import PointDay, ZoneGrade
from firewatch.danger.season import is_out_of_season
from firewatch.errors import NotFound
from firewatch.hotspots.models import HotspotDetection, HotspotTicket
from firewatch.incidents.models import Incident, IncidentState
from firewatch.indices.season import Window
from firewatch.rulebook.alliance import Zone
from firewatch.rulebook.read import Rulebook
from firewatch.warnings.models import ZoneWarning
from firewatch.warnings.signals import WORSENING

DAY: Final = timedelta(days=1)


def windows(book: Rulebook) -> list[Window]:
    """Return the windows of the calendar of the law, of all zones together; none under another rule."""
    rules = book.danger.season
    return [(each.first, each.last) for each in rules.window] if rules.rule == "calendar" else []


def week_named(name: str) -> Period:
    """Return the week of a name. Raises NotFound."""
    if (found := week(name)) is None:
        raise NotFound(f"there is no week {name}: write it as 2026-W14")
    return found


def season_named(book: Rulebook, name: str) -> Period:
    """Return the season that begins in the year of a name. Raises NotFound."""
    if (found := season(name, windows(book))) is None:
        raise NotFound(f"there is no season {name}: write the year it begins in")
    return found


def weeks(session: Session) -> list[tuple[Period, int]]:
    """Return the weeks that have bulletins, the newest first, with how many."""
    found: dict[Period, int] = {}
    for on in _issue_days(session):
        found[week_of(on)] = found.get(week_of(on), 0) + 1
    return sorted(found.items(), key=lambda each: each[0].first, reverse=True)


def seasons(session: Session, book: Rulebook) -> list[Period]:
    """Return the seasons that have bulletins, the newest first."""
    rules, found = windows(book), dict[str, Period]()
    for on in _issue_days(session):
        if any(each.first <= on <= each.last for each in found.values()):
            continue
        if own := season_of(on, rules):
            found[own.name] = own
    return sorted(found.values(), key=lambda each: each.first, reverse=True)


def review(session: Session, now: datetime, book: Rulebook, period: Period) -> Summary:
    """Return what became of a period up to now. Raises NotFound for one of which nothing is on record."""
    today = local_day(now, book.alliance.tz)
    until = min(period.last, today - DAY)
    graded = _grades(session, book, period)
    # The days before it foretold its first ones.
    before = summary.LEADS[-1] * DAY
    documents = [
        record.published(row) for row in record.archive(session, period.first - before, min(period.last, today))
    ]
    own = [document for document in documents if document.content.on >= period.first]
    if not graded and not own:
        raise NotFound(f"nothing is on record of {period.first} to {period.last}")
    days, scheme = period.days, book.danger.scheme
    zones = [_zone(zone, graded, days, until) for zone in book.zones]
    came = {
        (zone.id, on): grade for zone in zones for on, grade in zip(days, zone.grades, strict=True) if grade is not None
    }
    return Summary(
        kind=period.kind,
        name=period.name,
        first=period.first,
        last=period.last,
        until=until,
        scheme=scheme,
        alliance={"zh": book.alliance.name_zh, "en": book.alliance.name_en},
        days=tuple(days),
        zones=tuple(zones),
        indices=_indices(session, days, until),
        bulletins=summary.issued(own, [on for on in days if on <= until]),
        fires=_fires(session, book, period),
        hotspots=_hotspots(session, book, period),
        warnings=_warnings(session, book, period),
        scores=summary.scores((each for each in documents if each.content.scheme == scheme), came),
        time_zone=book.alliance.time_zone,
        made_up=any(document.content.sources.made_up for document in documents),
        demonstration=book.alliance.demonstration,
    )


def _issue_days(session: Session) -> Sequence[date]:
    return session.exec(select(col(Bulletin.on)).where(Bulletin.state == BulletinState.ISSUED)).all()


def _grades(session: Session, book: Rulebook, period: Period) -> dict[tuple[str, date], int | None]:
    """Return what was assessed by zone and day; None where nothing can be said: not complete yet, or out of season."""
    columns = [getattr(ZoneGrade, name) for name in ("zone_id", "on", "grade", "flags", "provisional")]
    within = select(*columns).where(
        ZoneGrade.scheme == book.danger.scheme, col(ZoneGrade.on).between(period.first, period.last)
    )
    return {
        (zone, on): None if provisional or is_out_of_season(grade, flags) else grade
        for zone, on, grade, flags, provisional in session.exec(within)
    }


def _zone(zone: Zone, graded: Mapping[tuple[str, date], int | None], days: Sequence[date], until: date) -> ZoneSummary:
    """Return a zone's days; one that is over and was never assessed has no data."""
    grades = tuple(graded.get((zone.id, on), NO_DATA) if on <= until else None for on in days)
    return ZoneSummary(id=zone.id, name_zh=zone.name_zh, name_en=zone.name_en, grades=grades)


def _indices(session: Session, days: Sequence[date], until: date) -> dict[str, tuple[Spread | None, ...]]:
    """Return the indices over the points whose weather was complete; a day with none has no value."""
    columns: list[Any] = [PointDay.on]
    for name in summary.INDICES:
        columns += [aggregate(getattr(PointDay, name)) for aggregate in (func.min, func.avg, func.max)]
    found = session.exec(
        select(*columns)
        .where(col(PointDay.on).between(days[0], until))
        .where(col(PointDay.provisional).is_(False), col(PointDay.fwi_grade) > NO_DATA)
        .group_by(col(PointDay.on))
    )
    rows = {on: values for on, *values in found}
    return {
        name: tuple(_spread(rows.get(on, [])[3 * n : 3 * n + 3]) for on in days)
        for n, name in enumerate(summary.INDICES)
    }


def _spread(values: Sequence[float | None]) -> Spread | None:
    told = [round(float(value), 1) for value in values if value is not None]
    return Spread(low=told[0], mean=told[1], high=told[2]) if len(told) == len(Spread.model_fields) else None


def _span(book: Rulebook, period: Period) -> tuple[datetime, datetime]:
    """Return the instants at which the local days of a period begin and end."""
    return day_bounds(period.first, book.alliance.tz)[0], day_bounds(period.last, book.alliance.tz)[1]


def _fires(session: Session, book: Rulebook, period: Period) -> Fires:
    since, until = _span(book, period)
    counted = (
        select(Incident.zone_id, Incident.state, func.count())
        .where(col(Incident.opened_at) >= since, col(Incident.opened_at) < until)
        .group_by(col(Incident.zone_id), col(Incident.state))
    )
    rows = session.exec(counted).all()
    return Fires(
        reported=sum(count for _, _, count in rows),
        false_alarms=sum(count for _, state, count in rows if state is IncidentState.FALSE_ALARM),
        zones=_added((zone or "", count) for zone, _, count in rows),
    )


def _hotspots(session: Session, book: Rulebook, period: Period) -> Seen:
    since, until = _span(book, period)
    seen = session.exec(
        select(HotspotTicket, func.count(col(HotspotDetection.id)))
        .join(HotspotDetection, col(HotspotDetection.ticket_id) == col(HotspotTicket.id))
        .where(col(HotspotDetection.acquired_at) >= since, col(HotspotDetection.acquired_at) < until)
        .group_by(col(HotspotTicket.id))
    ).all()
    return Seen(
        detections=sum(count for _, count in seen),
        tickets=_added((str(ticket.state), 1) for ticket, _ in seen),
        zones=_added((next(iter(ticket.zone_ids), ""), count) for ticket, count in seen),
    )


def _warnings(session: Session, book: Rulebook, period: Period) -> dict[str, dict[str, int]]:
    """Count what was issued or raised to each colour; what was only prolonged or lowered is nothing new."""
    since, until = _span(book, period)
    counted = (
        select(ZoneWarning.signal, ZoneWarning.zone_id, func.count())
        .where(col(ZoneWarning.valid_from) >= since, col(ZoneWarning.valid_from) < until)
        .where(col(ZoneWarning.action).in_(sorted(WORSENING)), col(ZoneWarning.signal).is_not(None))
        .group_by(col(ZoneWarning.signal), col(ZoneWarning.zone_id))
    )
    found: dict[str, dict[str, int]] = {}
    for signal, zone, count in session.exec(counted):
        found.setdefault(str(signal), {})[zone] = count
    return found


def _added(counted: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, count in counted:
        found[name] = found.get(name, 0) + count
    return dict(sorted(found.items()))
