"""The outlook as one page shows it: today, seven days by zone, what changed, how sure, and how it went before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel.dates import format_date
from markupsafe import Markup
from sqlmodel import Session, col, select

from firewatch.clock import local_day
from firewatch.danger import assess
from firewatch.danger.models import ZoneGrade
from firewatch.danger.rows import SCHEMES
from firewatch.outlook import read, scores, settle
from firewatch.outlook.models import ForecastIssue, ZoneForecast
from firewatch.rulebook.read import Rulebook
from firewatch.weather.models import FeedStatus
from firewatch.web import chart_svg
from firewatch.web.console.page import Page
from firewatch.web.console.speech import Speech

DAY = timedelta(days=1)
CHART_DAYS = 30
OLD = timedelta(hours=30)
"""An issue of every day has come and one more has failed: somebody should look."""
HTZ_BEGINS = (26.0, 51.0, 73.0, 91.0)
"""Grades 2 to 5 of LY/T 1172-1995 begin one above 25, 50, 72 and 90."""


@dataclass(frozen=True)
class Cell:
    """A zone's day ahead; `change` is in grades since the last issue, None with nothing to compare."""

    on: date
    row: ZoneForecast | None
    change: int | None


@dataclass(frozen=True)
class ZoneRow:
    """A zone: today's grade as analysed so far, the days ahead, what there is to remark, its chart."""

    id: str
    name: str
    today: ZoneGrade | None
    cells: Sequence[Cell]
    flags: Sequence[str]
    chart: Markup


@dataclass(frozen=True)
class Table:
    """All zones by one scheme."""

    scheme: str
    days: Sequence[str]
    """Names of the days ahead, in the reader's language."""
    zones: Sequence[ZoneRow]


@dataclass(frozen=True)
class Outlook:
    """Everything on the page."""

    issue: ForecastIssue | None
    previous: ForecastIssue | None
    from_day: str
    """The analysed day that it starts from; empty when it starts from the start values."""
    old: bool
    old_weather: bool
    """However new the issue: the forecast that it rests on is old."""
    kinds: frozenset[str]
    """Of the feeds behind it: a replay or a made-up season is said to be one."""
    tables: Sequence[Table]
    leads: Mapping[int, scores.Scores]


def build(session: Session, page: Page) -> Outlook:
    """Read the newest issue, the one before it, the analysis behind it and the scores."""
    book, now = page.services.book, page.speech.now
    issue = read.latest(session, now)
    previous = read.before(session, issue) if issue else None
    operational = book.danger.scheme
    schemes = sorted(SCHEMES, key=lambda scheme: scheme != operational)
    return Outlook(
        issue=issue,
        previous=previous,
        from_day=day_name(page.speech, issue.state_on) if issue and issue.state_on else "",
        old=issue is not None and now - issue.issued_at > OLD,
        old_weather=issue is not None and issue.weather_issued_at is not None and now - issue.weather_issued_at > OLD,
        kinds=_kinds(session, issue),
        tables=[_table(session, page, scheme, issue, previous) for scheme in schemes],
        leads=by_lead(session, book, operational, now),
    )


def day_name(speech: Speech, on: date) -> str:
    """Return a day as people say it, with its day of the week."""
    pattern, locale = ("M月d日 EEE", "zh") if speech.lang == "zh" else ("EEE d MMM", "en_GB")
    return format_date(on, pattern, locale)


def by_lead(session: Session, book: Rulebook, scheme: str, now: datetime) -> dict[int, scores.Scores]:
    """Return the scores of all zones together, by lead day."""
    found: dict[int, list[scores.Pair]] = {}
    for (lead, _), pairs in _pairs(session, book, scheme, now).items():
        found.setdefault(lead, []).extend(pairs)
    return {lead: scores.score(pairs) for lead, pairs in sorted(found.items())}


def by_zone(session: Session, book: Rulebook, scheme: str, now: datetime) -> dict[str, dict[int, scores.Scores]]:
    """Return the scores of every zone of the rulebook that has any, by lead day."""
    found: dict[str, dict[int, scores.Scores]] = {}
    pairs = _pairs(session, book, scheme, now)
    for zone in book.zones:
        own = {lead: scores.score(listed) for (lead, zone_id), listed in sorted(pairs.items()) if zone_id == zone.id}
        if own:
            found[zone.id] = own
    return found


def _pairs(session: Session, book: Rulebook, scheme: str, now: datetime) -> dict[tuple[int, str], list[scores.Pair]]:
    today = local_day(now, book.alliance.tz)
    return settle.pairs(session, scheme, today - book.outlook.score_days * DAY, today)


def _kinds(session: Session, issue: ForecastIssue | None) -> frozenset[str]:
    sources = issue.source.split(", ") if issue else []
    return frozenset(session.exec(select(FeedStatus.kind).where(col(FeedStatus.source).in_(sources))))


def _table(
    session: Session, page: Page, scheme: str, issue: ForecastIssue | None, previous: ForecastIssue | None
) -> Table:
    book = page.services.book
    today = local_day(page.speech.now, book.alliance.tz)
    new = read.zone_days(session, issue, scheme) if issue else {}
    changes = read.changes(new, read.zone_days(session, previous, scheme)) if previous else {}
    days = [today + n * DAY for n in range(1, book.outlook.days_ahead + 1)]
    graded = assess.grades_on(session, today, scheme)
    past = _past(session, scheme, today)
    zones = []
    for zone in book.zones:
        cells = [Cell(on, new.get((zone.id, on)), changes.get((zone.id, on))) for on in days]
        name = page.speech.named(zone)
        zones.append(
            ZoneRow(
                zone.id,
                name,
                graded.get(zone.id),
                cells,
                _flags(cells),
                _chart(page, scheme, name, zone.id, today, past, cells),
            )
        )
    return Table(scheme, [day_name(page.speech, on) for on in days], zones)


def _past(session: Session, scheme: str, today: date) -> dict[tuple[str, date], float | None]:
    query = select(ZoneGrade).where(
        ZoneGrade.scheme == scheme, col(ZoneGrade.on) > today - CHART_DAYS * DAY, col(ZoneGrade.on) <= today
    )
    return {(row.zone_id, row.on): row.value for row in session.exec(query)}


def _flags(cells: Sequence[Cell]) -> list[str]:
    """Return the flags of all the days, each once."""
    return list(dict.fromkeys(flag for cell in cells if cell.row for flag in cell.row.flags.split(";") if flag))


def _chart(
    page: Page,
    scheme: str,
    name: str,
    zone_id: str,
    today: date,
    past: Mapping[tuple[str, date], float | None],
    cells: Sequence[Cell],
) -> Markup:
    speech, book = page.speech, page.services.book
    listed = [today - n * DAY for n in range(CHART_DAYS - 1, -1, -1)]
    values = [past.get((zone_id, on)) for on in listed] + [cell.row.value if cell.row else None for cell in cells]
    days = [f"{on.month}-{on.day:02d}" for on in (*listed, *(cell.on for cell in cells))]
    begins = HTZ_BEGINS if scheme == "lyt1172" else book.danger.thresholds(zone_id)
    words = chart_svg.ChartWords(
        speech.t("outlook.chart", zone=name, scheme=speech.word("scheme.value", scheme)),
        speech.t("outlook.chart_today"),
        speech.t("outlook.chart_none"),
    )
    return chart_svg.draw(chart_svg.Chart(values, CHART_DAYS, begins, days), words)
