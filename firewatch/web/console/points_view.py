"""The open points of the present state: what whoever is on duty has to keep an eye on, each a line with its link."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from firewatch.bulletins import record as bulletins
from firewatch.dispatch.models import Order, OrderState
from firewatch.hotspots import tickets
from firewatch.incidents.models import Incident
from firewatch.incidents.progress import open_incidents
from firewatch.jobs.runs import overview
from firewatch.messaging.alarms import open_alarms
from firewatch.warnings import record as warnings
from firewatch.web.console import roster_view
from firewatch.web.console.fires import load_fires
from firewatch.web.console.page import Page
from firewatch.web.console.speech import Names, Speech, load_names
from firewatch.web.console.told import told

MOST_LINES: Final = 15
"""Of a kind in the text of a note: the page has them all."""


@dataclass(frozen=True)
class Point:
    """One open point; `at` is since when, or None where that says nothing."""

    text: str
    href: str
    at: datetime | None = None


@dataclass(frozen=True)
class PointGroup:
    """Open points of a kind, never none."""

    kind: str
    points: Sequence[Point]


def build(session: Session, page: Page) -> list[PointGroup]:
    """Read the open points, what burns first."""
    speech, names = page.speech, load_names(session, page.services.book, page.speech)
    fires = open_incidents(session)
    known = load_fires(session, fires)
    orders = [order for fire in fires for order in known.going.get(fire.id or 0, ())]
    waiting = [notice for fire in fires for notice in known.notices.get(fire.id or 0, ()) if not notice.acknowledged_at]
    found = {
        "fire": [_fire(speech, names, fire) for fire in fires],
        "unanswered": [
            Point(
                speech.t("point.unanswered", agency=names.agency(each.agency_id), number=each.incident_id),
                f"/incidents/{each.incident_id}#board",
                each.notified_at,
            )
            for each in waiting
        ],
        "order": [_order(speech, names, order) for order in orders],
        "alarm": [
            Point(
                told(speech, names, "alarm", each.kind, each.params),
                f"/incidents/{each.incident_id}" if each.incident_id else "/#alarms",
                each.raised_at,
            )
            for each in open_alarms(session)
        ],
        "hotspot": [
            Point(speech.t("hotspots.number", number=each.id), "/hotspots", each.deadline_at)
            for each in tickets.waiting(session)
        ],
        "warning": list(_warnings(session, speech, names)),
        "bulletin": [
            Point(speech.t("point.bulletin", day=each.on), f"/bulletins/{each.on}/desk", each.drafted_at)
            for each in bulletins.drafts(session)
        ],
        "roster": [
            Point(f"{each.name} {gap}", f"/roster/{each.id}")
            for each in roster_view.with_gaps(session, page)
            for gap in each.gaps
        ],
        "job": [
            Point(f"{speech.job(view.job)} {view.failed[0].error or ''}".strip(), "/#jobs", view.failed[0].finished_at)
            for view in overview(session, page.services.jobs)
            if view.failed
        ],
    }
    return [PointGroup(kind, points) for kind, points in found.items() if points]


def as_text(speech: Speech, groups: Sequence[PointGroup]) -> str:
    """Return open points as plain text, as a note begins: with times, for ages would grow old in it."""
    return "\n\n".join("\n".join(_block(speech, group)) for group in groups)


def _block(speech: Speech, group: PointGroup) -> Iterator[str]:
    yield speech.word("point_group", group.kind)
    yield from (_line(speech, point) for point in group.points[:MOST_LINES])
    if (more := len(group.points) - MOST_LINES) > 0:
        yield speech.t("point.more", count=more)


def _line(speech: Speech, point: Point) -> str:
    return f"- {point.text}" + (f" ({speech.clock(point.at)})" if point.at else "")


def _fire(speech: Speech, names: Names, fire: Incident) -> Point:
    place = names.zone_list(fire.zone_ids) if fire.zone_id else speech.t("incident.outside")
    state = speech.word("incident_state", fire.state)
    text = speech.t("point.fire", number=fire.id, place=place, state=state)
    return Point(text, f"/incidents/{fire.id}", fire.opened_at)


def _order(speech: Speech, names: Names, order: Order) -> Point:
    vehicle, state = names.resource(order.vehicle_id), speech.word("order_state", order.state)
    there = order.state is OrderState.ON_SCENE
    text = speech.t(
        "point.on_scene" if there else "point.coming",
        vehicle=vehicle,
        state=state,
        number=order.incident_id,
        people=order.people,
        time=speech.clock(order.eta_at),
    )
    return Point(text, f"/incidents/{order.incident_id}#orders", order.state_at)


def _warnings(session: Session, speech: Speech, names: Names) -> Iterator[Point]:
    """Return those that wait for somebody before those in force."""
    for row in warnings.waiting(session).values():
        state = speech.word("warning_state", row.state)
        yield Point(speech.t("point.pair", name=names.zone(row.zone_id), what=state), "/warnings", row.drafted_at)
    for row in warnings.in_force(session).values():
        signal = speech.word("signal", row.signal) if row.signal else "–"
        over = f" {speech.t('warnings.over')}" if warnings.is_over(row, speech.now) else ""
        yield Point(
            speech.t("point.pair", name=names.zone(row.zone_id), what=f"{signal}{over}"), "/warnings", row.since_at
        )
