"""From the record to the facts of a bulletin: the outlook's days, today's weather, hot spots, warnings, sources."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlmodel import Session, col, func, select

from firewatch import drill
from firewatch.bulletins.content import DAYS as DAYS_TOLD
from firewatch.bulletins.content import Content, Hotspots, Kind, Sources, Span, Weather, ZoneDay, ZonePart
from firewatch.bulletins.models import Bulletin, BulletinState
from firewatch.danger.models import PointDay
from firewatch.danger.season import in_season
from firewatch.hotspots.ask import zones_of
from firewatch.hotspots.models import HotspotDetection, HotspotSource, HotspotTicket
from firewatch.outlook import read
from firewatch.outlook.models import ForecastIssue, PointForecast, ZoneForecast
from firewatch.rulebook.read import Rulebook
from firewatch.warnings import record as warnings
from firewatch.warnings.models import ZoneWarning
from firewatch.weather.models import FeedStatus

DAY: Final = timedelta(days=1)
REAL: Final = ("open_meteo", "met_norway", "stations")
"""Kinds of feeds that tell the weather of now."""
QUANTITIES: Final = ("tmax_c", "rhmin_pct", "windmax_ms", "rain_day_mm")
Told = dict[str, float | None]


def content(session: Session, now: datetime, book: Rulebook, on: date) -> Content:
    """Return the facts of the bulletin of a local day, as they are known at `now`."""
    scheme = book.danger.scheme
    start = _local(book, on)
    days = [on + n * DAY for n in range(1, DAYS_TOLD + 1)]
    issue = read.latest(session, now)
    foreseen = read.zone_days(session, issue, scheme) if issue else {}
    points = _points(session, issue, days)
    before, signals = _grades_before(session, on), warnings.in_force(session)
    return Content(
        on=on,
        valid_from=start,
        valid_to=_local(book, on + DAY),
        scheme=scheme,
        in_season=any(in_season(session, book, on, each.id) for each in book.zones),
        zones=tuple(
            ZonePart(
                id=each.id,
                name_zh=each.name_zh,
                name_en=each.name_en,
                days=tuple(_zone_day(on_day, foreseen.get((each.id, on_day))) for on_day in days),
                weather=_weather([points[days[0]].get(point.id, {}) for point in each.points]),
                was=before.get(each.id),
                **_signal(signals.get(each.id)),
            )
            for each in book.zones
        ),
        today=_weather(_analysed(session, book, on)),
        ahead=tuple(_weather([points[day].get(point, {}) for point in book.points]) for day in days),
        hotspots=_hotspots(session, book, now - DAY, now),
        sources=_sources(session, book, issue),
    )


def _local(book: Rulebook, on: date) -> datetime:
    """Return the instant at which a bulletin of a day begins to be valid."""
    minute = book.bulletins.valid_from
    local = datetime.combine(on, time(minute // 60 % 24, minute % 60), book.alliance.tz)
    return (local + (DAY if minute == 24 * 60 else timedelta())).astimezone(UTC)


def _zone_day(on: date, row: ZoneForecast | None) -> ZoneDay:
    if row is None:
        return ZoneDay(on=on, grade=0)
    flags = tuple(flag for flag in row.flags.split(";") if flag)
    return ZoneDay(on=on, grade=row.grade, value=row.value, mean=row.mean, probability=row.probability, flags=flags)


def _points(session: Session, issue: ForecastIssue | None, days: Sequence[date]) -> dict[date, dict[str, Told]]:
    found: dict[date, dict[str, Told]] = {day: {} for day in days}
    if issue is not None:
        query = select(PointForecast).where(PointForecast.issue_id == issue.id, col(PointForecast.on).in_(days))
        for row in session.exec(query):
            found[row.on][row.point_id] = dict(row.values)
    return found


def _analysed(session: Session, book: Rulebook, on: date) -> list[Told]:
    query = select(PointDay).where(PointDay.on == on, col(PointDay.point_id).in_(list(book.points)))
    rows = {row.point_id: {name: getattr(row, name) for name in QUANTITIES} for row in session.exec(query)}
    return [rows.get(point, {}) for point in book.points]


def _weather(points: Sequence[Told]) -> Weather:
    spans = {name: _span(told.get(name) for told in points) for name in QUANTITIES}
    return Weather(
        points=len(points),
        told=sum(all(told.get(name) is not None for name in QUANTITIES) for told in points),
        tmax_c=spans["tmax_c"],
        rhmin_pct=spans["rhmin_pct"],
        windmax_ms=spans["windmax_ms"],
        rain_mm=spans["rain_day_mm"],
    )


def _span(values: Iterable[float | None]) -> Span | None:
    known = [value for value in values if value is not None]
    return Span(low=min(known), high=max(known)) if known else None


def _grades_before(session: Session, on: date) -> dict[str, int]:
    """Return the grades of the first day in the bulletin of the day before; a withdrawn one says nothing."""
    row = session.exec(select(Bulletin).where(Bulletin.on == on - DAY, Bulletin.state == BulletinState.ISSUED)).first()
    if row is None or row.kind is Kind.WITHDRAWAL:
        return {}
    return {zone.id: zone.grade for zone in Content.model_validate(row.content).zones}


def _signal(row: ZoneWarning | None) -> dict[str, object]:
    return {} if row is None or row.signal is None else {"signal": row.signal.value, "signal_until": row.valid_to}


def _hotspots(session: Session, book: Rulebook, since: datetime, until: datetime) -> Hotspots:
    """Return what satellites saw; they were heard when any data set answered within the span."""
    answered = select(HotspotSource.source).where(
        col(HotspotSource.last_answered_at) >= since, col(HotspotSource.last_answered_at) <= until
    )
    within = col(HotspotDetection.acquired_at) > since, col(HotspotDetection.acquired_at) <= until
    seen = session.exec(select(HotspotDetection).where(*within, col(HotspotDetection.ticket_id).is_not(None))).all()
    tickets = session.exec(
        select(HotspotTicket.state, func.count())
        .where(col(HotspotTicket.id).in_({row.ticket_id for row in seen}))
        .group_by(col(HotspotTicket.state))
    ).all()
    zones: dict[str, int] = {}
    for row in seen:
        first = next(iter(zones_of(book, [(row.lat, row.lon)])), "")
        zones[first] = zones.get(first, 0) + 1
    return Hotspots(
        since=since,
        until=until,
        heard=session.exec(answered.limit(1)).first() is not None,
        detections=len(seen),
        tickets={str(state): count for state, count in tickets},
        zones=zones,
    )


def _sources(session: Session, book: Rulebook, issue: ForecastIssue | None) -> Sources:
    feeds = [name for name in issue.source.split(", ") if name] if issue else []
    kinds = session.exec(select(FeedStatus.kind).where(col(FeedStatus.source).in_(feeds))).all()
    return Sources(
        feeds=tuple(feeds),
        model=issue.model if issue else "",
        weather_issued_at=issue.weather_issued_at if issue else None,
        outlook_issued_at=issue.issued_at if issue else None,
        outlook_flags=tuple(flag for flag in issue.flags.split(";") if flag) if issue else ("no_weather",),
        made_up=any(kind not in REAL for kind in kinds),
        calibrated=book.calibrated,
        demonstration=book.alliance.demonstration,
        drill=drill.of(session) is not None,
    )
