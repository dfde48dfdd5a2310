"""The situation as one page shows it: what burns, who comes, who has not answered, how old each figure is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup
from sqlmodel import Session, col, select

from firewatch.clock import local_day
from firewatch.danger.assess import grades_on
from firewatch.danger.models import ZoneGrade
from firewatch.dispatch.models import Order, OrderState, Plan, PlanState
from firewatch.dispatch.problem import RoadsUse
from firewatch.incidents.models import AgencyNotice, Incident
from firewatch.incidents.progress import open_incidents
from firewatch.jobs.runs import JobView, overview
from firewatch.messaging.alarms import open_alarms
from firewatch.messaging.models import Alarm
from firewatch.rulebook.read import Rulebook
from firewatch.warnings.models import Signal
from firewatch.weather import archive, freshness
from firewatch.weather.freshness import SourceState
from firewatch.weather.models import FeedStatus
from firewatch.web import attribution
from firewatch.web.console import ground_view, layers_view, roster_view, situation_map, sources_view
from firewatch.web.console.fires import Fires, load_fires
from firewatch.web.console.page import Page, is_old
from firewatch.web.console.situation_map import Zones
from firewatch.web.console.speech import Names, load_names
from firewatch.web.console.told import told
from firewatch.web.services import Services

UNSEEN = (OrderState.ORDERED,)


@dataclass(frozen=True)
class Proposed:
    """What a plan that nobody has confirmed yet would send, and in how many minutes its first would be there."""

    vehicles: int
    people: int
    first_minutes: float


@dataclass(frozen=True)
class FireCard:
    """A fire in the work queue; `actions` are what it waits for, the most urgent first."""

    incident: Incident
    zone: str
    organiser: str
    waiting: Sequence[AgencyNotice]
    told: int
    vehicles: int
    people: int
    arrived: int
    first_eta_at: datetime | None
    proposed: Proposed | None
    actions: Sequence[str]
    rank: int


@dataclass(frozen=True)
class GradeRow:
    """A zone's danger: the operational grade, and the other scheme's beside it. None was never assessed."""

    zone_id: str
    name: str
    grade: ZoneGrade | None
    beside: ZoneGrade | None
    signal: Signal | None = None
    """Of the warning in force."""
    signal_over: bool = False
    """Its validity has passed."""
    spin_up_left: int = 0
    """Days until the codes have forgotten the cold start, at the zone's point that needs most."""


@dataclass(frozen=True)
class FeedRow:
    """A source of weather and whether its newest hour is too old."""

    feed: FeedStatus
    old: bool


@dataclass(frozen=True)
class Situation:
    """Everything on the page."""

    map: Markup
    ground: ground_view.GroundView
    layers: layers_view.LayerView
    fires: Sequence[FireCard]
    grades: Sequence[GradeRow]
    scheme: str
    beside_scheme: str
    alarms: Sequence[tuple[Alarm, str]]
    roster_gaps: Sequence[roster_view.AgencyRow]
    """Agencies whose duty roster has gaps in the days ahead."""
    feeds: Sequence[FeedRow]
    credits: Sequence[attribution.Credit]
    roads_credit: attribution.Thanks | None
    """Shown with fires whose times are by road."""
    jobs: Sequence[JobView]
    names: Names


def build(session: Session, page: Page, layer: layers_view.Layer = layers_view.Layer.DANGER) -> Situation:
    """Read the present situation; the map shows a layer."""
    services, speech = page.services, page.speech
    book = services.book
    names = load_names(session, book, speech)
    fires = open_incidents(session)
    known = load_fires(session, fires)
    cards = sorted((fire_card(known, names, fire) for fire in fires), key=urgency)
    today = local_day(speech.now, book.alliance.tz)
    zones = situation_map.zones_today(session, page)
    other = "fwi" if book.danger.scheme == "lyt1172" else "lyt1172"
    shown = layers_view.view(page, names, services.readiness.look(session, services.clock), layer)
    ground = ground_view.view(page)
    return Situation(
        map=situation_map.draw(session, page, names, fires, known, zones, layer=shown.draw, ground=ground),
        ground=ground,
        layers=shown,
        fires=cards,
        grades=grade_rows(book, names, zones, grades_on(session, today, other)),
        scheme=book.danger.scheme,
        beside_scheme=other,
        alarms=[(alarm, told(speech, names, "alarm", alarm.kind, alarm.params)) for alarm in open_alarms(session)],
        roster_gaps=roster_view.with_gaps(session, page),
        feeds=feeds(session, page),
        credits=attribution.due(session),
        roads_credit=attribution.ROADS if fires and services.roads is RoadsUse.USED else None,
        jobs=overview(session, services.jobs),
        names=names,
    )


