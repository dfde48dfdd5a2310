"""The weather's sources as one page shows them: how old each one's newest value is, and what it said last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from firewatch.jobs import sources as asking
from firewatch.jobs.models import JobRun, RunState
from firewatch.messaging import callbacks
from firewatch.messaging.models import CallbackRefusal
from firewatch.weather import freshness
from firewatch.weather.freshness import Source, SourceState, SourceView
from firewatch.weather.models import RawPayload, StationStatus
from firewatch.web import attribution
from firewatch.web.console.page import Page
from firewatch.web.services import Services

RAW_ROWS = 30


@dataclass(frozen=True)
class SourceRow:
    """A source, and when it is asked the next time; None for one that sends by itself."""

    view: SourceView
    next_try_at: datetime | None

    @property
    def silent(self) -> bool:
        """Whether somebody ought to look after it."""
        return self.view.state is SourceState.STALE


@dataclass(frozen=True)
class StationRow:
    """An own station that sends over HTTP, or is configured to."""

    station: str
    point_id: str
    status: StationStatus | None
    silent: bool


@dataclass(frozen=True)
class SourcesPage:
    """Everything on the page."""

    sources: Sequence[SourceRow]
    all_away: bool
    stations: Sequence[StationRow]
    raw: Sequence[RawPayload]
    refused: Sequence[CallbackRefusal]
    credits: Sequence[attribution.Credit]


def listed(services: Services) -> Sequence[Source]:
    """Return the feeds at work, the preferred first."""
    return services.sources or freshness.sources_of(services.book)


def build(session: Session, page: Page) -> SourcesPage:
    """Read how the sources are doing."""
    services = page.services
    now, book = services.clock.now(), services.book
    views = freshness.overview(session, now, book, listed(services))
    accounts = {row.station: row for row in session.exec(select(StationStatus))}
    silent = {row.station for row in freshness.silent_stations(session, now, book)}
    without_body = defer(RawPayload.body, raiseload=True)  # type: ignore[arg-type]  # a mapped column
    raw = select(RawPayload).options(without_body).order_by(col(RawPayload.id).desc()).limit(RAW_ROWS)
    return SourcesPage(
        sources=[SourceRow(view, _next_try(session, page, view.source)) for view in views],
        all_away=freshness.all_away(views),
        stations=[
            StationRow(name, feed.stations[name], accounts.get(name), name in silent)
            for name, feed in book.weather.stations().items()
        ],
        raw=list(session.exec(raw)),
        refused=callbacks.refusals(session),
        credits=attribution.due(session),
    )


def _next_try(session: Session, page: Page, source: Source) -> datetime | None:
    """Return when a source is asked again: by its schedule, or sooner where a failed run is tried again."""
    if source.passive:
        return None
    now, schedule = page.services.clock.now(), asking.schedule(page.services.book, source.id)
    planned = schedule.after(schedule.latest(now))
    retry = select(func.min(JobRun.retry_at)).where(
        JobRun.job == asking.job_name(source.id), JobRun.state == RunState.FAILED, col(JobRun.retry_at) > now
    )
    again = session.exec(retry).one()
    return min(planned, again) if again is not None else planned
