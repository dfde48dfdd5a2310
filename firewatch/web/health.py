"""Is it alive, is it ready, how is it doing: for supervisors and Prometheus. No sign-in, nothing personal."""

from collections.abc import Iterator

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, func, select

from firewatch import migrations
from firewatch.errors import Unavailable
from firewatch.hotspots import poll, tickets
from firewatch.incidents.progress import open_incidents
from firewatch.jobs.models import JobRun, RunState
from firewatch.messaging import callbacks, outbox, queue
from firewatch.messaging.alarms import open_alarms
from firewatch.messaging.models import Message, MessageState
from firewatch.weather import freshness
from firewatch.weather.freshness import SourceState
from firewatch.weather.models import FeedStatus, StationStatus
from firewatch.web.deps import ServicesDep
from firewatch.web.problems import documented
from firewatch.web.services import Services

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """A word that all is well."""

    status: str


@router.get("/healthz")
async def healthz() -> Health:
    """Answer as long as the process does."""
    # Not in a thread: a pool full of slow requests is no reason to have the service killed.
    return Health(status="ok")


@router.get("/readyz", responses=documented(503))
def readyz(services: ServicesDep) -> Health:
    """Answer when requests can be served: the database is there and as the code wants it."""
    try:
        services.db.ping()
        behind = migrations.pending(services.db)
    except SQLAlchemyError:
        raise Unavailable("the database does not answer") from None
    if behind:
        raise Unavailable("the database is behind the code: run `firewatch db upgrade`")
    return Health(status="ready")


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}, **documented(503)})
def metrics(services: ServicesDep) -> Response:
    """Answer the figures of the moment in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(services))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Figures(Collector):
    """Read from the database when asked: nothing is counted twice, and a restart forgets nothing."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        """Yield the figures."""
        with self._services.db.read() as session:
            yield _gauge("firewatch_incidents_open", "Incidents that are not over", len(open_incidents(session)))
            yield _gauge("firewatch_alarms_open", "Alarms nobody has closed", len(open_alarms(session)))
            yield self._messages(session)
            yield from self._queue(session)
            yield from self._feeds(session)
            yield self._stations(session)
            yield self._states(session)
            yield from self._hotspots(session)
            yield self._refused(session)
            yield from self._night_sheet()
            failed = session.exec(
                select(func.count()).where(col(JobRun.state).in_([RunState.FAILED, RunState.GIVEN_UP]))
            ).one()
            yield _gauge("firewatch_job_runs_failed", "Runs of jobs that failed and were not made good", failed)

    def _messages(self, session: Session) -> Metric:
        family = GaugeMetricFamily("firewatch_messages", "Messages by state", labels=["state"])
        ours = select(Message.state, func.count()).where(outbox.to_the_alliance())
        counts = dict(session.exec(ours.group_by(col(Message.state))).all())
        for state in MessageState:
            family.add_metric([state.value], counts.get(state, 0))
        return family

    def _queue(self, session: Session) -> Iterator[Metric]:
        now = self._services.clock.now()
        found = queue.standing(session, now, self._services.book.messages)
        yield _gauge("firewatch_messages_waiting", "Texts that are not out yet", found.waiting)
        if found.ends_at is not None:
            left = (found.ends_at - now).total_seconds()
            yield _gauge("firewatch_messages_queue_seconds", "Until the last waiting text is out, about", left)

    def _refused(self, session: Session) -> Metric:
        family = GaugeMetricFamily(
            "firewatch_callbacks_refused", "Requests to a webhook without the provider's signature", labels=["hook"]
        )
        for row in callbacks.refusals(session):
            family.add_metric([row.hook], row.times)
        return family

    def _night_sheet(self) -> Iterator[Metric]:
        services = self._services
        made_at = services.night_sheets.made_at() if services.night_sheets else None
        if made_at is not None:
            age = (services.clock.now() - made_at).total_seconds()
            yield _gauge("firewatch_night_sheet_age_seconds", "Age of the sheet for a night without the machine", age)

    def _feeds(self, session: Session) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "firewatch_weather_age_seconds", "Age of a source's newest hour that is no forecast", labels=["source"]
        )
        issues = GaugeMetricFamily(
            "firewatch_weather_issue_age_seconds", "Age of a source's newest forecast", labels=["source"]
        )
        now = self._services.clock.now()
        for row in session.exec(select(FeedStatus)):
            if row.newest_valid_at is not None:
                family.add_metric([row.source], (now - row.newest_valid_at).total_seconds())
            if row.newest_issued_at is not None:
                issues.add_metric([row.source], (now - row.newest_issued_at).total_seconds())
        yield family
        yield issues

    def _stations(self, session: Session) -> Metric:
        family = GaugeMetricFamily(
            "firewatch_station_age_seconds", "Age of the newest hour an own station has sent", labels=["station"]
        )
        now = self._services.clock.now()
        for row in session.exec(select(StationStatus).order_by(StationStatus.station)):
            if row.newest_valid_at is not None:
                family.add_metric([row.station], (now - row.newest_valid_at).total_seconds())
        return family

    def _states(self, session: Session) -> Metric:
        family = GaugeMetricFamily(
            "firewatch_weather_silent", "1 for a source that has been silent for too long, else 0", labels=["source"]
        )
        services = self._services
        listed = services.sources or freshness.sources_of(services.book)
        for view in freshness.overview(session, services.clock.now(), services.book, listed):
            family.add_metric([view.source.id], float(view.state is SourceState.STALE))
        return family

    def _hotspots(self, session: Session) -> Iterator[Metric]:
        now, book = self._services.clock.now(), self._services.book
        ages = GaugeMetricFamily(
            "firewatch_hotspot_answer_age_seconds",
            "Time since a data set of hot spots last answered, with or without detections",
            labels=["source"],
        )
        silent = GaugeMetricFamily(
            "firewatch_hotspot_silent", "1 for a data set that has not answered for too long, else 0", labels=["source"]
        )
        for row in tickets.sources(session):
            if self._services.hotspots_on and row.source in book.hotspots.sources:
                ages.add_metric([row.source], (now - poll.heard_at(row)).total_seconds())
                silent.add_metric([row.source], float(poll.is_silent(row, now, book)))
        yield ages
        yield silent
        waiting = tickets.count_waiting(session)
        yield _gauge("firewatch_hotspots_waiting", "Hot spots nobody has looked at yet", waiting)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)