def feeds(session: Session, page: Page) -> list[FeedRow]:
    """Return the sources of weather, each with whether it is too old."""
    services = page.services
    listed = sources_view.listed(services)
    views = {view.source.id: view.state for view in freshness.overview(session, page.speech.now, services.book, listed)}
    return [
        FeedRow(feed, _silent(services, views, feed))
        for feed in session.exec(select(FeedStatus).order_by(col(FeedStatus.source)))
        if feed.source not in archive.SOURCES  # brought in once: it does not grow old
    ]


def _silent(services: Services, views: Mapping[str, SourceState], feed: FeedStatus) -> bool:
    """Return whether a source is too old; one that is no feed at work now is judged by its newest hour alone."""
    if feed.source in views:
        return views[feed.source] is SourceState.STALE
    return feed.newest_valid_at is None or is_old(services, feed.newest_valid_at)


def fire_card(known: Fires, names: Names, fire: Incident) -> FireCard:
    """Sum up one fire: who has not answered, who is on the way, what has to be done now."""
    number = fire.id or 0
    all_notices, going, plan = known.notices.get(number, ()), known.going.get(number, ()), known.plans.get(number)
    waiting = [notice for notice in all_notices if notice.acknowledged_at is None]
    coming = [order for order in going if order.state is not OrderState.ON_SCENE]
    actions = _actions(waiting, plan, going)
    return FireCard(
        incident=fire,
        zone=names.zone_list(fire.zone_ids),
        organiser=names.agency(fire.organiser_agency_id),
        waiting=waiting,
        told=len(all_notices),
        vehicles=len(going),
        people=sum(order.people for order in going),
        arrived=len(going) - len(coming),
        first_eta_at=min((order.eta_at for order in coming), default=None),
        proposed=_proposed(plan),
        actions=actions,
        rank=_RANK.get(actions[0], len(_RANK)) if actions else len(_RANK),
    )


def _proposed(plan: Plan | None) -> Proposed | None:
    if plan is None or plan.state != PlanState.PROPOSED or not plan.trips:
        return None
    trips = plan.trips
    return Proposed(len(trips), sum(trip["people"] for trip in trips), min(trip["arrives"] for trip in trips))


_RANK: Mapping[str, int] = {"unacknowledged": 0, "confirm_plan": 1, "no_plan": 2, "short": 3, "orders_unseen": 4}


def _actions(waiting: Sequence[AgencyNotice], plan: Plan | None, going: Sequence[Order]) -> list[str]:
    asked = {
        "unacknowledged": bool(waiting),
        "confirm_plan": plan is not None and plan.state == PlanState.PROPOSED,
        "no_plan": plan is None,
        "short": plan is not None and plan.short,
        "orders_unseen": any(order.state in UNSEEN for order in going),
    }
    return [action for action in _RANK if asked[action]]


def urgency(card: FireCard) -> tuple[int, timedelta | float, int]:
    """Sort by what is asked for first, then by who has waited longest."""
    return card.rank, card.incident.opened_at.timestamp(), card.incident.id or 0


def grade_rows(book: Rulebook, names: Names, zones: Zones, beside: Mapping[str, ZoneGrade]) -> list[GradeRow]:
    """Return the zones, the highest grade first; those without data come last, not lowest."""
    rows = [
        GradeRow(
            zone.id,
            names.zone(zone.id),
            zones.grades.get(zone.id),
            beside.get(zone.id),
            signal=zones.signals.get(zone.id),
            signal_over=zone.id in zones.past,
            spin_up_left=zones.settling.get(zone.id, 0),
        )
        for zone in book.zones
    ]
    return sorted(rows, key=lambda row: -(row.grade.grade if row.grade else 0))
