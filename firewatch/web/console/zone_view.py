"""A zone's page: its six FWI indices, past and ahead, and where they stand among the days on record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from markupsafe import Markup
from sqlmodel import Session, col, select

from firewatch.clock import local_day
from firewatch.danger import percentiles
from firewatch.danger.models import PointDay, ZoneGrade
from firewatch.danger.percentiles import INDICES, Standing
from firewatch.errors import NotFound
from firewatch.outlook import read
from firewatch.outlook.models import ZoneForecast
from firewatch.web import chart_svg
from firewatch.web.console.danger_view import CHART_DAYS, day_name
from firewatch.web.console.page import Page

DAY: Final = timedelta(days=1)
TOLD_DAYS: Final = 10
"""So many past days are in the table, today among them."""


@dataclass(frozen=True)
class Day:
    """A day of the zone: `values` are means over its points by index; None where no point has one."""

    on: date
    values: Mapping[str, float | None]
    grade: int | None
    """By the operational scheme; None was never assessed or foreseen."""
    flags: Sequence[str]
    """In words, of the grade."""
    ahead: bool


@dataclass(frozen=True)
class ZonePage:
    """Everything on the page."""

    name: str
    points: int
    charts: Sequence[tuple[str, Markup]]
    days: Sequence[tuple[str, Day]]
    """The last days and those ahead, each by its name."""
    today: Day
    standing: Standing


def build(session: Session, page: Page, zone_id: str) -> ZonePage:
    """Read a zone's days. Raises NotFound for no zone of ours."""
    book, speech = page.services.book, page.speech
    zone = next((each for each in book.zones if each.id == zone_id), None)
    if zone is None:
        raise NotFound(f"there is no zone {zone_id}")
    today = local_day(speech.now, book.alliance.tz)
    past = _past(session, page, zone_id, today)
    ahead = _ahead(session, page, zone_id, today)
    standing = percentiles.standing(session, book, zone_id, past[-1].values["fwi"])
    return ZonePage(
        name=speech.named(zone),
        points=len(zone.points),
        charts=[
            (speech.word("summary.index", index), _chart(page, index, [*past, *ahead], standing)) for index in INDICES
        ],
        days=[(day_name(speech, day.on), day) for day in (*past[-TOLD_DAYS:], *ahead)],
        today=past[-1],
        standing=standing,
    )


def _past(session: Session, page: Page, zone_id: str, today: date) -> list[Day]:
    first = today - (CHART_DAYS - 1) * DAY
    points: dict[date, list[Mapping[str, float | None]]] = {}
    of_zone = select(PointDay).where(PointDay.zone_id == zone_id, col(PointDay.on) >= first, col(PointDay.on) <= today)
    for row in session.exec(of_zone):
        points.setdefault(row.on, []).append({index: getattr(row, index) for index in INDICES})
    grades = select(ZoneGrade).where(
        ZoneGrade.zone_id == zone_id,
        ZoneGrade.scheme == page.services.book.danger.scheme,
        col(ZoneGrade.on) >= first,
        col(ZoneGrade.on) <= today,
    )
    graded = {row.on: row for row in session.exec(grades)}
    listed = [first + number * DAY for number in range(CHART_DAYS)]
    return _days(page, listed, points, graded, ahead=False)


def _ahead(session: Session, page: Page, zone_id: str, today: date) -> list[Day]:
    issue, book = read.latest(session, page.speech.now), page.services.book
    if issue is None:
        return []
    points: dict[date, list[Mapping[str, float | None]]] = {}
    for row in read.point_days(session, issue):
        if row.zone_id == zone_id:
            points.setdefault(row.on, []).append(row.values)
    graded = {
        on: row for (zone, on), row in read.zone_days(session, issue, book.danger.scheme).items() if zone == zone_id
    }
    listed = [today + number * DAY for number in range(1, book.outlook.days_ahead + 1)]
    return _days(page, listed, points, graded, ahead=True)


def _days(
    page: Page,
    listed: Sequence[date],
    points: Mapping[date, Sequence[Mapping[str, float | None]]],
    graded: Mapping[date, ZoneGrade | ZoneForecast],
    *,
    ahead: bool,
) -> list[Day]:
    days = []
    for on in listed:
        row = graded.get(on)
        flags = page.speech.flags(row.flags) if row else []
        days.append(Day(on, _means(points.get(on, ())), row.grade if row else None, flags, ahead))
    return days


def _means(points: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """Return the mean of each index over the points that have it."""
    found: dict[str, float | None] = {}
    for index in INDICES:
        known = [value for point in points if (value := point.get(index)) is not None]
        found[index] = sum(known) / len(known) if known else None
    return found


def _chart(page: Page, index: str, days: Sequence[Day], standing: Standing) -> Markup:
    speech, rules = page.speech, page.services.book.danger.percentiles
    name = speech.word("summary.index", index)
    words = chart_svg.ChartWords(
        speech.t("zone.chart", index=name), speech.t("outlook.chart_today"), speech.t("outlook.chart_none")
    )
    levels = [
        (f"P{level:g}", value) for level, value in zip(rules.levels, standing.levels.get(index, ()), strict=False)
    ]
    names = [f"{day.on.month}-{day.on.day:02d}" for day in days]
    past = sum(not day.ahead for day in days)
    return chart_svg.draw(chart_svg.Chart([day.values[index] for day in days], past, (), names, levels), words)
