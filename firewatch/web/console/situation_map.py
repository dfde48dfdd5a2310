"""The map of the situation: zones by grade with what is in force there, fires, and who is under way to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup
from sqlmodel import Session

from firewatch.clock import local_day
from firewatch.danger.assess import grades_on, spin_up_left
from firewatch.danger.models import ZoneGrade
from firewatch.dispatch.standing import in_force as closed_roads
from firewatch.hotspots import tickets
from firewatch.incidents.models import Incident
from firewatch.warnings.models import Signal
from firewatch.warnings.record import in_force, is_over
from firewatch.web.console import cartography
from firewatch.web.console.fires import Fires
from firewatch.web.console.ground_view import GroundView
from firewatch.web.console.page import Page
from firewatch.web.console.speech import Names


@dataclass(frozen=True)
class Zones:
    """How the zones stand today, by id: grade of the operational scheme, signal in force, what speaks against them."""

    grades: Mapping[str, ZoneGrade]
    signals: Mapping[str, Signal]
    past: frozenset[str]
    """Whose warning is past its validity."""
    settling: Mapping[str, int]
    """Days until the codes have forgotten the cold start."""


def zones_today(session: Session, page: Page) -> Zones:
    """Read how the zones stand."""
    book, now = page.services.book, page.speech.now
    today, warned = local_day(now, book.alliance.tz), in_force(session)
    return Zones(
        grades=grades_on(session, today, book.danger.scheme),
        signals={zone_id: row.signal for zone_id, row in warned.items() if row.signal},
        past=frozenset(zone_id for zone_id, row in warned.items() if is_over(row, now)),
        settling=spin_up_left(session, today),
    )


def draw(
    session: Session,
    page: Page,
    names: Names,
    fires: Sequence[Incident],
    known: Fires,
    zones: Zones,
    *,
    layer: cartography.LayerOn | None = None,
    ground: GroundView | None = None,
    wall: bool = False,
) -> Markup:
    """Draw the map; `wall` leaves out whoever is at home, links and the legend."""
    speech, book = page.speech, page.services.book
    starts = cartography.starts(session, [order.plan_id for going in known.going.values() for order in going])
    lines = [
        line
        for fire in fires
        for line in cartography.order_lines(starts, speech, names, fire, known.going.get(fire.id or 0, ()))
    ]
    marks = [
        *cartography.hotspot_marks(speech, tickets.waiting(session)),
        *cartography.incident_marks(speech, fires),
        *cartography.closure_marks(speech, closed_roads(session)),
    ]
    if wall:
        marks = [replace(mark, href="") for mark in marks]
    else:
        marks = [*cartography.resource_marks(session, speech, book.resources), *marks]
    doubts = {
        zone_id: cartography.doubts(speech, zones.grades.get(zone_id), zones.settling.get(zone_id, 0))
        for zone_id in names.zones
    }
    return cartography.draw_map(
        speech,
        book,
        zones.grades,
        marks,
        lines,
        zones.signals,
        doubts,
        zones.past,
        layer=layer,
        ground=ground,
        legend=not wall,
    )
